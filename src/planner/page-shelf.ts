/**
 * The pages of one list that are at hand, and which are missing for a window. Pure bookkeeping: it fetches nothing.
 *
 * It trusts the rows that came, not the request: a deployment may serve smaller pages than asked for, count rows it does
 * not send, or send no metadata. As long as every page is as long as its own numbers say, pages stand at their offsets
 * and any of them can be fetched first. The first page that is not makes the shelf go on page by page from the start,
 * where an offset is a count of rows received and the end is a page that brings nothing new.
 */
import { maxPageSize, type Page } from '../endpoint/collection.ts';

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

export class PageShelf<Row> {
  readonly #identityOf: (row: Row) => string;
  readonly #pages = new Map<number, readonly Row[]>();
  readonly #offsets = new Map<string, number>();
  readonly #rows = new Map<number, Row>();
  #pageSize = maxPageSize;
  #totalCount: number | null = null;
  #isSequential = false;
  #hasEnded = false;

  constructor(identityOf: (row: Row) => string) {
    this.#identityOf = identityOf;
  }

  /** The size to ask the next page with. */
  get pageSize(): number {
    return this.#pageSize;
  }

  /** The length of the list; null while it is not known. */
  get totalCount(): number | null {
    return this.#hasEnded ? this.#rows.size : this.#totalCount;
  }

  /** Whether pages came and none of them told how long the list is. */
  get hasNoLength(): boolean {
    return this.#isSequential && this.totalCount === null;
  }

  /** Whether every row of the list is at hand, so that what is not here does not exist. */
  get isComplete(): boolean {
    return this.missing({ start: 0, end: Infinity }).length === 0;
  }

  /** The numbers of the pages that this range still needs; some of them may only show once these are here. */
  missing({ start, end }: Range): number[] {
    if (this.#isSequential) return this.#hasEnded || this.#rows.size >= end ? [] : [this.#pages.size + 1];
    const last = Math.min(end, this.#totalCount ?? (end === Infinity ? 1 : end));
    const pages: number[] = this.#totalCount === null && start >= last ? [1] : [];
    for (let page = Math.floor(start / this.#pageSize) + 1; (page - 1) * this.#pageSize < last; page++) {
      if (!this.#pages.has(page)) pages.push(page);
    }
    return pages;
  }

  /** Takes in what came for page `pageIndex` when it was asked with `requestedPageSize`. */
  absorb(pageIndex: number, requestedPageSize: number, page: Page<Row>): void {
    if (page.totalCount !== null) this.#totalCount = page.totalCount;
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
    this.#pages.set(pageIndex, page.rows);
    this.#place(page.rows, (pageIndex - 1) * served);
  }

  /** The rows of a range that are at hand, in order. */
  rows({ start, end }: Range): PlacedRow<Row>[] {
    const rows: PlacedRow<Row>[] = [];
    const last = Math.min(end, this.totalCount ?? end, this.#isSequential ? this.#rows.size : Infinity);
    for (let offset = start; offset < last; offset++) {
      const row = this.#rows.get(offset);
      if (row !== undefined) rows.push({ offset, row });
    }
    return rows;
  }

  #goSequential(pageIndex: number, requestedPageSize: number, page: Page<Row>): void {
    const kept = [...this.#pages].sort(([left], [right]) => left - right);
    this.#isSequential = true;
    this.#pages.clear();
    this.#offsets.clear();
    this.#rows.clear();
    for (const [index, rows] of kept) {
      if (index === this.#pages.size + 1 && index < pageIndex) {
        this.#pages.set(index, rows);
        this.#place(rows, this.#rows.size);
      }
    }
    if (pageIndex === this.#pages.size + 1) this.#append(pageIndex, requestedPageSize, page);
  }

  #append(pageIndex: number, requestedPageSize: number, { rows, totalCount }: Page<Row>): void {
    const before = this.#rows.size;
    this.#pages.set(pageIndex, rows);
    this.#place(rows, before);
    const bringsNothing = this.#rows.size === before;
    const isLast = totalCount === null ? rows.length < requestedPageSize : this.#rows.size >= totalCount;
    this.#hasEnded = bringsNothing || isLast;
  }

  /** A row that is already here is a repeat: page-number paging repeats rows when others come before them. */
  #place(rows: readonly Row[], start: number): void {
    let offset = start;
    for (const row of rows) {
      const identity = this.#identityOf(row);
      const known = this.#offsets.get(identity);
      if (known === undefined) {
        this.#offsets.set(identity, offset);
        this.#rows.set(offset, row);
      }
      if (known === undefined || !this.#isSequential) offset++;
    }
  }
}

/** The page size under which the rows received are exactly those the numbers promise; null where there is none. */
function servedPageSize<Row>(pageIndex: number, requested: number, page: Page<Row>): number | null {
  const { rows, totalCount, pageSize } = page;
  if (totalCount === null) return null;
  const promised = (size: number) => Math.min(size, Math.max(0, totalCount - (pageIndex - 1) * size));
  const candidates = pageSize === null ? [requested] : [pageSize, requested];
  return candidates.find((size) => promised(size) === rows.length) ?? null;
}
