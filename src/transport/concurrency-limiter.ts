/**
 * Adaptive concurrency limit, learned from the upstream's 429s: slow start until the first, then additive increase and
 * multiplicative decrease. Operations' queues are served round-robin, so an operation with hundreds of calls does not
 * delay one with a single call. After a 429 all calls wait; after the maximum pause, a single call probes the upstream.
 */
import { UpstreamError } from '../errors.ts';
import type { Scope } from '../scope.ts';
import type { TokenGrant } from '../tokens.ts';
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
  /** Maximum calls in flight. */
  readonly maxConcurrency: number;
  /** Initial limit. */
  readonly firstCalls?: number;
  /** Average rate of calls; null for no limit. */
  readonly callsPerSecond: number | null;
  /** Requests tokens of the fleet's rate; resolves to null if the fleet is unavailable. */
  readonly requestGrant?: (wanted: number) => Promise<TokenGrant | null>;
  /** Called with the milliseconds that the upstream asks to wait. */
  readonly onPause?: (milliseconds: number) => void;
  /** By the clock of `Scope.deadlineAt`. */
  readonly now?: () => number;
  readonly schedule?: (task: () => void, delayMs: number) => void;
}

export interface ConcurrencyLimiterState {
  readonly inFlight: number;
  readonly waiting: number;
  /** Current maximum of calls in flight. */
  readonly limit: number;
  /** Remaining pause in milliseconds. */
  readonly pausedMs: number;
}

const defaultFirstCalls = 32;
/** Maximum tokens per request of the fleet's rate. */
const maxWanted = 8;
/** Time without the fleet's rate after the fleet was unavailable. */
const fallbackMs = 1000;
/** Factor of the limit after a 429. */
const decrease = 0.7;
/** Pause after a 429 without Retry-After. */
const pauseMs = 200;

/**
 * Rejects without a call: with UPSTREAM_RATE_LIMITED if the wait would exceed the deadline, and with SupersededError.
 */
export function withConcurrencyLimit(next: Transport, limiter: ConcurrencyLimiter): Transport {
  return async (request, scope) => {
    await limiter.acquire(request, scope);
    const sentAt = limiter.now();
    try {
      // A call admitted in the same tick may have superseded this one.
      if (request.superseded?.aborted) throw new SupersededError();
      const response = await next(request, scope);
      limiter.release(sentAt, response);
      return response;
    } catch (error) {
      limiter.release(sentAt, error instanceof UpstreamError ? error : null);
      throw error;
    }
  };
}

