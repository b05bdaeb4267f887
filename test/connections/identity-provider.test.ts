/** What the operator learns of the callers' identity provider. */
import { expect, test } from '@jest/globals';
import { KeySetError } from '../../src/callers/provider-keys.ts';
import { readConfig } from '../../src/config/config.ts';
import { keysOfProvider } from '../../src/connections/identity-provider.ts';
import { UpstreamError } from '../../src/errors.ts';
import { HealthFaults } from '../../src/telemetry/health-faults.ts';

const config = readConfig({
  CALLERS_JWT_ISSUER: 'https://login.example.com',
  CALLERS_JWT_AUDIENCE: 'elements-graph',
  CALLERS_JWT_JWKS_URL: 'https://login.example.com/keys',
});

const refused = Object.assign(new TypeError('fetch failed'), {
  cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }),
});
const tooLong = new UpstreamError('UPSTREAM_INVALID_RESPONSE', 'It is too long.', {
  endpoint: 'GET keys',
  field: 'body',
});

test.each([
  [
    'answers something else',
    new KeySetError('Expected the key set as JSON.'),
    /^The callers' identity provider at login\.example\.com gives no keys: Expected the key set as JSON\. Look at CALLERS_JWT_JWKS_URL\. /,
  ],
  ['refuses connections', refused, /login\.example\.com:443 refuses connections \(ECONNREFUSED\)/],
  ['answers too much by a proxy', tooLong, /answers with a body that is too long/],
])('a provider that %s is a fault until its keys are fetched', async (_, error, text) => {
  const faults = new HealthFaults({ log: { info: () => undefined, warn: () => undefined } });
  const opened: (() => unknown)[] = [];
  const { onFault } = (await keysOfProvider(config, faults, opened)) ?? {};
  onFault?.(error);
  expect(faults.texts).toEqual([expect.stringMatching(text)]);
  onFault?.(null);
  expect(faults.texts).toEqual([]);
  for (const close of opened) await close();
});
