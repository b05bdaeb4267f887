/** Groups of users in columns, which take a fifth of the memory of one object per group. */
import type {
  DroppedGroups,
  Grouping,
  GroupsRecord,
  ModuleColumns,
  ModuleCounts,
  ShownGroupRecord,
  UserCountsRecord,
} from '../model.ts';
import type { Pace } from '../scheduler.ts';
import { maxGroups } from './population.ts';

const columnNames = [
  'userCount',
  'protectedCount',
  'partiallyProtectedCount',
  'unprotectedCount',
  'notInBackupCount',
] as const satisfies readonly (keyof UserCountsRecord)[];

type Counts = Readonly<Record<(typeof columnNames)[number], number[]>>;

export class GroupTable implements GroupsRecord {
  readonly indexes = new Map<string, number>();
  readonly spellings: (string | null | Map<string, number>)[] = [];
  readonly counts: Counts = {
    userCount: [],
    protectedCount: [],
    partiallyProtectedCount: [],
    unprotectedCount: [],
    notInBackupCount: [],
  };
  readonly modules = new Map<
    number,
    ModuleColumns & { protectedCount: number[]; unprotectedCount: number[] }
  >();
  readonly unknownModules = new Map<number, Map<number, ModuleCounts>>();

  get size(): number {
    return this.spellings.length;
  }

  /**
   * Adds a user.
   *
   * @param key of the group; empty for users without a value
   * @param value in the user's spelling
   */
  add(key: string, value: string | null, user: UserCountsRecord): void {
    const index = this.#indexOf(key);
    if (value !== null && key !== '') this.#spell(index, value, user.userCount);
    for (const name of columnNames) addTo(this.counts[name], index, user[name]);
    for (const counts of user.modules) {
      const { module, moduleCode, protectedCount, unprotectedCount } = counts;
      if (module === 'UNKNOWN') {
        this.#addUnknown(index, moduleCode, counts);
        continue;
      }
      const columns = this.#columnsOf(moduleCode, module);
      addTo(columns.protectedCount, index, protectedCount);
      addTo(columns.unprotectedCount, index, unprotectedCount);
    }
  }

  /** Adds groups until the table has more than `maxSize`. */
  async addAll(groups: GroupsRecord, maxSize: number, pace: Pace): Promise<void> {
    const columns = columnNames.map((name) => [this.counts[name], groups.counts[name]] as const);
    for (const [code, { module, protectedCount, unprotectedCount }] of groups.modules) {
      const own = this.#columnsOf(code, module);
      columns.push([own.protectedCount, protectedCount], [own.unprotectedCount, unprotectedCount]);
    }
    for (const [key, from] of groups.indexes) {
      if (pace.shouldYield) await pace.yield();
      const index = this.#indexOf(key);
      if (this.size > maxSize) return;
      const spelling = groups.spellings[from] ?? null;
      if (typeof spelling === 'string') this.#spell(index, spelling, groups.counts.userCount[from] ?? 0);
      else if (spelling !== null) this.#spellAll(index, spelling);
      for (const [column, added] of columns) addTo(column, index, added[from] ?? 0);
      for (const [code, counts] of groups.unknownModules.get(from) ?? []) {
        if (pace.shouldYield) await pace.yield();
        this.#addUnknown(index, code, counts);
      }
    }
  }

