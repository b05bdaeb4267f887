/** Composition root: the only module that imports every layer. */
import { monotonicClock } from './clock.ts';
import { createCallers } from './callers/callers.ts';
import type { TakeFleetTokens } from './tokens.ts';
import type { Config } from './config/config.ts';
import { invariant } from './errors.ts';
import { keysOfProvider } from './connections/identity-provider.ts';
import { joinFleet } from './connections/redis.ts';
import { connect, findUpstream } from './connections/upstream.ts';
import { createGraphContext } from './graph/context.ts';
import { createGraphSchema } from './graph/graph-schema.ts';
import { knownLengths } from './pricing/known-lengths.ts';
import type { Log } from './telemetry/log.ts';
import { UpstreamCache } from './planner/upstream-cache.ts';
import type { Upstream } from './planner/operation.ts';
import type { AuditEntry } from './server/observability/audit-entry.ts';
import { createHttpServer } from './server/http.ts';
import { allowedHostsOf } from './server/browser/request-origin.ts';
import type { Shutdown } from './server/drain.ts';
import { HealthFaults } from './telemetry/health-faults.ts';
import { Metrics } from './telemetry/metrics.ts';
import { schedulerDelayMs } from './scheduler.ts';
import { gatewayListener, listenError } from './listen-error.ts';
import { version } from './version.ts';

export interface Gateway {
  /** Base URL without a path. */
  readonly url: string;
  /**
   * Serves requests for the delay (none by default), then refuses new ones. Resolves when all connections are closed.
   */
  readonly stop: (shutdown?: Partial<Shutdown>) => Promise<void>;
}

export interface GatewayOptions {
  /** Called for each unexpected error. */
  readonly report: (error: unknown) => void;
  /** Called for each answered operation; null if auditing is off. */
  readonly writeAudit?: ((entry: AuditEntry) => void) | null;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  /** Logs changes while the gateway runs. */
  readonly log?: Pick<Log, 'info' | 'warn'>;
  /** Numbers of log and audit lines that could not be written, by output. */
  readonly droppedLines?: (() => Readonly<Record<string, number>>) | null;
  /** Schema to share between gateways of one process with equal introspection settings; by default each creates one. */
  readonly schema?: ReturnType<typeof createGraphSchema>;
}

/** Share of the shutdown time in which the last spans may be sent. */
const flushingShare = 0.08;

const silent = { info: () => undefined, warn: () => undefined };

/** Starts to listen. If the port is taken or a file can't be used, closes everything and rejects. */
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

/** Closes in reverse order. */
async function closeAll(opened: Close[]): Promise<void> {
  for (const close of opened.splice(0).reverse()) await close();
}

/** @param opened collects functions that close what was opened */
async function open(
  config: Config,
  {
    report,
    writeAudit = null,
    clock = monotonicClock,
    log = silent,
    droppedLines = null,
    schema = createGraphSchema({ hasIntrospection: config.endpoint.hasIntrospection }),
  }: GatewayOptions,
  opened: Close[],
): Promise<Gateway> {
  const { profiles, stop: stopUpstream } = await findUpstream(config);
  opened.push(stopUpstream);
  const faults = new HealthFaults({ log });
  const joined =
    config.fleet === null ? null : await joinFleet(config.fleet, { version, log, faults, clock });
  if (joined !== null)
    opened.push(() => {
      joined.redis.close();
    });
  const fleet = joined?.fleet ?? null;
  const takeFleetTokens: TakeFleetTokens | null =
    fleet === null ? null : (...wanted) => fleet.takeTokens(...wanted);
  // Profiles share only the limit in bytes.
  const cache = new UpstreamCache({
    ...config.cache,
    clock,
    onLearned: (collection, state) => fleet?.publishCapabilities(collection, state),
  });
  const metrics = config.hasMetrics ? new Metrics() : null;
  if (droppedLines !== null) metrics?.watchDroppedLines(droppedLines);
  // Loaded on demand because it is large.
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
    await Promise.all(
      [...profiles].map(async ([name, profile]) => {
        const exchanges = metrics === null ? [] : [metrics.exchanges(name ?? '')];
        const observers = tracing === null ? exchanges : [...exchanges, tracing.exchanges];
        const options = { cache, fleet, takeFleetTokens, observers, faults };
        return [name, await connect(name, profile, config, options)] as const;
      }),
    ),
  );
  opened.push(() => Promise.all([...connected.values()].map((profile) => profile.close())));
  const upstreamOf = (profile: string | null): Upstream => {
    const found = connected.get(profile);
    invariant(found !== undefined, 'callers are only given profiles that there are');
    return found.upstream;
  };

  const server = await createHttpServer({
    schema,
    callers: createCallers(config.callers, {
      clock: () => Date.now(),
      now: clock,
      report,
      profiles: config.upstream.kind === 'profiles' ? new Set(config.upstream.profiles.keys()) : null,
      takeFleetTokens,
      providerKeys: await keysOfProvider(config, faults, opened),
    }),
    createContext: (scope) => createGraphContext(upstreamOf(scope.viewer.profile), scope),
    lengthsFor: (viewer) => knownLengths(cache.of(upstreamOf(viewer.profile).credential), viewer),
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
    healthChecks: {
      faults: () => faults.texts,
      metrics,
    },
  });
  metrics?.watch(() => ({
    ...server.state(),
    schedulerDelayMs: schedulerDelayMs(),
    cacheBytes: cache.bytes,
    faults: faults.texts.length,
    redis: joined === null ? null : joined.redis,
    upstreams: [...connected].map(([name, { limiter, breakers }]) => ({
      profile: name ?? '',
      limiter: limiter.state,
      openEndpoints: breakers.openEndpoints,
    })),
  }));
  let stopped: Promise<void> | null = null;
  const close = async ({ delayMs = 0, limitMs = config.operationTimeoutMs }: Partial<Shutdown>) => {
    await server.close({ delayMs, limitMs });
    await closeAll(opened);
  };
  const stop = (shutdown: Partial<Shutdown> = {}) => (stopped ??= close(shutdown));
  /** Logs only after the gateway has started to listen. */
  const stopLogged = (shutdown: Partial<Shutdown> = {}) => {
    if (stopped !== null) return stopped;
    const startedAt = clock();
    const { requestsInFlight: open } = server.state();
    log.info(`Shutting down: ${open} ${open === 1 ? 'request is' : 'requests are'} open.`);
    return stop(shutdown).then(() => {
      log.info(`Shut down after ${((clock() - startedAt) / 1000).toFixed(1)} s.`);
    });
  };
  try {
    const url = await server.listen({ host: config.host, port: config.port });
    return { url, stop: stopLogged };
  } catch (error) {
    await stop();
    throw listenError(error, gatewayListener);
  }
}
