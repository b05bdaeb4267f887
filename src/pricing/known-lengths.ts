/** Lengths of lists known before execution, from the cache and within the viewer's permissions. */
import { tenantListNames } from '../endpoint/collections.ts';
import { firstDirectoryCall } from '../endpoint/directory.ts';
import { foldName } from '../fold.ts';
import type { CustomerRecord, TenantKey } from '../model.ts';
import type { CredentialCache, CachedDirectory, CachedList } from '../planner/upstream-cache.ts';
import { idJoin } from '../planner/row-keys.ts';
import type { Viewer } from '../scope.ts';

export interface KnownLengths {
  /**
   * Length of a list, or the average of several; null if unknown.
   *
   * @param field that returns the list, as `Type.field`
   * @param keys ids of the rows that have the lists; null if no argument selects them
   */
  readonly lengthOf: (field: string, keys: readonly string[] | null) => number | null;
  /** Average length of a field's lists over cached tenants; null if none is cached. */
  readonly averageOf: (field: string) => number | null;
}

export const nothingKnown: KnownLengths = { lengthOf: () => null, averageOf: () => null };

/** Maximum rows and pages read per length. */
const maxReads = 100;

/** Reveals nothing about other customers to a restricted viewer, not even an average. */
export function knownLengths(
  { collections, directory }: CredentialCache,
  { customerIds }: Pick<Viewer, 'customerIds'>,
): KnownLengths {
  const list = () => collections.customers.list({});
  const ownIds = () => first(customerIds ?? []);
  return {
    averageOf: (field) => {
      const name = tenantListNames.find((each) => field === `Tenant.${each}`);
      if (name === undefined) return null;
      const tenantLists: TenantLists = collections[name];
      const lists =
        customerIds === null ? first(tenantLists.cached()) : listsOfTenants(tenantLists, list(), ownIds());
      return mean(lists.flatMap(({ cache }) => cache.length?.totalCount ?? []));
    },
    lengthOf: (field, keys) => {
      switch (field) {
        case 'Query.customers':
          return customerIds?.size ?? list().cache.length?.totalCount ?? null;
        case 'Query.directory':
          return customerIds?.size ?? directoryLength(directory);
        case 'Customer.tenants': {
          const named = first(keys ?? []).filter((id) => customerIds?.has(foldName(id)) ?? true);
          return (
            tenantsOf(list(), named) ??
            (customerIds === null ? averageTenants(list()) : tenantsOf(list(), ownIds()))
          );
        }
        default:
          return null;
      }
    },
  };
}

/** Average number of tenants; null if no customer is cached. */
function tenantsOf({ cache }: CachedList<CustomerRecord>, customerIds: readonly string[]): number | null {
  return averageOf(customerIds.flatMap((id) => cache.row(idJoin.firstNameOf(id))?.row ?? []));
}

interface Average {
  readonly version: number;
  readonly tenants: number | null;
}

const averages = new WeakMap<CachedList<CustomerRecord>, Average>();

function averageTenants(list: CachedList<CustomerRecord>): number | null {
  let average = averages.get(list);
  if (average?.version !== list.version) {
    const answers = first(list.answers.values());
    average = { version: list.version, tenants: averageOf(answers.flatMap(({ rows }) => rows)) };
    averages.set(list, average);
  }
  return average.tenants;
}

function averageOf(customers: readonly CustomerRecord[]): number | null {
  return mean(customers.map(({ tenants }) => tenants.length));
}

function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

interface TenantList {
  readonly cache: { readonly length: { readonly totalCount: number } | null };
}

interface TenantLists {
  readonly has: (tenant: TenantKey) => boolean;
  readonly list: (tenant: TenantKey) => TenantList;
  readonly cached: () => Iterable<TenantList>;
}

function listsOfTenants(
  tenantLists: TenantLists,
  { cache }: CachedList<CustomerRecord>,
  customerIds: readonly string[],
): readonly TenantList[] {
  const tenants = customerIds.flatMap((id) => cache.row(idJoin.firstNameOf(id))?.row.tenants ?? []);
  return first(tenants.filter(tenantLists.has)).map(tenantLists.list);
}

/** Null unless all pages are cached. */
function directoryLength({ pages }: CachedDirectory): number | null {
  let length = 0;
  let path: string | null = firstDirectoryCall.path;
  for (let reads = 0; path !== null; reads++) {
    const page = pages.get(path);
    if (page === undefined || reads === maxReads) return null;
    length += page.entries.length;
    path = page.nextPath;
  }
  return length;
}

function first<Item>(items: Iterable<Item>): Item[] {
  const some: Item[] = [];
  for (const item of items) {
    if (some.length === maxReads) break;
    some.push(item);
  }
  return some;
}
