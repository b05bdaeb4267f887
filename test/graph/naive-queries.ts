/** Naive results of filters and orders from the upstream's rows, and random ones to query. */
import fc from 'fast-check';
import type { CustomerRow, ProtectionRow, UserRow } from '../../src/simulator/world.ts';
import type {
  CustomerFilter,
  CustomerOrder,
  DateTimeRange,
  IntRange,
  JobStatus,
  ManagementMode,
  ProtectionFilter,
  ProtectionModule,
  ProtectionState,
  ProtectionStatusFilter,
  ProtectionStatusOrder,
  UserFilter,
  UserOrder,
  UserStatus,
  UserStatusFilter,
} from '../generated/operations.ts';
import type { TenantData } from '../world-of.ts';
import {
  aboutRows,
  combining,
  partOf,
  periodOf,
  rangeOf,
  selectingSome,
  someFields,
  textOf,
  valueOf,
} from './random-filters.ts';
import { moduleNames, protectionOf, shown, shownCustomer, shownUser } from './random-world.ts';

type Value = string | number | null;

/** Sorts a copy by values, null last in either direction, then by name. */
export function naiveOrder<Row>(
  rows: readonly Row[],
  names: readonly string[],
  valueOf: (row: Row, key: string) => Value,
  nameOf: (row: Row) => string,
): Row[] {
  return [...rows].sort((left, right) => {
    for (const name of names) {
      const key = name.replace(/_(ASC|DESC)$/, '');
      const [a, b] = [valueOf(left, key), valueOf(right, key)];
      if (a === null && b === null) continue;
      if (a === null) return 1;
      if (b === null) return -1;
      const compared =
        typeof a === 'number' && typeof b === 'number'
          ? a - b
          : String(a).localeCompare(String(b), 'en', { numeric: true });
      if (compared !== 0) return name.endsWith('_DESC') ? -compared : compared;
    }
    return nameOf(left) < nameOf(right) ? -1 : 1;
  });
}

export function stateOf(row: ProtectionRow | null): ProtectionState {
  if (row === null) return 'NOT_IN_BACKUP';
  const states = (row.moduleStatus ?? []).map(({ isProtected }) => isProtected);
  if (!states.includes(true)) return 'UNPROTECTED';
  return states.includes(false) ? 'PARTIALLY_PROTECTED' : 'PROTECTED';
}

const stateOrder: ProtectionState[] = ['NOT_IN_BACKUP', 'UNPROTECTED', 'PARTIALLY_PROTECTED', 'PROTECTED'];

const someStates = fc.subarray(stateOrder, { maxLength: 3 });

type Combining = 'and' | 'or' | 'not';

interface Combined<Filter> {
  readonly and?: Filter[] | null | undefined;
  readonly or?: Filter[] | null | undefined;
  readonly not?: Filter | null | undefined;
}

/** Predicates by field; the compiler finds a missing one. */
type NaivePredicates<Filter, Row> = {
  readonly [Field in Exclude<keyof Filter, Combining>]-?: (
    expected: NonNullable<Filter[Field]>,
    row: Row,
    filter: Filter,
  ) => boolean;
};

function holds<Filter extends Combined<Filter>, Row>(
  filter: Filter,
  row: Row,
  predicates: NaivePredicates<Filter, Row>,
): boolean {
  const { and, or, not } = filter;
  const each = (other: Filter) => holds(other, row, predicates);
  if (and && !and.every(each)) return false;
  if (or && !or.some(each)) return false;
  if (not && each(not)) return false;
  return meets(filter, row, predicates);
}

/** `holds` for a filter that can't be combined. */
function meets<Filter, Row>(filter: Filter, row: Row, predicates: NaivePredicates<Filter, Row>): boolean {
  const names = Object.keys(predicates) as (keyof typeof predicates)[];
  return names.every((name) => {
    const expected = filter[name];
    return expected === null || expected === undefined || predicates[name](expected, row, filter);
  });
}

/**
 * The small letters of a text's capitals. Two capitals without a small letter of their own are spelled out; both are
 * composed, since of some letters (ẖ, ǰ, ῢ) the small one alone has a composed form.
 */
export function foldNaively(text: string): string {
  const capitals = text
    .normalize('NFC')
    .toUpperCase()
    .normalize('NFC')
    .replaceAll('ẞ', 'SS')
    .replaceAll('İ', 'I');
  return capitals.toLowerCase().replaceAll('ς', 'σ').normalize('NFC');
}

const same = (left: string | null, right: string) =>
  left !== null && foldNaively(left) === foldNaively(right);
/** A blank matches rows without a text. */
const is = (text: string | null, expected: string) =>
  expected.trim() === '' ? (shown(text) ?? '').trim() === '' : same(shown(text), expected);
