/** Compares an earlier export of users with a new reading by the same filters, tenant by tenant. */
import { instantOf } from '../clock.ts';
import { users } from '../endpoint/users.ts';
import { selectCustomers } from '../graph/customer-filter.ts';
import type { CustomerFilter, UserFilter } from '../graph/generated/resolvers.ts';
import { populationsOfFilter } from '../graph/selected-summaries.ts';
import { userPredicate } from '../graph/user-filter.ts';
import type { UserRecord } from '../model.ts';
import { tenantName } from '../planner/upstream-cache.ts';
import type { Planner } from '../planner/planner.ts';
import type { FieldPath, OperationScope } from '../scope.ts';
import type { SummaryLoader } from '../reporting/summary-loader.ts';
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
import {
  idsOf,
  classifyTenants,
  rowsMissing,
  shownTenant,
  type TenantClasses,
  type NotCompared,
} from './classify-tenants.ts';
import type { EarlierFile } from './earlier-file.ts';
import type { EarlierTenant } from './earlier-rows.ts';
import { ProtectionKinds } from '../reporting/protection-kinds.ts';

export interface TenantChanges extends EarlierTenant {
  /** Whether the tenant is gone, with all its users. */
  readonly isGone: boolean;
  readonly counts: ChangeCounts;
  /** Batches, possibly empty. Can be iterated once. */
  readonly changes: Iterable<readonly Change[]>;
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
  const classes = await classifyTenants(file, customers, scope.viewer.customerIds, planner.pace());
  const totals = noChanges();
  const begin = (at: TenantOfCustomer): RowVisitor<TenantChanges> => {
    const protection = new ProtectionKinds();
    const name = tenantName(at.tenant);
    const isSelected = classes.selected.has(at.customer);
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
      addUser: (user) => tenant.add(users.identityOf(user), () => nowOf(user)),
      take: () => [],
      finish: ({ changedWhileRead }) => {
        const comparison = tenant.finish();
        if (changedWhileRead) {
          const { usersBefore } = comparison.counts;
          classes.notCompared.push({ ...shownTenant(at), reading: 'NOW', ...rowsMissing, usersBefore });
          return [];
        }
        addCounts(totals, comparison.counts);
        return [{ ...shownTenant(at), isGone: false, ...comparison }];
      },
    };
  };
  const rows = readRows<TenantChanges>(
    { rows: customers.all, changedWhileRead: customers.changedWhileRead },
    { planner, scope, cause, begin, first: 'protectionStatuses', isSelected: classes.isRead },
  );
  return compared(file, classes, rows, totals);
}

async function* compared(
  { end, rows: earlier }: EarlierFile,
  { gone, notCompared }: TenantClasses,
  rows: ReturnType<typeof readRows<TenantChanges>>,
  totals: ChangeCounts,
): Comparison {
  const before = { asOf: end.asOf, changedWhileRead: end.changedWhileRead };
  for (const tenant of gone) {
    const comparison = new TenantComparison(tenant.users).finish();
    addCounts(totals, comparison.counts);
    yield [{ ...idsOf(tenant), isGone: true, ...comparison }];
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
