/** What changed between two readings of a tenant's users: the pure comparison of one user, and how changes are counted. */
import { foldName } from '../fold.ts';
import type { ProtectionState, UserStatus } from '../model.ts';

type ChangeKind =
  /** In the list now, and not in the earlier one. */
  | 'APPEARED'
  /** No longer a user of the tenant. */
  | 'GONE'
  /** Still a user of the tenant, whom the list's filter no longer matches. */
  | 'NO_LONGER_MATCHES'
  | 'LESS_PROTECTED'
  | 'MORE_PROTECTED'
  /** May not sign in, and is protected all the same: a state of now. */
  | 'BLOCKED_BUT_PROTECTED';

interface ShownUser {
  readonly userId: string;
  readonly displayName: string | null;
  readonly userPrincipalName: string | null;
  readonly mail: string | null;
}

/** A user of the earlier list. */
export interface UserBefore extends ShownUser {
  readonly state: ProtectionState;
  readonly isBlocked: boolean;
}

/** A user of the tenant now. */
export interface UserNow extends UserBefore {
  /** Whether the list's filter matches. */
  readonly isListed: boolean;
}

export interface Change extends ShownUser {
  readonly change: ChangeKind;
  /** Of a user who is blocked but protected, whether that is new since the earlier list; else null. */
  readonly isNew: boolean | null;
  /** Null for a user who was not in the earlier list. */
  readonly before: ProtectionState | null;
  /** Null for a user who is gone. */
  readonly now: ProtectionState | null;
}

/** Users of tenants that were compared. `usersNow` is `usersBefore + appeared - gone - noLongerMatching`. */
export interface ChangeCounts {
  /** Users of the earlier list. */
  usersBefore: number;
  /** Users of the list now. */
  usersNow: number;
  appeared: number;
  gone: number;
  noLongerMatching: number;
  lessProtected: number;
  moreProtected: number;
  blockedButProtected: number;
  /** Of them, those who were not so in the earlier list. */
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

/** A user without a row in the backup product is protected no more and no less than one without a protected module. */
const ranks: Readonly<Record<ProtectionState, number>> = {
  NOT_IN_BACKUP: 0,
  UNPROTECTED: 0,
  PARTIALLY_PROTECTED: 1,
  PROTECTED: 2,
};

export function isBlockedBy(status: readonly string[]): boolean {
  return status.includes('SIGN_IN_BLOCKED' satisfies UserStatus);
}

function isBlockedButProtected({ state, isBlocked }: UserBefore): boolean {
  return isBlocked && ranks[state] > 0;
}

/** The changes of one user, of whom there may be none: a user of neither list has none. */
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
    const difference = ranks[now.state] - ranks[before.state];
    if (difference !== 0) add(difference < 0 ? 'LESS_PROTECTED' : 'MORE_PROTECTED');
  }
  if (isBlockedButProtected(now))
    add('BLOCKED_BUT_PROTECTED', before === null || !isBlockedButProtected(before));
  return changes;
}

/** The users of one tenant in the earlier list, by folded ids. */
export interface UsersBefore {
  readonly size: number;
  readonly find: (name: string) => UserBefore | null;
  readonly names: () => Iterable<string>;
}

export const noUsersBefore: UsersBefore = { size: 0, find: () => null, names: () => [] };

/** Compares a tenant's users, in whichever order they come; one that comes again counts once. */
export class TenantComparison {
  readonly #before: UsersBefore;
  readonly #seen = new Set<string>();
  readonly #changes: Change[] = [];
  readonly #counts = noChanges();

  constructor(before: UsersBefore) {
    this.#before = before;
    this.#counts.usersBefore = before.size;
  }

  /** @param userNow called if the user comes for the first time */
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

  /** All changes, when every user has come; those who are gone are made as they are taken. */
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
