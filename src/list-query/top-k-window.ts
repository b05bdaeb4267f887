/**
 * Window of the first (or last) rows of an order, from rows added in any sequence. Holds at most twice its size in
 * memory.
 */

export interface CursorRange<Place> {
  readonly size: number;
  /** Whether the window is at the end of the range instead of its start. */
  readonly isBackward: boolean;
  /** The range begins behind this place; null for the start of the list. */
  readonly after: Place | null;
  /** The range ends before this place; null for the end of the list. */
  readonly before: Place | null;
}

export interface Placed<Row, Place> {
  readonly row: Row;
  readonly place: Place;
}

interface WindowRows<Row, Place> {
  readonly rows: readonly Placed<Row, Place>[];
  /** Number of all rows added, including those outside the range. */
  readonly totalCount: number;
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

export class TopKWindow<Row, Place> {
  readonly #compare: (left: Place, right: Place) => number;
  readonly #range: CursorRange<Place>;
  #rows: Placed<Row, Place>[] = [];
  /** The row to drop next; null until the window is full. */
  #last: Place | null = null;
  #total = 0;
  #before = 0;
  #within = 0;
  #behind = 0;

  /** @param compare as for `Array.sort` */
  constructor(compare: (left: Place, right: Place) => number, range: CursorRange<Place>) {
    this.#compare = compare;
    this.#range = range;
  }

  add(row: Row, place: Place): void {
    const { after, before, size } = this.#range;
    const isBefore = after !== null && this.#compare(place, after) <= 0;
    const isBehind = before !== null && this.#compare(place, before) >= 0;
    // If the cursors have crossed, a row can be on both sides.
    if (isBefore) this.#before += 1;
    if (isBehind) this.#behind += 1;
    this.#total += 1;
    if (isBefore || isBehind) return;
    this.#within += 1;
    if (this.#last !== null && this.#compareInDirection(place, this.#last) > 0) return;
    this.#rows.push({ row, place });
    if (this.#rows.length >= 2 * size + 1) this.#cut();
  }

  finish(): WindowRows<Row, Place> {
    this.#cut();
    const { size, isBackward } = this.#range;
    const isCut = this.#within > size;
    return {
      rows: isBackward ? this.#rows.toReversed() : this.#rows,
      totalCount: this.#total,
      hasPrevious: this.#before > 0 || (isBackward && isCut),
      hasNext: this.#behind > 0 || (!isBackward && isCut),
    };
  }

  #cut(): void {
    const { size } = this.#range;
    this.#rows = this.#rows
      .sort((left, right) => this.#compareInDirection(left.place, right.place))
      .slice(0, size);
    this.#last = this.#rows.length < size ? null : (this.#rows.at(-1)?.place ?? null);
  }

  #compareInDirection(left: Place, right: Place): number {
    return this.#range.isBackward ? this.#compare(right, left) : this.#compare(left, right);
  }
}
