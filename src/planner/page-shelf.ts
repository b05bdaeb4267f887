/**
 * The pages of one list that are at hand, and which are missing for a window. Pure bookkeeping: it fetches nothing.
 *
 * It trusts the rows that came, not the request: a deployment may serve smaller pages than asked for, count rows it does
 * not send, or send no metadata. As long as every page is as long as its own numbers say, pages stand at their offsets
 * and any of them can be fetched first. The first page that is not makes the shelf go on page by page from the start,
 * where an offset is a count of rows received and the end is a page that brings nothing new.
 *
 * A list may change while it is read. Its length then differs from page to page, and `mend` takes the outdated ones off.
 */
import type { Page } from '../endpoint/collection.ts';
import type { Place } from './list-memory.ts';

export interface PlacedRow<Row> {
  /** From 0, in the upstream's order. */
  readonly offset: number;
  readonly row: Row;
}

/** Offsets from `start` up to but not including `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Pages whose rows may wait for somebody to ask: for more, whoever does would hold the event loop for too long. */
const mostUnplaced = 32;

/** A list that changes faster than it can be read is not chased for ever. */
const mostMends = 3;

export class PageShelf<Row> {
  readonly #identityOf: (row: Row) => string;
  readonly #pages = new Map<number, Page<Row>>();
  readonly #offsets = new Map<string, number>();
  readonly #rows = new Map<number, Row>();
  /** Rows of pages that stand at their offsets, put there when somebody asks: of many a list, nobody ever does. */
  #unplaced: { readonly rows: readonly Row[]; readonly start: number }[] = [];
  #pageSize: number;
  #extent: number | null = null;
  #isSequential = false;
  #hasEnded = false;
  #mends = 0;
  #version = 0;
  #changedWhileRead = false;

  /** @param pageSize what the deployment is known to give, or else what it is to be asked for */
  constructor(identityOf: (row: Row) => string, pageSize: number) {
    this.#identityOf = identityOf;
    this.#pageSize = pageSize;
  }

  /** The size to ask the next page with. */
  get pageSize(): number {
    return this.#pageSize;
  }

  /** The number of offsets in the list, those of repeated rows included; null while it is not known. */
  get extent(): number | null {
    return this.#hasEnded ? this.#rows.size : this.#extent;
  }

  /** The number of rows in the list; null while it is not known. Once all are at hand, exactly those are counted. */
  get totalCount(): number | null {
    if (!this.isComplete) return this.extent;
    this.#placeAll();
    return this.#rows.size;
  }

  /** Whether pages came and none of them told how long the list is. */
  get hasNoLength(): boolean {
    return this.#isSequential && this.extent === null;
  }

