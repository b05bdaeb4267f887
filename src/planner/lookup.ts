/**
 * Rows by the names they may go by: what is at hand answers at once, and what is left is looked up until each request
 * has its row, is known to have none, or has failed.
 */
import { UpstreamError } from '../errors.ts';
import type { FieldPath } from '../scope.ts';
import type { Freshness, ReadMode } from './freshness.ts';
import type { ListAnswer } from './list-cache.ts';
import type { RememberedRow } from './row-index.ts';
import type { CacheHit } from './list-source.ts';
import type { ListView } from './list-view.ts';
import { Precedence } from './precedence.ts';
import { requestJoin, type CandidateKey, type Join, type RowKeys, type RowRequest } from './row-keys.ts';

/** What is looked for: a row, null if there is none, or the error of the call that failed. */
export type Found<Row> = Row | null | UpstreamError;

/** Requests that are open, with the keys that are left to try, best first. */
export type OpenRequests = ReadonlyMap<RowRequest, RowKeys>;

type Evidence<Row> = Pick<CacheHit<Row>, 'answer' | 'kind' | 'sentAt' | 'freshness'>;

interface Hit<Row> extends CacheHit<Row> {
  count: number;
  readonly causes: FieldPath[];
  readonly of: { readonly names: string[]; readonly rowKeys: RowKeys[] };
}

/** Resolves requests with what is at hand at the moment, and collects what it used of the cache for it. */
export class Resolution<Row> {
  readonly #view: ListView<Row>;
  readonly #occasion: ReadMode;
  readonly #present = new Map<ListAnswer<Row> | null, Hit<Row>>();
  readonly #absent = new Map<ListAnswer<Row> | null, Hit<Row>>();
  readonly #precedence: Precedence<Row>;
  /** Whether the whole list is cached is only worth finding out if a row is not, and once. */
  #whole: Evidence<Row> | null | undefined;
  /** The fields that need the length of a list without rows; null if none does. */
  #lengthCauses: FieldPath[] | null = null;
  /** The last fresh row's hit: rows of one page follow each other. */
  #latest: Hit<Row> | null = null;

  constructor(view: ListView<Row>, occasion: ReadMode) {
    this.#view = view;
    this.#occasion = occasion;
    this.#precedence = new Precedence(view, occasion);
  }

  /** The row of a key, null if there is none; undefined if that is not known. */
  resolve<Key>(key: Key, join: Join<Key>, causes: readonly FieldPath[]): Row | null | undefined {
    const { source, shelf, hasRead } = this.#view;
    const row = hasRead || shelf.isComplete ? undefined : join.rowOf?.(key);
    const joined = row === undefined ? undefined : this.#seen(source.memory.joinedTo(row));
    if (joined !== undefined) return joined;
    const first = join.firstNameOf(key);
    const own = hasRead ? this.#view.row(first, this.#precedence) : undefined;
    if (own !== undefined) return own;
    const cached = shelf.isComplete ? undefined : this.#cachedRow(first);
    if (cached !== undefined && row !== undefined) source.memory.noteJoin(row, first, cached);
    const missing = cached === undefined ? first : null;
    return this.#seen(cached, first) ?? this.#resolveKeys(join.rowKeysOf(key), causes, missing);
  }

