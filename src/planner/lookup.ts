/**
 * Resolves requests from loaded and cached rows by candidate names, until each has its row, is known to have none, or
 * has failed.
 */
import { UpstreamError } from '../errors.ts';
import type { FieldPath } from '../scope.ts';
import type { Freshness, ReadMode } from './freshness.ts';
import type { ListAnswer } from './list-cache.ts';
import type { CachedRow } from './row-index.ts';
import type { CacheHit } from './list-source.ts';
import type { ListView } from './list-view.ts';
import { Precedence } from './precedence.ts';
import { requestJoin, type CandidateKey, type Join, type RowKeys, type RowRequest } from './row-keys.ts';

/** The row, null if there is none, or the error of the failed call. */
export type Found<Row> = Row | null | UpstreamError;

/** Unresolved requests with their untried keys, best first. */
export type OpenRequests = ReadonlyMap<RowRequest, RowKeys>;

type Evidence<Row> = Pick<CacheHit<Row>, 'answer' | 'kind' | 'sentAt' | 'freshness'>;

interface Hit<Row> extends CacheHit<Row> {
  count: number;
  readonly causes: FieldPath[];
  readonly of: { readonly names: string[]; readonly rowKeys: RowKeys[] };
}

export class LookupResolution<Row> {
  readonly #view: ListView<Row>;
  readonly #readMode: ReadMode;
  readonly #present = new Map<ListAnswer<Row> | null, Hit<Row>>();
  readonly #absent = new Map<ListAnswer<Row> | null, Hit<Row>>();
  readonly #precedence: Precedence<Row>;
  /** Evidence that the whole list is cached, determined once and only if a row is not cached. */
  #whole: Evidence<Row> | null | undefined;
  /** Fields that need the length of a list without rows, or null. */
  #lengthCauses: FieldPath[] | null = null;
  /** The latest fresh hit: successive rows are often on one page. */
  #latest: Hit<Row> | null = null;

  constructor(view: ListView<Row>, readMode: ReadMode) {
    this.#view = view;
    this.#readMode = readMode;
    this.#precedence = new Precedence(view, readMode);
  }

  /** The row of a key; undefined if unknown. */
  resolve<Key>(key: Key, join: Join<Key>, causes: readonly FieldPath[]): Row | null | undefined {
    const { source, buffer, hasRead } = this.#view;
    const row = hasRead || buffer.isComplete ? undefined : join.rowOf?.(key);
    const joined = row === undefined ? undefined : this.#seen(source.cache.joinedTo(row));
    if (joined !== undefined) return joined;
    const first = join.firstNameOf(key);
    const own = hasRead ? this.#view.row(first, this.#precedence) : undefined;
    if (own !== undefined) return own;
    const cached = buffer.isComplete ? undefined : this.#cachedRow(first);
    if (cached !== undefined && row !== undefined) source.cache.addJoin(row, first, cached);
    const missing = cached === undefined ? first : null;
    return this.#seen(cached, first) ?? this.#resolveKeys(join.rowKeysOf(key), causes, missing);
  }

