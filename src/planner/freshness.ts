/** Freshness of cached entries: a rule on times, without a clock. */
import type { OperationScope } from '../scope.ts';

/** Durations in milliseconds, counted from the moment the call was sent. */
export interface Lifetime {
  readonly freshMs: number;
  readonly absentMs: number;
  /** Additional time in which stale entries are served while one call revalidates them. */
  readonly staleWhileRevalidateMs: number;
  /** Additional time in which stale entries are served if a call fails or is no longer allowed. */
  readonly staleIfErrorMs: number;
}

/** A cached entry: rows, a page or a length (`present`), or an absence (`absent`). */
export interface Cached {
  readonly sentAt: number;
  readonly kind: 'present' | 'absent';
}

/** `stale` entries may be served and are revalidated. */
export type Freshness = 'fresh' | 'stale' | 'expired';

export type UsableFreshness = Exclude<Freshness, 'expired'>;

/** `if-error` applies after the upstream has failed. */
export type ReadMode = 'normal' | 'if-error';

export function freshnessOf(
  { sentAt, kind }: Cached,
  lifetime: Lifetime,
  { startedAt, maxAgeMs }: Pick<OperationScope, 'startedAt' | 'maxAgeMs'>,
  readMode: ReadMode,
): Freshness {
  // An entry requested after the operation began is as fresh as a new call.
  if (sentAt >= startedAt) return 'fresh';
  const ageMs = startedAt - sentAt;
  if (maxAgeMs !== null && ageMs > maxAgeMs) return 'expired';
  const freshMs = freshMsOf(kind, lifetime);
  if (ageMs <= freshMs) return 'fresh';
  const graceMs = readMode === 'normal' ? lifetime.staleWhileRevalidateMs : lifetime.staleIfErrorMs;
  return ageMs <= freshMs + graceMs ? 'stale' : 'expired';
}

/** End of an entry's freshness under the configured lifetimes. */
export function goodUntil({ sentAt, kind }: Cached, lifetime: Lifetime): number {
  return sentAt + freshMsOf(kind, lifetime);
}

function freshMsOf(kind: Cached['kind'], { freshMs, absentMs }: Lifetime): number {
  return kind === 'present' ? freshMs : absentMs;
}
