/**
 * Searches one list for rows by key, for one operation. The keys of one tick are one search; `choose` decides between
 * look-ups and scanning.
 */
import type { Filter } from '../endpoint/collection.ts';
import { invariant, UpstreamError } from '../errors.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import { maxCauses, type FieldPath } from '../scope.ts';
import { Pace, schedule, shouldYield } from '../scheduler.ts';
import { choose, minLookUps, type OpenKeys } from './choose.ts';
import { KeyReader } from './key-reader.ts';
import type { ListView } from './list-view.ts';
import { LookupState, LookupResolution, type Found, type OpenRequests } from './lookup.ts';
import { wholeList, type PageReader } from './page-reader.ts';
import { RejectedLookUps } from './rejected-look-ups.ts';
import { RequestIndex, type MatchedRequests } from './request-index.ts';
import { LazyRowRequest, type Join, type RowRequest } from './row-keys.ts';

/** The fields that need the key of this index. */
export type CausesOf = (index: number) => readonly FieldPath[];

/** A search holds the pages that it reads, which a stream does not. */
const maxFreePages = 50;

/** A row whose key is rejected, although others are accepted, is searched in lists of at most this many pages. */
const maxPagesForRejected = 50;

/** Larger batches do not wait for further requests. */
const maxBatch = 1000;

const noCauses: readonly FieldPath[] = [];

interface Batch<Row> {
  readonly requests: RowRequest[];
  readonly results: Promise<readonly Found<Row>[]>;
}

export class RowSearch<Row> {
  readonly #view: ListView<Row>;
  readonly #pages: PageReader<Row>;
  readonly #rejected: RejectedLookUps;
  readonly #keys: KeyReader<Row>;
  /** Key of a row that exists, looked up if the name or the key of a rejected look-up may be the reason. */
  #existingKey: string | null = null;
  #batch: Batch<Row> | null = null;
  #searches: Promise<unknown> = Promise.resolve();

  constructor(view: ListView<Row>, pages: PageReader<Row>) {
    this.#view = view;
    this.#pages = pages;
    this.#rejected = new RejectedLookUps(view.source.capabilities);
    this.#keys = new KeyReader(view, this.#rejected);
  }

