/** What filters and orders must give, worked out row by row from the upstream's own rows, and random ones to ask with. */
import fc from 'fast-check';
import type { CustomerRow, ProtectionRow, UserRow } from '../../src/simulator/world.ts';
import type {
  CustomerFilter,
  CustomerOrder,
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

/** Capitals, composed, with the two that have no small letter of their own spelled out. */
function fold(text: string): string {
  return text.normalize('NFC').toUpperCase().normalize('NFC').replaceAll('ẞ', 'SS').replaceAll('İ', 'I');
}

const same = (left: string | null, right: string) => left !== null && fold(left) === fold(right);
const includes = (texts: readonly (string | null)[], part: string) =>
  texts.some((text) => fold(shown(text) ?? '').includes(fold(part).trim()));

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

/** One or two of the fields that a filter may set: with more, hardly a row is left. */
function someFields<Filter extends object>(fields: {
  readonly [Name in keyof Filter]-?: fc.Arbitrary<NonNullable<Filter[Name]>>;
}): fc.Arbitrary<Partial<Filter>> {
  const all = Object.entries<fc.Arbitrary<unknown>>(fields);
  const filters: fc.Arbitrary<object> = fc
    .subarray(all, { minLength: 1, maxLength: 2 })
    .chain((chosen) => fc.record(Object.fromEntries(chosen)));
  return filters;
}

/** Of three filters, the first that selects some of the rows and leaves others, else the first of all. */
function selectingSome<Row, Filter>(
  filters: fc.Arbitrary<Filter>,
  rows: readonly Row[],
  holds: (filter: Filter, row: Row) => boolean,
): fc.Arbitrary<Filter> {
  return fc.tuple(filters, filters, filters).map((three) => {
    const isProper = (filter: Filter) => {
      const selected = rows.filter((row) => holds(filter, row)).length;
      return selected > 0 && selected < rows.length;
    };
    return three.find(isProper) ?? three[0];
  });
}

/** Mostly about one of the rows, so that its fields hold together; else about all of them. */
function aboutRows<Row, Filter>(
  rows: readonly Row[],
  filterOf: (rows: readonly Row[]) => fc.Arbitrary<Filter>,
): fc.Arbitrary<Filter> {
  if (rows.length === 0) return filterOf(rows);
  return fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...rows).chain((row) => filterOf([row])) },
    { weight: 1, arbitrary: filterOf(rows) },
  );
}

/** Mostly one of the values that rows have, else one of these. */
function valueOf<Value>(ofRows: readonly (Value | null)[], others: readonly Value[]): fc.Arbitrary<Value> {
  const known = [...new Set(ofRows.filter((value) => value !== null))];
  const other = fc.constantFrom(...others);
  return known.length === 0
    ? other
    : fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: other });
}

/** One of the texts that rows have, in small letters or capitals, or a text of nobody. */
function textOf(texts: readonly (string | null)[]): fc.Arbitrary<string> {
  return fc
    .tuple(valueOf(texts.map(shown), ['nobody']), fc.constantFrom('as it is', 'capitals', 'small'))
    .map(([text, how]) =>
      how === 'capitals' ? text.toUpperCase() : how === 'small' ? text.toLowerCase() : text,
    );
}

/** A letter or a few of one of the texts that rows have. */
function partOf(texts: readonly (string | null)[]): fc.Arbitrary<string> {
  return fc.tuple(textOf(texts), fc.nat(3), fc.integer({ min: 1, max: 3 })).map(([text, start, length]) => {
    const letters = Array.from(text.normalize('NFC'));
    const at = Math.min(start, letters.length - 1);
    return letters.slice(at, at + length).join('');
  });
}

function combining<Filter extends object>(fields: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> {
  return fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 2, depthSize: 'small', withCrossShrink: true },
      { weight: 3, arbitrary: fields },
      {
        weight: 1,
        arbitrary: fc
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
      },
    ),
  })).filter;
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
  const all = (field: 'department' | 'company' | 'countryOrRegion' | 'jobTitle') =>
    textOf(users.map((user) => user[field]));
  const status = valueOf(
    users.flatMap((user) => (shownUser(user, tenant) as { status: UserStatus[] }).status),
    noted,
  );
  const some = fc.array(status, { minLength: 1, maxLength: 2 });
  return someFields<Omit<UserFilter, 'and' | 'or' | 'not'>>({
    search: partOf(users.flatMap(({ displayName, mail, employeeId }) => [displayName, mail, employeeId])),
    department: all('department'),
    company: all('company'),
    countryOrRegion: all('countryOrRegion'),
    jobTitle: all('jobTitle'),
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
        ['NO_ROW'],
      ),
      module: moduleOf(users.flatMap((user) => protectionOf(user, tenant) ?? [])),
      isProtected: fc.boolean(),
    }),
  });
}

export function randomStatusFilter(tenant: TenantData): fc.Arbitrary<ProtectionStatusFilter> {
  const all = tenant.protection;
  const filters = combining<ProtectionStatusFilter>(
    aboutRows(all, (rows) =>
      someFields<Omit<ProtectionStatusFilter, 'and' | 'or' | 'not'>>({
        search: partOf(rows.flatMap(({ email, displayName }) => [email, displayName])),
        state: valueOf(rows.map(stateOf), ['PROTECTED', 'NO_ROW']),
        module: moduleOf(rows),
        isProtected: fc.boolean(),
        hasUser: fc.boolean(),
      }),
    ),
  );
  return selectingSome(filters, all, (filter, row) => statusHolds(filter, row, tenant));
}

export function randomCustomerFilter(all: readonly CustomerRow[]): fc.Arbitrary<CustomerFilter> {
  const filters = combining<CustomerFilter>(
    aboutRows(all, (rows) => {
      const shownRows = rows.map(
        (row) => shownCustomer(row) as { jobStatus: JobStatus | null; managementMode: ManagementMode | null },
      );
      return someFields<Omit<CustomerFilter, 'and' | 'or' | 'not'>>({
        search: partOf(rows.flatMap(({ organization, ownerEmail }) => [organization, ownerEmail])),
        countryOrRegion: textOf(rows.map(({ countryOrRegion }) => countryOrRegion)),
        jobStatus: valueOf(
          shownRows.map(({ jobStatus }) => jobStatus),
          ['WORKING', 'NOT_AVAILABLE', 'UNKNOWN'],
        ),
        managementMode: valueOf(
          shownRows.map(({ managementMode }) => managementMode),
          ['CUSTOMER', 'PARTNER'],
        ),
        hasTenants: fc.boolean(),
      });
    }),
  );
  return selectingSome(filters, all, customerHolds);
}

/** How many of the random filters have selected some rows of a list and left others. */
export class Selections {
  #all = 0;
  #proper = 0;

  note(selected: number, of: number): void {
    // Of a list of one row or none, there is no part.
    if (of < 2) return;
    this.#all += 1;
    if (selected > 0 && selected < of) this.#proper += 1;
  }

  get properShare(): number {
    return this.#all === 0 ? 1 : this.#proper / this.#all;
  }
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
