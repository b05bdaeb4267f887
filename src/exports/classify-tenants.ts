/**
 * Classifies each tenant of an earlier export or of now by the lists of customers: compared, gone, or not compared
 * since one of the readings may lack it.
 */
import { CallerError } from '../errors.ts';
import { foldName } from '../fold.ts';
import type { SelectedCustomers } from '../graph/customer-filter.ts';
import { rowsMayBeMissing, type CustomerRecord, type MissingTenantRecord, type TenantKey } from '../model.ts';
import { tenantName } from '../planner/upstream-cache.ts';
import type { TenantOfCustomer } from '../reporting/read-rows.ts';
import { unlistedTenants } from '../reporting/unlisted-tenants.ts';
import { paced, type Pace } from '../scheduler.ts';
import type { MissingRows } from './cells.ts';
import type { EarlierFile } from './earlier-file.ts';
import type { EarlierTenant } from './earlier-rows.ts';
import { withNames } from './tenant-names.ts';

/** A tenant with unknown changes. */
export interface NotCompared extends EarlierTenant {
  /** Reading that lacks the tenant; null if the caller may not read it. */
  readonly reading: 'BEFORE' | 'NOW' | null;
  readonly reason: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly usersBefore: number;
}

type TenantBefore = EarlierFile['rows']['tenants'] extends ReadonlyMap<string, infer Tenant> ? Tenant : never;

/** Classes of the tenants of both readings. */
export interface TenantClasses {
  /** Customers that match the file's filter now. */
  readonly selected: ReadonlySet<CustomerRecord>;
  readonly isRead: (tenant: TenantOfCustomer) => boolean;
  readonly gone: readonly TenantBefore[];
  /** Grows while tenants are compared. */
  readonly notCompared: NotCompared[];
}

/**
 * Excludes other customers' tenants without a look-up: the answer must not reveal whether they exist. Rejects with
 * CallerError.
 *
 * @param ownIds folded ids of the customers that the caller may read; null for all
 */
export async function classifyTenants(
  { rows: { tenants: before }, end }: EarlierFile,
  { all, rows: selected, missing, changedWhileRead }: SelectedCustomers,
  ownIds: ReadonlySet<string> | null,
  pace: Pace,
): Promise<TenantClasses> {
  const now = new Set<string>();
  for await (const { tenants } of paced(all, pace)) for (const tenant of tenants) now.add(tenantName(tenant));
  const unlisted = new Map(unlistedTenants(all).map((each) => [foldName(each.customerId), each]));
  const gone: TenantBefore[] = [];
  const notCompared: NotCompared[] = [];
  const decided = new Set<string>();
  const exclude = (tenant: EarlierTenant, why: Omit<NotCompared, keyof EarlierTenant | 'usersBefore'>) => {
    const name = tenantName(tenant);
    if (decided.has(name)) return;
    decided.add(name);
    notCompared.push({ ...idsOf(tenant), ...why, usersBefore: before.get(name)?.users.size ?? 0 });
  };
  const isForeign = ({ customerId }: TenantKey) => ownIds?.has(foldName(customerId)) === false;
  for await (const tenant of paced(before.values(), pace)) if (isForeign(tenant)) exclude(tenant, notVisible);
  for await (const tenant of paced(end.missing, pace)) if (isForeign(tenant)) exclude(tenant, notVisible);
  for await (const tenant of paced(end.changed, pace))
    if (isForeign(tenant)) exclude({ ...tenant, organization: null, name: null }, notVisible);
  const unlistedBefore = new Map<string, MissingRows>();
  for await (const tenant of paced(end.missing, pace)) {
    exclude(tenant, { reading: 'BEFORE', ...reasonOf(tenant), retryable: false });
    if (tenant.tenantId === '') unlistedBefore.set(foldName(tenant.customerId), tenant);
  }
  for await (const tenant of paced(withNames(end.changed, all), pace))
    exclude(before.get(tenantName(tenant)) ?? tenant, {
      reading: 'BEFORE',
      ...rowsMissing,
      retryable: false,
    });
  for await (const [name, tenant] of paced(before, pace)) {
    if (decided.has(name) || now.has(name)) continue;
    const fault = unlisted.get(foldName(tenant.customerId));
    if (fault !== undefined) exclude(tenant, unreadable(fault));
    else if (changedWhileRead) exclude(tenant, { reading: 'NOW', ...customersChanged });
    else gone.push(tenant);
  }
  if (gone.length > 0 && gone.length === before.size && ownIds === null) checkNotForeign(gone, all);
  for await (const customer of paced(selected, pace)) {
    const why =
      unlistedBefore.get(foldName(customer.customerId)) ?? (end.customersChanged ? customersChanged : null);
    if (why === null) continue;
    for (const tenant of customer.tenants)
      if (!before.has(tenantName(tenant)))
        exclude(shownTenant({ customer, tenant }), { reading: 'BEFORE', ...reasonOf(why), retryable: false });
  }
  const selectedNow = new Set(selected);
  const mayMatch = new Set(all.filter((customer) => !selectedNow.has(customer)).map(customerName));
  const faults = new Map(missing.map((tenant) => [foldName(tenant.customerId), tenant]));
  for await (const tenant of paced(faults.size > 0 ? before.values() : [], pace)) {
    const name = foldName(tenant.customerId);
    const fault = mayMatch.has(name) ? faults.get(name) : undefined;
    if (fault !== undefined && now.has(tenantName(tenant))) exclude(tenant, unreadable(fault));
  }
  for (const tenant of withNames(missing, all)) exclude(tenant, unreadable(tenant));
  return {
    selected: selectedNow,
    gone,
    notCompared,
    isRead: ({ customer, tenant }) => {
      const name = tenantName(tenant);
      return !decided.has(name) && (before.has(name) || selectedNow.has(customer));
    },
  };
}

const customerName = ({ customerId }: CustomerRecord) => foldName(customerId);
const reasonOf = ({ reason, message, retryable }: Pick<NotCompared, 'reason' | 'message' | 'retryable'>) => ({
  reason,
  message,
  retryable,
});
const unreadable = ({ code, message, retryable }: MissingTenantRecord) =>
  ({ reading: 'NOW', reason: code, message, retryable }) as const;
const notVisible = {
  reading: null,
  reason: 'NOT_VISIBLE',
  message: 'The customer is not among those that you may read.',
  retryable: false,
};
const customersChanged = {
  reason: 'CUSTOMERS_CHANGED',
  message:
    'Tenants may be missing: the list of customers changed while it was read, or has fewer than it states.',
  retryable: true,
};

export const rowsMissing = {
  reason: 'ROWS_MISSING',
  message: rowsMayBeMissing,
  retryable: true,
} as const;

/** Rejects a file of another account, which would look as if all customers had gone. */
function checkNotForeign(gone: readonly TenantKey[], all: readonly CustomerRecord[]): void {
  const known = new Set(all.map(({ customerId }) => foldName(customerId)));
  if (gone.some(({ customerId }) => known.has(foldName(customerId)))) return;
  throw new CallerError(
    'None of the customers in the file is in the list of customers now. Is it an export of another account?',
  );
}

export function shownTenant({ customer, tenant }: TenantOfCustomer): EarlierTenant {
  const { customerId, tenantId, name } = tenant;
  return { customerId, organization: customer.organization, tenantId, name };
}

export function idsOf({ customerId, organization, tenantId, name }: EarlierTenant): EarlierTenant {
  return { customerId, organization, tenantId, name };
}
