/**
 * Counts users and protection rows a page at a time. Only keys stay in memory: the addresses of all protection
 * rows, and the ids of users, so that each counts once.
 */
import { foldName } from '../fold.ts';
import type {
  GroupRecord,
  Grouping,
  GroupsRecord,
  MissingTenantRecord,
  ModuleCountRecord,
  ProtectionState,
  ProtectionSummaryRecord,
  UserCountsRecord,
  UserRecord,
} from '../model.ts';
import { CountsAccumulator, GroupsAccumulator, noUsers } from './counts.ts';
import { groupKeyOf, groupValues, maxGroups, type Population } from './population.ts';
import { ProtectionKinds, type ProtectionKind } from './protection-kinds.ts';

export const emptySummary: ProtectionSummaryRecord = {
  ...noUsers,
  unmatchedStatusCount: 0,
  groups: new Map(),
  asOfMs: null,
  changedWhileRead: false,
  missing: [],
};

/** Share of protected users, 0 to 1; null without users. */
export function coverageOf({
  userCount,
  protectedCount,
}: Pick<UserCountsRecord, 'userCount' | 'protectedCount'>): number | null {
  return userCount === 0 ? null : protectedCount / userCount;
}

/** Summaries by population name. */
export type Summaries = ReadonlyMap<string, ProtectionSummaryRecord>;

/** Counts populations of one tenant: all its protection rows first, then its users. */
export class SummaryBuilder {
  readonly #populations: readonly { readonly population: Population; readonly count: PopulationCount }[];
  readonly #protection = new ProtectionKinds();
  readonly #userIds = new Set<string>();

  constructor(populations: readonly Population[]) {
    const size = { groups: 0 };
    this.#populations = populations.map((population) => ({
      population,
      count: new PopulationCount(population.groupings, size),
    }));
  }

  readonly addStatus = this.#protection.add;

  readonly addUser = (user: UserRecord): void => {
    const id = foldName(user.userId);
    if (this.#userIds.has(id)) return;
    this.#userIds.add(id);
    const kind = this.#protection.match(user);
    for (const { population, count } of this.#populations) {
      if (population.predicate === null || population.predicate(user, kind) === true) count.add(user, kind);
    }
  };

  get summaries(): Summaries {
    const { unmatchedCount } = this.#protection;
    return new Map(
      this.#populations.map(({ population, count }) => [
        population.name,
        { ...emptySummary, ...count.counts, groups: count.groups, unmatchedStatusCount: unmatchedCount },
      ]),
    );
  }
}

/** Totals of several tenants. */
export class SummaryAccumulator {
  readonly #counts = new CountsAccumulator();
  readonly #groups = new GroupsAccumulator();
  readonly #missing: MissingTenantRecord[] = [];
  #unmatchedStatusCount = 0;
  #asOfMs: number | null = null;
  #changedWhileRead = false;

  add(summary: ProtectionSummaryRecord): void {
    this.#counts.add(summary);
    this.#groups.add(summary.groups);
    for (const missing of summary.missing) this.#missing.push(missing);
    this.#unmatchedStatusCount += summary.unmatchedStatusCount;
    if (summary.asOfMs !== null) this.#asOfMs = Math.min(this.#asOfMs ?? Infinity, summary.asOfMs);
    this.#changedWhileRead ||= summary.changedWhileRead;
  }

  addMissing(missing: MissingTenantRecord): void {
    this.#missing.push(missing);
  }

