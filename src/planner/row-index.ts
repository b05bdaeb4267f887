/** The rows of one list by the names they go by, in the list's order, and the names that no row goes by. */
import type { Filter, Page } from '../endpoint/collection.ts';

/** One answer of the upstream, decoded. */
export interface ListAnswer<Row> extends Page<Row> {
  /** Credential, endpoint, path and body of the call. */
  readonly key: string;
  /** As it was sent: with the keys of others who waited as well. */
  readonly filter: Filter | null;
  /** From 1; of a look-up that takes several pages, which of them. */
  readonly pageIndex: number;
  /** By the gateway's clock, in milliseconds: nothing in the answer is older. */
  readonly sentAt: number;
  readonly status: number;
  readonly bytes: number;
}

export interface RememberedRow<Row> {
  readonly row: Row;
  readonly answer: ListAnswer<Row>;
}

/** What is known of an answer's place in the list. */
interface Places<Row> {
  /** The number of the page that an answer is; null if it is none, or outdated. */
  pageIndexOf(answer: ListAnswer<Row>): number | null;
  /** Whether an answer is or was a page, and no look-up. */
  wasPage(answer: ListAnswer<Row>): boolean;
}

export class RowIndex<Row> {
  readonly #places: Places<Row>;
  /** By name, the row that comes first in the list; of rows that were looked up, the newest. */
  readonly #rows = new Map<string, RememberedRow<Row>>();
  /** The other rows of these names, in the same order: on other pages, and one that was looked up. */
  readonly #rivals = new Map<string, RememberedRow<Row>[]>();
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

  row(name: string): RememberedRow<Row> | undefined {
    return this.#rows.get(name);
  }

  /** The first row of a name whose answer is good; undefined if none is. */
  goodRow(name: string, isGood: (answer: ListAnswer<Row>) => boolean): RememberedRow<Row> | undefined {
    const first = this.#rows.get(name);
    if (first === undefined || isGood(first.answer)) return first;
    return this.#rivals.get(name)?.find(({ answer }) => isGood(answer));
  }

  hasSeveral(name: string): boolean {
    return this.#rivals.has(name);
  }

  absence(name: string): ListAnswer<Row> | undefined {
    return this.#absences.get(name);
  }

  /** Puts a row under a name, first or behind the first; whether it is there then. */
  add(name: string, remembered: RememberedRow<Row>): boolean {
    const known = this.#rows.get(name);
    const isAdded = this.#put(name, remembered, known);
    if (isAdded) this.#absences.delete(name);
    return isAdded;
  }

  /** Remembers that an answer would have brought a row of this name; not if a newer one has. Whether it does. */
  addAbsence(name: string, answer: ListAnswer<Row>): boolean {
    const known = this.#rows.get(name);
    if (known !== undefined && known.answer.sentAt > answer.sentAt) return false;
    this.#rows.delete(name);
    this.#rivals.delete(name);
    this.#absences.set(name, answer);
    return true;
  }

  remove(name: string, answer: ListAnswer<Row>): void {
    const rivals = this.#rivals.get(name)?.filter((rival) => rival.answer !== answer) ?? [];
    if (this.#rows.get(name)?.answer === answer) {
      const next = rivals.shift();
      if (next === undefined) this.#rows.delete(name);
      else this.#rows.set(name, next);
    }
    this.#setRivals(name, rivals);
  }

  removeAbsence(name: string, answer: ListAnswer<Row>): void {
    if (this.#absences.get(name) === answer) this.#absences.delete(name);
  }

  /** All pages are outdated: of each name the first row stays. Once it has gone, nothing shows that there was one. */
  outdatePages(): void {
    for (const [name, rivals] of this.#rivals)
      this.#setRivals(
        name,
        rivals.filter(({ answer }) => !this.#places.wasPage(answer)),
      );
  }

  #put(name: string, remembered: RememberedRow<Row>, known: RememberedRow<Row> | undefined): boolean {
    if (known === undefined) {
      this.#rows.set(name, remembered);
      return true;
    }
    // Within an answer, rows stand in the list's order.
    if (known.answer === remembered.answer) return false;
    if (!this.#precedes(remembered, known)) return this.#addRival(name, remembered, known);
    this.#rows.set(name, remembered);
    this.#addRival(name, known, remembered);
    return true;
  }

  /** Keeps a row behind the first, if it may count once that is too old or has gone. Whether it does. */
  #addRival(name: string, rival: RememberedRow<Row>, first: RememberedRow<Row>): boolean {
    const rivals = this.#rivals.get(name) ?? [];
    if (rivals.some(({ answer }) => answer === rival.answer)) return false;
    if (this.#places.wasPage(rival.answer)) {
      if (this.#places.pageIndexOf(rival.answer) === null) return false;
    } else {
      // Of rows that were looked up, the newest is enough.
      const known = [first, ...rivals].find(({ answer }) => !this.#places.wasPage(answer));
      if (known !== undefined) {
        if (known === first || !this.#precedes(rival, known)) return false;
        rivals.splice(rivals.indexOf(known), 1);
      }
    }
    const position = rivals.findIndex((each) => this.#precedes(rival, each));
    rivals.splice(position < 0 ? rivals.length : position, 0, rival);
    this.#rivals.set(name, rivals);
    return true;
  }

  #setRivals(name: string, rivals: RememberedRow<Row>[]): void {
    if (rivals.length === 0) this.#rivals.delete(name);
    else this.#rivals.set(name, rivals);
  }

  /** Rows of pages come first, in the order of the pages; then single rows, the newest first. */
  #precedes(left: RememberedRow<Row>, right: RememberedRow<Row>): boolean {
    const [page, otherPage] = [this.#places.pageIndexOf(left.answer), this.#places.pageIndexOf(right.answer)];
    if (page !== null && otherPage !== null) return page < otherPage;
    if (page !== null || otherPage !== null) return page !== null;
    // The answers to one look-up stand in the list's order.
    const { filter } = left.answer;
    if (filter !== null && filter === right.answer.filter) return false;
    return left.answer.sentAt >= right.answer.sentAt;
  }
}
