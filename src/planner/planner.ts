/** Read access to the upstream for one operation; what it reads is cached for later ones. */
import type { PathIds } from '../endpoint/call.ts';
import {
  collections,
  eachTenantList,
  tenantCollections,
  tenantListNames,
  type TenantListName,
  type CollectionRows,
} from '../endpoint/collections.ts';
import { foldName } from '../fold.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import type { CustomerRecord, DirectoryEntryRecord, ProtectionSummaryRecord, TenantKey } from '../model.ts';
import type { FieldPath, OperationScope } from '../scope.ts';
import type { Pace, WaitInTurn } from '../scheduler.ts';
import { readDirectory } from './directory.ts';
import type { ListAnswer, ListCache } from './list-cache.ts';
import { ListReader, type RowReader, type WholeSize } from './list-reader.ts';
import { summaryName, tenantName, type CredentialCache } from './upstream-cache.ts';
import { Operation, type Upstream } from './operation.ts';
import { OperationList } from './operation-list.ts';
import { streamPages } from './page-stream.ts';
import { idJoin } from './row-keys.ts';

export type TenantReaders = { readonly [Name in TenantListName]: RowReader<CollectionRows[Name]> };

export type TenantPages = {
  readonly [Name in TenantListName]: AsyncGenerator<ListAnswer<CollectionRows[Name]>, void, undefined>;
};

export interface Planner {
  readonly customers: () => RowReader<CustomerRecord>;
  /** Readers of a tenant's lists, common to all fields of the operation. */
  readonly tenant: (tenant: TenantKey) => TenantReaders;
  /** Whether a list of the tenant is known to have a row, which proves that the tenant exists. Makes no call. */
  readonly hasRows: (tenant: TenantKey) => boolean;
  /** Separate readers; their rows are released with them. */
  readonly separateReaders: (tenant: TenantKey) => TenantReaders;
  /** Streams the pages of a tenant's lists, retaining none. See `streamPages`. */
  readonly streamTenant: (tenant: TenantKey, cause: FieldPath) => TenantPages;
  /**
   * The cached summary of a tenant's whole lists, by what it counts; null if none is fresh. Rejects with UpstreamError.
   */
  readonly cachedSummary: (
    tenant: TenantKey,
    counted: string,
    cause: FieldPath,
  ) => MaybePromise<ProtectionSummaryRecord | null>;
  /** Caches the summary of a readable tenant while both its lists are fresh. */
  readonly cacheSummary: (tenant: TenantKey, counted: string, summary: ProtectionSummaryRecord) => void;
  /** Directory entries that the viewer may see. Rejects with UpstreamError. */
  readonly directory: (cause: FieldPath) => Promise<readonly DirectoryEntryRecord[]>;
  /** Ids in the upstream's spelling if the customer's row is cached, else folded. */
  readonly spell: <Key extends PathIds>(key: Key) => Key;
  /** Whether `x-explain` was requested. */
  readonly isObserved: boolean;
  /** Yield points for long loops over rows, which reject with UpstreamError once the operation has ended. See Pace. */
  readonly pace: (stepsPerCheck?: number, inTurn?: WaitInTurn) => Pace;
  /**
   * Yield points for work on data already read, which the deadline does not end; rejects with UpstreamError once the
   * caller is gone.
   */
  readonly paceAfterDeadline: () => Pace;
  /**
   * Runs work on a list of this size when the row limit allows it; rejects with UpstreamError once the operation has
   * ended.
   */
  readonly withRowLimit: <Value>(size: WholeSize, work: () => Promise<Value>) => Promise<Value>;
}

