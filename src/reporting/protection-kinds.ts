/** Protection of users without their rows in memory: many protection rows share a few kinds. */
import { protectionStatuses } from '../endpoint/protection-statuses.ts';
import type { ModuleStatusRecord, ProtectionState, ProtectionStatusRecord, UserRecord } from '../model.ts';
import { idJoin, protectionJoin } from '../planner/row-keys.ts';
import { protectionStateOf } from './protection-state.ts';

/** Content that rows of one kind share. */
export interface ProtectionKind {
  readonly modules: readonly ModuleStatusRecord[];
  readonly state: ProtectionState;
}

/** Collects all protection rows of a tenant, then finds the rows of its users by name. */
export class ProtectionKinds {
  readonly #known = new Map<string, ProtectionKind>();
  /** Rows by name: the index of a single row, or several rows. */
  readonly #rowsOf = new Map<string, number | NamedRows>();
  /** By row index. */
  readonly #kinds: ProtectionKind[] = [];
  /** By row index. */
  readonly #otherNames: string[] = [];
  /** Identities of rows without names, and of rows whose first name belongs to an earlier row. */
  readonly #identities = new Set<string>();
  readonly #matched = new Set<number>();

  /** Adds a row; returns false for a repetition. */
  readonly add = (row: ProtectionStatusRecord): boolean => {
    const names = namesOf(row);
    if (this.#isRepeat(row, names)) return false;
    const rowIndex = this.#kinds.push(this.#kindOf(row.modules)) - 1;
    this.#otherNames.push(otherNameOf(names));
    for (const name of names) {
      const known = this.#rowsOf.get(name);
      if (known === undefined) this.#rowsOf.set(name, rowIndex);
      else if (typeof known === 'number')
        this.#rowsOf.set(name, { indexes: [known, rowIndex], matchedCount: 0 });
      else known.indexes.push(rowIndex);
    }
    return true;
  };

  /** Kind of the user's first row, or null; marks all rows of the user as matched. */
  readonly match = (user: UserRecord): ProtectionKind | null => {
    // Rows with the user's id match even if another row comes first for the address.
    this.#matchRows(idJoin.firstNameOf(user.userId));
    let first: number | null = null;
    for (const { index } of protectionJoin.rowKeysOf(user)) {
      const ofName = this.#matchRows(index);
      first ??= ofName;
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

  /** Whether a row with exactly these names was already added. */
  #isRepeat(row: ProtectionStatusRecord, names: readonly string[]): boolean {
    const [first] = names;
    if (first !== undefined) {
      const firstRow = firstOf(this.#rowsOf.get(first));
      if (firstRow === null) return false;
      if (this.#otherNames[firstRow] === otherNameOf(names)) return true;
    }
    const identity = protectionStatuses.identityOf(row);
    if (this.#identities.has(identity)) return true;
    this.#identities.add(identity);
    return false;
  }

  /** Marks the rows of a name, each once even if many users have the name; returns the first row. */
  #matchRows(name: string): number | null {
    const rows = this.#rowsOf.get(name);
    if (typeof rows === 'number') this.#matched.add(rows);
    else if (rows !== undefined) {
      for (const rowIndex of rows.indexes.slice(rows.matchedCount)) this.#matched.add(rowIndex);
      rows.matchedCount = rows.indexes.length;
    }
    return firstOf(rows);
  }
}

interface NamedRows {
  /** In list order. */
  readonly indexes: number[];
  /** Number of matched rows, from the start. */
  matchedCount: number;
}

function firstOf(rows: number | NamedRows | undefined): number | null {
  return typeof rows === 'number' ? rows : (rows?.indexes[0] ?? null);
}

/** Names by which a row may belong to a user. */
function namesOf(row: ProtectionStatusRecord): readonly string[] {
  const addresses = protectionStatuses.indexKeysOf(row);
  return row.userId === null ? addresses : [idJoin.firstNameOf(row.userId), ...addresses];
}

/** The address of a row that also has an id, else empty. */
function otherNameOf([, other = '']: readonly string[]): string {
  return other;
}