  /** The keys that are left to try of a request that could not be resolved. */
  untried(rowKeys: RowKeys): RowKeys {
    const untried: CandidateKey[] = [];
    for (const key of rowKeys) {
      const { index, filterKey } = key;
      if (this.#view.rows.absence(index) !== undefined) continue;
      if (this.#evidence(this.#view.source.memory.absence(index), 'absent') !== null) continue;
      const later = this.#laterRow(index);
      if (later === null) {
        untried.push(key);
        continue;
      }
      // The upstream finds its own spelling at least.
      const spelled = filterKey === undefined ? null : this.#view.source.traits.filterKeyOf(later.row);
      untried.push({ ...key, page: later.page, ...(spelled === null ? {} : { filterKey: spelled }) });
      // The name has a row, so that no other name counts.
      break;
    }
    return untried;
  }

  /** Records what was used, and is ready for what is at hand later. */
  finish(): void {
    const { source } = this.#view;
    for (const hits of [this.#present, this.#absent]) {
      for (const hit of hits.values()) source.use(hit);
      hits.clear();
    }
    if (this.#lengthCauses !== null) this.#view.useLength(this.#lengthCauses);
    this.#lengthCauses = null;
    this.forget();
  }

  /** What was cached may have gone. */
  forget(): void {
    this.#latest = null;
    this.#whole = undefined;
    this.#precedence.forget();
  }

  /** The cached row of a name, a fresh one before others; undefined if none is known to be the first. */
  #cachedRow(name: string): RememberedRow<Row> | undefined {
    const { memory } = this.#view.source;
    const isFresh = (answer: ListAnswer<Row>) => this.#freshnessOf(answer, name) === 'fresh';
    const isUsable = (answer: ListAnswer<Row>) => this.#freshnessOf(answer, name) !== 'expired';
    const found = memory.goodRow(name, isFresh);
    return found ?? memory.goodRow(name, isUsable);
  }

  #freshnessOf(answer: ListAnswer<Row>, name: string): Freshness {
    const since = this.#precedence.firstSince(answer, name);
    if (since === null) return 'expired';
    return this.#view.source.freshnessOf(Math.min(since, answer.sentAt), 'present', this.#occasion);
  }

  /** A row of a name that may not be the first, and the number of its page; null if none is at hand. */
  #laterRow(name: string): { readonly row: Row; readonly page: number } | null {
    const { rows, source } = this.#view;
    const own = rows.row(name);
    const cached = source.memory.row(name);
    const ownPage = own === undefined ? null : rows.pageIndexOf(own.answer);
    const cachedPage = cached === undefined ? null : source.memory.pageIndexOf(cached.answer);
    const isUsable =
      cached !== undefined && source.freshnessOf(cached.answer.sentAt, 'present', 'normal') !== 'expired';
    const isCachedFirst = isUsable && cachedPage !== null && (ownPage === null || cachedPage < ownPage);
    if (isCachedFirst) return { row: cached.row, page: cachedPage };
    return own === undefined || ownPage === null ? null : { row: own.row, page: ownPage };
  }

  /** A row of the answer that the last one came from, which is a hit already; undefined for any other. */
  #seen(cached: RememberedRow<Row> | undefined, name = ''): Row | undefined {
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

  /** @param missing a name that is known not to be cached; null if none is */
  #resolveKeys(
    rowKeys: RowKeys,
    causes: readonly FieldPath[],
    missing: string | null,
  ): Row | null | undefined {
    const { shelf, rows, source, hasRead } = this.#view;
    let absences: Evidence<Row>[] | null = null;
    for (const { index } of rowKeys) {
      const own = hasRead ? this.#view.row(index, this.#precedence) : undefined;
      if (own !== undefined) {
        this.#useAll(absences, null, rowKeys, causes, null);
        return own;
      }
      if (shelf.isComplete) {
        if (!shelf.hasPages) (this.#lengthCauses ??= []).push(...causes);
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
      const evidence = this.#evidence(source.memory.absence(index), 'absent') ?? this.#wholeList();
      if (evidence === null) return undefined;
      (absences ??= []).push(evidence);
    }
    this.#useAll(absences, absences?.pop() ?? null, rowKeys, causes, rowKeys.at(-1)?.index ?? null);
    return null;
  }

  /** Records what shows that a row is found, or that there is none: one of them counts, under this name. */
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

  /** @param name that counts the hit as that of one row; null if another hit does */
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
      hit = { answer, kind, sentAt, freshness, occasion: this.#occasion, count: 0, causes: [], of };
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

  /** That every page of the list is cached, so that what is on none does not exist; null if that is not so. */
  #wholeList(): Evidence<Row> | null {
    if (this.#whole === undefined)
      this.#whole = this.#evidence(null, 'present', this.#view.source.memory.wholeSince ?? undefined);
    return this.#whole;
  }

  #evidence(
    answer: ListAnswer<Row> | null | undefined,
    kind: 'present' | 'absent',
    sentAt = answer?.sentAt,
  ): Evidence<Row> | null {
    if (answer === undefined || sentAt === undefined) return null;
    const freshness = this.#view.source.freshnessOf(sentAt, kind, this.#occasion);
    return freshness === 'expired' ? null : { answer, kind, sentAt, freshness };
  }
}

/** Requests of one search: which have their row, which have failed, and which are still open. */
export class LookupState<Row> {
  readonly #view: ListView<Row>;
  readonly #requests: readonly RowRequest[];
  readonly #rows = new Map<RowRequest, Row | null>();
  readonly #failures = new Map<RowRequest, UpstreamError>();
  readonly #resolution: Resolution<Row>;
  readonly #resolutionIfError: Resolution<Row>;
  #open: OpenRequests = new Map();
  #stepsResolved = 0;

  constructor(view: ListView<Row>, requests: readonly RowRequest[]) {
    this.#view = view;
    this.#requests = requests;
    this.#resolution = new Resolution(view, 'normal');
    this.#resolutionIfError = new Resolution(view, 'if-error');
  }

  get open(): OpenRequests {
    return this.#open;
  }

  /** Whether something has come since the requests were last resolved. */
  isOutdated(): boolean {
    return this.#view.steps > this.#stepsResolved;
  }

  get hasFailures(): boolean {
    return this.#failures.size > 0;
  }

  /** In the order of the requests. */
  get results(): Found<Row>[] {
    return this.#requests.map((request) => {
      const row = this.#rows.get(request);
      return row === undefined ? (this.#failures.get(request) ?? null) : row;
    });
  }

  /** Waits for a call; if it fails, these requests have failed with it. Rejects if the fault is the gateway's own. */
  async failing(requests: Iterable<RowRequest>, call: Promise<void>): Promise<void> {
    try {
      await call;
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      for (const request of requests) this.#failures.set(request, error);
    }
  }

  /** Whether all of these requests can be resolved with what is at hand by now. */
  couldResolve(requests: readonly RowRequest[]): boolean {
    const resolution = new Resolution(this.#view, 'normal');
    return requests.every((request) => resolution.resolve(request, requestJoin, []) !== undefined);
  }

  /**
   * Resolves what can be resolved with what is at hand by now. Yields to other operations if the requests are many;
   * rejects with UpstreamError if the operation has ended meanwhile.
   */
  async resolve(): Promise<void> {
    this.#stepsResolved = this.#view.steps;
    const pace = this.#view.source.pace();
    const open = new Map<RowRequest, readonly CandidateKey[]>();
    for (const request of this.#requests) {
      if (this.#rows.has(request)) continue;
      if (pace.shouldYield) {
        await pace.yield();
        this.#resolution.forget();
      }
      if (!this.#isResolved(request, this.#resolution))
        open.set(request, this.#resolution.untried(request.rowKeys));
    }
    for (const [request, failure] of this.#failures) {
      // What other calls have brought needs no call that failed, and what is still cached is better than nothing.
      if (open.delete(request) && failure.retryable) this.#isResolved(request, this.#resolutionIfError);
    }
    this.#resolution.finish();
    this.#resolutionIfError.finish();
    this.#open = open;
  }

  #isResolved(request: RowRequest, resolution: Resolution<Row>): boolean {
    const row = resolution.resolve(request, requestJoin, request.causes);
    if (row !== undefined) this.#rows.set(request, row);
    return row !== undefined;
  }
}
