/**
 * Repeats calls that failed for a passing reason: all calls of this API only read, so that repeating them is safe. With
 * exponential backoff and full jitter, never before the upstream said, never past the moment when nobody waits any more,
 * and only as far as a budget reaches, so that an outage is not made worse.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { UpstreamError, type UpstreamErrorCode } from '../errors.ts';
import type { Scope } from '../scope.ts';

export interface RetryOptions {
  /** Of one call; 0 repeats nothing. */
  readonly maxRetries: number;
  /** From 0 up to but not including 1. */
  readonly random?: () => number;
  /** By the clock of `Scope.deadlineAt`. */
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Makes a call, and again where that may help. Rejects with the UpstreamError of the last attempt.
 *
 * @param mayRetry asked before each repetition, last of all
 */
export type Retry = <Answer>(
  attempt: () => Promise<Answer>,
  scope: Scope,
  mayRetry: () => boolean,
) => Promise<Answer>;

const passing = new Set<UpstreamErrorCode>([
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_RATE_LIMITED',
  // A torn answer; one that can't ever be understood costs a few repetitions.
  'UPSTREAM_INVALID_RESPONSE',
]);

const firstBackoffMs = 100;
const longestBackoffMs = 5000;

/** Each call earns this part of a repetition. */
const earned = 0.2;
/** What a quiet time can save up, and what there is to begin with. */
const mostSaved = 10;

export function createRetry({
  maxRetries,
  random = Math.random,
  now = () => performance.now(),
  sleep = (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
}: RetryOptions): Retry {
  let saved = mostSaved;

  return async (attempt, scope, mayRetry) => {
    saved = Math.min(mostSaved, saved + earned);
    for (let retry = 1; ; retry++) {
      try {
        return await attempt();
      } catch (error) {
        const isPassing = error instanceof UpstreamError && passing.has(error.code);
        if (!isPassing || error.details.wasNotCalled || retry > maxRetries || scope.signal.aborted)
          throw error;
        const backoffMs = random() * Math.min(longestBackoffMs, firstBackoffMs * 2 ** (retry - 1));
        const delayMs = backoffMs + (error.details.retryAfterMs ?? 0);
        if (now() + delayMs >= scope.deadlineAt || saved < 1 || !mayRetry()) throw error;
        saved -= 1;
        try {
          await sleep(delayMs, scope.signal);
        } catch {
          // Nobody waits any more.
          throw error;
        }
      }
    }
  };
}
