/**
 * Planner of a restricted viewer: reads only their own customers, the tenants in those customers' rows, and the data of
 * both; anything else appears not to exist. Every read of the upstream uses a planner, so no field can omit the check.
 * A tenant's id proves nothing even with an own customer's id: an upstream may check only the tenant's.
 */
import {
  eachTenantList,
  tenantListNames,
  type TenantListName,
  type CollectionRows,
} from '../endpoint/collections.ts';
import { UpstreamError } from '../errors.ts';
import { chain, chainAll, type MaybePromise } from '../maybe-promise.ts';
import type { CustomerRecord, TenantKey } from '../model.ts';
import type { Viewer } from '../scope.ts';
import { GatedRows, windowOf } from './gated-rows.ts';
import type { ListAnswer } from './list-cache.ts';
import type { RowReader, Window, WindowRequest } from './list-reader.ts';
import type { Found } from './lookup.ts';
import { OwnCustomers } from './own-customers.ts';
import { PerTenant, type Planner, type TenantPages, type TenantReaders } from './planner.ts';
import type { Join } from './row-keys.ts';
import type { CausesOf } from './row-search.ts';

/** Restricts a planner to the viewer's customers. Its directory is already restricted. */
export function withAuthorization(planner: Planner, { customerIds }: Viewer): Planner {
  if (customerIds === null) return planner;
  const own = new OwnCustomers(customerIds, planner.customers);
  const customers = new OwnRows(own, (row) => planner.customers().identityOf(row));
  const gated = (tenant: TenantKey, readersOf: (tenant: TenantKey) => TenantReaders) => {
    let readers: TenantReaders | null = null;
    return eachTenantList<TenantReaders>(
      <Name extends TenantListName>(name: Name) =>
        new GatedRows<CollectionRows[Name]>(
          (causes) => own.seesTenant(tenant, causes),
          () => (readers ??= readersOf(tenant))[name],
        ),
    );
  };
  const tenants = new PerTenant((key) => gated(key, planner.tenant));
  return {
    ...planner,
    customers: () => customers,
    tenant: (key) => tenants.of(key),
    // The planner's own readers would count the age of a list that the viewer may not see.
    hasRows: (key) => tenants.has(key) && tenantListNames.some((name) => tenants.of(key)[name].hasRows),
    separateReaders: (key) => gated(key, planner.separateReaders),
    streamTenant: (key, cause) => {
      let pages: TenantPages | null = null;
      const open = async () => {
        if (pages === null && !(await own.seesTenant(key, [cause]))) throw notFound();
        return (pages ??= planner.streamTenant(key, cause));
      };
      return eachTenantList<TenantPages>(<Name extends TenantListName>(name: Name) =>
        pagesOf<CollectionRows[Name]>(async () => (await open())[name]),
      );
    },
    cachedSummary: (key, counted, cause) =>
      chain(own.seesTenant(key, [cause]), (isSeen) =>
        isSeen ? planner.cachedSummary(key, counted, cause) : null,
      ),
  };
}

/** The error that the upstream returns for unknown ids. */
function notFound(): UpstreamError {
  return new UpstreamError('UPSTREAM_NOT_FOUND', 'The upstream has nothing under these ids.', {
    endpoint: 'none',
  });
}

async function* pagesOf<Row>(
  open: () => Promise<AsyncGenerator<ListAnswer<Row>, void, undefined>>,
): AsyncGenerator<ListAnswer<Row>, void, undefined> {
  yield* await open();
}

/** The viewer's own customers as a list, each looked up by id. */
class OwnRows implements RowReader<CustomerRecord> {
  readonly hasRows = false;
  readonly knownLength = null;
  readonly isCached = false;
  readonly identityOf: (row: CustomerRecord) => string;
  readonly #own: OwnCustomers;

  constructor(own: OwnCustomers, identityOf: (row: CustomerRecord) => string) {
    this.#own = own;
    this.identityOf = identityOf;
  }

  rowAt(): null {
    return null;
  }

  async window({ range, cause }: WindowRequest): Promise<Window<CustomerRecord>> {
    return windowOf(await this.#own.all(cause), range);
  }

  find<Key>(
    keys: readonly Key[],
    join: Join<Key>,
    causesOf: CausesOf,
  ): MaybePromise<readonly Found<CustomerRecord>[]> {
    const rows = keys.map((key, index) => {
      const [id] = join.rowKeysOf(key);
      return id?.filterKey === undefined ? null : this.#own.find(id.filterKey, causesOf(index));
    });
    return chainAll(rows, (found) => found);
  }

  expectLookUps(): void {
    // Rows are looked up by key.
  }
}
