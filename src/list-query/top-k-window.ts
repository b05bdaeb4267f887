/**
 * A window of rows in some order, out of any number of them that come in any order: it keeps no more of them than twice
 * its own size.
 */

export interface CursorRange<Place> {
  readonly size: number;
  /** Whether the window stands at the end of the span instead of its beginning. */
  readonly isBackward: boolean;
  /** The span begins behind this place; null where it begins with the list. */
  readonly after: Place | null;
  /** And ends before this one. */
  readonly before: Place | null;
}

export interface Placed<Row, Place> {
  readonly row: Row;
  readonly place: Place;
}

interface WindowRows<Row, Place> {
  readonly rows: readonly Placed<Row, Place>[];
  /** Of all rows, within the span and without. */
  readonly totalCount: number;
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

export class TopKWindow<Row, Place> {
  readonly #compare: (left: Place, right: Place) => number;
  readonly #span: CursorRange<Place>;
  #kept: Placed<Row, Place>[] = [];
  /** Once the window is full: the one of its rows that goes first. */
  #last: Place | null = null;
  #total = 0;
  #before = 0;
  #within = 0;
  #behind = 0;

  /** @param compare as for `Array.sort` */
  constructor(compare: (left: Place, right: Place) => number, span: CursorRange<Place>) {
    this.#compare = compare;
    this.#span = span;
  }

  add(row: Row, place: Place): void {
    const { after, before, size } = this.#span;
    const isBefore = after !== null && this.#compare(place, after) <= 0;
    const isBehind = before !== null && this.#compare(place, before) >= 0;
    // Where the cursors have crossed, a row is both.
    if (isBefore) this.#before += 1;
    if (isBehind) this.#behind += 1;
    this.#total += 1;
    if (isBefore || isBehind) return;
    this.#within += 1;
    if (this.#last !== null && this.#inTurn(place, this.#last) > 0) return;
    this.#kept.push({ row, place });
    if (this.#kept.length >= 2 * size + 1) this.#cut();
  }

  finish(): WindowRows<Row, Place> {
    this.#cut();
    const { size, isBackward } = this.#span;
    const isCut = this.#within > size;
    return {
      rows: isBackward ? this.#kept.toReversed() : this.#kept,
      totalCount: this.#total,
      hasPrevious: this.#before > 0 || (isBackward && isCut),
      hasNext: this.#behind > 0 || (!isBackward && isCut),
    };
  }

  #cut(): void {
    const { size } = this.#span;
    this.#kept = this.#kept.sort((left, right) => this.#inTurn(left.place, right.place)).slice(0, size);
    this.#last = this.#kept.length < size ? null : (this.#kept.at(-1)?.place ?? null);
  }

  #inTurn(left: Place, right: Place): number {
    return this.#span.isBackward ? this.#compare(right, left) : this.#compare(left, right);
  }
}
