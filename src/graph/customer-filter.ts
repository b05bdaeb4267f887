/** Filter and order of customers. The joined row consists of the summaries of a customer's tenants. */
import { CallerError } from '../errors.ts';
import {
  compileFilter,
  contains,
  filtersIn,
  isOneOf,
  isText,
  isValue,
  isWithin,
  type Predicate,
} from '../list-query/predicate.ts';
import { orderOf, type Order } from '../list-query/order.ts';
import type { CustomerRecord, MissingTenantRecord } from '../model.ts';
import { readWhole } from '../planner/list-reader.ts';
import type { FieldPath } from '../scope.ts';
import type { Population } from '../reporting/population.ts';
import { unlistedTenants } from '../reporting/unlisted-tenants.ts';
import { coverageOf, type Summaries } from '../reporting/summarize.ts';
import { assertIds } from './id-arguments.ts';
import type { GraphContext } from './context.ts';
import { visitMatches } from './filtered-connection.ts';
import type { CoverageFilter, CustomerFilter, CustomerOrder, UserFilter } from './generated/resolvers.ts';
import { coveragesOf, ordersBySummary, populationOf, summaryOrders } from './selected-summaries.ts';

export interface SelectedCustomers {
  readonly rows: readonly CustomerRecord[];
  /** All customers, regardless of the filter. */
  readonly all: readonly CustomerRecord[];
  /** Whether customers may be missing: the list kept changing during the read, or sent fewer than it states. */
  readonly changedWhileRead: boolean;
  /** Tenants that could not be read, with which excluded customers might match, and malformed tenants. */
  readonly missing: readonly MissingTenantRecord[];
}

/** Why the customers are selected. */
interface SelectionPurpose {
  readonly cause: FieldPath;
  /** Populations counted for the same operation. */
  readonly populations: () => readonly Population[];
}

/**
 * Selects the customers that match a filter. Rejects with CallerError before the first read, and with UpstreamError
 * if the list can't be read.
 *
 * @param name of the filter's argument, for errors
 * @param users default population of `coverage`; null for all users
 */
export async function selectCustomers(
  name: string,
  filter: CustomerFilter | null | undefined,
  { planner, summaryLoader }: Pick<GraphContext, 'planner' | 'summaryLoader'>,
  { cause, populations }: SelectionPurpose,
  users: UserFilter | null = null,
): Promise<SelectedCustomers> {
  const predicate = customerPredicate(name, filter, users);
  const counted = coveragesOf(filter).length > 0 ? populations() : [];
  // Assembling a cached list blocks the event loop, and many fields may start at once.
  const start = planner.pace(1);
  if (start.shouldYield) await start.yield();
  const { rows, changedWhileRead } = await readWhole(planner.customers(), cause);
  if (predicate === null) return { rows, all: rows, changedWhileRead, missing: unlistedTenants(rows) };
  const selected: CustomerRecord[] = [];
  const excluded = new Map<CustomerRecord, Summaries>();
  const join = async (customers: readonly CustomerRecord[]) => {
    const found = await summaryLoader.eachCustomer(customers, counted, cause);
    for (const [index, summaries] of found.entries()) {
      const customer = customers[index];
      if (customer !== undefined) excluded.set(customer, summaries);
    }
    return found;
  };
  await visitMatches(rows, { predicate, order: null, join, joined: null, planner }, (customer) => {
    selected.push(customer);
    excluded.delete(customer);
  });
  const missing = [
    ...[...excluded.values()].flatMap(missingOf),
    ...unlistedTenants(dependsOnTenants(filter) ? rows : selected),
  ];
  return { rows: selected, all: rows, changedWhileRead, missing };
}

/** Whether a filter or an order depends on the customers' lists of tenants. */
export function dependsOnTenants(
  filter: CustomerFilter | null | undefined,
  orderBy: readonly CustomerOrder[] | null | undefined = null,
): boolean {
  const isFilter = [...filtersIn(filter)].some(
    ({ hasTenants, tenantCount, tenantName, userCount, coverage }) =>
      (hasTenants ?? tenantCount ?? tenantName ?? userCount ?? coverage ?? null) !== null,
  );
  return (
    isFilter || ordersBySummary(orderBy) || (orderBy ?? []).some((name) => name.startsWith('TENANT_COUNT_'))
  );
}

