/** The tenants of customers in their order, put together once for all fields that read the same rows. */
import type { CustomerRecord, TenantKey } from '../model.ts';
import { Pace } from '../scheduler.ts';

export function tenantsOf(customers: readonly CustomerRecord[]): Promise<readonly TenantKey[]> {
  let tenants = tenantsOfRows.get(customers);
  if (tenants === undefined) tenantsOfRows.set(customers, (tenants = readTenants(customers)));
  return tenants;
}

const tenantsOfRows = new WeakMap<readonly CustomerRecord[], Promise<readonly TenantKey[]>>();

/** Goes on when an operation has ended, since others may wait for it. */
async function readTenants(customers: readonly CustomerRecord[]): Promise<readonly TenantKey[]> {
  const pace = new Pace();
  const tenants: TenantKey[] = [];
  for (const customer of customers) {
    if (pace.shouldYield) await pace.yield();
    tenants.push(...customer.tenants);
  }
  return tenants;
}
