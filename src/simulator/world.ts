/**
 * What a simulated upstream serves: rows as the reference pages have them. A world computes a row from its index, so
 * that one of millions of users needs no memory; a test may serve a world of its own.
 */

/** A row of customers/batch. */
export interface CustomerRow {
  readonly id: string;
  readonly organization: string | null;
  readonly ownerEmail: string | null;
  readonly jobStatus: number | string | null;
  readonly countryOrRegion: string | null;
  readonly managementMode: number | null;
  readonly tenants: readonly { readonly id: string; readonly name: string | null }[] | null;
}

/** A row of users/batch. */
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

/** A row of cloud-backup-m365/users/batch; the singular dialect leaves `id` out. */
export interface ProtectionRow {
  readonly id: string | null;
  readonly email: string | null;
  readonly displayName: string | null;
  readonly moduleStatus: readonly { readonly module: number; readonly isProtected: boolean }[] | null;
}

/** A row of GET /partner/customers. */
export interface DirectoryRow {
  readonly id: string;
  readonly organization: string | null;
  readonly ownerEmail: string | null;
  readonly jobStatus: string | null;
  readonly countryOrRegion: string | null;
}

/** A list whose rows are computed when they are read. `find` gives the indexes of the rows a filter's key selects. */
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
  /** Null where the customer has no such tenant. */
  readonly tenant: (customerId: string, tenantId: string) => TenantWorld | null;
}
