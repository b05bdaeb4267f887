/** How often each caller may ask: as often as its minute allows, all at once or spread over it (a token bucket). */

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Callers that have not asked for a minute have a full bucket again, and are forgotten. */
const minuteMs = 60_000;

export class RateLimit {
  readonly #clock: () => number;
  readonly #buckets = new Map<string, Bucket>();
  #sweptAt = 0;

  /** @param clock in milliseconds */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Takes one request of a caller's; how many seconds are left until there is one, 0 where there is. */
  take(caller: string, requestsPerMinute: number): number {
    const now = this.#clock();
    this.#sweep(now);
    const bucket = this.#buckets.get(caller) ?? { tokens: requestsPerMinute, filledAt: now };
    this.#buckets.set(caller, bucket);
    const earned = ((now - bucket.filledAt) / minuteMs) * requestsPerMinute;
    bucket.tokens = Math.min(requestsPerMinute, bucket.tokens + Math.max(0, earned));
    bucket.filledAt = now;
    if (bucket.tokens < 1) return Math.ceil((((1 - bucket.tokens) / requestsPerMinute) * minuteMs) / 1000);
    bucket.tokens -= 1;
    return 0;
  }

  #sweep(now: number): void {
    if (now - this.#sweptAt < minuteMs) return;
    this.#sweptAt = now;
    for (const [caller, { filledAt }] of this.#buckets) {
      if (now - filledAt >= minuteMs) this.#buckets.delete(caller);
    }
  }
}
