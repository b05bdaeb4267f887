/** A gateway and the upstream behind it, both over real HTTP, and a caller that speaks to the first. */
import type { GraphQLSchema } from 'graphql';
import type { TypedDocumentString } from './generated/operations.ts';
import { createWorldOf, type WorldData } from './world-of.ts';
import type { CallersConfig } from '../src/callers/callers.ts';
import type { Config } from '../src/config/config.ts';
import { readLifetimes } from '../src/config/lifetimes.ts';
import type { EndpointOptions } from '../src/server/http.ts';
import { createGraphSchema } from '../src/graph/graph-schema.ts';
import { startGateway, type Gateway } from '../src/gateway.ts';
import type { Lifetime } from '../src/planner/freshness.ts';
import type { AuditEntry } from '../src/server/observability/audit-entry.ts';
import { Secret } from '../src/secret.ts';
import type { Explanation } from '../src/server/observability/explain.ts';
import type { SimulatorCall } from '../src/simulator/exchange.ts';
import {
  startSimulator,
  type SimulatorDialect,
  type Simulator,
  type SimulatorOptions,
} from '../src/simulator/simulator.ts';
import type { World } from '../src/simulator/world.ts';

export interface GraphQLAnswer<Data> {
  readonly data: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
  readonly extensions?: { readonly upstream?: Explanation; readonly outdated?: unknown };
}

export interface GatewayUnderTest {
  readonly url: string;
  readonly simulator: Simulator;
  /** The upstream's own record of the calls made, the token's left out. */
  readonly calls: SimulatorCall[];
  /** What was written down of the operations. */
  readonly audit: AuditEntry[];
  /** What the gateway reported as its own fault. */
  readonly reported: unknown[];
  /** Lines of its log. */
  readonly logged: { readonly level: string; readonly text: string }[];
  readonly query: <Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    request?: RequestOptions,
  ) => Promise<GraphQLAnswer<Data>>;
  readonly queryText: (
    query: string,
    variables?: object,
    request?: RequestOptions,
  ) => Promise<GraphQLAnswer<Record<string, unknown>>>;
  /** Stops the gateway, not the upstream. */
  readonly stopGateway: Gateway['stop'];
  readonly stop: () => Promise<void>;
}

export interface GatewayUnderTestOptions {
  readonly world: World | WorldData;
  readonly dialect?: SimulatorDialect;
  readonly intercept?: SimulatorOptions['intercept'];
  readonly onAborted?: (path: string) => void;
  readonly latencyMs?: number;
  readonly callsPerSecond?: number;
  readonly maxConcurrentCalls?: number;
  readonly maxRetries?: number;
  readonly upstreamTimeoutMs?: number;
  readonly maxResponseBytes?: number;
  readonly operationTimeoutMs?: number;
  readonly maxUpstreamCalls?: number;
  readonly maxRequestsInFlight?: number;
  readonly maxSubscriptions?: number;
  readonly maxSubscriptionsPerCaller?: number;
  readonly maxBytesOfAnswer?: number;
  readonly bodyTimeoutMs?: number;
  readonly readerTimeoutMs?: number;
  readonly maxCost?: Partial<Config['maxCost']>;
  readonly maxCacheBytes?: number;
  readonly maxAnswerBytes?: number;
  readonly lifetime?: Partial<Lifetime>;
  readonly clock?: () => number;
  readonly callers?: CallersUnderTest;
  readonly endpoint?: Partial<EndpointOptions>;
  readonly redisUrl?: string;
  /** Far longer than a busy machine takes, unless a test is of a Redis that hangs. */
  readonly redisTimeoutMs?: number;
  readonly redisMaxLatencyMs?: number;
  readonly hasMetrics?: boolean;
  readonly tracesUrl?: string;
  /** In place of one of its own. */
  readonly simulator?: Simulator;
}

export const openEndpoint: EndpointOptions = {
  allowedOrigins: [],
  hasIntrospection: true,
  trustedDocumentsFile: null,
  requiresTrustedDocuments: false,
  allowedHosts: [],
  hasExplorer: true,
  exports: 'on',
  // Its tools take longer to read than all else that starts, and tests start thousands of gateways.
  mcp: null,
};

type CallersUnderTest = Partial<Pick<CallersConfig, 'requestsPerMinute'>> &
  ({ readonly kind: 'open' } | Omit<Extract<CallersConfig, { readonly kind: 'known' }>, 'requestsPerMinute'>);

interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Times that no test reaches but by moving the clock. */
export const lifetimeUnderTest: Lifetime = {
  freshMs: 60_000,
  absentMs: 30_000,
  staleWhileRevalidateMs: 60_000,
  staleIfErrorMs: 600_000,
};

/** Made once for all gateways of a test file, by whether they have introspection. */
const schemas = new Map<boolean, GraphQLSchema>();

