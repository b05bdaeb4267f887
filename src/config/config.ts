/**
 * Reads the environment into a frozen Config. Reports all mistakes at once, by setting, without the values of secrets.
 * docs/configuration.md describes the settings.
 */
import type { CallersConfig } from '../callers/callers.ts';
import type { Lifetimes } from '../planner/upstream-cache.ts';
import type { EndpointOptions } from '../server/http.ts';
import type { Cost } from '../pricing/cost.ts';
import { logLevels, type LogConfig } from '../telemetry/log.ts';
import type { TracesConfig } from '../telemetry/tracing.ts';
import type { Secret } from '../secret.ts';
import type { ProxyOptions } from '../transport/undici.ts';
import { readCallers } from './callers.ts';
import { readLifetimes } from './lifetimes.ts';
import { readMcp } from './mcp.ts';
import { reference } from './reference.ts';
import { Settings, type Environment } from './settings.ts';
import { readTraces } from './traces.ts';
import { unknownSettings } from './unknown-settings.ts';
import {
  readUpstream,
  type EmbeddedUpstreamConfig,
  type ProfilesConfig,
  type UpstreamConfig,
} from './upstream.ts';

export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly upstream: UpstreamConfig | ProfilesConfig | EmbeddedUpstreamConfig;
  readonly callers: CallersConfig;
  readonly endpoint: EndpointOptions;
  /** Timeout of one upstream call. */
  readonly upstreamTimeoutMs: number;
  /** Maximum retries of one upstream call. */
  readonly maxRetries: number;
  /** Upstream calls per second, on average; null for no limit. */
  readonly callsPerSecond: number | null;
  readonly maxConcurrentCalls: number;
  /** Maximum size of one upstream response. */
  readonly maxResponseBytes: number;
  /** Proxy of outgoing HTTP, except to the trace collector; null if there is none. */
  readonly proxy: ProxyOptions | null;
  /** Timeout of one operation, including all its calls. */
  readonly operationTimeoutMs: number;
  /** Maximum upstream calls of one operation. */
  readonly maxUpstreamCalls: number;
  /** Maximum requests in flight; more are refused. */
  readonly maxRequestsInFlight: number;
  /** Maximum running subscriptions and exports of this process; more are refused. */
  readonly maxSubscriptions: number;
  /** Maximum of one caller, if callers are authenticated. */
  readonly maxSubscriptionsPerCaller: number;
  /** Maximum size of one response. */
  readonly maxAnswerBytes: number;
  /** Timeout of a request's body, and of its headers. */
  readonly bodyTimeoutMs: number;
  /** Time within which a client must read some of its response. */
  readonly readerTimeoutMs: number;
  /** Maximum price of one operation: rows and values of its result, and upstream calls that it may need. */
  readonly maxCost: Cost;
  /** Event loop delay beyond which requests are refused. */
  readonly maxEventLoopDelayMs: number;
  readonly shutdown: ShutdownConfig;
  readonly cache: CacheConfig;
  readonly log: LogConfig;
  readonly hasMetrics: boolean;
  /** Export of traces; null if off. */
  readonly traces: TracesConfig | null;
  /** Sharing with other instances; null for a single instance. */
  readonly fleet: FleetConfig | null;
}

/** Settings of sharing between instances, over Redis. */
export interface FleetConfig {
  readonly redisUrl: Secret;
  /** Prefix of all keys, which separates fleets on one server. */
  readonly prefix: string;
  /** Timeout of a Redis command; 500 ms by default. */
  readonly timeoutMs?: number;
  /** Latency beyond which Redis is bypassed; 20 ms by default. */
  readonly maxLatencyMs?: number;
}

/** Times after SIGTERM, in milliseconds. */
interface ShutdownConfig {
  /** Time in which requests are still answered, until load balancers notice. */
  readonly delayMs: number;
  /** Time after which the process exits. */
  readonly limitMs: number;
}

interface CacheConfig {
  readonly maxBytes: number;
  /** Size of the response cache. */
  readonly maxAnswerBytes: number;
  readonly lifetimes: Lifetimes;
}

/** Error that lists every mistake of the environment. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(['The settings are not usable:', ...mistakes.map((mistake) => `  - ${mistake}`)].join('\n'));
    this.mistakes = mistakes;
  }
}

const mebibyte = 1024 * 1024;
const openCallers: CallersConfig = { kind: 'open', requestsPerMinute: null };

/**
 * Reads and checks all settings.
 *
 * @param isPrivate whether no other process can reach the gateway; callers then need no credential
 * @throws ConfigError
 */
