/** The composition root: the only place that knows every layer. */
import { createHttpServer, type Shutdown } from './server/http.ts';
import type { Config, UpstreamConfig } from './config.ts';
import { createGraphSchema } from './graph/graph-schema.ts';
import { createLoaders } from './loaders.ts';
import { Memory } from './planner/memory.ts';
import { createPlanner } from './planner/planner.ts';
import { startSimulator } from './simulator/simulator.ts';
import { withAccessToken } from './transport/access-token.ts';
import { withCircuitBreaker } from './transport/circuit-breaker.ts';
import { withGovernor } from './transport/governor.ts';
import { createRetry } from './transport/retry.ts';
import { createUndiciTransport } from './transport/undici.ts';

export interface Gateway {
  /** Where it listens, without a path. */
  readonly url: string;
  /** Refuses new requests, lets those in flight finish, and closes every connection; by default as soon as it can, and once. */
  readonly stop: (shutdown?: Partial<Shutdown>) => Promise<void>;
}

export interface GatewayOptions {
  /** Told of each error that the gateway did not foresee. */
  readonly report: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
}

/** Finer than `Date.now()`, and it never goes back. */
const monotonicClock = () => performance.timeOrigin + performance.now();

/** Starts to listen. Rejects where the port is taken. */
export async function startGateway(
  config: Config,
  { report, clock = monotonicClock }: GatewayOptions,
): Promise<Gateway> {
  const { upstream, stop: stopUpstream } = await findUpstream(config);
  const pool = {
    timeoutMs: config.upstreamTimeoutMs,
    maxResponseBytes: config.maxResponseBytes,
    connections: config.maxConcurrentCalls,
  };
  const api = createUndiciTransport({ ...pool, baseUrl: upstream.apiUrl });
  const identityService = createUndiciTransport({ ...pool, baseUrl: new URL(upstream.tokenUrl.origin) });
  // The breaker last of all: what it stops, it stops also for those who wait in line already.
  const governed = withGovernor(withCircuitBreaker(api.send), {
    mostCalls: config.maxConcurrentCalls,
    callsPerSecond: config.callsPerSecond,
  });
  const retry = createRetry({ maxRetries: config.maxRetries });
  const transport = withAccessToken(governed, identityService.send, upstream, { retry });
  const memory = new Memory({ ...config.cache, clock });
  const credential = credentialOf(upstream);

  const server = await createHttpServer({
    schema: createGraphSchema(),
    createContext: (scope) => {
      const planner = createPlanner({ transport, retry, credential, memory }, scope);
      return { planner, loaders: createLoaders(planner) };
    },
    maxCalls: config.maxUpstreamCalls,
    timeoutMs: config.operationTimeoutMs,
    maxRequests: config.maxRequestsInFlight,
    maxDelayMs: config.maxEventLoopDelayMs,
    maxAnswerBytes: config.cache.maxAnswerBytes,
    clock,
    report,
  });
  let stopped: Promise<void> | null = null;
  const close = async ({ delayMs = 0, limitMs = config.operationTimeoutMs }: Partial<Shutdown>) => {
    await server.close({ delayMs, limitMs });
    await Promise.all([api.close(), identityService.close()]);
    await stopUpstream();
  };
  const stop = (shutdown: Partial<Shutdown> = {}) => (stopped ??= close(shutdown));
  try {
    const url = await server.listen({ host: config.host, port: config.port });
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The configured upstream, or the simulation, started. */
export async function findUpstream(
  config: Config,
): Promise<{ upstream: UpstreamConfig; stop: () => Promise<void> }> {
  if (config.upstream.kind === 'remote') return { upstream: config.upstream, stop: () => Promise.resolve() };
  const simulator = await startSimulator(config.upstream.options);
  return { upstream: { kind: 'remote', ...simulator.credentials }, stop: simulator.stop };
}

/** Two credentials that could see different rows are never equal here. */
function credentialOf({ apiUrl, tokenUrl, clientId, scope }: UpstreamConfig): string {
  return JSON.stringify([apiUrl, tokenUrl, clientId, scope]);
}
