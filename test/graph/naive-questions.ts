/** What filters and orders must give, worked out row by row from the upstream's own rows, and random ones to ask with. */
import fc from 'fast-check';
import type { CustomerRow, ProtectionRow, UserRow } from '../../src/simulator/world.ts';
import type {
  CustomerFilter,
  CustomerOrder,
  ProtectionState,
  ProtectionStatusFilter,
  ProtectionStatusOrder,
  UserFilter,
  UserOrder,
} from '../generated/operations.ts';
import type { TenantData } from '../world-of.ts';
import { moduleNames, protectionOf, shown, shownCustomer, shownUser } from './random-world.ts';

type Value = string | number | null;

/** Sorts copies by values, null last in either direction, and by name where they are alike. */
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
  if (row === null) return 'NO_ROW';
  const states = (row.moduleStatus ?? []).map(({ isProtected }) => isProtected);
  if (!states.includes(true)) return 'UNPROTECTED';
  return states.includes(false) ? 'PARTIALLY_PROTECTED' : 'PROTECTED';
}

const stateOrder = ['NO_ROW', 'UNPROTECTED', 'PARTIALLY_PROTECTED', 'PROTECTED'];

interface Combined<Filter> {
  readonly and?: readonly Filter[] | null | undefined;
  readonly or?: readonly Filter[] | null | undefined;
  readonly not?: Filter | null | undefined;
}

function combined<Filter extends Combined<Filter>>(
  { and, or, not }: Filter,
  holds: (filter: Filter) => boolean,
): boolean {
  if (and && !and.every(holds)) return false;
  if (or && !or.some(holds)) return false;
  return !(not && holds(not));
}

const same = (left: string | null, right: string) => left?.toLowerCase() === right.toLowerCase();
const includes = (texts: readonly (string | null)[], part: string) =>
  texts.some((text) => (shown(text) ?? '').toLowerCase().includes(part.toLowerCase().trim()));

function isProtected(row: ProtectionRow | null, module: string | null | undefined): boolean {
  const all = row?.moduleStatus ?? [];
  const asked = module ? all.filter((status) => (moduleNames[status.module] ?? 'UNKNOWN') === module) : all;
  return asked.length > 0 && asked.every((status) => status.isProtected);
}

function hasModule(row: ProtectionRow | null, module: string): boolean {
  return (row?.moduleStatus ?? []).some((status) => (moduleNames[status.module] ?? 'UNKNOWN') === module);
}

export function userHolds(filter: UserFilter, user: UserRow, tenant: TenantData): boolean {
  const { search, department, company, countryOrRegion, jobTitle, status, isTestUser, protection } = filter;
  const names = [user.displayName, user.firstName, user.lastName, user.mail];
  if (search && !includes([...names, user.userPrincipalName, user.employeeId], search)) return false;
  if (typeof department === 'string' && !same(shown(user.department), department)) return false;
  if (typeof company === 'string' && !same(shown(user.company), company)) return false;
  if (typeof countryOrRegion === 'string' && !same(shown(user.countryOrRegion), countryOrRegion))
    return false;
  if (typeof jobTitle === 'string' && !same(shown(user.jobTitle), jobTitle)) return false;
  if (typeof isTestUser === 'boolean' && user.isTestUser !== isTestUser) return false;
  if (status) {
    const has = (shownUser(user, tenant) as { status: string[] }).status;
    if (status.any && !status.any.some((each) => has.includes(each))) return false;
    if (status.all && !status.all.every((each) => has.includes(each))) return false;
    if (status.none?.some((each) => has.includes(each))) return false;
  }
  if (protection) {
    const row = protectionOf(user, tenant);
    const { state, module } = protection;
    if (state && stateOf(row) !== state) return false;
    if (typeof protection.isProtected === 'boolean') {
      if (isProtected(row, module) !== protection.isProtected) return false;
    } else if (module && !hasModule(row, module)) return false;
  }
  return combined(filter, (each) => userHolds(each, user, tenant));
}

export function userValue(tenant: TenantData) {
  return (user: UserRow, key: string): Value => {
    switch (key) {
      case 'DISPLAY_NAME':
        return shown(user.displayName);
      case 'LAST_NAME':
        return shown(user.lastName);
      case 'MAIL':
        return shown(user.mail);
      case 'USER_PRINCIPAL_NAME':
        return shown(user.userPrincipalName);
      case 'EMPLOYEE_ID':
        return shown(user.employeeId);
      case 'DEPARTMENT':
        return shown(user.department);
      case 'COMPANY':
        return shown(user.company);
      case 'COUNTRY_OR_REGION':
        return shown(user.countryOrRegion);
      case 'JOB_TITLE':
        return shown(user.jobTitle);
      case 'PASSWORD_AGE':
        return user.age;
      case 'PROTECTION':
        return stateOrder.indexOf(stateOf(protectionOf(user, tenant)));
    }
    throw new Error(`There is no order by ${key}.`);
  };
}

/** Whether the row stands under the mail or the principal name of somebody. */
export function hasUser({ email }: ProtectionRow, { users }: TenantData): boolean {
  return (
    email !== null &&
    users.some(({ mail, userPrincipalName }) =>
      [shown(mail), shown(userPrincipalName)].some((address) => same(address, email)),
    )
  );
}

