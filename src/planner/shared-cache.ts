/**
 * What the gateway remembers of the upstream between operations. It is held apart by credential from the first step on,
 * since two credentials may see different rows at the same place; only the bound in bytes is common to all.
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
import type { ProtectionSummaryRecord, TenantKey } from '../model.ts';
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

interface MemoryOptions {
  readonly maxBytes: number;
  readonly lifetimes: Lifetimes;
  /** Milliseconds; it never goes back. */
  readonly clock: () => number;
  /** Told what is learned of a collection. */
  readonly onLearned?: (collection: string, state: CapabilitiesState) => void;
}

/** By collection. */
export type Lifetimes = Readonly<Record<CollectionName | 'directory', Lifetime>>;

/** A call of a list that is not answered yet. */
export interface InFlightCall {
  /** Of its flight. */
  readonly key: string;
  /** It may become one for more keys until it is sent. */
  request: PageRequest;
  readonly sentAt: number;
}

/** One list as all operations of one credential share it. */
export interface SharedList<Row> extends Versioned {
  /** Distinguishes it from all others. */
  readonly key: string;
  /** Counts what has come for it, and its end. */
  version: number;
  /** Those that are kept, by key. */
  readonly answers: Map<string, ListAnswer<Row>>;
  /** Up to where it was heard what other instances tell of it. */
  position: string | null;
  syncing: Promise<void> | null;
  readonly cache: ListCache<Row>;
  readonly inFlight: Set<InFlightCall>;
  /** The calls that other instances were making when they were last asked. */
  inFlightElsewhere: readonly Pick<InFlightCall, 'request' | 'sentAt'>[];
  readonly waiting: WaitingCalls;
  readonly renewals: Revalidations;
}

export interface DirectoryAnswer extends DirectoryPage {
  readonly key: string;
  readonly sentAt: number;
  readonly status: number;
  readonly bytes: number;
}

export interface SharedDirectory extends Versioned {
  /** Counts what has come for it. */
  version: number;
  readonly lifetime: Lifetime;
  /** By path. */
  readonly pages: Map<string, DirectoryAnswer>;
  readonly singleFlight: SingleFlight<DirectoryAnswer>;
  /** By path. */
  readonly renewals: Revalidations;
}

/** All lists of one collection. */
export interface SharedCollection<Row> {
  readonly lifetime: Lifetime;
  readonly capabilities: DeploymentCapabilities;
  readonly singleFlight: SingleFlight<ListAnswer<Row>>;
  readonly list: (path: PathIds) => SharedList<Row>;
  /** Whether there is one, so that it need not be created to find it empty. */
  readonly has: (path: PathIds) => boolean;
}

/** What was worked out of a tenant's whole lists. */
interface CachedSummary extends Versioned {
  /** Counts those that have replaced it. */
  version: number;
  readonly key: string;
  readonly summary: ProtectionSummaryRecord;
}

/** What one credential may see of the upstream. */
export interface CredentialCache {
  readonly collections: SharedCollections;
  readonly directory: SharedDirectory;
  /** By `summaryName`. */
  readonly summaries: Map<string, CachedSummary>;
}

type SharedCollections = {
  readonly [Name in CollectionName]: SharedCollection<CollectionRows[Name]>;
};

/** As measured on users and protection rows: a row weighs about its text and this much for its names and bookkeeping. */
const rowBytes = 500;
const entryBytes = 1000;
const moduleBytes = 100;
const groupBytes = 600;
/** Summaries may take one byte for so many of rows. */
const summaryShare = 16;

/**
 * Rows of long lists that operations may hold at once, of cached ones and of others: with their protection rows, each takes
 * up to 2.5 kB.
 */
const maxRowsHeld = 30_000;

export class SharedCache {
  readonly clock: () => number;
  /** Work on all rows of long lists, by their number. */
  readonly cachedLists = new FairSemaphore(maxRowsHeld);
  /** Apart, since it waits for the upstream: a call that hangs delays no work on what is cached. */
  readonly unreadLists = new FairSemaphore(maxRowsHeld);
  readonly #options: MemoryOptions;
  readonly #eviction: Eviction;
  /** Apart, since the pages that summaries are counted from would drive them out. */
  readonly #summaries: Eviction;
  readonly #credentials = new Map<string, CredentialCache>();

  constructor(options: MemoryOptions) {
    this.clock = options.clock;
    this.#options = options;
    this.#eviction = new Eviction(options.maxBytes);
    this.#summaries = new Eviction(options.maxBytes / summaryShare);
  }

  /** What is kept at the moment, as it is estimated. */
  get bytes(): number {
    return this.#eviction.bytes + this.#summaries.bytes;
  }