  untried(rowKeys: RowKeys): RowKeys {
    const untried: CandidateKey[] = [];
    for (const key of rowKeys) {
      const { index, filterKey } = key;
      if (this.#view.rows.absence(index) !== undefined) continue;
      if (this.#evidence(this.#view.source.cache.absence(index), 'absent') !== null) continue;
      const later = this.#laterRow(index);
      if (later === null) {
        untried.push(key);
        continue;
      }
      // The upstream matches at least its own spelling.
      const spelled = filterKey === undefined ? null : this.#view.source.traits.filterKeyOf(later.row);
      untried.push({ ...key, page: later.page, ...(spelled === null ? {} : { filterKey: spelled }) });
      // This name has a row, so later names do not count.
      break;
    }
    return untried;
  }

  /** Records the cache hits, and resets. */
  finish(): void {
    const { source } = this.#view;
    for (const hits of [this.#present, this.#absent]) {
      for (const hit of hits.values()) source.use(hit);
      hits.clear();
    }
    if (this.#lengthCauses !== null) this.#view.useLength(this.#lengthCauses);
    this.#lengthCauses = null;
    this.reset();
  }

  /** Call when cached entries may have been evicted. */
  reset(): void {
    this.#latest = null;
    this.#whole = undefined;
    this.#precedence.reset();
  }

  /** The cached row of a name, preferably a fresh one; undefined if none is known to be the first. */
  #cachedRow(name: string): CachedRow<Row> | undefined {
    const { cache } = this.#view.source;
    const isFresh = (answer: ListAnswer<Row>) => this.#freshnessOf(answer, name) === 'fresh';
    const isUsable = (answer: ListAnswer<Row>) => this.#freshnessOf(answer, name) !== 'expired';
    const found = cache.goodRow(name, isFresh);
    return found ?? cache.goodRow(name, isUsable);
  }

  #freshnessOf(answer: ListAnswer<Row>, name: string): Freshness {
    const since = this.#precedence.firstSince(answer, name);
    if (since === null) return 'expired';
    return this.#view.source.freshnessOf(Math.min(since, answer.sentAt), 'present', this.#readMode);
  }

  /** A row of a name that may not be the first, with its page number, or null. */
  #laterRow(name: string): { readonly row: Row; readonly page: number } | null {
    const { rows, source } = this.#view;
    const own = rows.row(name);
    const cached = source.cache.row(name);
    const ownPage = own === undefined ? null : rows.pageIndexOf(own.answer);
    const cachedPage = cached === undefined ? null : source.cache.pageIndexOf(cached.answer);
    const isUsable =
      cached !== undefined && source.freshnessOf(cached.answer.sentAt, 'present', 'normal') !== 'expired';
    const isCachedFirst = isUsable && cachedPage !== null && (ownPage === null || cachedPage < ownPage);
    if (isCachedFirst) return { row: cached.row, page: cachedPage };
    return own === undefined || ownPage === null ? null : { row: own.row, page: ownPage };
  }

  /** A row of an answer that already counts as a hit; undefined for any other. */
  #seen(cached: CachedRow<Row> | undefined, name = ''): Row | undefined {
    if (this.#latest === null || cached === undefined || this.#view.source.isObserved) return undefined;
    if (this.#precedence.firstSince(cached.answer, name) === null) return undefined;
    if (cached.answer !== this.#latest.answer) {
      const hit = this.#present.get(cached.answer);
      if (hit?.freshness !== 'fresh') return undefined;
      this.#latest = hit;
    }
    this.#latest.count += 1;
    return cached.row;
  }

  /** @param missing a name known not to be cached, or null */
  #resolveKeys(
    rowKeys: RowKeys,
    causes: readonly FieldPath[],
    missing: string | null,
  ): Row | null | undefined {
    const { buffer, rows, source, hasRead } = this.#view;
    let absences: Evidence<Row>[] | null = null;
    for (const { index } of rowKeys) {
      const own = hasRead ? this.#view.row(index, this.#precedence) : undefined;
      if (own !== undefined) {
        this.#useAll(absences, null, rowKeys, causes, null);
        return own;
      }
      if (buffer.isComplete) {
        if (!buffer.hasPages) (this.#lengthCauses ??= []).push(...causes);
        continue;
      }
      const cached = index === missing ? undefined : this.#cachedRow(index);
      const seen = absences === null ? this.#seen(cached, index) : undefined;
      if (seen !== undefined) return seen;
      const since = cached === undefined ? null : this.#precedence.firstSince(cached.answer, index);
      const presence =
        cached === undefined || since === null
          ? null
          : this.#evidence(cached.answer, 'present', Math.min(since, cached.answer.sentAt));
      if (cached !== undefined && presence !== null) {
        this.#useAll(absences, presence, rowKeys, causes, index);
        return cached.row;
      }
      if (rows.absence(index) !== undefined) continue;
      const evidence = this.#evidence(source.cache.absence(index), 'absent') ?? this.#wholeList();
      if (evidence === null) return undefined;
      (absences ??= []).push(evidence);
    }
    this.#useAll(absences, absences?.pop() ?? null, rowKeys, causes, rowKeys.at(-1)?.index ?? null);
    return null;
  }

  /** Records the evidence for a row or its absence; `counted` is counted as the hit of one row, under this name. */
  #useAll(
    absences: readonly Evidence<Row>[] | null,
    counted: Evidence<Row> | null,
    rowKeys: RowKeys,
    causes: readonly FieldPath[],
    name: string | null,
  ): void {
    for (const absence of absences ?? []) this.#use(absence, rowKeys, causes);
    if (counted !== null) this.#use(counted, rowKeys, causes, name);
  }

  /** @param name counts the hit as one row; null if another hit counts it */
  #use(
    evidence: Evidence<Row>,
    rowKeys: RowKeys,
    causes: readonly FieldPath[],
    name: string | null = null,
  ): void {
    const { answer, kind, sentAt, freshness } = evidence;
    const hits = kind === 'present' ? this.#present : this.#absent;
    let hit = hits.get(answer);
    if (hit === undefined) {
      const of = { names: [], rowKeys: [] };
      hit = { answer, kind, sentAt, freshness, readMode: this.#readMode, count: 0, causes: [], of };
      hits.set(answer, hit);
    }
    if (name !== null) hit.count += 1;
    if (name !== null && this.#view.source.isObserved) {
      hit.of.names.push(name);
      hit.causes.push(...causes);
    }
    if (freshness === 'stale') hit.of.rowKeys.push(rowKeys);
    else if (kind === 'present') this.#latest = hit;
  }

  /** Evidence that every page of the list is cached, or null. */
  #wholeList(): Evidence<Row> | null {
    if (this.#whole === undefined)
      this.#whole = this.#evidence(null, 'present', this.#view.source.cache.wholeSince ?? undefined);
    return this.#whole;
  }

  #evidence(
    answer: ListAnswer<Row> | null | undefined,
    kind: 'present' | 'absent',
    sentAt = answer?.sentAt,
  ): Evidence<Row> | null {
    if (answer === undefined || sentAt === undefined) return null;
    const freshness = this.#view.source.freshnessOf(sentAt, kind, this.#readMode);
    return freshness === 'expired' ? null : { answer, kind, sentAt, freshness };
  }
}