  #indexOf(key: string): number {
    const known = this.indexes.get(key);
    if (known !== undefined) return known;
    const index = this.spellings.push(null) - 1;
    this.indexes.set(key, index);
    for (const name of columnNames) this.counts[name].push(0);
    for (const { protectedCount, unprotectedCount } of this.modules.values()) {
      protectedCount.push(0);
      unprotectedCount.push(0);
    }
    return index;
  }

  #columnsOf(code: number, module: ModuleColumns['module']) {
    let columns = this.modules.get(code);
    if (columns === undefined) {
      const zeros = () => new Array<number>(this.size).fill(0);
      this.modules.set(code, (columns = { module, protectedCount: zeros(), unprotectedCount: zeros() }));
    }
    return columns;
  }

  #addUnknown(index: number, code: number, { protectedCount, unprotectedCount }: ModuleCounts): void {
    const byCode = this.unknownModules.get(index) ?? new Map<number, ModuleCounts>();
    this.unknownModules.set(index, byCode);
    const known = byCode.get(code);
    byCode.set(code, {
      protectedCount: (known?.protectedCount ?? 0) + protectedCount,
      unprotectedCount: (known?.unprotectedCount ?? 0) + unprotectedCount,
    });
  }

  /** Adds users to the count of a spelling; called before they are counted in the columns. */
  #spell(index: number, spelling: string, users: number): void {
    const known = this.spellings[index] ?? null;
    if (known === null) this.spellings[index] = spelling;
    else if (typeof known !== 'string') known.set(spelling, (known.get(spelling) ?? 0) + users);
    else if (known !== spelling) this.#spellAll(index, new Map([[spelling, users]]));
  }

  #spellAll(index: number, added: ReadonlyMap<string, number>): void {
    const known = this.spellings[index] ?? null;
    const sums =
      typeof known === 'string'
        ? new Map([[known, this.counts.userCount[index] ?? 0]])
        : (known ?? new Map<string, number>());
    for (const [spelling, users] of added) sums.set(spelling, (sums.get(spelling) ?? 0) + users);
    this.spellings[index] = sums;
  }
}

function addTo(column: number[], index: number, added: number): void {
  if (added > 0) column[index] = (column[index] ?? 0) + added;
}

/** Totals of the groups of several tenants. */
export class GroupsAccumulator {
  #size = 0;
  readonly all = new Map<Grouping, GroupTable | DroppedGroups>();

  async add(groups: ReadonlyMap<Grouping, GroupsRecord | DroppedGroups>, pace: Pace): Promise<void> {
    for (const [grouping, added] of groups) {
      const sums = this.all.get(grouping) ?? new GroupTable();
      this.all.set(grouping, sums);
      if (typeof sums === 'string') continue;
      const others = this.#size - sums.size;
      if (typeof added !== 'string') await sums.addAll(added, maxGroups - others, pace);
      this.#size = others + sums.size;
      const dropped = typeof added === 'string' ? added : this.#size > maxGroups ? 'TOO_MANY' : null;
      if (dropped === null) continue;
      this.#size = others;
      this.all.set(grouping, dropped);
    }
  }
}

/** A group; its values are looked up on access. */
export class GroupRow implements ShownGroupRecord {
  readonly grouping: Grouping;
  readonly #groups: GroupsRecord;
  readonly #index: number;

  constructor(grouping: Grouping, groups: GroupsRecord, index: number) {
    this.grouping = grouping;
    this.#groups = groups;
    this.#index = index;
  }

  get value(): string | null {
    const spelling = this.#groups.spellings[this.#index] ?? null;
    return spelling === null || typeof spelling === 'string' ? spelling : dominantSpelling(spelling);
  }

  get userCount(): number {
    return this.#count('userCount');
  }

  get protectedCount(): number {
    return this.#count('protectedCount');
  }

  get partiallyProtectedCount(): number {
    return this.#count('partiallyProtectedCount');
  }

  get unprotectedCount(): number {
    return this.#count('unprotectedCount');
  }

  get notInBackupCount(): number {
    return this.#count('notInBackupCount');
  }

  get modules(): UserCountsRecord['modules'] {
    const known = [...this.#groups.modules].map(([moduleCode, { module, ...columns }]) => ({
      module,
      moduleCode,
      protectedCount: columns.protectedCount[this.#index] ?? 0,
      unprotectedCount: columns.unprotectedCount[this.#index] ?? 0,
    }));
    const unknown = [...(this.#groups.unknownModules.get(this.#index) ?? [])].map(([moduleCode, counts]) => ({
      module: 'UNKNOWN' as const,
      moduleCode,
      ...counts,
    }));
    return [...known, ...unknown]
      .filter(({ protectedCount, unprotectedCount }) => protectedCount + unprotectedCount > 0)
      .sort((left, right) => left.moduleCode - right.moduleCode);
  }

  #count(name: keyof Counts): number {
    return this.#groups.counts[name][this.#index] ?? 0;
  }
}

/** Of several spellings, the most frequent; then the first by UTF-16 code units. */
function dominantSpelling(spellings: ReadonlyMap<string, number>): string | null {
  let value: string | null = null;
  let max = 0;
  for (const [spelling, users] of spellings) {
    if (users > max || (users === max && value !== null && spelling < value)) value = spelling;
    max = Math.max(max, users);
  }
  return value;
}
