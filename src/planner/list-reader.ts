/**
 * One list of the upstream (a collection at a path) as one operation reads it: windows, lengths and look-ups over the
 * same rows, so that none is fetched twice. What memory has is taken first; of the rest, `choose` decides.
 */
import type { Filter } from '../endpoint/collection.ts';
import { invariant, UpstreamError } from '../errors.ts';
import type { FieldPath } from '../scope.ts';
import { AtHand, type ListSource } from './at-hand.ts';
import { choose, fewestLookUps } from './choose.ts';
import { DemandIndex, type Asking } from './demand-index.ts';
import { KeyReader } from './key-reader.ts';
import { PageReader, wholeList } from './page-reader.ts';
import { rowsOf, windowOf, type FreshSource } from './fresh-memory.ts';
import type { PageRun, Range } from './page-shelf.ts';
import { Settlement, type OpenDemands } from './settlement.ts';
import { Pace, yieldIfDue } from '../scheduler.ts';
import { JoinDemand, type Demand, type Join } from './want.ts';

/** A window's range may depend on the extent of the list, which is null while unknown; it then returns null. */
export type WindowRange = (extent: number | null) => Range | null;

export interface WindowRequest {
  readonly range: WindowRange;
  /** Whether the length of the list must be known even where the upstream does not tell and a scan must count. */
  readonly needsTotalCount: boolean;
  readonly cause: FieldPath;
  /** The list in which each row of the window will be looked up. */
  readonly thenLooksUp?: Pick<ListReader<unknown>, 'expectLookUps'> | null;
}

export interface Window<Row> {
  readonly rows: readonly Row[];
  /** By row; null where they follow each other from the start of the range. */
  readonly offsets: readonly number[] | null;
  readonly range: Range;
  /** Null where it is not known and was not needed. */
  readonly totalCount: number | null;
  /** The pages the range was cut from, in order: they follow each other. */
  readonly pages: readonly PageRun<Row>[];
  /** The length that the list was last seen to tell: if it differs, the list has changed. Null if it tells none. */
  readonly toldLength: number | null;
  /** Whether a row stands behind the range. */
  readonly hasMore: boolean;
  /** Whether the list went on changing while it was read, so that rows may be missing. */
  readonly changedWhileRead: boolean;
  /** Nothing in it was asked for earlier; in milliseconds since the epoch. */
  readonly sentAt: number;
}

/** What can be read of a list, whoever reads it. */
export type RowReader<Row> = { readonly [Key in keyof ListReader<Row>]: ListReader<Row>[Key] };

/** More keys are not looked up at once. */
const longestPart = 500;
/** Look-ups to which one page more makes no difference. */
const manyPages = 10;

export class ListReader<Row> {
  readonly #atHand: AtHand<Row>;
  readonly #pages: PageReader<Row>;
  readonly #keys: KeyReader<Row>;
  readonly #fresh: FreshSource<Row>;
  #hasFoundRow = false;
  #searches: Promise<unknown> = Promise.resolve();

