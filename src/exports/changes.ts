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
    changes.push(changeOf(change, isNew, shown, before?.state ?? null, now?.state ?? null));
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

/** Users of one tenant in the earlier list. */
export interface UsersBefore {
  readonly size: number;
  /** Position in the list by folded id; null for an unknown user. */
  readonly positionOf: (name: string) => number | null;
  readonly at: (position: number) => UserBefore | null;
}

export const noUsersBefore: UsersBefore = { size: 0, positionOf: () => null, at: () => null };

/** Users per batch of changes. */
const batchSize = 200;

/** Compares a tenant's users in any order; repeated users count once. */
export class TenantComparison {
  readonly #before: UsersBefore;
  /** By position in the earlier list: 1 for a user who is there now. */
  readonly #found: Uint8Array;
  /** Names of users who were not in the earlier list. */
  readonly #others = new Set<string>();
  readonly #changes: ChangeLog;
  readonly #counts = noChanges();

  constructor(before: UsersBefore) {
    this.#before = before;
    this.#found = new Uint8Array(before.size);
    this.#changes = new ChangeLog(before);
    this.#counts.usersBefore = before.size;
    this.#counts.gone = before.size;
  }

  /**
   * Returns false for a user already added.
   *
   * @param userNow called once per user
   */
  add(userId: string, userNow: () => UserNow): boolean {
    const name = foldName(userId);
    const position = this.#before.positionOf(name);
    if (position === null) {
      if (this.#others.has(name)) return false;
      this.#others.add(name);
    } else {
      if (this.#found[position] === 1) return false;
      this.#found[position] = 1;
      this.#counts.gone -= 1;
    }
    const now = userNow();
    if (now.isListed) this.#counts.usersNow += 1;
    const before = position === null ? null : this.#before.at(position);
    for (const change of changesOf(before, now)) {
      countChange(this.#counts, change);
      this.#changes.add(change, position, before);
    }
    return true;
  }

  /** Changes after the last user, in batches for a few users each, which may be empty. */
  finish(): { readonly counts: ChangeCounts; readonly changes: Iterable<readonly Change[]> } {
    return { counts: { ...this.#counts }, changes: this.#batches() };
  }

  *#batches(): Generator<readonly Change[]> {
    yield* this.#changes.batches();
    for (let start = 0; start < this.#found.length; start += batchSize) {
      const batch: Change[] = [];
      for (let position = start; position < Math.min(start + batchSize, this.#found.length); position++)
        if (this.#found[position] !== 1) batch.push(...changesOf(this.#before.at(position), null));
      yield batch;
    }
  }
}

const changeKinds = Object.keys(counterOf) as readonly ChangeKind[];
const novelties = [null, false, true] as const;
const states = Object.keys(protectionLevels) as readonly ProtectionState[];
const codes = changeKinds.length * novelties.length * states.length;

/** Changes in their order; a change takes one number if the user's texts are as before. */
class ChangeLog {
  readonly #before: UsersBefore;
  readonly #changes: (number | Change)[] = [];

  constructor(before: UsersBefore) {
    this.#before = before;
  }

  /** @param position of the user in the earlier list; null for a user who was not there */
  add(change: Change, position: number | null, before: UserBefore | null): void {
    const isAsBefore =
      before !== null &&
      change.now !== null &&
      before.userId === change.userId &&
      before.displayName === change.displayName &&
      before.userPrincipalName === change.userPrincipalName &&
      before.mail === change.mail;
    this.#changes.push(
      position === null || !isAsBefore ? change : position * codes + codeOf(change, change.now),
    );
  }

  *batches(): Generator<readonly Change[]> {
    for (let start = 0; start < this.#changes.length; start += batchSize)
      yield this.#changes
        .slice(start, start + batchSize)
        .flatMap((change) => (typeof change === 'number' ? this.#restored(change) : [change]));
  }

  #restored(number: number): Change[] {
    const code = number % codes;
    const before = this.#before.at((number - code) / codes);
    const [kind, isNew, now] = partsOf(code);
    return before === null || kind === undefined ? [] : [changeOf(kind, isNew, before, before.state, now)];
  }
}

function codeOf({ change, isNew }: Change, now: ProtectionState): number {
  const novelty = novelties.indexOf(isNew);
  return (changeKinds.indexOf(change) * novelties.length + novelty) * states.length + states.indexOf(now);
}

function partsOf(code: number) {
  const withoutState = Math.floor(code / states.length);
  return [
    changeKinds[Math.floor(withoutState / novelties.length)],
    novelties[withoutState % novelties.length] ?? null,
    states[code % states.length] ?? null,
  ] as const;
}

function changeOf(
  change: ChangeKind,
  isNew: boolean | null,
  { userId, displayName, userPrincipalName, mail }: ShownUser,
  before: ProtectionState | null,
  now: ProtectionState | null,
): Change {
  return { change, isNew, userId, displayName, userPrincipalName, mail, before, now };
}
