/** Comparison of a user between two readings of a tenant, and counts of the changes. */
import { foldName } from '../fold.ts';
import type { ProtectionState, UserStatus } from '../model.ts';

type ChangeKind =
  /** Listed now, but not before. */
  | 'APPEARED'
  /** No longer a user of the tenant. */
  | 'GONE'
  /** Still a user of the tenant, but no longer matched by the list's filter. */
  | 'NO_LONGER_MATCHES'
  | 'LESS_PROTECTED'
  | 'MORE_PROTECTED'
  /** Blocked from signing in but still protected, as of now. */
  | 'BLOCKED_BUT_PROTECTED';

interface ShownUser {
  readonly userId: string;
  readonly displayName: string | null;
  readonly userPrincipalName: string | null;
  readonly mail: string | null;
}

export interface UserBefore extends ShownUser {
  readonly state: ProtectionState;
  readonly isBlocked: boolean;
}

export interface UserNow extends UserBefore {
  /** Whether the list's filter matches. */
  readonly isListed: boolean;
}

export interface Change extends ShownUser {
  readonly change: ChangeKind;
  /** Whether a blocked but protected user is new since the earlier list; null for other changes. */
  readonly isNew: boolean | null;
  /** Null for a user who was not in the earlier list. */
  readonly before: ProtectionState | null;
  /** Null for a user who is gone. */
  readonly now: ProtectionState | null;
}

/** Counts of compared tenants. `usersNow` is `usersBefore + appeared - gone - noLongerMatching`. */
export interface ChangeCounts {
  usersBefore: number;
  usersNow: number;
  appeared: number;
  gone: number;
  noLongerMatching: number;
  lessProtected: number;
  moreProtected: number;
  blockedButProtected: number;
  /** Part of `blockedButProtected` that is new since the earlier list. */
  newlyBlockedButProtected: number;
}

export function noChanges(): ChangeCounts {
  return {
    usersBefore: 0,
    usersNow: 0,
    appeared: 0,
    gone: 0,
    noLongerMatching: 0,
    lessProtected: 0,
    moreProtected: 0,
    blockedButProtected: 0,
    newlyBlockedButProtected: 0,
  };
}

const counterOf = {
  APPEARED: 'appeared',
  GONE: 'gone',
  NO_LONGER_MATCHES: 'noLongerMatching',
  LESS_PROTECTED: 'lessProtected',
  MORE_PROTECTED: 'moreProtected',
  BLOCKED_BUT_PROTECTED: 'blockedButProtected',
} as const satisfies Readonly<Record<ChangeKind, keyof ChangeCounts>>;

function countChange(counts: ChangeCounts, { change, isNew }: Change): void {
  counts[counterOf[change]] += 1;
  if (isNew === true) counts.newlyBlockedButProtected += 1;
}

export function addCounts(sum: ChangeCounts, counts: ChangeCounts): void {
  for (const name of Object.keys(counts) as (keyof ChangeCounts)[]) sum[name] += counts[name];
}

/** A user without a row counts like one without a protected module. */
const protectionLevels: Readonly<Record<ProtectionState, number>> = {
  NOT_IN_BACKUP: 0,
  UNPROTECTED: 0,
  PARTIALLY_PROTECTED: 1,
  PROTECTED: 2,
};

export function isBlockedBy(status: readonly string[]): boolean {
  return status.includes('SIGN_IN_BLOCKED' satisfies UserStatus);
}

function isBlockedButProtected({ state, isBlocked }: UserBefore): boolean {
  return isBlocked && protectionLevels[state] > 0;
}

/** Changes of one user; empty for a user of neither list. */
function changesOf(before: UserBefore | null, now: UserNow | null): readonly Change[] {
  const shown = now ?? before;
  if (shown === null) return [];
  if (before === null && now?.isListed !== true) return [];
  const changes: Change[] = [];
  const add = (change: ChangeKind, isNew: boolean | null = null) => {
    const { userId, displayName, userPrincipalName, mail } = shown;
    changes.push({
      change,
      isNew,
      userId,
      displayName,
      userPrincipalName,
      mail,
      before: before?.state ?? null,
      now: now?.state ?? null,
    });
  };
  if (now === null) {
    add('GONE');
    return changes;
  }
  if (before === null) add('APPEARED');
  else {
    if (!now.isListed) add('NO_LONGER_MATCHES');
    const difference = protectionLevels[now.state] - protectionLevels[before.state];
    if (difference !== 0) add(difference < 0 ? 'LESS_PROTECTED' : 'MORE_PROTECTED');
  }
  if (isBlockedButProtected(now))
    add('BLOCKED_BUT_PROTECTED', before === null || !isBlockedButProtected(before));
  return changes;
}

/** Users of one tenant in the earlier list, by folded id. */
export interface UsersBefore {
  readonly size: number;
  readonly find: (name: string) => UserBefore | null;
  readonly names: () => Iterable<string>;
}

export const noUsersBefore: UsersBefore = { size: 0, find: () => null, names: () => [] };

/** Compares a tenant's users in any order; repeated users count once. */
export class TenantComparison {
  readonly #before: UsersBefore;
  readonly #seen = new Set<string>();
  readonly #changes: Change[] = [];
  readonly #counts = noChanges();

  constructor(before: UsersBefore) {
    this.#before = before;
    this.#counts.usersBefore = before.size;
  }

  /** @param userNow called once per user */
  add(userId: string, userNow: () => UserNow): void {
    const name = foldName(userId);
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    const now = userNow();
    if (now.isListed) this.#counts.usersNow += 1;
    for (const change of changesOf(this.#before.find(name), now)) {
      countChange(this.#counts, change);
      this.#changes.push(change);
    }
  }

  /** Changes after the last user; those of gone users are computed lazily. */
  finish(): { readonly counts: ChangeCounts; readonly changes: Iterable<Change> } {
    const counts = { ...this.#counts };
    for (const name of this.#before.names()) if (!this.#seen.has(name)) counts.gone += 1;
    return { counts, changes: this.#all() };
  }

  *#all(): Generator<Change> {
    yield* this.#changes;
    for (const name of this.#before.names())
      if (!this.#seen.has(name)) yield* changesOf(this.#before.find(name), null);
  }
}
