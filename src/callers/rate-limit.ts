/** Rate limit per caller: a minute's requests may be sent at once or spread over it. */
import type { Allowance, TokenGrant } from '../tokens.ts';
import { TokenBuckets } from './token-buckets.ts';

const minuteSeconds = 60;

export class RateLimit {
  readonly #buckets: TokenBuckets;

  /** @param clock in milliseconds */
  constructor(clock: () => number) {
    this.#buckets = new TokenBuckets(clock);
  }

  /** Takes one token; returns the seconds until one is available, 0 if it was granted. */
  take(caller: string, requestsPerMinute: number): number {
    return secondsLeft(this.#buckets.take(allowanceOf(caller, requestsPerMinute), 1));
  }
}

export function allowanceOf(caller: string, requestsPerMinute: number): Allowance {
  return {
    name: `caller ${caller}`,
    max: requestsPerMinute,
    perSecond: requestsPerMinute / minuteSeconds,
  };
}

/** Seconds until a request may be sent; 0 if it was granted. */
export function secondsLeft({ granted, waitMs }: TokenGrant): number {
  return granted > 0 ? 0 : Math.max(1, Math.ceil(waitMs / 1000));
}
