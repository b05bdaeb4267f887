/** Tokens of a rate limit: each request or upstream call takes one. */

/** A token bucket, refilled at a constant rate. */
export interface Allowance {
  /** Unique name of the bucket. */
  readonly name: string;
  readonly max: number;
  readonly perSecond: number;
}

/** Tokens granted and, if fewer than requested, milliseconds until more are available. */
export interface TokenGrant {
  readonly granted: number;
  readonly waitMs: number;
}

/** Takes tokens from the fleet's bucket; resolves to null if it is unavailable. */
export type TakeFleetTokens = (allowance: Allowance, requested: number) => Promise<TokenGrant | null>;
