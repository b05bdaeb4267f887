/**
 * One list of the upstream (a collection at a path) as one operation reads it: windows, lengths and look-ups over the
 * same rows, so that none is fetched twice. What memory holds is taken first; it executes what `choose` decides of the
 * rest, and learns the deployment's habits from the rows that come back: a filter is never trusted to have been applied.
 */
import { invariant, UpstreamError } from '../errors.ts';
import {
  lengthRequest,
  type Collection,
  type Filter,
  type Page,
  type PageRequest,
} from '../endpoint/collection.ts';
import type { FieldPath } from '../scope.ts';
import { choose, fewestLookUps, type Dialect, type Plan } from './choose.ts';
import type { Freshness, Occasion } from './freshness.ts';
import type { Knowledge } from './knowledge.ts';
import { ListMemory, type ListAnswer, type PageNumber } from './list-memory.ts';
import { PageShelf, placeOf, type PlacedRow, type Range } from './page-shelf.ts';
import type { Demand, Match, Want } from './want.ts';

/** What a reader needs of its list and of its operation. */
export interface ListSource<Row> {
  readonly traits: Pick<Collection<never, Row>, 'identityOf' | 'filterKeyOf' | 'indexKeysOf'>;
  readonly knowledge: Knowledge;
  /** Of this list, shared by all operations of one credential. */
  readonly memory: ListMemory<Row>;
  /** Rejects with UpstreamError. `causes` may grow until the answer is here. */
  readonly fetch: (request: PageRequest, causes: readonly FieldPath[]) => Promise<ListAnswer<Row>>;
  /** What others are fetching of this list at the moment, as far as it is fresh enough: to fetch it is to share it. */
  readonly airborne: () => readonly PageRequest[];
  readonly freshnessOf: (sentAt: number, kind: 'present' | 'absent', occasion: Occasion) => Freshness;
  /** Told of whatever is taken from memory. */
  readonly onRecall: (recall: Recall<Row>) => void;
}

/** What memory had: a page, or what answers a want. */
export type Recall<Row> = {
  readonly answer: ListAnswer<Row> | null;
  readonly freshness: UsableFreshness;
  readonly occasion: Occasion;
  readonly causes: readonly FieldPath[];
} & ({ readonly page: PageNumber } | { readonly want: Want });

type UsableFreshness = Exclude<Freshness, 'expired'>;

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
  readonly rows: readonly PlacedRow<Row>[];
  readonly range: Range;
  /** Null where it is not known and was not needed. */
  readonly totalCount: number | null;
  readonly hasMore: boolean;
  /** Whether the list went on changing while it was read, so that rows may be missing. */
  readonly changedWhileRead: boolean;
}

const wholeList: Range = { start: 0, end: Infinity };

type Probe = Extract<Plan, { kind: 'probe' }>;

interface PageRead {
  readonly landing: Promise<void>;
  readonly causes: FieldPath[];
}

/** A want's outcome: a row, its certain absence, or the matches that are left to try, best first. */
type Outcome<Row> =
  | { readonly row: Row | null; readonly recalled: Remembered<Row> | null }
  | { readonly untried: readonly Match[] };

interface Remembered<Row> {
  /** Null where it is a whole list that lacks the row. */
  readonly answer: ListAnswer<Row> | null;
  readonly freshness: UsableFreshness;
}

export class ListReader<Row> {
  readonly #source: ListSource<Row>;
  readonly #shelf: PageShelf<Row>;
  /** What this operation has fetched itself, whatever room there is in the memory of all. */
  readonly #fetched: ListMemory<Row>;
  readonly #recalledPages = new Set<number>();
  readonly #reads = new Map<number, PageRead>();
  /** Counts what has come, so that waiting for nothing is noticed. */
  #steps = 0;
  #lengthRead: Promise<ListAnswer<Row>> | null = null;
  /** Forms of the filter that the deployment has refused; by keys that it refuses, or because it does not know them. */
  readonly #refused = new Set<Filter['dialect']>();
  #hasFoundRow = false;
  #keysPerCall: number;
  #lookUps: Promise<unknown> = Promise.resolve();

