/** The identity provider that issues the callers' tokens. */
import type { CallersOptions } from '../callers/callers.ts';
import { KeySetError, keySetLimits } from '../callers/provider-keys.ts';
import type { Config } from '../config/config.ts';
import { createScope } from '../scope.ts';
import type { HealthFaults } from '../telemetry/health-faults.ts';
import { explainFailure } from '../transport/failure-cause.ts';
import { createUndiciTransport } from '../transport/undici.ts';

/**
 * How the keys are fetched, and what the operator learns of it.
 *
 * @param opened gets a function to close each thing that was opened
 */
export function keysOfProvider(
  { callers, proxy, upstreamTimeoutMs }: Config,
  faults: HealthFaults,
  opened: (() => unknown)[],
): NonNullable<CallersOptions['providerKeys']> {
  const url = callers.kind === 'known' ? callers.tokens?.jwksUrl : undefined;
  if (url === undefined) return {};
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
  if (proxy === null) return { onFault };
  const pool = createUndiciTransport({
    baseUrl: new URL(url.origin),
    timeoutMs: Math.min(upstreamTimeoutMs, keySetLimits.timeoutMs),
    maxResponseBytes: keySetLimits.maxBytes,
    connections: 1,
    proxy,
  });
  opened.push(pool.close);
  const request = { endpoint: 'GET keys', method: 'GET', path: url.pathname + url.search } as const;
  return {
    onFault,
    fetchAnswer: () => pool.send(request, createScope().scope),
  };
}
