/** Rate limit of each caller: its requests of a minute may be sent at once or spread over it. */
import { TokenBuckets, type Allowance, type Grant } from './token-buckets.ts';

const minuteSeconds = 60;

export class RateLimit {
  readonly #buckets: TokenBuckets;

  /** @param clock in milliseconds */
  constructor(clock: () => number) {
    this.#buckets = new TokenBuckets(clock);
  }

  /** Takes one request of a caller's; returns the seconds left until there is one, 0 if there is. */
  take(caller: string, requestsPerMinute: number): number {
    return secondsLeft(this.#buckets.take(allowanceOf(caller, requestsPerMinute), 1));
  }
}

/** The allowance of a caller for a minute. */
export function allowanceOf(caller: string, requestsPerMinute: number): Allowance {
  return {
    name: `caller ${caller}`,
    max: requestsPerMinute,
    perSecond: requestsPerMinute / minuteSeconds,
  };
}

/** Until a request may be made; 0 if one was granted. */
export function secondsLeft({ granted, waitMs }: Grant): number {
  return granted > 0 ? 0 : Math.max(1, Math.ceil(waitMs / 1000));
}
