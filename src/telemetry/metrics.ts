/**
 * Prometheus metrics: counters, and gauges that are read at each scrape. No label has a value that a caller chooses or
 * that identifies a customer.
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { AuditEntry } from '../server/observability/audit-entry.ts';
import type { ExchangeObserver } from '../transport/observed.ts';
import type { ConcurrencyLimiterState } from '../transport/concurrency-limiter.ts';

/** State of the gateway at a scrape. */
export interface GatewayState {
  readonly requestsInFlight: number;
  readonly subscriptions: number;
  /** How long the next task has waited for a slice of the event loop. */
  readonly schedulerDelayMs: number;
  readonly cacheBytes: number;
  readonly answerBytes: number;
  readonly faults: number;
  /** Null without Redis. */
  readonly redis: { readonly isUp: boolean; readonly latencyMs: number } | null;
  readonly upstreams: readonly UpstreamState[];
}

interface UpstreamState {
  /** Profile name; empty if there is a single credential. */
  readonly profile: string;
  readonly limiter: ConcurrencyLimiterState;
  readonly openEndpoints: readonly string[];
}

const prefix = 'elements_graph_';
const seconds = 1000;
const maxUncounted = 256;

export class Metrics {
  readonly registry = new Registry();
  readonly #operations: Counter<'kind' | 'outcome' | 'source'>;
  readonly #operationSeconds: Histogram<'kind' | 'source'>;
  readonly #answers: Counter<'source'>;
  readonly #calls: Counter<'profile' | 'endpoint' | 'outcome'>;
  readonly #callSeconds: Histogram<'profile' | 'endpoint'>;

  /** Completed operations, counted in batches, which costs less. */
  #uncounted: AuditEntry[] = [];

  constructor() {
    const registers = [this.registry];
    const collect = () => {
      this.#count();
    };
    collectDefaultMetrics({ register: this.registry });
    this.#operations = new Counter({
      name: `${prefix}operations_total`,
      help: 'Operations by outcome; source "cached": the whole response was cached.',
      labelNames: ['kind', 'outcome', 'source'],
      registers,
      collect,
    });
    this.#operationSeconds = new Histogram({
      name: `${prefix}operation_duration_seconds`,
      help: 'Time from the arrival of an operation to the last byte of its response.',
      labelNames: ['kind', 'source'],
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
      collect,
    });
    this.#answers = new Counter({
      name: `${prefix}upstream_answers_total`,
      help: 'Upstream answers used by operations, by source: call, shared, cache or stale.',
      labelNames: ['source'],
      registers,
      collect,
    });
    this.#calls = new Counter({
      name: `${prefix}upstream_calls_total`,
      help: 'Exchanges with the upstream, by endpoint and by status or error code.',
      labelNames: ['profile', 'endpoint', 'outcome'],
      registers,
    });
    this.#callSeconds = new Histogram({
      name: `${prefix}upstream_call_duration_seconds`,
      help: 'Duration of an exchange with the upstream, without queueing.',
      labelNames: ['profile', 'endpoint'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  countOperation(entry: AuditEntry): void {
    if (this.#uncounted.push(entry) >= maxUncounted) this.#count();
  }

  exchanges(profile: string): ExchangeObserver {
    return {
      begin: ({ endpoint }) => {
        const startedAt = performance.now();
        return {
          headers: {},
          end: (outcome) => {
            this.#calls.inc({ profile, endpoint, outcome });
            this.#callSeconds.observe({ profile, endpoint }, (performance.now() - startedAt) / seconds);
          },
        };
      },
    };
  }

  /** @param look called at each scrape */
  watch(look: () => GatewayState): void {
    const gauge = (name: string, help: string, value: (state: GatewayState) => number) =>
      new Gauge({
        name: prefix + name,
        help,
        registers: [this.registry],
        collect() {
          this.set(value(look()));
        },
      });
    gauge('requests_in_flight', 'Requests in flight.', (state) => state.requestsInFlight);
    gauge('subscriptions', 'Running subscriptions and exports.', (state) => state.subscriptions);
    gauge(
      'scheduler_delay_seconds',
      'Delay of newly scheduled work.',
      (state) => state.schedulerDelayMs / seconds,
    );
    gauge('cache_bytes', 'Estimated size of the cache of rows and pages.', (state) => state.cacheBytes);
    gauge('answer_cache_bytes', 'Estimated size of the response cache.', (state) => state.answerBytes);
    gauge('faults', 'Present faults, which /health/ready lists.', (state) => state.faults);
    if (look().redis !== null) {
      gauge('redis_up', 'Whether Redis responds in time.', ({ redis }) => Number(redis?.isUp === true));
      gauge(
        'redis_latency_seconds',
        'Average latency of recent Redis commands.',
        ({ redis }) => (redis?.latencyMs ?? 0) / seconds,
      );
    }
    this.#watchUpstreams(look);
  }

  /** @param look called at each scrape; returns the number of dropped lines by output */
  watchDroppedLines(look: () => Readonly<Record<string, number>>): void {
    new Counter({
      name: `${prefix}log_lines_dropped_total`,
      help: 'Dropped lines of the log and of the audit file.',
      labelNames: ['output'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [output, count] of Object.entries(look())) this.inc({ output }, count);
      },
    });
  }

  #count(): void {
    const entries = this.#uncounted;
    this.#uncounted = [];
    for (const {
      kind: asked,
      outcome,
      calls,
      fromCache,
      stale,
      shared,
      responseCached,
      durationMs,
    } of entries) {
      const kind = asked ?? 'unknown';
      const source = responseCached ? 'cached' : 'executed';
      this.#operations.inc({ kind, outcome, source });
      this.#operationSeconds.observe({ kind, source }, durationMs / seconds);
      if (calls > 0) this.#answers.inc({ source: 'call' }, calls);
      if (shared > 0) this.#answers.inc({ source: 'shared' }, shared);
      if (fromCache > 0) this.#answers.inc({ source: 'cache' }, fromCache);
      if (stale > 0) this.#answers.inc({ source: 'stale' }, stale);
    }
  }

  #watchUpstreams(look: () => GatewayState): void {
    const perUpstream = (name: string, help: string, value: (state: ConcurrencyLimiterState) => number) =>
      new Gauge({
        name: prefix + name,
        help,
        labelNames: ['profile'],
        registers: [this.registry],
        collect() {
          for (const { profile, limiter } of look().upstreams) this.set({ profile }, value(limiter));
        },
      });
    perUpstream('upstream_concurrency_limit', 'Limit of calls in flight.', ({ limit }) => limit);
    perUpstream('upstream_calls_in_flight', 'Calls in flight.', ({ inFlight }) => inFlight);
    perUpstream('upstream_calls_queued', 'Queued calls.', ({ waiting }) => waiting);
    perUpstream(
      'upstream_pause_seconds',
      'Remaining pause of all calls after Retry-After.',
      ({ pausedMs }) => pausedMs / seconds,
    );
    new Gauge({
      name: `${prefix}circuit_open`,
      help: '1 for each endpoint whose circuit is open.',
      labelNames: ['profile', 'endpoint'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const { profile, openEndpoints } of look().upstreams) {
          for (const endpoint of openEndpoints) this.set({ profile, endpoint }, 1);
        }
      },
    });
  }
}
