/** Compares an earlier export of users with a new reading by the same filters, tenant by tenant. */
import { instantOf } from '../clock.ts';
import { users } from '../endpoint/users.ts';
import { CallerError } from '../errors.ts';
import { foldName } from '../fold.ts';
import { selectCustomers, type SelectedCustomers } from '../graph/customer-filter.ts';
import type { CustomerFilter, UserFilter } from '../graph/generated/resolvers.ts';
import { populationsOfFilter } from '../graph/selected-summaries.ts';
import { userPredicate } from '../graph/user-filter.ts';
import type { CustomerRecord, MissingTenantRecord, TenantKey, UserRecord } from '../model.ts';
import { tenantName } from '../planner/shared-cache.ts';
import type { Planner } from '../planner/planner.ts';
import { paced, type Pace } from '../scheduler.ts';
import type { FieldPath, OperationScope } from '../scope.ts';
import type { SummaryLoader } from '../reporting/summary-loader.ts';
import { unlistedTenants } from '../reporting/read-tenant.ts';
import { readRows, type RowVisitor, type TenantOfCustomer } from '../reporting/read-rows.ts';
import {
  addCounts,
  isBlockedBy,
  noChanges,
  noUsersBefore,
  TenantComparison,
  type Change,
  type ChangeCounts,
  type UserNow,
} from './changes.ts';
import type { MissingRows } from './cells.ts';
import type { EarlierFile } from './earlier-file.ts';
import type { EarlierTenant } from './earlier-rows.ts';
import { ProtectionKinds } from '../reporting/protection-kinds.ts';

export interface TenantChanges extends EarlierTenant {
  /** Whether the tenant has gone, with all its users. */
  readonly isGone: boolean;
  /** Whether a list of the tenant kept changing during either reading. */
  readonly changedWhileRead: boolean;
  readonly counts: ChangeCounts;
  /** Batches, some of them empty. Can be iterated once. */
  readonly changes: Iterable<readonly Change[]>;
}

/** A tenant about whose users nothing is known. */
export interface NotCompared extends EarlierTenant {
  /** Reading that lacks the tenant; null if the caller may not read it. */
  readonly reading: 'BEFORE' | 'NOW' | null;
  readonly reason: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly usersBefore: number;
}

interface Reading {
  readonly asOf: string | null;
  readonly changedWhileRead: boolean;
}

export interface ComparisonEnd {
  readonly notCompared: readonly NotCompared[];
  readonly totals: ChangeCounts;
  readonly before: Reading;
  readonly now: Reading;
  readonly isComplete: boolean;
}

export type Comparison = AsyncGenerator<readonly TenantChanges[], ComparisonEnd, undefined>;

/** Filters of the earlier export, coerced to GraphQL inputs. */
export interface ComparisonQuery {
  readonly filter: UserFilter | null;
  readonly customers: CustomerFilter | null;
}

interface ComparisonContext {
  readonly planner: Planner;
  readonly scope: Pick<OperationScope, 'signal' | 'viewer'>;
  readonly summaryLoader: SummaryLoader;
}

const cause: FieldPath = { prev: undefined, key: 'changes' };

/** Rejects with CallerError before the first read, and with UpstreamError if the list of customers can't be read. */
export async function openComparison(
  file: EarlierFile,
  { filter, customers: customerFilter }: ComparisonQuery,
  { planner, scope, summaryLoader }: ComparisonContext,
): Promise<Comparison> {
  const predicate = userPredicate(filter);
  const customers = await selectCustomers(
    'customers',
    customerFilter,
    { planner, summaryLoader },
    { cause, populations: () => populationsOfFilter(customerFilter) },
  );
  const plan = await planOf(file, customers, scope.viewer.customerIds, planner.pace());
  const totals = noChanges();
  const begin = (at: TenantOfCustomer): RowVisitor<TenantChanges> => {
    const protection = new ProtectionKinds();
    const name = tenantName(at.tenant);
    const isSelected = plan.selected.has(at.customer);
    const tenant = new TenantComparison(file.rows.tenants.get(name)?.users ?? noUsersBefore);
    const nowOf = (user: UserRecord): UserNow => {
      const { userId, displayName, userPrincipalName, mail, status } = user;
      const joined = protection.match(user);
      return {
        userId,
        displayName,
        userPrincipalName,
        mail,
        state: joined?.state ?? 'NOT_IN_BACKUP',
        isBlocked: isBlockedBy(status),
        isListed: isSelected && (predicate === null || predicate(user, joined) === true),
      };
    };
    return {
      addStatus: protection.add,
      addUser: (user) => {
        tenant.add(users.identityOf(user), () => nowOf(user));
      },
      take: () => [],
      finish: ({ changedWhileRead: changedNow }) => {
        const comparison = tenant.finish();
        const reading = uncertainReading(comparison.counts, {
          BEFORE: plan.changedBefore.has(name),
          NOW: changedNow,
        });
        if (reading !== null) {
          const usersBefore = comparison.counts.usersBefore;
          plan.notCompared.push({ ...shownTenant(at), reading, ...rowsMissing, usersBefore });
          return [];
        }
        addCounts(totals, comparison.counts);
        const changedWhileRead = changedNow || plan.changedBefore.has(name);
        return [{ ...shownTenant(at), isGone: false, changedWhileRead, ...comparison }];
      },
    };
  };
  const rows = readRows<TenantChanges>(
    { rows: customers.all, changedWhileRead: customers.changedWhileRead },
    { planner, scope, cause, begin, first: 'protectionStatuses', isSelected: plan.isRead },
  );
  return compared(file, plan, rows, totals);
}

