/**
 * Cache of one list, filled from pages and look-ups: rows by name, pages by number, the length, and absent names.
 * freshness.ts decides freshness, and eviction.ts limits sizes.
 */
import type { Collection, Filter } from '../endpoint/collection.ts';
import { isIdName } from './row-keys.ts';
import { RowIndex, type ListAnswer, type CachedRow } from './row-index.ts';

export type { ListAnswer };

export interface PageNumber {
  /** From 1. */
  readonly pageIndex: number;
  readonly pageSize: number;
}

/** Position of a page in the whole list. */
export interface Place extends PageNumber {
  /** Whether the page has as many rows as its numbers say; the page count then follows from length and size. */
  readonly isRegular: boolean;
}

interface ConsecutivePages<Row> {
  readonly pageSize: number;
  readonly first: number;
  readonly answers: readonly ListAnswer<Row>[];
  readonly rows: readonly Row[];
}

type PageRange = Pick<ConsecutivePages<unknown>, 'pageSize' | 'first'> & { readonly last: number };

interface AnswerEntry {
  readonly names: string[];
  readonly absences: string[];
  pageIndex: number | null;
  /** Set when the page becomes outdated: request time of the oldest page up to this one; null if one was missing. */
  leadingSince: number | null;
  /** The previous page of the same look-up, or null. */
  readonly previous: ListAnswer<unknown> | null;
}

/** Evidence that a row is the first of its name. */
interface Before {
  /** Number of preceding pages that must be loaded. */
  readonly pages: number;
  /** Request time of the oldest page known to lack the name; Infinity if there is none. */
  readonly since: number;
}

type RowNames<Row> = Pick<Collection<never, Row>, 'identityOf' | 'indexKeysOf'>;

/** Limit of unindexed answers, so that the next access by name does not block the event loop. */
const maxUnindexed = 32;

export class ListCache<Row> {
  readonly #names: RowNames<Row>;
  readonly #entries = new Map<ListAnswer<unknown>, AnswerEntry>();
  /** The latest page of a look-up, by its filter. */
  readonly #lookUps = new WeakMap<Filter, ListAnswer<unknown>>();
  /** Answers whose rows are not indexed by name yet, in order of arrival; most are never accessed by name. */
  readonly #unindexed = new Set<ListAnswer<Row>>();
  #latest: ListAnswer<Row> | null = null;
  readonly #index = new RowIndex<Row>(this);
  /** The joined row by the row of another list; cleared on every change. */
  #joined = new WeakMap<object, CachedRow<Row>>();
  readonly #pages = new Map<number, ListAnswer<Row>>();
  #pageSize = 0;
  #isRegular = true;
  #latestPages: ConsecutivePages<Row> | null = null;
  #length: { readonly totalCount: number; readonly sentAt: number } | null = null;
  #contradiction: ListAnswer<Row> | null = null;
  /** Request time of the newest answer with rows. */
  #rowsAt = -Infinity;

  constructor(names: RowNames<Row>) {
    this.#names = names;
  }

  /** The latest stated length; null if the rows contradict it. */
  get length(): { readonly totalCount: number; readonly sentAt: number } | null {
    return this.#contradiction === null && !this.#hasRowsSinceEmpty ? this.#length : null;
  }

