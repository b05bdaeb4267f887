/**
 * What is remembered of one list of the upstream, whoever asked: rows by the names they go by, pages by their place,
 * the length, and which names nobody goes by. Pages and look-ups feed it alike.
 *
 * It refuses to know how long anything is good (freshness.ts) and how much of it fits (eviction.ts): it keeps what it
 * is given until it is told to forget.
 */
import type { Filter, Page } from '../endpoint/collection.ts';

/** One answer of the upstream, decoded. */
export interface ListAnswer<Row> extends Page<Row> {
  /** Credential, endpoint, path and body of the call. */
  readonly key: string;
  /** As it was sent: with the keys of others who waited as well. */
  readonly filter: Filter | null;
  /** By the gateway's clock, in milliseconds: nothing in the answer is older. */
  readonly sentAt: number;
  readonly status: number;
  readonly bytes: number;
}

export interface PageNumber {
  /** From 1. */
  readonly pageIndex: number;
  readonly pageSize: number;
}

/** Where a page stands in the whole list. */
export interface Place extends PageNumber {
  /** Whether the page is as long as its own numbers say, so that lengths and sizes tell how many pages there are. */
  readonly isRegular: boolean;
}

export interface RememberedRow<Row> {
  readonly row: Row;
  readonly answer: ListAnswer<Row>;
}

/** Pages that follow each other, put together. */
export interface Stretch<Row> {
  /** The offset of its first row. */
  readonly start: number;
  readonly rows: readonly Row[];
  readonly answers: readonly ListAnswer<Row>[];
}

interface Traces {
  readonly names: string[];
  readonly absences: string[];
  pageIndex: number | null;
}

export interface RowNames<Row> {
  readonly identityOf: (row: Row) => string;
  readonly indexKeysOf: (row: Row) => readonly string[];
}

/** Answers whose rows may wait for somebody to ask: for more, whoever does would hold the event loop for too long. */
const mostUnindexed = 32;

export class ListMemory<Row> {
  readonly #names: RowNames<Row>;
  readonly #traces = new Map<ListAnswer<Row>, Traces>();
  /** Answers whose rows are not under their names yet, in the order they came: of many, nobody ever asks for a name. */
  readonly #unindexed = new Set<ListAnswer<Row>>();
  #latest: ListAnswer<Row> | null = null;
  readonly #rows = new Map<string, RememberedRow<Row>>();
  readonly #absences = new Map<string, ListAnswer<Row>>();
  readonly #pages = new Map<number, ListAnswer<Row>>();
  /** Pages of which some rows are not under their names any more. */
  readonly #incomplete = new Set<number>();
  #pageSize = 0;
  #isRegular = true;
  #stretch: Stretch<Row> | null = null;
  #length: { readonly totalCount: number; readonly sentAt: number } | null = null;
  /** The answer that has shown that the list is longer than it tells. */
  #contradiction: ListAnswer<Row> | null = null;

  constructor(names: RowNames<Row>) {
    this.#names = names;
  }

  /** The newest length that was told of the list; null if its rows contradict it. */
  get length(): { readonly totalCount: number; readonly sentAt: number } | null {
    return this.#contradiction === null ? this.#length : null;
  }

  /** When an answer was asked for that has shown that the list is longer than it tells; null if none has. */
  get contradictedAt(): number | null {
    return this.#contradiction?.sentAt ?? null;
  }

