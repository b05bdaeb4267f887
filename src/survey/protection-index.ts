/**
 * The protection rows of one tenant by the names that users find them by. Of the rows, nothing is kept but their names and
 * what the caller keeps of each.
 */
import { protectionStatuses } from '../endpoint/protection-statuses.ts';
import type { ProtectionStatusRecord, UserRecord } from '../model.ts';
import { idJoin, protectionJoin } from '../planner/row-keys.ts';

export class ProtectionIndex<Kept> {
  readonly #keep: (row: ProtectionStatusRecord) => Kept;
  /** By name, the places of the rows that go by it, in the list's order. */
  readonly #places = new Map<string, number | readonly number[]>();
  /** By place. */
  readonly #kept: Kept[] = [];
  /** By place, how many names the row has. */
  readonly #nameCounts: number[] = [];
  /** Identities of the rows that go by no name. */
  readonly #nameless = new Set<string>();
  readonly #matched = new Set<number>();

  constructor(keep: (row: ProtectionStatusRecord) => Kept) {
    this.#keep = keep;
  }

  /** A row that comes again is left out. */
  add(row: ProtectionStatusRecord): void {
    const names = namesOf(row);
    if (names.length === 0 ? this.#isNamelessRepeat(row) : this.#isRepeat(names)) return;
    const place = this.#kept.push(this.#keep(row)) - 1;
    this.#nameCounts.push(names.length);
    for (const name of names) {
      const known = this.#places.get(name);
      this.#places.set(name, known === undefined ? place : [known, place].flat());
    }
  }

  /** What is kept of the user's row, null where there is none; all rows that speak of the user are matched by it. */
  match(user: UserRecord): Kept | null {
    // Rows that speak of the user are not without one, also where another row comes first.
    for (const place of this.#placesOf(idJoin.firstNameOf(user.userId))) this.#matched.add(place);
    let first: number | null = null;
    for (const { index } of protectionJoin.rowKeysOf(user)) {
      for (const place of this.#placesOf(index)) {
        first ??= place;
        this.#matched.add(place);
      }
    }
    return first === null ? null : (this.#kept[first] ?? null);
  }

  /** Rows that no user has matched yet. */
  get unmatchedCount(): number {
    return this.#kept.length - this.#matched.size;
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
