/** Connects each profile to its API and identity service, with the policies of its calls in order. */
import type { TakeFleetTokens } from '../tokens.ts';
import type { Config } from '../config/config.ts';
import { defaultScope, urlSettingsOf, type UpstreamConfig } from '../config/upstream.ts';
import type { UpstreamError } from '../errors.ts';
import type { RedisFleet } from '../fleet/redis-fleet.ts';
import { listenError, simulationListener } from '../listen-error.ts';
import type { UpstreamCache } from '../planner/upstream-cache.ts';
import type { Upstream } from '../planner/operation.ts';
import type { HealthFaults } from '../telemetry/health-faults.ts';
import { UpstreamFaults } from '../telemetry/upstream-faults.ts';
import { withAccessToken } from '../transport/access-token.ts';
import { CircuitBreakers, withCircuitBreaker } from '../transport/circuit-breaker.ts';
import { withFaultDetector } from '../transport/fault-detector.ts';
import { ConcurrencyLimiter, withConcurrencyLimit } from '../transport/concurrency-limiter.ts';
import { withObservers, type ExchangeObserver } from '../transport/observed.ts';
import { Denials, withDenialBreaker } from '../transport/upstream-denials.ts';
import { createRetry } from '../transport/retry.ts';
import { createUndiciTransport } from '../transport/undici.ts';

/** Upstreams by profile, or under null the one of every caller. Starts the simulation if configured. */
export async function findUpstream({
  upstream,
}: Config): Promise<{ profiles: ReadonlyMap<string | null, UpstreamConfig>; stop: () => Promise<void> }> {
  const stop = () => Promise.resolve();
  if (upstream.kind === 'profiles') return { profiles: upstream.profiles, stop };
  if (upstream.kind === 'remote') return { profiles: new Map([[null, upstream]]), stop };
  const { startSimulator } = await import('../simulator/simulator.ts');
  const simulator = await startSimulator(upstream.options).catch((error: unknown) => {
    throw listenError(error, simulationListener);
  });
  const embedded: UpstreamConfig = { kind: 'remote', ...simulator.credentials, scope: defaultScope };
  return { profiles: new Map([[null, embedded]]), stop: simulator.stop };
}

interface ConnectOptions {
  readonly cache: UpstreamCache;
  readonly fleet: RedisFleet | null;
  /** Takes from the rates that all instances share; null for a single instance. */
  readonly takeFleetTokens: TakeFleetTokens | null;
  /** Observers of exchanges with the API and its identity service. */
  readonly observers: readonly ExchangeObserver[];
  readonly faults: HealthFaults;
}

interface UpstreamConnection {
  readonly upstream: Upstream;
  readonly limiter: ConcurrencyLimiter;
  readonly breakers: CircuitBreakers;
  /** Cause of a failed call, for the operator. */
  readonly explain: (error: UpstreamError) => string;
  readonly close: () => Promise<void>;
}

/**
 * Connects to a profile's upstream. Each profile has its own token, concurrency limit, circuit breakers and retry
 * budget.
 */
export async function connect(
  profile: string | null,
  { apiUrl, tokenUrl, clientId, scope, credential }: UpstreamConfig,
  config: Config,
  { cache, fleet, takeFleetTokens, observers, faults }: ConnectOptions,
): Promise<UpstreamConnection> {
  const pool = {
    timeoutMs: config.upstreamTimeoutMs,
    maxResponseBytes: config.maxResponseBytes,
    connections: config.maxConcurrentCalls,
    proxy: config.proxy,
  };
  const api = await createUndiciTransport({ ...pool, baseUrl: apiUrl });
  const identityService = await createUndiciTransport({ ...pool, baseUrl: new URL(tokenUrl.origin) });
  // Connections with equal names must see equal rows.
  const name = JSON.stringify([profile, apiUrl, tokenUrl, clientId, scope]);
  const perSecond = config.callsPerSecond ?? 0;
  const limiter = new ConcurrencyLimiter({
    maxConcurrency: config.maxConcurrentCalls,
    callsPerSecond: config.callsPerSecond,
    ...(takeFleetTokens === null
      ? {}
      : {
          requestGrant: (wanted) =>
            takeFleetTokens({ name: `calls ${name}`, max: Math.max(1, perSecond), perSecond }, wanted),
        }),
    onPause: (milliseconds) => fleet?.signal({ kind: 'pause', upstream: name, milliseconds }),
  });
  const settings = urlSettingsOf(profile);
  const services = {
    profile,
    api: { url: apiUrl, setting: settings.api },
    identity: { url: tokenUrl, setting: settings.token },
  };
  const upstreamFaults = new UpstreamFaults(services, faults);
  const breakers = new CircuitBreakers({
    onChange: (endpoint, change) => {
      upstreamFaults.setCircuit(endpoint, change.kind === 'open', breakers.circuitOf(endpoint).lastFault);
      fleet?.signal({ kind: 'circuit', upstream: name, endpoint, change });
    },
  });
  const denials = new Denials({ onChange: upstreamFaults.setDenials });
  fleet?.onSignal((signal) => {
    if (signal.upstream !== name) return;
    if (signal.kind === 'pause') limiter.pause(signal.milliseconds);
    else {
      breakers.applyRemote(signal.endpoint, signal.change);
      upstreamFaults.setCircuit(signal.endpoint, signal.change.kind === 'open', null);
    }
  });
  // The breaker is innermost, so that it also stops queued calls.
  const observed = withObservers(api.send, observers, apiUrl);
  const watched = withFaultDetector(observed, upstreamFaults.api, {
    onFault: upstreamFaults.setApiFault,
    onRejection: upstreamFaults.setRejection,
  });
  const limited = withConcurrencyLimit(withCircuitBreaker(watched, breakers), limiter);
  const retry = createRetry({ maxRetries: config.maxRetries });
  const token = { tokenUrl, clientId, scope, credential };
  const authorized = withAccessToken(
    limited,
    withObservers(identityService.send, observers, tokenUrl),
    token,
    {
      retry,
      onFault: upstreamFaults.setTokenError,
      onUngranted: upstreamFaults.setUngranted,
    },
  );
  return {
    upstream: {
      transport: withDenialBreaker(authorized, denials),
      retry,
      credential: name,
      cache,
      fleet,
    },
    limiter,
    breakers,
    explain: upstreamFaults.explain,
    close: async () => {
      await Promise.all([api.close(), identityService.close()]);
    },
  };
}
