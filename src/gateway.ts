/** The composition root: the only place that knows every layer. */
import { readFileSync } from 'node:fs';
import { monotonicClock } from './clock.ts';
import { createCallers, type CallersOptions } from './callers/callers.ts';
import { KeySetError } from './callers/provider-keys.ts';
import type { TakeOfAll } from './callers/token-buckets.ts';
import type { Config, FleetConfig } from './config/config.ts';
import { defaultScope, urlSettingsOf, type UpstreamConfig } from './config/upstream.ts';
import { invariant } from './errors.ts';
import type { RedisConnection } from './fleet/redis-connection.ts';
import type { RedisFleet } from './fleet/redis-fleet.ts';
import { createGraphContext } from './graph/context.ts';
import { createGraphSchema } from './graph/graph-schema.ts';
import { knownLengths } from './pricing/known-lengths.ts';
import type { Log } from './telemetry/log.ts';
import { Memory } from './planner/memory.ts';
import type { Upstream } from './planner/operation.ts';
import type { AuditEntry } from './server/observability/audit-entry.ts';
import { createHttpServer } from './server/http.ts';
import { allowedHostsOf } from './server/browser/request-origin.ts';
import type { Shutdown } from './server/drain.ts';
import { HealthFaults } from './telemetry/health-faults.ts';
import { Metrics } from './telemetry/metrics.ts';
import { UpstreamFaults } from './telemetry/upstream-faults.ts';
import { withAccessToken } from './transport/access-token.ts';
import { CircuitBoard, withCircuitBreaker } from './transport/circuit-breaker.ts';
import { explainFailure, withFailureCause } from './transport/failure-cause.ts';
import { Governor, withGovernor } from './transport/governor.ts';
import { withObservers, type ExchangeObserver } from './transport/observed.ts';
import { Refusals, withRefusalBreaker } from './transport/refusals.ts';
import { createRetry } from './transport/retry.ts';
import { createUndiciTransport } from './transport/undici.ts';
import { schedulerDelayMs } from './scheduler.ts';
import { createScope } from './scope.ts';
import { listenError } from './listen-error.ts';

export interface Gateway {
  /** Where it listens, without a path. */
  readonly url: string;
  /** Answers requests for the delay, by default none, then refuses new ones, and resolves when all connections are closed. */
  readonly stop: (shutdown?: Partial<Shutdown>) => Promise<void>;
}

export interface GatewayOptions {
  /** Told of each error that the gateway did not foresee. */
  readonly report: (error: unknown) => void;
  /** Told of each operation when it has been answered; by default, nobody is. */
  readonly writeAudit?: ((entry: AuditEntry) => void) | null;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  /** Told what changes while it runs. */
  readonly log?: Pick<Log, 'info' | 'warn'>;
  /** Lines of the log and of the audit that could not be written so far, by their output. */
  readonly droppedLines?: (() => Readonly<Record<string, number>>) | null;
}

/** Share of the time to shut down in which the last spans may be sent. */
const flushingShare = 0.08;

/** For fetching the keys of the callers' identity provider by a proxy. */
const maxKeysTimeoutMs = 5000;
const maxKeysBytes = 256 * 1024;

const silent = { info: () => undefined, warn: () => undefined };

