/** What the readers of a list need for one operation, and their common use of cached pages. */
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
  readonly capabilities: DeploymentCapabilities;
  /** Common to all operations of one credential. */
  readonly cache: ListCache<Row>;
  /** Whether `x-explain` was requested. */
  readonly isObserved: boolean;
  /** Rejects with UpstreamError or SupersededError. `causes` may grow until the answer arrives. */
  fetch(request: PageRequest, causes: readonly FieldPath[], options?: FetchOptions): Promise<ListAnswer<Row>>;
  /** Whether this operation is streaming the list, and so reads each of its pages in any case. */
  readonly isStreaming: boolean;
  /** Called when a stream of the list begins; the result, when it ends. */
  beginStream(): () => void;
  /** Requests in flight that are fresh enough; fetching one of them shares its call. */
  requestsInFlight(): readonly PageRequest[];
  freshnessOf(sentAt: number, kind: 'present' | 'absent', readMode: ReadMode): Freshness;
  /** Records that the response uses a cached entry, and revalidates it if stale. */
  use(hit: CacheHit<Row>): void;
  /** Limits the response's freshness by a cached entry that it depends on without using it. */
  dateBy(sentAt: number): void;
  /** Records rows that the response shows. */
  expose(rows: readonly (Row | null | UpstreamError)[]): void;
  /** Caches the absence of these names, which this answer proves. */
  cacheAbsences(names: readonly string[], answer: ListAnswer<Row>): void;
  /** Adds to the cache what other instances have read of the list; null without other instances. */
  readonly syncFromPeers: (() => Promise<void>) | null;
  /** Resolves in the operation's next slice, since many operations may have waited for the same answer. */
  nextSlice(): Promise<void>;
  /** Yield points for long loops, which reject with UpstreamError once the operation has ended. */
  pace(): Pace;
}

export interface FetchOptions {
  /** Whether the call's result is already cached; checked until the call is sent. */
  readonly isResolved?: (() => boolean) | undefined;
  /** The filter's keys that this operation needs; all by default. */
  readonly keys?: readonly string[] | undefined;
}

/** A cached entry that an operation uses: a page, the length, or rows and absences by name. */
export interface CacheHit<Row> {
  /** Null for a length, or if the whole list shows an absence. */
  readonly answer: ListAnswer<Row> | null;
  readonly kind: 'present' | 'absent';
  readonly sentAt: number;
  readonly freshness: UsableFreshness;
  readonly readMode: ReadMode;
  /** Number of pages or rows used. */
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

export function cachedPage<Row>(
  source: ListSource<Row>,
  page: PageNumber,
  readMode: ReadMode,
): CachedPage<Row> | null {
  const answer = source.cache.page(page);
  if (answer === undefined) return null;
  const freshness = source.freshnessOf(answer.sentAt, 'present', readMode);
  return freshness === 'expired' ? null : { answer, freshness };
}

/** Uses a cached page; null if none is usable. */
export function useCachedPage<Row>(
  source: ListSource<Row>,
  { pageIndex, pageSize }: PageNumber,
  readMode: ReadMode,
  causes: readonly FieldPath[],
): ListAnswer<Row> | null {
  const page = { pageIndex, pageSize };
  const cached = cachedPage(source, page, readMode);
  if (cached === null) return null;
  const { answer, freshness } = cached;
  const { sentAt } = answer;
  source.use({ answer, freshness, kind: 'present', sentAt, readMode, count: 1, causes, of: { page } });
  return answer;
}

/** The fetched answer, or a cached one after a retryable failure. Rejects like `fetching`. */
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

/** Whether the rejection may be due to the page size. */
export function mayRejectSize(error: unknown): error is UpstreamError {
  if (!(error instanceof UpstreamError) || error.code !== 'UPSTREAM_REFUSED') return false;
  return error.details.status === 400 || error.details.status === 422;
}
