/**
 * The process's cache, shared by all operations. Each credential has its own part, since two credentials may see
 * different rows under one path; the limit in bytes is common. fleet.ts is the interface to other instances.
 */
import type { PathIds } from '../endpoint/call.ts';
import { lengthRequest, type Collection, type PageRequest } from '../endpoint/collection.ts';
import {
  collections,
  eachCollection,
  type CollectionName,
  type CollectionRows,
} from '../endpoint/collections.ts';
import type { DirectoryPage } from '../endpoint/directory.ts';
import { foldName } from '../fold.ts';
import type { GroupsRecord, ProtectionSummaryRecord, TenantKey } from '../model.ts';
import type { Versioned } from '../scope.ts';
import { SingleFlight } from '../transport/single-flight.ts';
import { Eviction } from './eviction.ts';
import type { Lifetime } from './freshness.ts';
import { DeploymentCapabilities, type CapabilitiesState } from './deployment-capabilities.ts';
import { ListCache, type ListAnswer } from './list-cache.ts';
import { placeOf } from './page-buffer.ts';
import { Revalidations } from './revalidations.ts';
import { WaitingCalls } from './waiting-calls.ts';
import { FairSemaphore } from '../scheduler.ts';

interface UpstreamCacheOptions {
  readonly maxBytes: number;
  readonly lifetimes: Lifetimes;
  /** Milliseconds; monotonic. */
  readonly clock: () => number;
  /** Called when something was learned of a collection. */
  readonly onLearned?: (collection: string, state: CapabilitiesState) => void;
}

export type Lifetimes = Readonly<Record<CollectionName | 'directory', Lifetime>>;

export interface InFlightCall {
  readonly key: string;
  /** May gain keys until the call is sent. */
  request: PageRequest;
  readonly sentAt: number;
}

/** Cached state of one list, for all operations of one credential. */
export interface CachedList<Row> extends Versioned {
  readonly key: string;
  /** Incremented with each answer and on eviction. */
  version: number;
  readonly answers: Map<string, ListAnswer<Row>>;
  /** Position in the fleet's events of this list. */
  position: string | null;
  syncing: Promise<void> | null;
  readonly cache: ListCache<Row>;
  readonly inFlight: Set<InFlightCall>;
  /** Calls of other instances at the last synchronization. */
  inFlightElsewhere: readonly Pick<InFlightCall, 'request' | 'sentAt'>[];
  readonly waiting: WaitingCalls;
  readonly revalidations: Revalidations;
}

export interface DirectoryAnswer extends DirectoryPage {
  readonly key: string;
  readonly sentAt: number;
  readonly status: number;
  readonly bytes: number;
}

export interface CachedDirectory extends Versioned {
  /** Incremented with each page. */
  version: number;
  readonly lifetime: Lifetime;
  readonly pages: Map<string, DirectoryAnswer>;
  readonly singleFlight: SingleFlight<DirectoryAnswer>;
  readonly revalidations: Revalidations;
}

export interface CachedCollection<Row> {
  readonly lifetime: Lifetime;
  readonly capabilities: DeploymentCapabilities;
  readonly singleFlight: SingleFlight<ListAnswer<Row>>;
  readonly list: (path: PathIds) => CachedList<Row>;
  readonly has: (path: PathIds) => boolean;
  /** The cached lists, oldest first. */
  readonly cached: () => Iterable<CachedList<Row>>;
}

interface CachedSummary extends Versioned {
  /** Incremented when another summary replaces it. */
  version: number;
  readonly key: string;
  readonly summary: ProtectionSummaryRecord;
}

export interface CredentialCache {
  readonly collections: CachedCollections;
  readonly directory: CachedDirectory;
  /** By `summaryName`. */
  readonly summaries: Map<string, CachedSummary>;
}

type CachedCollections = {
  readonly [Name in CollectionName]: CachedCollection<CollectionRows[Name]>;
};

/** Estimates, measured on users and protection rows: a row takes about its text plus this for names and bookkeeping. */
const rowBytes = 500;
const entryBytes = 1000;
const moduleBytes = 100;
/** For a group, besides its texts. */
const groupBytes = 150;
const groupCountBytes = 10;
const summaryShare = 16;

/** Rows of long lists that operations may process at once. Each takes up to 2.5 kB with its protection row. */
const maxRowsHeld = 30_000;

export class UpstreamCache {
  readonly clock: () => number;
  /** Limits work on long lists, counted in rows. */
  readonly cachedLists = new FairSemaphore(maxRowsHeld);
  /** Separate, since it waits for the upstream: a hanging call does not delay work on cached lists. */
  readonly unreadLists = new FairSemaphore(maxRowsHeld);
  readonly #options: UpstreamCacheOptions;
  readonly #eviction: Eviction;
  /** Separate, since the pages read for summaries would evict them. */
  readonly #summaries: Eviction;
  readonly #credentials = new Map<string, CredentialCache>();

  constructor(options: UpstreamCacheOptions) {
    this.clock = options.clock;
    this.#options = options;
    this.#eviction = new Eviction(options.maxBytes);
    this.#summaries = new Eviction(options.maxBytes / summaryShare);
  }

  get bytes(): number {
    return this.#eviction.bytes + this.#summaries.bytes;
  }

