/** The identity provider that issues the callers' tokens. */
import type { CallersOptions } from '../callers/callers.ts';
import { KeySetError } from '../callers/provider-keys.ts';
import type { Config } from '../config/config.ts';
import { createScope } from '../scope.ts';
import type { HealthFaults } from '../telemetry/health-faults.ts';
import { explainFailure } from '../transport/failure-cause.ts';
import { createUndiciTransport } from '../transport/undici.ts';

/** For fetching the keys by a proxy. */
const maxKeysTimeoutMs = 5000;
const maxKeysBytes = 256 * 1024;

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
    const isOfContent = error instanceof KeySetError;
    const reason = isOfContent
      ? `${service.name} at ${url.host} gives no keys: ${error.message} Look at ${service.setting}.`
      : explainFailure(error, service).text;
    faults.set(
      'provider',
      error === null ? null : `${reason} Tokens are checked with the last keys for an hour.`,
    );
  };
  if (proxy === null) return { onFault };
  const timeoutMs = Math.min(upstreamTimeoutMs, maxKeysTimeoutMs);
  const baseUrl = new URL(url.origin);
  const pool = createUndiciTransport({
    baseUrl,
    timeoutMs,
    maxResponseBytes: maxKeysBytes,
    connections: 1,
    proxy,
  });
  opened.push(pool.close);
  const request = { endpoint: 'GET keys', method: 'GET', path: url.pathname + url.search } as const;
  return {
    onFault,
    fetchText: async () => {
      const { status, body } = await pool.send(request, createScope().scope);
      if (status !== 200) throw new KeySetError(`Expected the key set with status 200, but got ${status}.`);
      return body;
    },
  };
}
