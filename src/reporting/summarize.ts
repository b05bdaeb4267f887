/**
 * Counts users and protection rows page by page. Only keys stay in memory: the addresses of all protection rows, and
 * the ids of users, so that each is counted once.
 */
import { foldName } from '../fold.ts';
import type {
  DroppedGroups,
  Grouping,
  GroupsRecord,
  MissingTenantRecord,
  ModuleCountRecord,
  ProtectionState,
  ProtectionSummaryRecord,
  UserCountsRecord,
  UserRecord,
} from '../model.ts';
import type { Pace } from '../scheduler.ts';
import { CountsAccumulator, noUsers } from './counts.ts';
import { GroupsAccumulator, GroupTable } from './group-table.ts';
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
  readonly #keys = new GroupKeys();

  constructor(populations: readonly Population[]) {
    const size = { groups: 0 };
    this.#populations = populations.map((population) => ({
      population,
      count: new PopulationCount(population.groupings, size),
    }));
  }

  readonly addStatus = this.#protection.add;

  readonly addUser = (user: UserRecord): boolean => {
    const id = foldName(user.userId);
    if (this.#userIds.has(id)) return false;
    this.#userIds.add(id);
    const kind = this.#protection.match(user);
    this.#keys.start(user);
    for (const { population, count } of this.#populations) {
      if (population.predicate === null || population.predicate(user, kind) === true)
        count.add(this.#keys, kind);
    }
    return true;
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

  async addWithGroups(summary: ProtectionSummaryRecord, pace: Pace): Promise<void> {
    this.add(summary);
    if (summary.groups.size > 0) await this.#groups.add(summary.groups, pace);
  }

  /** Adds a summary without its groups. */
  add(summary: ProtectionSummaryRecord): void {
    this.#counts.add(summary);
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

const countNameByState: Readonly<
  Record<ProtectionState, Exclude<keyof UserCountsRecord, 'userCount' | 'modules'>>
> = {
  PROTECTED: 'protectedCount',
  PARTIALLY_PROTECTED: 'partiallyProtectedCount',
  UNPROTECTED: 'unprotectedCount',
  NOT_IN_BACKUP: 'notInBackupCount',
};

function countsOf(kind: ProtectionKind | null): UserCountsRecord {
  if (kind === null) return notInBackup;
  let counts = knownCounts.get(kind);
  if (counts === undefined) knownCounts.set(kind, (counts = countKind(kind)));
  return counts;
}

const notInBackup: UserCountsRecord = { ...noUsers, userCount: 1, notInBackupCount: 1 };

const knownCounts = new WeakMap<ProtectionKind, UserCountsRecord>();

/** A module counts once per user; it is protected if all its entries are. */
function countKind({ modules, state }: ProtectionKind): UserCountsRecord {
  const byCode = new Map<number, ModuleCountRecord>();
  for (const { module, moduleCode, isProtected } of modules) {
    const isUnprotected = isProtected !== true || byCode.get(moduleCode)?.protectedCount === 0;
    const [protectedCount, unprotectedCount] = isUnprotected ? [0, 1] : [1, 0];
    byCode.set(moduleCode, { module, moduleCode, protectedCount, unprotectedCount });
  }
  return { ...noUsers, userCount: 1, [countNameByState[state]]: 1, modules: [...byCode.values()] };
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

  add(keys: GroupKeys, kind: ProtectionKind | null): void {
    this.#all.add(kind);
    for (const grouping of this.#groupings) grouping.add(keys, kind);
  }

  get counts(): UserCountsRecord {
    return this.#all.counts;
  }

  get groups(): ProtectionSummaryRecord['groups'] {
    return new Map(this.#groupings.map(({ grouping, groups }) => [grouping, groups]));
  }
}

/** Groups of one user, found once for all populations. */
class GroupKeys {
  readonly #known = new Map<Grouping, readonly (readonly [key: string, value: string | null])[]>();
  #user: UserRecord | null = null;

  start(user: UserRecord): void {
    this.#user = user;
    this.#known.clear();
  }

  of(grouping: Grouping) {
    let keys = this.#known.get(grouping);
    if (keys === undefined) {
      const values = this.#user === null ? [] : groupValues[grouping](this.#user);
      keys = values.map((value) => [groupKeyOf(grouping, value), value]);
      this.#known.set(grouping, keys);
    }
    return keys;
  }
}

class GroupingCount {
  readonly grouping: Grouping;
  #groups: GroupTable | null = new GroupTable();
  readonly #size: { groups: number };

  /** @param size number of groups in the tenant */
  constructor(grouping: Grouping, size: { groups: number }) {
    this.grouping = grouping;
    this.#size = size;
  }

  add(keys: GroupKeys, kind: ProtectionKind | null): void {
    const groups = this.#groups;
    if (groups === null) return;
    const before = groups.size;
    for (const [key, value] of keys.of(this.grouping)) groups.add(key, value, countsOf(kind));
    this.#size.groups += groups.size - before;
    if (this.#size.groups <= maxGroups) return;
    this.#size.groups -= groups.size;
    this.#groups = null;
  }

  get groups(): GroupsRecord | DroppedGroups {
    return this.#groups ?? 'TOO_MANY';
  }
}
