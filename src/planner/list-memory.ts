/**
 * What is remembered of one list of the upstream, whoever asked: rows by the names they go by, pages by their place,
 * the length, and which names nobody goes by. Pages and look-ups feed it alike.
 *
 * It refuses to know how long anything is good (freshness.ts) and how much of it fits (eviction.ts): it keeps what it
 * is given until it is told to forget.
 */
import type { Collection, Filter, Page } from '../endpoint/collection.ts';

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
interface Stretch<Row> {
  readonly pageSize: number;
  /** The number of its first page. */
  readonly first: number;
  readonly answers: readonly ListAnswer<Row>[];
  readonly rows: readonly Row[];
}

/** Pages of one size, from the number `first` to the number `last`. */
type PageRange = Pick<Stretch<unknown>, 'pageSize' | 'first'> & { readonly last: number };

interface Traces {
  readonly names: string[];
  readonly absences: string[];
  pageIndex: number | null;
}

type RowNames<Row> = Pick<Collection<never, Row>, 'identityOf' | 'indexKeysOf'>;

/** Answers whose rows may wait for somebody to ask: for more, whoever does would hold the event loop for too long. */
const mostUnindexed = 32;

export class ListMemory<Row> {
  readonly #names: RowNames<Row>;
  readonly #traces = new Map<ListAnswer<Row>, Traces>();
  /** Answers whose rows are not under their names yet, in the order they came: of many, nobody ever asks for a name. */
  readonly #unindexed = new Set<ListAnswer<Row>>();
  #latest: ListAnswer<Row> | null = null;
  /** By name, the row that comes first in the list; of rows that were looked up, the newest. */
  readonly #rows = new Map<string, RememberedRow<Row>>();
  /** The other rows of these names, in the same order: on other pages, or looked up after the page was read. */
  readonly #rivals = new Map<string, RememberedRow<Row>[]>();
  readonly #absences = new Map<string, ListAnswer<Row>>();
  /** By row of another list, the row that it joins to, for as long as nothing here changes. */
  #joined = new WeakMap<object, RememberedRow<Row>>();
  readonly #pages = new Map<number, ListAnswer<Row>>();
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

