/** Which customers, and in which order. The joined row is the summary of all the customer's tenants. */
import {
  compileFilter,
  contains,
  isOneOf,
  isText,
  isValue,
  isWithin,
  type Condition,
} from '../listing/condition.ts';
import { orderOf, type Order } from '../listing/order.ts';
import type { CustomerRecord, ProtectionSummaryRecord } from '../model.ts';
import { readWhole } from '../planner/list-reader.ts';
import type { Planner } from '../planner/planner.ts';
import type { FieldPath } from '../scope.ts';
import { coverageOf } from '../survey/summarize.ts';
import { assertIds } from './asked-ids.ts';
import type { CustomerFilter, CustomerOrder } from './generated/resolvers.ts';

/**
 * The customers a filter lets through, and whether their list would hold still. Rejects with CallerError before anything
 * is read, and with the UpstreamError that costs the list.
 */
export async function wantedCustomers(
  name: string,
  filter: CustomerFilter | null | undefined,
  { customers, pace: paceOf }: Pick<Planner, 'customers' | 'pace'>,
  cause: FieldPath,
): Promise<{ readonly rows: readonly CustomerRecord[]; readonly changedWhileRead: boolean }> {
  const condition = customerCondition(name, filter);
  // Many may ask for them at once, and a list at hand is put together at a stretch.
  const start = paceOf(1);
  if (start.shouldYield) await start.yield();
  const { rows, changedWhileRead } = await readWhole(customers(), cause);
  if (condition === null) return { rows, changedWhileRead };
  const wanted: CustomerRecord[] = [];
  const pace = paceOf();
  for (const customer of rows) {
    if (pace.shouldYield) await pace.yield();
    if (condition(customer, undefined) === true) wanted.push(customer);
  }
  return { rows: wanted, changedWhileRead };
}

export function customerCondition(
  name: string,
  filter: CustomerFilter | null | undefined,
): Condition<CustomerRecord> | null {
  return compileFilter<CustomerFilter, CustomerRecord, unknown>(name, filter, {
    jobStatus: (wanted) => isValue(wanted, ({ jobStatus }) => jobStatus),
    managementMode: (wanted) => isValue(wanted, ({ managementMode }) => managementMode),
    hasTenants: (wanted) => isValue(wanted, ({ tenants }) => tenants.length > 0),
    customerIds: (wanted) => {
      if (wanted) assertIds(`${name}.customerIds`, wanted);
      return isOneOf(wanted, ({ customerId }) => customerId);
    },
    tenantCount: (wanted) => isWithin(`${name}.tenantCount`, wanted, ({ tenants }) => tenants.length),
    countryOrRegion: (wanted) => isText(wanted, ({ countryOrRegion }) => countryOrRegion),
    search: (wanted) => contains(wanted, ({ organization, ownerEmail }) => [organization, ownerEmail]),
    tenantName: (wanted) => contains(wanted, ({ tenants }) => tenants.map((tenant) => tenant.name)),
  });
}

export function customerOrder(
  names: readonly CustomerOrder[] | null | undefined,
): Order<CustomerRecord, ProtectionSummaryRecord> | null {
  return orderOf<CustomerOrder, CustomerRecord, ProtectionSummaryRecord>(
    names,
    {
      ORGANIZATION: ({ organization }) => organization,
      OWNER_EMAIL: ({ ownerEmail }) => ownerEmail,
      COUNTRY_OR_REGION: ({ countryOrRegion }) => countryOrRegion,
      JOB_STATUS: ({ jobStatusCode }) => jobStatusCode,
      MANAGEMENT_MODE: ({ managementModeCode }) => managementModeCode,
      TENANT_COUNT: ({ tenants }) => tenants.length,
      USER_COUNT: (_customer, summary) => summary?.userCount ?? null,
      COVERAGE: (_customer, summary) => (summary === null ? null : coverageOf(summary)),
    },
    ['USER_COUNT', 'COVERAGE'],
  );
}
