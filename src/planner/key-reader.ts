/**
 * Looks up rows of one list by keys, for one operation. The returned rows show whether the filter was applied; the
 * deployment's capabilities record that.
 */
import { lengthOf, type Filter, type Page, type PageRequest } from '../endpoint/collection.ts';
import { UpstreamError } from '../errors.ts';
import { foldName } from '../fold.ts';
import type { FieldPath } from '../scope.ts';
import { SupersededError } from '../transport/transport.ts';
import { mayRejectSize, type FetchOptions } from './list-source.ts';
import type { ListView } from './list-view.ts';
import type { Dialect, ReadChoice } from './choose.ts';
import type { ListAnswer, PageNumber } from './list-cache.ts';
import { placeOf } from './page-buffer.ts';
import type { MatchedRequests } from './request-index.ts';

type DialectDetection = Extract<ReadChoice, { kind: 'detect-dialect' }>;

export class KeyReader<Row> {
  readonly #view: ListView<Row>;
  /** Rejected filter forms: unknown to the deployment, or not accepted because of the keys. */
  readonly #rejected = new Set<Filter['dialect']>();
  /** Whether every form was rejected, and not because of the page size: only pages can show the rows. */
  #rejectsAll = false;
  #keysPerCall: number;

  constructor(view: ListView<Row>) {
    this.#view = view;
    this.#keysPerCall = view.source.capabilities.keysPerCall;
  }

