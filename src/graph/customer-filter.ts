/** Which customers, and in which order. The joined row is the summaries of all the customer's tenants. */
import { CallerError } from '../errors.ts';
import {
  compileFilter,
  contains,
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
import { coverageOf, type Summaries } from '../reporting/summarize.ts';
import { assertIds } from './id-arguments.ts';
import type { GraphContext } from './context.ts';
import { visitMatches } from './filtered-connection.ts';
import type { CoverageFilter, CustomerFilter, CustomerOrder, UserFilter } from './generated/resolvers.ts';
import { coveragesOf, populationOf, summaryOrders } from './selected-summaries.ts';

/** The customers that a filter lets through. */
export interface SelectedCustomers {
  readonly rows: readonly CustomerRecord[];
  /** All customers, whatever the filter. */
  readonly all: readonly CustomerRecord[];
  /** Whether their list would not hold still. */
  readonly changedWhileRead: boolean;
  /** Tenants that could not be read, of customers that were left out by what else was read of them. */
  readonly missing: readonly MissingTenantRecord[];
}

/** What customers are wanted for. */
interface SelectionPurpose {
  readonly cause: FieldPath;
  /** All that is counted for it, if anything has to be. */
  readonly populations: () => readonly Population[];
}

/**
 * Rejects with CallerError before anything is read, and with the UpstreamError that costs the list.
 *
 * @param name of the filter's argument, for errors
 * @param users those that a coverage is of, unless it says others; absent for all
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
  // Many may ask for them at once, and a list at hand is put together at a stretch.
  const start = planner.pace(1);
  if (start.shouldYield) await start.yield();
  const { rows, changedWhileRead } = await readWhole(planner.customers(), cause);
  if (predicate === null) return { rows, all: rows, changedWhileRead, missing: [] };
  const wanted: CustomerRecord[] = [];
  const judged = new Map<CustomerRecord, Summaries>();
  const join = async (customers: readonly CustomerRecord[]) => {
    const found = await summaryLoader.eachCustomer(customers, counted, cause);
    for (const [index, summaries] of found.entries()) {
      const customer = customers[index];
      if (customer !== undefined) judged.set(customer, summaries);
    }
    return found;
  };
  await visitMatches(rows, { predicate, order: null, join, joined: null, planner }, (customer) => {
    wanted.push(customer);
    judged.delete(customer);
  });
  return { rows: wanted, all: rows, changedWhileRead, missing: [...judged.values()].flatMap(missingOf) };
}

/** The tenants that summaries lack, which are the same in all populations. */
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
    userCount: (wanted) => {
      const population = populationOf(users).name;
      return isWithin<CustomerRecord, Summaries>(`${name}.userCount`, wanted, (_customer, summaries) =>
        summaries === undefined ? undefined : (summaries?.get(population)?.userCount ?? null),
      );
    },
    coverage: (wanted) => hasCoverage(`${name}.coverage`, wanted, users),
  });
}

/** Without users, there is no coverage, and no predicate on it holds. */
function hasCoverage(
  name: string,
  wanted: CoverageFilter | null | undefined,
  users: UserFilter | null | undefined,
): Predicate<CustomerRecord, Summaries>[] {
  const above = shareOf(`${name}.above`, wanted?.above);
  const below = shareOf(`${name}.below`, wanted?.below);
  if (above === null && below === null) return [];
  const population = populationOf(wanted?.users ?? users).name;
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

/** @throws CallerError for what is no share, such as a percentage */
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
