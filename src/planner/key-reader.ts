/**
 * Looks up rows of one list by keys, for one operation. The returned rows show whether the filter was applied; the
 * deployment's capabilities record that.
 */
import { lengthOf, type Filter, type Page, type PageRequest } from '../endpoint/collection.ts';
import { UpstreamError } from '../errors.ts';
import { foldName } from '../fold.ts';
import type { FieldPath } from '../scope.ts';
import { SupersededError } from '../transport/transport.ts';
import type { FetchOptions } from './list-source.ts';
import type { ListView } from './list-view.ts';
import type { ReadChoice } from './choose.ts';
import type { ListAnswer, PageNumber } from './list-cache.ts';
import { placeOf } from './page-buffer.ts';
import type { RejectedLookUps } from './rejected-look-ups.ts';
import type { MatchedRequests } from './request-index.ts';

type DialectDetection = Extract<ReadChoice, { kind: 'detect-dialect' }>;

interface LookUp {
  readonly filter: Filter;
  /** Those that need its keys. */
  readonly requests: MatchedRequests;
  readonly causes: readonly FieldPath[];
  /** Whether all requests are resolved without the look-up. */
  readonly isResolved: () => boolean;
  /** Whether another operation has sent it. */
  readonly isOfOther: boolean;
}

export class KeyReader<Row> {
  readonly #view: ListView<Row>;
  readonly #rejected: RejectedLookUps;
  /** Keys of one call that the deployment is trusted to test. */
  #trustedKeysPerCall = Infinity;

  constructor(view: ListView<Row>, rejected: RejectedLookUps) {
    this.#view = view;
    this.#rejected = rejected;
  }

  get keysPerCall(): number {
    const { keysPerCall } = this.#view.source.capabilities;
    return Math.min(this.#trustedKeysPerCall, keysPerCall, this.#rejected.keysPerCall);
  }

  /** Filters of multi-key look-ups in flight. */
  filtersInFlight(): readonly Filter[] {
    const { source, buffer } = this.#view;
    if (!this.#rejected.joinsOthers) return [];
    return source.requestsInFlight().flatMap(({ filter, pageIndex, pageSize }) => {
      const isLookUp = filter !== null && filter.dialect !== 'singular' && pageIndex === 1;
      return isLookUp && pageSize === buffer.pageSize ? [filter] : [];
    });
  }

  /** Detects the dialect with a page that must be read anyway. */
  async detectDialect({ filter, pageIndex }: DialectDetection, causes: readonly FieldPath[]): Promise<void> {
    const { pageSize, length } = this.#view.buffer;
    const answer = await this.#fetchFiltered({ pageIndex, pageSize, filter }, causes, {}, () => {
      this.#rejected.canDetectDialect = false;
    });
    this.#view.advance();
    if (answer === null) return;
    // The list's length shows that the filter was not applied.
    if (answer.totalCount === length) this.#absorbUnfiltered(filter, { pageIndex, pageSize }, answer);
    else this.#view.source.capabilities.learnDialect('plural');
  }

  /** Looks keys up, and caches which requests have no row under those keys. A rejection counts in the next choice. */
  async lookUp({ filter: wanted, requests, causes, isResolved, isOfOther }: LookUp): Promise<void> {
    const { source } = this.#view;
    const { capabilities, isObserved } = source;
    const { pageSize } = this.#view.buffer;
    const options = { isResolved, keys: isObserved ? keysOf(requests, wanted) : undefined };
    const onRejected = (error: UpstreamError) => {
      // A key of the other operation may be the reason, so this one looks up its own keys.
      if (isOfOther && keysOf(requests, filter).length < filter.keys.length)
        this.#rejected.joinsOthers = false;
      else this.#rejected.add(filter, error);
    };
    let filter = wanted;
    let positionByKey: ReadonlyMap<string, number> = new Map();
    const answers: ListAnswer<Row>[] = [];
    let answer: ListAnswer<Row> | null;
    let own: ListAnswer<Row>;
    const seen = new Set<string>();
    let received = 0;
    for (let pageIndex = 1; ; pageIndex++) {
      answer = await this.#fetchFiltered({ pageIndex, pageSize, filter }, causes, options, onRejected);
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
    this.#rejected.accept(
      filter,
      positions.map((position) => filter.keys[position] ?? ''),
    );
    const tested = new Set(this.#testedKeys(filter, positions).map((key) => foldName(key)));
    const present = new Set(rows.flatMap((row) => this.#view.source.traits.indexKeysOf(row)));
    const absent = requests
      .flatMap(([, rowKeys]) => rowKeys)
      .filter(({ index, filterKey }) => tested.has(foldName(filterKey ?? '')) && !present.has(index))
      .map(({ index }) => index);
    this.#view.rows.addAbsences(absent, own);
    source.cacheAbsences(absent, answer);
  }

  /** Null if the call was superseded or rejected. */
  async #fetchFiltered(
    request: PageRequest & { readonly filter: Filter },
    causes: readonly FieldPath[],
    options: FetchOptions,
    onRejected: (error: UpstreamError) => void,
  ): Promise<ListAnswer<Row> | null> {
    try {
      return await this.#view.source.fetch(request, causes, options);
    } catch (error) {
      const isRejected = error instanceof UpstreamError && error.code === 'UPSTREAM_REFUSED';
      if (isRejected) onRejected(error);
      else if (!(error instanceof SupersededError)) throw error;
      this.#view.advance();
      return null;
    }
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
    // A dialect that another operation learned meanwhile does not show which name was applied here.
    const isPlural = dialect === 'plural' || positions.some((position) => position > 0);
    if (!isPlural) return keys.slice(0, 1);
    const tested = capabilities.trustedKeys(keys);
    // The other keys are looked up again, in calls small enough to be trusted.
    if (tested.length < keys.length) this.#trustedKeysPerCall = tested.length;
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

/** The filter's keys that this operation needs; a shared look-up also has keys of other operations. */
function keysOf(requests: MatchedRequests, { keys }: Filter): readonly string[] {
  const wanted = new Set(
    requests.flatMap(([, rowKeys]) =>
      rowKeys.flatMap(({ filterKey }) => (filterKey === undefined ? [] : foldName(filterKey))),
    ),
  );
  return keys.filter((key) => wanted.has(foldName(key)));
}
