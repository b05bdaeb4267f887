/** Protection of a tenant's users where rows are not kept: of the many protection rows there are few kinds. */
import { protectionStatuses } from '../endpoint/protection-statuses.ts';
import type { ModuleStatusRecord, ProtectionState, ProtectionStatusRecord, UserRecord } from '../model.ts';
import { idJoin, protectionJoin } from '../planner/row-keys.ts';
import { protectionStateOf } from './protection-state.ts';

/** All that rows of one kind have in common. */
export interface ProtectionKind {
  readonly modules: readonly ModuleStatusRecord[];
  readonly state: ProtectionState;
}

/** Takes all of a tenant's protection rows first, and then finds those of its users by their names. */
export class ProtectionKinds {
  readonly #known = new Map<string, ProtectionKind>();
  /** By name, the places of the rows that go by it, in the list's order. */
  readonly #places = new Map<string, number | readonly number[]>();
  /** By place. */
  readonly #kinds: ProtectionKind[] = [];
  /** By place, how many names the row has. */
  readonly #nameCounts: number[] = [];
  /** Identities of the rows that go by no name. */
  readonly #nameless = new Set<string>();
  readonly #matched = new Set<number>();

  /** A row that comes again is left out. */
  readonly add = (row: ProtectionStatusRecord): void => {
    const names = namesOf(row);
    if (names.length === 0 ? this.#isNamelessRepeat(row) : this.#isRepeat(names)) return;
    const place = this.#kinds.push(this.#kindOf(row.modules)) - 1;
    this.#nameCounts.push(names.length);
    for (const name of names) {
      const known = this.#places.get(name);
      this.#places.set(name, known === undefined ? place : [known, place].flat());
    }
  };

  /** Null for a user without a row; all rows that name the user are matched by it. */
  readonly match = (user: UserRecord): ProtectionKind | null => {
    // Rows that speak of the user are not without one, also where another row comes first.
    for (const place of this.#placesOf(idJoin.firstNameOf(user.userId))) this.#matched.add(place);
    let first: number | null = null;
    for (const { index } of protectionJoin.rowKeysOf(user)) {
      for (const place of this.#placesOf(index)) {
        first ??= place;
        this.#matched.add(place);
      }
    }
    return first === null ? null : (this.#kinds[first] ?? null);
  };

  /** Rows that no user has matched yet. */
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

  /** Whether a row of exactly these names was added. */
  #isRepeat(names: readonly string[]): boolean {
    const [first = '', ...others] = names;
    return this.#placesOf(first).some(
      (place) =>
        this.#nameCounts[place] === names.length &&
        others.every((name) => this.#placesOf(name).includes(place)),
    );
  }

  #isNamelessRepeat(row: ProtectionStatusRecord): boolean {
    const identity = protectionStatuses.identityOf(row);
    if (this.#nameless.has(identity)) return true;
    this.#nameless.add(identity);
    return false;
  }

  #placesOf(name: string): readonly number[] {
    const places = this.#places.get(name);
    if (places === undefined) return nowhere;
    return typeof places === 'number' ? [places] : places;
  }
}

const nowhere: readonly number[] = [];

/** The names by which a row may belong to a user. */
function namesOf(row: ProtectionStatusRecord): readonly string[] {
  const addresses = protectionStatuses.indexKeysOf(row);
  return row.userId === null ? addresses : [idJoin.firstNameOf(row.userId), ...addresses];
}
