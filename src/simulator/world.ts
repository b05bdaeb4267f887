/**
 * Data of a simulated upstream: rows as in the reference pages, computed from their indexes, so that millions of users
 * need no memory. Tests may pass their own data.
 */

/** Row of customers/batch. */
export interface CustomerRow {
  readonly id: string;
  readonly organization: string | null;
  readonly ownerEmail: string | null;
  readonly jobStatus: number | string | null;
  readonly countryOrRegion: string | null;
  readonly managementMode: number | null;
  readonly tenants: readonly { readonly id: string; readonly name: string | null }[] | null;
}

/** Row of users/batch. */
export interface UserRow {
  readonly id: string;
  readonly userPrincipalName: string | null;
  readonly mail: string | null;
  readonly displayName: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly employeeId: string | null;
  readonly location: string | null;
  readonly company: string | null;
  readonly department: string | null;
  readonly mobile: string | null;
  readonly jobTitle: string | null;
  readonly isTestUser: boolean | null;
  readonly age: number | null;
  readonly startDate: string | null;
  readonly endDate: string | null;
  readonly countryOrRegion: string | null;
  readonly status: readonly number[] | number | null;
}

/** Row of cloud-backup-m365/users/batch; the singular dialect omits `id`. */
export interface ProtectionRow {
  readonly id: string | null;
  readonly email: string | null;
  readonly displayName: string | null;
  readonly moduleStatus: readonly { readonly module: number; readonly isProtected: boolean }[] | null;
}

/** Row of GET /partner/customers. */
export interface DirectoryRow {
  readonly id: string;
  readonly organization: string | null;
  readonly ownerEmail: string | null;
  readonly jobStatus: string | null;
  readonly countryOrRegion: string | null;
}

/** List of rows computed on access. `find` returns the indexes of rows that match a filter's key. */
export interface RowSource<Row> {
  readonly count: number;
  readonly at: (index: number) => Row;
  readonly find: (key: string) => readonly number[];
}

export interface TenantWorld {
  readonly users: RowSource<UserRow>;
  readonly protection: RowSource<ProtectionRow>;
}

export interface World {
  readonly customers: RowSource<CustomerRow>;
  readonly directory: RowSource<DirectoryRow>;
  /** Null if the customer has no such tenant. */
  readonly tenant: (customerId: string, tenantId: string) => TenantWorld | null;
}
