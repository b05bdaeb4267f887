/**
 * Users and protection rows in numbers: pure counting, a page at a time. Of the pages, nothing is kept but names: those
 * of all protection rows first, and then of each user only the id, so that nobody is counted twice.
 */
import { foldName } from '../fold.ts';
import type {
  MissingTenantRecord,
  ModuleCountRecord,
  ModuleStatusRecord,
  ProtectionState,
  ProtectionStatusRecord,
  ProtectionSummaryRecord,
  UserRecord,
} from '../model.ts';
import { ProtectionIndex } from './protection-index.ts';
import { protectionStateOf } from './protection-state.ts';

export const emptySummary: ProtectionSummaryRecord = {
  userCount: 0,
  protectedCount: 0,
  partiallyProtectedCount: 0,
  unprotectedCount: 0,
  notInBackupCount: 0,
  unmatchedStatusCount: 0,
  modules: [],
  asOfMs: null,
  changedWhileRead: false,
  missing: [],
};

/** The share of the users that are protected, 0 to 1; null where there are no users. */
export function coverageOf({ userCount, protectedCount }: ProtectionSummaryRecord): number | null {
  return userCount === 0 ? null : protectedCount / userCount;
}

/** Counts one tenant: all its protection rows first, then its users. */
export class TenantCount {
  readonly #protection = new ProtectionIndex((row) => this.#kindOf(row.modules));
  /** Of the many rows there are few kinds. */
  readonly #knownKinds = new Map<string, RowKind>();
  readonly #userIds = new Set<string>();
  readonly #states: Record<ProtectionState, number> = {
    PROTECTED: 0,
    PARTIALLY_PROTECTED: 0,
    UNPROTECTED: 0,
    NOT_IN_BACKUP: 0,
  };
  readonly #modules = new ModuleCounts();

  readonly addStatus = (row: ProtectionStatusRecord): void => {
    this.#protection.add(row);
  };

  readonly addUser = (user: UserRecord): void => {
    const id = foldName(user.userId);
    if (this.#userIds.has(id)) return;
    this.#userIds.add(id);
    const kind = this.#protection.match(user);
    this.#states[kind?.state ?? 'NOT_IN_BACKUP'] += 1;
    for (const counts of kind?.modules ?? []) this.#modules.add(counts);
  };

  get summary(): ProtectionSummaryRecord {
    return {
      ...emptySummary,
      userCount: this.#userIds.size,
      protectedCount: this.#states.PROTECTED,
      partiallyProtectedCount: this.#states.PARTIALLY_PROTECTED,
      unprotectedCount: this.#states.UNPROTECTED,
      notInBackupCount: this.#states.NOT_IN_BACKUP,
      unmatchedStatusCount: this.#protection.unmatchedCount,
      modules: this.#modules.all,
    };
  }

  #kindOf(modules: readonly ModuleStatusRecord[]): RowKind {
    let key = '';
    for (const { moduleCode, isProtected } of modules) key += `${moduleCode}${String(isProtected)} `;
    let kind = this.#knownKinds.get(key);
    if (kind === undefined) this.#knownKinds.set(key, (kind = kindOf(modules)));
    return kind;
  }
}

/** Sums up several tenants. */
export class SummarySum {
  readonly #modules = new ModuleCounts();
  readonly #missing: MissingTenantRecord[] = [];
  #sum: ProtectionSummaryRecord = emptySummary;

  add(summary: ProtectionSummaryRecord): void {
    const sum = this.#sum;
    for (const counts of summary.modules) this.#modules.add(counts);
    for (const missing of summary.missing) this.#missing.push(missing);
    this.#sum = {
      ...emptySummary,
      userCount: sum.userCount + summary.userCount,
      protectedCount: sum.protectedCount + summary.protectedCount,
      partiallyProtectedCount: sum.partiallyProtectedCount + summary.partiallyProtectedCount,
      unprotectedCount: sum.unprotectedCount + summary.unprotectedCount,
      notInBackupCount: sum.notInBackupCount + summary.notInBackupCount,
      unmatchedStatusCount: sum.unmatchedStatusCount + summary.unmatchedStatusCount,
      asOfMs:
        sum.asOfMs === null || summary.asOfMs === null
          ? (sum.asOfMs ?? summary.asOfMs)
          : Math.min(sum.asOfMs, summary.asOfMs),
      changedWhileRead: sum.changedWhileRead || summary.changedWhileRead,
    };
  }

  addMissing(missing: MissingTenantRecord): void {
    this.#missing.push(missing);
  }

  get all(): ProtectionSummaryRecord {
    return { ...this.#sum, modules: this.#modules.all, missing: [...this.#missing] };
  }
}

/** What a row adds to the numbers of its user. */
interface RowKind {
  readonly state: ProtectionState;
  readonly modules: readonly ModuleCountRecord[];
}

/** Each module counts once for a user, protected where every entry of it says so. */
function kindOf(modules: readonly ModuleStatusRecord[]): RowKind {
  const byCode = new Map<number, ModuleStatusRecord[]>();
  for (const status of modules) {
    const same = byCode.get(status.moduleCode);
    if (same === undefined) byCode.set(status.moduleCode, [status]);
    else same.push(status);
  }
  return {
    state: protectionStateOf({ modules }),
    modules: [...byCode.values()].flatMap((entries) => {
      const [first] = entries;
      if (first === undefined) return [];
      const isProtected = entries.every((entry) => entry.isProtected === true);
      const { module, moduleCode } = first;
      return [
        {
          module,
          moduleCode,
          protectedCount: isProtected ? 1 : 0,
          unprotectedCount: isProtected ? 0 : 1,
        },
      ];
    }),
  };
}

class ModuleCounts {
  readonly #counts = new Map<
    number,
    { -readonly [Key in keyof ModuleCountRecord]: ModuleCountRecord[Key] }
  >();

  add({ module, moduleCode, protectedCount, unprotectedCount }: ModuleCountRecord): void {
    let counts = this.#counts.get(moduleCode);
    if (counts === undefined) {
      counts = { module, moduleCode, protectedCount: 0, unprotectedCount: 0 };
      this.#counts.set(moduleCode, counts);
    }
    counts.protectedCount += protectedCount;
    counts.unprotectedCount += unprotectedCount;
  }

  get all(): ModuleCountRecord[] {
    return [...this.#counts.values()]
      .map((counts) => ({ ...counts }))
      .sort((left, right) => left.moduleCode - right.moduleCode);
  }
}
