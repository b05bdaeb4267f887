/** What a request's headers and connection say of its operation: how fresh, how long, how well explained. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  CallBudget,
  AnswerCounts,
  createScope,
  deadlineReached,
  OutdatedAnswers,
  Provenance,
  type CallObserver,
  type OperationScope,
  type Viewer,
} from '../scope.ts';
import type { OperationRecord } from './audit.ts';

export interface RequestScopeOptions {
  readonly viewer: Viewer;
  /** Calls of the upstream that one operation may make. */
  readonly maxCalls: number;
  /**
   * How long an operation may take. What it still waits for then is an error, and the rest is answered. Infinity for one
   * that goes on for as long as its caller listens.
   */
  readonly timeoutMs: number;
  /** See OperationScope. */
  readonly keepsRows?: boolean;
  readonly clock: () => number;
  /** When the request came, by `performance.now()`. */
  readonly arrivedAt: number;
  readonly requestsInFlight: number;
  /** What is written down of the operation; null where nobody audits. */
  readonly record: OperationRecord | null;
  /** Ends every operation as its deadline does. */
  readonly lastCall: AbortSignal;
}

/**
 * What is kept of an operation's time to put its answer together and send it: the more requests there are, the more of
 * them may come to their end at the same time. Never more than the given share.
 */
const answeringMs = 250;
const answeringMsPerRequest = 1.5;
const largestAnsweringShare = 0.15;

/** The scope of a request's operation; it ends when the time is over or the caller goes away. */
export function createRequestScope(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  observer: CallObserver | null,
  {
    viewer,
    maxCalls,
    timeoutMs,
    clock,
    lastCall,
    arrivedAt,
    requestsInFlight,
    record,
    keepsRows = true,
  }: RequestScopeOptions,
): OperationScope {
  const reserveMs = Math.min(
    answeringMs + answeringMsPerRequest * requestsInFlight,
    largestAnsweringShare * timeoutMs,
  );
  const deadlineAt = arrivedAt + timeoutMs - reserveMs;
  const { scope, end } = createScope(deadlineAt);
  const endInTime = () => {
    end(deadlineReached);
  };
  const leftMs = deadlineAt - performance.now();
  if (leftMs <= 0) endInTime();
  const deadline = leftMs === Infinity ? undefined : setTimeout(endInTime, leftMs);
  lastCall.addEventListener('abort', endInTime);
  reply.raw.once('close', () => {
    clearTimeout(deadline);
    lastCall.removeEventListener('abort', endInTime);
    if (!reply.raw.writableFinished) end();
  });
  const budget = new CallBudget(maxCalls);
  const customersRead = record === null ? null : new Set<string>();
  const counts = new AnswerCounts();
  if (record !== null && customersRead !== null) {
    Object.assign(record, { budget, counts, customers: customersRead });
  }
  return {
    ...scope,
    viewer,
    startedAt: clock(),
    maxAgeMs: maxAgeOf(headers['cache-control']),
    budget,
    customersRead,
    observer,
    counts,
    outdated: new OutdatedAnswers(),
    provenance: new Provenance(),
    keepsRows,
  };
}

/** Whether a request asks for an explanation, by the header `x-explain: true`. */
export function isExplained({ headers }: FastifyRequest): boolean {
  return headers['x-explain'] === 'true';
}

/**
 * The greatest age, in milliseconds, that a request's Cache-Control allows (RFC 9111, 5.2.1); null where it sets none.
 * An age that is none is taken as 0, since whoever names one wants it fresher than usual.
 */
export function maxAgeOf(cacheControl: string | undefined): number | null {
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