  get all(): ProtectionSummaryRecord {
    return {
      ...this.#counts.all,
      unmatchedStatusCount: this.#unmatchedStatusCount,
      groups: this.#groups.all,
      asOfMs: this.#asOfMs,
      changedWhileRead: this.#changedWhileRead,
      missing: [...this.#missing],
    };
  }
}

const countNames: Readonly<
  Record<ProtectionState, Exclude<keyof UserCountsRecord, 'userCount' | 'modules'>>
> = {
  PROTECTED: 'protectedCount',
  PARTIALLY_PROTECTED: 'partiallyProtectedCount',
  UNPROTECTED: 'unprotectedCount',
  NOT_IN_BACKUP: 'notInBackupCount',
};

/** Counts of one user with a protection row of this kind, or without one. */
function countsOf(kind: ProtectionKind | null): UserCountsRecord {
  if (kind === null) return { ...noUsers, userCount: 1, notInBackupCount: 1 };
  let counts = knownCounts.get(kind);
  if (counts === undefined) knownCounts.set(kind, (counts = countKind(kind)));
  return counts;
}

const knownCounts = new WeakMap<ProtectionKind, UserCountsRecord>();

/** A module counts once per user, as protected if all its entries are. */
function countKind({ modules, state }: ProtectionKind): UserCountsRecord {
  const byCode = new Map<number, ModuleCountRecord>();
  for (const { module, moduleCode, isProtected } of modules) {
    const isUnprotected = isProtected !== true || byCode.get(moduleCode)?.protectedCount === 0;
    const [protectedCount, unprotectedCount] = isUnprotected ? [0, 1] : [1, 0];
    byCode.set(moduleCode, { module, moduleCode, protectedCount, unprotectedCount });
  }
  return { ...noUsers, userCount: 1, [countNames[state]]: 1, modules: [...byCode.values()] };
}

/** Number of users by kind of protection row. */
class KindCount {
  readonly #users = new Map<ProtectionKind | null, number>();

  add(kind: ProtectionKind | null): void {
    this.#users.set(kind, (this.#users.get(kind) ?? 0) + 1);
  }

  get counts(): UserCountsRecord {
    const sum = new CountsAccumulator();
    for (const [kind, users] of this.#users) sum.add(countsOf(kind), users);
    return sum.all;
  }
}

class PopulationCount {
  readonly #all = new KindCount();
  readonly #groupings: readonly GroupingCount[];

  constructor(groupings: ReadonlySet<Grouping>, size: { groups: number }) {
    this.#groupings = [...groupings].map((grouping) => new GroupingCount(grouping, size));
  }

  add(user: UserRecord, kind: ProtectionKind | null): void {
    this.#all.add(kind);
    for (const grouping of this.#groupings) grouping.add(user, kind);
  }

  get counts(): UserCountsRecord {
    return this.#all.counts;
  }

  get groups(): ReadonlyMap<Grouping, GroupsRecord> {
    return new Map(this.#groupings.map((count) => [count.grouping, count.groups]));
  }
}

class GroupingCount {
  readonly grouping: Grouping;
  readonly #groups = new Map<
    string,
    { readonly count: KindCount; readonly spellings: Map<string, number> }
  >();
  /** Group keys by value, each folded once. */
  readonly #keys = new Map<string | null, string>();
  readonly #size: { groups: number };
  #isTooMany = false;

  /** @param size number of groups in the tenant */
  constructor(grouping: Grouping, size: { groups: number }) {
    this.grouping = grouping;
    this.#size = size;
  }

  add(user: UserRecord, kind: ProtectionKind | null): void {
    if (this.#isTooMany) return;
    for (const value of groupValues[this.grouping](user)) {
      const key = this.#keyOf(value);
      let group = this.#groups.get(key);
      if (group === undefined) {
        this.#groups.set(key, (group = { count: new KindCount(), spellings: new Map<string, number>() }));
        this.#size.groups += 1;
        if (this.#size.groups > maxGroups) {
          this.#giveUp();
          return;
        }
      }
      group.count.add(kind);
      if (value !== null && key !== '') group.spellings.set(value, (group.spellings.get(value) ?? 0) + 1);
    }
  }

  get groups(): GroupsRecord {
    if (this.#isTooMany) return null;
    const groups = new Map<string, GroupRecord>();
    for (const [key, { count, spellings }] of this.#groups) groups.set(key, { ...count.counts, spellings });
    return groups;
  }

  #keyOf(value: string | null): string {
    let key = this.#keys.get(value);
    if (key === undefined) this.#keys.set(value, (key = groupKeyOf(this.grouping, value)));
    return key;
  }

  #giveUp(): void {
    this.#isTooMany = true;
    this.#size.groups -= this.#groups.size;
    this.#groups.clear();
    this.#keys.clear();
  }
}
