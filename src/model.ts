/**
 * Records of the gateway, one per kind of upstream row: `endpoint/` decodes them, `graph/` resolves them. No layer
 * above `endpoint/` sees the upstream's JSON. Absent values are null.
 */

/** An invalid value of an upstream row. */
export interface Fault {
  readonly endpoint: string;
  /** The upstream's field, such as `data[].age`. */
  readonly field: string;
}

export interface Faulty {
  /** The fault of a field that is null or lacks entries; null if it has none. Absent if no field can have a fault. */
  faultOf?(name: string): Fault | null;
}

/** Key of a tenant's lists. Both ids are the upstream's own, not encoded. */
export interface TenantKey {
  readonly customerId: string;
  readonly tenantId: string;
}

/** Code of a missing or invalid code; no code is negative. */
export const noCode = -1;

/** What `changedWhileRead` means, as a sentence. */
export const rowsMayBeMissing =
  'Rows may be missing: a list changed while it was read, or has fewer rows than it states.';

export type JobStatus =
  | 'NOT_AVAILABLE'
  | 'WORKING'
  | 'FAILED'
  | 'WAITING_FOR_CONFIGURATION'
  | 'MULTIPLE_ISSUES_FOUND'
  | 'FINISHED_WITH_EXCEPTION'
  | 'NO_BACKUP_UPDATE'
  | 'UNKNOWN';

export type ManagementMode = 'CUSTOMER' | 'PARTNER' | 'TO_BE_CONFIGURED' | 'UNKNOWN';

export type UserStatus =
  | 'MFA_DISABLED'
  | 'SIGN_IN_BLOCKED'
  | 'PASSWORD_EXPIRED'
  | 'HIGH_RISK'
  | 'MEDIUM_RISK'
  | 'COMPLIANCE'
  | 'INACTIVE'
  | 'PENDING_DELETION'
  | 'TEST_USER'
  | 'UNKNOWN';

export type ProtectionModule =
  | 'MAILBOX'
  | 'SHAREPOINT'
  | 'ONEDRIVE'
  | 'MICROSOFT_365_GROUPS'
  | 'PROJECT'
  | 'PUBLIC_FOLDERS'
  | 'TEAMS'
  | 'VIVA_ENGAGE'
  | 'TEAMS_CHAT'
  | 'POWER_BI'
  | 'POWER_AUTOMATE'
  | 'POWER_APPS'
  | 'COPILOT_STUDIO'
  | 'UNKNOWN';

/** A job status: a code in one endpoint, a text in another. */
interface JobStatusFields {
  readonly jobStatus: JobStatus | null;
  /** The code; or the code of a known text. */
  readonly jobStatusCode: number | null;
  /** The text, if one was sent. */
  readonly jobStatusText: string | null;
}

/** A row of POST /partner/external/v3/general/customers/batch. */
export interface CustomerRecord extends JobStatusFields, Faulty {
  readonly kind: 'Customer';
  readonly customerId: string;
  readonly organization: string | null;
  readonly ownerEmail: string | null;
  readonly countryOrRegion: string | null;
  readonly managementMode: ManagementMode | null;
  readonly managementModeCode: number | null;
  /** Without malformed entries; if there are any, `faultOf('tenants')` is a fault. */
  readonly tenants: readonly TenantRecord[];
}

/** A tenant known to exist; its other fields are in its customer's row. */
export interface TenantReference extends TenantKey, Faulty {
  readonly kind: 'Tenant';
  readonly name?: string | null;
}

/** An entry of a customer's list of tenants. */
export interface TenantRecord extends TenantReference {
  readonly name: string | null;
}

/** A row of POST …/um/customers/{customerId}/tenants/{tenantId}/users/batch. */
export interface UserRecord extends TenantKey, Faulty {
  readonly kind: 'User';
  readonly userId: string;
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
  readonly passwordAge: number | null;
  /** RFC 3339 with an offset; null for the epoch, which means "not set". */
  readonly startDate: string | null;
  readonly endDate: string | null;
  readonly countryOrRegion: string | null;
  readonly status: readonly UserStatus[];
  readonly statusCodes: readonly number[];
}

