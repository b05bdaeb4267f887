/**
 * What is remembered of one list of the upstream, whoever asked: rows by the names they go by, pages by their place,
 * the length, and which names nobody goes by. Pages and look-ups feed it alike.
 *
 * It refuses to know how long anything is good (freshness.ts) and how much of it fits (eviction.ts): it keeps what it
 * is given until it is told to forget.
 */
import type { Collection, Filter } from '../endpoint/collection.ts';
import { isIdName } from './row-keys.ts';
import { RowIndex, type ListAnswer, type RememberedRow } from './row-index.ts';

export type { ListAnswer };

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
  /** Once it is outdated: when the oldest of the pages up to it was asked for; null if one of them was not here. */
  leadingSince: number | null;
  /** The page before it of the same look-up; null if there is none. */
  readonly previous: ListAnswer<unknown> | null;
}

/** What must be known for a row to be the first of its name. */
interface Before {
  /** The number of pages before its own that must be at hand. */
  readonly pages: number;
  /** When the oldest of the pages was asked for that are known to lack the name; Infinity if there are none. */
  readonly since: number;
}

type RowNames<Row> = Pick<Collection<never, Row>, 'identityOf' | 'indexKeysOf'>;

/** Answers whose rows may wait for somebody to ask: for more, whoever does would hold the event loop for too long. */
const maxUnindexed = 32;

export class ListCache<Row> {
  readonly #names: RowNames<Row>;
  readonly #traces = new Map<ListAnswer<unknown>, Traces>();
  /** By its filter, the page of a look-up that came last. */
  readonly #lookUps = new WeakMap<Filter, ListAnswer<unknown>>();
  /** Answers whose rows are not under their names yet, in the order they came: of many, nobody ever asks for a name. */
  readonly #unindexed = new Set<ListAnswer<Row>>();
  #latest: ListAnswer<Row> | null = null;
  readonly #index = new RowIndex<Row>(this);
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
    return this.#index.hasRows || [...this.#unindexed].some(({ rows }) => rows.length > 0);
  }

  /** The first row of a name in the list's order, over the pages that are here; of single rows, the newest. */
  row(name: string): RememberedRow<Row> | undefined {
    this.index();
    return this.#index.row(name);
  }

  /** The first of them whose answer is good; undefined if none is. */
  goodRow(name: string, isGood: (answer: ListAnswer<Row>) => boolean): RememberedRow<Row> | undefined {
    this.index();
    return this.#index.goodRow(name, isGood);
  }

  /** What must be known for an answer's rows to be the first of their names; null if they may not be, or are not here. */
  before(answer: ListAnswer<unknown>): Before | null {
    const traces = this.#traces.get(answer);
    if (traces === undefined) return null;
    const { pageIndex, leadingSince, previous } = traces;
    if (pageIndex === null) {
      // A look-up brings all rows of a name, and of a list's length the first row comes along.
      if (answer.pageIndex === 1) return { pages: 0, since: Infinity };
      const before = previous?.pageIndex === answer.pageIndex - 1 ? this.before(previous) : null;
      return before === null || previous === null
        ? null
        : { pages: 0, since: Math.min(before.since, previous.sentAt) };
    }
    if (this.pageIndexOf(answer) !== null) return { pages: pageIndex - 1, since: Infinity };
    return leadingSince === null ? null : { pages: 0, since: leadingSince };
  }

  /** The size of the pages that are here; 0 before there are any. */
  get pageSize(): number {
    return this.#pageSize;
  }

  /** The page of this number, unless it is outdated. */
  pageAt(pageIndex: number): ListAnswer<Row> | undefined {
    const answer = this.#pages.get(pageIndex);
    return answer !== undefined && this.pageIndexOf(answer) !== null ? answer : undefined;
  }

  /** The row that a row of another list joins to, if it was noted since anything here has changed. */
  joinedTo(row: object): RememberedRow<Row> | undefined {
    return this.#joined.get(row);
  }

  /** Caches a join by a name. Not if it has several rows: which of them fits then depends on freshness. */
  noteJoin(row: object, name: string, to: RememberedRow<Row>): void {
    if (!this.#index.hasSeveral(name)) this.#joined.set(row, to);
  }

  pageIndexOf(answer: ListAnswer<unknown>): number | null {
    const pageIndex = this.#traces.get(answer)?.pageIndex ?? null;
    if (pageIndex === null || this.#pages.get(pageIndex) !== answer) return null;
    return this.#length === null || this.#length.totalCount === answer.totalCount ? pageIndex : null;
  }

  wasPage(answer: ListAnswer<unknown>): boolean {
    return (this.#traces.get(answer)?.pageIndex ?? null) !== null;
  }

  /** The answer that has shown that no row goes by this name. */
  absence(name: string): ListAnswer<Row> | undefined {
    this.index();
    return this.#index.absence(name);
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
      const { filter } = answer;
      const previous = filter === null ? null : (this.#lookUps.get(filter) ?? null);
      if (filter !== null) this.#lookUps.set(filter, answer);
      traces = { names: [], absences: [], pageIndex: null, leadingSince: null, previous };
      this.#traces.set(answer, traces);
    }
    this.#joined = new WeakMap();
    if (tellsLength && answer.sentAt >= (this.#length?.sentAt ?? 0)) this.#learnLength(answer);
    if (place !== null) this.#shelve(answer, traces, place);
    this.#unindexed.add(answer);
    this.#latest = answer;
    const [oldest] = this.#unindexed;
    if (this.#unindexed.size > maxUnindexed && oldest !== undefined) this.#indexRows(oldest);
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
    for (const name of names) if (this.#index.addAbsence(name, answer)) traces.absences.push(name);
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
    for (const name of traces.absences) this.#index.removeAbsence(name, answer);
    const { pageIndex } = traces;
    if (pageIndex !== null && this.#pages.get(pageIndex) === answer) this.#pages.delete(pageIndex);
    for (const name of traces.names) this.#index.remove(name, answer);
  }

  #indexRows(answer: ListAnswer<Row>): void {
    this.#unindexed.delete(answer);
    const { names = [], pageIndex = null } = this.#traces.get(answer) ?? {};
    // By another name than it was looked up by, another row may come before it in the list.
    const isLookUp = answer.filter !== null && pageIndex === null;
    const mayBeFirst = this.before(answer) !== null;
    for (const row of answer.rows) {
      const remembered = { row, answer };
      const indexKeys = this.#names.indexKeysOf(row);
      for (const name of isLookUp ? indexKeys.slice(0, 1) : indexKeys) {
        if (isLookUp && !mayBeFirst && !isIdName(name)) continue;
        if (this.#index.add(name, remembered)) names.push(name);
      }
    }
  }

  /** Whether nobody has asked for a name since it came, and its like has just come again. */
  #isReplacedUnseen(answer: ListAnswer<Row>): boolean {
    if (!this.#index.isEmpty || !this.#unindexed.has(answer)) return false;
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
    if (this.#index.hasRows && this.#pages.size > 0) this.#outdatePages();
    this.#pages.clear();
    this.#stretch = null;
  }

  /** Notes which of the pages had all others before them: their rows are still the first of their names, as of then. */
  #outdatePages(): void {
    this.index();
    let since = Infinity;
    for (let pageIndex = 1; ; pageIndex++) {
      const answer = this.pageAt(pageIndex);
      const traces = answer === undefined ? undefined : this.#traces.get(answer);
      if (answer === undefined || traces === undefined) break;
      traces.leadingSince = since = Math.min(since, answer.sentAt);
    }
    this.#index.outdatePages();
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
