/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/**
 * A range of `protectionSummary.coverage`. What is absent or null sets no bound, and a range without bounds no condition.
 * Customers without users are in no range, nor are those none of whose tenants could be read.
 */
export type CoverageFilter = {
  /** More than this, 0 to 1. */
  above?: number | null | undefined;
  /** Less than this, 0 to 1. */
  below?: number | null | undefined;
  /** The users that count; without it, those of the field's argument `users`, or all. */
  users?: UserFilter | null | undefined;
};

/** Conditions on customers, all of which must hold. An absent or null field sets no condition. */
export type CustomerFilter = {
  /** All of these hold as well. */
  and?: Array<CustomerFilter> | null | undefined;
  /** The country or region is this; letter case does not count. An empty text: there is none. */
  countryOrRegion?: string | null | undefined;
  /** The share of protected users is in this range. For this, all tenants are read. */
  coverage?: CoverageFilter | null | undefined;
  /** The customer is one of these, by the upstream's own ids; letter case does not count. 1,000 at most. */
  customerIds?: Array<string> | null | undefined;
  /** There is at least one tenant, or there is none. */
  hasTenants?: boolean | null | undefined;
  /** The state of the backup jobs is this. */
  jobStatus?: JobStatus | null | undefined;
  /** The tenants are managed so. */
  managementMode?: ManagementMode | null | undefined;
  /** This does not hold. */
  not?: CustomerFilter | null | undefined;
  /** At least one of these holds as well. */
  or?: Array<CustomerFilter> | null | undefined;
  /** The organization's name or the owner's e-mail address contains this; letter case does not count. */
  search?: string | null | undefined;
  /** The number of tenants is in this range. */
  tenantCount?: IntRange | null | undefined;
  /** The name of one of the customer's tenants contains this; letter case does not count. */
  tenantName?: string | null | undefined;
  /**
   * The number of users, of those of the field's argument `users` or of all, is in this range. For this, all tenants are
   * read; those that can't be read count for nothing.
   */
  userCount?: IntRange | null | undefined;
};

/**
 * Instants from `from` to `to`, both included, compared to the millisecond. A day alone, such as 2026-01-31, is all of that
 * day in UTC. What is absent or null sets no bound, and a range without bounds no condition; what has no date is in
 * no range.
 */
export type DateTimeRange = {
  /** The first instant, or the first day. */
  from?: string | null | undefined;
  /** The last instant, or the last day; not before `from`. */
  to?: string | null | undefined;
};

/**
 * Whole numbers from `min` to `max`, both included. What is absent or null sets no bound, and a range without bounds no
 * condition; a missing value is in no range.
 */
export type IntRange = {
  /** The greatest number; not less than `min`. */
  max?: number | null | undefined;
  /** The least number. */
  min?: number | null | undefined;
};

/** The state of a customer's backup jobs. */
export type JobStatus =
  /** Failed (code 2). */
  | 'FAILED'
  /** Finished with exception (code 5). */
  | 'FINISHED_WITH_EXCEPTION'
  /** Multiple issues found (code 4). */
  | 'MULTIPLE_ISSUES_FOUND'
  /** Not available (code 0). */
  | 'NOT_AVAILABLE'
  /** No backup update (code 6). */
  | 'NO_BACKUP_UPDATE'
  /** A code or text that this gateway does not know; `jobStatusCode` or `jobStatusText` has it. */
  | 'UNKNOWN'
  /** Waiting for configuration (code 3). */
  | 'WAITING_FOR_CONFIGURATION'
  /** Working (code 1). */
  | 'WORKING';

/** Who manages a customer's tenants. */
export type ManagementMode =
  /** The customer (code 0). */
  | 'CUSTOMER'
  /** The partner (code 1). */
  | 'PARTNER'
  /** Not decided yet (code 2). */
  | 'TO_BE_CONFIGURED'
  /** A code that this gateway does not know; `managementModeCode` has it. */
  | 'UNKNOWN';

/** Why a tenant could not be read: the error codes that `errors` may have for its lists. */
export type MissingTenantReason =
  /** The operation's time was over before the tenant was read, or the gateway shut down. */
  | 'DEADLINE_EXCEEDED'
  /** Another reason; `message` says which. */
  | 'OTHER'
  /** The operation needs more calls of the upstream than it may make. */
  | 'UPSTREAM_BUDGET_EXCEEDED'
  /** The upstream forbids the call, or a permission is missing. */
  | 'UPSTREAM_FORBIDDEN'
  /** The upstream's answer can't be understood. */
  | 'UPSTREAM_INVALID_RESPONSE'
  /** The upstream has nothing under the tenant's ids, for instance because it has no backup product. */
  | 'UPSTREAM_NOT_FOUND'
  /** The upstream is throttling calls. */
  | 'UPSTREAM_RATE_LIMITED'
  /** The upstream refused the call with another status. */
  | 'UPSTREAM_REFUSED'
  /** The upstream did not answer in time. */
  | 'UPSTREAM_TIMEOUT'
  /** The upstream, or its identity service, refused the gateway's credential. */
  | 'UPSTREAM_UNAUTHENTICATED'
  /** The upstream is unreachable or failed. */
  | 'UPSTREAM_UNAVAILABLE';

/** How a user is protected: all that is given here holds. */
export type ProtectionFilter = {
  /**
   * Whether every module of the user's row is protected, or the one named by `module`. A user without a row, and one whose
   * row lacks the module, is not protected.
   */
  isProtected?: boolean | null | undefined;
  /** With `isProtected`: the module that it applies to. Alone: the user's row has this module, protected or not. */
  module?: ProtectionModule | null | undefined;
  /** The user's state. */
  state?: ProtectionState | null | undefined;
  /** The user's state is one of these; none is, if the list is empty. */
  states?: Array<ProtectionState> | null | undefined;
};

