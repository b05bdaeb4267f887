/**
 * Users and protection rows in numbers: pure counting, a page at a time. Of the pages, nothing is kept but names: those
 * of all protection rows first, and then of each user only the id, so that nobody is counted twice.
 */
import { foldName } from '../fold.ts';
import type {
  GroupRecord,
  Grouping,
  GroupsRecord,
  MissingTenantRecord,
  ModuleCountRecord,
  ModuleStatusRecord,
  ProtectionState,
  ProtectionStatusRecord,
  ProtectionSummaryRecord,
  UserCountsRecord,
  UserRecord,
} from '../model.ts';
import { CountsSum, GroupsSum, noUsers } from './counts.ts';
import { groupKeyOf, groupValues, mostGroups, type Population, type Protection } from './population.ts';
import { ProtectionIndex } from './protection-index.ts';
import { protectionStateOf } from './protection-state.ts';

export const emptySummary: ProtectionSummaryRecord = {
  ...noUsers,
  unmatchedStatusCount: 0,
  groups: new Map(),
  asOfMs: null,
  changedWhileRead: false,
  missing: [],
};

/** The share of the users that are protected, 0 to 1; null where there are no users. */
export function coverageOf({
  userCount,
  protectedCount,
}: Pick<UserCountsRecord, 'userCount' | 'protectedCount'>): number | null {
  return userCount === 0 ? null : protectedCount / userCount;
}

/** Summaries by the names of their populations. */
export type Summaries = ReadonlyMap<string, ProtectionSummaryRecord>;

/** Counts populations of one tenant: all its protection rows first, then its users. */
export class TenantCount {
  readonly #populations: readonly { readonly population: Population; readonly count: PopulationCount }[];
  readonly #kinds = new RowKinds();
  readonly #protection = new ProtectionIndex(({ modules }) => this.#kinds.of(modules));
  readonly #userIds = new Set<string>();

  constructor(populations: readonly Population[]) {
    this.#populations = populations.map((population) => ({
      population,
      count: new PopulationCount(population.groupings),
    }));
  }

  readonly addStatus = (row: ProtectionStatusRecord): void => {
    this.#protection.add(row);
  };

  readonly addUser = (user: UserRecord): void => {
    const id = foldName(user.userId);
    if (this.#userIds.has(id)) return;
    this.#userIds.add(id);
    const kind = this.#protection.match(user) ?? notInBackup;
    for (const { population, count } of this.#populations) {
      if (population.condition === null || population.condition(user, kind.row) === true)
        count.add(user, kind);
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

/** Sums up several tenants. */
export class SummarySum {
  readonly #counts = new CountsSum();
  readonly #groups = new GroupsSum();
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

/** What a protection row adds to the numbers, and what filters look at of it. */
interface RowKind {
  readonly row: Protection | null;
  /** The numbers of one user with such a row. */
  readonly counts: UserCountsRecord;
}

const notInBackup: RowKind = { row: null, counts: { ...noUsers, userCount: 1, notInBackupCount: 1 } };

/** Of the many rows there are few kinds. */
class RowKinds {
  readonly #known = new Map<string, RowKind>();

  of(modules: readonly ModuleStatusRecord[]): RowKind {
    let key = '';
    for (const { moduleCode, isProtected } of modules) key += `${moduleCode}${String(isProtected)} `;
    let kind = this.#known.get(key);
    if (kind === undefined) this.#known.set(key, (kind = kindOf(modules)));
    return kind;
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

/** Each module counts once for a user, protected where every entry of it says so. */
function kindOf(modules: readonly ModuleStatusRecord[]): RowKind {
  const byCode = new Map<number, ModuleCountRecord>();
  for (const { module, moduleCode, isProtected } of modules) {
    const isUnprotected = isProtected !== true || byCode.get(moduleCode)?.protectedCount === 0;
    const [protectedCount, unprotectedCount] = isUnprotected ? [0, 1] : [1, 0];
    byCode.set(moduleCode, { module, moduleCode, protectedCount, unprotectedCount });
  }
  const row = { modules };
  const state = countNames[protectionStateOf(row)];
  return { row, counts: { ...noUsers, userCount: 1, [state]: 1, modules: [...byCode.values()] } };
}

/** How many users have a row of each kind. */
class KindCount {
  readonly #users = new Map<RowKind, number>();

  add(kind: RowKind): void {
    this.#users.set(kind, (this.#users.get(kind) ?? 0) + 1);
  }

  get counts(): UserCountsRecord {
    const sum = new CountsSum();
    for (const [{ counts }, users] of this.#users) sum.add(counts, users);
    return sum.all;
  }
}

/** Counts the users of one population, together and group by group. */
class PopulationCount {
  readonly #all = new KindCount();
  readonly #groupings: readonly GroupingCount[];

  constructor(groupings: ReadonlySet<Grouping>) {
    this.#groupings = [...groupings].map((grouping) => new GroupingCount(grouping));
  }

  add(user: UserRecord, kind: RowKind): void {
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
  /** Values come again and again: each is folded once. */
  readonly #keys = new Map<string | null, string>();
  #isTooMany = false;

  constructor(grouping: Grouping) {
    this.grouping = grouping;
  }

  add(user: UserRecord, kind: RowKind): void {
    if (this.#isTooMany) return;
    for (const value of groupValues[this.grouping](user)) {
      const key = this.#keyOf(value);
      let group = this.#groups.get(key);
      if (group === undefined) {
        this.#groups.set(key, (group = { count: new KindCount(), spellings: new Map<string, number>() }));
        if (this.#groups.size > mostGroups) this.#giveUp();
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
    this.#groups.clear();
    this.#keys.clear();
  }
}
