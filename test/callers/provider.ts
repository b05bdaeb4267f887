/** Identity provider on loopback, with configurable responses. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT } from 'jose';
import type { BearerTokenOptions } from '../../src/callers/bearer-tokens.ts';
import type { CallersOptions } from '../../src/callers/callers.ts';
import { keysOfProvider } from '../../src/connections/identity-provider.ts';
import { invariant } from '../../src/errors.ts';
import { HealthFaults } from '../../src/telemetry/health-faults.ts';

export interface Provider {
  readonly options: BearerTokenOptions;
  /** Fetches its keys as the gateway does, and reports nothing of it by itself. */
  readonly fetchAnswer: NonNullable<CallersOptions['providerKeys']>['fetchAnswer'];
  /** Number of fetches of its keys. */
  readonly requests: () => number;
  /** By default, it publishes its key "first". */
  readonly answerWith: (answer: ((response: ServerResponse) => void) | null) => void;
  /** A token of its key, of a claims set that is valid but for `claims`. */
  readonly sign: (claims?: Readonly<Record<string, unknown>>, kid?: string) => Promise<string>;
  readonly key: KeyObject;
  readonly stop: () => Promise<void>;
}

/** Key pair of all providers of a test file; generating one takes longer than most tests. */
let keyPair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined;

export async function startProvider(): Promise<Provider> {
  keyPair ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { publicKey, privateKey } = keyPair;
  const published = JSON.stringify({
    keys: [{ ...(await exportJWK(publicKey)), kid: 'first', alg: 'RS256', use: 'sig' }],
  });
  let requests = 0;
  let answer: ((response: ServerResponse) => void) | null = null;
  const server = createServer((_request, response) => {
    requests += 1;
    if (answer === null) response.setHeader('content-type', 'application/json').end(published);
    else answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const options = {
    issuer: 'https://identity.example.com/',
    audience: 'elements-graph',
    jwksUrl: new URL(`http://127.0.0.1:${port}/keys`),
    algorithms: ['RS256'],
    clockSkewSeconds: 5,
    customersClaim: 'customers',
    profileClaim: 'profile',
  };
  const opened: (() => unknown)[] = [];
  const keys = await keysOfProvider(
    {
      callers: { kind: 'known', keysFile: null, tokens: options, requestsPerMinute: null },
      proxy: null,
    },
    new HealthFaults({ log: { info: () => undefined, warn: () => undefined } }),
    opened,
  );
  invariant(keys !== null, 'callers have tokens');
  return {
    options,
    fetchAnswer: keys.fetchAnswer,
    requests: () => requests,
    answerWith: (chosen) => (answer = chosen),
    sign: (claims = {}, kid = 'first') => {
      const now = Math.floor(Date.now() / 1000);
      const { issuer: iss, audience: aud } = options;
      const payload = { iss, aud, sub: 'service', iat: now, exp: now + 7200, customers: 'all', ...claims };
      return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
    },
    key: privateKey,
    stop: async () => {
      for (const close of opened) await close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
