/** The tenants of customers in their order, put together once for all fields that read the same rows. */
import { maxPageSize } from '../endpoint/collection.ts';
import { foldName } from '../fold.ts';
import type { CustomerRecord, TenantRecord } from '../model.ts';
import type { Planner } from '../planner/planner.ts';
import { Pace } from '../scheduler.ts';
import type { FieldPath } from '../scope.ts';

export const tenantsOf = oncePerRows(async (customers) => {
  const pace = new Pace();
  const tenants: TenantRecord[] = [];
  for (const customer of customers) {
    if (pace.shouldYield) await pace.yield();
    tenants.push(...customer.tenants);
  }
  return tenants;
});

/** By folded id; of tenants with the same id, the first. */
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
 * The first tenant of an id in the list of customers that the viewer sees, which is read no further than it needs, by ever
 * more pages at once. Null if there is none; rejects with the UpstreamError of the list.
 */
export async function findListedTenant(
  tenantId: string,
  { customers, pace: paceOf }: Pick<Planner, 'customers' | 'pace'>,
  cause: FieldPath,
): Promise<TenantRecord | null> {
  const id = foldName(tenantId);
  const reader = customers();
  // Many may look at a list that is cached.
  const pace = paceOf(1);
  for (let reach = maxPageSize; ; reach *= 2) {
    if (pace.shouldYield) await pace.yield();
    // From the start again, so that a list which has changed meanwhile is noticed; pages at hand cost no call.
    const end = reach;
    const { rows, hasMore } = await reader.window({
      range: (extent) => ({ start: 0, end: Math.min(end, extent ?? Infinity) }),
      needsTotalCount: false,
      cause,
    });
    const tenant = (await tenantsById(rows)).get(id);
    if (tenant !== undefined || !hasMore) return tenant ?? null;
  }
}

/** A computation that goes on when an operation has ended, since others may wait for it. */
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