  /** Notes that an answer has shown the list to be longer than it tells. */
  contradictLength(answer: ListAnswer<Row>): void {
    if (this.#traces.has(answer)) this.#contradiction = answer;
  }

  get hasRows(): boolean {
    return this.#rows.size > 0 || [...this.#unindexed].some(({ rows }) => rows.length > 0);
  }

  row(name: string): RememberedRow<Row> | undefined {
    this.index();
    return this.#rows.get(name);
  }

  /** The answer that has shown that no row goes by this name. */
  absence(name: string): ListAnswer<Row> | undefined {
    this.index();
    return this.#absences.get(name);
  }

  /** The page, unless the list is known to have changed its length since. */
  page({ pageIndex, pageSize }: PageNumber): ListAnswer<Row> | undefined {
    const answer = this.#pageSize === pageSize ? this.#pages.get(pageIndex) : undefined;
    return answer?.totalCount === (this.#length?.totalCount ?? null) ? answer : undefined;
  }

  /** The row at an offset, and when its page was asked for; null if that page is not here. */
  rowAt(offset: number, pageSize: number): { readonly row: Row; readonly sentAt: number } | null {
    if (!this.#isRegular) return null;
    const page = this.page({ pageIndex: Math.floor(offset / pageSize) + 1, pageSize });
    const row = page?.rows[offset % pageSize];
    return page === undefined || row === undefined ? null : { row, sentAt: page.sentAt };
  }

  /**
   * The pages from `first` to `last`, put together once for all who ask; null where one is missing, or where they are not
   * as long as their numbers say or repeat a row.
   */
  stretch({
    pageSize,
    first,
    last,
  }: {
    readonly pageSize: number;
    readonly first: number;
    readonly last: number;
  }): Stretch<Row> | null {
    if (!this.#isRegular) return null;
    const answers: ListAnswer<Row>[] = [];
    for (let pageIndex = first; pageIndex <= last; pageIndex++) {
      const answer = this.page({ pageIndex, pageSize });
      if (answer === undefined) return null;
      answers.push(answer);
    }
    const start = (first - 1) * pageSize;
    const known = this.#stretch;
    if (known?.start === start && answers.every((answer, index) => known.answers[index] === answer))
      return known;
    const rows = answers.flatMap((answer) => answer.rows);
    const isWhole =
      rows.length === Math.min(answers.length * pageSize, (this.#length?.totalCount ?? 0) - start);
    if (!isWhole || new Set(rows.map(this.#names.identityOf)).size < rows.length) return null;
    this.#stretch = { start, rows, answers };
    return this.#stretch;
  }

  /**
   * The time of the oldest page if every page of the list is here, so that a name that is not here does not exist; else
   * null.
   */
  get wholeSince(): number | null {
    if (this.#length === null || !this.#isRegular) return null;
    const { totalCount, sentAt } = this.#length;
    if (totalCount === 0) return sentAt;
    if (this.#incomplete.size > 0) return null;
    const pages = Math.ceil(totalCount / this.#pageSize);
    if (this.#pages.size < pages) return null;
    let oldest = sentAt;
    for (let pageIndex = 1; pageIndex <= pages; pageIndex++) {
      const answer = this.page({ pageIndex, pageSize: this.#pageSize });
      if (answer === undefined) return null;
      oldest = Math.min(oldest, answer.sentAt);
    }
    return oldest;
  }

  /** Keeps an answer: as a page where it has a place in the whole list, else for its rows alone. */
  keep(answer: ListAnswer<Row>, place: Place | null, tellsLength: boolean): void {
    let traces = this.#traces.get(answer);
    if (traces === undefined) {
      traces = { names: [], absences: [], pageIndex: null };
      this.#traces.set(answer, traces);
    }
    if (tellsLength && answer.sentAt >= (this.#length?.sentAt ?? 0)) this.#learnLength(answer);
    if (place !== null) this.#shelve(answer, traces, place);
    this.#unindexed.add(answer);
    this.#latest = answer;
    const [oldest] = this.#unindexed;
    if (this.#unindexed.size > mostUnindexed && oldest !== undefined) this.#indexRows(oldest);
  }

  /** Puts the rows that have come under their names, as whoever asks for a name does. */
  index(): void {
    if (this.#unindexed.size === 0) return;
    for (const answer of this.#unindexed) this.#indexRows(answer);
  }

  /** Gives an answer that is still kept its place in the whole list, once that is known. */
  place(answer: ListAnswer<Row>, place: Place): void {
    if (this.#traces.has(answer)) this.keep(answer, place, true);
  }

  /** Remembers that this answer would have brought rows of these names, and has brought none. */
  keepAbsences(names: Iterable<string>, answer: ListAnswer<Row>): void {
    const traces = this.#traces.get(answer);
    if (traces === undefined) return;
    this.index();
    for (const name of names) {
      const known = this.#rows.get(name);
      if (known !== undefined && known.answer.sentAt > answer.sentAt) continue;
      this.#rows.delete(name);
      this.#absences.set(name, answer);
      traces.absences.push(name);
    }
  }

  forget(answer: ListAnswer<Row>): void {
    const traces = this.#traces.get(answer);
    if (traces === undefined) return;
    // What it has replaced is forgotten with it, so that nothing older comes back.
    if (!this.#isReplacedUnseen(answer)) this.index();
    this.#unindexed.delete(answer);
    if (this.#latest === answer) this.#latest = null;
    if (this.#contradiction === answer) this.#contradiction = null;
    this.#traces.delete(answer);
    if (this.#stretch?.answers.includes(answer)) this.#stretch = null;
    for (const name of traces.absences) if (this.#absences.get(name) === answer) this.#absences.delete(name);
    const { pageIndex } = traces;
    if (pageIndex !== null && this.#pages.get(pageIndex) === answer) {
      this.#pages.delete(pageIndex);
      this.#incomplete.delete(pageIndex);
    }
    let hasForgotten = false;
    for (const name of traces.names) {
      if (this.#rows.get(name)?.answer !== answer) continue;
      this.#rows.delete(name);
      hasForgotten = true;
    }
    // A page that is still here may have the same rows, and older ones: they gave way to those of a look-up.
    if (hasForgotten) for (const page of this.#pages.keys()) this.#incomplete.add(page);
  }

  #indexRows(answer: ListAnswer<Row>): void {
    this.#unindexed.delete(answer);
    const names = this.#traces.get(answer)?.names ?? [];
    for (const row of answer.rows) {
      const remembered = { row, answer };
      for (const name of this.#names.indexKeysOf(row)) {
        if (!this.#keepsName(name, remembered)) continue;
        this.#rows.set(name, remembered);
        this.#absences.delete(name);
        names.push(name);
      }
    }
  }

  /** Whether nobody has asked for a name since it came, and its like has just come again. */
  #isReplacedUnseen(answer: ListAnswer<Row>): boolean {
    if (this.#rows.size > 0 || this.#absences.size > 0 || !this.#unindexed.has(answer)) return false;
    return this.#latest !== answer && this.#latest?.key === answer.key;
  }

  #learnLength({ totalCount, sentAt, rows }: ListAnswer<Row>): void {
    if (totalCount !== null) {
      // The length may come back, and the rows would stand elsewhere all the same.
      if (totalCount !== this.#length?.totalCount) this.#forgetPages();
      this.#length = { totalCount, sentAt };
    } else if (rows.length > 0) this.#length = null;
  }

  #forgetPages(): void {
    this.#pages.clear();
    this.#incomplete.clear();
    this.#stretch = null;
  }

  #shelve(answer: ListAnswer<Row>, traces: Traces, { pageIndex, pageSize, isRegular }: Place): void {
    // Pages of two sizes are two lists of pages: the deployment has changed the size it gives.
    if (this.#pageSize !== pageSize) {
      this.#forgetPages();
      this.#isRegular = true;
    }
    this.#pageSize = pageSize;
    this.#isRegular &&= isRegular;
    const known = this.#pages.get(pageIndex);
    if (known !== undefined && known.sentAt > answer.sentAt) return;
    this.#pages.set(pageIndex, answer);
    this.#incomplete.delete(pageIndex);
    traces.pageIndex = pageIndex;
  }

  /** Newer rows replace older ones; of two rows that share an address, the first of the list keeps it. */
  #keepsName(name: string, { row, answer }: RememberedRow<Row>): boolean {
    const known = this.#rows.get(name);
    if (known === undefined) return true;
    if (known.answer === answer) return false;
    const place = this.#traces.get(answer)?.pageIndex ?? null;
    const knownPlace = this.#traces.get(known.answer)?.pageIndex ?? null;
    const isElsewhere = place !== null && knownPlace !== null && place !== knownPlace;
    if (isElsewhere && this.#names.identityOf(known.row) !== this.#names.identityOf(row))
      return place < knownPlace;
    return answer.sentAt >= known.answer.sentAt;
  }
}
