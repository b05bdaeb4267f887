/**
 * The loaded pages of one list, and which pages a window still needs. Fetches nothing.
 * Trusts the rows, not the request: a deployment may serve smaller pages than requested, count rows that it does not
 * send, or send no metadata. While every page has as many rows as its numbers say, pages can be fetched in any order.
 * After the first irregular page, pages are read one by one from the start, up to the stated length. Without a length,
 * or if the rows contradict it, the list ends at a page without a new row. Rows that a page lacks still take offsets.
 * If the first two pages are equally short, pages are smaller than stated and their rows are adjacent.
 * An offset is a row's position as the upstream counts, including repeated and null rows. A repeated row is shown at
 * its first position; null rows count at the end of their page.
 * If the stated length changes, the list has changed, and `dropStalePages` removes the outdated pages.
 */
import { hasNullRows, lengthOf, type Page } from '../endpoint/collection.ts';
import type { Place } from './list-cache.ts';

interface PlacedRow<Row> {
  readonly offset: number;
  readonly row: Row;
}

/** Offsets from `start` up to but not including `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A page at its offset, including repeated rows. */
export interface PageRun<Row> {
  readonly start: number;
  readonly rows: readonly Row[];
  readonly totalCount: number | null;
}

/** Limit of unplaced pages, to keep the next access to rows from blocking the event loop. */
const maxUnplaced = 32;

/** Limit for lists that change faster than they can be read. */
const maxRepairs = 3;

export class PageBuffer<Row> {
  readonly #identityOf: (row: Row) => string;
  readonly #pages = new Map<number, { readonly page: Page<Row>; readonly start: number }>();
  /** Pages read since the last change of length. */
  readonly #current = new Set<number>();
  readonly #offsets = new Map<string, number>();
  readonly #rows = new Map<number, Row>();
  /** One past the last offset that has a row. */
  #rowsEnd = 0;
  /** Pages whose rows are not placed at their offsets yet; many are never accessed. */
  #unplaced: { readonly rows: readonly Row[]; readonly start: number }[] = [];
  #pageSize: number;
  #statedLength: number | null = null;
  #isSequential = false;
  #ignoresLength = false;
  #contradictsLength = false;
  /** Rows received up to the last page with a new row; counted in sequential reading. */
  #received = 0;
  /** One past the last offset of these pages. */
  #end = 0;
  /** Whether rows of successive pages are adjacent, whatever their stated page size. */
  #isDense = false;
  #hasEnded = false;
  #repeatsOfOtherPages = 0;
  #repairs = 0;
  #changedWhileRead = false;

  /** @param pageSize known from the deployment, or the size to request */
  constructor(identityOf: (row: Row) => string, pageSize: number) {
    this.#identityOf = identityOf;
    this.#pageSize = pageSize;
  }

  get pageSize(): number {
    return this.#pageSize;
  }