/** A module of Microsoft 365 that can be backed up. */
export type ProtectionModule =
  /** Copilot Studio (code 15). */
  | 'COPILOT_STUDIO'
  /** Exchange mailbox (code 0). */
  | 'MAILBOX'
  /** Microsoft 365 Groups (code 3). */
  | 'MICROSOFT_365_GROUPS'
  /** OneDrive (code 2). */
  | 'ONEDRIVE'
  /** Power Apps (code 14). */
  | 'POWER_APPS'
  /** Power Automate (code 12). */
  | 'POWER_AUTOMATE'
  /** Power BI (code 11). */
  | 'POWER_BI'
  /** Project (code 4). */
  | 'PROJECT'
  /** Public folders (code 5). */
  | 'PUBLIC_FOLDERS'
  /** SharePoint (code 1). */
  | 'SHAREPOINT'
  /** Teams (code 6). */
  | 'TEAMS'
  /** Teams chat (code 10). */
  | 'TEAMS_CHAT'
  /** A code that this gateway does not know; `moduleCode` has it. */
  | 'UNKNOWN'
  /** Viva Engage (code 9). */
  | 'VIVA_ENGAGE';

/** How much of a user is protected. */
export type ProtectionState =
  /** The backup product has no row for the user. */
  | 'NOT_IN_BACKUP'
  /** The former name of `NOT_IN_BACKUP`. */
  | 'NO_ROW'
  /** Some modules of the user's row are protected, and some are not. */
  | 'PARTIALLY_PROTECTED'
  /** Every module of the user's row is protected, and there is at least one. */
  | 'PROTECTED'
  /** No module of the user's row is protected, or it has none. */
  | 'UNPROTECTED';

/** Conditions on users, all of which must hold. An absent or null field sets no condition. */
export type UserFilter = {
  /** All of these hold as well. */
  and?: Array<UserFilter> | null | undefined;
  /** The company is this; letter case does not count. An empty text: there is none. */
  company?: string | null | undefined;
  /** The country or region is this; letter case does not count. An empty text: there is none. */
  countryOrRegion?: string | null | undefined;
  /** The department is this; letter case does not count. An empty text: there is none. */
  department?: string | null | undefined;
  /** When the account will be blocked from signing in is in this range. */
  endDate?: DateTimeRange | null | undefined;
  /** The account is a test user, or the upstream says that it is not. */
  isTestUser?: boolean | null | undefined;
  /** The job title is this; letter case does not count. An empty text: there is none. */
  jobTitle?: string | null | undefined;
  /** The office location is this; letter case does not count. An empty text: there is none. */
  location?: string | null | undefined;
  /** This does not hold. */
  not?: UserFilter | null | undefined;
  /** At least one of these holds as well. */
  or?: Array<UserFilter> | null | undefined;
  /** The age of the password is in this range. */
  passwordAge?: IntRange | null | undefined;
  /** The backup protection. */
  protection?: ProtectionFilter | null | undefined;
  /**
   * The display name, first name, last name, mail, user principal name or employee id contains this; letter case does not
   * count.
   */
  search?: string | null | undefined;
  /** When the account can begin to sign in is in this range. */
  startDate?: DateTimeRange | null | undefined;
  /** What is noted about the account. */
  status?: UserStatusFilter | null | undefined;
};

/** Something to be noted about a user's account. */
export type UserStatus =
  /** Compliance (code 5). */
  | 'COMPLIANCE'
  /** High risk (code 3). */
  | 'HIGH_RISK'
  /** Inactive (code 6). */
  | 'INACTIVE'
  /** Medium risk (code 4). */
  | 'MEDIUM_RISK'
  /** Multi-factor authentication is disabled (code 0). */
  | 'MFA_DISABLED'
  /** The password has expired (code 2). */
  | 'PASSWORD_EXPIRED'
  /** Pending deletion (code 7). */
  | 'PENDING_DELETION'
  /** Sign-in is blocked (code 1). */
  | 'SIGN_IN_BLOCKED'
  /** A test user (code 8). */
  | 'TEST_USER'
  /** A code that this gateway does not know; `statusCodes` has it. */
  | 'UNKNOWN';

/** What is noted about a user's account: all that is given here holds. */
export type UserStatusFilter = {
  /** Every one of these is noted. */
  all?: Array<UserStatus> | null | undefined;
  /** At least one of these is noted. */
  any?: Array<UserStatus> | null | undefined;
  /** None of these is noted. */
  none?: Array<UserStatus> | null | undefined;
};

export type ReportSubscriptionVariables = Exact<{
  filter?: CustomerFilter | null | undefined;
  users?: UserFilter | null | undefined;
}>;


export type ReportSubscription = { protectionReport: { progress: { tenantsDone: number, tenantsTotal: number, usersDone: number, usersTotal: number | null, calls: number, secondsElapsed: number, secondsLeft: number | null }, tenant: { customerId: string, organization: string | null, tenantId: string, name: string | null, summary: { coverage: number | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, asOf: string | null, changedWhileRead: boolean, isComplete: boolean, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, organization: string | null, tenantId: string, name: string | null, reason: MissingTenantReason, message: string, retryable: boolean }> } } | null, totals: { coverage: number | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, asOf: string | null, changedWhileRead: boolean, isComplete: boolean, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, organization: string | null, tenantId: string, name: string | null, reason: MissingTenantReason, message: string, retryable: boolean }> } | null } };

export type ReportSummaryFragment = { coverage: number | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, asOf: string | null, changedWhileRead: boolean, isComplete: boolean, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, organization: string | null, tenantId: string, name: string | null, reason: MissingTenantReason, message: string, retryable: boolean }> };