export class LookupState<Row> {
  readonly #view: ListView<Row>;
  readonly #requests: readonly RowRequest[];
  readonly #rows = new Map<RowRequest, Row | null>();
  readonly #failures = new Map<RowRequest, UpstreamError>();
  readonly #resolution: LookupResolution<Row>;
  readonly #resolutionIfError: LookupResolution<Row>;
  #open: OpenRequests = new Map();
  #stepsResolved = 0;

  constructor(view: ListView<Row>, requests: readonly RowRequest[]) {
    this.#view = view;
    this.#requests = requests;
    this.#resolution = new LookupResolution(view, 'normal');
    this.#resolutionIfError = new LookupResolution(view, 'if-error');
  }

  get open(): OpenRequests {
    return this.#open;
  }

  /** Whether rows were loaded since the last `resolve`. */
  isOutdated(): boolean {
    return this.#view.steps > this.#stepsResolved;
  }

  get hasFailures(): boolean {
    return this.#failures.size > 0;
  }

  get results(): Found<Row>[] {
    return this.#requests.map((request) => {
      const row = this.#rows.get(request);
      return row === undefined ? (this.#failures.get(request) ?? null) : row;
    });
  }

  /** Waits for a call. Its UpstreamError fails these requests; any other error rejects. */
  async failing(requests: Iterable<RowRequest>, call: Promise<void>): Promise<void> {
    try {
      await call;
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      for (const request of requests) this.fail(request, error);
    }
  }

  fail(request: RowRequest, error: UpstreamError): void {
    this.#failures.set(request, error);
  }

  /** Whether all of these requests can be resolved without a call. */
  couldResolve(requests: readonly RowRequest[]): boolean {
    const resolution = new LookupResolution(this.#view, 'normal');
    return requests.every((request) => resolution.resolve(request, requestJoin, []) !== undefined);
  }

  /**
   * Resolves requests from loaded and cached rows, yielding to other operations. Rejects with UpstreamError if the
   * operation has ended.
   */
  async resolve(): Promise<void> {
    this.#stepsResolved = this.#view.steps;
    const pace = this.#view.source.pace();
    const open = new Map<RowRequest, readonly CandidateKey[]>();
    for (const request of this.#requests) {
      if (this.#rows.has(request)) continue;
      if (pace.shouldYield) {
        await pace.yield();
        this.#resolution.reset();
      }
      if (!this.#isResolved(request, this.#resolution))
        open.set(request, this.#resolution.untried(request.rowKeys));
    }
    for (const [request, failure] of this.#failures) {
      // Other calls may have returned the row, and after a retryable failure a stale row is still used.
      if (open.delete(request) && failure.retryable) this.#isResolved(request, this.#resolutionIfError);
    }
    this.#resolution.finish();
    this.#resolutionIfError.finish();
    this.#open = open;
  }

  #isResolved(request: RowRequest, resolution: LookupResolution<Row>): boolean {
    const row = resolution.resolve(request, requestJoin, request.causes);
    if (row !== undefined) this.#rows.set(request, row);
    return row !== undefined;
  }
}
