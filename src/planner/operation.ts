/**
 * One operation at one upstream: makes calls within its budget, coalesces equal calls, reports them to the observer,
 * and records cache hits.
 */
import { deadlineExceeded, UpstreamError } from '../errors.ts';
import {
  AnswerCounts,
  createScope,
  deadlineReached,
  isAbandoned,
  CacheDependencies,
  type CallEvent,
  type OperationScope,
  type Scope,
} from '../scope.ts';
import { tokenEndpoint } from '../transport/access-token.ts';
import { attemptStartedAt, type SingleFlight } from '../transport/single-flight.ts';
import type { Retry } from '../transport/retry.ts';
import { cancelledError, SupersededError, type Transport } from '../transport/transport.ts';
import { nextSlice, Pace, type WaitInTurn } from '../scheduler.ts';
import {
  freshnessOf,
  goodUntil,
  type Cached,
  type Freshness,
  type Lifetime,
  type ReadMode,
  type UsableFreshness,
} from './freshness.ts';
import type { Dated, Fleet, SharedFetch } from './fleet.ts';
import type { WholeSize } from './list-reader.ts';
import type { UpstreamCache } from './upstream-cache.ts';

export interface Upstream {
  readonly transport: Transport;
  readonly retry: Retry;
  /** Unique for each credential, and not secret. */
  readonly credential: string;
  readonly cache: UpstreamCache;
  /** Null for a single instance. */
  readonly fleet: Fleet | null;
}

/** How a call is shared with other instances. */
interface Sharing<Answer extends Dated> {
  readonly lifetime: Lifetime;
  readonly newerThan?: number;
  readonly event?: SharedFetch['event'];
  readonly revive: SharedFetch<Answer>['revive'];
  /** Called with an answer of another instance. */
  readonly onFound: (answer: Answer) => void;
  /** Whether the answer was requested with only this operation's keys; true by default. */
  readonly isOwn?: (answer: Answer) => boolean;
}

export interface CallDescription extends Pick<CallEvent, 'endpoint' | 'path' | 'page' | 'keys' | 'causes'> {
  /** Whether the list has rows of all customers. */
  readonly isOfAllCustomers: boolean;
}

interface CacheUse extends Cached {
  readonly freshness: UsableFreshness;
  readonly readMode: ReadMode;
  /** Number of pages, rows or summaries used. */
  readonly count: number;
}

/** Endpoint and lifetime of cached entries, and their description. */
export interface CacheSource<Hit extends CacheUse> {
  readonly lifetime: Lifetime;
  readonly endpoint: string;
  /** Description for `x-explain`; null to show nothing. */
  describe(hit: Hit): CallDescription | null;
}

/** Shorter lists are filtered and ordered without a limit. */
const fewRows = 1000;

export class Operation {
  readonly upstream: Upstream;
  readonly scope: OperationScope;
  /** Number of streams in progress by the key of their list. */
  readonly streams = new Map<string, number>();
  /** Whether this is a revalidation, which accepts any newer answer. */
  readonly #isRevalidation: boolean;
  #budgetExceeded: UpstreamError | null = null;
  #endedEarly: UpstreamError | null = null;
  #slice: Promise<void> | null = null;

  constructor(upstream: Upstream, scope: OperationScope, isRevalidation = false) {
    this.upstream = upstream;
    this.scope = scope;
    this.#isRevalidation = isRevalidation;
  }

  /** Calls sent before this moment are too old for the operation. */
  get notBefore(): number {
    const { startedAt, maxAgeMs } = this.scope;
    return maxAgeMs === null ? -Infinity : startedAt - maxAgeMs;
  }

