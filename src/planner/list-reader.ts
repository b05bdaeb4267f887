/**
 * One list of the upstream (a collection at a path) as one operation reads it: windows, lengths and look-ups over the
 * same rows, so that none is fetched twice. What is at hand answers at once; row-search.ts looks for other rows by key.
 */
import { chain, type MaybePromise } from '../maybe-promise.ts';
import type { FieldPath } from '../scope.ts';
import { Pace, yieldIfDue } from '../scheduler.ts';
import { useCachedPage, type ListSource } from './list-source.ts';
import { ListView } from './list-view.ts';
import type { Found } from './lookup.ts';
import { PageReader, wholeList } from './page-reader.ts';
import type { PageRun, Range } from './page-buffer.ts';
import type { Join } from './row-keys.ts';
import { FindCall, RowSearch, type CausesOf } from './row-search.ts';

/** A window's range may depend on the extent of the list, which is null while unknown; it then returns null. */
export type WindowRange = (extent: number | null) => Range | null;

export interface WindowRequest {
  readonly range: WindowRange;
  /** Whether the length of the list must be known even if the upstream does not send it and a scan must count. */
  readonly needsTotalCount: boolean;
  readonly cause: FieldPath;
  /** Whether rows are known to stand behind the length that the list states, so that its pages are read in order. */
  readonly isUneven?: boolean;
  /** The list in which each row of the window will be looked up. */
  readonly prefetchJoin?: Pick<RowReader<unknown>, 'expectLookUps'> | null;
}

export interface Window<Row> {
  readonly rows: readonly Row[];
  /** By row; null if they follow each other from the start of the range. */
  readonly offsets: readonly number[] | null;
  readonly range: Range;
  /** Null if it is not known and was not needed. */
  readonly totalCount: number | null;
  /** The pages the range was cut from, in order: they follow each other. */
  readonly pages: readonly PageRun<Row>[];
  /** The length that the list was last seen to tell: if it differs, the list has changed. Null if it tells none. */
  readonly toldLength: number | null;
  /** The offset behind the last row of the list; null if it is not known. */
  readonly endsAt: number | null;
  /** Whether a row stands behind the range. */
  readonly hasMore: boolean;
  /** Whether the list went on changing while it was read, so that rows may be missing. */
  readonly changedWhileRead: boolean;
  /** Nothing in it was asked for earlier; in milliseconds since the epoch. */
  readonly sentAt: number;
}

/** Reads a list. What is at hand is there without a promise. */
export interface RowReader<Row> {
  /** Whether the list is known to have a row. */
  readonly hasRows: boolean;
  /** How long the list is, as far as that is known without reading it; the answer does not depend on it. */
  readonly knownLength: number | null;
  /** Whether all rows are at hand, so that none of them waits for a call. */
  readonly isCached: boolean;
  /** What distinguishes a row from all others of the list. */
  identityOf(row: Row): string;
  /** The row at an offset, if it is at hand; null if it is not, or there is none. */
  rowAt(offset: number): Row | null;
  /** Rejects with the UpstreamError of the first page that failed. */
  window(request: WindowRequest): MaybePromise<Window<Row>>;
  /**
   * The row of each key. Those that are asked for in one tick are looked up together; rejects with UpstreamError if the
   * operation ends while many are looked for.
   */
  find<Key>(keys: readonly Key[], join: Join<Key>, causesOf: CausesOf): MaybePromise<readonly Found<Row>[]>;
  /**
   * Look-ups are on their way here, and their keys are not known yet: reads at once what will be read in any case.
   *
   * @param rows how many are expected at most; null if that is not known yet
   */
  expectLookUps(rows: number | null, cause: FieldPath): void;
}

