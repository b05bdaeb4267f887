/** Counts of users, and accumulators of them. */
import type { GroupRecord, GroupsRecord, Grouping, ModuleCountRecord, UserCountsRecord } from '../model.ts';
import { maxGroups } from './population.ts';

export const noUsers: UserCountsRecord = {
  userCount: 0,
  protectedCount: 0,
  partiallyProtectedCount: 0,
  unprotectedCount: 0,
  notInBackupCount: 0,
  modules: [],
};

export class CountsAccumulator {
  readonly #modules = new Map<number, Writable<ModuleCountRecord>>();
  readonly #counts: Writable<Omit<UserCountsRecord, 'modules'>> = {
    userCount: 0,
    protectedCount: 0,
    partiallyProtectedCount: 0,
    unprotectedCount: 0,
    notInBackupCount: 0,
  };

  add(counts: UserCountsRecord, times = 1): void {
    const sum = this.#counts;
    sum.userCount += counts.userCount * times;
    sum.protectedCount += counts.protectedCount * times;
    sum.partiallyProtectedCount += counts.partiallyProtectedCount * times;
    sum.unprotectedCount += counts.unprotectedCount * times;
    sum.notInBackupCount += counts.notInBackupCount * times;
    for (const { module, moduleCode, protectedCount, unprotectedCount } of counts.modules) {
      let moduleCounts = this.#modules.get(moduleCode);
      if (moduleCounts === undefined) {
        moduleCounts = { module, moduleCode, protectedCount: 0, unprotectedCount: 0 };
        this.#modules.set(moduleCode, moduleCounts);
      }
      moduleCounts.protectedCount += protectedCount * times;
      moduleCounts.unprotectedCount += unprotectedCount * times;
    }
  }

  get all(): UserCountsRecord {
    return {
      ...this.#counts,
      modules: [...this.#modules.values()]
        .map((counts) => ({ ...counts }))
        .sort((left, right) => left.moduleCode - right.moduleCode),
    };
  }
}

export class GroupsAccumulator {
  #size = 0;
  readonly #groupings = new Map<Grouping, Map<string, GroupAccumulator> | null>();

  add(groups: ReadonlyMap<Grouping, GroupsRecord>): void {
    for (const [grouping, records] of groups) {
      let sums = this.#groupings.get(grouping);
      if (sums === undefined) this.#groupings.set(grouping, (sums = new Map<string, GroupAccumulator>()));
      if (sums === null) continue;
      for (const [key, group] of records ?? []) {
        let sum = sums.get(key);
        if (sum === undefined) {
          sums.set(key, (sum = new GroupAccumulator()));
          this.#size += 1;
        }
        sum.add(group);
        if (this.#size > maxGroups) break;
      }
      if (records !== null && this.#size <= maxGroups) continue;
      this.#size -= sums.size;
      this.#groupings.set(grouping, null);
    }
  }

  get all(): ReadonlyMap<Grouping, GroupsRecord> {
    return new Map(
      [...this.#groupings].map(([grouping, sums]) => [
        grouping,
        sums && new Map([...sums].map(([key, sum]) => [key, sum.all])),
      ]),
    );
  }
}

class GroupAccumulator {
  readonly #counts = new CountsAccumulator();
  readonly #spellings = new Map<string, number>();

  add(group: GroupRecord): void {
    this.#counts.add(group);
    for (const [spelling, users] of group.spellings)
      this.#spellings.set(spelling, (this.#spellings.get(spelling) ?? 0) + users);
  }

  get all(): GroupRecord {
    return { ...this.#counts.all, spellings: this.#spellings };
  }
}

type Writable<Record> = { -readonly [Key in keyof Record]: Record[Key] };
