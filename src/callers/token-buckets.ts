/** Token buckets by name, refilled at a constant rate. */
import type { Allowance, TokenGrant } from '../tokens.ts';

interface Bucket {
  tokens: number;
  filledAt: number;
  /** Time when the bucket is full again and can be removed. */
  fullAt: number;
}

const sweepMs = 60_000;
/** Rounding must not deny a token to a caller that has waited for it. */
const tolerance = 1e-9;

export class TokenBuckets {
  readonly #clock: () => number;
  readonly #buckets = new Map<string, Bucket>();
  #sweptAt = 0;

  /** @param clock in milliseconds */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  take({ name, max, perSecond }: Allowance, requested: number): TokenGrant {
    const now = this.#clock();
    this.#sweep(now);
    const perMs = perSecond / 1000;
    const bucket = this.#buckets.get(name) ?? { tokens: max, filledAt: now, fullAt: now };
    this.#buckets.set(name, bucket);
    bucket.tokens = Math.min(max, bucket.tokens + Math.max(0, now - bucket.filledAt) * perMs);
    const granted = Math.min(requested, Math.floor(bucket.tokens + tolerance));
    bucket.tokens -= granted;
    bucket.filledAt = now;
    bucket.fullAt = now + (max - bucket.tokens) / perMs;
    return { granted, waitMs: granted < requested ? Math.max(0, 1 - bucket.tokens) / perMs : 0 };
  }

  #sweep(now: number): void {
    if (Math.abs(now - this.#sweptAt) < sweepMs) return;
    this.#sweptAt = now;
    for (const [name, { fullAt }] of this.#buckets) if (now >= fullAt) this.#buckets.delete(name);
  }
}