  /** @param credential unique and not secret */
  of(credential: string): CredentialCache {
    const known = this.#credentials.get(credential);
    if (known !== undefined) return known;
    const { lifetimes } = this.#options;
    const created: CredentialCache = {
      collections: eachCollection<CachedCollections>((name) =>
        this.#createCollection(credential, collections[name], lifetimes[name]),
      ),
      directory: {
        version: 0,
        lifetime: lifetimes.directory,
        pages: new Map(),
        singleFlight: new SingleFlight(this.clock),
        revalidations: new Revalidations(),
      },
      summaries: new Map(),
    };
    this.#credentials.set(credential, created);
    return created;
  }

  touch(key: string): void {
    this.#eviction.touch(key);
    this.#summaries.touch(key);
  }

  cacheAnswer<Row>(list: CachedList<Row>, request: PageRequest, answer: ListAnswer<Row>): void {
    const isWhole = request.filter === null;
    const isPage = isWhole && request.pageSize !== lengthRequest.pageSize;
    const place = isPage ? placeOf(request.pageIndex, request.pageSize, answer) : null;
    list.version += 1;
    if (this.#options.maxBytes === 0) return;
    list.cache.add(answer, place, isWhole);
    list.answers.set(answer.key, answer);
    this.#eviction.add(answer.key, weigh(answer, answer.rows), () => {
      list.cache.remove(answer);
      if (list.answers.get(answer.key) === answer) list.answers.delete(answer.key);
    });
    list.waiting.cancelResolved();
  }

  /** Caches another instance's answer unless a newer one is cached. */
  cacheIfNewer<Row>(list: CachedList<Row>, request: PageRequest, answer: ListAnswer<Row>): void {
    const known = list.answers.get(answer.key);
    if (known === undefined || known.sentAt < answer.sentAt) this.cacheAnswer(list, request, answer);
  }

  cacheDirectoryPage(directory: CachedDirectory, path: string, answer: DirectoryAnswer): void {
    const { pages } = directory;
    directory.version += 1;
    pages.set(path, answer);
    this.#eviction.add(answer.key, weigh(answer, answer.entries), () => {
      if (pages.get(path) === answer) pages.delete(path);
    });
  }

  cacheSummary(
    credential: string,
    tenant: TenantKey,
    counted: string,
    summary: ProtectionSummaryRecord,
  ): void {
    const { summaries } = this.of(credential);
    const name = summaryName(tenant, counted);
    const known = summaries.get(name);
    if (known !== undefined) known.version += 1;
    const key = JSON.stringify([credential, 'summary', name]);
    const cached: CachedSummary = { version: 0, key, summary };
    summaries.set(name, cached);
    this.#summaries.add(key, weighSummary(summary) + 2 * name.length, () => {
      if (summaries.get(name) === cached) summaries.delete(name);
    });
  }

  #createCollection<Path extends PathIds, Row>(
    credential: string,
    collection: Collection<Path, Row>,
    lifetime: Lifetime,
  ): CachedCollection<Row> {
    const lists = new Map<string, CachedList<Row>>();
    const prefix = JSON.stringify([credential, collection.route.template]);
    const keyOf = ({ customerId = '', tenantId = '' }: PathIds) =>
      `${prefix} ${tenantName({ customerId, tenantId })}`;
    const list = (path: PathIds): CachedList<Row> => {
      const key = keyOf(path);
      const known = lists.get(key);
      if (known !== undefined) {
        this.touch(key);
        return known;
      }
      const created: CachedList<Row> = {
        key,
        version: 0,
        answers: new Map(),
        position: null,
        syncing: null,
        cache: new ListCache(collection),
        inFlight: new Set(),
        inFlightElsewhere: [],
        waiting: new WaitingCalls(),
        revalidations: new Revalidations(),
      };
      lists.set(key, created);
      // An empty list also counts, since callers may request any ids.
      this.#eviction.add(key, entryBytes, () => {
        lists.delete(key);
        created.version += 1;
      });
      return created;
    };
    return {
      lifetime,
      capabilities: new DeploymentCapabilities(collection.filterNames.singular !== null, this.clock, {
        name: prefix,
        onLearned: (state) => this.#options.onLearned?.(prefix, state),
      }),
      singleFlight: new SingleFlight(this.clock),
      list,
      has: (path) => lists.has(keyOf(path)),
      cached: () => lists.values(),
    };
  }
}

/** Unique key of a tenant, independent of letter case. */
export function tenantName({ customerId, tenantId }: TenantKey): string {
  const customer = foldName(customerId);
  return `${customer.length} ${customer} ${foldName(tenantId)}`;
}

export function summaryName(tenant: TenantKey, counted: string): string {
  return counted === '' ? tenantName(tenant) : `${tenantName(tenant)} ${counted}`;
}

function weighSummary({ modules, groups }: ProtectionSummaryRecord): number {
  let bytes = entryBytes + moduleBytes * modules.length;
  for (const records of groups.values()) if (typeof records !== 'string') bytes += bytesOfGroups(records);
  return bytes;
}

function bytesOfGroups({ indexes, spellings, counts, modules, unknownModules }: GroupsRecord): number {
  const columns = Object.keys(counts).length + 2 * modules.size;
  let bytes = (groupBytes + groupCountBytes * columns) * indexes.size;
  // A key, and mostly one spelling of it.
  for (const key of indexes.keys()) bytes += 4 * key.length;
  for (const spelling of spellings)
    if (spelling !== null && typeof spelling !== 'string') bytes += groupBytes * spelling.size;
  for (const { size } of unknownModules.values()) bytes += groupBytes + moduleBytes * size;
  return bytes;
}

function weigh(
  { key, bytes }: { readonly key: string; readonly bytes: number },
  rows: readonly unknown[],
): number {
  return entryBytes + 2 * key.length + bytes + rowBytes * rows.length;
}