  constructor(source: ListSource<Row>) {
    this.#atHand = new AtHand(source);
    this.#pages = new PageReader(this.#atHand);
    this.#keys = new KeyReader(this.#atHand);
    this.#fresh = {
      memory: source.memory,
      isFresh: (sentAt, kind) =>
        source.peekFreshness(sentAt, kind, 'usual') === 'fresh' &&
        source.freshnessOf(sentAt, kind, 'usual') === 'fresh',
      touch: source.touch,
    };
  }

  /** Whether the list is known to have a row. */
  get hasRows(): boolean {
    const { shelf, fetched } = this.#atHand;
    if (this.#hasFoundRow || fetched.hasRows) return true;
    if ((shelf.totalCount ?? 0) === 0) return false;
    this.#atHand.useLength();
    return true;
  }

  /** A window whose rows are all at hand, without a promise; null where they are not, or somebody wants to know more. */
  windowNow({ range }: Pick<WindowRequest, 'range'>): Window<Row> | null {
    const { shelf, source } = this.#atHand;
    if (source.isObserved || shelf.hasPages) return null;
    const found = windowOf(this.#fresh, shelf.pageSize, range);
    if (found === null) return null;
    this.#hasFoundRow ||= found.totalCount > 0;
    const hasMore = found.range.end < found.totalCount;
    return { ...found, offsets: null, toldLength: found.totalCount, hasMore, changedWhileRead: false };
  }

  /** All rows of the list, at once where they are at hand. Rejects as `window`. */
  whole(
    cause: FieldPath,
    thenLooksUp: WindowRequest['thenLooksUp'] = null,
  ): Window<Row> | Promise<Window<Row>> {
    const range: WindowRange = (extent) => ({ start: 0, end: extent ?? Infinity });
    return this.windowNow({ range }) ?? this.window({ range, needsTotalCount: true, cause, thenLooksUp });
  }

  /** The row at an offset, where it is at hand; null where it is not, or there is none. */
  rowNow(offset: number): Row | null {
    const { shelf, source } = this.#atHand;
    const [placed] = shelf.rows({ start: offset, end: offset + 1 });
    if (placed !== undefined) return placed.row;
    const known = source.memory.rowAt(offset, shelf.pageSize);
    return known !== null && this.#fresh.isFresh(known.sentAt, 'present') ? known.row : null;
  }

  /** What tells a row from another one of the list. */
  identityOf(row: Row): string {
    return this.#atHand.source.traits.identityOf(row);
  }

  /** The rows of keys that are all at hand, in the same way. */
  findNow<Key>(keys: readonly Key[], join: Join<Key>): (Row | null)[] | null {
    const { shelf, fetched, source } = this.#atHand;
    if (source.isObserved || shelf.hasPages || fetched.hasRows) return null;
    const rows = rowsOf(this.#fresh, keys, join);
    if (rows !== null) this.#hasFoundRow ||= rows.some((row) => row !== null);
    return rows;
  }

  /** Rejects with the UpstreamError of the first page that failed. */
  async window({
    range: rangeFor,
    needsTotalCount,
    cause,
    thenLooksUp,
  }: WindowRequest): Promise<Window<Row>> {
    const caughtUp = this.#atHand.catchUp();
    if (caughtUp !== null) await caughtUp;
    const { shelf, source } = this.#atHand;
    let hasWaited = false;
    for (;;) {
      const { extent, hasNoLength } = shelf;
      const range = rangeFor(extent);
      if (range !== null && range.start >= range.end && extent === null && !hasNoLength) {
        await this.#pages.readLength(cause);
        hasWaited = true;
        continue;
      }
      const { start, end } = range ?? wholeList;
      // Where the upstream tells no length, only the row behind the window tells whether there is more.
      const seen = hasNoLength ? (needsTotalCount ? Infinity : end + 1) : end;
      const missing = shelf.missing({ start, end: seen });
      if (missing.length > 0) {
        const unread = this.#pages.recall(missing, [cause]);
        if (unread.length > 0) {
          thenLooksUp?.expectLookUps(extent === null ? null : end - start, cause);
          await this.#pages.read(unread, [cause]);
          hasWaited = true;
        }
      } else if (!shelf.mend() && range !== null) {
        if (hasWaited) {
          hasWaited = false;
          await source.nextSlice();
          // That turn may be shared with many lists as long as this one.
          if (range.end - range.start > longestPart) await yieldIfDue();
          continue;
        }
        this.#pages.observeLength(cause);
        return this.#cut(range);
      }
    }
  }

  /**
   * Look-ups are on their way here, and their keys are not known yet: reads at once what will be read in any case.
   *
   * @param rows how many are expected at most; null where that is not known yet
   */
  expectLookUps(rows: number | null, cause: FieldPath): void {
    this.#atHand.expectLookUps();
    // Whoever then needs what has failed is told of it there.
    this.#readAhead(rows, cause).catch(() => undefined);
  }

  /**
   * The row of each want, null where there is none, the error of the call that would have told where it failed. Rejects
   * with UpstreamError where the operation ends while many are looked for.
   */
  find(demands: readonly Demand[]): Promise<(Row | null | UpstreamError)[]> {
    return this.#findNext(() => demands);
  }

  /** As `find`, for keys of one join; at once where all rows are at hand and few. */
  findAll<Key>(
    keys: readonly Key[],
    join: Join<Key>,
    cause: FieldPath,
  ): (Row | null)[] | Promise<(Row | null | UpstreamError)[]> {
    if (keys.length > longestPart) return this.#findInParts(keys, join, cause);
    return this.findNow(keys, join) ?? this.find(keys.map((key) => new JoinDemand(key, join, [cause])));
  }

  /** Whoever else has something to do has a turn meanwhile. */
  async #findInParts<Key>(
    keys: readonly Key[],
    join: Join<Key>,
    cause: FieldPath,
  ): Promise<(Row | null | UpstreamError)[]> {
    const found: (Row | null | UpstreamError)[] = [];
    const pace = new Pace(1);
    while (found.length < keys.length) {
      if (pace.shouldYield) await pace.yield();
      const part = this.findNow(keys.slice(found.length, found.length + longestPart), join);
      if (part === null) break;
      for (const row of part) found.push(row);
    }
    // Of so many, the length of the list decides how they are looked up. Whoever needs what fails is told of it there.
    if (
      keys.length - found.length > manyPages * this.#atHand.shelf.pageSize &&
      this.#atHand.shelf.extent === null
    )
      await this.#readAhead(keys.length - found.length, cause).catch(() => undefined);
    if (found.length === keys.length) return found;
    // Planned together, so that they cost as few calls as they may.
    const rest = () => keys.slice(found.length).map((key) => new JoinDemand(key, join, [cause]));
    return [...found, ...(await this.#findNext(rest))];
  }

  /**
   * One after the other, so that a search never asks for what another one is already bringing.
   *
   * @param demands not made before they are searched for, since there may be many, and many such searches
   */
  #findNext(demands: () => readonly Demand[]): Promise<(Row | null | UpstreamError)[]> {
    const found = this.#searches.then(() => this.#find(demands()));
    this.#searches = found.catch(() => undefined);
    return found;
  }

  #cut(range: Range): Window<Row> {
    const { shelf, oldestSentAt } = this.#atHand;
    const { totalCount, toldLength, changedWhileRead } = shelf;
    const placed = shelf.rows(range);
    return {
      rows: placed.map(({ row }) => row),
      offsets: placed.map(({ offset }) => offset),
      range,
      totalCount,
      pages: shelf.runs(range),
      toldLength,
      hasMore: shelf.hasRowFrom(range.end),
      changedWhileRead,
      sentAt: oldestSentAt,
    };
  }

  async #readAhead(rows: number | null, cause: FieldPath): Promise<void> {
    const caughtUp = this.#atHand.catchUp();
    if (caughtUp !== null) await caughtUp;
    const { shelf } = this.#atHand;
    if (shelf.extent === null) await this.#pages.read(this.#pages.recall([1], [cause]), [cause]);
    const unread = this.#pages.unread();
    // Of a list whose length is not known yet, one row is as good as certain.
    if (unread.length <= this.#fewestLookUps(Math.max(0, (rows ?? 1) - shelf.rowsReceived))) {
      await this.#pages.read(unread, [cause]);
    }
  }

  async #find(demands: readonly Demand[]): Promise<(Row | null | UpstreamError)[]> {
    const caughtUp = this.#atHand.catchUp();
    if (caughtUp !== null) await caughtUp;
    const settlement = new Settlement(this.#atHand, demands);
    await settlement.settle();
    if (settlement.open.size > 0) {
      // Windows asked for in the same tick go first, and so do pages that others are reading, unless look-ups are
      // fewer: they may hold what is looked for.
      const causes = causesOf(settlement.open.keys());
      this.#pages.join(this.#fewestLookUps(settlement.open.size), causes);
      await this.#pages.settle();
      await settlement.settle();
    }
    const hasToWait = settlement.open.size > 0;
    let stride = 1;
    while (settlement.open.size > 0) {
      // A plan would not know what has come while that went on, and may have settled all of it.
      if (!settlement.isOutdated()) {
        await this.#advance(settlement, stride);
        invariant(settlement.isOutdated() || settlement.hasFailures, 'every plan brings a search further');
        stride *= 2;
      }
      await settlement.settle();
    }
    if (hasToWait) await this.#atHand.source.nextSlice();
    const { results } = settlement;
    this.#hasFoundRow ||= results.some((row) => row !== null && !(row instanceof UpstreamError));
    return results;
  }

  /** One step: look-ups that others are making anyway are shared, and the rest goes by a plan of its own. */
  async #advance(settlement: Settlement<Row>, stride: number): Promise<void> {
    const rest = new Map(settlement.open);
    const airborne = this.#keys.airborne();
    const index = airborne.length === 0 ? null : new DemandIndex(rest);
    const steps = airborne.map((filter) => {
      const asking = (index?.asking(filter, 'every') ?? []).filter(([demand]) => rest.has(demand));
      for (const [demand] of asking) rest.delete(demand);
      return this.#lookUp(settlement, filter, asking);
    });
    // A look-up that may find the dialect out is worth waiting for.
    const isPlanned = rest.size === settlement.open.size || this.#keys.dialect !== 'unknown';
    if (rest.size > 0 && isPlanned) steps.push(this.#followPlan(settlement, rest, stride));
    await Promise.all(steps);
  }

  async #followPlan(settlement: Settlement<Row>, open: OpenDemands, stride: number): Promise<void> {
    const { shelf, source } = this.#atHand;
    // Another operation may have found it out since this one began.
    if (shelf.extent === null) this.#atHand.recallLength('usual');
    const unread = this.#pages.unread();
    const wants = [...open.values()];
    const plan = choose({
      open: wants.map((matches) => matches.flatMap(({ filterKey }) => filterKey ?? [])),
      dialect: this.#keys.dialect,
      takesBothNames: this.#keys.takesBothNames,
      unread: shelf.extent === null ? null : unread,
      rowsPerCall: shelf.pageSize,
      keysPerCall: this.#keys.keysPerCall,
    });
    // A search that has no choice and may end early takes the list in growing strides; one that was chosen for its
    // cost, at once.
    const isChosen =
      source.knowledge.dialect !== 'none' && wants.every(([next]) => next?.filterKey !== undefined);
    if (plan.kind === 'scan' || !isChosen) {
      await this.#scan(settlement, open, isChosen ? unread : unread.slice(0, stride));
      return;
    }
    if (plan.kind === 'probe') {
      const probe = this.#keys.probe(plan, causesOf(open.keys()));
      await settlement.failing(open.keys(), probe);
      return;
    }
    const index = new DemandIndex(open);
    const pace = new Pace(1);
    const lookUps: Promise<void>[] = [];
    for (const filter of plan.filters) {
      if (pace.shouldYield) await pace.yield();
      lookUps.push(this.#lookUp(settlement, filter, index.asking(filter, 'some')));
    }
    await Promise.all(lookUps);
  }

  async #lookUp(settlement: Settlement<Row>, filter: Filter, asking: Asking): Promise<void> {
    if (asking.length === 0) return;
    const demands = asking.map(([demand]) => demand);
    await settlement.failing(
      demands,
      this.#keys.lookUp(filter, asking, () => settlement.couldSettle(demands)),
    );
  }

  async #scan(settlement: Settlement<Row>, open: OpenDemands, pages: readonly number[]): Promise<void> {
    const { shelf } = this.#atHand;
    const causes = causesOf(open.keys());
    // Where none is unread, memory has the others, and with them the list is whole.
    const unread = this.#pages.recall(pages.length === 0 ? shelf.missing(wholeList) : pages, causes);
    const reads = unread.map((page) => this.#pages.read([page], causes));
    await Promise.all(reads.map((read) => settlement.failing(open.keys(), read)));
    if (shelf.missing(wholeList).length === 0) shelf.mend();
  }

  #fewestLookUps(rows: number): number {
    const { knowledge } = this.#atHand.source;
    return fewestLookUps(rows, { dialect: knowledge.dialect, rowsPerCall: this.#atHand.shelf.pageSize });
  }
}

function causesOf(demands: Iterable<Demand>): FieldPath[] {
  return [...demands].flatMap(({ causes }) => causes);
}