  constructor(source: ListSource<Row>) {
    this.#source = source;
    this.#shelf = new PageShelf(source.traits.identityOf, source.knowledge.pageSize);
    this.#fetched = new ListMemory(source.traits);
    this.#keysPerCall = source.knowledge.keysPerCall;
    const { length } = source.memory;
    if (length !== null && source.freshnessOf(length.sentAt, 'present', 'usual') !== 'expired') {
      this.#shelf.expectLength(length.totalCount);
    }
  }

  /** Whether the list is known to have a row. */
  get hasRows(): boolean {
    return this.#hasFoundRow || (this.#shelf.totalCount ?? 0) > 0 || this.#fetched.hasRows;
  }

  /** Rejects with the UpstreamError of the first page that failed. */
  async window({
    range: rangeFor,
    needsTotalCount,
    cause,
    thenLooksUp,
  }: WindowRequest): Promise<Window<Row>> {
    for (;;) {
      const { extent, hasNoLength } = this.#shelf;
      const range = rangeFor(extent);
      if (range !== null && range.start >= range.end && extent === null && !hasNoLength) {
        await this.#readLength(cause);
        continue;
      }
      const { start, end } = range ?? wholeList;
      // Where the upstream tells no length, only the row behind the window tells whether there is more.
      const missing = this.#shelf.missing({
        start,
        end: hasNoLength ? (needsTotalCount ? Infinity : end + 1) : end,
      });
      if (missing.length > 0) {
        const unread = this.#recall(missing, [cause]);
        if (unread.length > 0) {
          thenLooksUp?.expectLookUps(extent === null ? null : end - start, cause);
          await this.#read(unread, [cause]);
        }
      } else if (!this.#shelf.mend() && range !== null) {
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
    // Whoever then needs what has failed is told of it there.
    this.#readAhead(rows, cause).catch(() => undefined);
  }

  /** The row of each want, null where there is none, the error of the call that would have told where it failed. */
  find(demands: readonly Demand[]): Promise<(Row | null | UpstreamError)[]> {
    // One after the other, so that a look-up never asks for what another one is already bringing.
    const found = this.#lookUps.then(() => this.#find(demands));
    this.#lookUps = found.catch(() => undefined);
    return found;
  }

