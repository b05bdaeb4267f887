/**
 * The pages of one list that are at hand, and which are missing for a window. Pure bookkeeping: it fetches nothing.
 *
 * It trusts the rows that came, not the request: a deployment may serve smaller pages than asked for, count rows it does
 * not send, or send no metadata. As long as every page is as long as its own numbers say, pages stand at their offsets
 * and any of them can be fetched first. The first page that is not makes the shelf go on page by page from the start, up
 * to the length that the list states. If it states none, or one that the rows contradict, the end is a page that brings
 * nothing new. A page that lacks rows takes their places all the same, so that a row has the same offset whatever else
 * was read. If the first pages are equally short, pages are smaller than they say: they stand one behind the other.
 *
 * An offset is a row's place as the upstream counts, repeated rows and null ones included; a repeated row is shown at the
 * first place. Null rows take places behind the others of their page.
 *
 * A list may change while it is read. Its length then differs from page to page, and `mend` takes the outdated ones off.
 */
import { lengthOf, type Page } from '../endpoint/collection.ts';
import type { Place } from './list-cache.ts';

interface PlacedRow<Row> {
  /** From 0, in the upstream's order. */
  readonly offset: number;
  readonly row: Row;
}

/** Offsets from `start` up to but not including `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A page in its place, as it came: repeated rows included. */
export interface PageRun<Row> {
  /** The offset of its first row. */
  readonly start: number;
  readonly rows: readonly Row[];
  /** The length of the list that it told. */
  readonly totalCount: number | null;
}

/** Pages whose rows may wait for somebody to ask: for more, whoever does would hold the event loop for too long. */
const maxUnplaced = 32;

/** A list that changes faster than it can be read is not chased for ever. */
const maxRepairs = 3;

export class PageBuffer<Row> {
  readonly #identityOf: (row: Row) => string;
  readonly #pages = new Map<number, { readonly page: Page<Row>; readonly start: number }>();
  /** Those of the pages between which the list is not known to have changed. */
  readonly #current = new Set<number>();
  readonly #offsets = new Map<string, number>();
  readonly #rows = new Map<number, Row>();
  /** Behind the last offset that has a row. */
  #rowsEnd = 0;
  /** Rows of pages that stand at their offsets, put there when somebody asks: of many a list, nobody ever does. */
  #unplaced: { readonly rows: readonly Row[]; readonly start: number }[] = [];
  #pageSize: number;
  #statedLength: number | null = null;
  #isSequential = false;
  #ignoresLength = false;
  #contradictsLength = false;
  /** Rows of the pages up to the last that brought something new; of a list that is read page by page. */
  #received = 0;
  /** Behind the last place of these pages. */
  #end = 0;
  /** Whether they stand one behind the other. */
  #isDense = false;
  #hasEnded = false;
  #mends = 0;
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

