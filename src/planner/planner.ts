/** The only way to the upstream's data. A planner serves one operation; what it reads is cached for the next. */
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
import type { Pace } from '../scheduler.ts';
import { readDirectory } from './directory.ts';
import type { ListAnswer, ListCache } from './list-cache.ts';
import { ListReader, type RowReader, type WholeSize } from './list-reader.ts';
import { summaryName, tenantName, type CredentialCache } from './shared-cache.ts';
import { Operation, type Upstream } from './operation.ts';
import { OperationList } from './operation-list.ts';
import { streamPages } from './page-stream.ts';
import { idJoin } from './row-keys.ts';

/** The lists of a tenant. */
export type TenantReaders = { readonly [Name in TenantListName]: RowReader<CollectionRows[Name]> };

/** The same, page by page. */
export type TenantPages = {
  readonly [Name in TenantListName]: AsyncGenerator<ListAnswer<CollectionRows[Name]>, void, undefined>;
};

export interface Planner {
  readonly customers: () => RowReader<CustomerRecord>;
  /** The readers of a tenant's lists, shared by all fields of the operation. */
  readonly tenant: (tenant: TenantKey) => TenantReaders;
  /** Whether a list of the tenant is known to have a row, so that the tenant exists; nothing is read for it. */
  readonly hasRows: (tenant: TenantKey) => boolean;
  /** Readers of the caller's own: what they have read is dropped with them. */
  readonly separateReaders: (tenant: TenantKey) => TenantReaders;
  /** The pages of a tenant's lists, of which the operation keeps none. See `streamPages`. */
  readonly streamTenant: (tenant: TenantKey, cause: FieldPath) => TenantPages;
  /**
   * The summary of a tenant's whole lists under a name of what it counts; null if none is cached that is fresh. Rejects
   * with UpstreamError.
   */
  readonly cachedSummary: (
    tenant: TenantKey,
    counted: string,
    cause: FieldPath,
  ) => MaybePromise<ProtectionSummaryRecord | null>;
  /** Caches the summary of a tenant that could be read, for as long as both its lists are fresh. */
  readonly cacheSummary: (tenant: TenantKey, counted: string, summary: ProtectionSummaryRecord) => void;
  /** The rows that the viewer sees. Rejects with UpstreamError. */
  readonly directory: (cause: FieldPath) => Promise<readonly DirectoryEntryRecord[]>;
  /** Ids from outside as the upstream spells them if the customer's row is at hand, else folded. */
  readonly spell: <Key extends PathIds>(key: Key) => Key;
  /** Whether the sources of rows are explained to the caller, by the fields that need them. */
  readonly isObserved: boolean;
  /** Of long loops over what was read; rejects with UpstreamError when the operation has ended. See Pace. */
  readonly pace: (stepsPerLook?: number) => Pace;
  /** Work on so many rows, of which operations hold no more at once than there is room for; rejects as a long loop does. */
  readonly inTurn: <Value>(size: WholeSize, work: () => Promise<Value>) => Promise<Value>;
}

export function createPlanner(upstream: Upstream, scope: OperationScope): Planner {
  const operation = new Operation(upstream, scope);
  const shared = upstream.memory.of(upstream.credential);
  let customers: RowReader<CustomerRecord> | null = null;
  let customersRead: ListCache<CustomerRecord> | null = null;
  let directory: Promise<readonly DirectoryEntryRecord[]> | null = null;
  const listOf = <Name extends TenantListName>(name: Name, tenant: TenantKey) =>
    new OperationList(operation, tenantCollections[name], shared.collections[name], tenant);
  const readersOf = (tenant: TenantKey) =>
    eachTenantList<TenantReaders>((name) => new ListReader(listOf(name, tenant)));
  const tenants = new PerTenant(readersOf);
  return {
    customers: () =>
      (customers ??= new ListReader(
        new OperationList(operation, collections.customers, shared.collections.customers, {}),
      )),
    tenant: (key) => tenants.of(key),
    hasRows: (key) => {
      // Callers may ask for any number of ids that nothing is known of: no reader is made for them.
      const isRead = tenants.has(key);
      return tenantListNames.some(
        (name) => (isRead || shared.collections[name].has(key)) && tenants.of(key)[name].hasRows,
      );
    },
    separateReaders: readersOf,
    streamTenant: (tenant, cause) =>
      eachTenantList<TenantPages>((name) => streamPages(listOf(name, tenant), cause)),
    cachedSummary: (tenant, counted) => cachedSummary(operation, shared, tenant, counted),
    cacheSummary: (tenant, counted, summary) => {
      upstream.memory.keepSummary(upstream.credential, tenant, counted, summary);
    },
    directory: (cause) => (directory ??= readDirectory(operation, shared.directory, cause)),
    spell: (key) => spell(key, (customersRead ??= shared.collections.customers.list({}).cache)),
    isObserved: scope.observer !== null,
    pace: (stepsPerLook) => operation.pace(stepsPerLook),
    inTurn: (size, work) => operation.inTurn(size, work),
  };
}

function cachedSummary(
  operation: Operation,
  shared: CredentialCache,
  tenant: TenantKey,
  counted: string,
): ProtectionSummaryRecord | null {
  const cached = shared.summaries.get(summaryName(tenant, counted));
  if (cached === undefined || cached.summary.asOfMs === null) return null;
  const { scope } = operation;
  scope.dependencies.addDependency(cached);
  const kept = { sentAt: cached.summary.asOfMs, kind: 'present' } as const;
  const [users, statuses] = [
    shared.collections.users.lifetime,
    shared.collections.protectionStatuses.lifetime,
  ];
  const lifetime = users.freshMs < statuses.freshMs ? users : statuses;
  const freshness = operation.freshnessOf(kept, lifetime, 'normal');
  if (freshness !== 'fresh') return null;
  operation.useCached({ ...kept, freshness, occasion: 'normal', count: 1 }, cached.key, {
    lifetime,
    endpoint: 'summary',
    describe: () => null,
  });
  scope.customersRead?.add(foldName(tenant.customerId));
  return cached.summary;
}

/** One value for each tenant, however its ids are spelled, created when it is first asked for. */
export class PerTenant<Value> {
  readonly #create: (tenant: TenantKey) => Value;
  readonly #values = new Map<string, Value>();
  /** By ids as they were spelled, so that they are folded once each. */
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
