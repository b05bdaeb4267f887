/**
 * One list of the upstream (a collection at a path) as one operation reads it: windows, counts and look-ups over the
 * same rows, so that none is fetched twice. It executes what `choose` decides and learns the deployment's dialect from
 * the rows that come back: a filter is never trusted to have been applied.
 */
import { UpstreamError } from '../errors.ts';
import { type Filter, type Page, type PageRequest } from '../endpoint/collection.ts';
import { choose, type Dialect } from './choose.ts';
import { PageShelf, type PlacedRow, type Range } from './page-shelf.ts';
import type { Match, Want } from './want.ts';

export interface LearnedFilter {
  dialect: Dialect;
  readonly hasSingular: boolean;
}

/** What a reader needs of its collection; `fetchPage` is bound to the list's path. */
export interface ListSource<Row> {
  readonly fetchPage: (request: PageRequest) => Promise<Page<Row>>;
  readonly identityOf: (row: Row) => string;
  readonly filterKeyOf: (row: Row) => string | null;
  readonly indexKeysOf: (row: Row) => readonly string[];
  /** Shared by all lists of the collection and outliving the operation: what is learned here serves the next. */
  readonly filter: LearnedFilter;
}

/** A window's range may depend on the length of the list, which is null while unknown; it then returns null. */
export type WindowRange = (totalCount: number | null) => Range | null;

export interface WindowRequest {
  readonly range: WindowRange;
  /** Whether the length of the list must be known even where the upstream does not tell and a scan must count. */
  readonly needsTotalCount: boolean;
}

export interface Window<Row> {
  readonly rows: readonly PlacedRow<Row>[];
  readonly range: Range;
  /** Null where it is not known and was not needed. */
  readonly totalCount: number | null;
  readonly hasMore: boolean;
}

export class ListReader<Row> {
  readonly #source: ListSource<Row>;
  readonly #shelf: PageShelf<Row>;
  readonly #index = new Map<string, Row>();
  readonly #absent = new Set<string>();
  readonly #inFlight = new Map<number, Promise<void>>();
  #lookUps: Promise<unknown> = Promise.resolve();

  constructor(source: ListSource<Row>) {
    this.#source = source;
    this.#shelf = new PageShelf(source.identityOf);
  }

  /** Rejects with the UpstreamError of the first page that failed. */
  async window({ range: rangeFor, needsTotalCount }: WindowRequest): Promise<Window<Row>> {
    for (;;) {
      const { totalCount } = this.#shelf;
      const range = rangeFor(totalCount);
      const { start, end } = range ?? { start: 0, end: Infinity };
      // Where the upstream tells no length, only the row behind the window tells whether there is more.
      const seen = this.#shelf.hasNoLength ? (needsTotalCount ? Infinity : end + 1) : end;
      const missing = this.#shelf.missing({ start, end: seen });
      if (missing.length === 0 && range !== null) {
        const hasMore = this.#shelf.rows({ start: range.end, end: range.end + 1 }).length > 0;
        return {
          rows: this.#shelf.rows(range),
          range,
          totalCount,
          hasMore: totalCount === null ? hasMore : range.end < totalCount,
        };
      }
      await this.#fetchPages(missing);
    }
  }

  /** The row of each want, null where there is none, the error of the call that would have told where it failed. */
  find(wants: readonly Want[]): Promise<(Row | null | UpstreamError)[]> {
    // One after the other, so that a look-up never asks for what another one is already bringing.
    const found = this.#lookUps.then(() => this.#find(wants));
    this.#lookUps = found.catch(() => undefined);
    return found;
  }

  async #find(wants: readonly Want[]): Promise<(Row | null | UpstreamError)[]> {
    // Windows asked for in the same tick go first: their pages may hold what is looked for.
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    await Promise.allSettled(this.#inFlight.values());

    const failures = new Map<Want, UpstreamError>();
    const rows = new Map<Want, Row | null>();
    for (let wave = 1; ; wave *= 2) {
      const open = new Map<Want, readonly Match[]>();
      const { isComplete } = this.#shelf;
      for (const want of wants) {
        const { row, untried } = this.#settle(want, isComplete);
        if (untried.length === 0) rows.set(want, row);
        else if (!failures.has(want)) open.set(want, untried);
      }
      if (open.size === 0) break;
      await this.#advance(open, failures, wave);
    }
    // What other calls have settled needs no call that failed.
    return wants.map((want) => rows.get(want) ?? (rows.has(want) ? null : (failures.get(want) ?? null)));
  }