  /** The number of offsets in the list; null while it is not known. */
  get extent(): number | null {
    if (this.#hasEnded) return this.#end;
    return this.#ignoresLength || this.#isSequential ? null : this.#statedLength;
  }

  /** The number of rows in the list, repeated ones counted again; null while it is not known. */
  get length(): number | null {
    if (this.#hasEnded) return this.#received;
    return this.#ignoresLength ? null : this.#statedLength;
  }

  /** The length that was told last: if it differs, the list has changed. Null if it can't be believed. */
  get toldLength(): number | null {
    return this.#ignoresLength ? null : this.#statedLength;
  }

  /** The number of rows in the list; null while it is not known. Once all are at hand, exactly those are counted. */
  get totalCount(): number | null {
    if (!this.isComplete) return this.length;
    this.#placeAll();
    return this.#rows.size;
  }

  /** Whether no page tells how long the list is, or none that can be believed. */
  get hasNoLength(): boolean {
    return this.#isSequential && this.length === null;
  }

  /** Whether the rows that came contradict the length that was told. */
  get contradictsLength(): boolean {
    return this.#contradictsLength;
  }

  /** Whether every row of the list is at hand, so that what is not here does not exist. */
  get isComplete(): boolean {
    if (this.#isSequential) return this.#hasEnded;
    return this.#statedLength !== null && this.#pages.size >= Math.ceil(this.#statedLength / this.#pageSize);
  }

  /** Whether this very page stands there. */
  holds(pageIndex: number, page: Page<Row>): boolean {
    return this.#pages.get(pageIndex)?.page === page;
  }

  get hasPages(): boolean {
    return this.#pages.size > 0;
  }

  /** Repeated ones counted again. */
  get rowsReceived(): number {
    return [...this.#pages.values()].reduce((sum, { page }) => sum + page.rows.length, 0);
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
    if (this.#pages.size === 0 && !this.#ignoresLength) this.#statedLength = totalCount;
  }

  /** Reads the list to a page that brings nothing new, since its rows are known to contradict its length. */
  ignoreLength(): void {
    if (this.#pages.size > 0) return;
    this.#isSequential = true;
    this.#ignoresLength = true;
    this.#statedLength = null;
  }

  /** Reads the list page by page from the start, since rows are known to stand behind its length. */
  readInOrder(): void {
    if (this.#isSequential) return;
    const kept = this.#inOrder();
    this.#isSequential = true;
    this.#clear();
    this.#appendAll(kept);
  }

  /** The numbers of the pages that this range still needs; some of them may only show once these are here. */
  missing({ start, end }: Range): number[] {
    if (this.#isSequential) return this.#hasEnded || this.#rowsEnd >= end ? [] : [this.#pages.size + 1];
    const first = Math.floor(start / this.#pageSize) + 1;
    if (this.#statedLength === null) {
      // How far the list goes is not known: a page more could be a page too many.
      return end > start ? [first] : [1];
    }
    const last = Math.min(end, this.#statedLength);
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
    const { totalCount } = page;
    if (totalCount !== null) {
      // A length of before may come back: what was read until another one was seen is of another list all the same.
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
    // Behind the end of the list there is nothing to keep.
    if (lengthOf(page) > 0 || pageIndex === 1) {
      const start = (pageIndex - 1) * served;
      this.#pages.set(pageIndex, { page, start });
      this.#current.add(pageIndex);
      this.#unplaced.push({ rows: page.rows, start });
    }
    if (this.#unplaced.length > maxUnplaced) this.#placeAll();
  }

  /**
   * Takes the pages off that were read before the list was last seen to have another length, since rows have moved
   * between them. Whether there were any.
   */
  dropStalePages(): boolean {
    if (this.#current.size === this.#pages.size) return false;
    if (this.#mends === maxRepairs) {
      this.#changedWhileRead = true;
      return false;
    }
    this.#mends += 1;
    const kept = this.#inOrder().filter(([index]) => this.#current.has(index));
    this.#clear();
    // A count of rows received is worth nothing where rows have moved.
    if (this.#isSequential) return true;
    for (const [index, placed] of kept) {
      this.#pages.set(index, placed);
      this.#current.add(index);
      this.#unplaced.push({ rows: placed.page.rows, start: placed.start });
    }
    return true;
  }

  /** The rows of a range that are at hand, in order, each once. */
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

  /** Whether a row stands at an offset or behind it; as far as that is at hand, repeats do not count. */
  hasRowFrom(offset: number): boolean {
    const { extent } = this;
    if (extent !== null && !this.isComplete) return offset < extent;
    this.#placeAll();
    const isMoreExpected = !this.isComplete && this.length !== null;
    return isMoreExpected || offset < Math.min(this.#rowsEnd, extent ?? Infinity);
  }

  /** The pages at hand that have a part of a range, in order. */
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
  }

  #goSequential(pageIndex: number, requestedPageSize: number, page: Page<Row>): void {
    const kept = this.#inOrder().filter(([index]) => index < pageIndex && this.#current.has(index));
    this.#isSequential = true;
    this.#clear();
    this.#appendAll(kept);
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
        this.#rowsEnd = Math.max(this.#rowsEnd, offset + 1);
      }
      offset += 1;
    }
    while (this.#rowsEnd > 0 && !this.#rows.has(this.#rowsEnd - 1)) this.#rowsEnd -= 1;
  }
}

/** Where a page stands that came for `pageIndex` when it was asked with `requestedPageSize`. */
export function placeOf<Row>(pageIndex: number, requestedPageSize: number, page: Page<Row>): Place {
  const served = servedPageSize(pageIndex, requestedPageSize, page);
  // A page that lacks a row is still one of its size: under another one, it would not come before the next page.
  const pageSize = served ?? page.pageSize ?? requestedPageSize;
  return { pageIndex, pageSize, isRegular: served !== null };
}

/** The page size under which the rows received are exactly those the numbers promise; null where there is none. */
function servedPageSize<Row>(pageIndex: number, requested: number, page: Page<Row>): number | null {
  const { rows, totalCount, pageSize } = page;
  if (totalCount === null) return null;
  // A length may count rows that are null, or leave them out.
  const lengths = [lengthOf(page), rows.length];
  const promised = (size: number) => Math.min(size, Math.max(0, totalCount - (pageIndex - 1) * size));
  const candidates = pageSize === null ? [requested] : [pageSize, requested];
  return candidates.find((size) => lengths.includes(promised(size))) ?? null;
}
