/** A world that is given row by row. */
import type {
  CustomerRow,
  DirectoryRow,
  ProtectionRow,
  RowSource,
  TenantWorld,
  UserRow,
  World,
} from '../src/simulator/world.ts';

export interface TenantData {
  readonly users: readonly UserRow[];
  readonly protection: readonly ProtectionRow[];
}

export interface WorldData {
  readonly customers: readonly CustomerRow[];
  readonly directory: readonly DirectoryRow[];
  /** By `customerId/tenantId`. */
  readonly tenants: Readonly<Record<string, TenantData>>;
}

export function createWorldOf({ customers, directory, tenants }: WorldData): World {
  return {
    customers: sourceOf(customers, ({ id }) => id),
    directory: sourceOf(directory, ({ id }) => id),
    tenant: (customerId, tenantId) => {
      const tenant = tenants[`${customerId}/${tenantId}`];
      return tenant === undefined ? null : createTenantOf(tenant);
    },
  };
}

function createTenantOf({ users, protection }: TenantData): TenantWorld {
  return { users: sourceOf(users, ({ id }) => id), protection: sourceOf(protection, ({ email }) => email) };
}

function sourceOf<Row>(rows: readonly Row[], keyOf: (row: Row) => string | null): RowSource<Row> {
  return {
    // Rows may come and go while a test runs.
    get count() {
      return rows.length;
    },
    at: (index) => {
      const row = rows[index];
      if (row === undefined) throw new RangeError(`There is no row ${index}.`);
      return row;
    },
    find: (key) =>
      rows.flatMap((row, index) => (keyOf(row)?.toLowerCase() === key.toLowerCase() ? [index] : [])),
  };
}

export function customerRow(row: Partial<CustomerRow> & { id: string }): CustomerRow {
  return {
    organization: 'Organization',
    ownerEmail: 'owner@example.com',
    jobStatus: 1,
    countryOrRegion: 'Slovenia',
    managementMode: 1,
    tenants: [],
    ...row,
  };
}

export function userRow(row: Partial<UserRow> & { id: string }): UserRow {
  return {
    userPrincipalName: `${row.id}@example.onmicrosoft.com`,
    mail: `${row.id}@example.com`,
    displayName: null,
    firstName: null,
    lastName: null,
    employeeId: null,
    location: null,
    company: null,
    department: null,
    mobile: null,
    jobTitle: null,
    isTestUser: false,
    age: 1,
    startDate: null,
    endDate: null,
    countryOrRegion: null,
    status: null,
    ...row,
  };
}

export function protectionRow(email: string | null, row: Partial<ProtectionRow> = {}): ProtectionRow {
  return { id: null, displayName: null, moduleStatus: [{ module: 0, isProtected: true }], email, ...row };
}

/** One customer `c` with one tenant `t`. */
export function worldOfTenant(tenant: TenantData): WorldData {
  return {
    customers: [customerRow({ id: 'c', tenants: [{ id: 't', name: 'Tenant' }] })],
    directory: [],
    tenants: { 'c/t': tenant },
  };
}

/** The data of a customer's tenants. */
export function tenantsOf(
  { tenants }: WorldData,
  customerId: string,
  ids: readonly { id: string }[],
): TenantData[] {
  return ids.flatMap(({ id }) => tenants[`${customerId}/${id}`] ?? []);
}
