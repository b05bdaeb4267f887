/** Tenants of customers in list order, computed once per list of rows. */
import { maxPageSize } from '../endpoint/collection.ts';
import { foldName } from '../fold.ts';
import type { CustomerRecord, TenantRecord } from '../model.ts';
import type { Planner } from '../planner/planner.ts';
import { Pace } from '../scheduler.ts';
import type { FieldPath } from '../scope.ts';
import { errorOfField } from './field-faults.ts';

export const tenantsOf = oncePerRows(async (customers) => {
  const pace = new Pace();
  const tenants: TenantRecord[] = [];
  for (const customer of customers) {
    if (pace.shouldYield) await pace.yield();
    tenants.push(...customer.tenants);
  }
  return tenants;
});

/** By folded id; if several tenants have one id, the first. */
const tenantsById = oncePerRows(async (customers) => {
  const pace = new Pace();
  const byId = new Map<string, TenantRecord>();
  for (const tenant of await tenantsOf(customers)) {
    if (pace.shouldYield) await pace.yield();
    const id = foldName(tenant.tenantId);
    if (!byId.has(id)) byId.set(id, tenant);
  }
  return byId;
});

/**
 * First tenant with an id among the viewer's customers, or null. Reads more and more pages until it is found. Rejects
 * with UpstreamError, also if the tenant may be among malformed ones.
 */
export async function findListedTenant(
  tenantId: string,
  { customers, pace: paceOf }: Pick<Planner, 'customers' | 'pace'>,
  cause: FieldPath,
): Promise<TenantRecord | null> {
  const id = foldName(tenantId);
  const reader = customers();
  // Many look-ups may scan a cached list at once.
  const pace = paceOf(1);
  for (let reach = maxPageSize; ; reach *= 2) {
    if (pace.shouldYield) await pace.yield();
    // Restarts at the beginning to detect changes; cached pages cost no call.
    const end = reach;
    const { rows, hasMore } = await reader.window({
      range: (extent) => ({ start: 0, end: Math.min(end, extent ?? Infinity) }),
      needsTotalCount: false,
      cause,
    });
    const tenant = (await tenantsById(rows)).get(id);
    if (tenant !== undefined) return tenant;
    if (!hasMore) return firstFault(rows);
  }
}

/** @throws FieldError of the first customer with a malformed list of tenants; returns null if there is none */
function firstFault(customers: readonly CustomerRecord[]): null {
  for (const customer of customers) {
    const error = errorOfField(customer, 'tenants');
    if (error !== undefined) throw error;
  }
  return null;
}

/** Memoizes a computation. It continues after its operation ends, because others may await it. */
function oncePerRows<Value>(
  compute: (customers: readonly CustomerRecord[]) => Promise<Value>,
): (customers: readonly CustomerRecord[]) => Promise<Value> {
  const values = new WeakMap<readonly CustomerRecord[], Promise<Value>>();
  return (customers) => {
    let value = values.get(customers);
    if (value === undefined) values.set(customers, (value = compute(customers)));
    return value;
  };
}
