/** Token buckets by name: each has a capacity and is refilled at a constant rate. */

/** Capacity of a bucket and its rate of refill. */
export interface Allowance {
  /** Distinguishes it from all others. */
  readonly name: string;
  readonly max: number;
  readonly perSecond: number;
}

/** The amount granted, and the wait for more in milliseconds if it is less than requested. */
export interface Grant {
  readonly granted: number;
  readonly waitMs: number;
}

/** Takes from an allowance that several instances share; resolves to null if it is unavailable. */
export type TakeOfAll = (allowance: Allowance, wanted: number) => Promise<Grant | null>;

interface Bucket {
  tokens: number;
  filledAt: number;
  /** When it is full again, and as good as forgotten. */
  fullAt: number;
}

const sweepMs = 60_000;
/** Rounding must not keep a token from a caller that has waited for it. */
const tolerance = 1e-9;

export class TokenBuckets {
  readonly #clock: () => number;
  readonly #buckets = new Map<string, Bucket>();
  #sweptAt = 0;

  /** @param clock in milliseconds */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  take({ name, max, perSecond }: Allowance, wanted: number): Grant {
    const now = this.#clock();
    this.#sweep(now);
    const perMs = perSecond / 1000;
    const bucket = this.#buckets.get(name) ?? { tokens: max, filledAt: now, fullAt: now };
    this.#buckets.set(name, bucket);
    bucket.tokens = Math.min(max, bucket.tokens + Math.max(0, now - bucket.filledAt) * perMs);
    const granted = Math.min(wanted, Math.floor(bucket.tokens + tolerance));
    bucket.tokens -= granted;
    bucket.filledAt = now;
    bucket.fullAt = now + (max - bucket.tokens) / perMs;
    return { granted, waitMs: granted < wanted ? Math.max(0, 1 - bucket.tokens) / perMs : 0 };
  }

  #sweep(now: number): void {
    if (Math.abs(now - this.#sweptAt) < sweepMs) return;
    this.#sweptAt = now;
    for (const [name, { fullAt }] of this.#buckets) if (now >= fullAt) this.#buckets.delete(name);
  }
}