function sharedSchema(hasIntrospection: boolean): GraphQLSchema {
  let schema = schemas.get(hasIntrospection);
  if (schema === undefined) schemas.set(hasIntrospection, (schema = createGraphSchema({ hasIntrospection })));
  return schema;
}

export async function startGatewayUnderTest(options: GatewayUnderTestOptions): Promise<GatewayUnderTest> {
  const lifetime = { ...lifetimeUnderTest, ...options.lifetime };
  const endpoint = { ...openEndpoint, ...options.endpoint };
  const calls: SimulatorCall[] = [];
  const audit: AuditEntry[] = [];
  const reported: unknown[] = [];
  const logged: { readonly level: string; readonly text: string }[] = [];
  const simulator =
    options.simulator ??
    (await startSimulator({
      port: 0,
      world: 'tenant' in options.world ? options.world : createWorldOf(options.world),
      latencyMs: options.latencyMs ?? 0,
      dialect: options.dialect ?? 'plural',
      ...(options.onAborted === undefined ? {} : { onAborted: options.onAborted }),
      intercept: (call) => {
        if (call.path !== '/connect/token') calls.push(call);
        return options.intercept?.(call);
      },
    }));
  const gateway = await startGateway(
    {
      host: '127.0.0.1',
      port: 0,
      // A busy machine reaches none of these times: a test of a time limit sets its own.
      upstreamTimeoutMs: options.upstreamTimeoutMs ?? 300_000,
      callsPerSecond: options.callsPerSecond ?? null,
      maxConcurrentCalls: options.maxConcurrentCalls ?? 128,
      maxRetries: options.maxRetries ?? 0,
      maxResponseBytes: options.maxResponseBytes ?? 16 * 1024 * 1024,
      proxy: null,
      operationTimeoutMs: options.operationTimeoutMs ?? 600_000,
      maxRequestsInFlight: options.maxRequestsInFlight ?? 1000,
      maxEventLoopDelayMs: 600_000,
      maxSubscriptions: options.maxSubscriptions ?? 8,
      maxSubscriptionsPerCaller: options.maxSubscriptionsPerCaller ?? 4,
      maxAnswerBytes: options.maxBytesOfAnswer ?? 32 * 1024 * 1024,
      bodyTimeoutMs: options.bodyTimeoutMs ?? 300_000,
      readerTimeoutMs: options.readerTimeoutMs ?? 300_000,
      maxCost: { rows: 500_000, values: 20_000_000, calls: 50_000, ...options.maxCost },
      shutdown: { delayMs: 0, limitMs: 5000 },
      maxUpstreamCalls: options.maxUpstreamCalls ?? 500,
      cache: {
        maxBytes: options.maxCacheBytes ?? 64 * 1024 * 1024,
        maxAnswerBytes: options.maxAnswerBytes ?? 16 * 1024 * 1024,
        lifetimes: readLifetimes(() => lifetime),
      },
      log: { level: 'silent', auditFile: null },
      hasMetrics: options.hasMetrics ?? false,
      traces:
        options.tracesUrl === undefined
          ? null
          : { url: new URL(options.tracesUrl), serviceName: 'under-test' },
      fleet:
        options.redisUrl === undefined
          ? null
          : {
              redisUrl: new Secret(options.redisUrl),
              prefix: 'test',
              timeoutMs: options.redisTimeoutMs ?? 60_000,
              maxLatencyMs: options.redisMaxLatencyMs ?? 60_000,
            },
      upstream: { kind: 'remote', ...simulator.credentials },
      callers: { requestsPerMinute: null, ...(options.callers ?? { kind: 'open' }) },
      endpoint,
    },
    {
      schema: sharedSchema(endpoint.hasIntrospection),
      report: (error) => reported.push(error),
      writeAudit: (entry) => audit.push(entry),
      log: {
        info: (...line: readonly unknown[]) => logged.push({ level: 'info', text: String(line.at(-1)) }),
        warn: (...line: readonly unknown[]) => logged.push({ level: 'warn', text: String(line.at(-1)) }),
      },
      ...(options.clock === undefined ? {} : { clock: options.clock }),
    },
  );
  const send = async <Data>(
    query: string,
    variables: unknown,
    { headers, signal }: RequestOptions = {},
  ): Promise<GraphQLAnswer<Data>> => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
      signal: signal ?? null,
    });
    return (await response.json()) as GraphQLAnswer<Data>;
  };
  return {
    url: gateway.url,
    simulator,
    calls,
    audit,
    reported,
    logged,
    query: (document, variables, request) => send(document.toString(), variables, request),
    queryText: send,
    stopGateway: gateway.stop,
    stop: async () => {
      await gateway.stop();
      if (options.simulator === undefined) await simulator.stop();
    },
  };
}
