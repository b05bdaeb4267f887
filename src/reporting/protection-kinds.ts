/** Protection of users without their rows in memory: many protection rows share few kinds. */
import { protectionStatuses } from '../endpoint/protection-statuses.ts';
import type { ModuleStatusRecord, ProtectionState, ProtectionStatusRecord, UserRecord } from '../model.ts';
import { idJoin, protectionJoin } from '../planner/row-keys.ts';
import { protectionStateOf } from './protection-state.ts';

/** Content that rows of one kind share. */
export interface ProtectionKind {
  readonly modules: readonly ModuleStatusRecord[];
  readonly state: ProtectionState;
}

/** Collects all protection rows of a tenant first, then finds those of its users by their names. */
export class ProtectionKinds {
  readonly #known = new Map<string, ProtectionKind>();
  /** Row indexes by name, in list order. */
  readonly #rowIndexes = new Map<string, number | readonly number[]>();
  /** By row index. */
  readonly #kinds: ProtectionKind[] = [];
  /** Number of a row's names, by row index. */
  readonly #nameCounts: number[] = [];
  /** Identities of the rows without names. */
  readonly #nameless = new Set<string>();
  readonly #matched = new Set<number>();

  /** Adds a row unless it is a repetition. */
  readonly add = (row: ProtectionStatusRecord): void => {
    const names = namesOf(row);
    if (names.length === 0 ? this.#isNamelessRepeat(row) : this.#isRepeat(names)) return;
    const rowIndex = this.#kinds.push(this.#kindOf(row.modules)) - 1;
    this.#nameCounts.push(names.length);
    for (const name of names) {
      const known = this.#rowIndexes.get(name);
      this.#rowIndexes.set(name, known === undefined ? rowIndex : [known, rowIndex].flat());
    }
  };

  /** Kind of the user's first row, or null; marks all rows of the user as matched. */
  readonly match = (user: UserRecord): ProtectionKind | null => {
    // Rows with the user's id match even if another row comes first by address.
    for (const rowIndex of this.#rowIndexesOf(idJoin.firstNameOf(user.userId))) this.#matched.add(rowIndex);
    let first: number | null = null;
    for (const { index } of protectionJoin.rowKeysOf(user)) {
      for (const rowIndex of this.#rowIndexesOf(index)) {
        first ??= rowIndex;
        this.#matched.add(rowIndex);
      }
    }
    return first === null ? null : (this.#kinds[first] ?? null);
  };

  get unmatchedCount(): number {
    return this.#kinds.length - this.#matched.size;
  }

  #kindOf(modules: readonly ModuleStatusRecord[]): ProtectionKind {
    let key = '';
    for (const { moduleCode, isProtected } of modules) key += `${moduleCode}${String(isProtected)} `;
    let kind = this.#known.get(key);
    if (kind === undefined) this.#known.set(key, (kind = { modules, state: protectionStateOf({ modules }) }));
    return kind;
  }

  /** Whether a row with exactly these names was added. */
  #isRepeat(names: readonly string[]): boolean {
    const [first = '', ...others] = names;
    return this.#rowIndexesOf(first).some(
      (rowIndex) =>
        this.#nameCounts[rowIndex] === names.length &&
        others.every((name) => this.#rowIndexesOf(name).includes(rowIndex)),
    );
  }

  #isNamelessRepeat(row: ProtectionStatusRecord): boolean {
    const identity = protectionStatuses.identityOf(row);
    if (this.#nameless.has(identity)) return true;
    this.#nameless.add(identity);
    return false;
  }

  #rowIndexesOf(name: string): readonly number[] {
    const rowIndexes = this.#rowIndexes.get(name);
    if (rowIndexes === undefined) return noRows;
    return typeof rowIndexes === 'number' ? [rowIndexes] : rowIndexes;
  }
}

const noRows: readonly number[] = [];

/** Names by which a row may belong to a user. */
function namesOf(row: ProtectionStatusRecord): readonly string[] {
  const addresses = protectionStatuses.indexKeysOf(row);
  return row.userId === null ? addresses : [idJoin.firstNameOf(row.userId), ...addresses];
}