  /** @param credential tells a credential from all others, and is no secret */
  of(credential: string): CredentialCache {
    const known = this.#credentials.get(credential);
    if (known !== undefined) return known;
    const { lifetimes } = this.#options;
    const memory: CredentialCache = {
      collections: eachCollection<SharedCollections>((name) =>
        this.#share(credential, collections[name], lifetimes[name]),
      ),
      directory: {
        version: 0,
        lifetime: lifetimes.directory,
        pages: new Map(),
        singleFlight: new SingleFlight(this.clock),
        renewals: new Revalidations(),
      },
      summaries: new Map(),
    };
    this.#credentials.set(credential, memory);
    return memory;
  }

  /** Tells that what is kept under this key was used. */
  touch(key: string): void {
    this.#eviction.touch(key);
    this.#summaries.touch(key);
  }

  keepList<Row>(list: SharedList<Row>, request: PageRequest, answer: ListAnswer<Row>): void {
    const isWhole = request.filter === null;
    const isPage = isWhole && request.pageSize !== lengthRequest.pageSize;
    const place = isPage ? placeOf(request.pageIndex, request.pageSize, answer) : null;
    list.version += 1;
    if (this.#options.maxBytes === 0) return;
    list.cache.keep(answer, place, isWhole);
    list.answers.set(answer.key, answer);
    this.#eviction.keep(answer.key, weigh(answer, answer.rows), () => {
      list.cache.forget(answer);
      if (list.answers.get(answer.key) === answer) list.answers.delete(answer.key);
    });
    list.waiting.review();
  }

  /** Keeps what another instance has read, unless it is older than what is here. */
  keepIfNewer<Row>(list: SharedList<Row>, request: PageRequest, answer: ListAnswer<Row>): void {
    const known = list.answers.get(answer.key);
    if (known === undefined || known.sentAt < answer.sentAt) this.keepList(list, request, answer);
  }

  keepDirectory(directory: SharedDirectory, path: string, answer: DirectoryAnswer): void {
    const { pages } = directory;
    directory.version += 1;
    pages.set(path, answer);
    this.#eviction.keep(answer.key, weigh(answer, answer.entries), () => {
      if (pages.get(path) === answer) pages.delete(path);
    });
  }

  keepSummary(
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
    const kept: CachedSummary = { version: 0, key, summary };
    summaries.set(name, kept);
    this.#summaries.keep(key, weighSummary(summary) + 2 * name.length, () => {
      if (summaries.get(name) === kept) summaries.delete(name);
    });
  }

  #share<Path extends PathIds, Row>(
    credential: string,
    collection: Collection<Path, Row>,
    lifetime: Lifetime,
  ): SharedCollection<Row> {
    const lists = new Map<string, SharedList<Row>>();
    const prefix = JSON.stringify([credential, collection.route.template]);
    const keyOf = ({ customerId = '', tenantId = '' }: PathIds) =>
      `${prefix} ${tenantName({ customerId, tenantId })}`;
    const list = (path: PathIds): SharedList<Row> => {
      const key = keyOf(path);
      const known = lists.get(key);
      if (known !== undefined) {
        this.touch(key);
        return known;
      }
      const created: SharedList<Row> = {
        key,
        version: 0,
        answers: new Map(),
        position: null,
        syncing: null,
        cache: new ListCache(collection),
        inFlight: new Set(),
        inFlightElsewhere: [],
        waiting: new WaitingCalls(),
        renewals: new Revalidations(),
      };
      lists.set(key, created);
      // An empty list weighs something as well: callers may ask for any ids.
      this.#eviction.keep(key, entryBytes, () => {
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
    };
  }
}

/** Tells a tenant from all others, however its ids are spelled. */
export function tenantName({ customerId, tenantId }: TenantKey): string {
  const customer = foldName(customerId);
  return `${customer.length} ${customer} ${foldName(tenantId)}`;
}

/** Distinguishes what is counted of a tenant from all else that is counted. */
export function summaryName(tenant: TenantKey, counted: string): string {
  return counted === '' ? tenantName(tenant) : `${tenantName(tenant)} ${counted}`;
}

function weighSummary({ modules, groups }: ProtectionSummaryRecord): number {
  let bytes = entryBytes + moduleBytes * modules.length;
  for (const records of groups.values()) {
    for (const [key, { modules: ofGroup }] of records ?? [])
      bytes += groupBytes + 2 * key.length + moduleBytes * ofGroup.length;
  }
  return bytes;
}

function weigh(
  { key, bytes }: { readonly key: string; readonly bytes: number },
  rows: readonly unknown[],
): number {
  return entryBytes + 2 * key.length + bytes + rowBytes * rows.length;
}