export class ConcurrencyLimiter {
  readonly now: () => number;
  readonly #maxConcurrency: number;
  readonly #callsPerSecond: number | null;
  readonly #requestGrant: ((wanted: number) => Promise<TokenGrant | null>) | null;
  readonly #onPause: (milliseconds: number) => void;
  readonly #schedule: (task: () => void, delayMs: number) => void;
  /** By operation, in round-robin order. */
  readonly #queues = new Map<object, (() => void)[]>();
  #limit: number;
  #inFlight = 0;
  /** -Infinity until the first 429. */
  #decreasedAt = -Infinity;
  #pausedUntil = -Infinity;
  /** Whether the next call is a probe, and when the probe in flight was sent. */
  #isProbeDue = false;
  #probeSentAt: number | null = null;
  #tokens: number;
  #tokensAt: number;
  #isScheduled = false;
  #isRequesting = false;
  /** Whether the rate is currently counted by `requestGrant`. */
  #usesFleetRate: boolean;

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
    this.#usesFleetRate = this.#requestGrant !== null;
    this.#onPause = onPause;
    this.#tokens = this.#usesFleetRate ? 0 : (callsPerSecond ?? Infinity);
    this.#tokensAt = this.now();
  }

  get state(): ConcurrencyLimiterState {
    return {
      inFlight: this.#inFlight,
      waiting: [...this.#queues.values()].reduce((sum, queue) => sum + queue.length, 0),
      limit: Math.floor(this.#limit),
      pausedMs: Math.max(0, this.#pausedUntil - this.now()),
    };
  }

  /** Pauses all calls for as long as the upstream asks, up to `maxRetryAfterMs`. */
  pause(milliseconds: number): void {
    const waitMs = boundedWait(milliseconds) ?? 0;
    if (waitMs >= maxRetryAfterMs) {
      this.#isProbeDue = true;
      this.#probeSentAt = null;
    }
    this.#pausedUntil = Math.max(this.#pausedUntil, this.now() + waitMs);
  }

  /** Resolves when the call may be sent. */
  async acquire(
    { endpoint, superseded }: TransportRequest,
    { owner, signal, deadlineAt }: Scope,
  ): Promise<void> {
    if (superseded?.aborted) throw new SupersededError();
    if (this.#queues.size === 0 && this.#delayMs() === 0) {
      this.#start();
      return;
    }
    const pauseLeftMs = this.#pausedUntil - this.now();
    if (this.#pausedUntil >= deadlineAt) {
      throw new UpstreamError('UPSTREAM_RATE_LIMITED', 'The upstream is throttling calls. Try again later.', {
        endpoint,
        retryAfterMs: pauseLeftMs,
        notSent: true,
      });
    }
    await new Promise<void>((resolve, reject) => {
      const queue = this.#queues.get(owner) ?? [];
      const cleanUp = () => {
        signal.removeEventListener('abort', cancel);
        superseded?.removeEventListener('abort', supersede);
      };
      const leaveQueue = (reason: Error) => {
        cleanUp();
        queue.splice(queue.indexOf(enter), 1);
        if (queue.length === 0) this.#queues.delete(owner);
        reject(reason);
      };
      const cancel = () => {
        leaveQueue(cancelledError(endpoint));
      };
      const supersede = () => {
        leaveQueue(new SupersededError());
      };
      const enter = () => {
        cleanUp();
        resolve();
      };
      if (signal.aborted) {
        reject(cancelledError(endpoint));
        return;
      }
      signal.addEventListener('abort', cancel, { once: true });
      superseded?.addEventListener('abort', supersede, { once: true });
      queue.push(enter);
      this.#queues.set(owner, queue);
      this.#admit();
    });
  }

  /** Records the end of a call; a null outcome shows nothing about the upstream. */
  release(sentAt: number, outcome: TransportResponse | UpstreamError | null): void {
    // Whether the limit, not a pause or a rate, makes calls wait.
    const isNeeded = this.#queues.size > 0 && this.#inFlight >= Math.floor(this.#limit);
    this.#inFlight -= 1;
    // A 429, or a call without an outcome, starts another probe.
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
      // Calls sent before the last decrease show nothing about the new limit.
      if (sentAt < this.#decreasedAt) return;
      this.#limit = Math.max(1, this.#limit * decrease);
      this.#decreasedAt = now;
    } else if (status !== null && isNeeded) {
      const increase = this.#decreasedAt === -Infinity ? 1 : 1 / this.#limit;
      this.#limit = Math.min(this.#maxConcurrency, this.#limit + increase);
    }
  }

  #admit(): void {
    for (const [owner, queue] of this.#queues) {
      const delayMs = this.#delayMs();
      if (delayMs > 0) {
        if (delayMs < Infinity) this.#wakeIn(delayMs);
        return;
      }
      const enter = queue.shift();
      // Moves the operation to the end of the round.
      this.#queues.delete(owner);
      if (queue.length > 0) this.#queues.set(owner, queue);
      if (enter === undefined) continue;
      this.#start();
      enter();
    }
  }

  /** Time until another call may start; Infinity if a call in flight must end first. */
  #delayMs(): number {
    if (this.#inFlight >= Math.floor(this.#limit)) return Infinity;
    const now = this.now();
    if (now < this.#pausedUntil) return this.#pausedUntil - now;
    if (this.#probeSentAt !== null) return Infinity;
    if (this.#callsPerSecond === null) return 0;
    if (this.#usesFleetRate) {
      if (this.#tokens >= 1) return 0;
      this.#requestTokens();
      return Infinity;
    }
    const earned = ((now - this.#tokensAt) * this.#callsPerSecond) / 1000;
    this.#tokens = Math.min(Math.max(1, this.#callsPerSecond), this.#tokens + earned);
    this.#tokensAt = now;
    return this.#tokens >= 1 ? 0 : ((1 - this.#tokens) * 1000) / this.#callsPerSecond;
  }

  /** Requests tokens for the waiting calls, and admits calls once they are granted. */
  #requestTokens(): void {
    if (this.#requestGrant === null || this.#isRequesting) return;
    this.#isRequesting = true;
    const wanted = Math.min(maxWanted, Math.max(1, this.state.waiting));
    void this.#requestGrant(wanted)
      .catch(() => null)
      .then((grant) => {
        if (grant === null) {
          // This instance counts the rate until the next request.
          this.#usesFleetRate = false;
          this.#tokensAt = this.now();
          this.#schedule(() => (this.#usesFleetRate = true), fallbackMs);
        } else this.#tokens += grant.granted;
        const delayMs = grant === null || grant.granted > 0 ? 0 : (boundedWait(grant.waitMs) ?? fallbackMs);
        this.#schedule(() => {
          this.#isRequesting = false;
          this.#admit();
        }, delayMs);
      });
  }

  #start(): void {
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

/** Whether an outcome shows that the upstream no longer asks to wait. */
function hasProbed(outcome: TransportResponse | UpstreamError | null): boolean {
  if (outcome === null) return false;
  if (!(outcome instanceof UpstreamError)) return outcome.status !== 429;
  return outcome.code !== 'REQUEST_CANCELLED' && outcome.details.notSent !== true;
}