export function createPlanner(upstream: Upstream, scope: OperationScope): Planner {
  const operation = new Operation(upstream, scope);
  const credentialCache = upstream.cache.of(upstream.credential);
  let customers: RowReader<CustomerRecord> | null = null;
  let customersRead: ListCache<CustomerRecord> | null = null;
  let directory: Promise<readonly DirectoryEntryRecord[]> | null = null;
  const listOf = <Name extends TenantListName>(name: Name, tenant: TenantKey) =>
    new OperationList(operation, tenantCollections[name], credentialCache.collections[name], tenant);
  const readersOf = (tenant: TenantKey) =>
    eachTenantList<TenantReaders>((name) => new ListReader(listOf(name, tenant)));
  const tenants = new PerTenant(readersOf);
  return {
    customers: () =>
      (customers ??= new ListReader(
        new OperationList(operation, collections.customers, credentialCache.collections.customers, {}),
      )),
    tenant: (key) => tenants.of(key),
    hasRows: (key) => {
      // Creates no reader for unknown ids, since callers may request any number of them.
      const isRead = tenants.has(key);
      return tenantListNames.some(
        (name) => (isRead || credentialCache.collections[name].has(key)) && tenants.of(key)[name].hasRows,
      );
    },
    separateReaders: readersOf,
    streamTenant: (tenant, cause) =>
      eachTenantList<TenantPages>((name) => streamPages(listOf(name, tenant), cause)),
    cachedSummary: (tenant, counted) => cachedSummary(operation, credentialCache, tenant, counted),
    cacheSummary: (tenant, counted, summary) => {
      upstream.cache.cacheSummary(upstream.credential, tenant, counted, summary);
    },
    directory: (cause) => (directory ??= readDirectory(operation, credentialCache.directory, cause)),
    spell: (key) => spell(key, (customersRead ??= credentialCache.collections.customers.list({}).cache)),
    isObserved: scope.observer !== null,
    pace: (stepsPerCheck, inTurn) => operation.pace(stepsPerCheck, inTurn),
    paceAfterDeadline: () => operation.paceAfterDeadline(),
    withRowLimit: (size, work) => operation.withRowLimit(size, work),
  };
}

function cachedSummary(
  operation: Operation,
  credentialCache: CredentialCache,
  tenant: TenantKey,
  counted: string,
): ProtectionSummaryRecord | null {
  const cached = credentialCache.summaries.get(summaryName(tenant, counted));
  if (cached === undefined || cached.summary.asOfMs === null) return null;
  const { scope } = operation;
  scope.dependencies.addDependency(cached);
  const read = { sentAt: cached.summary.asOfMs, kind: 'present' } as const;
  const [users, statuses] = [
    credentialCache.collections.users.lifetime,
    credentialCache.collections.protectionStatuses.lifetime,
  ];
  const lifetime = users.freshMs < statuses.freshMs ? users : statuses;
  const freshness = operation.freshnessOf(read, lifetime, 'normal');
  if (freshness !== 'fresh') return null;
  operation.useCached({ ...read, freshness, readMode: 'normal', count: 1 }, cached.key, {
    lifetime,
    endpoint: 'summary',
    describe: () => null,
  });
  scope.customersRead?.add(foldName(tenant.customerId));
  return cached.summary;
}

/** One lazily created value per tenant, independent of letter case. */
export class PerTenant<Value> {
  readonly #create: (tenant: TenantKey) => Value;
  readonly #values = new Map<string, Value>();
  /** By ids as spelled, so that each spelling is folded once. */
  readonly #spellings = new Map<string, Map<string, Value>>();

  constructor(create: (tenant: TenantKey) => Value) {
    this.#create = create;
  }

  has(tenant: TenantKey): boolean {
    return this.#values.has(tenantName(tenant));
  }

  of({ customerId, tenantId }: TenantKey): Value {
    let spelled = this.#spellings.get(customerId);
    if (spelled === undefined) this.#spellings.set(customerId, (spelled = new Map<string, Value>()));
    let value = spelled.get(tenantId);
    if (value === undefined) {
      const tenant = { customerId, tenantId };
      const name = tenantName(tenant);
      value = this.#values.get(name) ?? this.#create(tenant);
      this.#values.set(name, value);
      spelled.set(tenantId, value);
    }
    return value;
  }
}

function spell<Key extends PathIds>(key: Key, customersRead: ListCache<CustomerRecord>): Key {
  const { customerId, tenantId } = key;
  if (customerId === undefined) return key;
  const customer = customersRead.row(idJoin.firstNameOf(customerId))?.row;
  const spelled = { ...key, customerId: customer?.customerId ?? foldName(customerId) };
  if (tenantId === undefined) return spelled;
  const folded = foldName(tenantId);
  const tenant = customer?.tenants.find((each) => foldName(each.tenantId) === folded);
  return { ...spelled, tenantId: tenant?.tenantId ?? folded };
}
