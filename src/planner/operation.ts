/**
 * One operation at one upstream: the calls it makes within its budget, each shared with operations that need the same one
 * at the same time and reported to the observer, and what it uses of the cache.
 */
import { deadlineExceeded, UpstreamError } from '../errors.ts';
import {
  AnswerCounts,
  createScope,
  deadlineReached,
  CacheDependencies,
  type CallEvent,
  type OperationScope,
  type Scope,
} from '../scope.ts';
import { tokenEndpoint } from '../transport/access-token.ts';
import { attemptStartedAt, type SingleFlight } from '../transport/single-flight.ts';
import type { Retry } from '../transport/retry.ts';
import { cancelledError, SupersededError, type Transport } from '../transport/transport.ts';
import { nextSlice, Pace } from '../scheduler.ts';
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
import type { SharedCache } from './shared-cache.ts';

/** An upstream as one credential sees it. */
export interface Upstream {
  readonly transport: Transport;
  readonly retry: Retry;
  /** Tells the credential from all others, and is no secret. */
  readonly credential: string;
  readonly memory: SharedCache;
  /** Null where this instance is the only one. */
  readonly fleet: Fleet | null;
}

/** What a call has to do with other instances. */
interface Sharing<Answer extends Dated> {
  readonly lifetime: Lifetime;
  /** What is asked for anew must be newer than this. */
  readonly newerThan?: number;
  /** See FleetFlight. */
  readonly event?: SharedFetch['event'];
  /** See FleetFlight. */
  readonly revive: SharedFetch<Answer>['revive'];
  /** Told of an answer that another instance had. */
  readonly onFound: (answer: Answer) => void;
  /** Whether the answer was asked for with this operation's keys alone; by default it was. */
  readonly isOwn?: (answer: Answer) => boolean;
}

/** What is called, and why. */
export interface CallDescription extends Pick<CallEvent, 'endpoint' | 'path' | 'page' | 'keys' | 'causes'> {
  /** Whether the list has rows of all customers. */
  readonly isOfAllCustomers: boolean;
}

/** A use of something cached. */
interface CacheUse extends Cached {
  readonly freshness: UsableFreshness;
  readonly occasion: ReadMode;
  /** How many pages, rows or summaries were used. */
  readonly count: number;
}

/** What cached answers are of. */
export interface CacheSource<Hit extends CacheUse> {
  readonly lifetime: Lifetime;
  readonly endpoint: string;
  /** What an explanation shows of it; null for nothing. */
  describe(hit: Hit): CallDescription | null;
}

/** Shorter lists are filtered and ordered whenever they are asked for. */
const fewRows = 1000;

export class Operation {
  readonly upstream: Upstream;
  readonly scope: OperationScope;
  /** Whether it renews what is stale: what others have renewed meanwhile is as good. */
  readonly #isRenewal: boolean;
  #budgetExceeded: UpstreamError | null = null;
  #endedEarly: UpstreamError | null = null;
  #turn: Promise<void> | null = null;

  constructor(upstream: Upstream, scope: OperationScope, isRenewal = false) {
    this.upstream = upstream;
    this.scope = scope;
    this.#isRenewal = isRenewal;
  }

  /** A call that was sent before this moment is too old for the operation. */
  get notBefore(): number {
    const { startedAt, maxAgeMs } = this.scope;
    return maxAgeMs === null ? -Infinity : startedAt - maxAgeMs;
  }