  /** Whether every row of the list is at hand, so that what is not here does not exist. */
  get isComplete(): boolean {
    if (this.#isSequential) return this.#hasEnded;
    return this.#extent !== null && this.#pages.size >= Math.ceil(this.#extent / this.#pageSize);
  }

  /** Counts how often pages may have been taken off. */
  get version(): number {
    return this.#version;
  }

  /** Whether this very page stands there. */
  holds(pageIndex: number, page: Page<Row>): boolean {
    return this.#pages.get(pageIndex) === page;
  }

  get hasPages(): boolean {
    return this.#pages.size > 0;
  }

  /** Repeated ones counted again. */
  get rowsReceived(): number {
    return [...this.#pages.values()].reduce((sum, { rows }) => sum + rows.length, 0);
  }

  /** Whether pages told of different lengths even after others had been read again: rows may be missing. */
  get changedWhileRead(): boolean {
    return this.#changedWhileRead;
  }

  /** Takes from elsewhere what the deployment gives. */
  expectPageSize(pageSize: number): void {
    if (this.#pages.size === 0) this.#pageSize = pageSize;
  }

  /** Takes the length of the list from elsewhere. */
  expectLength(totalCount: number): void {
    if (this.#pages.size === 0) this.#extent = totalCount;
  }

  /** The numbers of the pages that this range still needs; some of them may only show once these are here. */
  missing({ start, end }: Range): number[] {
    if (this.#isSequential) return this.#hasEnded || this.#rows.size >= end ? [] : [this.#pages.size + 1];
    const first = Math.floor(start / this.#pageSize) + 1;
    if (this.#extent === null) {
      // How far the list goes is not known: a page more could be a page too many.
      return end > start ? [first] : [1];
    }
    const last = Math.min(end, this.#extent);
    const pages: number[] = [];
    // An empty range needs no page, wherever on one it stands.
    if (start >= last) return pages;
    for (let page = first; (page - 1) * this.#pageSize < last; page++) {
      if (!this.#pages.has(page)) pages.push(page);
    }
    return pages;
  }

  /** Takes in what came for page `pageIndex` when it was asked with `requestedPageSize`. */
  absorb(pageIndex: number, requestedPageSize: number, page: Page<Row>): void {
    if (page.totalCount !== null) this.#extent = page.totalCount;
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
    // Behind the end of the list there is nothing to keep.
    if (page.rows.length > 0 || pageIndex === 1) this.#pages.set(pageIndex, page);
    this.#unplaced.push({ rows: page.rows, start: (pageIndex - 1) * served });
    if (this.#unplaced.length > mostUnplaced) this.#placeAll();
  }

  /**
   * Takes the pages off that tell of another length than the last one that came, since rows have moved between them.
   * Whether there were any.
   */
  mend(): boolean {
    const kept = [...this.#pages].sort(([left], [right]) => left - right);
    const current = kept.filter(([, { totalCount }]) => totalCount === null || totalCount === this.#extent);
    if (current.length === kept.length) return false;
    if (this.#mends === mostMends) {
      this.#changedWhileRead = true;
      return false;
    }
    this.#mends += 1;
    this.#clear();
    // A count of rows received is worth nothing where rows have moved.
    if (this.#isSequential) return true;
    for (const [index, page] of current) {
      this.#pages.set(index, page);
      this.#unplaced.push({ rows: page.rows, start: (index - 1) * this.#pageSize });
    }
    return true;
  }

  /** The rows of a range that are at hand, in order. */
  rows({ start, end }: Range): PlacedRow<Row>[] {
    this.#placeAll();
    const rows: PlacedRow<Row>[] = [];
    const last = Math.min(end, this.extent ?? end, this.#isSequential ? this.#rows.size : Infinity);
    for (let offset = start; offset < last; offset++) {
      const row = this.#rows.get(offset);
      if (row !== undefined) rows.push({ offset, row });
    }
    return rows;
  }

  #clear(): void {
    this.#version += 1;
    this.#pages.clear();
    this.#offsets.clear();
    this.#rows.clear();
    this.#unplaced = [];
    this.#hasEnded = false;
  }

  #goSequential(pageIndex: number, requestedPageSize: number, page: Page<Row>): void {
    const kept = [...this.#pages].sort(([left], [right]) => left - right);
    this.#isSequential = true;
    this.#clear();
    for (const [index, earlier] of kept) {
      if (index === this.#pages.size + 1 && index < pageIndex) {
        this.#pages.set(index, earlier);
        this.#place(earlier.rows, this.#rows.size);
      }
    }
    if (pageIndex === this.#pages.size + 1) this.#append(pageIndex, requestedPageSize, page);
  }

  #append(pageIndex: number, requestedPageSize: number, page: Page<Row>): void {
    const before = this.#rows.size;
    this.#pages.set(pageIndex, page);
    this.#place(page.rows, before);
    const { rows, totalCount } = page;
    const bringsNothing = this.#rows.size === before;
    const isLast = totalCount === null ? rows.length < requestedPageSize : this.#rows.size >= totalCount;
    this.#hasEnded = bringsNothing || isLast;
  }

  #placeAll(): void {
    const unplaced = this.#unplaced;
    this.#unplaced = [];
    for (const { rows, start } of unplaced) this.#place(rows, start);
  }

  /** A row that is already here is a repeat: page-number paging repeats rows when others come before them. */
  #place(rows: readonly Row[], start: number): void {
    let offset = start;
    for (const row of rows) {
      const identity = this.#identityOf(row);
      const known = this.#offsets.get(identity);
      // Pages may come in any order, and the first row in the list's counts.
      if (known === undefined || known > offset) {
        if (known !== undefined) this.#rows.delete(known);
        this.#offsets.set(identity, offset);
        this.#rows.set(offset, row);
      }
      if (known === undefined || !this.#isSequential) offset++;
    }
  }
}

/** Where a page stands that came for `pageIndex` when it was asked with `requestedPageSize`. */
export function placeOf<Row>(pageIndex: number, requestedPageSize: number, page: Page<Row>): Place {
  const served = servedPageSize(pageIndex, requestedPageSize, page);
  return { pageIndex, pageSize: served ?? requestedPageSize, isRegular: served !== null };
}

/** The page size under which the rows received are exactly those the numbers promise; null where there is none. */
function servedPageSize<Row>(pageIndex: number, requested: number, page: Page<Row>): number | null {
  const { rows, totalCount, pageSize } = page;
  if (totalCount === null) return null;
  const promised = (size: number) => Math.min(size, Math.max(0, totalCount - (pageIndex - 1) * size));
  const candidates = pageSize === null ? [requested] : [pageSize, requested];
  return candidates.find((size) => promised(size) === rows.length) ?? null;
}