const includes = (texts: readonly (string | null)[], part: string) =>
  texts.some((text) => foldNaively(shown(text) ?? '').includes(foldNaively(part).trim()));

const isIn = ({ min, max }: IntRange, value: number | null) =>
  value !== null && value >= (min ?? value) && value <= (max ?? value);

/** Whether a row's instant, which the epoch is none of, is not before the first day or instant, and not after the last. */
function isBetween({ from, to }: DateTimeRange, row: string | null): boolean {
  const text = shown(row);
  if (text === null || new Date(text).getTime() === 0) return false;
  const at = new Date(text).getTime();
  const isDay = (bound: string) => !bound.includes('T');
  // A day means its midnight in UTC.
  const isBefore = from ? at < new Date(from).getTime() : false;
  const end = to ? new Date(to).getTime() + (isDay(to) ? 86_400_000 : 1) : Infinity;
  return !isBefore && at < end;
}

function isProtected(row: ProtectionRow | null, module: string | null | undefined): boolean {
  const all = row?.moduleStatus ?? [];
  const asked = module ? all.filter((status) => (moduleNames[status.module] ?? 'UNKNOWN') === module) : all;
  return asked.length > 0 && asked.every((status) => status.isProtected);
}

function hasModule(row: ProtectionRow | null, module: string): boolean {
  return (row?.moduleStatus ?? []).some((status) => (moduleNames[status.module] ?? 'UNKNOWN') === module);
}

/** A row, and its tenant for joins. */
interface Member<Row> {
  readonly row: Row;
  readonly tenant: TenantData;
}

const protectionPredicates: NaivePredicates<ProtectionFilter, ProtectionRow | null> = {
  state: (expected, row) => stateOf(row) === expected,
  states: (expected, row) => expected.includes(stateOf(row)),
  isProtected: (expected, row, { module }) => isProtected(row, module) === expected,
  module: (expected, row, filter) => typeof filter.isProtected === 'boolean' || hasModule(row, expected),
};

const userStatusPredicates: NaivePredicates<UserStatusFilter, readonly UserStatus[]> = {
  any: (expected, status) => expected.some((each) => status.includes(each)),
  all: (expected, status) => expected.every((each) => status.includes(each)),
  none: (expected, status) => !expected.some((each) => status.includes(each)),
};

const userPredicates: NaivePredicates<UserFilter, Member<UserRow>> = {
  search: (expected, { row }) => {
    const { displayName, firstName, lastName, mail, userPrincipalName, employeeId } = row;
    return includes([displayName, firstName, lastName, mail, userPrincipalName, employeeId], expected);
  },
  department: (expected, { row }) => is(row.department, expected),
  company: (expected, { row }) => is(row.company, expected),
  countryOrRegion: (expected, { row }) => is(row.countryOrRegion, expected),
  jobTitle: (expected, { row }) => is(row.jobTitle, expected),
  location: (expected, { row }) => is(row.location, expected),
  passwordAge: (expected, { row }) => isIn(expected, row.age),
  startDate: (expected, { row }) => isBetween(expected, row.startDate),
  endDate: (expected, { row }) => isBetween(expected, row.endDate),
  isTestUser: (expected, { row }) => row.isTestUser === expected,
  status: (expected, { row, tenant }) => meets(expected, statusOf(row, tenant), userStatusPredicates),
  protection: (expected, { row, tenant }) => meets(expected, protectionOf(row, tenant), protectionPredicates),
};

function statusOf(user: UserRow, tenant: TenantData): readonly UserStatus[] {
  return (shownUser(user, tenant) as { readonly status: readonly UserStatus[] }).status;
}

export function userHolds(filter: UserFilter, row: UserRow, tenant: TenantData): boolean {
  return holds(filter, { row, tenant }, userPredicates);
}

/** Values by key of an order; the compiler finds a missing one. */
type NaiveValues<Name extends string, Row> = Readonly<
  Record<Name extends `${infer Key}_ASC` ? Key : never, (row: Row) => Value>
>;

const userValues: NaiveValues<UserOrder, Member<UserRow>> = {
  DISPLAY_NAME: ({ row }) => shown(row.displayName),
  LAST_NAME: ({ row }) => shown(row.lastName),
  MAIL: ({ row }) => shown(row.mail),
  USER_PRINCIPAL_NAME: ({ row }) => shown(row.userPrincipalName),
  EMPLOYEE_ID: ({ row }) => shown(row.employeeId),
  DEPARTMENT: ({ row }) => shown(row.department),
  COMPANY: ({ row }) => shown(row.company),
  COUNTRY_OR_REGION: ({ row }) => shown(row.countryOrRegion),
  JOB_TITLE: ({ row }) => shown(row.jobTitle),
  PASSWORD_AGE: ({ row }) => row.age,
  PROTECTION: ({ row, tenant }) => stateOrder.indexOf(stateOf(protectionOf(row, tenant))),
};

