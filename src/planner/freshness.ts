/** How long an answer kept in memory is good, and for whom: a rule on times, without a clock of its own. */
import type { OperationScope } from '../scope.ts';

/** All in milliseconds, from the moment the call was sent. */
export interface Lifetime {
  /** How long rows, pages and lengths are fresh. */
  readonly freshMs: number;
  /** How long it is remembered that a row does not exist. */
  readonly absentMs: number;
  /** How much longer they are served while one call renews them. */
  readonly staleWhileRevalidateMs: number;
  /** How much longer they are served where the upstream fails. */
  readonly staleIfErrorMs: number;
}

/** `stale` may be served, and is to be renewed. */
export type Freshness = 'fresh' | 'stale' | 'expired';

/** When an answer may be used: `next` in the usual course, `last-resort` where the upstream has just failed. */
export type Occasion = 'usual' | 'last-resort';

export function freshnessOf(
  kept: { readonly sentAt: number; readonly kind: 'present' | 'absent' },
  lifetime: Lifetime,
  { startedAt, maxAgeMs }: Pick<OperationScope, 'startedAt' | 'maxAgeMs'>,
  occasion: Occasion,
): Freshness {
  // What was asked after the operation began is as fresh as anything it could ask for itself.
  if (kept.sentAt >= startedAt) return 'fresh';
  const ageMs = startedAt - kept.sentAt;
  if (maxAgeMs !== null && ageMs > maxAgeMs) return 'expired';
  const freshMs = freshMsOf(kept.kind, lifetime);
  if (ageMs <= freshMs) return 'fresh';
  const graceMs = occasion === 'usual' ? lifetime.staleWhileRevalidateMs : lifetime.staleIfErrorMs;
  return ageMs <= freshMs + graceMs ? 'stale' : 'expired';
}

/** When something in memory ceases to be fresh for whoever leaves that to the settings. */
export function goodUntil(
  { sentAt, kind }: { readonly sentAt: number; readonly kind: 'present' | 'absent' },
  lifetime: Lifetime,
): number {
  return sentAt + freshMsOf(kind, lifetime);
}

function freshMsOf(kind: 'present' | 'absent', { freshMs, absentMs }: Lifetime): number {
  return kind === 'present' ? freshMs : absentMs;
}
