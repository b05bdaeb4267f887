/**
 * Retries transient failures, which is safe because all calls only read. Exponential backoff with full jitter, never
 * before Retry-After or after the deadline. A retry budget keeps retries from making an outage worse.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { UpstreamError, type UpstreamErrorCode } from '../errors.ts';
import type { Scope } from '../scope.ts';
import { awaitRepetition } from './single-flight.ts';
import { boundedWait, asNotSent } from './transport.ts';

export interface RetryOptions {
  /** Maximum per call; 0 disables retries. */
  readonly maxRetries: number;
  /** From 0 up to but not including 1. */
  readonly random?: () => number;
  /** By the clock of `Scope.deadlineAt`. */
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Makes a call with retries. Rejects with the UpstreamError of the last attempt, without a call if an equal call has
 * just failed and the budget is exhausted.
 *
 * @param key equal for equal calls
 * @param mayRetry checked last before each retry
 */
export type Retry = <Answer>(
  key: string,
  attempt: () => Promise<Answer>,
  scope: Scope,
  mayRetry: () => boolean,
) => Promise<Answer>;

const transientCodes = new Set<UpstreamErrorCode>([
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_RATE_LIMITED',
  // Torn responses. A permanently invalid response costs a few retries unless marked `isPermanent`.
  'UPSTREAM_INVALID_RESPONSE',
]);

const firstBackoffMs = 100;
const maxBackoffMs = 5000;

/** Retries earned per call. */
const earned = 0.2;
/** Maximum and initial budget. */
const maxSaved = 10;
/** An equal call within this time after a failure counts as a retry. */
const failureLifeMs = 3000;

interface RecentFailure {
  readonly error: UpstreamError;
  readonly failedAt: number;
  /** Whether the budget was charged for this failure: once, not again for each new caller. */
  isCharged: boolean;
}

export function createRetry({
  maxRetries,
  random = Math.random,
  now = () => performance.now(),
  sleep = (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
}: RetryOptions): Retry {
  let saved = maxSaved;
  /** Recent failures, oldest first. */
  const failures = new Map<string, RecentFailure>();

  function removeOldFailures(): void {
    for (const [key, { failedAt }] of failures) {
      if (now() - failedAt < failureLifeMs) return;
      failures.delete(key);
    }
  }

  function recordFailure(key: string, error: UpstreamError): RecentFailure {
    const failure = { error: asNotSent(error), failedAt: now(), isCharged: false };
    failures.delete(key);
    failures.set(key, failure);
    return failure;
  }

  /** Charges the budget for a failure once; false if it is exhausted. */
  function charge(failure: RecentFailure): boolean {
    if (failure.isCharged) return true;
    if (saved < 1) return false;
    saved -= 1;
    failure.isCharged = true;
    return true;
  }

  /** Charges a call that repeats a recent failure; throws if the budget is exhausted. */
  function begin(key: string): { readonly isRepetition: boolean } {
    removeOldFailures();
    const failure = failures.get(key);
    if (failure === undefined) return { isRepetition: false };
    if (!charge(failure)) throw failure.error;
    return { isRepetition: true };
  }

  function earn(): void {
    saved = Math.min(maxSaved, saved + earned);
  }

  return async (key, attempt, scope, mayRetry) => {
    const { isRepetition } = begin(key);
    for (let retry = 1; ; retry++) {
      const isFirst = retry === 1 && !isRepetition;
      try {
        const answer = await attempt();
        if (isFirst) earn();
        failures.delete(key);
        return answer;
      } catch (error) {
        if (!(error instanceof UpstreamError) || error.details.notSent) throw error;
        if (isFirst) earn();
        if (!transientCodes.has(error.code) || error.details.isPermanent === true) throw error;
        const failure = recordFailure(key, error);
        if (retry > maxRetries || scope.signal.aborted) throw error;
        const backoffMs = random() * Math.min(maxBackoffMs, firstBackoffMs * 2 ** (retry - 1));
        const delayMs = backoffMs + (boundedWait(error.details.retryAfterMs ?? 0) ?? 0);
        if (now() + delayMs >= scope.deadlineAt || saved < 1 || !mayRetry()) throw error;
        charge(failure);
        const start = awaitRepetition(scope);
        try {
          await sleep(delayMs, scope.signal);
        } catch {
          // The call was cancelled.
          throw error;
        } finally {
          start();
        }
      }
    }
  };
}
