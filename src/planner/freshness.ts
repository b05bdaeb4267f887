/** How long a cached answer may be used, and by whom: a rule on times, without a clock of its own. */
import type { OperationScope } from '../scope.ts';

/** All in milliseconds, from the moment the call was sent. */
export interface Lifetime {
  /** How long rows, pages and lengths are fresh. */
  readonly freshMs: number;
  /** How long it is cached that a row does not exist. */
  readonly absentMs: number;
  /** How much longer they are served while one call renews them. */
  readonly staleWhileRevalidateMs: number;
  /** How much longer they are served if the upstream fails. */
  readonly staleIfErrorMs: number;
}

/** Something cached: rows, a page, a length (present), or that a row does not exist (absent). */
export interface Cached {
  readonly sentAt: number;
  readonly kind: 'present' | 'absent';
}

/** `stale` may be served, and is to be renewed. */
export type Freshness = 'fresh' | 'stale' | 'expired';

export type UsableFreshness = Exclude<Freshness, 'expired'>;

/** When a cached answer may be used: `if-error` when the upstream has just failed. */
export type ReadMode = 'normal' | 'if-error';

export function freshnessOf(
  { sentAt, kind }: Cached,
  lifetime: Lifetime,
  { startedAt, maxAgeMs }: Pick<OperationScope, 'startedAt' | 'maxAgeMs'>,
  occasion: ReadMode,
): Freshness {
  // What was asked after the operation began is as fresh as anything it could ask for itself.
  if (sentAt >= startedAt) return 'fresh';
  const ageMs = startedAt - sentAt;
  if (maxAgeMs !== null && ageMs > maxAgeMs) return 'expired';
  const freshMs = freshMsOf(kind, lifetime);
  if (ageMs <= freshMs) return 'fresh';
  const graceMs = occasion === 'normal' ? lifetime.staleWhileRevalidateMs : lifetime.staleIfErrorMs;
  return ageMs <= freshMs + graceMs ? 'stale' : 'expired';
}

/** When something cached ceases to be fresh for those who leave that to the settings. */
export function goodUntil({ sentAt, kind }: Cached, lifetime: Lifetime): number {
  return sentAt + freshMsOf(kind, lifetime);
}

function freshMsOf(kind: Cached['kind'], { freshMs, absentMs }: Lifetime): number {
  return kind === 'present' ? freshMs : absentMs;
}
