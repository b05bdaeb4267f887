import { foldName } from '../fold.ts';
import type { CustomerRecord, TenantKey } from '../model.ts';
import type { EarlierTenant } from './earlier-rows.ts';

/** Adds the tenants' names from their customers' rows. */
export function withNames<Tenant extends TenantKey>(
  tenants: readonly Tenant[],
  customers: readonly CustomerRecord[],
): (Tenant & EarlierTenant)[] {
  if (tenants.length === 0) return [];
  const byId = new Map(customers.map((customer) => [foldName(customer.customerId), customer]));
  return tenants.map((key) => {
    const customer = byId.get(foldName(key.customerId));
    const id = foldName(key.tenantId);
    const tenant = customer?.tenants.find(({ tenantId }) => foldName(tenantId) === id);
    return { ...key, organization: customer?.organization ?? null, name: tenant?.name ?? null };
  });
}
