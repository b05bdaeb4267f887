/**
 * What the gateway remembers of the upstream between operations. It is held apart by credential from the first step on,
 * since two credentials may see different rows at the same place; only the bound in bytes is common to all.
 */
import type { PathIds } from '../endpoint/call.ts';
import { lengthRequest, type Collection, type PageRequest } from '../endpoint/collection.ts';
import { customers } from '../endpoint/customers.ts';
import type { DirectoryPage } from '../endpoint/directory.ts';
import { protectionStatuses } from '../endpoint/protection-statuses.ts';
import { users } from '../endpoint/users.ts';
import type { CustomerRecord, ProtectionStatusRecord, UserRecord } from '../model.ts';
import type { Versioned } from '../scope.ts';
import { SingleFlight } from '../transport/single-flight.ts';
import { Eviction } from './eviction.ts';
import type { Lifetime } from './freshness.ts';
import { Knowledge } from './knowledge.ts';
import { ListMemory, type ListAnswer } from './list-memory.ts';
import { placeOf } from './page-shelf.ts';
import { WaitingCalls } from './waiting-calls.ts';

export interface MemoryOptions {
  readonly maxBytes: number;
  readonly lifetimes: Lifetimes;
  /** Milliseconds; it never goes back. */
  readonly clock: () => number;
}

export interface Lifetimes {
  readonly customers: Lifetime;
  readonly users: Lifetime;
  readonly protectionStatuses: Lifetime;
  readonly directory: Lifetime;
}

/** A call of a list that is not answered yet. */
export interface AirborneCall {
  /** Of its flight. */
  readonly key: string;
  /** It may become one for more keys until it is sent. */
  request: PageRequest;
  readonly sentAt: number;
}

/** One list as all operations of one credential share it. */
export interface SharedList<Row> extends Versioned {
  /** Counts what has come for it, and its end. */
  version: number;
  readonly memory: ListMemory<Row>;
  readonly airborne: Set<AirborneCall>;
  readonly waiting: WaitingCalls;
  /** Names of what is being renewed because it was stale. */
  readonly renewals: Set<string>;
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
  readonly flights: SingleFlight<DirectoryAnswer>;
  /** Paths of the pages that are being renewed because they were stale. */
  readonly renewals: Set<string>;
}

/** All lists of one collection. */
export interface SharedCollection<Row> {
  readonly lifetime: Lifetime;
  readonly knowledge: Knowledge;
  readonly flights: SingleFlight<ListAnswer<Row>>;
  readonly list: (path: PathIds) => SharedList<Row>;
}

/** What one credential may see of the upstream. */
export interface CredentialMemory {
  readonly customers: SharedCollection<CustomerRecord>;
  readonly users: SharedCollection<UserRecord>;
  readonly protectionStatuses: SharedCollection<ProtectionStatusRecord>;
  readonly directory: SharedDirectory;
}

/** As measured on users and protection rows: a row weighs about its text and this much for its names and bookkeeping. */
const rowBytes = 500;
const entryBytes = 1000;

export class Memory {
  readonly clock: () => number;
  readonly #options: MemoryOptions;
  readonly #eviction: Eviction;
  readonly #credentials = new Map<string, CredentialMemory>();

  constructor(options: MemoryOptions) {
    this.clock = options.clock;
    this.#options = options;
    this.#eviction = new Eviction(options.maxBytes);
  }

  /** What is kept at the moment, as it is estimated. */
  get bytes(): number {
    return this.#eviction.bytes;
  }

  /** @param credential tells a credential from all others, and is no secret */
  of(credential: string): CredentialMemory {
    const known = this.#credentials.get(credential);
    if (known !== undefined) return known;
    const { lifetimes } = this.#options;
    const memory: CredentialMemory = {
      customers: this.#share(credential, customers, lifetimes.customers),
      users: this.#share(credential, users, lifetimes.users),
      protectionStatuses: this.#share(credential, protectionStatuses, lifetimes.protectionStatuses),
      directory: {
        version: 0,
        lifetime: lifetimes.directory,
        pages: new Map(),
        flights: new SingleFlight(this.clock),
        renewals: new Set(),
      },
    };
    this.#credentials.set(credential, memory);
    return memory;
  }

  /** Tells that what is kept under this key was used. */
  touch(key: string): void {
    this.#eviction.touch(key);
  }

  keepList<Row>(list: SharedList<Row>, request: PageRequest, answer: ListAnswer<Row>): void {
    const isWhole = request.filter === null;
    const isPage = isWhole && request.pageSize !== lengthRequest.pageSize;
    const place = isPage ? placeOf(request.pageIndex, request.pageSize, answer) : null;
    list.version += 1;
    if (this.#options.maxBytes === 0) return;
    list.memory.keep(answer, place, isWhole);
    this.#eviction.keep(answer.key, weigh(answer, answer.rows), () => {
      list.memory.forget(answer);
    });
    list.waiting.review();
  }

  keepDirectory(directory: SharedDirectory, path: string, answer: DirectoryAnswer): void {
    const { pages } = directory;
    directory.version += 1;
    pages.set(path, answer);
    this.#eviction.keep(answer.key, weigh(answer, answer.entries), () => {
      if (pages.get(path) === answer) pages.delete(path);
    });
  }

  #share<Path extends PathIds, Row>(
    credential: string,
    collection: Collection<Path, Row>,
    lifetime: Lifetime,
  ): SharedCollection<Row> {
    const lists = new Map<string, SharedList<Row>>();
    const prefix = JSON.stringify([credential, collection.route.template]);
    const list = ({ customerId = '', tenantId = '' }: PathIds): SharedList<Row> => {
      const key = `${prefix} ${customerId.length} ${customerId} ${tenantId}`;
      const known = lists.get(key);
      if (known !== undefined) {
        this.touch(key);
        return known;
      }
      const created: SharedList<Row> = {
        version: 0,
        memory: new ListMemory(collection),
        airborne: new Set(),
        waiting: new WaitingCalls(),
        renewals: new Set(),
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
      knowledge: new Knowledge(collection.filterNames.singular !== null, this.clock),
      flights: new SingleFlight(this.clock),
      list,
    };
  }
}

function weigh(
  { key, bytes }: { readonly key: string; readonly bytes: number },
  rows: readonly unknown[],
): number {
  return entryBytes + 2 * key.length + bytes + rowBytes * rows.length;
}