  /**
   * The first row of a name in the list's order, over the pages that are here; of single rows, the newest.
   *
   * @param isGood preferred among several answers that have one
   */
  row(name: string, isGood?: (answer: ListAnswer<Row>) => boolean): RememberedRow<Row> | undefined {
    this.index();
    const first = this.#rows.get(name);
    if (first === undefined || isGood === undefined || this.#rivals.size === 0 || isGood(first.answer))
      return first;
    return this.#rivals.get(name)?.find(({ answer }) => isGood(answer)) ?? first;
  }

  /** The row that a row of another list joins to, if it was noted since anything here has changed. */
  joinedTo(row: object): RememberedRow<Row> | undefined {
    return this.#joined.get(row);
  }

  /** Caches a join. Not if a name has several rows: which of them fits then depends on freshness. */
  noteJoin(row: object, to: RememberedRow<Row>): void {
    if (this.#rivals.size === 0) this.#joined.set(row, to);
  }

  /** The number of the page that an answer is; null if it is none, or outdated. */
  pageIndexOf(answer: ListAnswer<Row>): number | null {
    if (!this.#stands(answer)) return null;
    const pageIndex = this.#traces.get(answer)?.pageIndex ?? null;
    return this.#length === null || this.#length.totalCount === answer.totalCount ? pageIndex : null;
  }

  /** The answer that has shown that no row goes by this name. */
  absence(name: string): ListAnswer<Row> | undefined {
    this.index();
    return this.#absences.get(name);
  }

  /** The page, unless the list is known to have changed its length since. */
  page({ pageIndex, pageSize }: PageNumber): ListAnswer<Row> | undefined {
    const answer = this.#pages.get(pageIndex);
    if (this.#pageSize !== pageSize && !(pageIndex === 1 && isWholeIn(answer, pageSize))) return undefined;
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
   * Pages that follow each other and have these among them, put together once for all who ask; null where one of these is
   * missing, or where they are not as long as their numbers say or repeat a row.
   */
  stretch(range: PageRange): Stretch<Row> | null {
    if (!this.#isRegular) return null;
    const known = this.#stretch;
    if (known !== null && this.#covers(known, range)) return known;
    // Doubles the assembled range, so that scattered windows do not reassemble it each time.
    const wider =
      known !== null && this.#covers(known, { ...known, last: known.first + known.answers.length - 1 })
        ? this.#putTogether(this.#widened(range, 2 * known.answers.length))
        : null;
    const found = wider ?? this.#putTogether(range);
    if (found !== null) this.#stretch = found;
    return found;
  }

  /** Whether a range is part of a stretch that is still as the list is. */
  #covers(known: Stretch<Row>, { pageSize, first, last }: PageRange): boolean {
    if (pageSize !== known.pageSize || first < known.first) return false;
    for (let pageIndex = first; pageIndex <= last; pageIndex++) {
      const answer = known.answers[pageIndex - known.first];
      if (answer === undefined || this.page({ pageIndex, pageSize }) !== answer) return false;
    }
    return true;
  }

  /** As many pages as this around a range, as far as they are here. */
  #widened({ pageSize, first, last }: PageRange, pages: number): PageRange {
    const has = (pageIndex: number) => this.page({ pageIndex, pageSize }) !== undefined;
    while (last - first + 1 < pages && has(last + 1)) last += 1;
    while (last - first + 1 < pages && has(first - 1)) first -= 1;
    return { pageSize, first, last };
  }

  #putTogether({ pageSize, first, last }: PageRange): Stretch<Row> | null {
    const answers: ListAnswer<Row>[] = [];
    for (let pageIndex = first; pageIndex <= last; pageIndex++) {
      const answer = this.page({ pageIndex, pageSize });
      if (answer === undefined) return null;
      answers.push(answer);
    }
    const rows = answers.flatMap((answer) => answer.rows);
    const behind = (this.#length?.totalCount ?? 0) - (first - 1) * pageSize;
    const isWhole = rows.length === Math.min(answers.length * pageSize, behind);
    if (!isWhole || new Set(rows.map(this.#names.identityOf)).size < rows.length) return null;
    return { pageSize, first, answers, rows };
  }

  /**
   * The time of the oldest page if every page of the list is here, so that a name that is not here does not exist; else
   * null.
   */
  get wholeSince(): number | null {
    if (this.#length === null || !this.#isRegular) return null;
    const { totalCount, sentAt } = this.#length;
    if (totalCount === 0) return sentAt;
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
    this.#joined = new WeakMap();
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
    this.#joined = new WeakMap();
    for (const name of names) {
      const known = this.#rows.get(name);
      if (known !== undefined && known.answer.sentAt > answer.sentAt) continue;
      this.#rows.delete(name);
      this.#rivals.delete(name);
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
    this.#joined = new WeakMap();
    if (this.#stretch?.answers.includes(answer)) this.#stretch = null;
    for (const name of traces.absences) if (this.#absences.get(name) === answer) this.#absences.delete(name);
    const { pageIndex } = traces;
    if (pageIndex !== null && this.#pages.get(pageIndex) === answer) this.#pages.delete(pageIndex);
    for (const name of traces.names) this.#forgetName(name, answer);
  }

  #forgetName(name: string, answer: ListAnswer<Row>): void {
    const rivals = this.#rivals.get(name)?.filter((rival) => rival.answer !== answer) ?? [];
    if (this.#rows.get(name)?.answer === answer) {
      const next = rivals.shift();
      if (next === undefined) this.#rows.delete(name);
      else this.#rows.set(name, next);
    }
    if (rivals.length === 0) this.#rivals.delete(name);
    else this.#rivals.set(name, rivals);
  }

  #indexRows(answer: ListAnswer<Row>): void {
    this.#unindexed.delete(answer);
    const { names = [], pageIndex = null } = this.#traces.get(answer) ?? {};
    // By another name than it was looked up by, another row may come before it in the list.
    const isLookUp = answer.filter !== null && pageIndex === null;
    for (const row of answer.rows) {
      const remembered = { row, answer };
      const indexKeys = this.#names.indexKeysOf(row);
      for (const name of isLookUp ? indexKeys.slice(0, 1) : indexKeys) {
        if (!this.#keepName(name, remembered)) continue;
        this.#absences.delete(name);
        names.push(name);
      }
    }
  }

  /** Puts a row under a name, first or behind the first; whether it is there then. */
  #keepName(name: string, remembered: RememberedRow<Row>): boolean {
    const known = this.#rows.get(name);
    if (known === undefined) {
      this.#rows.set(name, remembered);
      return true;
    }
    // Within an answer, rows stand in the list's order.
    if (known.answer === remembered.answer) return false;
    const isFirst = this.#precedes(remembered, known);
    const other = isFirst ? known : remembered;
    if (isFirst) this.#rows.set(name, remembered);
    const isOfUse = this.#isOfUseBehind(other, isFirst ? remembered : known);
    if (isOfUse) this.#addRival(name, other);
    return isFirst || isOfUse;
  }

  #addRival(name: string, rival: RememberedRow<Row>): void {
    const rivals = this.#rivals.get(name) ?? [];
    if (rivals.some(({ answer }) => answer === rival.answer)) return;
    const position = rivals.findIndex((each) => this.#precedes(rival, each));
    rivals.splice(position < 0 ? rivals.length : position, 0, rival);
    this.#rivals.set(name, rivals);
  }

  /** Rows of pages come first, in the order of the pages; then single rows, the newest first. */
  #precedes(left: RememberedRow<Row>, right: RememberedRow<Row>): boolean {
    const [page, otherPage] = [this.pageIndexOf(left.answer), this.pageIndexOf(right.answer)];
    if (page !== null && otherPage !== null) return page < otherPage;
    if (page !== null || otherPage !== null) return page !== null;
    // The answers to one look-up stand in the list's order.
    const { filter } = left.answer;
    if (filter !== null && filter === right.answer.filter) return false;
    return left.answer.sentAt >= right.answer.sentAt;
  }

  /** Whether a row may serve once the one before it has become too old, or has gone. */
  #isOfUseBehind(row: RememberedRow<Row>, first: RememberedRow<Row>): boolean {
    if (this.#stands(row.answer)) return true;
    return this.#stands(first.answer) && row.answer.sentAt > first.answer.sentAt;
  }

  /** Whether an answer is a page that no newer one has replaced. */
  #stands(answer: ListAnswer<Row>): boolean {
    const pageIndex = this.#traces.get(answer)?.pageIndex ?? null;
    return pageIndex !== null && this.#pages.get(pageIndex) === answer;
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
    traces.pageIndex = pageIndex;
  }
}

/** Whether a first page has the whole list, and would have it if it was asked for with this size. */
function isWholeIn(answer: ListAnswer<unknown> | undefined, pageSize: number): boolean {
  const totalCount = answer?.totalCount ?? Infinity;
  return totalCount <= pageSize && answer?.rows.length === totalCount;
}