  /** Number of offsets in the list; null while unknown. */
  get extent(): number | null {
    if (this.#hasEnded) return this.#end;
    return this.#ignoresLength || this.#isSequential ? null : this.#statedLength;
  }

  /** Number of rows including repeated ones; null while unknown. */
  get length(): number | null {
    if (this.#hasEnded) return this.#received;
    return this.#ignoresLength ? null : this.#statedLength;
  }

  /**
   * The latest stated length; if it differs from an earlier one, the list has changed. Null if contradicted or missing.
   */
  get statedLength(): number | null {
    return this.#ignoresLength ? null : this.#statedLength;
  }

  /** Number of distinct rows if all pages are loaded, else the stated length; null while unknown. */
  get totalCount(): number | null {
    if (!this.isComplete) return this.length;
    this.#placeAll();
    return this.#rows.size;
  }

  /** Whether no page states a usable length. */
  get hasNoLength(): boolean {
    return this.#isSequential && this.length === null;
  }

  get contradictsLength(): boolean {
    return this.#contradictsLength;
  }

  get isComplete(): boolean {
    if (this.#isSequential) return this.#hasEnded;
    return this.#statedLength !== null && this.#pages.size >= Math.ceil(this.#statedLength / this.#pageSize);
  }

  holds(pageIndex: number, page: Page<Row>): boolean {
    return this.#pages.get(pageIndex)?.page === page;
  }

  get hasPages(): boolean {
    return this.#pages.size > 0;
  }

  /** Including repeated rows. */
  get rowsReceived(): number {
    return [...this.#pages.values()].reduce((sum, { page }) => sum + page.rows.length, 0);
  }

  /** Whether the length still differed after repeated reads; rows may then be missing. */
  get changedWhileRead(): boolean {
    return this.#changedWhileRead;
  }

  /**
   * Whether rows may be missing in a range: its pages have null rows, or the list has fewer rows than it states. If a
   * row repeats on another page, rows have moved, and one may have moved past both pages.
   */
  lacksRows({ start, end }: Range): boolean {
    this.#placeAll();
    if (this.statedLength !== null && this.#repeatsOfOtherPages > 0) return true;
    if (this.#hasEnded && this.#received < (this.statedLength ?? 0)) return true;
    for (const { page, start: from } of this.#pages.values())
      if (hasNullRows(page) && from < end && from + lengthOf(page) > start) return true;
    return false;
  }

  expectPageSize(pageSize: number): void {
    if (this.#pages.size === 0) this.#pageSize = pageSize;
  }

  expectLength(totalCount: number): void {
    if (this.#pages.size === 0 && !this.#ignoresLength) this.#statedLength = totalCount;
  }

  /** Reads up to a page without a new row, since the rows contradict the length. */
  ignoreLength(): void {
    if (this.#pages.size > 0) return;
    this.#isSequential = true;
    this.#ignoresLength = true;
    this.#statedLength = null;
  }

  /** Reads page by page from the start, since rows are known to exist beyond the stated length. */
  readInOrder(): void {
    if (this.#isSequential) return;
    const pages = this.#inOrder();
    this.#isSequential = true;
    this.#clear();
    this.#appendAll(pages);
  }

  /** Numbers of the pages that a range still needs; more may follow once these are loaded. */
  missing({ start, end }: Range): number[] {
    if (this.#isSequential) return this.#hasEnded || this.#rowsEnd >= end ? [] : [this.#pages.size + 1];
    const first = Math.floor(start / this.#pageSize) + 1;
    if (this.#statedLength === null) {
      // The length is unknown, so further pages may not exist.
      return end > start ? [first] : [1];
    }
    const last = Math.min(end, this.#statedLength);
    const pages: number[] = [];
    if (start >= last) return pages;
    for (let page = first; (page - 1) * this.#pageSize < last; page++) {
      if (!this.#pages.has(page)) pages.push(page);
    }
    return pages;
  }

  /** Adds the page received for `pageIndex`, requested with `requestedPageSize`. */
  absorb(pageIndex: number, requestedPageSize: number, page: Page<Row>): void {
    const { totalCount } = page;
    if (totalCount !== null) {
      // Pages read before a change are stale even if the earlier length comes back.
      const isChanged = this.#statedLength !== null && totalCount !== this.#statedLength;
      if (isChanged && !this.#ignoresLength) this.#current.clear();
      this.#statedLength = totalCount;
    }
    if (this.#isSequential) {
      if (pageIndex === this.#pages.size + 1) this.#append(pageIndex, requestedPageSize, page);
      return;
    }
    const served = servedPageSize(pageIndex, requestedPageSize, page);
    if (served === null || (served !== this.#pageSize && this.#pages.size > 0)) {
      this.#goSequential(pageIndex, requestedPageSize, page);
      return;
    }
    this.#pageSize = served;
    // Pages beyond the end are not stored.
    if (lengthOf(page) > 0 || pageIndex === 1) {
      const start = (pageIndex - 1) * served;
      this.#pages.set(pageIndex, { page, start });
      this.#current.add(pageIndex);
      this.#unplaced.push({ rows: page.rows, start });
    }
    if (this.#unplaced.length > maxUnplaced) this.#placeAll();
  }

  /**
   * Removes pages read before the last change of length, since rows have moved between pages. Returns whether there
   * were any.
   */
  dropStalePages(): boolean {
    if (this.#current.size === this.#pages.size) return false;
    if (this.#repairs === maxRepairs) {
      this.#changedWhileRead = true;
      return false;
    }
    this.#repairs += 1;
    const pages = this.#inOrder().filter(([index]) => this.#current.has(index));
    this.#clear();
    // The count of received rows is invalid once rows have moved.
    if (this.#isSequential) return true;
    for (const [index, placed] of pages) {
      this.#pages.set(index, placed);
      this.#current.add(index);
      this.#unplaced.push({ rows: placed.page.rows, start: placed.start });
    }
    return true;
  }

  /** The loaded rows of a range in order, without repeats. */
  rows({ start, end }: Range): PlacedRow<Row>[] {
    this.#placeAll();
    const rows: PlacedRow<Row>[] = [];
    const last = Math.min(end, this.extent ?? end, this.#rowsEnd);
    for (let offset = start; offset < last; offset++) {
      const row = this.#rows.get(offset);
      if (row !== undefined) rows.push({ offset, row });
    }
    return rows;
  }

  /** Whether a row exists at or after an offset. */
  hasRowFrom(offset: number): boolean {
    const { extent } = this;
    if (extent !== null && !this.isComplete) return offset < extent;
    this.#placeAll();
    const isMoreExpected = !this.isComplete && this.length !== null;
    return isMoreExpected || offset < Math.min(this.#rowsEnd, extent ?? Infinity);
  }

  runs({ start, end }: Range): PageRun<Row>[] {
    return this.#inOrder()
      .map(([, { start: from, page }]) => ({ start: from, rows: page.rows, totalCount: page.totalCount }))
      .filter(({ start: from, rows }) => from < end && from + rows.length > start);
  }

  #inOrder() {
    return [...this.#pages].sort(([left], [right]) => left - right);
  }

  #clear(): void {
    this.#pages.clear();
    this.#current.clear();
    this.#offsets.clear();
    this.#rows.clear();
    this.#rowsEnd = 0;
    this.#unplaced = [];
    this.#received = 0;
    this.#end = 0;
    this.#isDense = false;
    this.#hasEnded = false;
    this.#repeatsOfOtherPages = 0;
  }

  #goSequential(pageIndex: number, requestedPageSize: number, page: Page<Row>): void {
    const pages = this.#inOrder().filter(([index]) => index < pageIndex && this.#current.has(index));
    this.#isSequential = true;
    this.#clear();
    this.#appendAll(pages);
    if (pageIndex === this.#pages.size + 1) this.#append(pageIndex, requestedPageSize, page);
  }

  #appendAll(pages: readonly (readonly [number, { readonly page: Page<Row> }])[]): void {
    for (const [index, { page }] of pages) {
      if (index === this.#pages.size + 1) this.#append(index, this.#pageSize, page);
    }
  }

  #append(pageIndex: number, requestedPageSize: number, page: Page<Row>): void {
    const { pageSize } = placeOf(pageIndex, requestedPageSize, page);
    if (pageIndex === 2) this.#isDense = this.#received < pageSize && this.#isAsShort(page);
    const start = this.#isDense ? this.#received : Math.max(this.#end, (pageIndex - 1) * pageSize);
    const before = this.#rows.size;
    this.#pages.set(pageIndex, { page, start });
    this.#current.add(pageIndex);
    this.#place(page.rows, start);
    const bringsNothing = this.#rows.size === before;
    if (!bringsNothing) {
      this.#received += lengthOf(page);
      this.#end = start + lengthOf(page);
    }
    if (
      this.#statedLength !== null &&
      this.#current.size === this.#pages.size &&
      this.#received > this.#statedLength
    ) {
      this.#contradictsLength = true;
      this.#ignoresLength = true;
    }
    const isLast =
      !this.#ignoresLength && this.#statedLength !== null && this.#received >= this.#statedLength;
    this.#hasEnded = bringsNothing || isLast;
  }

  /** Whether the second page is as short as the first, or ends the list. */
  #isAsShort(second: Page<Row>): boolean {
    return lengthOf(second) === this.#received || lengthOf(second) + this.#received === this.#statedLength;
  }

  #placeAll(): void {
    const unplaced = this.#unplaced;
    this.#unplaced = [];
    for (const { rows, start } of unplaced) this.#place(rows, start);
  }

  /** Places rows at their offsets. Page-number paging repeats rows when earlier ones are inserted. */
  #place(rows: readonly Row[], start: number): void {
    let offset = start;
    for (const row of rows) {
      const identity = this.#identityOf(row);
      const known = this.#offsets.get(identity);
      if (known !== undefined && (known < start || known >= start + rows.length))
        this.#repeatsOfOtherPages += 1;
      // Pages arrive in any order; the first position counts.
      if (known === undefined || known > offset) {
        if (known !== undefined) this.#rows.delete(known);
        this.#offsets.set(identity, offset);
        this.#rows.set(offset, row);
        this.#rowsEnd = Math.max(this.#rowsEnd, offset + 1);
      }
      offset += 1;
    }
    while (this.#rowsEnd > 0 && !this.#rows.has(this.#rowsEnd - 1)) this.#rowsEnd -= 1;
  }
}

/** Place of the page received for `pageIndex`, requested with `requestedPageSize`. */
export function placeOf<Row>(pageIndex: number, requestedPageSize: number, page: Page<Row>): Place {
  const served = servedPageSize(pageIndex, requestedPageSize, page);
  // A page that lacks a row keeps its page size, so that later pages keep their offsets.
  const pageSize = served ?? page.pageSize ?? requestedPageSize;
  return { pageIndex, pageSize, isRegular: served !== null };
}

/** The page size that matches the number of rows received; null if none does. */
function servedPageSize<Row>(pageIndex: number, requested: number, page: Page<Row>): number | null {
  const { rows, totalCount, pageSize } = page;
  if (totalCount === null) return null;
  // A length may include or omit null rows.
  const lengths = [lengthOf(page), rows.length];
  const promised = (size: number) => Math.min(size, Math.max(0, totalCount - (pageIndex - 1) * size));
  const candidates = pageSize === null ? [requested] : [pageSize, requested];
  return candidates.find((size) => lengths.includes(promised(size))) ?? null;
}
