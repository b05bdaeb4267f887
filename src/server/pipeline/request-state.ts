/** State of one request, from which its audit line is derived when the response is closed. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../../callers/callers.ts';
import { invariant } from '../../errors.ts';
import {
  AnswerCounts,
  CallBudget,
  createScope,
  deadlineReached,
  OutdatedAnswers,
  CacheDependencies,
  type CallObserver,
  type OperationScope,
} from '../../scope.ts';
import type { AuditEntry } from '../observability/audit-entry.ts';
import { RequestTrace, type RequestTracingOptions } from '../observability/request-tracing.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the pipeline's first step, on its routes only. */
    state: RequestState;
  }
}

/** Audit fields that all requests with the same response share. */
export type OperationSummary = Pick<
  RequestState,
  'operation' | 'kind' | 'hash' | 'customers' | 'codes' | 'outcome'
>;

export interface RequestStateOptions {
  /** Called with the audit line when the response is closed; null if auditing is off. */
  readonly writeAudit: ((entry: AuditEntry) => void) | null;
  /** Null if tracing is off. */
  readonly tracing: RequestTracingOptions | null;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Maximum upstream calls of a query. */
  readonly maxCalls: number;
  /** Time of a query from its arrival, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends all operations, as their deadlines do. */
  readonly shutdownDeadline: AbortSignal;
}

/** Time reserved to write and send the response; more with more requests, which may end at once. */
const sendingMs = 250;
const sendingMsPerRequest = 1.5;
const maxSendingShare = 0.15;

/** Delay of an operation's end, in which waiting requests join its upstream calls. */
const handOverMs = { ifConnected: 100, ifClosed: 1000 };
const handOverRounds = 30;

const unlimited = { maxCalls: Infinity, timeoutMs: Infinity };

const maxCustomers = 100;
const maxNameLength = 100;

export class RequestState {
  readonly #reply: FastifyReply;
  readonly #options: RequestStateOptions;
  /** Time of arrival, by `performance.now()`. */
  readonly arrivedAt = performance.now();
  /** Null until the caller is authenticated. */
  caller: Caller | null = null;
  readonly trace: RequestTrace | null;
  operation: AuditEntry['operation'] = null;
  kind: AuditEntry['kind'] = null;
  tool: AuditEntry['tool'] = null;
  hash: AuditEntry['hash'] = null;
  customers: ReadonlySet<string> = new Set();
  codes: ReadonlySet<string> = new Set();
  outcome: AuditEntry['outcome'] | null = null;
  exported: AuditEntry['exported'] = null;
  /** Whether a fault ended the response midway. */
  isTruncated = false;
  /** Whether the response was made for another request. */
  isCached = false;
  budget: { readonly made: number } = { made: 0 };
  readonly counts = new AnswerCounts();
  /** Whether the response was sent, or its connection was closed. */
  isClosed = false;
  /** Whether the last event of a subscription has come, if only that event is the answer. */
  hasLastEvent = false;
  #isCancelled = false;
  readonly #onCancelled: (() => void)[] = [];
  readonly #onClosed: (() => void)[] = [];