/** Starts to listen. Rejects if the port is taken or a file can't be used; nothing stays open then. */
export async function startGateway(config: Config, options: GatewayOptions): Promise<Gateway> {
  const opened: Close[] = [];
  try {
    return await open(config, options, opened);
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

type Close = () => unknown;

/** The last that was opened first. */
async function closeAll(opened: Close[]): Promise<void> {
  for (const close of opened.splice(0).reverse()) await close();
}

/** @param opened gets a function to close each thing that was opened */
async function open(
  config: Config,
  { report, writeAudit = null, clock = monotonicClock, log = silent, droppedLines = null }: GatewayOptions,
  opened: Close[],
): Promise<Gateway> {
  const { profiles, stop: stopUpstream } = await findUpstream(config);
  opened.push(stopUpstream);
  const faults = new HealthFaults({ log });
  const joined = config.fleet === null ? null : await joinFleet(config.fleet, log, faults);
  if (joined !== null)
    opened.push(() => {
      joined.redis.close();
    });
  const fleet = joined?.fleet ?? null;
  const takeOfAll: TakeOfAll | null = fleet === null ? null : (...wanted) => fleet.take(...wanted);
  // Only the bound in bytes is common to all profiles.
  const memory = new Memory({
    ...config.cache,
    clock,
    onLearned: (collection, state) => fleet?.learned(collection, state),
  });
  const metrics = config.hasMetrics ? new Metrics() : null;
  if (droppedLines !== null) metrics?.watchDroppedLines(droppedLines);
  // Loaded where it is wanted, since it is large.
  const tracing =
    config.traces === null
      ? null
      : (await import('./telemetry/tracing.ts')).createTracing(config.traces, {
          version,
          closeMs: config.shutdown.limitMs * flushingShare,
          onFault: (text) => {
            faults.set('traces', text);
          },
        });
  if (tracing !== null) opened.push(() => tracing.close());
  const connected = new Map(
    [...profiles].map(([name, profile]) => {
      const exchanges = metrics === null ? [] : [metrics.exchanges(name ?? '')];
      const observers = tracing === null ? exchanges : [...exchanges, tracing.exchanges];
      return [name, connect(name, profile, config, { memory, fleet, takeOfAll, observers, faults })] as const;
    }),
  );
  opened.push(() => Promise.all([...connected.values()].map((profile) => profile.close())));
  const upstreamOf = (profile: string | null): Upstream => {
    const found = connected.get(profile);
    invariant(found !== undefined, 'callers are only given profiles that there are');
    return found.upstream;
  };

  const server = await createHttpServer({
    schema: createGraphSchema({ hasIntrospection: config.endpoint.hasIntrospection }),
    callers: createCallers(config.callers, {
      clock: () => Date.now(),
      report,
      profiles: config.upstream.kind === 'profiles' ? new Set(config.upstream.profiles.keys()) : null,
      takeOfAll,
      providerKeys: keysOfProvider(config, faults, opened),
    }),
    createContext: (scope) => createGraphContext(upstreamOf(scope.viewer.profile), scope),
    lengthsFor: (viewer) => knownLengths(memory.of(upstreamOf(viewer.profile).credential), viewer),
    maxCalls: config.maxUpstreamCalls,
    timeoutMs: config.operationTimeoutMs,
    readerTimeoutMs: config.readerTimeoutMs,
    bodyTimeoutMs: config.bodyTimeoutMs,
    maxRequests: config.maxRequestsInFlight,
    maxDelayMs: config.maxEventLoopDelayMs,
    maxCachedResponseBytes: config.cache.maxAnswerBytes,
    maxAnswerBytes: config.maxAnswerBytes,
    maxSubscriptions: config.maxSubscriptions,
    maxSubscriptionsPerCaller: config.callers.kind === 'open' ? null : config.maxSubscriptionsPerCaller,
    maxCost: config.maxCost,
    endpoint: config.endpoint,
    allowedHosts: allowedHostsOf({
      host: config.host,
      isOpen: config.callers.kind === 'open',
      named: config.endpoint.allowedHosts,
    }),
    clock,
    report,
    writeAudit:
      metrics === null
        ? writeAudit
        : (entry) => {
            metrics.countOperation(entry);
            writeAudit?.(entry);
          },
    tracing,
    probes: {
      faults: () => faults.texts,
      metrics,
    },
  });
  metrics?.watch(() => ({
    ...server.state(),
    schedulerDelayMs: schedulerDelayMs(),
    cacheBytes: memory.bytes,
    redis: joined === null ? null : joined.redis,
    upstreams: [...connected].map(([name, { governor, board }]) => ({
      profile: name ?? '',
      governor: governor.state,
      openEndpoints: board.openEndpoints,
    })),
  }));
  let stopped: Promise<void> | null = null;
  const close = async ({ delayMs = 0, limitMs = config.operationTimeoutMs }: Partial<Shutdown>) => {
    await server.close({ delayMs, limitMs });
    await closeAll(opened);
  };
  const stop = (shutdown: Partial<Shutdown> = {}) => (stopped ??= close(shutdown));
  try {
    const url = await server.listen({ host: config.host, port: config.port });
    return { url, stop };
  } catch (error) {
    await stop();
    throw listenError(error, 'The gateway', 'PORT or HOST');
  }
}

/** What is called, by profile: null names the one that is everybody's. The simulation is started. */
export async function findUpstream({
  upstream,
}: Config): Promise<{ profiles: ReadonlyMap<string | null, UpstreamConfig>; stop: () => Promise<void> }> {
  const stop = () => Promise.resolve();
  if (upstream.kind === 'profiles') return { profiles: upstream.profiles, stop };
  if (upstream.kind === 'remote') return { profiles: new Map([[null, upstream]]), stop };
  const { startSimulator } = await import('./simulator/simulator.ts');
  const simulator = await startSimulator(upstream.options).catch((error: unknown) => {
    throw listenError(error, 'The embedded simulation', 'SIMULATOR_PORT');
  });
  const embedded: UpstreamConfig = { kind: 'remote', ...simulator.credentials, scope: defaultScope };
  return { profiles: new Map([[null, embedded]]), stop: simulator.stop };
}

/** How the keys of the callers' identity provider are fetched, and what the operator learns of it. */
function keysOfProvider(
  { callers, proxy, upstreamTimeoutMs }: Config,
  faults: HealthFaults,
  opened: Close[],
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

/** What an instance shares with others, of this version alone: another one may keep its rows differently. */
async function joinFleet(
  { redisUrl, prefix, ...patience }: FleetConfig,
  log: Pick<Log, 'info'>,
  faults: HealthFaults,
): Promise<{ readonly fleet: RedisFleet; readonly redis: RedisConnection }> {
  // Loaded on demand: importing the client takes a tenth of a second.
  const [{ RedisConnection, SlowRedisError }, { RedisFleet }] = await Promise.all([
    import('./fleet/redis-connection.ts'),
    import('./fleet/redis-fleet.ts'),
  ]);
  const server = { name: 'Redis', url: new URL(redisUrl.reveal()), setting: 'REDIS_URL' };
  const refused = (reason: string) =>
    `Redis at ${server.url.host} refuses commands (${reason}): check it, and REDIS_URL.`;
  const alone = 'This instance shares nothing with others until then.';
  const redis = new RedisConnection({
    ...patience,
    url: redisUrl,
    onChange: (isUp, error, refusal) => {
      if (isUp && !faults.has('redis'))
        log.info('Redis answers: what is read is shared with other instances.');
      const reason =
        refusal !== null
          ? refused(refusal)
          : error instanceof SlowRedisError
            ? `Redis at ${server.url.host} is left alone, since ${error.message}: check its load, and how far away it is.`
            : explainFailure(error, server).text;
      faults.set('redis', isUp ? null : `${reason} ${alone}`);
    },
    onRefusal: (reason) => {
      faults.set('redis refuses', reason === null ? null : `${refused(reason)} ${alone}`);
    },
  });
  const fleet = new RedisFleet({ redis, prefix: `${prefix}:${version}` });
  await redis.connect();
  return { fleet, redis };
}

export const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

interface ConnectOptions {
  readonly memory: Memory;
  readonly fleet: RedisFleet | null;
  /** Takes of rates that are common to several processes; null if this is the only one. */
  readonly takeOfAll: TakeOfAll | null;
  /** Of exchanges with the API, and with its identity service. */
  readonly observers: readonly ExchangeObserver[];
  readonly faults: HealthFaults;
}

interface Connection {
  readonly upstream: Upstream;
  readonly governor: Governor;
  readonly board: CircuitBoard;
  readonly close: () => Promise<void>;
}

/** Connects to a profile's upstream. Tokens, the governor, the breaker and the budget of retries are the profile's own. */
export function connect(
  profile: string | null,
  { apiUrl, tokenUrl, clientId, scope, credential }: UpstreamConfig,
  config: Config,
  { memory, fleet, takeOfAll, observers, faults }: ConnectOptions,
): Connection {
  const pool = {
    timeoutMs: config.upstreamTimeoutMs,
    maxResponseBytes: config.maxResponseBytes,
    connections: config.maxConcurrentCalls,
    proxy: config.proxy,
  };
  const api = createUndiciTransport({ ...pool, baseUrl: apiUrl });
  const identityService = createUndiciTransport({ ...pool, baseUrl: new URL(tokenUrl.origin) });
  // Two that could see different rows are never equal here.
  const name = JSON.stringify([profile, apiUrl, tokenUrl, clientId, scope]);
  const perSecond = config.callsPerSecond ?? 0;
  const governor = new Governor({
    maxConcurrency: config.maxConcurrentCalls,
    callsPerSecond: config.callsPerSecond,
    ...(takeOfAll === null
      ? {}
      : {
          allowance: (wanted) =>
            takeOfAll({ name: `calls ${name}`, max: Math.max(1, perSecond), perSecond }, wanted),
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
  const board = new CircuitBoard({
    onChange: (endpoint, change) => {
      upstreamFaults.setCircuit(endpoint, change.kind === 'open', board.circuitOf(endpoint).lastFault);
      fleet?.signal({ kind: 'circuit', upstream: name, endpoint, change });
    },
  });
  const refusals = new Refusals({ onChange: upstreamFaults.setRefusals });
  fleet?.onSignal((signal) => {
    if (signal.upstream !== name) return;
    if (signal.kind === 'pause') governor.pause(signal.milliseconds);
    else {
      board.follow(signal.endpoint, signal.change);
      upstreamFaults.setCircuit(signal.endpoint, signal.change.kind === 'open', null);
    }
  });
  // The breaker last of all: what it stops, it stops also for those who wait in line already.
  const observed = withObservers(api.send, observers, apiUrl);
  const explained = withFailureCause(observed, upstreamFaults.api, upstreamFaults.setApiCause);
  const governed = withGovernor(withCircuitBreaker(explained, board), governor);
  const retry = createRetry({ maxRetries: config.maxRetries });
  const token = { tokenUrl, clientId, scope, credential };
  const authorized = withAccessToken(
    governed,
    withObservers(identityService.send, observers, tokenUrl),
    token,
    {
      retry,
      onFault: upstreamFaults.setTokenError,
    },
  );
  return {
    upstream: {
      transport: withRefusalBreaker(authorized, refusals),
      retry,
      credential: name,
      memory,
      fleet,
    },
    governor,
    board,
    close: async () => {
      await Promise.all([api.close(), identityService.close()]);
    },
  };
}