export function statusHolds(filter: ProtectionStatusFilter, row: ProtectionRow, tenant: TenantData): boolean {
  const { search, state, module } = filter;
  if (search && !includes([row.email, row.displayName], search)) return false;
  if (state && stateOf(row) !== state) return false;
  if (typeof filter.isProtected === 'boolean') {
    if (isProtected(row, module) !== filter.isProtected) return false;
  } else if (module && !hasModule(row, module)) return false;
  if (typeof filter.hasUser === 'boolean' && hasUser(row, tenant) !== filter.hasUser) return false;
  return combined(filter, (each) => statusHolds(each, row, tenant));
}

export function statusValue(row: ProtectionRow, key: string): Value {
  if (key === 'EMAIL') return shown(row.email);
  return key === 'PROTECTION' ? stateOrder.indexOf(stateOf(row)) : shown(row.displayName);
}

export function customerHolds(filter: CustomerFilter, customer: CustomerRow): boolean {
  const row = shownCustomer(customer) as { jobStatus: string | null; managementMode: string | null };
  const { search, countryOrRegion, jobStatus, managementMode, hasTenants } = filter;
  if (search && !includes([customer.organization, customer.ownerEmail], search)) return false;
  if (typeof countryOrRegion === 'string' && !same(shown(customer.countryOrRegion), countryOrRegion))
    return false;
  if (jobStatus && row.jobStatus !== jobStatus) return false;
  if (managementMode && row.managementMode !== managementMode) return false;
  const tenants = customer.tenants ?? [];
  if (typeof hasTenants === 'boolean' && tenants.length > 0 !== hasTenants) return false;
  return combined(filter, (each) => customerHolds(each, customer));
}

/** Mostly nothing, since each condition that is set leaves fewer rows. */
function maybe<Item>(arbitrary: fc.Arbitrary<Item>): fc.Arbitrary<Item | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

function someOf<Item>(items: readonly Item[]): fc.Arbitrary<Item[] | undefined> {
  return maybe(fc.subarray([...items], { maxLength: 2 }));
}

/** One of the texts that rows have, or part of one, or a text of nobody. */
function textOf(texts: readonly (string | null)[]): fc.Arbitrary<string> {
  const known = [...new Set(texts.map(shown).filter((text) => text !== null))];
  return known.length === 0
    ? fc.constant('nobody')
    : fc.constantFrom(...known, known[0]?.toUpperCase() ?? '', 'nobody');
}

function partOf(texts: readonly (string | null)[]): fc.Arbitrary<string> {
  return fc.tuple(textOf(texts), fc.nat(5), fc.integer({ min: 1, max: 4 })).map(([text, start, length]) =>
    Array.from(text)
      .slice(start, start + length)
      .join(''),
  );
}

function combining<Filter extends object>(fields: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> {
  return fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 2, depthSize: 'small', withCrossShrink: true },
      fields,
      fc
        .tuple(
          fields,
          fc.record(
            {
              and: fc.array(tie('filter'), { maxLength: 2 }),
              or: fc.array(tie('filter'), { maxLength: 3 }),
              not: tie('filter'),
            },
            { requiredKeys: [] },
          ),
        )
        .map(([own, more]) => ({ ...own, ...more })),
    ),
  })).filter;
}

const states = fc.constantFrom<ProtectionState>('PROTECTED', 'PARTIALLY_PROTECTED', 'UNPROTECTED', 'NO_ROW');
const modules = fc.constantFrom(
  'MAILBOX' as const,
  'ONEDRIVE' as const,
  'TEAMS' as const,
  'UNKNOWN' as const,
);
const noted = ['MFA_DISABLED', 'SIGN_IN_BLOCKED', 'INACTIVE', 'TEST_USER', 'UNKNOWN'] as const;

export function randomUserFilter(users: readonly UserRow[]): fc.Arbitrary<UserFilter> {
  const all = (field: 'department' | 'company' | 'countryOrRegion' | 'jobTitle') =>
    textOf(users.map((user) => user[field]));
  return combining<UserFilter>(
    fc.record({
      search: maybe(
        partOf(users.flatMap(({ displayName, mail, employeeId }) => [displayName, mail, employeeId])),
      ),
      department: maybe(all('department')),
      company: maybe(all('company')),
      countryOrRegion: maybe(all('countryOrRegion')),
      jobTitle: maybe(all('jobTitle')),
      isTestUser: maybe(fc.boolean()),
      status: maybe(fc.record({ any: someOf(noted), all: someOf(noted), none: someOf(noted) })),
      protection: maybe(
        fc.record({ state: maybe(states), module: maybe(modules), isProtected: maybe(fc.boolean()) }),
      ),
    }),
  );
}

export function randomStatusFilter(rows: readonly ProtectionRow[]): fc.Arbitrary<ProtectionStatusFilter> {
  return combining<ProtectionStatusFilter>(
    fc.record({
      search: maybe(partOf(rows.flatMap(({ email, displayName }) => [email, displayName]))),
      state: maybe(states),
      module: maybe(modules),
      isProtected: maybe(fc.boolean()),
      hasUser: maybe(fc.boolean()),
    }),
  );
}

export function randomCustomerFilter(rows: readonly CustomerRow[]): fc.Arbitrary<CustomerFilter> {
  return combining<CustomerFilter>(
    fc.record({
      search: maybe(partOf(rows.flatMap(({ organization, ownerEmail }) => [organization, ownerEmail]))),
      countryOrRegion: maybe(textOf(rows.map(({ countryOrRegion }) => countryOrRegion))),
      jobStatus: maybe(fc.constantFrom('WORKING' as const, 'NOT_AVAILABLE' as const, 'UNKNOWN' as const)),
      managementMode: maybe(fc.constantFrom('CUSTOMER' as const, 'PARTNER' as const)),
      hasTenants: maybe(fc.boolean()),
    }),
  );
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
