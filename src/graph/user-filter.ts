/** Filter and order of users. The joined row is the user's protection row. */
import {
  compileFilter,
  predicatesOf,
  contains,
  isDuring,
  isText,
  isValue,
  isWithin,
  type Predicate,
} from '../list-query/predicate.ts';
import { orderOf, type Order } from '../list-query/order.ts';
import type { ProtectionStatusRecord, UserRecord } from '../model.ts';
import type { Protection } from '../reporting/population.ts';
import { isProtectedBy, protectionStateOf } from '../reporting/protection-state.ts';
import type { ProtectionFilter, UserFilter, UserOrder, UserStatusFilter } from './generated/resolvers.ts';
import { hasState, stateOrder } from './protection-status-filter.ts';

export function userPredicate(
  filter: UserFilter | null | undefined,
  name = 'filter',
): Predicate<UserRecord, Protection> | null {
  return compileFilter<UserFilter, UserRecord, Protection>(name, filter, {
    isTestUser: (expected) => isValue(expected, ({ isTestUser }) => isTestUser),
    status: hasStatus,
    department: (expected) => isText(expected, ({ department }) => department),
    company: (expected) => isText(expected, ({ company }) => company),
    countryOrRegion: (expected) => isText(expected, ({ countryOrRegion }) => countryOrRegion),
    jobTitle: (expected) => isText(expected, ({ jobTitle }) => jobTitle),
    location: (expected) => isText(expected, ({ location }) => location),
    passwordAge: (expected) => isWithin(`${name}.passwordAge`, expected, ({ passwordAge }) => passwordAge),
    startDate: (expected) => isDuring(`${name}.startDate`, expected, ({ startDate }) => startDate),
    endDate: (expected) => isDuring(`${name}.endDate`, expected, ({ endDate }) => endDate),
    search: (expected) =>
      contains(expected, (user) => [
        user.displayName,
        user.firstName,
        user.lastName,
        user.mail,
        user.userPrincipalName,
        user.employeeId,
      ]),
    protection: matchesProtection,
  });
}

/** Whether the query needs the protection row of every user. */
export function readsAllProtection(
  filter: UserFilter | null | undefined,
  orderBy: readonly UserOrder[] | null | undefined,
): boolean {
  const set = Object.entries(filter ?? {}).filter(([, value]) => value !== null);
  const isFiltered = set.length > 0;
  return isFiltered
    ? set.every(([name]) => name === 'protection')
    : (userOrder(orderBy)?.some(({ needsJoin }) => needsJoin) ?? false);
}

export function userOrder(
  names: readonly UserOrder[] | null | undefined,
): Order<UserRecord, ProtectionStatusRecord> | null {
  return orderOf<UserOrder, UserRecord, ProtectionStatusRecord>(
    names,
    {
      DISPLAY_NAME: ({ displayName }) => displayName,
      LAST_NAME: ({ lastName }) => lastName,
      MAIL: ({ mail }) => mail,
      USER_PRINCIPAL_NAME: ({ userPrincipalName }) => userPrincipalName,
      EMPLOYEE_ID: ({ employeeId }) => employeeId,
      DEPARTMENT: ({ department }) => department,
      COMPANY: ({ company }) => company,
      COUNTRY_OR_REGION: ({ countryOrRegion }) => countryOrRegion,
      JOB_TITLE: ({ jobTitle }) => jobTitle,
      PASSWORD_AGE: ({ passwordAge }) => passwordAge,
      PROTECTION: (_user, row) => stateOrder[protectionStateOf(row)],
    },
    ['PROTECTION'],
  );
}

function hasStatus(filter: UserStatusFilter | null | undefined): Predicate<UserRecord>[] {
  return predicatesOf<UserStatusFilter, UserRecord>(filter, {
    any: (expected) => (expected ? [({ status }) => expected.some((each) => status.includes(each))] : []),
    all: (expected) => (expected ? [({ status }) => expected.every((each) => status.includes(each))] : []),
    none: (excluded) => (excluded ? [({ status }) => !excluded.some((each) => status.includes(each))] : []),
  });
}

type ProtectionPredicate = Predicate<UserRecord, Protection>;

function matchesProtection(filter: ProtectionFilter | null | undefined): ProtectionPredicate[] {
  return predicatesOf<ProtectionFilter, UserRecord, Protection>(filter, {
    state: (expected) => (expected ? [byProtectionRow(hasState([expected]))] : []),
    states: (expected) => (expected ? [byProtectionRow(hasState(expected))] : []),
    isProtected: (expected, { module }) =>
      typeof expected === 'boolean'
        ? [byProtectionRow((row) => isProtectedBy(row, module) === expected)]
        : [],
    module: (expected, { isProtected }) =>
      expected && typeof isProtected !== 'boolean'
        ? [byProtectionRow((row) => row?.modules.some(({ module }) => module === expected) ?? false)]
        : [],
  });
}

/** Undecided until the user's protection row is known. */
function byProtectionRow(holds: (row: Protection | null) => boolean): ProtectionPredicate {
  return (_user, row) => (row === undefined ? null : holds(row));
}