  /** The row, or null where there is none, unless matches are left untried, best first. */
  #settle(want: Want, isComplete: boolean): { row: Row | null; untried: readonly Match[] } {
    for (const [position, match] of want.entries()) {
      const row = this.#index.get(match.index);
      if (row !== undefined) return { row, untried: [] };
      if (match.opportunistic || this.#absent.has(match.index) || isComplete) continue;
      const untried = want.slice(position).filter(({ index }) => !this.#absent.has(index));
      return { row: null, untried: untried.filter(({ opportunistic }) => !opportunistic) };
    }
    return { row: null, untried: [] };
  }

  async #advance(
    open: ReadonlyMap<Want, readonly Match[]>,
    failures: Map<Want, UpstreamError>,
    wave: number,
  ): Promise<void> {
    const onlyByScan = [...open.values()].some(([next]) => next?.filterKey === undefined);
    const pages = this.#shelf.missing({ start: 0, end: Infinity });
    const plan = choose({
      open: [...open.values()].map((matches) => matches.flatMap(({ filterKey }) => filterKey ?? [])),
      dialect: this.#source.filter.dialect,
      missingPages: this.#shelf.totalCount === null ? null : pages.length,
      keysPerCall: this.#shelf.pageSize,
    });
    if (plan.kind === 'scan' || onlyByScan) {
      // A search that may end early takes the list in growing strides; one that was chosen for its cost, at once.
      await this.#fetchPages(onlyByScan ? pages.slice(0, wave) : pages).catch((error: unknown) => {
        for (const want of open.keys()) failures.set(want, asUpstreamError(error));
      });
      return;
    }
    await Promise.all(
      plan.filters.map(async (filter) => {
        try {
          await this.#lookUp(filter, [...open.values()].flat());
        } catch (error) {
          const keys = new Set(filter.keys.map((key) => key.toLowerCase()));
          for (const [want, matches] of open) {
            if (
              matches.some(({ filterKey }) => filterKey !== undefined && keys.has(filterKey.toLowerCase()))
            ) {
              failures.set(want, asUpstreamError(error));
            }
          }
        }
      }),
    );
  }

  async #lookUp(filter: Filter, matches: readonly Match[]): Promise<void> {
    const asked = new Set(filter.keys.map((key) => key.toLowerCase()));
    const { pageSize } = this.#shelf;
    const rows: Row[] = [];
    for (let pageIndex = 1; ; pageIndex++) {
      const page = await this.#source.fetchPage({ pageIndex, pageSize, filter });
      if (!this.#looksFiltered(page, asked)) {
        this.#learnIgnored(filter);
        this.#absorb(pageIndex, pageSize, page);
        return;
      }
      rows.push(...page.rows);
      const isLast = page.totalCount === null ? page.rows.length < pageSize : rows.length >= page.totalCount;
      if (page.rows.length === 0 || isLast) break;
    }
    this.#learnHonoured(filter, rows);
    this.#addToIndex(rows);
    const tested = this.#testedKeys(filter, rows);
    for (const { index, filterKey } of matches) {
      if (filterKey !== undefined && tested.has(filterKey.toLowerCase())) this.#absent.add(index);
    }
  }

  /**
   * Whether the deployment has applied the filter: every row was asked for. A deployment may also find a row by another
   * of its user's addresses, so a few rows that were not asked for do not yet make it the whole list.
   */
  #looksFiltered({ rows, totalCount }: Page<Row>, asked: ReadonlySet<string>): boolean {
    if (rows.every((row) => asked.has(this.#source.filterKeyOf(row)?.toLowerCase() ?? ''))) return true;
    if ((totalCount ?? rows.length) > asked.size) return false;
    return asked.size === 1 || (this.#shelf.totalCount ?? 0) > asked.size;
  }

  /** The keys that this call has shown to be absent where they did not come back. */
  #testedKeys(filter: Filter, rows: readonly Row[]): Set<string> {
    const keys = filter.keys.map((key) => key.toLowerCase());
    if (filter.dialect !== 'either' || this.#source.filter.dialect === 'plural') return new Set(keys);
    const first = keys[0] ?? '';
    const showsOthers = rows.some((row) => this.#source.filterKeyOf(row)?.toLowerCase() !== first);
    return new Set(showsOthers ? keys : [first]);
  }

  #learnIgnored({ dialect }: Filter): void {
    const { filter } = this.#source;
    filter.dialect =
      dialect === 'plural' && filter.hasSingular && filter.dialect !== 'none' ? 'singular' : 'none';
  }

  /** Rows that are all wanted prove a filter only where the list is known to have others. */
  #learnHonoured({ dialect }: Filter, rows: readonly Row[]): void {
    const { filter } = this.#source;
    const { totalCount } = this.#shelf;
    if (
      dialect === 'plural' &&
      filter.dialect === 'unknown' &&
      totalCount !== null &&
      rows.length < totalCount
    ) {
      filter.dialect = 'plural';
    }
  }

  async #fetchPages(pages: readonly number[]): Promise<void> {
    await Promise.all(
      pages.map((pageIndex) => {
        const inFlight = this.#inFlight.get(pageIndex);
        if (inFlight !== undefined) return inFlight;
        const flight = this.#fetchPage(pageIndex).finally(() => this.#inFlight.delete(pageIndex));
        this.#inFlight.set(pageIndex, flight);
        return flight;
      }),
    );
  }

  async #fetchPage(pageIndex: number): Promise<void> {
    const { pageSize } = this.#shelf;
    this.#absorb(pageIndex, pageSize, await this.#source.fetchPage({ pageIndex, pageSize, filter: null }));
  }

  #absorb(pageIndex: number, pageSize: number, page: Page<Row>): void {
    this.#shelf.absorb(pageIndex, pageSize, page);
    this.#addToIndex(page.rows);
  }

  /** The first row under a name keeps it: later ones are repeats, or share an address with it. */
  #addToIndex(rows: readonly Row[]): void {
    for (const row of rows) {
      for (const key of this.#source.indexKeysOf(row)) if (!this.#index.has(key)) this.#index.set(key, row);
    }
  }
}

function asUpstreamError(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error;
  throw error;
}