  get keysPerCall(): number {
    return Math.min(this.#keysPerCall, this.#view.source.capabilities.keysPerCall);
  }

  get takesBothNames(): boolean {
    return !this.#rejected.has('either');
  }

  /** Filters of multi-key look-ups in flight. */
  filtersInFlight(): readonly Filter[] {
    const { source, buffer } = this.#view;
    return source.requestsInFlight().flatMap(({ filter, pageIndex, pageSize }) => {
      const isLookUp = filter !== null && filter.dialect !== 'singular' && pageIndex === 1;
      return isLookUp && pageSize === buffer.pageSize ? [filter] : [];
    });
  }

  /** Detects the dialect with a page that must be read anyway. */
  async detectDialect({ filter, pageIndex }: DialectDetection, causes: readonly FieldPath[]): Promise<void> {
    const { pageSize, length } = this.#view.buffer;
    const answer = await this.#fetchFiltered({ pageIndex, pageSize, filter }, causes);
    this.#view.advance();
    if (answer === null) return;
    // The list's length shows that the filter was not applied.
    if (answer.totalCount === length) this.#absorbUnfiltered(filter, { pageIndex, pageSize }, answer);
    else this.#view.source.capabilities.learnDialect('plural');
  }

  /**
   * Looks keys up, and caches which requests have no row under those keys.
   *
   * @param isResolved whether all requests are resolved without the look-up
   */
  async lookUp(wanted: Filter, requests: MatchedRequests, isResolved: () => boolean): Promise<void> {
    const { source } = this.#view;
    const { capabilities, isObserved } = source;
    const { pageSize } = this.#view.buffer;
    const causes = requests.flatMap(([request]) => request.causes);
    const options = { isResolved, keys: isObserved ? keysOf(requests, wanted) : undefined };
    let filter = wanted;
    let positionByKey: ReadonlyMap<string, number> = new Map();
    const answers: ListAnswer<Row>[] = [];
    let answer: ListAnswer<Row> | null;
    let own: ListAnswer<Row>;
    const seen = new Set<string>();
    let received = 0;
    for (let pageIndex = 1; ; pageIndex++) {
      answer = await this.#fetchFiltered({ pageIndex, pageSize, filter }, causes, options);
      if (answer === null) return;
      if (pageIndex === 1) {
        filter = answer.filter ?? wanted;
        positionByKey = new Map(filter.keys.map((key, position) => [foldName(key), position]));
      }
      if (!this.#looksFiltered(answer, positionByKey)) {
        this.#absorbUnfiltered(filter, { pageIndex, pageSize }, answer);
        return;
      }
      // Another operation may have fetched this page for the same keys.
      own = answer.filter === filter ? answer : { ...answer, filter };
      answers.push(own);
      const before = seen.size;
      for (const row of answer.rows) seen.add(this.#view.source.traits.identityOf(row));
      received += lengthOf(answer);
      // Without a length, there may be a row for each key.
      const isLast = received >= (answer.totalCount ?? positionByKey.size);
      if (seen.size === before || isLast) break;
    }
    for (const page of answers) this.#view.absorbRows(page);
    const rows = answers.flatMap((page) => page.rows);
    const positions = rows.flatMap((row) => positionByKey.get(this.#filterKeyOf(row)) ?? []);
    capabilities.learnHonoured(filter, positions, requests.length);
    // The known filter name was rejected and the other one returned rows: the deployment has changed.
    if (positions.length > 0 && filter.dialect !== 'either' && this.#rejected.has(otherThan(filter.dialect)))
      capabilities.replaceDialect(filter.dialect);
    const tested = new Set(this.#testedKeys(filter, positions).map((key) => foldName(key)));
    const present = new Set(rows.flatMap((row) => this.#view.source.traits.indexKeysOf(row)));
    const absent = requests
      .flatMap(([, rowKeys]) => rowKeys)
      .filter(({ index, filterKey }) => tested.has(foldName(filterKey ?? '')) && !present.has(index))
      .map(({ index }) => index);
    this.#view.rows.addAbsences(absent, own);
    source.cacheAbsences(absent, answer);
  }

  /**
   * Null if the call was superseded, or if it was rejected and another is worth a try: another form of the filter, fewer
   * keys, a smaller page size, or pages.
   */
  async #fetchFiltered(
    request: PageRequest & { readonly filter: Filter },
    causes: readonly FieldPath[],
    options?: FetchOptions,
  ): Promise<ListAnswer<Row> | null> {
    const { capabilities } = this.#view.source;
    const { dialect, keys } = request.filter;
    try {
      const answer = await this.#view.source.fetch(request, causes, options);
      if (dialect === 'plural' && this.#rejected.has('either')) capabilities.learnDialect('plural');
      if (dialect === 'singular' && this.#rejected.has('plural')) capabilities.learnDialect('singular');
      return answer;
    } catch (error) {
      if (error instanceof SupersededError) {
        this.#view.advance();
        return null;
      }
      if (!(error instanceof UpstreamError) || error.code !== 'UPSTREAM_REFUSED') throw error;
      this.#view.advance();
      if (capabilities.learnRejected(keys.length)) {
        this.#keysPerCall = capabilities.keysPerCall;
        return null;
      }
      // Another operation may have learned the supported form meanwhile.
      if (this.dialect !== 'unknown' && this.dialect !== dialect) return null;
      if (this.#hasAnotherForm(dialect)) {
        this.#rejected.add(dialect);
        return null;
      }
      if (!mayRejectSize(error)) throw error;
      try {
        await this.#view.fitPageSize(error, { pageSize: request.pageSize, isPage: false }, causes);
        this.#rejected.clear();
      } catch (rejection) {
        const acceptsPages = this.#view.buffer.hasPages || capabilities.acceptsPageSize(request.pageSize);
        if (rejection !== error || !acceptsPages) throw rejection;
        this.#rejectsAll = true;
      }
      return null;
    }
  }

  get dialect(): Dialect {
    const { capabilities } = this.#view.source;
    const { dialect } = capabilities;
    if (dialect === 'none' || this.#rejectsAll) return 'none';
    for (const name of ['plural', 'singular'] as const) {
      const other = otherThan(name);
      // An ignored name does not replace a rejected one.
      if (this.#rejected.has(name)) return capabilities.ignores(other) ? 'none' : other;
    }
    return dialect;
  }

  /** Whether the dialect is only what remains after a rejection. */
  get isDialectPresumed(): boolean {
    return this.dialect === 'singular' && this.#view.source.capabilities.dialect !== 'singular';
  }

  /** Whether another form of a rejected look-up is worth a try. */
  #hasAnotherForm(rejected: Filter['dialect']): boolean {
    if (this.#rejected.has(rejected)) return false;
    if (rejected === 'either') return true;
    return this.#view.source.capabilities.hasSingular && !this.#rejected.has(otherThan(rejected));
  }

  /**
   * Whether the filter was applied: every row was requested. A deployment may also match a user's other addresses, so a
   * few rows that were not requested do not prove that it was ignored.
   */
  #looksFiltered({ rows, totalCount }: Page<Row>, positionByKey: ReadonlyMap<string, number>): boolean {
    if (rows.every((row) => positionByKey.has(this.#filterKeyOf(row)))) return true;
    if ((totalCount ?? rows.length) > positionByKey.size) return false;
    return positionByKey.size === 1 || (this.#view.buffer.length ?? 0) > positionByKey.size;
  }

  /** Keys that the deployment has tested: if one of them returned no row, its row does not exist. */
  #testedKeys({ dialect, keys }: Filter, positions: readonly number[]): readonly string[] {
    const { capabilities } = this.#view.source;
    const isPlural =
      dialect === 'plural' || capabilities.dialect === 'plural' || positions.some((position) => position > 0);
    if (!isPlural) return keys.slice(0, 1);
    const tested = capabilities.trustedKeys(keys);
    // The other keys are looked up again, in calls small enough to be trusted.
    if (tested.length < keys.length) this.#keysPerCall = tested.length;
    return tested;
  }

  #filterKeyOf(row: Row): string {
    return foldName(this.#view.source.traits.filterKeyOf(row) ?? '');
  }

  /** Adds a page of the whole list that was returned for a filtered request. */
  #absorbUnfiltered(filter: Filter, page: PageNumber, answer: ListAnswer<Row>): void {
    const { capabilities, cache } = this.#view.source;
    capabilities.learnIgnored(filter);
    cache.place(answer, placeOf(page.pageIndex, page.pageSize, answer));
    this.#view.absorbPage(page, answer);
  }
}

function otherThan(dialect: 'plural' | 'singular'): 'plural' | 'singular' {
  return dialect === 'plural' ? 'singular' : 'plural';
}

/** The filter's keys that this operation needs; a shared look-up also has keys of other operations. */
function keysOf(requests: MatchedRequests, { keys }: Filter): readonly string[] {
  const wanted = new Set(
    requests.flatMap(([, rowKeys]) =>
      rowKeys.flatMap(({ filterKey }) => (filterKey === undefined ? [] : foldName(filterKey))),
    ),
  );
  return keys.filter((key) => wanted.has(foldName(key)));
}
