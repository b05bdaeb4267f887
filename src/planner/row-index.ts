/** Index of one list's rows by name in the list's order, and of absent names. */
import type { Filter, Page } from '../endpoint/collection.ts';

export interface ListAnswer<Row> extends Page<Row> {
  /** Credential, endpoint, path and body of the call. */
  readonly key: string;
  /** The filter as sent, with keys of other waiters; null for a page of the whole list. */
  readonly filter: Filter | null;
  /** From 1; for look-ups of several pages, the page of the look-up. */
  readonly pageIndex: number;
  /** Request time in milliseconds, by the gateway's clock: nothing in the answer is older. */
  readonly sentAt: number;
  readonly status: number;
  readonly bytes: number;
}

export interface CachedRow<Row> {
  readonly row: Row;
  readonly answer: ListAnswer<Row>;
}

interface Places<Row> {
  /** Page number of an answer; null if it is a look-up or outdated. */
  pageIndexOf(answer: ListAnswer<Row>): number | null;
  wasPage(answer: ListAnswer<Row>): boolean;
}

export class RowIndex<Row> {
  readonly #places: Places<Row>;
  /** First row of each name in the list; among looked-up rows, the newest. */
  readonly #rows = new Map<string, CachedRow<Row>>();
  /** Other rows of these names in the same order: rows of other pages, and one looked-up row. */
  readonly #laterRows = new Map<string, CachedRow<Row>[]>();
  readonly #absences = new Map<string, ListAnswer<Row>>();

  constructor(places: Places<Row>) {
    this.#places = places;
  }

  get hasRows(): boolean {
    return this.#rows.size > 0;
  }

  get isEmpty(): boolean {
    return this.#rows.size === 0 && this.#absences.size === 0;
  }

  row(name: string): CachedRow<Row> | undefined {
    return this.#rows.get(name);
  }

  /** The first row of a name in an accepted answer. */
  goodRow(name: string, isGood: (answer: ListAnswer<Row>) => boolean): CachedRow<Row> | undefined {
    const first = this.#rows.get(name);
    if (first === undefined || isGood(first.answer)) return first;
    return this.#laterRows.get(name)?.find(({ answer }) => isGood(answer));
  }

  hasSeveral(name: string): boolean {
    return this.#laterRows.has(name);
  }

  absence(name: string): ListAnswer<Row> | undefined {
    return this.#absences.get(name);
  }

  /** Returns whether the row was added. */
  add(name: string, added: CachedRow<Row>): boolean {
    const known = this.#rows.get(name);
    const isAdded = this.#put(name, added, known);
    if (isAdded) this.#absences.delete(name);
    return isAdded;
  }

  /** Records an absence unless a newer answer has a row of the name; returns whether it was recorded. */
  addAbsence(name: string, answer: ListAnswer<Row>): boolean {
    const known = this.#rows.get(name);
    if (known !== undefined && known.answer.sentAt > answer.sentAt) return false;
    this.#rows.delete(name);
    this.#laterRows.delete(name);
    this.#absences.set(name, answer);
    return true;
  }

  remove(name: string, answer: ListAnswer<Row>): void {
    const later = this.#laterRows.get(name)?.filter((row) => row.answer !== answer) ?? [];
    if (this.#rows.get(name)?.answer === answer) {
      const next = later.shift();
      if (next === undefined) this.#rows.delete(name);
      else this.#rows.set(name, next);
    }
    this.#setLaterRows(name, later);
  }

  removeAbsence(name: string, answer: ListAnswer<Row>): void {
    if (this.#absences.get(name) === answer) this.#absences.delete(name);
  }

  /** Keeps only the first row of each name: all pages are outdated, so later rows can't be ordered any more. */
  outdatePages(): void {
    for (const [name, later] of this.#laterRows)
      this.#setLaterRows(
        name,
        later.filter(({ answer }) => !this.#places.wasPage(answer)),
      );
  }

  #put(name: string, added: CachedRow<Row>, known: CachedRow<Row> | undefined): boolean {
    if (known === undefined) {
      this.#rows.set(name, added);
      return true;
    }
    // Rows within an answer are in the list's order.
    if (known.answer === added.answer) return false;
    if (!this.#precedes(added, known)) return this.#addLaterRow(name, added, known);
    this.#rows.set(name, added);
    this.#addLaterRow(name, known, added);
    return true;
  }

  /** Adds a row after the first, in case the first expires or is evicted; returns whether it was added. */
  #addLaterRow(name: string, row: CachedRow<Row>, first: CachedRow<Row>): boolean {
    const later = this.#laterRows.get(name) ?? [];
    if (later.some(({ answer }) => answer === row.answer)) return false;
    if (this.#places.wasPage(row.answer)) {
      if (this.#places.pageIndexOf(row.answer) === null) return false;
    } else {
      // Among looked-up rows, the newest is enough.
      const known = [first, ...later].find(({ answer }) => !this.#places.wasPage(answer));
      if (known !== undefined) {
        if (known === first || !this.#precedes(row, known)) return false;
        later.splice(later.indexOf(known), 1);
      }
    }
    const position = later.findIndex((each) => this.#precedes(row, each));
    later.splice(position < 0 ? later.length : position, 0, row);
    this.#laterRows.set(name, later);
    return true;
  }

  #setLaterRows(name: string, later: CachedRow<Row>[]): void {
    if (later.length === 0) this.#laterRows.delete(name);
    else this.#laterRows.set(name, later);
  }

  /** Rows of pages come first, by page number; then looked-up rows, newest first. */
  #precedes(left: CachedRow<Row>, right: CachedRow<Row>): boolean {
    const [page, otherPage] = [this.#places.pageIndexOf(left.answer), this.#places.pageIndexOf(right.answer)];
    if (page !== null && otherPage !== null) return page < otherPage;
    if (page !== null || otherPage !== null) return page !== null;
    const { filter } = left.answer;
    if (filter !== null && filter === right.answer.filter) return false;
    return left.answer.sentAt >= right.answer.sentAt;
  }
}
