/** Which users, and in which order. The joined row is the user's protection row. */
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
import { hasState, stateRanks } from './protection-status-filter.ts';

export function userPredicate(
  filter: UserFilter | null | undefined,
  name = 'filter',
): Predicate<UserRecord, Protection> | null {
  return compileFilter<UserFilter, UserRecord, Protection>(name, filter, {
    isTestUser: (wanted) => isValue(wanted, ({ isTestUser }) => isTestUser),
    status: hasStatus,
    department: (wanted) => isText(wanted, ({ department }) => department),
    company: (wanted) => isText(wanted, ({ company }) => company),
    countryOrRegion: (wanted) => isText(wanted, ({ countryOrRegion }) => countryOrRegion),
    jobTitle: (wanted) => isText(wanted, ({ jobTitle }) => jobTitle),
    location: (wanted) => isText(wanted, ({ location }) => location),
    passwordAge: (wanted) => isWithin(`${name}.passwordAge`, wanted, ({ passwordAge }) => passwordAge),
    startDate: (wanted) => isDuring(`${name}.startDate`, wanted, ({ startDate }) => startDate),
    endDate: (wanted) => isDuring(`${name}.endDate`, wanted, ({ endDate }) => endDate),
    search: (wanted) =>
      contains(wanted, (user) => [
        user.displayName,
        user.firstName,
        user.lastName,
        user.mail,
        user.userPrincipalName,
        user.employeeId,
      ]),
    protection: isProtectedSo,
  });
}

/** Whether the protection of every user is looked at, whatever else the user is like. */
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
      PROTECTION: (_user, row) => stateRanks[protectionStateOf(row)],
    },
    ['PROTECTION'],
  );
}

function hasStatus(filter: UserStatusFilter | null | undefined): Predicate<UserRecord>[] {
  return predicatesOf<UserStatusFilter, UserRecord>(filter, {
    any: (wanted) => (wanted ? [({ status }) => wanted.some((each) => status.includes(each))] : []),
    all: (wanted) => (wanted ? [({ status }) => wanted.every((each) => status.includes(each))] : []),
    none: (refused) => (refused ? [({ status }) => !refused.some((each) => status.includes(each))] : []),
  });
}

type ProtectionCondition = Predicate<UserRecord, Protection>;

function isProtectedSo(filter: ProtectionFilter | null | undefined): ProtectionCondition[] {
  return predicatesOf<ProtectionFilter, UserRecord, Protection>(filter, {
    state: (wanted) => (wanted ? [ofStatus(hasState([wanted]))] : []),
    states: (wanted) => (wanted ? [ofStatus(hasState(wanted))] : []),
    isProtected: (wanted, { module }) =>
      typeof wanted === 'boolean' ? [ofStatus((row) => isProtectedBy(row, module) === wanted)] : [],
    module: (wanted, { isProtected }) =>
      wanted && typeof isProtected !== 'boolean'
        ? [ofStatus((row) => row?.modules.some(({ module }) => module === wanted) ?? false)]
        : [],
  });
}

/** Open as long as the user's protection row is not known. */
function ofStatus(holds: (row: Protection | null) => boolean): ProtectionCondition {
  return (_user, row) => (row === undefined ? null : holds(row));
}
