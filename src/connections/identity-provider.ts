/** Connection to the identity provider that issues the callers' tokens. */
import type { CallersOptions } from '../callers/callers.ts';
import { KeySetError, keySetLimits } from '../callers/provider-keys.ts';
import type { Config } from '../config/config.ts';
import { createScope } from '../scope.ts';
import type { HealthFaults } from '../telemetry/health-faults.ts';
import { explainFailure } from '../transport/failure-cause.ts';
import { createUndiciTransport } from '../transport/undici.ts';

/**
 * Fetches the provider's keys and reports failures; null if callers use no tokens.
 *
 * @param opened collects functions that close what was opened
 */
export async function keysOfProvider(
  { callers, proxy }: Pick<Config, 'callers' | 'proxy'>,
  faults: HealthFaults,
  opened: (() => unknown)[],
): Promise<NonNullable<CallersOptions['providerKeys']> | null> {
  const url = callers.kind === 'known' ? callers.tokens?.jwksUrl : undefined;
  if (url === undefined) return null;
  const service = { name: "The callers' identity provider", url, setting: 'CALLERS_JWT_JWKS_URL' };
  const onFault = (error: unknown) => {
    if (error === null) {
      faults.set('provider', null);
      return;
    }
    const reason =
      error instanceof KeySetError
        ? `${service.name} at ${url.host} gives no keys: ${error.message} Look at ${service.setting}.`
        : explainFailure(error, service).text;
    faults.set('provider', `${reason} Tokens are checked with the last keys for an hour.`);
  };
  const pool = await createUndiciTransport({
    baseUrl: new URL(url.origin),
    timeoutMs: keySetLimits.timeoutMs,
    maxResponseBytes: keySetLimits.maxBytes,
    connections: 1,
    proxy,
  });
  opened.push(pool.close);
  const request = {
    endpoint: 'GET keys',
    method: 'GET',
    path: url.pathname + url.search,
    headers: { accept: 'application/json, application/jwk-set+json' },
  } as const;
  return { onFault, fetchAnswer: () => pool.send(request, createScope().scope) };
}