/** A row of POST …/general/customers/{customerId}/tenants/{tenantId}/cloud-backup-m365/users/batch. */
export interface ProtectionStatusRecord extends TenantKey, Faulty {
  readonly kind: 'ProtectionStatus';
  /** "The ID of the tenant user", which only the later revision of the page has. */
  readonly userId: string | null;
  readonly email: string | null;
  readonly displayName: string | null;
  readonly modules: readonly ModuleStatusRecord[];
}

export interface ModuleStatusRecord extends Faulty {
  readonly module: ProtectionModule;
  /** `noCode` if the upstream sent none. */
  readonly moduleCode: number;
  readonly isProtected: boolean | null;
}

/** A row of GET /partner/customers. */
export interface DirectoryEntryRecord extends JobStatusFields, Faulty {
  readonly kind: 'DirectoryEntry';
  readonly customerId: string;
  readonly organization: string | null;
  readonly ownerEmail: string | null;
  readonly countryOrRegion: string | null;
}

/** `NOT_IN_BACKUP`: the user is unknown to the backup product. */
export type ProtectionState = 'PROTECTED' | 'PARTIALLY_PROTECTED' | 'UNPROTECTED' | 'NOT_IN_BACKUP';

export interface UserCountsRecord {
  readonly userCount: number;
  readonly protectedCount: number;
  readonly partiallyProtectedCount: number;
  readonly unprotectedCount: number;
  readonly notInBackupCount: number;
  /** By code. */
  readonly modules: readonly ModuleCountRecord[];
}

/** Protection of some tenants' users, in numbers. */
export interface ProtectionSummaryRecord extends UserCountsRecord {
  /** Protection rows without a user. */
  readonly unmatchedStatusCount: number;
  /** By grouping, if requested. */
  readonly groups: ReadonlyMap<Grouping, GroupsRecord | DroppedGroups>;
  /** Request time of the oldest data in milliseconds since the epoch; null without data. */
  readonly asOfMs: number | null;
  /** Whether rows may be missing: a list kept changing during the read, or sent fewer rows than it states. */
  readonly changedWhileRead: boolean;
  /** Tenants that could not be read, excluded from the numbers. */
  readonly missing: readonly MissingTenantRecord[];
}

/** Property by which users are grouped. */
export type Grouping =
  'CUSTOMER' | 'DEPARTMENT' | 'COMPANY' | 'JOB_TITLE' | 'LOCATION' | 'COUNTRY_OR_REGION' | 'STATUS';

/** Groups of users, column by column. */
export interface GroupsRecord {
  /** Index of each group, by the folded value of its users; the value is empty for users without one. */
  readonly indexes: ReadonlyMap<string, number>;
  /** By group: the value's only spelling, or the number of users per spelling; null for users without a value. */
  readonly spellings: readonly (string | null | ReadonlyMap<string, number>)[];
  readonly counts: Readonly<Record<Exclude<keyof UserCountsRecord, 'modules'>, readonly number[]>>;
  /** Known modules by code. */
  readonly modules: ReadonlyMap<number, ModuleColumns>;
  /**
   * Unknown modules by code, for some groups. They have no columns: the upstream may send a different code for each
   * user, and each column would have a number per group.
   */
  readonly unknownModules: ReadonlyMap<number, ReadonlyMap<number, ModuleCounts>>;
}

export interface ModuleColumns extends Pick<ModuleCountRecord, 'module'> {
  readonly protectedCount: readonly number[];
  readonly unprotectedCount: readonly number[];
}

/** Why there are no groups: too many in a tenant or a summary, or in all tenants of the operation. */
export type DroppedGroups = 'TOO_MANY' | 'TOO_MANY_IN_OPERATION';

/** A summary with an id of its filter. */
export interface IdentifiedSummaryRecord extends ProtectionSummaryRecord {
  readonly id: string;
}

/** A group as callers see it. */
export interface ShownGroupRecord extends UserCountsRecord {
  readonly grouping: Grouping;
  /** Null for users without a value. */
  readonly value: string | null;
}

export interface ModuleCountRecord extends ModuleCounts {
  readonly module: ProtectionModule;
  readonly moduleCode: number;
}

export interface ModuleCounts {
  readonly protectedCount: number;
  readonly unprotectedCount: number;
}

/** A tenant that could not be read; its id is empty if the customer's list of tenants is malformed. */
export interface MissingTenantRecord extends TenantKey {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}
