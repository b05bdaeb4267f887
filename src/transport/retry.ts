/**
 * Repeats calls that failed for a transient reason: all calls of this API only read, so that repeating them is safe. With
 * exponential backoff and full jitter, never before the upstream said, never after the last waiter has gone,
 * and only as far as a budget reaches, so that an outage is not made worse.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { UpstreamError, type UpstreamErrorCode } from '../errors.ts';
import type { Scope } from '../scope.ts';
import { awaitRepetition } from './single-flight.ts';
import { boundedWait, asNotSent } from './transport.ts';

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
 * Makes a call, and repeats it if that may help. Rejects with the UpstreamError of the last attempt; for a call that has
 * failed a moment ago, for any caller, possibly without another attempt.
 *
 * @param key what makes the call equal to another one
 * @param mayRetry asked before each repetition, last of all
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
  // A torn answer; one that can't ever be understood costs a few repetitions, unless `isPermanent`.
  'UPSTREAM_INVALID_RESPONSE',
]);

const firstBackoffMs = 100;
const maxBackoffMs = 5000;

/** Each call earns this part of a repetition. */
const earned = 0.2;
/** What a quiet time can save up, and what there is to begin with. */
const maxSaved = 10;
/** Who asks within this time for what has just failed asks for a repetition. */
const failureLifeMs = 3000;

interface Failure {
  readonly error: UpstreamError;
  readonly failedAt: number;
  /** Whether the budget was charged for a call after it: one failure costs one repetition, not one for each newcomer. */
  isCharged: boolean;
}

export function createRetry({
  maxRetries,
  random = Math.random,
  now = () => performance.now(),
  sleep = (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
}: RetryOptions): Retry {
  let saved = maxSaved;
  /** Those of the last moments, the oldest first. */
  const failures = new Map<string, Failure>();

  function forgetOldFailures(): void {
    for (const [key, { failedAt }] of failures) {
      if (now() - failedAt < failureLifeMs) return;
      failures.delete(key);
    }
  }

  function rememberFailure(key: string, error: UpstreamError): Failure {
    const failure = { error: asNotSent(error), failedAt: now(), isCharged: false };
    failures.delete(key);
    failures.set(key, failure);
    return failure;
  }

  /** Charges the budget for a repetition after this failure, once; false if it can't be afforded. */
  function charge(failure: Failure): boolean {
    if (failure.isCharged) return true;
    if (saved < 1) return false;
    saved -= 1;
    failure.isCharged = true;
    return true;
  }

  /** Charges a call that repeats what has just failed; throws if that can't be afforded. */
  function begin(key: string): { readonly isRepetition: boolean } {
    forgetOldFailures();
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
        const failure = rememberFailure(key, error);
        if (retry > maxRetries || scope.signal.aborted) throw error;
        const backoffMs = random() * Math.min(maxBackoffMs, firstBackoffMs * 2 ** (retry - 1));
        const delayMs = backoffMs + (boundedWait(error.details.retryAfterMs ?? 0) ?? 0);
        if (now() + delayMs >= scope.deadlineAt || saved < 1 || !mayRetry()) throw error;
        charge(failure);
        const start = awaitRepetition(scope);
        try {
          await sleep(delayMs, scope.signal);
        } catch {
          // Every caller has gone.
          throw error;
        } finally {
          start();
        }
      }
    }
  };
}
