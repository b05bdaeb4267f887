/**
 * Reads one list (a collection at a path) for one operation. Windows, lengths and look-ups share rows, so no row is
 * fetched twice. Loaded rows are returned without a promise; row-search.ts finds others by key.
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

/** Range for the extent of a list, null if unknown. Returns null if the range depends on an unknown extent. */
export type WindowRange = (extent: number | null) => Range | null;

export interface WindowRequest {
  readonly range: WindowRange;
  /** Whether the total is needed even if only a scan can count it. */
  readonly needsTotalCount: boolean;
  readonly cause: FieldPath;
  /** Whether rows are known to exist beyond the stated length; pages are then read in order. */
  readonly isUneven?: boolean;
  /** The list in which each row of the window will be looked up. */
  readonly prefetchJoin?: Pick<RowReader<unknown>, 'expectLookUps'> | null;
}

export interface Window<Row> {
  readonly rows: readonly Row[];
  /** Offset of each row; null if the rows are consecutive from the start of the range. */
  readonly offsets: readonly number[] | null;
  readonly range: Range;
  /** Null if unknown and not requested. */
  readonly totalCount: number | null;
  /** The consecutive pages that contain the range. */
  readonly pages: readonly PageRun<Row>[];
  /** The latest stated length; if it differs from an earlier one, the list has changed. Null if none is stated. */
  readonly statedLength: number | null;
  /** One past the offset of the list's last row; null if unknown. */
  readonly endsAt: number | null;
  readonly hasMore: boolean;
  /** Whether rows may be missing: the list kept changing during the read, or sent fewer rows than it states. */
  readonly changedWhileRead: boolean;
  /** Request time of the oldest page, in milliseconds since the epoch. */
  readonly sentAt: number;
}

/** Loaded rows are returned without a promise. */
export interface RowReader<Row> {
  /** Whether the list is known to have a row. */
  readonly hasRows: boolean;
  /** Length if known. Makes no call, and the response does not depend on the length. */
  readonly knownLength: number | null;
  /** Whether all rows are loaded or cached; no call is then needed. */
  readonly isCached: boolean;
  /** Unique for each row of the list. */
  identityOf(row: Row): string;
  /** The row at an offset; null if it is not loaded or does not exist. */
  rowAt(offset: number): Row | null;
  /** Rejects with the UpstreamError of the first page that failed. */
  window(request: WindowRequest): MaybePromise<Window<Row>>;
  /**
   * The row of each key. Keys of one tick are looked up together. Rejects with UpstreamError if the operation ends
   * during a look-up of many keys.
   */
  find<Key>(keys: readonly Key[], join: Join<Key>, causesOf: CausesOf): MaybePromise<readonly Found<Row>[]>;
  /**
   * Announces look-ups before their keys are known, and reads ahead the pages that are needed in any case.
   *
   * @param rows the maximum number of expected rows; null if unknown
   */
  expectLookUps(rows: number | null, cause: FieldPath): void;
}

/** All rows of a list. Rejects like `RowReader.window`. */
export function readWhole<Row>(
  reader: Pick<RowReader<Row>, 'window'>,
  cause: FieldPath,
  prefetchJoin: WindowRequest['prefetchJoin'] = null,
): MaybePromise<Window<Row>> {
  const range: WindowRange = (extent) => ({ start: 0, end: extent ?? Infinity });
  return reader.window({ range, needsTotalCount: true, cause, prefetchJoin });
}

const assumedLength = 5000;

export interface WholeSize {
  readonly rows: number;
  /** Whether the work needs no call. */
  readonly isCached: boolean;
}

/**
 * Size of the work of `readWhole`; reads at most the first page. Rejects like `RowReader.window`.
 *
 * @param joined the list that the rows are joined to, or null
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
  const range: WindowRange = () => ({ start: 0, end: 1 });
  const window = reader.window({ range, needsTotalCount: false, cause, prefetchJoin });
  return chain(window, ({ statedLength }) => ({ rows: statedLength ?? assumedLength, isCached }));
}

/** Maximum number of keys looked up without a yield. */
const maxKeysAtOnce = 1000;
const keysPerPart = 500;
const pagesPerSlice = 50;
/** Look-ups of at least this many pages justify reading one page for the list's length. */
const manyPages = 10;

