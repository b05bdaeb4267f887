/**
 * The gateway's own records, one per kind of row of the upstream. They are what `endpoint/` decodes into and what
 * `graph/` resolves from; nothing above `endpoint/` ever sees the upstream's JSON. Absent is always `null`.
 */

/** A value of an upstream row that could not be understood. */
export interface Fault {
  /** The endpoint that the row is of. */
  readonly endpoint: string;
  /** The upstream's field, such as `data[].age`. */
  readonly field: string;
}

export interface Faulty {
  /** Why the record's field of this name is null; null if that is its value. Absent if none can have a fault. */
  faultOf?(name: string): Fault | null;
}

/** Where a tenant's users and protection rows are found. Both ids are the upstream's own, not encoded. */
export interface TenantKey {
  readonly customerId: string;
  readonly tenantId: string;
}

/** In place of a code if the upstream sent something else; no code is negative. */
export const noCode = -1;

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

/** A job status, which the upstream sends as a code in one endpoint and as a text in another. */
interface JobStatusFields {
  readonly jobStatus: JobStatus | null;
  /** The code sent, or the one the text is known to stand for. */
  readonly jobStatusCode: number | null;
  /** The text, where a text was sent. */
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
  readonly tenants: readonly TenantRecord[];
}

/** A tenant that is known to exist; the rest of it stands in its customer's row. */
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
  /** RFC 3339 with an offset; null for the epoch, which the upstream means as "not set". */
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

/** How much of a user is protected; `NOT_IN_BACKUP`: the backup product does not know the user. */
export type ProtectionState = 'PROTECTED' | 'PARTIALLY_PROTECTED' | 'UNPROTECTED' | 'NOT_IN_BACKUP';

/** Users in numbers. */
export interface UserCountsRecord {
  readonly userCount: number;
  readonly protectedCount: number;
  readonly partiallyProtectedCount: number;
  readonly unprotectedCount: number;
  readonly notInBackupCount: number;
  /** In the order of their codes. */
  readonly modules: readonly ModuleCountRecord[];
}

/** How well the users of some tenants are protected, in numbers. */
export interface ProtectionSummaryRecord extends UserCountsRecord {
  /** Protection rows that belong to no user. */
  readonly unmatchedStatusCount: number;
  /** By what they are grouped by: only what was asked for. */
  readonly groups: ReadonlyMap<Grouping, GroupsRecord>;
  /** When the oldest of the data was asked for, in milliseconds since the epoch; null where there is none. */
  readonly asOfMs: number | null;
  /** Whether a list went on changing while it was read, so that rows may be missing. */
  readonly changedWhileRead: boolean;
  /** Tenants that could not be read, which no number counts. */
  readonly missing: readonly MissingTenantRecord[];
}

/** What users are counted apart by. */
export type Grouping =
  'CUSTOMER' | 'DEPARTMENT' | 'COMPANY' | 'JOB_TITLE' | 'LOCATION' | 'COUNTRY_OR_REGION' | 'STATUS';

/** Groups by the folded value that their users share, empty for users without one; null where there are too many. */
export type GroupsRecord = ReadonlyMap<string, GroupRecord> | null;

/** The users who share a value. */
export interface GroupRecord extends UserCountsRecord {
  /** How many of them spell the value in each way; nothing for users without one. */
  readonly spellings: ReadonlyMap<string, number>;
}

/** A summary, with an id of what it is of. */
export interface IdentifiedSummaryRecord extends ProtectionSummaryRecord {
  readonly id: string;
}

/** A group under the name that callers see. */
export interface ShownGroupRecord extends UserCountsRecord {
  readonly grouping: Grouping;
  /** Null for users without one. */
  readonly value: string | null;
}

/** Numbers of users. */
export interface ModuleCountRecord {
  readonly module: ProtectionModule;
  readonly moduleCode: number;
  readonly protectedCount: number;
  readonly unprotectedCount: number;
}

export interface MissingTenantRecord extends TenantKey {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}