  /** Searches for the open requests of a call; returns at once if there are none. */
  complete<Key>(call: FindCall<Key, Row>): MaybePromise<Found<Row>[]> {
    const { found, open } = call;
    if (open.length === 0) return found;
    return this.#search(open.map(({ request }) => request)).then((results) => {
      for (const [index, { position }] of open.entries()) found[position] = results[index] ?? null;
      return found;
    });
  }

  minLookUps(rows: number): number {
    const { capabilities } = this.#view.source;
    return minLookUps(rows, { dialect: capabilities.dialect, rowsPerCall: this.#view.buffer.pageSize });
  }

  /** Runs searches one after the other, so that none requests rows that another returns. */
  #search(requests: readonly RowRequest[]): Promise<readonly Found<Row>[]> {
    const batch = (this.#batch ??= this.#createBatch());
    const start = batch.requests.length;
    for (const request of requests) batch.requests.push(request);
    return batch.results.then((results) => results.slice(start, start + requests.length));
  }

  #createBatch(): Batch<Row> {
    const requests: RowRequest[] = [];
    const isComplete = batchEnd(requests).then(() => {
      this.#batch = null;
    });
    const results = Promise.all([this.#searches, isComplete]).then(() => this.#runSearch(requests));
    this.#searches = results.catch(() => undefined);
    return { requests, results };
  }

  async #runSearch(requests: readonly RowRequest[]): Promise<readonly Found<Row>[]> {
    const syncing = this.#view.syncFromPeers();
    if (syncing !== null) await syncing;
    const state = new LookupState(this.#view, requests);
    await state.resolve();
    if (state.open.size > 0) {
      // Windows requested in the same tick go first, and pages in flight unless look-ups are fewer: they may contain
      // the rows.
      const causes = causesOf(state.open.keys());
      this.#pages.joinInFlight(this.minLookUps(state.open.size), causes);
      await this.#pages.finishReads();
      await state.resolve();
    }
    const hasToWait = state.open.size > 0;
    let stride = 1;
    while (state.open.size > 0) {
      // If rows were loaded, requests are resolved before the next choice.
      if (!state.isOutdated()) {
        await this.#advance(state, stride);
        invariant(state.isOutdated() || state.hasFailures, 'every choice brings a search further');
        stride *= 2;
      }
      await state.resolve();
    }
    this.#rejected.finish();
    if (hasToWait) await this.#view.source.nextSlice();
    return state.results;
  }

  /** One step: joins look-ups in flight, and chooses calls for the rest. */
  async #advance(state: LookupState<Row>, stride: number): Promise<void> {
    const rest = new Map(state.open);
    const inFlight = this.#keys.filtersInFlight();
    const index = inFlight.length === 0 ? null : new RequestIndex(rest);
    const steps = inFlight.map((filter) => {
      const matched = (index?.matching(filter, 'every') ?? []).filter(([request]) => rest.has(request));
      for (const [request] of matched) rest.delete(request);
      return this.#fetchRows(state, filter, matched, true);
    });
    // A look-up in flight may reveal the dialect, which is worth waiting for.
    const isChoosing = rest.size === state.open.size || this.#rejected.dialect !== 'unknown';
    if (rest.size > 0 && isChoosing) steps.push(this.#fetchChosen(state, rest, stride));
    await Promise.all(steps);
  }

  async #fetchChosen(state: LookupState<Row>, all: OpenRequests, stride: number): Promise<void> {
    const { buffer, source } = this.#view;
    const rejected = this.#rejected;
    // Another operation may have learned the length meanwhile.
    if (buffer.length === null) this.#view.loadLength('normal');
    const searchable = rejected.withoutRejected(all);
    const open = searchable.size > 0 ? searchable : all;
    const rows = [...open.values()];
    // If every request has a loaded row, only the pages before those rows can change the result.
    const end = rows.reduce((last, [next]) => Math.max(last, next?.page ?? Infinity), 0);
    const unread = this.#pages.unread().filter((page) => page < end);
    if (searchable.size === 0) {
      if (isLong(buffer.length ?? buffer.rowsReceived, buffer.pageSize)) this.#failRejected(state, open);
      else await this.#scan(state, open, unread.slice(0, stride), end);
      return;
    }
    // Look-ups would be further calls beside those of the stream.
    const isFree = source.isStreaming && unread.length <= maxFreePages;
    const openKeys = rows.map((rowKeys) => rejected.acceptedKeys(rowKeys));
    if (rejected.isInDoubt && openKeys.every((keys) => keys.length > 0)) {
      await this.#testNames(state, open, openKeys);
      return;
    }
    rejected.divide();
    const choice = choose({
      open: openKeys,
      dialect: rejected.dialect,
      isDialectPresumed: !source.capabilities.isSingularShown,
      takesBothNames: rejected.takesBothNames,
      canDetectDialect: rejected.canDetectDialect,
      unread: buffer.length === null ? null : isFree ? [] : unread,
      rowsPerCall: buffer.pageSize,
      keysPerCall: this.#keys.keysPerCall,
    });
    // A scan without an alternative may end early, so it reads in growing strides; a scan chosen for its cost reads all
    // pages at once.
    const isChosen = rejected.dialect !== 'none' && rows.every(([next]) => next?.filterKey !== undefined);
    if (choice.kind === 'scan' || !isChosen) {
      await this.#scan(state, open, isChosen ? unread : unread.slice(0, stride), end);
      return;
    }
    if (choice.kind === 'detect-dialect') {
      await state.failing(open.keys(), this.#keys.detectDialect(choice, causesOf(open.keys())));
      return;
    }
    const index = new RequestIndex(open);
    const pace = new Pace(1);
    const lookUps: Promise<void>[] = [];
    for (const filter of choice.filters) {
      if (pace.shouldYield) await pace.yield();
      lookUps.push(this.#fetchRows(state, filter, index.matching(filter, 'some')));
    }
    await Promise.all(lookUps);
  }

  /**
   * One step to find the supported filter name: a look-up of the first key, then of one whose row exists, unless the
   * list is short. If none is accepted, the next choice reads pages.
   */
  async #testNames(
    state: LookupState<Row>,
    open: OpenRequests,
    openKeys: readonly OpenKeys[],
  ): Promise<void> {
    const [[first = ''] = []] = openKeys;
    const test = this.#existingKey === null ? this.#rejected.nextTest(first) : null;
    if (test !== null) {
      await this.#fetchRows(state, test, new RequestIndex(open).matching(test, 'some'));
      return;
    }
    const causes = causesOf(open.keys());
    const { pageSize } = this.#view.buffer;
    const pageError = await this.#findExistingKey(causes);
    if (this.#view.buffer.pageSize < pageSize) {
      this.#rejected.forget();
      return;
    }
    const { buffer } = this.#view;
    const isShort = pageError === null && buffer.length !== null && !isLong(buffer.length, buffer.pageSize);
    const [last = ''] = openKeys.at(-1) ?? [];
    const other = isShort ? null : this.#rejected.nextTest(this.#existingKey ?? last);
    if (other !== null) {
      const lookUp = { filter: other, requests: [], causes, isResolved: () => false, isOfOther: false };
      await state.failing(open.keys(), this.#keys.lookUp(lookUp));
      return;
    }
    this.#rejected.readPages();
    this.#view.advance();
    if (pageError !== null) for (const request of open.keys()) state.fail(request, pageError);
  }

  /** Returns the error of the first page, if that is needed and can't be read. */
  async #findExistingKey(causes: readonly FieldPath[]): Promise<UpstreamError | null> {
    if (this.#existingKey !== null) return null;
    const { buffer, source } = this.#view;
    let pageError: UpstreamError | null = null;
    try {
      if (buffer.missing({ start: 0, end: 1 }).length > 0)
        await this.#pages.read(this.#pages.absorbCached([1], causes), causes);
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      pageError = error;
    }
    const keys = buffer
      .rows({ start: 0, end: buffer.pageSize })
      .flatMap(({ row }) => source.traits.filterKeyOf(row) ?? []);
    this.#existingKey = keys.find((key) => !this.#rejected.hasRejected(key)) ?? null;
    return pageError;
  }

  /** Fails requests whose next key is rejected. */
  #failRejected(state: LookupState<Row>, open: OpenRequests): void {
    for (const [request, rowKeys] of open) {
      const error = this.#rejected.errorOf(rowKeys);
      if (error !== null) state.fail(request, error);
    }
  }

  async #fetchRows(
    state: LookupState<Row>,
    filter: Filter,
    matched: MatchedRequests,
    isOfOther = false,
  ): Promise<void> {
    if (matched.length === 0) return;
    const requests = matched.map(([request]) => request);
    const causes = requests.flatMap((request) => request.causes);
    const isResolved = () => state.couldResolve(requests);
    const lookUp = { filter, requests: matched, causes, isResolved, isOfOther };
    await state.failing(requests, this.#keys.lookUp(lookUp));
  }

  /** @param end the first page not needed */
  async #scan(
    state: LookupState<Row>,
    open: OpenRequests,
    pages: readonly number[],
    end: number,
  ): Promise<void> {
    const { buffer } = this.#view;
    const causes = causesOf(open.keys());
    // If no page is unread, the others are cached and complete the list.
    const missing = pages.length > 0 ? pages : buffer.missing(wholeList).filter((page) => page < end);
    const unread = this.#pages.absorbCached(missing.length > 0 ? missing : buffer.missing(wholeList), causes);
    await state.failing(open.keys(), allOf(unread.map((page) => this.#pages.read([page], causes))));
    if (buffer.missing(wholeList).length === 0) this.#view.dropStalePages();
  }
}

/** Whether the pages of a list are too many to search them for a rejected key. */
function isLong(rows: number, pageSize: number): boolean {
  return rows > maxPagesForRejected * pageSize;
}

/** The keys of one `find`: resolved rows, and requests for the others. */
export class FindCall<Key, Row> {
  readonly found: Found<Row>[] = [];
  readonly open: { readonly position: number; readonly request: RowRequest }[] = [];
  readonly #resolution: LookupResolution<Row>;
  readonly #join: Join<Key>;
  readonly #causesOf: CausesOf;

  constructor(view: ListView<Row>, join: Join<Key>, causesOf: CausesOf) {
    this.#resolution = new LookupResolution(view, 'normal');
    this.#join = join;
    this.#causesOf = view.source.isObserved ? causesOf : () => noCauses;
  }

  add(keys: readonly Key[]): void {
    for (const key of keys) {
      const position = this.found.length;
      const causes = this.#causesOf(position);
      const row = this.#resolution.resolve(key, this.#join, causes);
      this.found.push(row ?? null);
      if (row === undefined)
        this.open.push({ position, request: new LazyRowRequest(key, this.#join, causes) });
    }
    this.#resolution.finish();
  }
}

function causesOf(requests: Iterable<RowRequest>): FieldPath[] {
  const some: FieldPath[] = [];
  for (const { causes } of requests) {
    for (const cause of causes) {
      if (some.length === maxCauses) return some;
      some.push(cause);
    }
  }
  return some;
}

/** Resolves at the end of the tick or, while operations yield to each other, once they add no more requests. */
async function batchEnd(requests: readonly RowRequest[]): Promise<void> {
  for (let size = 0; ;) {
    await tickEnd();
    if (requests.length === size || requests.length >= maxBatch || !shouldYield()) return;
    size = requests.length;
    await new Promise<void>(schedule);
  }
}

/** Resolves after the batches of this tick's DataLoaders, whose keys join the same look-up. */
function tickEnd(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(() => {
      process.nextTick(resolve);
    });
  });
}

/** Waits for all reads to end, then rejects with the first failure in order. */
async function allOf(reads: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(reads)).find((read) => read.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
