/** One list as one operation reads it: coalesces calls with other operations and records cache hits. */
import { nameOf, pathOf, type PathIds } from '../endpoint/call.ts';
import {
  fetchPage,
  pageBody,
  pagePath,
  reviveRows,
  type Collection,
  type PageRequest,
} from '../endpoint/collection.ts';
import { UpstreamError } from '../errors.ts';
import { foldName } from '../fold.ts';
import type { TenantKey } from '../model.ts';
import type { FieldPath, Scope } from '../scope.ts';
import type { Pace } from '../scheduler.ts';
import { SupersededError } from '../transport/transport.ts';
import { syncFromPeers, type Dated, type Fleet } from './fleet.ts';
import type { Freshness, Lifetime, ReadMode } from './freshness.ts';
import type { DeploymentCapabilities } from './deployment-capabilities.ts';
import type { ListAnswer, ListCache, PageNumber } from './list-cache.ts';
import { ListReader } from './list-reader.ts';
import type { CacheHit, FetchOptions, ListSource } from './list-source.ts';
import type { InFlightCall, CachedCollection, CachedList } from './upstream-cache.ts';
import type { CacheSource, CallDescription, Operation } from './operation.ts';
import { rowKeysJoin, type RowKeys } from './row-keys.ts';

type CustomerKey = Pick<TenantKey, 'customerId'>;