  /**
   * The answer of a call, repeated where that helps. Rejects with UPSTREAM_BUDGET_EXCEEDED where the operation would
   * have to make it and may not, and with SupersededCall.
   *
   * @param key what makes the call equal to another one
   */
  async call<Answer extends Dated & { readonly status: number; readonly bytes: number }>(
    flights: SingleFlight<Answer>,
    key: string,
    description: CallDescription,
    start: (scope: Scope, sentAt: number) => Promise<Answer>,
    { lifetime, newerThan = -Infinity, event = null, revive, onFound, isOwn = () => true }: Sharing<Answer>,
  ): Promise<Answer> {
    const { signal, deadlineAt, owner, budget, dependencies, counts } = this.scope;
    // What it brings changes what memory has: the next one will be answered from there.
    dependencies.markUncacheable();
    const { endpoint } = description;
    const boardedAt = performance.now();
    let attempts = 0;
    let isOthers = false;
    const { result: flight, isShared } = flights.join(
      key,
      { signal, deadlineAt, owner, abortError: () => this.#abortError(endpoint), notBefore: this.notBefore },
      (scope, sentAt) => {
        // Thrown, so that nobody else can board a call that was never made.
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
        const flight = {
          startedAt: sentAt,
          signal: scope.signal,
          event,
          revive,
          lifeMs: lifetime.freshMs + Math.max(lifetime.staleWhileRevalidateMs, lifetime.staleIfErrorMs),
          joinsFrom: this.#isRenewal ? -Infinity : Math.max(this.notBefore, newerThan),
          accepts: (at: number) => at > newerThan && this.#accepts(at, lifetime),
        };
        return fleet.fetchShared(key, flight, make).then(
          ({ answer, isOwn }) => {
            if (isOwn) return answer;
            isOthers = true;
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
      const source = isShared || isOthers ? 'shared' : 'call';
      this.#observe(of, { source, startedAt: boardedAt, endedAt, status, bytes, attempts });
    };
    try {
      const answer = await counts.wait(flight);
      this.dateBy({ sentAt: answer.sentAt, kind: 'present' }, lifetime);
      if (this.scope.observer !== null) observe(answer.status, isOwn(answer) ? answer.bytes : null);
      return answer;
    } catch (error) {
      // What superseded it is observed instead.
      if (!(error instanceof SupersededError) || attempts > 0) {
        const failed = error instanceof UpstreamError ? error.details : null;
        const isOfToken = failed?.endpoint === tokenEndpoint;
        observe(failed?.status ?? null, null, isOfToken ? describeToken(description) : description);
      }
      throw error;
    }
  }

  /** How fresh something cached is for the operation. */
  freshnessOf(cached: Cached, lifetime: Lifetime, occasion: ReadMode): Freshness {
    const freshness = freshnessOf(cached, lifetime, this.scope, occasion);
    // An operation that keeps nothing renews nothing either.
    return freshness === 'stale' && occasion === 'normal' && !this.scope.cachesRows ? 'expired' : freshness;
  }

  /** Records that the operation's answer is as old as this, and fresh no longer. */
  dateBy(read: Cached, lifetime: Lifetime): void {
    this.scope.dependencies.limit({ sentAt: read.sentAt, goodUntil: goodUntil(read, lifetime) });
  }

  /**
   * Records something cached that the operation's answer is made of: what counts it, dates it and explains it follows.
   *
   * @param key of the cached answer; null for a length and a whole list
   */
  useCached<Hit extends CacheUse>(hit: Hit, key: string | null, source: CacheSource<Hit>): void {
    const { scope, upstream } = this;
    const { freshness } = hit;
    this.dateBy(hit, source.lifetime);
    scope.counts[freshness] += hit.count;
    if (key !== null) upstream.memory.touch(key);
    if (freshness !== 'fresh') {
      scope.dependencies.markUncacheable();
      if (hit.occasion === 'if-error') scope.outdated.add(source.endpoint, scope.startedAt - hit.sentAt);
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

  /**
   * Resolves when the operation may go on with what it has read. One turn for all that it reads meanwhile, so that what
   * it then asks for is asked for together.
   */
  nextSlice(): Promise<void> {
    this.#turn ??= nextSlice(this.scope.signal).then(() => {
      this.#turn = null;
    });
    return this.#turn;
  }

  /**
   * For loops over what has been read: one that still runs when the operation ends rejects, as its calls do.
   *
   * @param stepsPerLook see Pace
   */
  pace(stepsPerLook?: number): Pace {
    return new Pace(stepsPerLook, () => this.#reasonOfEnd);
  }

  /** Work on all rows of a list, when there is room for so many; rejects as a loop does if the operation has ended. */
  inTurn<Value>({ rows, isCached }: WholeSize, work: () => Promise<Value>): Promise<Value> {
    if (rows <= fewRows) return work();
    const { cachedLists, unreadLists } = this.upstream.memory;
    return (isCached ? cachedLists : unreadLists).run(rows, this.scope, () => {
      const reason = this.#reasonOfEnd;
      return reason === null ? work() : Promise.reject(reason);
    });
  }

  /** The same one in the background: nobody waits for its calls, and nothing it reads is taken from memory. */
  inBackground(): Operation {
    const scope = {
      ...createScope().scope,
      viewer: this.scope.viewer,
      startedAt: this.upstream.memory.clock(),
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

  /** Notifies the observer, if there is one, of what the viewer may know of an answer's source. */
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

  /** Whether what another instance has asked for at this moment will do. */
  #accepts(sentAt: number, lifetime: Lifetime): boolean {
    const { startedAt, maxAgeMs } = this.scope;
    const wanted = { startedAt, maxAgeMs: this.#isRenewal ? null : maxAgeMs };
    return freshnessOf({ sentAt, kind: 'present' }, lifetime, wanted, 'normal') === 'fresh';
  }

  get #reasonOfEnd(): UpstreamError | null {
    return this.scope.signal.aborted ? this.#abortError('none') : null;
  }

  /** One error for all that is still under way when the operation ends early. */
  #abortError(endpoint: string): UpstreamError {
    return (this.#endedEarly ??=
      this.scope.signal.reason === deadlineReached ? deadlineExceeded(endpoint) : cancelledError(endpoint));
  }

  /** One error for all that the budget does not reach. */
  #overBudget(endpoint: string): UpstreamError {
    return (this.#budgetExceeded ??= new UpstreamError(
      'UPSTREAM_BUDGET_EXCEEDED',
      `One operation may make ${this.scope.budget.limit} calls of the upstream, and this one needs more. Ask for less at once; what has been read stays at hand for a while, so that asking again goes further.`,
      { endpoint },
    ));
  }
}

/** The call for a token that failed in place of another one, which was not made. */
function describeToken({ causes, isOfAllCustomers }: CallDescription): CallDescription {
  return { endpoint: tokenEndpoint, path: 'token', causes, isOfAllCustomers };
}