  /** Whether rows were read after the list was stated to be empty. */
  get #hasRowsSinceEmpty(): boolean {
    return this.#length?.totalCount === 0 && this.#length.sentAt < this.#rowsAt;
  }

  /** Request time of the answer that contradicts the stated length; null if none does. */
  get contradictedAt(): number | null {
    return this.#contradiction?.sentAt ?? null;
  }

  contradictLength(answer: ListAnswer<Row>): void {
    if (this.#entries.has(answer)) this.#contradiction = answer;
  }

  get hasRows(): boolean {
    return this.#index.hasRows || [...this.#unindexed].some(({ rows }) => rows.length > 0);
  }

  /** The first row of a name by position in the cached pages; among looked-up rows, the newest. */
  row(name: string): CachedRow<Row> | undefined {
    this.index();
    return this.#index.row(name);
  }

  /** The first row of a name in an accepted answer. */
  goodRow(name: string, isGood: (answer: ListAnswer<Row>) => boolean): CachedRow<Row> | undefined {
    this.index();
    return this.#index.goodRow(name, isGood);
  }

  /**
   * Evidence needed to prove that an answer's rows are the first of their names; null if they may not be, or are not
   * cached.
   */
  before(answer: ListAnswer<unknown>): Before | null {
    const entry = this.#entries.get(answer);
    if (entry === undefined) return null;
    const { pageIndex, leadingSince, previous } = entry;
    if (pageIndex === null) {
      // A look-up returns all rows of a name, the first of them on page 1.
      if (answer.pageIndex === 1) return { pages: 0, since: Infinity };
      const before = previous?.pageIndex === answer.pageIndex - 1 ? this.before(previous) : null;
      return before === null || previous === null
        ? null
        : { pages: 0, since: Math.min(before.since, previous.sentAt) };
    }
    if (this.pageIndexOf(answer) !== null) return { pages: pageIndex - 1, since: Infinity };
    return leadingSince === null ? null : { pages: 0, since: leadingSince };
  }

  get pageSize(): number {
    return this.#pageSize;
  }

  /** The page of this number, unless it is outdated. */
  pageAt(pageIndex: number): ListAnswer<Row> | undefined {
    const answer = this.#pages.get(pageIndex);
    return answer !== undefined && this.pageIndexOf(answer) !== null ? answer : undefined;
  }

  /** The cached join of another list's row, if nothing has changed since. */
  joinedTo(row: object): CachedRow<Row> | undefined {
    return this.#joined.get(row);
  }

  /** Caches a join by name, unless the name has several rows: freshness then decides which one applies. */
  addJoin(row: object, name: string, to: CachedRow<Row>): void {
    if (!this.#index.hasSeveral(name)) this.#joined.set(row, to);
  }

  pageIndexOf(answer: ListAnswer<unknown>): number | null {
    const pageIndex = this.#entries.get(answer)?.pageIndex ?? null;
    if (pageIndex === null || this.#pages.get(pageIndex) !== answer) return null;
    return this.#length === null || this.#length.totalCount === answer.totalCount ? pageIndex : null;
  }

  wasPage(answer: ListAnswer<unknown>): boolean {
    return (this.#entries.get(answer)?.pageIndex ?? null) !== null;
  }

  absence(name: string): ListAnswer<Row> | undefined {
    this.index();
    return this.#index.absence(name);
  }

  /** The page, unless the list's length has changed since. */
  page({ pageIndex, pageSize }: PageNumber): ListAnswer<Row> | undefined {
    const answer = this.#pages.get(pageIndex);
    if (this.#pageSize !== pageSize && !(pageIndex === 1 && isWholeIn(answer, pageSize))) return undefined;
    return answer?.totalCount === (this.#length?.totalCount ?? null) ? answer : undefined;
  }

  /** The row at an offset and its page's request time; null if that page is not cached. */
  rowAt(offset: number, pageSize: number): { readonly row: Row; readonly sentAt: number } | null {
    if (!this.#isRegular) return null;
    const page = this.page({ pageIndex: Math.floor(offset / pageSize) + 1, pageSize });
    const row = page?.rows[offset % pageSize];
    return page === undefined || row === undefined ? null : { row, sentAt: page.sentAt };
  }

  /** Consecutive pages that cover a range; null if one is missing, is irregular or repeats a row. */
  consecutivePages(range: PageRange): ConsecutivePages<Row> | null {
    if (!this.#isRegular) return null;
    const known = this.#latestPages;
    if (known !== null && this.#covers(known, range)) return known;
    // Doubles the assembled range, so that scattered windows do not reassemble it each time.
    const widened =
      known !== null && this.#covers(known, { ...known, last: known.first + known.answers.length - 1 })
        ? this.#concatenate(this.#widened(range, 2 * known.answers.length))
        : null;
    const found = widened ?? this.#concatenate(range);
    if (found !== null) this.#latestPages = found;
    return found;
  }

  #covers(known: ConsecutivePages<Row>, { pageSize, first, last }: PageRange): boolean {
    if (pageSize !== known.pageSize || first < known.first) return false;
    for (let pageIndex = first; pageIndex <= last; pageIndex++) {
      const answer = known.answers[pageIndex - known.first];
      if (answer === undefined || this.page({ pageIndex, pageSize }) !== answer) return false;
    }
    return true;
  }

  /** Widens a range to this many pages, as far as they are cached. */
  #widened({ pageSize, first, last }: PageRange, pages: number): PageRange {
    const has = (pageIndex: number) => this.page({ pageIndex, pageSize }) !== undefined;
    while (last - first + 1 < pages && has(last + 1)) last += 1;
    while (last - first + 1 < pages && has(first - 1)) first -= 1;
    return { pageSize, first, last };
  }

  #concatenate({ pageSize, first, last }: PageRange): ConsecutivePages<Row> | null {
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

  /** Request time of the oldest page if all pages are cached, which proves absences; else null. */
  get wholeSince(): number | null {
    if (this.#length === null || !this.#isRegular) return null;
    const { totalCount, sentAt } = this.#length;
    if (totalCount === 0) return this.#hasRowsSinceEmpty ? null : sentAt;
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

  /** Adds an answer: as a page if it has a place in the whole list, else only for its rows. */
  add(answer: ListAnswer<Row>, place: Place | null, hasLength: boolean): void {
    let entry = this.#entries.get(answer);
    if (entry === undefined) {
      const { filter } = answer;
      const previous = filter === null ? null : (this.#lookUps.get(filter) ?? null);
      if (filter !== null) this.#lookUps.set(filter, answer);
      entry = { names: [], absences: [], pageIndex: null, leadingSince: null, previous };
      this.#entries.set(answer, entry);
    }
    this.#joined = new WeakMap();
    if (hasLength && answer.sentAt >= (this.#length?.sentAt ?? 0)) this.#learnLength(answer);
    if (place !== null) this.#addPage(answer, entry, place);
    if (answer.rows.length > 0) this.#rowsAt = Math.max(this.#rowsAt, answer.sentAt);
    this.#unindexed.add(answer);
    this.#latest = answer;
    const [oldest] = this.#unindexed;
    if (this.#unindexed.size > maxUnindexed && oldest !== undefined) this.#indexRows(oldest);
  }

  index(): void {
    if (this.#unindexed.size === 0) return;
    for (const answer of this.#unindexed) this.#indexRows(answer);
  }

  /** Assigns a cached answer its place in the whole list. */
  place(answer: ListAnswer<Row>, place: Place): void {
    if (this.#entries.has(answer)) this.add(answer, place, true);
  }

  /** Records that this answer proves the absence of these names. */
  addAbsences(names: Iterable<string>, answer: ListAnswer<Row>): void {
    const entry = this.#entries.get(answer);
    if (entry === undefined) return;
    this.index();
    this.#joined = new WeakMap();
    for (const name of names) if (this.#index.addAbsence(name, answer)) entry.absences.push(name);
  }

  remove(answer: ListAnswer<Row>): void {
    const entry = this.#entries.get(answer);
    if (entry === undefined) return;
    // Removes replaced answers too, so that no older row reappears.
    if (!this.#isReplacedUnseen(answer)) this.index();
    this.#unindexed.delete(answer);
    if (this.#latest === answer) this.#latest = null;
    if (this.#contradiction === answer) this.#contradiction = null;
    this.#entries.delete(answer);
    this.#joined = new WeakMap();
    if (this.#latestPages?.answers.includes(answer)) this.#latestPages = null;
    for (const name of entry.absences) this.#index.removeAbsence(name, answer);
    const { pageIndex } = entry;
    if (pageIndex !== null && this.#pages.get(pageIndex) === answer) this.#pages.delete(pageIndex);
    for (const name of entry.names) this.#index.remove(name, answer);
  }

  #indexRows(answer: ListAnswer<Row>): void {
    this.#unindexed.delete(answer);
    const { names = [], pageIndex = null } = this.#entries.get(answer) ?? {};
    // An unrequested name may have an earlier row in the list.
    const isLookUp = answer.filter !== null && pageIndex === null;
    const mayBeFirst = this.before(answer) !== null;
    for (const row of answer.rows) {
      const cachedRow = { row, answer };
      const indexKeys = this.#names.indexKeysOf(row);
      for (const name of isLookUp ? indexKeys.slice(0, 1) : indexKeys) {
        if (isLookUp && !mayBeFirst && !isIdName(name)) continue;
        if (this.#index.add(name, cachedRow)) names.push(name);
      }
    }
  }

  /** Whether the answer was never indexed, and a newer one of the same key has arrived. */
  #isReplacedUnseen(answer: ListAnswer<Row>): boolean {
    if (!this.#index.isEmpty || !this.#unindexed.has(answer)) return false;
    return this.#latest !== answer && this.#latest?.key === answer.key;
  }

  #learnLength({ totalCount, sentAt, rows }: ListAnswer<Row>): void {
    if (totalCount !== null) {
      // Rows have moved even if the previous length comes back.
      if (totalCount !== this.#length?.totalCount) this.#removePages();
      this.#length = { totalCount, sentAt };
    } else if (rows.length > 0) this.#length = null;
  }

  #removePages(): void {
    if (this.#index.hasRows && this.#pages.size > 0) this.#outdatePages();
    this.#pages.clear();
    this.#latestPages = null;
  }

  /** Records which pages had no missing page before them: their rows were the first of their names at that time. */
  #outdatePages(): void {
    this.index();
    let since = Infinity;
    for (let pageIndex = 1; ; pageIndex++) {
      const answer = this.pageAt(pageIndex);
      const entry = answer === undefined ? undefined : this.#entries.get(answer);
      if (answer === undefined || entry === undefined) break;
      entry.leadingSince = since = Math.min(since, answer.sentAt);
    }
    this.#index.outdatePages();
  }

  #addPage(answer: ListAnswer<Row>, entry: AnswerEntry, { pageIndex, pageSize, isRegular }: Place): void {
    // A different page size means that the deployment has changed it: earlier pages no longer fit.
    if (this.#pageSize !== pageSize) {
      this.#removePages();
      this.#isRegular = true;
    }
    this.#pageSize = pageSize;
    this.#isRegular &&= isRegular;
    const known = this.#pages.get(pageIndex);
    if (known !== undefined && known.sentAt > answer.sentAt) return;
    this.#pages.set(pageIndex, answer);
    entry.pageIndex = pageIndex;
  }
}

/** Whether a first page contains the whole list, and still would at this page size. */
function isWholeIn(answer: ListAnswer<unknown> | undefined, pageSize: number): boolean {
  const totalCount = answer?.totalCount ?? Infinity;
  return totalCount <= pageSize && answer?.rows.length === totalCount;
}