export class OperationList<Path extends PathIds, Row extends CustomerKey>
  implements ListSource<Row>, CacheSource<CacheHit<Row>>
{
  readonly traits: Collection<Path, Row>;
  readonly capabilities: DeploymentCapabilities;
  readonly cache: ListCache<Row>;
  readonly isObserved: boolean;
  readonly lifetime: Lifetime;
  readonly syncFromPeers: (() => Promise<void>) | null;
  readonly #operation: Operation;
  readonly #cached: CachedCollection<Row>;
  readonly #path: Path;
  readonly #list: CachedList<Row>;
  readonly #fleet: Fleet | null;
  /** Request time of each page as this operation last read it; a refetch must return a newer page. */
  readonly #readAt = new Map<string, number>();
  /** Revalidates the stale rows used in one tick. */
  #revalidator: ListReader<Row> | null = null;

  constructor(
    operation: Operation,
    collection: Collection<Path, Row>,
    cached: CachedCollection<Row>,
    path: Path,
  ) {
    const { scope, upstream } = operation;
    const list = cached.list(path);
    const fleet = scope.cachesRows ? upstream.fleet : null;
    this.traits = collection;
    this.capabilities = cached.capabilities;
    this.cache = list.cache;
    this.isObserved = scope.observer !== null;
    this.syncFromPeers =
      fleet === null
        ? null
        : () =>
            syncFromPeers(fleet, list, upstream.cache, cached.capabilities, (found) => this.#revive(found));
    this.#operation = operation;
    this.#cached = cached;
    this.#path = path;
    this.#list = list;
    this.lifetime = cached.lifetime;
    this.#fleet = fleet;
    scope.dependencies.addDependency(list);
  }

  get isStreaming(): boolean {
    return this.#operation.streams.has(this.#list.key);
  }

  beginStream(): () => void {
    const { streams } = this.#operation;
    const { key } = this.#list;
    streams.set(key, (streams.get(key) ?? 0) + 1);
    return () => {
      const others = (streams.get(key) ?? 1) - 1;
      if (others === 0) streams.delete(key);
      else streams.set(key, others);
    };
  }

  requestsInFlight(): readonly PageRequest[] {
    const { inFlight, inFlightElsewhere } = this.#list;
    return [...inFlight, ...inFlightElsewhere].flatMap(({ request, sentAt }) =>
      sentAt >= this.#operation.notBefore ? [request] : [],
    );
  }

  freshnessOf(sentAt: number, kind: 'present' | 'absent', readMode: ReadMode): Freshness {
    return this.#operation.freshnessOf({ sentAt, kind }, this.lifetime, readMode);
  }

  use(hit: CacheHit<Row>): void {
    const { answer, of, freshness, readMode } = hit;
    if ('page' in of && answer !== null) this.#readAt.set(nameOfPage(of.page), answer.sentAt);
    this.#operation.useCached(hit, answer?.key ?? null, this);
    if (freshness === 'stale' && readMode === 'normal') this.#revalidate(of);
  }

  get endpoint(): string {
    return nameOf(this.traits.route);
  }

  describe({ of, causes, count }: CacheHit<Row>): CallDescription | null {
    if (count === 0) return null;
    const { endpoint } = this;
    const path = pathOf(this.traits.route, this.#path);
    const read = 'page' in of ? { page: of.page } : { keys: of.names };
    return { endpoint, path, ...read, causes, isOfAllCustomers: this.#isOfAllCustomers };
  }

  dateBy(sentAt: number): void {
    this.#operation.dateBy({ sentAt, kind: 'present' }, this.lifetime);
  }

  expose(rows: readonly (Row | null | UpstreamError)[]): void {
    const { customersRead } = this.#operation.scope;
    if (customersRead === null) return;
    for (const row of rows) {
      if (row === null || row instanceof UpstreamError) continue;
      customersRead.add(foldName(row.customerId));
      // All rows of a tenant's list belong to one customer.
      if (!this.#isOfAllCustomers) return;
    }
  }

  cacheAbsences(names: readonly string[], answer: ListAnswer<Row>): void {
    this.cache.addAbsences(names, answer);
    const lifeMs = this.lifetime.freshMs + this.lifetime.staleIfErrorMs;
    this.#fleet?.publish(this.#list.key, { kind: 'absent', key: answer.key, names }, lifeMs);
  }

  nextSlice(): Promise<void> {
    return this.#operation.nextSlice();
  }

  pace(): Pace {
    return this.#operation.pace();
  }

  // `async`, so that an id that can't be part of a path rejects like a failed call.
  async fetch(
    request: PageRequest,
    causes: readonly FieldPath[],
    { isResolved = () => false, keys = request.filter?.keys ?? [] }: FetchOptions = {},
  ): Promise<ListAnswer<Row>> {
    const { traits: collection, capabilities } = this;
    const [operation, list, path] = [this.#operation, this.#list, this.#path];
    const { transport, credential, cache } = operation.upstream;
    const { pageIndex, pageSize, filter } = request;
    const { endpoint } = this;
    const pathOfPage = pagePath(collection, path, request);
    const keyOf = (of: PageRequest) =>
      JSON.stringify([credential, endpoint, pathOfPage, pageBody(collection, of)]);
    // A look-up in flight keeps the key of its first request.
    const inFlight =
      filter === null ? undefined : [...list.inFlight].find((call) => call.request.filter === filter);
    const key = inFlight?.key ?? keyOf(request);
    const description: CallDescription = {
      endpoint,
      path: pathOfPage,
      page: { pageIndex, pageSize },
      ...(filter === null ? {} : { keys }),
      causes,
      isOfAllCustomers: this.#isOfAllCustomers,
    };
    let current = request;
    const send = async (scope: Scope, sentAt: number): Promise<ListAnswer<Row>> => {
      const waiting = list.waiting.add({
        request: current,
        sentAt,
        notBefore: operation.notBefore,
        isResolved,
      });
      const call: InFlightCall = { key, request: current, sentAt };
      let body: string | null = null;
      const dequeue = () => {
        current = list.waiting.dequeue(waiting, capabilities.takesJointLookUps);
        call.request = current;
        return pageBody(collection, current);
      };
      list.inFlight.add(call);
      try {
        const page = {
          path: pathOfPage,
          body: () => (body ??= dequeue()),
          superseded: waiting.superseded.signal,
        };
        const fetched = await fetchPage(transport, collection, path, request, page, scope);
        const { content, status, bytes } = fetched;
        if (filter === null) capabilities.learnAcceptedPageSize(pageSize);
        const answer: ListAnswer<Row> = {
          ...content,
          key: keyOf(current),
          filter: current.filter,
          pageIndex,
          sentAt,
          status,
          bytes,
        };
        if (operation.scope.cachesRows) cache.cacheAnswer(list, request, answer);
        return answer;
      } catch (error) {
        const isJoint = current.filter?.keys.length !== filter?.keys.length;
        if (!isJoint || !(error instanceof UpstreamError) || error.code !== 'UPSTREAM_REFUSED') throw error;
        capabilities.learnJointRejected();
        throw new SupersededError();
      } finally {
        list.waiting.remove(waiting);
        list.inFlight.delete(call);
      }
    };
    const newerThan = filter === null ? this.#readAt.get(nameOfPage(request)) : undefined;
    const calling = operation.call(this.#cached.singleFlight, key, description, send, {
      lifetime: this.lifetime,
      ...(newerThan === undefined ? {} : { newerThan }),
      event: () => ({ list: list.key, event: { kind: 'answer', key, request } }),
      revive: (found) => this.#revive(found),
      onFound: (found) => {
        cache.cacheIfNewer(list, request, found);
      },
      isOwn: ({ filter: sent }) => sent === null || includesAll(sent.keys, keys),
    });
    const answer = await calling.finally(() => {
      // The call has ended, whichever instance made it.
      list.inFlightElsewhere = list.inFlightElsewhere.filter((other) => keyOf(other.request) !== key);
    });
    if (filter === null) this.#readAt.set(nameOfPage(request), answer.sentAt);
    return answer;
  }

  /** Whether the list has rows of all customers; a viewer may see only some of them. */
  get #isOfAllCustomers(): boolean {
    return this.#path.customerId === undefined;
  }

  /** Decodes the JSON of another instance's answer; null if it is invalid. */
  #revive(found: Dated): ListAnswer<Row> | null {
    const answer = found as ListAnswer<unknown>;
    const rows = reviveRows(answer.rows, (json) => this.traits.decodeRow(json, this.#path));
    return rows === null ? null : { ...answer, rows };
  }

  #revalidate(of: CacheHit<Row>['of']): void {
    const { revalidations } = this.#list;
    if ('page' in of) {
      const page = of.page;
      revalidations.start(`page ${nameOfPage(page)}`, () =>
        this.#inBackground().fetch({ ...page, filter: null }, []),
      );
      return;
    }
    for (const rowKeys of of.rowKeys) {
      revalidations.start(rowKeys.map(({ index }) => index).join(' '), () => this.#revalidateRow(rowKeys));
    }
  }

  async #revalidateRow(rowKeys: RowKeys): Promise<void> {
    if (this.#revalidator === null) {
      this.#revalidator = new ListReader(this.#inBackground());
      setImmediate(() => (this.#revalidator = null));
    }
    await this.#revalidator.find([rowKeys], rowKeysJoin, () => []);
  }

  #inBackground(): OperationList<Path, Row> {
    return new OperationList(this.#operation.inBackground(), this.traits, this.#cached, this.#path);
  }
}

function includesAll(some: readonly string[], all: readonly string[]): boolean {
  const known = new Set(all.map((key) => foldName(key)));
  return some.every((key) => known.has(foldName(key)));
}

function nameOfPage({ pageIndex, pageSize }: PageNumber): string {
  return `${pageIndex} of ${pageSize}`;
}