export function readConfig(
  environment: Environment,
  isPrivate = false,
  settings = new Settings(environment),
): Config {
  const upstream = readUpstream(settings);
  const trustedDocumentsFile = settings.text('TRUSTED_DOCUMENTS_FILE');
  const requiresTrustedDocuments = settings.choice('TRUSTED_DOCUMENTS', ['only', 'also'], 'also') === 'only';
  if (requiresTrustedDocuments && trustedDocumentsFile === null) {
    settings.mistakes.push('TRUSTED_DOCUMENTS=only: TRUSTED_DOCUMENTS_FILE is missing');
  }
  const limits = readDocumentLimits(settings);
  // Node.js reads this file itself, and only warns of faults.
  settings.authoritiesFile('NODE_EXTRA_CA_CERTS');
  const host = settings.host('HOST', '127.0.0.1');
  const port = settings.integer('PORT', { from: 0, to: 65_535, otherwise: 4000 });
  const callers = isPrivate ? openCallers : readCallers(settings, upstream?.kind ?? null);
  const tokens = callers.kind === 'known' ? callers.tokens : null;
  const config = {
    host,
    port,
    upstream,
    callers,
    endpoint: {
      allowedOrigins: settings.origins('CORS_ORIGINS'),
      trustedDocumentsFile,
      requiresTrustedDocuments,
      allowedHosts: settings.hosts('ALLOWED_HOSTS'),
      hasIntrospection: limits.hasIntrospection,
      hasExplorer: settings.choice('EXPLORER', ['on', 'off'], 'on') === 'on',
      exports: settings.choice('EXPORTS', ['on', 'all', 'off'], 'on'),
      mcp: readMcp(settings, upstream?.kind ?? null, tokens),
    },
    upstreamTimeoutMs: settings.integer('AVEPOINT_TIMEOUT_MS', { from: 1, to: 600_000, otherwise: 10_000 }),
    maxRetries: settings.integer('AVEPOINT_MAX_RETRIES', { from: 0, to: 10, otherwise: 3 }),
    callsPerSecond:
      settings.integer('AVEPOINT_CALLS_PER_SECOND', { from: 0, to: 10_000, otherwise: 0 }) || null,
    maxConcurrentCalls: settings.integer('AVEPOINT_MAX_CONCURRENT_CALLS', {
      from: 1,
      to: 1024,
      otherwise: 128,
    }),
    maxResponseBytes:
      settings.integer('AVEPOINT_MAX_RESPONSE_MEBIBYTES', { from: 1, to: 1024, otherwise: 16 }) * mebibyte,
    proxy: readProxy(settings),
    operationTimeoutMs: settings.integer('OPERATION_TIMEOUT_MS', {
      from: 1,
      to: 600_000,
      otherwise: 30_000,
    }),
    maxUpstreamCalls: settings.integer('MAX_UPSTREAM_CALLS', { from: 1, to: 100_000, otherwise: 500 }),
    maxRequestsInFlight: settings.integer('MAX_REQUESTS_IN_FLIGHT', {
      from: 1,
      to: 1_000_000,
      otherwise: 5000,
    }),
    maxCost: limits.maxCost,
    ...readSubscriptions(settings),
    maxAnswerBytes: settings.integer('MAX_ANSWER_MEBIBYTES', { from: 1, to: 512, otherwise: 32 }) * mebibyte,
    bodyTimeoutMs: settings.integer('BODY_TIMEOUT_MS', { from: 100, to: 600_000, otherwise: 10_000 }),
    readerTimeoutMs: settings.integer('READER_TIMEOUT_MS', { from: 100, to: 600_000, otherwise: 30_000 }),
    maxEventLoopDelayMs: settings.integer('MAX_EVENT_LOOP_DELAY_MS', {
      from: 1,
      to: 600_000,
      otherwise: 10_000,
    }),
    shutdown: readShutdown(settings),
    cache: readCache(settings),
    log: {
      level: settings.choice('LOG_LEVEL', logLevels, 'info'),
      auditFile: settings.text('AUDIT_FILE'),
    },
    hasMetrics: settings.choice('METRICS', ['on', 'off'], 'on') === 'on',
    traces: readTraces(settings),
    fleet: readFleet(settings),
  };
  settings.mistakes.push(
    ...unknownSettings(environment, new Set([...Object.keys(reference), ...settings.expectations.keys()])),
  );
  if (settings.mistakes.length > 0 || upstream === null) throw new ConfigError(settings.mistakes);
  return Object.freeze({ ...config, upstream });
}