/** Tenants that the summaries lack; all populations lack the same ones. */
export function missingOf(summaries: Summaries): readonly MissingTenantRecord[] {
  const [first] = summaries.values();
  return first?.missing ?? [];
}

/** @throws CallerError */
export function customerPredicate(
  name: string,
  filter: CustomerFilter | null | undefined,
  users: UserFilter | null | undefined,
): Predicate<CustomerRecord, Summaries> | null {
  return compileFilter<CustomerFilter, CustomerRecord, Summaries>(name, filter, {
    jobStatus: (expected) => isValue(expected, ({ jobStatus }) => jobStatus),
    managementMode: (expected) => isValue(expected, ({ managementMode }) => managementMode),
    hasTenants: (expected) => isValue(expected, ({ tenants }) => tenants.length > 0),
    customerIds: (expected) => {
      if (expected) assertIds(`${name}.customerIds`, expected);
      return isOneOf(expected, ({ customerId }) => customerId);
    },
    tenantCount: (expected) => isWithin(`${name}.tenantCount`, expected, ({ tenants }) => tenants.length),
    countryOrRegion: (expected) => isText(expected, ({ countryOrRegion }) => countryOrRegion),
    search: (expected) => contains(expected, ({ organization, ownerEmail }) => [organization, ownerEmail]),
    tenantName: (expected) => contains(expected, ({ tenants }) => tenants.map((tenant) => tenant.name)),
    userCount: (expected) => {
      const population = populationOf(users).name;
      return isWithin<CustomerRecord, Summaries>(`${name}.userCount`, expected, (_customer, summaries) =>
        summaries === undefined ? undefined : (summaries?.get(population)?.userCount ?? null),
      );
    },
    coverage: (expected) => hasCoverage(`${name}.coverage`, expected, users),
  });
}

/** Predicate on coverage; false for a customer without users. */
function hasCoverage(
  name: string,
  expected: CoverageFilter | null | undefined,
  users: UserFilter | null | undefined,
): Predicate<CustomerRecord, Summaries>[] {
  const above = shareOf(`${name}.above`, expected?.above);
  const below = shareOf(`${name}.below`, expected?.below);
  if (above === null && below === null) return [];
  const population = populationOf(expected?.users ?? users).name;
  return [
    (_customer, summaries) => {
      if (summaries === undefined) return null;
      const summary = summaries?.get(population);
      const coverage = summary === undefined ? null : coverageOf(summary);
      return (
        coverage !== null && (above === null || coverage > above) && (below === null || coverage < below)
      );
    },
  ];
}

/** @throws CallerError for a value outside 0 to 1, such as a percentage */
function shareOf(name: string, value: number | null | undefined): number | null {
  if (value === null || value === undefined) return null;
  if (value < 0 || value > 1)
    throw new CallerError(`${name}: expected a share from 0 to 1, but got ${value}.`);
  return value;
}

/** @throws CallerError */
export function customerOrder(
  names: readonly CustomerOrder[] | null | undefined,
  users: UserFilter | null | undefined,
): Order<CustomerRecord, Summaries> | null {
  const population = populationOf(users).name;
  return orderOf<CustomerOrder, CustomerRecord, Summaries>(
    names,
    {
      ORGANIZATION: ({ organization }) => organization,
      OWNER_EMAIL: ({ ownerEmail }) => ownerEmail,
      COUNTRY_OR_REGION: ({ countryOrRegion }) => countryOrRegion,
      JOB_STATUS: ({ jobStatusCode }) => jobStatusCode,
      MANAGEMENT_MODE: ({ managementModeCode }) => managementModeCode,
      TENANT_COUNT: ({ tenants }) => tenants.length,
      USER_COUNT: (_customer, summaries) => summaries?.get(population)?.userCount ?? null,
      COVERAGE: (_customer, summaries) => {
        const summary = summaries?.get(population);
        return summary === undefined ? null : coverageOf(summary);
      },
    },
    summaryOrders,
  );
}