  /**
   * Makes a call, or shares an equal one, with retries. Rejects with SupersededError, and with UPSTREAM_BUDGET_EXCEEDED
   * if the operation has no budget left to make the call.
   *
   * @param key equal for equal calls
   */
  async call<Answer extends Dated & { readonly status: number; readonly bytes: number }>(
    singleFlight: SingleFlight<Answer>,
    key: string,
    description: CallDescription,
    start: (scope: Scope, sentAt: number) => Promise<Answer>,
    { lifetime, newerThan = -Infinity, event = null, revive, onFound, isOwn = () => true }: Sharing<Answer>,
  ): Promise<Answer> {
    const { signal, deadlineAt, owner, budget, dependencies, counts } = this.scope;
    // The call changes the cache, so the response's dependencies are outdated on arrival.
    dependencies.markUncacheable();
    const { endpoint } = description;
    const joinedAt = performance.now();
    let attempts = 0;
    let isRemote = false;
    const { result, isShared } = singleFlight.join(
      key,
      { signal, deadlineAt, owner, abortError: () => this.#abortError(endpoint), notBefore: this.notBefore },
      (scope, sentAt) => {
        // Thrown synchronously, so that no other operation joins a call that is never made.
        if (!budget.take()) throw this.#overBudget(endpoint);
        const attempt = async () => {
          attempts += 1;
          try {
            return await start(scope, attemptStartedAt(scope) ?? sentAt);
          } catch (error) {
            const isSuperseded = error instanceof SupersededError;
            if (isSuperseded || (error instanceof UpstreamError && error.details.notSent)) attempts -= 1;
            if (isSuperseded) budget.refund();
            throw error;
          }
        };
        const { retry, fleet } = this.upstream;
        let isMade = false;
        const make = () => {
          isMade = true;
          return retry(key, attempt, scope, () => budget.take());
        };
        if (fleet === null || !this.scope.cachesRows) return make();
        const fetch = {
          startedAt: sentAt,
          signal: scope.signal,
          event,
          revive,
          lifeMs: lifetime.freshMs + Math.max(lifetime.staleWhileRevalidateMs, lifetime.staleIfErrorMs),
          joinsFrom: this.#isRevalidation ? -Infinity : Math.max(this.notBefore, newerThan),
          accepts: (at: number) => at > newerThan && this.#accepts(at, lifetime),
        };
        return fleet.fetchShared(key, fetch, make).then(
          ({ answer, isOwn }) => {
            if (isOwn) return answer;
            isRemote = true;
            counts.shared += 1;
            budget.refund();
            onFound(answer);
            return answer;
          },
          (error: unknown) => {
            if (!isMade) budget.refund();
            throw error;
          },
        );
      },
    );
    if (isShared) counts.shared += 1;
    const observe = (status: number | null, bytes: number | null, of = description) => {
      const endedAt = performance.now();
      const source = isShared || isRemote ? 'shared' : 'call';
      this.#observe(of, { source, startedAt: joinedAt, endedAt, status, bytes, attempts });
    };
    try {
      const answer = await counts.wait(result);
      this.dateBy({ sentAt: answer.sentAt, kind: 'present' }, lifetime);
      if (this.scope.observer !== null) observe(answer.status, isOwn(answer) ? answer.bytes : null);
      return answer;
    } catch (error) {
      // The call that superseded it is observed instead.
      if (!(error instanceof SupersededError) || attempts > 0) {
        const failed = error instanceof UpstreamError ? error.details : null;
        const isOfToken = failed?.endpoint === tokenEndpoint;
        observe(failed?.status ?? null, null, isOfToken ? describeToken(description) : description);
      }
      throw error;
    }
  }

  freshnessOf(cached: Cached, lifetime: Lifetime, readMode: ReadMode): Freshness {
    const freshness = freshnessOf(cached, lifetime, this.scope, readMode);
    // Without caching there is no revalidation.
    return freshness === 'stale' && readMode === 'normal' && !this.scope.cachesRows ? 'expired' : freshness;
  }

  /** Limits the response's freshness by this entry. */
  dateBy(read: Cached, lifetime: Lifetime): void {
    this.scope.dependencies.limit({ sentAt: read.sentAt, goodUntil: goodUntil(read, lifetime) });
  }

  /**
   * Records a cached entry that the response uses: counts, age and explanation.
   *
   * @param key of the cached answer; null for a length or a whole list
   */
  useCached<Hit extends CacheUse>(hit: Hit, key: string | null, source: CacheSource<Hit>): void {
    const { scope, upstream } = this;
    const { freshness } = hit;
    this.dateBy(hit, source.lifetime);
    scope.counts[freshness] += hit.count;
    if (key !== null) upstream.cache.touch(key);
    if (freshness !== 'fresh') {
      scope.dependencies.markUncacheable();
      if (hit.readMode === 'if-error') scope.outdated.add(source.endpoint, scope.startedAt - hit.sentAt);
    }
    const description = scope.observer === null ? null : source.describe(hit);
    if (description === null) return;
    const now = performance.now();
    this.#observe(description, {
      source: freshness === 'fresh' ? 'cache' : 'stale',
      startedAt: now,
      endedAt: now,
      status: null,
      bytes: null,
      attempts: 0,
    });
  }

  /** Resolves in the next slice. Concurrent waiters share one slice, so that their next requests are batched. */
  nextSlice(): Promise<void> {
    this.#slice ??= nextSlice(this.scope.signal).then(() => {
      this.#slice = null;
    });
    return this.#slice;
  }

  /**
   * Yield points for long loops; rejects once the operation has ended.
   *
   * @param stepsPerCheck see Pace
   * @param inTurn see Pace
   */
  pace(stepsPerCheck?: number, inTurn?: WaitInTurn): Pace {
    return new Pace(stepsPerCheck, () => this.#reasonOfEnd, inTurn);
  }

  /** Yield points for work on data already read, which the deadline does not end; rejects once the caller is gone. */
  paceAfterDeadline(): Pace {
    return new Pace(undefined, () => (isAbandoned(this.scope.signal) ? this.#abortError('none') : null));
  }

  /** Runs work on all rows of a list when the row limit allows it; rejects once the operation has ended. */
  withRowLimit<Value>({ rows, isCached }: WholeSize, work: () => Promise<Value>): Promise<Value> {
    if (rows <= fewRows) return work();
    const { cachedLists, unreadLists } = this.upstream.cache;
    return (isCached ? cachedLists : unreadLists).run(rows, this.scope, () => {
      const reason = this.#reasonOfEnd;
      return reason === null ? work() : Promise.reject(reason);
    });
  }

  /** The same operation in the background, with the same budget, reading nothing from the cache. */
  inBackground(): Operation {
    const scope = {
      ...createScope().scope,
      viewer: this.scope.viewer,
      startedAt: this.upstream.cache.clock(),
      maxAgeMs: 0,
      budget: this.scope.budget,
      observer: null,
      counts: new AnswerCounts(),
      customersRead: null,
      outdated: this.scope.outdated,
      dependencies: new CacheDependencies(),
      cachesRows: true,
    };
    return new Operation(this.upstream, scope, true);
  }

  /** Notifies the observer, if any, without details that the viewer may not know. */
  #observe(
    { isOfAllCustomers, page, ...description }: CallDescription,
    outcome: Pick<CallEvent, 'source' | 'startedAt' | 'endedAt' | 'status' | 'bytes' | 'attempts'>,
  ): void {
    const { observer, viewer } = this.scope;
    if (observer === null) return;
    const isPartlySeen = isOfAllCustomers && viewer.customerIds !== null;
    const event = { ...description, ...outcome, isPartlySeen };
    if (!isPartlySeen) observer.observe({ ...event, ...(page === undefined ? {} : { page }) });
    else observer.observe({ ...event, path: event.path.replace(/\?.*$/s, ''), bytes: null });
  }

  /** Whether another instance's answer of this request time is fresh enough. */
  #accepts(sentAt: number, lifetime: Lifetime): boolean {
    const { startedAt, maxAgeMs } = this.scope;
    const wanted = { startedAt, maxAgeMs: this.#isRevalidation ? null : maxAgeMs };
    return freshnessOf({ sentAt, kind: 'present' }, lifetime, wanted, 'normal') === 'fresh';
  }

  get #reasonOfEnd(): UpstreamError | null {
    return this.scope.signal.aborted ? this.#abortError('none') : null;
  }

  /** One error for all pending reads when the operation ends early. */
  #abortError(endpoint: string): UpstreamError {
    return (this.#endedEarly ??=
      this.scope.signal.reason === deadlineReached ? deadlineExceeded(endpoint) : cancelledError(endpoint));
  }

  #overBudget(endpoint: string): UpstreamError {
    return (this.#budgetExceeded ??= new UpstreamError(
      'UPSTREAM_BUDGET_EXCEEDED',
      `The operation needs more than ${this.scope.budget.limit} upstream calls. Request less at once, or retry: rows read so far are cached.`,
      { endpoint },
    ));
  }
}

/** Describes the failed token call instead of the call that was not made. */
function describeToken({ causes, isOfAllCustomers }: CallDescription): CallDescription {
  return { endpoint: tokenEndpoint, path: 'token', causes, isOfAllCustomers };
}