/** Reads the limits of documents, which depend on no other settings. */
export function readDocumentLimits(settings: Settings): {
  readonly hasIntrospection: boolean;
  readonly maxCost: Cost;
} {
  return {
    hasIntrospection: settings.choice('INTROSPECTION', ['on', 'off'], 'on') === 'on',
    maxCost: {
      rows: settings.integer('MAX_OPERATION_ROWS', { from: 1, to: 100_000_000, otherwise: 50_000 }),
      values: settings.integer('MAX_OPERATION_VALUES', {
        from: 1,
        to: 1_000_000_000,
        otherwise: 2_000_000,
      }),
      calls: settings.integer('MAX_OPERATION_CALLS', { from: 1, to: 10_000_000, otherwise: 50_000 }),
    },
  };
}

/** Reads the limits of subscriptions; by default, one caller may run half of them. */
function readSubscriptions(
  settings: Settings,
): Pick<Config, 'maxSubscriptions' | 'maxSubscriptionsPerCaller'> {
  const maxSubscriptions = settings.integer('MAX_SUBSCRIPTIONS', { from: 0, to: 10_000, otherwise: 8 });
  const share = settings.optionalInteger('MAX_SUBSCRIPTIONS_PER_CALLER', { from: 1, to: 10_000 });
  return {
    maxSubscriptions,
    maxSubscriptionsPerCaller: share ?? Math.max(1, Math.floor(maxSubscriptions / 2)),
  };
}

/** Maximum share of the limit that the delay may take, which leaves time to close. */
const maxDelayShare = 0.75;

function readShutdown(settings: Settings): ShutdownConfig {
  const delayMs = settings.integer('SHUTDOWN_DELAY_MS', { from: 0, to: 600_000, otherwise: 1000 });
  const limitMs = settings.integer('SHUTDOWN_TIMEOUT_MS', { from: 1000, to: 600_000, otherwise: 25_000 });
  const maxDelayMs = maxDelayShare * limitMs;
  if (delayMs <= maxDelayMs) return { delayMs, limitMs };
  if (settings.text('SHUTDOWN_DELAY_MS') === null) return { delayMs: limitMs / 2, limitMs };
  settings.mistakes.push(
    `SHUTDOWN_DELAY_MS: expected at most three quarters of SHUTDOWN_TIMEOUT_MS (${maxDelayMs}), but got "${delayMs}"`,
  );
  return { delayMs, limitMs };
}

function readProxy(settings: Settings): ProxyOptions | null {
  const http = settings.proxyUrl('HTTP_PROXY');
  const https = settings.proxyUrl('HTTPS_PROXY');
  const except = settings.textOfEitherCase('NO_PROXY') ?? '';
  return http === null && https === null ? null : { http, https, except };
}

function readFleet(settings: Settings): FleetConfig | null {
  const redisUrl = settings.redisUrl('REDIS_URL', 'REDIS_PASSWORD');
  const prefix = settings.textOr('REDIS_PREFIX', 'elements-graph');
  return redisUrl === null ? null : { redisUrl, prefix };
}

const maxSeconds = 7 * 24 * 3600;

function readCache(settings: Settings): CacheConfig {
  const milliseconds = (name: string, otherwise: number) =>
    settings.integer(name, { from: 0, to: maxSeconds, otherwise }) * 1000;
  const common = {
    absentMs: milliseconds('CACHE_TTL_ABSENT_SECONDS', 30),
    staleWhileRevalidateMs: milliseconds('CACHE_STALE_WHILE_REVALIDATE_SECONDS', 300),
    staleIfErrorMs: milliseconds('CACHE_STALE_IF_ERROR_SECONDS', 3600),
  };
  return {
    maxBytes: settings.integer('CACHE_MAX_MEBIBYTES', { from: 0, to: 65_536, otherwise: 256 }) * mebibyte,
    maxAnswerBytes:
      settings.integer('CACHE_ANSWERS_MEBIBYTES', { from: 0, to: 65_536, otherwise: 64 }) * mebibyte,
    lifetimes: readLifetimes(({ name, defaultSeconds }) => {
      const freshMs = milliseconds(name, defaultSeconds);
      return { ...common, freshMs, absentMs: Math.min(common.absentMs, freshMs) };
    }),
  };
}