async function* compared(
  { end, rows: earlier }: EarlierFile,
  { gone, notCompared, changedBefore }: ComparisonPlan,
  rows: ReturnType<typeof readRows<TenantChanges>>,
  totals: ChangeCounts,
): Comparison {
  const before = { asOf: end.asOf, changedWhileRead: end.changedWhileRead };
  for (const tenant of gone) {
    const comparison = new TenantComparison(tenant.users).finish();
    addCounts(totals, comparison.counts);
    const changedWhileRead = changedBefore.has(tenantName(tenant));
    yield [{ ...idsOf(tenant), isGone: true, changedWhileRead, ...comparison }];
  }
  const { asOfMs, changedWhileRead, missing } = yield* rows;
  const all = [
    ...notCompared,
    ...missing.map(({ code, message, retryable, ...tenant }) => ({
      ...idsOf(tenant),
      reading: 'NOW' as const,
      reason: code,
      message,
      retryable,
      usersBefore: earlier.tenants.get(tenantName(tenant))?.users.size ?? 0,
    })),
  ];
  return {
    notCompared: all,
    totals,
    before,
    now: { asOf: asOfMs === null ? null : instantOf(asOfMs), changedWhileRead },
    isComplete: all.length === 0,
  };
}

type TenantBefore = EarlierFile['rows']['tenants'] extends ReadonlyMap<string, infer Tenant> ? Tenant : never;

/** What happens to each tenant of either reading, according to the list of customers. */
interface ComparisonPlan {
  /** Customers that match the file's filter now. */
  readonly selected: ReadonlySet<CustomerRecord>;
  readonly isRead: (tenant: TenantOfCustomer) => boolean;
  readonly gone: readonly TenantBefore[];
  /** Grows while tenants are compared. */
  readonly notCompared: NotCompared[];
  /** Names of tenants whose lists changed during the earlier reading. */
  readonly changedBefore: ReadonlySet<string>;
}

/**
 * Excludes other customers' tenants without a look-up, so that the answer does not reveal whether they exist. Rejects
 * with CallerError.
 *
 * @param ownIds folded ids of the customers that the caller may read; null for all
 */
async function planOf(
  { rows: { tenants: before }, end }: EarlierFile,
  { all, rows: selected, missing: undecided, changedWhileRead }: SelectedCustomers,
  ownIds: ReadonlySet<string> | null,
  pace: Pace,
): Promise<ComparisonPlan> {
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
  const unlistedBefore = new Map<string, MissingRows>();
  for await (const tenant of paced(end.missing, pace)) {
    exclude(tenant, { reading: 'BEFORE', ...reasonOf(tenant) });
    if (tenant.tenantId === '') unlistedBefore.set(foldName(tenant.customerId), tenant);
  }
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
        exclude(shownTenant({ customer, tenant }), { reading: 'BEFORE', ...reasonOf(why) });
  }
  const faults = new Map(undecided.map((tenant) => [foldName(tenant.customerId), tenant]));
  for await (const tenant of paced(faults.size > 0 ? before.values() : [], pace)) {
    const fault = faults.get(foldName(tenant.customerId));
    if (fault !== undefined && now.has(tenantName(tenant))) exclude(tenant, unreadable(fault));
  }
  for (const tenant of [...undecided, ...unlistedTenants(selected)])
    exclude({ ...tenant, organization: null, name: null }, unreadable(tenant));
  const changedBefore = new Set<string>();
  for await (const tenant of paced(end.changed, pace)) changedBefore.add(tenantName(tenant));
  const selectedNow = new Set(selected);
  return {
    selected: selectedNow,
    gone,
    notCompared,
    changedBefore,
    isRead: ({ customer, tenant }) => {
      const name = tenantName(tenant);
      return !decided.has(name) && (before.has(name) || selectedNow.has(customer));
    },
  };
}

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
const rowsMissing = {
  reason: 'ROWS_MISSING',
  message: 'Rows may be missing: a list changed while it was read, or has fewer rows than it states.',
  retryable: true,
};

/** The reading whose missing rows may look like changes; null if none has any. */
function uncertainReading(
  { gone, lessProtected, noLongerMatching, appeared, moreProtected }: ChangeCounts,
  mayLackRows: Readonly<Record<'BEFORE' | 'NOW', boolean>>,
): 'BEFORE' | 'NOW' | null {
  if (mayLackRows.NOW && gone + lessProtected + noLongerMatching > 0) return 'NOW';
  return mayLackRows.BEFORE && appeared + moreProtected > 0 ? 'BEFORE' : null;
}

/** Rejects a file of another account, which would look as if all customers had gone. */
function checkNotForeign(gone: readonly TenantKey[], all: readonly CustomerRecord[]): void {
  const known = new Set(all.map(({ customerId }) => foldName(customerId)));
  if (gone.some(({ customerId }) => known.has(foldName(customerId)))) return;
  throw new CallerError(
    'None of the customers in the file is in the list of customers now. Is it an export of another account?',
  );
}

function shownTenant({ customer, tenant }: TenantOfCustomer): EarlierTenant {
  const { customerId, tenantId, name } = tenant;
  return { customerId, organization: customer.organization, tenantId, name };
}

function idsOf({ customerId, organization, tenantId, name }: EarlierTenant): EarlierTenant {
  return { customerId, organization, tenantId, name };
}