function valueBy<Row>(values: Readonly<Record<string, (row: Row) => Value>>, key: string, row: Row): Value {
  const value = values[key];
  if (value === undefined) throw new Error(`There is no order by ${key}.`);
  return value(row);
}

export function userValue(tenant: TenantData) {
  return (row: UserRow, key: string): Value => valueBy(userValues, key, { row, tenant });
}

/** Whether a user has the row's id, or its address as mail or user principal name. */
export function hasUser({ id, email }: ProtectionRow, { users }: TenantData): boolean {
  return users.some(
    (user) =>
      user.id === id ||
      (email !== null &&
        [shown(user.mail), shown(user.userPrincipalName)].some((address) => same(address, email))),
  );
}

const statusPredicates: NaivePredicates<ProtectionStatusFilter, Member<ProtectionRow>> = {
  search: (expected, { row }) => includes([row.email, row.displayName], expected),
  state: (expected, { row }) => stateOf(row) === expected,
  states: (expected, { row }) => expected.includes(stateOf(row)),
  isProtected: (expected, { row }, { module }) => isProtected(row, module) === expected,
  module: (expected, { row }, filter) => typeof filter.isProtected === 'boolean' || hasModule(row, expected),
  hasUser: (expected, { row, tenant }) => hasUser(row, tenant) === expected,
};

export function statusHolds(filter: ProtectionStatusFilter, row: ProtectionRow, tenant: TenantData): boolean {
  return holds(filter, { row, tenant }, statusPredicates);
}

const statusValues: NaiveValues<ProtectionStatusOrder, ProtectionRow> = {
  EMAIL: (row) => shown(row.email),
  DISPLAY_NAME: (row) => shown(row.displayName),
  PROTECTION: (row) => stateOrder.indexOf(stateOf(row)),
};

export function statusValue(row: ProtectionRow, key: string): Value {
  return valueBy(statusValues, key, row);
}

/** Without summaries, for which see populations.test.ts. */
const customerPredicates: NaivePredicates<OwnCustomerFilter, CustomerRow> = {
  search: (expected, { organization, ownerEmail }) => includes([organization, ownerEmail], expected),
  countryOrRegion: (expected, row) => is(row.countryOrRegion, expected),
  jobStatus: (expected, row) => codesOf(row).jobStatus === expected,
  managementMode: (expected, row) => codesOf(row).managementMode === expected,
  customerIds: (expected, { id }) => expected.some((other) => other.toLowerCase() === id.toLowerCase()),
  tenantName: (expected, { tenants }) => {
    const names = (tenants ?? []).map(({ name }) => name);
    // A blank sets no predicate.
    return expected.trim() === '' || includes(names, expected);
  },
  tenantCount: (expected, { tenants }) => isIn(expected, (tenants ?? []).length),
  hasTenants: (expected, { tenants }) => (tenants ?? []).length > 0 === expected,
};

/** The customer's own row alone. */
export type OwnCustomerFilter = Omit<CustomerFilter, Combining | 'coverage' | 'userCount'> &
  Combined<OwnCustomerFilter>;

function codesOf(row: CustomerRow): { jobStatus: JobStatus | null; managementMode: ManagementMode | null } {
  return shownCustomer(row) as ReturnType<typeof codesOf>;
}

export function customerHolds(filter: OwnCustomerFilter, customer: CustomerRow): boolean {
  return holds(filter, customer, customerPredicates);
}

const noted = ['MFA_DISABLED', 'SIGN_IN_BLOCKED', 'INACTIVE', 'TEST_USER', 'UNKNOWN'] as const;

function moduleOf(rows: readonly ProtectionRow[]): fc.Arbitrary<ProtectionModule> {
  const ofRows = rows.flatMap(({ moduleStatus }) =>
    (moduleStatus ?? []).map(({ module }) => (moduleNames[module] ?? 'UNKNOWN') as ProtectionModule),
  );
  return valueOf(ofRows, ['MAILBOX', 'ONEDRIVE', 'UNKNOWN']);
}

export function randomUserFilter(tenant: TenantData): fc.Arbitrary<UserFilter> {
  return selectingSome(
    combining<UserFilter>(aboutRows(tenant.users, (users) => userFields(users, tenant))),
    tenant.users,
    (filter, user) => userHolds(filter, user, tenant),
  );
}

