/** Naive summaries from the upstream's rows. */
import type { UserRow } from '../../src/simulator/world.ts';
import type { UserGroupOrder } from '../../src/graph/generated/resolvers.ts';
import type { Grouping } from '../../src/model.ts';
import type { SummaryFragment } from '../generated/operations.ts';
import type { TenantData } from '../world-of.ts';
import { foldNaively, hasUser, stateOf } from './naive-queries.ts';
import { moduleNames, protectionOf, shown, shownUser } from './random-world.ts';

/** A user, and its tenant for joins. */
interface Member {
  readonly user: UserRow;
  readonly tenant: TenantData;
}

type Counts = Omit<
  SummaryFragment,
  'asOf' | 'unmatchedStatusCount' | 'changedWhileRead' | 'isComplete' | 'missing'
>;

function naiveCounts(members: readonly Member[]): Counts {
  const rows = members.map(({ user, tenant }) => protectionOf(user, tenant));
  const count = (state: string) => rows.filter((row) => stateOf(row) === state).length;
  const codes = [...new Set(rows.flatMap((row) => (row?.moduleStatus ?? []).map(({ module }) => module)))];
  const protectedCount = count('PROTECTED');
  return {
    userCount: rows.length,
    protectedCount,
    partiallyProtectedCount: count('PARTIALLY_PROTECTED'),
    unprotectedCount: count('UNPROTECTED'),
    notInBackupCount: count('NOT_IN_BACKUP'),
    coverage: rows.length === 0 ? null : protectedCount / rows.length,
    modules: codes
      .sort((left, right) => left - right)
      .map((moduleCode) => {
        const entries = rows
          .map((row) => (row?.moduleStatus ?? []).filter(({ module }) => module === moduleCode))
          .filter(({ length }) => length > 0);
        const isProtected = entries.filter((entry) => entry.every((each) => each.isProtected)).length;
        return {
          module: (moduleNames[moduleCode] ?? 'UNKNOWN') as SummaryFragment['modules'][number]['module'],
          moduleCode,
          protectedCount: isProtected,
          unprotectedCount: entries.length - isProtected,
        };
      }),
  };
}

function membersOf(tenants: readonly TenantData[], holds: Holds): Member[] {
  return tenants.flatMap((tenant) =>
    tenant.users.filter((user) => holds(user, tenant)).map((user) => ({ user, tenant })),
  );
}

type Holds = (user: UserRow, tenant: TenantData) => boolean;

/** All that a summary counts of the users for which something holds, from the rows of some tenants. */
export function naiveSummary(
  tenants: readonly TenantData[],
  holds: Holds = () => true,
): Omit<SummaryFragment, 'asOf'> {
  return {
    ...naiveCounts(membersOf(tenants, holds)),
    unmatchedStatusCount: tenants.reduce(
      (sum, tenant) => sum + tenant.protection.filter((row) => !hasUser(row, tenant)).length,
      0,
    ),
    changedWhileRead: false,
    isComplete: true,
    missing: [],
  };
}

export type NaiveGrouping = Exclude<Grouping, 'CUSTOMER'>;

const valuesBy: Record<NaiveGrouping, (member: Member) => readonly (string | null)[]> = {
  DEPARTMENT: ({ user }) => [user.department],
  COMPANY: ({ user }) => [user.company],
  JOB_TITLE: ({ user }) => [user.jobTitle],
  LOCATION: ({ user }) => [user.location],
  COUNTRY_OR_REGION: ({ user }) => [user.countryOrRegion],
  STATUS: ({ user, tenant }) => {
    const { status } = shownUser(user, tenant) as { readonly status: readonly string[] };
    return status.length === 0 ? [null] : status;
  },
};

/** The groups of the users for which something holds, in an order. */
export function naiveGroups(
  tenants: readonly TenantData[],
  by: NaiveGrouping,
  holds: Holds,
  orderBy: UserGroupOrder = 'USER_COUNT_DESC',
): NaiveGroup[] {
  const isNone = (value: string | null) => value === null || value.trim() === '';
  const members = membersOf(tenants, holds);
  const valuesOf = (member: Member) =>
    valuesBy[by](member).map((value) => (isNone(shown(value)) ? null : value));
  const keyOf = (value: string | null) => (value === null ? null : foldNaively(value));
  const keys = new Set(members.flatMap(valuesOf).map(keyOf));
  const groups = [...keys].map((key) => {
    const inGroup = members.filter((member) => valuesOf(member).map(keyOf).includes(key));
    const spellings = inGroup.flatMap((member) => [
      ...new Set(valuesOf(member).filter((value) => keyOf(value) === key)),
    ]);
    const timesOf = (value: string | null) => spellings.filter((other) => other === value).length;
    const [value = null] = [...new Set(spellings)].sort(
      (left, right) => timesOf(right) - timesOf(left) || (String(left) < String(right) ? -1 : 1),
    );
    return { value, ...naiveCounts(inGroup) };
  });
  return groups.sort(byNaiveOrder(orderBy));
}

type NaiveGroup = Counts & { readonly value: string | null };

function byNaiveOrder(orderBy: UserGroupOrder): (left: NaiveGroup, right: NaiveGroup) => number {
  return (left, right) => {
    if (orderBy !== 'VALUE_ASC') {
      const [a, b] = [left.coverage ?? 0, right.coverage ?? 0];
      if (orderBy === 'COVERAGE_ASC' && a !== b) return a - b;
      if (orderBy === 'COVERAGE_DESC' && a !== b) return b - a;
      if (left.userCount !== right.userCount) return right.userCount - left.userCount;
    }
    if (left.value === null || right.value === null) return left.value === null ? 1 : -1;
    const byName = left.value.localeCompare(right.value, 'en', { numeric: true });
    return byName === 0 ? (foldNaively(left.value) < foldNaively(right.value) ? -1 : 1) : byName;
  };
}
