/** What a reader needs of its list and of its operation, and the one way to use cached pages. */
import type { Collection, PageRequest } from '../endpoint/collection.ts';
import { UpstreamError } from '../errors.ts';
import type { FieldPath } from '../scope.ts';
import type { Pace } from '../scheduler.ts';
import type { Freshness, ReadMode, UsableFreshness } from './freshness.ts';
import type { DeploymentCapabilities } from './deployment-capabilities.ts';
import type { ListAnswer, ListCache, PageNumber } from './list-cache.ts';
import type { RowKeys } from './row-keys.ts';

export interface ListSource<Row> {
  readonly traits: Pick<Collection<never, Row>, 'identityOf' | 'filterKeyOf' | 'indexKeysOf'>;
  readonly knowledge: DeploymentCapabilities;
  /** Of this list, shared by all operations of one credential. */
  readonly memory: ListCache<Row>;
  /** Whether the sources of rows are explained to the caller. */
  readonly isObserved: boolean;
  /** Rejects with UpstreamError, and with SupersededCall. `causes` may grow until the answer is here. */
  fetch(request: PageRequest, causes: readonly FieldPath[], options?: FetchOptions): Promise<ListAnswer<Row>>;
  /** What other operations are fetching of this list, if it is fresh enough: fetching it shares their call. */
  airborne(): readonly PageRequest[];
  freshnessOf(sentAt: number, kind: 'present' | 'absent', occasion: ReadMode): Freshness;
  /** Records that the operation's answer is made of something cached, and renews it if it is stale. */
  use(hit: CacheHit<Row>): void;
  /** Records that the operation's answer is as old as something cached that it depends on without using it. */
  dateBy(sentAt: number): void;
  /** Records that these rows are shown. */
  expose(rows: readonly (Row | null | UpstreamError)[]): void;
  /** Caches that this answer would have brought rows of these names, and has brought none. */
  keepAbsences(names: readonly string[], answer: ListAnswer<Row>): void;
  /** Takes into the cache what other instances have read of the list; null if there are none. */
  readonly catchUp: (() => Promise<void>) | null;
  /** Resolves when the operation may go on with what has been read: many may have waited for it. */
  nextSlice(): Promise<void>;
  /** Of long loops; rejects with UpstreamError when the operation has ended. */
  pace(): Pace;
}

export interface FetchOptions {
  /** Whether what the call would bring is at hand by now; asked until the call is sent. */
  readonly isResolved?: (() => boolean) | undefined;
  /** Those of the filter's keys that this operation looks for; all of them by default. */
  readonly keys?: readonly string[] | undefined;
}

/** Something cached that an operation uses: a page, the length, or rows and absences under their names. */
export interface CacheHit<Row> {
  /** Null for a length, and for a whole list that lacks a row. */
  readonly answer: ListAnswer<Row> | null;
  readonly kind: 'present' | 'absent';
  readonly sentAt: number;
  readonly freshness: UsableFreshness;
  readonly occasion: ReadMode;
  /** How many pages or rows were used. */
  readonly count: number;
  readonly causes: readonly FieldPath[];
  readonly of:
    | { readonly page: PageNumber }
    | { readonly names: readonly string[]; readonly rowKeys: readonly RowKeys[] };
}

interface CachedPage<Row> {
  readonly answer: ListAnswer<Row>;
  readonly freshness: UsableFreshness;
}

/** A page from the cache; null if it has none that may be used. */
export function cachedPage<Row>(
  source: ListSource<Row>,
  page: PageNumber,
  occasion: ReadMode,
): CachedPage<Row> | null {
  const answer = source.memory.page(page);
  if (answer === undefined) return null;
  const freshness = source.freshnessOf(answer.sentAt, 'present', occasion);
  return freshness === 'expired' ? null : { answer, freshness };
}

/** As `cachedPage`, of a page that is then used. */
export function useCachedPage<Row>(
  source: ListSource<Row>,
  { pageIndex, pageSize }: PageNumber,
  occasion: ReadMode,
  causes: readonly FieldPath[],
): ListAnswer<Row> | null {
  const page = { pageIndex, pageSize };
  const cached = cachedPage(source, page, occasion);
  if (cached === null) return null;
  const { answer, freshness } = cached;
  const { sentAt } = answer;
  source.use({ answer, freshness, kind: 'present', sentAt, occasion, count: 1, causes, of: { page } });
  return answer;
}

/** What is fetched, or what is cached of it if the upstream fails for the moment. Rejects as `fetching` does. */
export async function orCached<Answer>(
  fetching: Promise<Answer>,
  cachedIfError: () => Answer | null,
): Promise<Answer> {
  try {
    return await fetching;
  } catch (error) {
    const cached = error instanceof UpstreamError && error.retryable ? cachedIfError() : null;
    if (cached === null) throw error;
    return cached;
  }
}

/** Whether the upstream may have refused a call for the size of its page. */
export function mayRefuseSize(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && error.code === 'UPSTREAM_REFUSED' && error.details.status === 400;
}