function userFields(users: readonly UserRow[], tenant: TenantData): fc.Arbitrary<Partial<UserFilter>> {
  const status = valueOf(
    users.flatMap((user) => statusOf(user, tenant)),
    noted,
  );
  const some = fc.array(status, { minLength: 1, maxLength: 2 });
  return someFields<Omit<UserFilter, Combining>>({
    search: partOf(users.flatMap(({ displayName, mail, employeeId }) => [displayName, mail, employeeId])),
    department: textOf(users.map(({ department }) => department)),
    company: textOf(users.map(({ company }) => company)),
    countryOrRegion: textOf(users.map(({ countryOrRegion }) => countryOrRegion)),
    jobTitle: textOf(users.map(({ jobTitle }) => jobTitle)),
    location: textOf(users.map(({ location }) => location)),
    passwordAge: rangeOf(users.map(({ age }) => age)),
    startDate: periodOf(users.map(({ startDate }) => startDate)),
    endDate: periodOf(users.map(({ endDate }) => endDate)),
    isTestUser: fc.boolean(),
    status: fc.oneof(
      fc.record({ any: some }),
      fc.record({ all: some }),
      fc.record({ none: some }),
      fc.record({ any: some, none: some }),
    ),
    protection: someFields<ProtectionFilter>({
      state: valueOf(
        users.map((user) => stateOf(protectionOf(user, tenant))),
        ['NOT_IN_BACKUP'],
      ),
      states: someStates,
      module: moduleOf(users.flatMap((user) => protectionOf(user, tenant) ?? [])),
      isProtected: fc.boolean(),
    }),
  });
}

export function randomStatusFilter(tenant: TenantData): fc.Arbitrary<ProtectionStatusFilter> {
  const all = tenant.protection;
  const filters = combining<ProtectionStatusFilter>(
    aboutRows(all, (rows) =>
      someFields<Omit<ProtectionStatusFilter, Combining>>({
        search: partOf(rows.flatMap(({ email, displayName }) => [email, displayName])),
        state: valueOf(rows.map(stateOf), ['PROTECTED', 'NOT_IN_BACKUP']),
        states: someStates,
        module: moduleOf(rows),
        isProtected: fc.boolean(),
        hasUser: fc.boolean(),
      }),
    ),
  );
  return selectingSome(filters, all, (filter, row) => statusHolds(filter, row, tenant));
}

export function randomCustomerFilter(all: readonly CustomerRow[]): fc.Arbitrary<OwnCustomerFilter> {
  const filters = combining<OwnCustomerFilter>(
    aboutRows(all, (rows) => {
      const codes = rows.map(codesOf);
      return someFields<Omit<OwnCustomerFilter, Combining>>({
        search: partOf(rows.flatMap(({ organization, ownerEmail }) => [organization, ownerEmail])),
        countryOrRegion: textOf(rows.map(({ countryOrRegion }) => countryOrRegion)),
        jobStatus: valueOf(
          codes.map(({ jobStatus }) => jobStatus),
          ['WORKING', 'NOT_AVAILABLE', 'UNKNOWN'],
        ),
        managementMode: valueOf(
          codes.map(({ managementMode }) => managementMode),
          ['CUSTOMER', 'PARTNER'],
        ),
        customerIds: fc
          .array(textOf(all.map(({ id }) => id)), { maxLength: 4 })
          .map((ids) => [...ids, ...rows.slice(0, 3).map(({ id }) => id.toUpperCase())]),
        tenantName: partOf(rows.flatMap(({ tenants }) => (tenants ?? []).map(({ name }) => name))),
        tenantCount: rangeOf(rows.map(({ tenants }) => (tenants ?? []).length)),
        hasTenants: fc.boolean(),
      });
    }),
  );
  return selectingSome(filters, all, customerHolds);
}

export const randomUserOrder: fc.Arbitrary<UserOrder[]> = fc.subarray<UserOrder>(
  [
    'PROTECTION_ASC',
    'DEPARTMENT_DESC',
    'DISPLAY_NAME_ASC',
    'MAIL_DESC',
    'PASSWORD_AGE_ASC',
    'EMPLOYEE_ID_ASC',
    'JOB_TITLE_DESC',
    'COUNTRY_OR_REGION_ASC',
  ],
  { maxLength: 3 },
);

export const randomStatusOrder: fc.Arbitrary<ProtectionStatusOrder[]> = fc.subarray<ProtectionStatusOrder>(
  ['PROTECTION_DESC', 'DISPLAY_NAME_ASC', 'EMAIL_DESC'],
  { maxLength: 2 },
);

export const randomCustomerOrder: fc.Arbitrary<CustomerOrder[]> = fc.subarray<CustomerOrder>(
  ['COVERAGE_ASC', 'COUNTRY_OR_REGION_DESC', 'ORGANIZATION_ASC', 'USER_COUNT_DESC', 'TENANT_COUNT_DESC'],
  { maxLength: 2 },
);