/** All rows of a list. Rejects as `RowReader.window`. */
export function readWhole<Row>(
  reader: Pick<RowReader<Row>, 'window'>,
  cause: FieldPath,
  prefetchJoin: WindowRequest['prefetchJoin'] = null,
): MaybePromise<Window<Row>> {
  const range: WindowRange = (extent) => ({ start: 0, end: extent ?? Infinity });
  return reader.window({ range, needsTotalCount: true, cause, prefetchJoin });
}

/** What a list counts as whose length the upstream does not send. */
const assumedLength = 5000;

/** What work on all rows of a list will take. */
export interface WholeSize {
  readonly rows: number;
  /** Whether it waits for no call. */
  readonly isCached: boolean;
}

/**
 * What `readWhole` will take, which then reads as if this had not been asked for. Rejects as `RowReader.window`.
 *
 * @param joined the list whose rows decide with those of this one; null if there is none
 */
export function sizeBeforeWhole(
  reader: Pick<RowReader<unknown>, 'window' | 'knownLength' | 'isCached'>,
  joined: Pick<RowReader<unknown>, 'isCached'> | null,
  cause: FieldPath,
  prefetchJoin: WindowRequest['prefetchJoin'] = null,
): MaybePromise<WholeSize> {
  const isCached = reader.isCached && joined?.isCached !== false;
  const { knownLength } = reader;
  if (knownLength !== null) return { rows: knownLength, isCached };
  // The first page has it.
  const range: WindowRange = () => ({ start: 0, end: 1 });
  const window = reader.window({ range, needsTotalCount: false, cause, prefetchJoin });
  return chain(window, ({ toldLength }) => ({ rows: toldLength ?? assumedLength, isCached }));
}

/** More keys are looked up in parts, between which the reader yields to other operations. */
const maxKeysAtOnce = 1000;
const keysPerPart = 500;
/** Pages that are taken from the cache in one turn. */
const pagesPerTurn = 50;
/** Look-ups to which one page more makes no difference. */
const manyPages = 10;

export class ListReader<Row> implements RowReader<Row> {
  readonly #view: ListView<Row>;
  readonly #pages: PageReader<Row>;
  readonly #search: RowSearch<Row>;
  #hasFoundRow = false;
  #exposed: readonly Found<Row>[] | null = null;
  /** The last window of pages that was read, and the view's steps until then: several fields may ask for the same range. */
  #latest: { readonly window: Window<Row>; readonly steps: number } | null = null;

  constructor(source: ListSource<Row>) {
    this.#view = new ListView(source);
    this.#pages = new PageReader(this.#view);
    this.#search = new RowSearch(this.#view, this.#pages);
  }

  get hasRows(): boolean {
    const { shelf, rows, source, oldestSentAt } = this.#view;
    if (this.#hasFoundRow || rows.hasRows) return true;
    if ((shelf.totalCount ?? 0) === 0) return false;
    source.dateBy(oldestSentAt);
    return true;
  }

  get knownLength(): number | null {
    const { shelf, source } = this.#view;
    return shelf.length ?? source.memory.length?.totalCount ?? null;
  }

  get isCached(): boolean {
    const { shelf, source } = this.#view;
    if (shelf.isComplete) return true;
    const { wholeSince } = source.memory;
    return wholeSince !== null && source.freshnessOf(wholeSince, 'present', 'normal') !== 'expired';
  }

  identityOf(row: Row): string {
    return this.#view.source.traits.identityOf(row);
  }

  rowAt(offset: number): Row | null {
    const { shelf, source } = this.#view;
    const [placed] = shelf.rows({ start: offset, end: offset + 1 });
    if (placed !== undefined) return placed.row;
    const cached = source.memory.rowAt(offset, shelf.pageSize);
    const isFresh = cached !== null && source.freshnessOf(cached.sentAt, 'present', 'normal') === 'fresh';
    return isFresh ? cached.row : null;
  }

  window(request: WindowRequest): MaybePromise<Window<Row>> {
    return chain(this.#cachedWindow(request) ?? this.#readWindow(request), (window) => {
      this.#expose(window.rows);
      return window;
    });
  }

