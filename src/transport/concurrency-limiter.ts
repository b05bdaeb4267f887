/**
 * How many calls may be under way at once: as many as the upstream bears, which it shows by refusing. Where calls wait,
 * each good answer lets one more go until the first refusal, and each full round of them after that (slow start, then
 * additive increase, multiplicative decrease). Whoever is too many waits in line, and the lines of all operations are served in turn, so
 * that one which needs hundreds of calls does not hold up one that needs a single one. After a 429, all wait; after the
 * longest pause, a single call probes whether the upstream is well again.
 */
import { UpstreamError } from '../errors.ts';
import type { Scope } from '../scope.ts';
import {
  boundedWait,
  cancelledError,
  maxRetryAfterMs,
  retryAfterOf,
  SupersededError,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from './transport.ts';

export interface ConcurrencyLimiterOptions {
  /** Calls under way at once, at most. */
  readonly maxConcurrency: number;
  /** And to begin with. */
  readonly firstCalls?: number;
  /** Calls begun per second, on average; null where no rate is configured. */
  readonly callsPerSecond: number | null;
  /** Counts the rate for all instances of the gateway; null from it where nobody can be asked. */
  readonly requestGrant?: (wanted: number) => Promise<Grant | null>;
  /** Told that the upstream asks to wait, for so many milliseconds. */
  readonly onPause?: (milliseconds: number) => void;
  /** By the clock of `Scope.deadlineAt`. */
  readonly now?: () => number;
  readonly schedule?: (task: () => void, delayMs: number) => void;
}

/** What was granted of a rate; in how long more will be there, where it was less than asked for. */
export interface Grant {
  readonly granted: number;
  readonly waitMs: number;
}

/** What a governor is doing at the moment. */
export interface ConcurrencyLimiterState {
  readonly inFlight: number;
  readonly waiting: number;
  /** Calls that may be under way at once. */
  readonly limit: number;
  /** How much longer all wait, in milliseconds. */
  readonly pausedMs: number;
}

const defaultFirstCalls = 32;
/** More is not asked for at once of a rate that is common to many. */
const maxWanted = 8;
/** For so long a rate is not asked for elsewhere that nobody could be asked for. */
const aloneMs = 1000;
/** The share of the limit that is left when the upstream refuses. */
const decrease = 0.7;
/** Where the upstream does not say how long to wait. */
const pauseMs = 200;

/**
 * Rejects without a call: with UPSTREAM_RATE_LIMITED where the wait would be longer than anybody waits, and with
 * SupersededCall.
 */
export function withConcurrencyLimit(next: Transport, governor: ConcurrencyLimiter): Transport {
  return async (request, scope) => {
    await governor.acquire(request, scope);
    const sentAt = governor.now();
    try {
      // By one whose turn came at the same time.
      if (request.superseded?.aborted) throw new SupersededError();
      const response = await next(request, scope);
      governor.leave(sentAt, response);
      return response;
    } catch (error) {
      governor.leave(sentAt, error instanceof UpstreamError ? error : null);
      throw error;
    }
  };
}

export class ConcurrencyLimiter {
  readonly now: () => number;
  readonly #maxConcurrency: number;
  readonly #callsPerSecond: number | null;
  readonly #requestGrant: ((wanted: number) => Promise<Grant | null>) | null;
  readonly #onPause: (milliseconds: number) => void;
  readonly #schedule: (task: () => void, delayMs: number) => void;
  /** By operation, in the order of their turns. */
  readonly #queues = new Map<object, (() => void)[]>();
  #limit: number;
  #inFlight = 0;
  /** -Infinity until the upstream has refused for the first time. */
  #decreasedAt = -Infinity;
  #pausedUntil = -Infinity;
  /** Whether the next call must go alone; and when such a call went, while it is under way. */
  #isProbeDue = false;
  #probeSentAt: number | null = null;
  #tokens: number;
  #tokensAt: number;
  #isScheduled = false;
  #isAsking = false;
  /** Whether the rate is counted elsewhere at the moment. */
  #isCountedElsewhere: boolean;

  constructor({
    maxConcurrency,
    firstCalls = defaultFirstCalls,
    callsPerSecond,
    requestGrant,
    onPause = () => undefined,
    now,
    schedule,
  }: ConcurrencyLimiterOptions) {
    this.now = now ?? (() => performance.now());
    this.#schedule = schedule ?? ((task, delayMs) => setTimeout(task, delayMs).unref());
    this.#maxConcurrency = maxConcurrency;
    this.#limit = Math.min(firstCalls, maxConcurrency);
    this.#callsPerSecond = callsPerSecond;
    this.#requestGrant = callsPerSecond === null ? null : (requestGrant ?? null);
    this.#isCountedElsewhere = this.#requestGrant !== null;
    this.#onPause = onPause;
    this.#tokens = this.#isCountedElsewhere ? 0 : (callsPerSecond ?? Infinity);
    this.#tokensAt = this.now();
  }

  get state(): ConcurrencyLimiterState {
    return {
      inFlight: this.#inFlight,
      waiting: [...this.#queues.values()].reduce((sum, line) => sum + line.length, 0),
      limit: Math.floor(this.#limit),
      pausedMs: Math.max(0, this.#pausedUntil - this.now()),
    };
  }

  /** Waits as the upstream has asked this instance or another one to, but never longer than `maxRetryAfterMs`. */
  pause(milliseconds: number): void {
    const waitMs = boundedWait(milliseconds) ?? 0;
    if (waitMs >= maxRetryAfterMs) {
      this.#isProbeDue = true;
      this.#probeSentAt = null;
    }
    this.#pausedUntil = Math.max(this.#pausedUntil, this.now() + waitMs);
  }

  /** Resolves when it is this call's turn. */
  async acquire(
    { endpoint, superseded }: TransportRequest,
    { owner, signal, deadlineAt }: Scope,
  ): Promise<void> {
    if (superseded?.aborted) throw new SupersededError();
    if (this.#queues.size === 0 && this.#delayMs() === 0) {
      this.#count();
      return;
    }
    const pauseLeftMs = this.#pausedUntil - this.now();
    if (this.#pausedUntil >= deadlineAt) {
      throw new UpstreamError('UPSTREAM_RATE_LIMITED', 'The upstream has asked to wait. Try again later.', {
        endpoint,
        retryAfterMs: pauseLeftMs,
        notSent: true,
      });
    }
    await new Promise<void>((resolve, reject) => {
      const line = this.#queues.get(owner) ?? [];
      const settle = () => {
        signal.removeEventListener('abort', cancel);
        superseded?.removeEventListener('abort', supersede);
      };
      const release = (reason: Error) => {
        settle();
        line.splice(line.indexOf(enter), 1);
        if (line.length === 0) this.#queues.delete(owner);
        reject(reason);
      };
      const cancel = () => {
        release(cancelledError(endpoint));
      };
      const supersede = () => {
        release(new SupersededError());
      };
      const enter = () => {
        settle();
        resolve();
      };
      if (signal.aborted) {
        reject(cancelledError(endpoint));
        return;
      }
      signal.addEventListener('abort', cancel, { once: true });
      superseded?.addEventListener('abort', supersede, { once: true });
      line.push(enter);
      this.#queues.set(owner, line);
      this.#admit();
    });
  }

  /** A call has ended: with a response, with an error, or with one that says nothing of the upstream. */
  leave(sentAt: number, outcome: TransportResponse | UpstreamError | null): void {
    // Whether it was the limit that others have waited for, and not a pause or a rate.
    const isNeeded = this.#queues.size > 0 && this.#inFlight >= Math.floor(this.#limit);
    this.#inFlight -= 1;
    // One that asks to wait begins another probe, and so does a call that says nothing.
    if (this.#probeSentAt !== null && sentAt >= this.#probeSentAt) {
      this.#probeSentAt = null;
      this.#isProbeDue = !hasProbed(outcome);
    }
    if (outcome !== null) this.#learn(sentAt, outcome, isNeeded);
    this.#admit();
  }

  #learn(sentAt: number, outcome: TransportResponse | UpstreamError, isNeeded: boolean): void {
    const now = this.now();
    const status = outcome instanceof UpstreamError ? null : outcome.status;
    const isTimeout = outcome instanceof UpstreamError && outcome.code === 'UPSTREAM_TIMEOUT';
    if (!(outcome instanceof UpstreamError) && status === 429) {
      const milliseconds = retryAfterOf(outcome) ?? pauseMs;
      this.pause(milliseconds);
      this.#onPause(milliseconds);
    }
    if (status === 429 || status === 503 || isTimeout) {
      // Calls that were sent before the last decrease tell of the time before it.
      if (sentAt < this.#decreasedAt) return;
      this.#limit = Math.max(1, this.#limit * decrease);
      this.#decreasedAt = now;
    } else if (status !== null && isNeeded) {
      const increase = this.#decreasedAt === -Infinity ? 1 : 1 / this.#limit;
      this.#limit = Math.min(this.#maxConcurrency, this.#limit + increase);
    }
  }

  #admit(): void {
    for (const [owner, line] of this.#queues) {
      const delayMs = this.#delayMs();
      if (delayMs > 0) {
        if (delayMs < Infinity) this.#wakeIn(delayMs);
        return;
      }
      const enter = line.shift();
      // To the end of the round.
      this.#queues.delete(owner);
      if (line.length > 0) this.#queues.set(owner, line);
      if (enter === undefined) continue;
      this.#count();
      enter();
    }
  }

  /** How long until another call may begin; Infinity where one that is under way must end first. */
  #delayMs(): number {
    if (this.#inFlight >= Math.floor(this.#limit)) return Infinity;
    const now = this.now();
    if (now < this.#pausedUntil) return this.#pausedUntil - now;
    if (this.#probeSentAt !== null) return Infinity;
    if (this.#callsPerSecond === null) return 0;
    if (this.#isCountedElsewhere) {
      if (this.#tokens >= 1) return 0;
      this.#ask();
      return Infinity;
    }
    const earned = ((now - this.#tokensAt) * this.#callsPerSecond) / 1000;
    this.#tokens = Math.min(Math.max(1, this.#callsPerSecond), this.#tokens + earned);
    this.#tokensAt = now;
    return this.#tokens >= 1 ? 0 : ((1 - this.#tokens) * 1000) / this.#callsPerSecond;
  }

  /** Asks for as many calls as wait, and lets them go when they are granted. */
  #ask(): void {
    if (this.#requestGrant === null || this.#isAsking) return;
    this.#isAsking = true;
    const wanted = Math.min(maxWanted, Math.max(1, this.state.waiting));
    void this.#requestGrant(wanted)
      .catch(() => null)
      .then((grant) => {
        if (grant === null) {
          // Alone, by the rate of one; asked again when a second's worth of it is used up.
          this.#isCountedElsewhere = false;
          this.#tokensAt = this.now();
          this.#schedule(() => (this.#isCountedElsewhere = true), aloneMs);
        } else this.#tokens += grant.granted;
        const delayMs = grant === null || grant.granted > 0 ? 0 : (boundedWait(grant.waitMs) ?? aloneMs);
        this.#schedule(() => {
          this.#isAsking = false;
          this.#admit();
        }, delayMs);
      });
  }

  #count(): void {
    if (this.#isProbeDue) {
      this.#isProbeDue = false;
      this.#probeSentAt = this.now();
    }
    this.#inFlight += 1;
    this.#tokens -= 1;
  }

  #wakeIn(delayMs: number): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(() => {
      this.#isScheduled = false;
      this.#admit();
    }, Math.ceil(delayMs));
  }
}

/** Whether an outcome shows that the upstream does not ask to wait any more, or fails for another reason. */
function hasProbed(outcome: TransportResponse | UpstreamError | null): boolean {
  if (outcome === null) return false;
  if (!(outcome instanceof UpstreamError)) return outcome.status !== 429;
  return outcome.code !== 'REQUEST_CANCELLED' && outcome.details.notSent !== true;
}