export class ListReader<Row> implements RowReader<Row> {
  readonly #view: ListView<Row>;
  readonly #pages: PageReader<Row>;
  readonly #search: RowSearch<Row>;
  #hasFoundRow = false;
  #exposed: readonly Found<Row>[] | null = null;
  /** The latest window and the view's steps at that time: several fields may request the same range. */
  #latest: { readonly window: Window<Row>; readonly steps: number } | null = null;

  constructor(source: ListSource<Row>) {
    this.#view = new ListView(source);
    this.#pages = new PageReader(this.#view);
    this.#search = new RowSearch(this.#view, this.#pages);
  }

  get hasRows(): boolean {
    const { buffer, rows, source, oldestSentAt } = this.#view;
    if (this.#hasFoundRow || rows.hasRows) return true;
    if ((buffer.totalCount ?? 0) === 0) return false;
    source.dateBy(oldestSentAt);
    return true;
  }

  get knownLength(): number | null {
    const { buffer, source } = this.#view;
    return buffer.length ?? source.cache.length?.totalCount ?? null;
  }

  get isCached(): boolean {
    const { buffer, source } = this.#view;
    if (buffer.isComplete) return true;
    const { wholeSince } = source.cache;
    return wholeSince !== null && source.freshnessOf(wholeSince, 'present', 'normal') !== 'expired';
  }

  identityOf(row: Row): string {
    return this.#view.source.traits.identityOf(row);
  }

  rowAt(offset: number): Row | null {
    const { buffer, source } = this.#view;
    const [placed] = buffer.rows({ start: offset, end: offset + 1 });
    if (placed !== undefined) return placed.row;
    const cached = source.cache.rowAt(offset, buffer.pageSize);
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
    // A failure is reported when the rows are read.
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
    const { buffer } = this.#view;
    // With this many keys, the list's length decides how to look them up. A failure is reported when the rows are read.
    if (call.open.length > manyPages * buffer.pageSize && buffer.length === null)
      await this.#readAhead(call.open.length, causesOf(0)[0]).catch(() => undefined);
    return this.#expose(await this.#search.complete(call));
  }

  #expose<Exposed extends readonly Found<Row>[]>(rows: Exposed): Exposed {
    // Several fields may request the whole list.
    if (rows === this.#exposed) return rows;
    this.#exposed = rows;
    this.#hasFoundRow ||= rows.some((row) => row !== null && !(row instanceof Error));
    this.#view.source.expose(rows);
    return rows;
  }

  /** A window of fresh cached pages, if this operation has not loaded pages yet; else null. */
  #cachedWindow({ range: rangeFor, cause, isUneven = false }: WindowRequest): Window<Row> | null {
    const { buffer, source } = this.#view;
    const { length } = source.cache;
    if (buffer.hasPages || length === null || isUneven) return null;
    const { totalCount } = length;
    const range = rangeFor(totalCount);
    const isFresh = ({ sentAt }: { readonly sentAt: number }) =>
      source.freshnessOf(sentAt, 'present', 'normal') === 'fresh';
    if (range === null || !isFresh(length)) return null;
    const { pageSize } = buffer;
    const first = Math.floor(range.start / pageSize) + 1;
    const last = Math.ceil(range.end / pageSize);
    const pages =
      range.start >= range.end
        ? { first, rows: [], answers: [] }
        : source.cache.consecutivePages({ pageSize, first, last });
    if (pages === null) return null;
    const answers = pages.answers.slice(first - pages.first, last + 1 - pages.first);
    if (!answers.every(isFresh)) return null;
    if (answers.length === 0) {
      this.#view.loadLength('normal');
      this.#view.useLength([cause]);
    }
    for (const index of answers.keys())
      useCachedPage(source, { pageIndex: first + index, pageSize }, 'normal', [cause]);
    return {
      rows: rowsWithin(range, pages.rows, (pages.first - 1) * pageSize),
      offsets: null,
      range,
      totalCount,
      pages: answers.map((answer, index) => ({
        start: (first - 1 + index) * pageSize,
        rows: answer.rows,
        totalCount,
      })),
      statedLength: totalCount,
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
    const syncing = this.#view.syncFromPeers();
    if (syncing !== null) await syncing;
    const { buffer, source } = this.#view;
    if (isUneven) buffer.readInOrder();
    let hasWaited = false;
    for (;;) {
      const { extent, length, hasNoLength } = buffer;
      const range = rangeFor(extent);
      if (range !== null && range.start >= range.end && length === null && !hasNoLength) {
        await this.#pages.readLength(cause);
        hasWaited = true;
        continue;
      }
      const { start, end } = range ?? wholeList;
      // Without a length, only the row after the window shows whether there are more.
      const seen = hasNoLength ? (needsTotalCount ? Infinity : end + 1) : end;
      const missing = buffer.missing({ start, end: seen });
      if (missing.length > 0) {
        const isMany = missing.length > pagesPerSlice;
        const unread = isMany
          ? await this.#absorbCachedInSlices(missing, cause)
          : this.#pages.absorbCached(missing, [cause]);
        if (unread.length > 0) {
          prefetchJoin?.expectLookUps(length === null ? null : end - start, cause);
          await this.#pages.read(unread, [cause]);
          hasWaited = true;
        }
      } else if (!this.#view.dropStalePages() && range !== null) {
        if (hasWaited) {
          hasWaited = false;
          await source.nextSlice();
          // Other long lists may share that slice.
          if (range.end - range.start > keysPerPart) await yieldIfDue();
          continue;
        }
        this.#view.useLength([cause]);
        return this.#cut(range);
      }
    }
  }

  async #absorbCachedInSlices(pages: readonly number[], cause: FieldPath): Promise<readonly number[]> {
    const unread: number[] = [];
    const pace = this.#view.source.pace();
    for (let start = 0; start < pages.length; start += pagesPerSlice) {
      if (start > 0) await pace.yield();
      unread.push(...this.#pages.absorbCached(pages.slice(start, start + pagesPerSlice), [cause]));
    }
    return unread;
  }

  #cut(range: Range): Window<Row> {
    const { buffer, oldestSentAt, steps } = this.#view;
    const { totalCount, statedLength, extent } = buffer;
    const changedWhileRead = buffer.changedWhileRead || buffer.lacksRows(range);
    const latest = this.#latest;
    if (
      latest?.steps === steps &&
      latest.window.range.start === range.start &&
      latest.window.range.end === range.end &&
      latest.window.changedWhileRead === changedWhileRead
    )
      return latest.window;
    const placed = buffer.rows(range);
    const window = {
      rows: placed.map(({ row }) => row),
      offsets: placed.map(({ offset }) => offset),
      range,
      totalCount,
      pages: buffer.runs(range),
      statedLength,
      endsAt: extent,
      hasMore: buffer.hasRowFrom(range.end),
      changedWhileRead,
      sentAt: oldestSentAt,
    };
    // Without pages, a length may change without a step.
    this.#latest = buffer.hasPages ? { window, steps } : null;
    return window;
  }

  async #readAhead(rows: number | null, cause: FieldPath | undefined): Promise<void> {
    const syncing = this.#view.syncFromPeers();
    if (syncing !== null) await syncing;
    const causes = cause === undefined ? [] : [cause];
    const { buffer } = this.#view;
    if (buffer.length === null) await this.#pages.read(this.#pages.absorbCached([1], causes), causes);
    const unread = this.#pages.unread();
    // If the length is unknown, one of the rows is assumed to be in the list.
    if (unread.length <= this.#search.minLookUps(Math.max(0, (rows ?? 1) - buffer.rowsReceived))) {
      await this.#pages.read(unread, causes);
    }
  }
}

/** The consecutive rows, starting at an offset, that are in a range; the same array if all are. */
function rowsWithin<Row>({ start, end }: Range, rows: readonly Row[], offset: number): readonly Row[] {
  return start === offset && end === offset + rows.length ? rows : rows.slice(start - offset, end - offset);
}
