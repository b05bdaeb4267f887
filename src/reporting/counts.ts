/** Counts of users, and their accumulator. */
import type { ModuleCountRecord, UserCountsRecord } from '../model.ts';

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

type Writable<Record> = { -readonly [Key in keyof Record]: Record[Key] };