  find<Key>(keys: readonly Key[], join: Join<Key>, causesOf: CausesOf): MaybePromise<readonly Found<Row>[]> {
    if (keys.length > maxKeysAtOnce) return this.#findInParts(keys, join, causesOf);
    const call = new FindCall(this.#view, join, causesOf);
    call.add(keys);
    return chain(this.#search.complete(call), (found) => this.#expose(found));
  }

  expectLookUps(rows: number | null, cause: FieldPath): void {
    this.#view.expectLookUps();
    // What fails is reported where it is needed.
    this.#readAhead(rows, cause).catch(() => undefined);
  }

  async #findInParts<Key>(
    keys: readonly Key[],
    join: Join<Key>,
    causesOf: CausesOf,
  ): Promise<readonly Found<Row>[]> {
    const call = new FindCall(this.#view, join, causesOf);
    const pace = new Pace(1);
    for (let start = 0; start < keys.length; start += keysPerPart) {
      if (pace.shouldYield) await pace.yield();
      call.add(keys.slice(start, start + keysPerPart));
    }
    const { shelf } = this.#view;
    // Of so many, the length of the list decides how they are looked up. What fails is reported where it is needed.
    if (call.open.length > manyPages * shelf.pageSize && shelf.length === null)
      await this.#readAhead(call.open.length, causesOf(0)[0]).catch(() => undefined);
    return this.#expose(await this.#search.complete(call));
  }

  #expose<Exposed extends readonly Found<Row>[]>(rows: Exposed): Exposed {
    // Many may ask for the whole list.
    if (rows === this.#exposed) return rows;
    this.#exposed = rows;
    this.#hasFoundRow ||= rows.some((row) => row !== null && !(row instanceof Error));
    this.#view.source.expose(rows);
    return rows;
  }

  /** A window of pages that are all cached, and that this operation has not begun to read; null if they are not. */
  #cachedWindow({ range: rangeFor, cause, isUneven = false }: WindowRequest): Window<Row> | null {
    const { shelf, source } = this.#view;
    const { length } = source.memory;
    if (shelf.hasPages || length === null || isUneven) return null;
    const { totalCount } = length;
    const range = rangeFor(totalCount);
    const isFresh = ({ sentAt }: { readonly sentAt: number }) =>
      source.freshnessOf(sentAt, 'present', 'normal') === 'fresh';
    if (range === null || !isFresh(length)) return null;
    const { pageSize } = shelf;
    const first = Math.floor(range.start / pageSize) + 1;
    const last = Math.ceil(range.end / pageSize);
    const stretch =
      range.start >= range.end
        ? { first, rows: [], answers: [] }
        : source.memory.stretch({ pageSize, first, last });
    if (stretch === null) return null;
    // It may have been put together for longer windows.
    const answers = stretch.answers.slice(first - stretch.first, last + 1 - stretch.first);
    if (!answers.every(isFresh)) return null;
    if (answers.length === 0) {
      this.#view.takeLength('normal');
      this.#view.useLength([cause]);
    }
    for (const index of answers.keys())
      useCachedPage(source, { pageIndex: first + index, pageSize }, 'normal', [cause]);
    return {
      rows: rowsWithin(range, stretch.rows, (stretch.first - 1) * pageSize),
      offsets: null,
      range,
      totalCount,
      pages: answers.map((answer, index) => ({
        start: (first - 1 + index) * pageSize,
        rows: answer.rows,
        totalCount,
      })),
      toldLength: totalCount,
      endsAt: totalCount,
      hasMore: range.end < totalCount,
      changedWhileRead: false,
      sentAt: answers.reduce((oldest, { sentAt }) => Math.min(oldest, sentAt), length.sentAt),
    };
  }

  async #readWindow({
    range: rangeFor,
    needsTotalCount,
    cause,
    isUneven = false,
    prefetchJoin,
  }: WindowRequest): Promise<Window<Row>> {
    const catchingUp = this.#view.catchUp();
    if (catchingUp !== null) await catchingUp;
    const { shelf, source } = this.#view;
    if (isUneven) shelf.readInOrder();
    let hasWaited = false;
    for (;;) {
      const { extent, length, hasNoLength } = shelf;
      const range = rangeFor(extent);
      if (range !== null && range.start >= range.end && length === null && !hasNoLength) {
        await this.#pages.readLength(cause);
        hasWaited = true;
        continue;
      }
      const { start, end } = range ?? wholeList;
      // If the upstream sends no length, only the row behind the window shows whether there is more.
      const seen = hasNoLength ? (needsTotalCount ? Infinity : end + 1) : end;
      const missing = shelf.missing({ start, end: seen });
      if (missing.length > 0) {
        const isMany = missing.length > pagesPerTurn;
        const unread = isMany
          ? await this.#takeCachedByTurns(missing, cause)
          : this.#pages.takeCached(missing, [cause]);
        if (unread.length > 0) {
          prefetchJoin?.expectLookUps(length === null ? null : end - start, cause);
          await this.#pages.read(unread, [cause]);
          hasWaited = true;
        }
      } else if (!this.#view.dropStalePages() && range !== null) {
        if (hasWaited) {
          hasWaited = false;
          await source.nextSlice();
          // That turn may be shared with many lists as long as this one.
          if (range.end - range.start > keysPerPart) await yieldIfDue();
          continue;
        }
        this.#view.useLength([cause]);
        return this.#cut(range);
      }
    }
  }

  /** As `PageReader.takeCached`, with other work in between. */
  async #takeCachedByTurns(pages: readonly number[], cause: FieldPath): Promise<readonly number[]> {
    const unread: number[] = [];
    const pace = this.#view.source.pace();
    for (let start = 0; start < pages.length; start += pagesPerTurn) {
      if (start > 0) await pace.yield();
      unread.push(...this.#pages.takeCached(pages.slice(start, start + pagesPerTurn), [cause]));
    }
    return unread;
  }

  #cut(range: Range): Window<Row> {
    const { shelf, oldestSentAt, steps } = this.#view;
    const { totalCount, toldLength, extent, changedWhileRead } = shelf;
    const latest = this.#latest;
    if (
      latest?.steps === steps &&
      latest.window.range.start === range.start &&
      latest.window.range.end === range.end &&
      latest.window.changedWhileRead === changedWhileRead
    )
      return latest.window;
    const placed = shelf.rows(range);
    const window = {
      rows: placed.map(({ row }) => row),
      offsets: placed.map(({ offset }) => offset),
      range,
      totalCount,
      pages: shelf.runs(range),
      toldLength,
      endsAt: extent,
      hasMore: shelf.hasRowFrom(range.end),
      changedWhileRead,
      sentAt: oldestSentAt,
    };
    // Without pages, a length that comes is no step.
    this.#latest = shelf.hasPages ? { window, steps } : null;
    return window;
  }

  async #readAhead(rows: number | null, cause: FieldPath | undefined): Promise<void> {
    const catchingUp = this.#view.catchUp();
    if (catchingUp !== null) await catchingUp;
    const causes = cause === undefined ? [] : [cause];
    const { shelf } = this.#view;
    if (shelf.length === null) await this.#pages.read(this.#pages.takeCached([1], causes), causes);
    const unread = this.#pages.unread();
    // Of a list whose length is not known yet, one row is as good as certain.
    if (unread.length <= this.#search.fewestLookUps(Math.max(0, (rows ?? 1) - shelf.rowsReceived))) {
      await this.#pages.read(unread, causes);
    }
  }
}

/** Those of rows that follow each other from an offset which are in a range; the array itself if they all are. */
function rowsWithin<Row>({ start, end }: Range, rows: readonly Row[], offset: number): readonly Row[] {
  return start === offset && end === offset + rows.length ? rows : rows.slice(start - offset, end - offset);
}