  constructor(reply: FastifyReply, options: RequestStateOptions) {
    this.#reply = reply;
    this.#options = options;
    const { raw, request } = reply;
    const { socket } = request.raw;
    const close = () => {
      raw.off('close', close);
      socket.off('close', close);
      this.isClosed = true;
      for (const run of this.#onClosed.splice(0)) run();
    };
    raw.once('close', close);
    // A pipelined response that waits behind another one gets no `close` of its own.
    socket.once('close', close);
    this.whenClosed(() => options.writeAudit?.(this.#auditEntry()));
    this.trace = options.tracing && new RequestTrace(options.tracing, reply, this);
  }

  get isSubscription(): boolean {
    return this.kind === 'subscription';
  }

  /** Whether the operation has no deadline and no call limit, and caches no rows. */
  get isUnlimited(): boolean {
    return this.isSubscription || this.kind === 'export';
  }

  /** Calls back when the response is closed, at once if it already is. */
  whenClosed(run: () => void): void {
    if (this.isClosed) run();
    else this.#onClosed.push(run);
  }

  /** Makes equal requests that wait for this response retry; returns whether there are any. */
  handOver: () => boolean = () => false;

  /** Ends the operation as if its caller had disconnected; has no effect before `beginOperation`. */
  endOperation: () => void = () => undefined;

  /** Ends the operation when its caller cancels it by another request. */
  cancel(): void {
    // An operation that has ended keeps its outcome; each event of a subscription has one.
    const hasEnded = this.isSubscription ? this.hasLastEvent : this.outcome !== null;
    this.#isCancelled = !hasEnded;
    for (const run of this.#onCancelled.splice(0)) run();
    this.#endOperationEarly();
  }

  /** Calls back when the caller cancels the request or the response is closed, at once if it already is. */
  whenCancelled(run: () => void): void {
    if (this.#isCancelled) run();
    else {
      this.#onCancelled.push(run);
      this.whenClosed(run);
    }
  }

  /** Ends the operation, after the equal requests that wait for its response have retried. */
  #endOperationEarly: () => void = () => undefined;

  /** Starts the operation, which ends at its deadline or when the connection closes. */
  beginOperation(requestsInFlight: number, observer: CallObserver | null): OperationScope {
    const { writeAudit, clock, shutdownDeadline } = this.#options;
    const { maxCalls, timeoutMs } = this.isUnlimited ? unlimited : this.#options;
    const wantedMs = sendingMs + sendingMsPerRequest * requestsInFlight;
    const reserveMs = Math.min(wantedMs, maxSendingShare * timeoutMs);
    const deadlineAt = this.arrivedAt + timeoutMs - reserveMs;
    const { scope, end } = createScope(deadlineAt);
    let isEnding = false;
    const endEarly = (reason?: symbol) => {
      if (isEnding) return;
      isEnding = true;
      const delayMs = this.isClosed ? handOverMs.ifClosed : handOverMs.ifConnected;
      if (this.handOver()) setTimeout(endAfterRounds, delayMs, handOverRounds, end, reason).unref();
      else end(reason);
    };
    const endInTime = () => {
      endEarly(deadlineReached);
    };
    const leftMs = deadlineAt - performance.now();
    if (leftMs <= 0 || shutdownDeadline.aborted) endInTime();
    const deadline = leftMs === Infinity ? undefined : setTimeout(endInTime, leftMs);
    shutdownDeadline.addEventListener('abort', endInTime);
    this.whenClosed(() => {
      clearTimeout(deadline);
      shutdownDeadline.removeEventListener('abort', endInTime);
      if (!this.#reply.raw.writableFinished) endEarly();
    });
    const budget = new CallBudget(maxCalls);
    const customersRead = writeAudit === null ? null : new Set<string>();
    this.endOperation = end;
    this.#endOperationEarly = endEarly;
    // The request may have been cancelled before its operation began.
    if (this.#isCancelled) endEarly();
    this.budget = budget;
    this.customers = customersRead ?? this.customers;
    return {
      signal: scope.signal,
      deadlineAt: scope.deadlineAt,
      owner: scope.owner,
      viewer: callerOf(this).viewer,
      startedAt: clock(),
      maxAgeMs: maxAgeOf(this.#reply.request.headers['cache-control']),
      budget,
      customersRead,
      observer,
      counts: this.counts,
      outdated: new OutdatedAnswers(),
      dependencies: new CacheDependencies(),
      cachesRows: !this.isUnlimited,
    };
  }

  describe(operation: string | undefined, kind: string): void {
    this.operation = operation?.slice(0, maxNameLength) ?? null;
    this.kind = kind === 'query' || kind === 'subscription' || kind === 'export' ? kind : null;
  }

  /** Records a result, one of many for a subscription; `data` is undefined if the operation was not executed. */
  conclude(data: unknown, codes: Iterable<unknown>): void {
    // A new set: other requests may share the previous one.
    this.codes = new Set([...this.codes, ...Array.from(codes, String)]);
    if (data === undefined) this.outcome = 'refused';
    else if (this.codes.size === 0) this.outcome = 'answered';
    else this.outcome = data === null ? 'failed' : 'partial';
  }

  get summary(): OperationSummary {
    const { operation, kind, hash, customers, codes, outcome } = this;
    return { operation, kind, hash, customers, codes, outcome };
  }

  /** Adopts the summary of an equal request. */
  repeat(summary: OperationSummary): void {
    Object.assign(this, summary, { isCached: true });
  }

  #auditEntry(): AuditEntry {
    const { raw, request } = this.#reply;
    const { caller, operation, kind, hash, customers, codes, isCached, budget, counts } = this;
    const isAnswered = (raw.writableFinished || this.isTruncated) && !this.#isCancelled;
    return {
      requestId: request.id,
      caller: caller?.viewer.name ?? null,
      profile: caller?.viewer.profile ?? null,
      operation,
      kind,
      tool: this.tool,
      hash,
      exported: this.exported,
      customers: [...customers].slice(0, maxCustomers),
      customerCount: customers.size,
      calls: budget.made,
      fromCache: counts.fresh,
      stale: counts.stale,
      shared: counts.shared,
      outcome: isAnswered ? (this.outcome ?? outcomeOf(raw.statusCode)) : 'client_closed',
      codes: [...codes],
      status: raw.statusCode,
      responseCached: isCached,
      durationMs: roundMs(performance.now() - this.arrivedAt),
      upstreamMs: roundMs(counts.waitedMs),
    };
  }
}

function endAfterRounds(rounds: number, end: (reason?: symbol) => void, reason?: symbol): void {
  if (rounds === 0) end(reason);
  else setImmediate(endAfterRounds, rounds - 1, end, reason).unref();
}

export function callerOf({ caller }: RequestState): Caller {
  invariant(caller !== null, 'requests are authenticated before they are read');
  return caller;
}

/** Returns the sender's X-Request-Id, which joins both sides' logs, or a new one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}

/** Returns the maximum age by Cache-Control (RFC 9111, 5.2.1), in milliseconds; null for any, 0 if malformed. */
function maxAgeOf(cacheControl: string | undefined): number | null {
  let maxAgeMs: number | null = null;
  for (const directive of cacheControl?.toLowerCase().split(',') ?? []) {
    const [name = '', value = ''] = directive.trim().split('=');
    if (name === 'no-cache' || name === 'no-store') return 0;
    if (name === 'max-age') {
      const seconds = /^"?(\d{1,10})"?$/.exec(value)?.[1] ?? '0';
      maxAgeMs = Math.min(maxAgeMs ?? Infinity, Number(seconds) * 1000);
    }
  }
  return maxAgeMs;
}

function roundMs(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}

/** Returns the outcome of a request without an operation. */
function outcomeOf(status: number): AuditEntry['outcome'] {
  if (status < 400) return 'answered';
  return status === 500 ? 'failed' : 'refused';
}