  #cut(range: Range): Window<Row> {
    const { extent, totalCount, changedWhileRead } = this.#shelf;
    const hasMore = this.#shelf.rows({ start: range.end, end: range.end + 1 }).length > 0;
    return {
      rows: this.#shelf.rows(range),
      range,
      totalCount,
      hasMore: extent === null ? hasMore : range.end < extent,
      changedWhileRead,
    };
  }

  /** Asks for the length of the list alone, unless a page is already being read, which tells it as well. */
  async #readLength(cause: FieldPath): Promise<void> {
    await nextTick();
    await this.#settleReads();
    if (this.#shelf.extent !== null || this.#shelf.hasNoLength) return;
    this.#lengthRead ??= this.#source.fetch(lengthRequest, [cause]);
    const { totalCount } = await this.#lengthRead;
    if (totalCount === null) await this.#read([1], [cause]);
    else this.#shelf.expectLength(totalCount);
  }

  async #readAhead(rows: number | null, cause: FieldPath): Promise<void> {
    if (this.#shelf.extent === null) await this.#read(this.#recall([1], [cause]), [cause]);
    if (rows === null) return;
    const unread = this.#unread();
    const lookUps = fewestLookUps(Math.max(0, rows - this.#shelf.rowsAtHand), {
      dialect: this.#source.knowledge.dialect,
      rowsPerCall: this.#shelf.pageSize,
    });
    if (unread.length <= lookUps) await this.#read(unread, [cause]);
  }

  async #find(demands: readonly Demand[]): Promise<(Row | null | UpstreamError)[]> {
    const rows = new Map<Demand, Row | null>();
    const failures = new Map<Demand, UpstreamError>();
    let open = this.#settleAll(demands, rows);
    if (open.size > 0) {
      // Windows asked for in the same tick go first, and so do pages that others are reading: they may hold what is
      // looked for.
      await nextTick();
      this.#joinReads(open);
      await this.#settleReads();
      open = this.#settleAll(demands, rows);
    }
    for (let wave = 1; open.size > 0; wave *= 2) {
      const steps = this.#steps;
      await this.#advance(open, failures, wave);
      invariant(this.#steps > steps || failures.size > 0, 'every plan brings a look-up further');
      open = this.#settleAll(demands, rows);
      for (const [demand, failure] of failures) {
        // What other calls have settled needs no call that failed, and what memory still has is better than nothing.
        if (open.delete(demand) && failure.retryable) this.#settle(demand, rows, 'last-resort', () => null);
      }
    }
    return demands.map((demand) => {
      const row = rows.get(demand);
      return row === undefined ? (failures.get(demand) ?? null) : row;
    });
  }

  /** Settles what can be, into `rows`; what can't be is returned, with the matches left untried. */
  #settleAll(demands: readonly Demand[], rows: Map<Demand, Row | null>): Map<Demand, readonly Match[]> {
    const open = new Map<Demand, readonly Match[]>();
    // Whether the whole list is at hand is only worth finding out where a row is not, and once.
    let whole: UsableFreshness | null | undefined;
    const isWhole = () => (whole === undefined ? (whole = this.#isWhole()) : whole);
    for (const demand of demands) {
      if (rows.has(demand)) continue;
      const untried = this.#settle(demand, rows, 'usual', isWhole);
      if (untried.length > 0) open.set(demand, untried);
    }
    return open;
  }

  #settle(
    demand: Demand,
    rows: Map<Demand, Row | null>,
    occasion: Occasion,
    isWhole: () => UsableFreshness | null,
  ): readonly Match[] {
    const outcome = this.#outcomeOf(demand.want, occasion, isWhole);
    if ('untried' in outcome) return outcome.untried;
    rows.set(demand, outcome.row);
    this.#hasFoundRow ||= outcome.row !== null;
    if (outcome.recalled !== null) {
      this.#source.onRecall({ ...outcome.recalled, want: demand.want, occasion, causes: demand.causes });
    }
    return [];
  }

  #outcomeOf(want: Want, occasion: Occasion, isWhole: () => UsableFreshness | null): Outcome<Row> {
    const { memory } = this.#source;
    let recalled: Remembered<Row> | null = null;
    for (const [position, { index, opportunistic }] of want.entries()) {
      const fetched = this.#fetched.row(index);
      if (fetched !== undefined) return { row: fetched.row, recalled };
      const row = memory.row(index);
      const freshness = this.#freshnessOf(row?.answer, 'present', occasion);
      if (row !== undefined && freshness !== 'expired') {
        return { row: row.row, recalled: staler(recalled, { answer: row.answer, freshness }) };
      }
      if (opportunistic || this.#fetched.absence(index) !== undefined) continue;
      const absence = memory.absence(index);
      const absenceFreshness = this.#freshnessOf(absence, 'absent', occasion);
      if (absence !== undefined && absenceFreshness !== 'expired') {
        recalled = staler(recalled, { answer: absence, freshness: absenceFreshness });
        continue;
      }
      const whole = isWhole();
      if (whole === null) return { untried: want.slice(position).filter((match) => this.#isOpen(match)) };
      if (!this.#shelf.isComplete) recalled = staler(recalled, { answer: null, freshness: whole });
    }
    return { row: null, recalled };
  }

  #isOpen({ index, opportunistic }: Match): boolean {
    if (opportunistic || this.#fetched.absence(index) !== undefined) return false;
    return this.#freshnessOf(this.#source.memory.absence(index), 'absent', 'usual') === 'expired';
  }

  #isWhole(): UsableFreshness | null {
    if (this.#shelf.isComplete) return 'fresh';
    let worst: UsableFreshness = 'fresh';
    const isWhole = this.#source.memory.isWhole((sentAt) => {
      const freshness = this.#source.freshnessOf(sentAt, 'present', 'usual');
      if (freshness === 'stale') worst = freshness;
      return freshness !== 'expired';
    });
    return isWhole ? worst : null;
  }

  #freshnessOf(
    answer: ListAnswer<Row> | undefined,
    kind: 'present' | 'absent',
    occasion: Occasion,
  ): Freshness {
    return answer === undefined ? 'expired' : this.#source.freshnessOf(answer.sentAt, kind, occasion);
  }

  async #advance(
    open: ReadonlyMap<Demand, readonly Match[]>,
    failures: Map<Demand, UpstreamError>,
    wave: number,
  ): Promise<void> {
    const causes = causesOf(open);
    const onlyByScan = [...open.values()].some(([next]) => next?.filterKey === undefined);
    const unread = this.#unread();
    const plan = choose({
      open: [...open.values()].map((matches) => matches.flatMap(({ filterKey }) => filterKey ?? [])),
      dialect: this.#dialect,
      takesBothNames: !this.#refused.has('either'),
      unread: this.#shelf.extent === null ? null : unread,
      rowsPerCall: this.#shelf.pageSize,
      keysPerCall: this.#keysPerCall,
    });
    if (plan.kind === 'scan' || onlyByScan) {
      await this.#scan(open, failures, onlyByScan ? unread.slice(0, wave) : unread, causes);
      return;
    }
    const calls = plan.kind === 'probe' ? [plan.filter] : plan.filters;
    await Promise.all(
      calls.map(async (filter) => {
        const keys = new Set(filter.keys.map((key) => key.toLowerCase()));
        const asking = [...open].filter(([, matches]) =>
          matches.some(({ filterKey }) => filterKey !== undefined && keys.has(filterKey.toLowerCase())),
        );
        try {
          if (plan.kind === 'probe') await this.#probe(plan, causes);
          else await this.#lookUp(filter, asking);
        } catch (error) {
          for (const [demand] of asking) failures.set(demand, asUpstreamError(error));
        }
      }),
    );
  }

  async #scan(
    open: ReadonlyMap<Demand, readonly Match[]>,
    failures: Map<Demand, UpstreamError>,
    pages: readonly number[],
    causes: readonly FieldPath[],
  ): Promise<void> {
    // Pages that memory has are at hand: with the last one that it has not, the list may be whole.
    const unread = this.#recall(pages.length === 0 ? this.#shelf.missing(wholeList) : pages, causes);
    const reads = await Promise.allSettled(unread.map((page) => this.#read([page], causes)));
    const failed = reads.find((read) => read.status === 'rejected');
    if (failed !== undefined) {
      for (const demand of open.keys()) failures.set(demand, asUpstreamError(failed.reason));
    } else if (this.#shelf.missing(wholeList).length === 0) {
      this.#shelf.mend();
    }
  }

  async #probe({ filter, pageIndex }: Probe, causes: readonly FieldPath[]): Promise<void> {
    const { pageSize, extent } = this.#shelf;
    const answer = await this.#fetchFiltered({ pageIndex, pageSize, filter }, causes);
    this.#steps += 1;
    if (answer === null) return;
    // A list that a filter has not made shorter was not filtered.
    if (answer.totalCount === extent) this.#absorbUnfiltered(filter, { pageIndex, pageSize }, answer);
    else this.#source.knowledge.learnPlural();
  }

  async #lookUp(filter: Filter, asking: readonly (readonly [Demand, readonly Match[]])[]): Promise<void> {
    const { knowledge, memory } = this.#source;
    const { pageSize } = this.#shelf;
    const causes = asking.flatMap(([demand]) => demand.causes);
    const asked = new Map(filter.keys.map((key, position) => [key.toLowerCase(), position]));
    const answers: ListAnswer<Row>[] = [];
    let answer: ListAnswer<Row> | null;
    let received = 0;
    for (let pageIndex = 1; ; pageIndex++) {
      answer = await this.#fetchFiltered({ pageIndex, pageSize, filter }, causes);
      if (answer === null) return;
      if (!this.#looksFiltered(answer, asked)) {
        this.#absorbUnfiltered(filter, { pageIndex, pageSize }, answer);
        return;
      }
      answers.push(answer);
      received += answer.rows.length;
      const isLast =
        answer.totalCount === null ? answer.rows.length < pageSize : received >= answer.totalCount;
      if (answer.rows.length === 0 || isLast) break;
    }
    for (const page of answers) this.#fetched.keep(page, null, false);
    this.#steps += 1;
    const rows = answers.flatMap((page) => page.rows);
    const positions = rows.flatMap((row) => asked.get(this.#filterKeyOf(row)) ?? []);
    knowledge.learnHonoured(filter, positions, asking.length);
    const tested = new Set(this.#testedKeys(filter, positions).map((key) => key.toLowerCase()));
    const present = new Set(rows.flatMap((row) => this.#source.traits.indexKeysOf(row)));
    const absent = asking
      .flatMap(([, matches]) => matches)
      .filter(({ index, filterKey }) => tested.has(filterKey?.toLowerCase() ?? '') && !present.has(index))
      .map(({ index }) => index);
    this.#fetched.keepAbsences(absent, answer);
    memory.keepAbsences(absent, answer);
  }

  /** Null where the deployment refuses this form of the filter, and another one is worth a try. */
  async #fetchFiltered(
    request: PageRequest & { readonly filter: Filter },
    causes: readonly FieldPath[],
  ): Promise<ListAnswer<Row> | null> {
    const { knowledge } = this.#source;
    const { dialect, keys } = request.filter;
    try {
      const answer = await this.#source.fetch(request, causes);
      // It was not the keys that it refused.
      if (dialect === 'plural' && this.#refused.has('either')) knowledge.learnPlural();
      if (dialect === 'singular' && this.#refused.has('plural')) knowledge.learnSingular();
      return answer;
    } catch (error) {
      if (!(error instanceof UpstreamError) || error.code !== 'UPSTREAM_REFUSED') throw error;
      this.#steps += 1;
      if (knowledge.learnRefused(keys.length)) {
        this.#keysPerCall = knowledge.keysPerCall;
        return null;
      }
      if (this.#dialect !== 'unknown' || this.#refused.has(dialect)) throw error;
      this.#refused.add(dialect);
      return null;
    }
  }

  /** What is known of the deployment, or else what is left to try. */
  get #dialect(): Dialect {
    const { dialect } = this.#source.knowledge;
    return dialect === 'unknown' && this.#refused.has('plural') ? 'singular' : dialect;
  }

  /**
   * Whether the deployment has applied the filter: every row was asked for. A deployment may also find a row by another
   * of its user's addresses, so a few rows that were not asked for do not yet make it the whole list.
   */
  #looksFiltered({ rows, totalCount }: Page<Row>, asked: ReadonlyMap<string, number>): boolean {
    if (rows.every((row) => asked.has(this.#filterKeyOf(row)))) return true;
    if ((totalCount ?? rows.length) > asked.size) return false;
    return asked.size === 1 || (this.#shelf.extent ?? 0) > asked.size;
  }

  /** The keys that this look-up has shown to be absent where they did not come back. */
  #testedKeys({ dialect, keys }: Filter, positions: readonly number[]): readonly string[] {
    const { knowledge } = this.#source;
    const isPlural =
      dialect === 'plural' || knowledge.dialect === 'plural' || positions.some((position) => position > 0);
    if (!isPlural) return keys.slice(0, 1);
    const tested = knowledge.believedKeys(keys);
    // The others are asked for again, few enough at a time to be believed.
    if (tested.length < keys.length) this.#keysPerCall = tested.length;
    return tested;
  }

  #filterKeyOf(row: Row): string {
    return this.#source.traits.filterKeyOf(row)?.toLowerCase() ?? '';
  }

  /** The numbers of the pages that neither this operation nor memory has. */
  #unread(): number[] {
    return this.#shelf.missing(wholeList).filter((page) => this.#remembered(page) === null);
  }

  #remembered(
    pageIndex: number,
    occasion: Occasion = 'usual',
  ): { answer: ListAnswer<Row>; freshness: UsableFreshness } | null {
    // What was taken from memory once and taken off again has become outdated.
    if (occasion === 'usual' && this.#recalledPages.has(pageIndex)) return null;
    const answer = this.#source.memory.page({ pageIndex, pageSize: this.#shelf.pageSize });
    const freshness = this.#freshnessOf(answer, 'present', occasion);
    return answer === undefined || freshness === 'expired' ? null : { answer, freshness };
  }

  /** Takes those of the pages that memory has; returns the others. */
  #recall(
    pages: readonly number[],
    causes: readonly FieldPath[],
    occasion: Occasion = 'usual',
  ): readonly number[] {
    const { pageSize } = this.#shelf;
    return pages.filter((pageIndex) => {
      const remembered = this.#remembered(pageIndex, occasion);
      if (remembered === null) return true;
      this.#recalledPages.add(pageIndex);
      this.#steps += 1;
      this.#shelf.absorb(pageIndex, pageSize, remembered.answer);
      this.#source.onRecall({ ...remembered, page: { pageIndex, pageSize }, occasion, causes });
      return false;
    });
  }

  async #read(pages: readonly number[], causes: readonly FieldPath[]): Promise<void> {
    await Promise.all(
      pages.map((pageIndex) => {
        const read = this.#reads.get(pageIndex) ?? this.#startRead(pageIndex);
        read.causes.push(...causes);
        return read.landing;
      }),
    );
  }

  /** A page that could not be read is not tried again by the same operation. */
  #startRead(pageIndex: number): PageRead {
    const causes: FieldPath[] = [];
    const landing = this.#readPage(pageIndex, causes).then(() => {
      this.#reads.delete(pageIndex);
    });
    const read = { landing, causes };
    this.#reads.set(pageIndex, read);
    return read;
  }

  async #readPage(pageIndex: number, causes: readonly FieldPath[]): Promise<void> {
    const { pageSize } = this.#shelf;
    try {
      this.#absorb(
        pageIndex,
        pageSize,
        await this.#source.fetch({ pageIndex, pageSize, filter: null }, causes),
      );
    } catch (error) {
      const isMended =
        error instanceof UpstreamError &&
        error.retryable &&
        this.#recall([pageIndex], causes, 'last-resort').length === 0;
      if (!isMended) throw error;
    }
  }

  /** A page of the whole list, though a part of it was asked for. */
  #absorbUnfiltered(filter: Filter, { pageIndex, pageSize }: PageNumber, answer: ListAnswer<Row>): void {
    this.#source.knowledge.learnIgnored(filter);
    this.#source.memory.place(answer, placeOf(pageIndex, pageSize, answer));
    this.#absorb(pageIndex, pageSize, answer);
  }

  #absorb(pageIndex: number, pageSize: number, answer: ListAnswer<Row>): void {
    this.#steps += 1;
    const place = placeOf(pageIndex, pageSize, answer);
    if (place.isRegular) this.#source.knowledge.learnPageSize(place.pageSize, answer);
    this.#shelf.absorb(pageIndex, pageSize, answer);
    this.#fetched.keep(answer, null, false);
  }

  /** Reads along with others, unless look-ups of one's own are fewer than the pages to wait for. */
  #joinReads(open: ReadonlyMap<Demand, readonly Match[]>): void {
    const { pageSize } = this.#shelf;
    const pages = this.#source
      .airborne()
      .filter((request) => request.filter === null && request.pageSize === pageSize)
      .map(({ pageIndex }) => pageIndex);
    const { dialect } = this.#source.knowledge;
    if (pages.length > fewestLookUps(open.size, { dialect, rowsPerCall: pageSize })) return;
    // Whether one of them fails is told where it is needed.
    this.#read(pages, causesOf(open)).catch(() => undefined);
  }

  async #settleReads(): Promise<void> {
    await Promise.allSettled([...this.#reads.values()].map(({ landing }) => landing));
  }
}

function nextTick(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}

function causesOf(demands: ReadonlyMap<Demand, unknown>): FieldPath[] {
  return [...demands.keys()].flatMap(({ causes }) => causes);
}

function staler<Row>(left: Remembered<Row> | null, right: Remembered<Row>): Remembered<Row> {
  return left?.freshness === 'stale' ? left : right;
}

function asUpstreamError(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error;
  throw error;
}
