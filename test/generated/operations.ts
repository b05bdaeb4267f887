/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
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

/** An order of customers. */
export type CustomerOrder =
  /** By country or region, A to Z. */
  | 'COUNTRY_OR_REGION_ASC'
  /** By country or region, Z to A. */
  | 'COUNTRY_OR_REGION_DESC'
  /**
   * By `protectionSummary.coverage`, the worst first; customers without users, and those none of whose tenants could be
   * read, come last.
   */
  | 'COVERAGE_ASC'
  /**
   * By `protectionSummary.coverage`, the best first; customers without users, and those none of whose tenants could be
   * read, come last.
   */
  | 'COVERAGE_DESC'
  /** By the code of the job status, the smallest first. */
  | 'JOB_STATUS_ASC'
  /** By the code of the job status, the greatest first. */
  | 'JOB_STATUS_DESC'
  /** By the code of the management mode, the smallest first. */
  | 'MANAGEMENT_MODE_ASC'
  /** By the code of the management mode, the greatest first. */
  | 'MANAGEMENT_MODE_DESC'
  /** By the organization's name, A to Z. */
  | 'ORGANIZATION_ASC'
  /** By the organization's name, Z to A. */
  | 'ORGANIZATION_DESC'
  /** By the owner's e-mail address, A to Z. */
  | 'OWNER_EMAIL_ASC'
  /** By the owner's e-mail address, Z to A. */
  | 'OWNER_EMAIL_DESC'
  /** By the number of tenants, the smallest first. */
  | 'TENANT_COUNT_ASC'
  /** By the number of tenants, the greatest first. */
  | 'TENANT_COUNT_DESC'
  /** By the number of the tenants' users, the smallest first. */
  | 'USER_COUNT_ASC'
  /** By the number of the tenants' users, the greatest first. */
  | 'USER_COUNT_DESC';

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

/** Conditions on protection rows, all of which must hold. An absent or null field sets no condition. */
export type ProtectionStatusFilter = {
  /** All of these hold as well. */
  and?: Array<ProtectionStatusFilter> | null | undefined;
  /** The row belongs to a user, or to none, as that of a shared mailbox. */
  hasUser?: boolean | null | undefined;
  /** Whether every module of the row is protected, or the one named by `module`; false if the row lacks it. */
  isProtected?: boolean | null | undefined;
  /** With `isProtected`: the module that it applies to. Alone: the row has this module, protected or not. */
  module?: ProtectionModule | null | undefined;
  /** This does not hold. */
  not?: ProtectionStatusFilter | null | undefined;
  /** At least one of these holds as well. */
  or?: Array<ProtectionStatusFilter> | null | undefined;
  /** The address or the name to show contains this; letter case does not count. */
  search?: string | null | undefined;
  /** How much of the row is protected. */
  state?: ProtectionState | null | undefined;
  /** How much of the row is protected, as one of these; none is, if the list is empty. */
  states?: Array<ProtectionState> | null | undefined;
};

/** An order of protection rows. */
export type ProtectionStatusOrder =
  /** By the name to show, A to Z. */
  | 'DISPLAY_NAME_ASC'
  /** By the name to show, Z to A. */
  | 'DISPLAY_NAME_DESC'
  /** By address, A to Z. */
  | 'EMAIL_ASC'
  /** By address, Z to A. */
  | 'EMAIL_DESC'
  /** By state of protection: unprotected, partially protected, protected. */
  | 'PROTECTION_ASC'
  /** By state of protection: protected, partially protected, unprotected. */
  | 'PROTECTION_DESC';

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

/** An order of users. */
export type UserOrder =
  /** By company, A to Z. */
  | 'COMPANY_ASC'
  /** By company, Z to A. */
  | 'COMPANY_DESC'
  /** By country or region, A to Z. */
  | 'COUNTRY_OR_REGION_ASC'
  /** By country or region, Z to A. */
  | 'COUNTRY_OR_REGION_DESC'
  /** By department, A to Z. */
  | 'DEPARTMENT_ASC'
  /** By department, Z to A. */
  | 'DEPARTMENT_DESC'
  /** By the name to show, A to Z. */
  | 'DISPLAY_NAME_ASC'
  /** By the name to show, Z to A. */
  | 'DISPLAY_NAME_DESC'
  /** By employee id, A to Z. */
  | 'EMPLOYEE_ID_ASC'
  /** By employee id, Z to A. */
  | 'EMPLOYEE_ID_DESC'
  /** By job title, A to Z. */
  | 'JOB_TITLE_ASC'
  /** By job title, Z to A. */
  | 'JOB_TITLE_DESC'
  /** By last name, A to Z. */
  | 'LAST_NAME_ASC'
  /** By last name, Z to A. */
  | 'LAST_NAME_DESC'
  /** By e-mail address, A to Z. */
  | 'MAIL_ASC'
  /** By e-mail address, Z to A. */
  | 'MAIL_DESC'
  /** By the age of the password, the smallest first. */
  | 'PASSWORD_AGE_ASC'
  /** By the age of the password, the greatest first. */
  | 'PASSWORD_AGE_DESC'
  /** By state of protection: no row, unprotected, partially protected, protected. */
  | 'PROTECTION_ASC'
  /** By state of protection: protected, partially protected, unprotected, no row. */
  | 'PROTECTION_DESC'
  /** By user principal name, A to Z. */
  | 'USER_PRINCIPAL_NAME_ASC'
  /** By user principal name, Z to A. */
  | 'USER_PRINCIPAL_NAME_DESC';

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

export type ByNodeIdQueryVariables = Exact<{
  id: string;
}>;


export type ByNodeIdQuery = { node:
    | { __typename: 'Customer' }
    | { __typename: 'DirectoryEntry' }
    | { __typename: 'ProtectionStatus' }
    | { __typename: 'Tenant' }
    | { __typename: 'User', displayName: string | null }
   | null, nodes: Array<
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
   | null> | null };

export type CoverageByDepartmentQueryVariables = Exact<{ [key: string]: never; }>;


export type CoverageByDepartmentQuery = { protectionSummary: { coverage: number | null, userCount: number, isComplete: boolean, missing: Array<{ name: string | null, reason: MissingTenantReason }>, groups: { totalCount: number, nodes: Array<{ value: string | null, coverage: number | null, userCount: number, protectedCount: number, unprotectedCount: number, notInBackupCount: number }> } | null } | null };

export type CustomerDirectoryQueryVariables = Exact<{ [key: string]: never; }>;


export type CustomerDirectoryQuery = { directory: Array<{ customerId: string, organization: string | null, ownerEmail: string | null, jobStatus: JobStatus | null, countryOrRegion: string | null, customer: { managementMode: ManagementMode | null } | null }> | null };

export type DashboardQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type DashboardQuery = { customers: { totalCount: number, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null }, edges: Array<{ cursor: string, node: { customerId: string } }>, nodes: Array<{ id: string, customerId: string, organization: string | null, ownerEmail: string | null, jobStatus: JobStatus | null, jobStatusCode: number | null, countryOrRegion: string | null, managementMode: ManagementMode | null, managementModeCode: number | null, tenants: Array<{ id: string, tenantId: string, name: string | null, users: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ id: string, userId: string, userPrincipalName: string | null, mail: string | null, displayName: string | null, firstName: string | null, lastName: string | null, employeeId: string | null, location: string | null, company: string | null, department: string | null, mobile: string | null, jobTitle: string | null, isTestUser: boolean | null, passwordAge: number | null, startDate: string | null, endDate: string | null, countryOrRegion: string | null, status: Array<UserStatus>, statusCodes: Array<number>, protection: { email: string | null, displayName: string | null, isProtected: boolean, mailbox: boolean, modules: Array<{ module: ProtectionModule, moduleCode: number, isProtected: boolean | null }> } | null }> } | null }> }> } | null };

export type OldPasswordsQueryVariables = Exact<{
  c: string;
  days?: number | null | undefined;
}>;


export type OldPasswordsQuery = { customer: { organization: string | null, users: { totalCount: number, isComplete: boolean, nodes: Array<{ displayName: string | null, mail: string | null, passwordAge: number | null, startDate: string | null, tenant: { name: string | null } | null }> } | null } | null };

export type OneUserQueryVariables = Exact<{
  c: string;
  t: string;
  u: string;
  email: string;
}>;


export type OneUserQuery = { customer: { organization: string | null, tenant: { name: string | null } | null, directoryEntry: { jobStatus: JobStatus | null } | null } | null, tenant: { name: string | null, customer: { organization: string | null } | null, user: { userId: string } | null, protectionStatuses: { totalCount: number, nodes: Array<{ email: string | null, user: { userId: string } | null }> } | null } | null, user: { displayName: string | null, tenant: { name: string | null, customer: { organization: string | null } | null } | null, protection: { isProtected: boolean } | null } | null };

export type ProtectionReportSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type ProtectionReportSubscription = { protectionReport: { progress: { tenantsDone: number, tenantsTotal: number, usersDone: number, usersTotal: number | null, calls: number, secondsElapsed: number, secondsLeft: number | null }, tenant: { organization: string | null, name: string | null, summary: { coverage: number | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, isComplete: boolean, missing: Array<{ customerId: string, tenantId: string, reason: MissingTenantReason, message: string }> } } | null, totals: { asOf: string | null, coverage: number | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, isComplete: boolean, modules: Array<{ module: ProtectionModule, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, tenantId: string, reason: MissingTenantReason, message: string }> } | null } };

export type ReportNumbersFragment = { coverage: number | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, isComplete: boolean, missing: Array<{ customerId: string, tenantId: string, reason: MissingTenantReason, message: string }> };

export type SomeCustomersQueryVariables = Exact<{
  ids?: Array<string> | string | null | undefined;
}>;


export type SomeCustomersQuery = { customers: { nodes: Array<{ customerId: string }> } | null };

export type WastedSeatsQueryVariables = Exact<{
  today?: string | null | undefined;
}>;


export type WastedSeatsQuery = { users: { totalCount: number, isComplete: boolean, missing: Array<{ name: string | null, reason: MissingTenantReason }>, nodes: Array<{ displayName: string | null, mail: string | null, status: Array<UserStatus>, endDate: string | null, protection: { state: ProtectionState } | null, tenant: { name: string | null, customer: { organization: string | null } | null } | null }> } | null };

export type WhatHasNoUserQueryVariables = Exact<{ [key: string]: never; }>;


export type WhatHasNoUserQuery = { protectionStatuses: { isComplete: boolean, missing: Array<{ name: string | null, reason: MissingTenantReason }>, pageInfo: { hasNextPage: boolean }, nodes: Array<{ email: string | null, displayName: string | null, state: ProtectionState, tenant: { name: string | null, customer: { organization: string | null } | null } | null }> } | null };

export type WhoIsProtectedQueryVariables = Exact<{ [key: string]: never; }>;


export type WhoIsProtectedQuery = { customers: { totalCount: number, nodes: Array<{ organization: string | null, countryOrRegion: string | null, tenants: Array<{ name: string | null, users: { totalCount: number, nodes: Array<{ displayName: string | null, mail: string | null, protection: { state: ProtectionState } | null }> } | null }> }> } | null };

export type WhoIsUnprotectedQueryVariables = Exact<{
  country?: string | null | undefined;
  after?: string | null | undefined;
}>;


export type WhoIsUnprotectedQuery = { users: { totalCount: number, isComplete: boolean, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ displayName: string | null, mail: string | null, protection: { state: ProtectionState } | null, tenant: { name: string | null, customer: { organization: string | null } | null } | null }> } | null };

export type WorstCoveredCustomersQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type WorstCoveredCustomersQuery = { protectionSummary: { coverage: number | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, asOf: string | null, isComplete: boolean, modules: Array<{ module: ProtectionModule, protectedCount: number, unprotectedCount: number }> } | null, customers: { isComplete: boolean, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ organization: string | null, countryOrRegion: string | null, protectionSummary: { coverage: number | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, asOf: string | null, isComplete: boolean } | null, tenants: Array<{ name: string | null, users: { totalCount: number, nodes: Array<{ displayName: string | null, mail: string | null }> } | null }> }> } | null };

export type CoverageNumbersFragment = { coverage: number | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, asOf: string | null, isComplete: boolean };

export type FilteredUsersQueryVariables = Exact<{
  filter?: UserFilter | null | undefined;
  orderBy?: Array<UserOrder> | UserOrder | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type FilteredUsersQuery = { tenant: { users: { totalCount: number, isComplete: boolean, changedWhileRead: boolean, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null }, edges: Array<{ cursor: string }>, nodes: Array<{ userId: string }> } | null } | null };

export type FilteredUsersByIdQueryVariables = Exact<{
  ids: Array<string> | string;
  filter?: UserFilter | null | undefined;
  orderBy?: Array<UserOrder> | UserOrder | null | undefined;
}>;


export type FilteredUsersByIdQuery = { tenant: { users: { totalCount: number, nodes: Array<{ userId: string }> } | null } | null };

export type FilteredStatusesQueryVariables = Exact<{
  filter?: ProtectionStatusFilter | null | undefined;
  orderBy?: Array<ProtectionStatusOrder> | ProtectionStatusOrder | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  emails?: Array<string> | string | null | undefined;
}>;


export type FilteredStatusesQuery = { tenant: { protectionStatuses: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ email: string | null, state: ProtectionState }> } | null } | null };

export type FilteredCustomersQueryVariables = Exact<{
  filter?: CustomerFilter | null | undefined;
  orderBy?: Array<CustomerOrder> | CustomerOrder | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type FilteredCustomersQuery = { customers: { totalCount: number, isComplete: boolean, missing: Array<{ customerId: string, tenantId: string, code: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ customerId: string, protectionSummary: { userCount: number, coverage: number | null } | null }> } | null };

export type SummaryFragment = { userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, coverage: number | null, asOf: string | null, changedWhileRead: boolean, isComplete: boolean, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, tenantId: string, code: string, message: string, retryable: boolean }> };

export type SummariesQueryVariables = Exact<{
  filter?: CustomerFilter | null | undefined;
}>;


export type SummariesQuery = { protectionSummary: { userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, coverage: number | null, asOf: string | null, changedWhileRead: boolean, isComplete: boolean, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, tenantId: string, code: string, message: string, retryable: boolean }> } | null, customers: { nodes: Array<{ customerId: string, protectionSummary: { userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, coverage: number | null, asOf: string | null, changedWhileRead: boolean, isComplete: boolean, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, tenantId: string, code: string, message: string, retryable: boolean }> } | null, tenants: Array<{ tenantId: string, protectionSummary: { userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, coverage: number | null, asOf: string | null, changedWhileRead: boolean, isComplete: boolean, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, tenantId: string, code: string, message: string, retryable: boolean }> } | null }> }> } | null };

export type EstateUsersQueryVariables = Exact<{
  customers?: CustomerFilter | null | undefined;
  filter?: UserFilter | null | undefined;
  orderBy?: Array<UserOrder> | UserOrder | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  counts: boolean;
}>;


export type EstateUsersQuery = { users: { totalCount?: number, isComplete: boolean, missing: Array<{ customerId: string, tenantId: string, code: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null }, nodes: Array<{ userId: string, protection: { email: string | null } | null, tenant: { tenantId: string } | null }> } | null };

export type PopulationsQueryVariables = Exact<{
  users?: UserFilter | null | undefined;
}>;


export type PopulationsQuery = { protectionSummary: { userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, coverage: number | null, asOf: string | null, changedWhileRead: boolean, isComplete: boolean, customers: { totalCount: number, nodes: Array<{ value: string | null, userCount: number, customer: { customerId: string } | null }> } | null, departments: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, companies: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, jobTitles: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, locations: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, countries: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, statuses: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, tenantId: string, code: string, message: string, retryable: boolean }> } | null, everyone: { userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, coverage: number | null, asOf: string | null, changedWhileRead: boolean, isComplete: boolean, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, tenantId: string, code: string, message: string, retryable: boolean }> } | null, customers: { nodes: Array<{ customerId: string, protectionSummary: { userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, coverage: number | null, asOf: string | null, changedWhileRead: boolean, isComplete: boolean, departments: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, companies: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, jobTitles: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, locations: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, countries: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, statuses: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, tenantId: string, code: string, message: string, retryable: boolean }> } | null, tenants: Array<{ protectionSummary: { userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, coverage: number | null, asOf: string | null, changedWhileRead: boolean, isComplete: boolean, departments: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, companies: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, jobTitles: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, locations: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, countries: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, statuses: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, tenantId: string, code: string, message: string, retryable: boolean }> } | null }> }> } | null };

export type GroupedSummaryFragment = { userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, coverage: number | null, asOf: string | null, changedWhileRead: boolean, isComplete: boolean, departments: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, companies: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, jobTitles: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, locations: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, countries: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, statuses: { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> } | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, tenantId: string, code: string, message: string, retryable: boolean }> };

export type GroupsFragment = { totalCount: number, nodes: Array<{ value: string | null, status: UserStatus | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, coverage: number | null, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }> }> };

export type CustomersByCoverageQueryVariables = Exact<{
  filter?: CustomerFilter | null | undefined;
  users?: UserFilter | null | undefined;
  orderBy?: Array<CustomerOrder> | CustomerOrder | null | undefined;
}>;


export type CustomersByCoverageQuery = { customers: { isComplete: boolean, nodes: Array<{ customerId: string }> } | null, protectionSummary: { userCount: number, isComplete: boolean } | null, users: { totalCount: number } | null };

export type WholeTenantQueryVariables = Exact<{
  c: string;
  t: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type WholeTenantQuery = { tenant: { users: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ userId: string, protection: { email: string | null } | null }> } | null } | null };

export type OneUserByIdQueryVariables = Exact<{
  c: string;
  t: string;
  u: string;
}>;


export type OneUserByIdQuery = { user: { userId: string, protection: { email: string | null } | null } | null };

export type OneUserByAddressQueryVariables = Exact<{
  c: string;
  t: string;
  email: string;
}>;


export type OneUserByAddressQuery = { tenant: { user: { userId: string, protection: { email: string | null } | null } | null } | null };

export type LengthsQueryVariables = Exact<{
  c: string;
  t: string;
}>;


export type LengthsQuery = { tenant: { protectionStatuses: { totalCount: number } | null } | null };

export type CustomerCountQueryVariables = Exact<{ [key: string]: never; }>;


export type CustomerCountQuery = { customers: { totalCount: number } | null };

export type UserCountQueryVariables = Exact<{
  c: string;
  t: string;
}>;


export type UserCountQuery = { tenant: { users: { totalCount: number } | null } | null };

export type UserWindowQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type UserWindowQuery = { tenant: { users: { totalCount: number, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null }, edges: Array<{ cursor: string, node: { userId: string } }>, nodes: Array<{ userId: string, protection: { email: string | null } | null }> } | null } | null };

export type StatusWindowQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type StatusWindowQuery = { tenant: { protectionStatuses: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ email: string | null, user: { userId: string } | null }> } | null } | null };

export type UsersByIdQueryVariables = Exact<{
  ids: Array<string> | string;
  address: string;
}>;


export type UsersByIdQuery = { tenant: { users: { totalCount: number, nodes: Array<{ userId: string, protection: { email: string | null } | null }> } | null, user: { userId: string } | null } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const ReportNumbersFragmentDoc = new TypedDocumentString(`
    fragment ReportNumbers on ProtectionSummary {
  coverage
  userCount
  protectedCount
  partiallyProtectedCount
  unprotectedCount
  notInBackupCount
  isComplete
  missing {
    customerId
    tenantId
    reason
    message
  }
}
    `, {"fragmentName":"ReportNumbers"}) as unknown as TypedDocumentString<ReportNumbersFragment, unknown>;
export const CoverageNumbersFragmentDoc = new TypedDocumentString(`
    fragment CoverageNumbers on ProtectionSummary {
  coverage
  userCount
  protectedCount
  partiallyProtectedCount
  unprotectedCount
  notInBackupCount
  unmatchedStatusCount
  asOf
  isComplete
}
    `, {"fragmentName":"CoverageNumbers"}) as unknown as TypedDocumentString<CoverageNumbersFragment, unknown>;
export const SummaryFragmentDoc = new TypedDocumentString(`
    fragment Summary on ProtectionSummary {
  userCount
  protectedCount
  partiallyProtectedCount
  unprotectedCount
  notInBackupCount
  unmatchedStatusCount
  coverage
  modules {
    module
    moduleCode
    protectedCount
    unprotectedCount
  }
  asOf
  changedWhileRead
  isComplete
  missing {
    customerId
    tenantId
    code
    message
    retryable
  }
}
    `, {"fragmentName":"Summary"}) as unknown as TypedDocumentString<SummaryFragment, unknown>;
export const GroupsFragmentDoc = new TypedDocumentString(`
    fragment Groups on UserGroupConnection {
  totalCount
  nodes {
    value
    status
    userCount
    protectedCount
    partiallyProtectedCount
    unprotectedCount
    notInBackupCount
    coverage
    modules {
      module
      moduleCode
      protectedCount
      unprotectedCount
    }
  }
}
    `, {"fragmentName":"Groups"}) as unknown as TypedDocumentString<GroupsFragment, unknown>;
export const GroupedSummaryFragmentDoc = new TypedDocumentString(`
    fragment GroupedSummary on ProtectionSummary {
  ...Summary
  departments: groups(by: DEPARTMENT, first: 300) {
    ...Groups
  }
  companies: groups(by: COMPANY, orderBy: COVERAGE_ASC, first: 300) {
    ...Groups
  }
  jobTitles: groups(by: JOB_TITLE, orderBy: COVERAGE_DESC, first: 300) {
    ...Groups
  }
  locations: groups(by: LOCATION, orderBy: VALUE_ASC, first: 300) {
    ...Groups
  }
  countries: groups(by: COUNTRY_OR_REGION, first: 300) {
    ...Groups
  }
  statuses: groups(by: STATUS, first: 300) {
    ...Groups
  }
}
    fragment Summary on ProtectionSummary {
  userCount
  protectedCount
  partiallyProtectedCount
  unprotectedCount
  notInBackupCount
  unmatchedStatusCount
  coverage
  modules {
    module
    moduleCode
    protectedCount
    unprotectedCount
  }
  asOf
  changedWhileRead
  isComplete
  missing {
    customerId
    tenantId
    code
    message
    retryable
  }
}
fragment Groups on UserGroupConnection {
  totalCount
  nodes {
    value
    status
    userCount
    protectedCount
    partiallyProtectedCount
    unprotectedCount
    notInBackupCount
    coverage
    modules {
      module
      moduleCode
      protectedCount
      unprotectedCount
    }
  }
}`, {"fragmentName":"GroupedSummary"}) as unknown as TypedDocumentString<GroupedSummaryFragment, unknown>;
export const ByNodeIdDocument = new TypedDocumentString(`
    query ByNodeId($id: ID!) {
  node(id: $id) {
    __typename
    ... on User {
      displayName
    }
  }
  nodes(ids: [$id]) {
    id
  }
}
    `) as unknown as TypedDocumentString<ByNodeIdQuery, ByNodeIdQueryVariables>;
export const CoverageByDepartmentDocument = new TypedDocumentString(`
    query CoverageByDepartment {
  protectionSummary(
    users: {status: {none: [SIGN_IN_BLOCKED, INACTIVE, PENDING_DELETION, TEST_USER]}}
  ) {
    coverage
    userCount
    isComplete
    missing {
      name
      reason
    }
    groups(by: DEPARTMENT, orderBy: COVERAGE_ASC, first: 20) {
      totalCount
      nodes {
        value
        coverage
        userCount
        protectedCount
        unprotectedCount
        notInBackupCount
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CoverageByDepartmentQuery, CoverageByDepartmentQueryVariables>;
export const CustomerDirectoryDocument = new TypedDocumentString(`
    query CustomerDirectory {
  directory {
    customerId
    organization
    ownerEmail
    jobStatus
    countryOrRegion
    customer {
      managementMode
    }
  }
}
    `) as unknown as TypedDocumentString<CustomerDirectoryQuery, CustomerDirectoryQueryVariables>;
export const DashboardDocument = new TypedDocumentString(`
    query Dashboard($after: String) {
  customers(first: 10, after: $after) {
    totalCount
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
    edges {
      cursor
      node {
        customerId
      }
    }
    nodes {
      id
      customerId
      organization
      ownerEmail
      jobStatus
      jobStatusCode
      countryOrRegion
      managementMode
      managementModeCode
      tenants {
        id
        tenantId
        name
        users(first: 50) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            id
            userId
            userPrincipalName
            mail
            displayName
            firstName
            lastName
            employeeId
            location
            company
            department
            mobile
            jobTitle
            isTestUser
            passwordAge
            startDate
            endDate
            countryOrRegion
            status
            statusCodes
            protection {
              email
              displayName
              isProtected
              mailbox: isProtected(module: MAILBOX)
              modules {
                module
                moduleCode
                isProtected
              }
            }
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<DashboardQuery, DashboardQueryVariables>;
export const OldPasswordsDocument = new TypedDocumentString(`
    query OldPasswords($c: ID!, $days: Int = 365) {
  customer(customerId: $c) {
    organization
    users(
      filter: {passwordAge: {min: $days}, status: {none: [SIGN_IN_BLOCKED, INACTIVE, PENDING_DELETION, TEST_USER]}}
      orderBy: [PASSWORD_AGE_DESC]
      first: 20
    ) {
      totalCount
      isComplete
      nodes {
        displayName
        mail
        passwordAge
        startDate
        tenant {
          name
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<OldPasswordsQuery, OldPasswordsQueryVariables>;
export const OneUserDocument = new TypedDocumentString(`
    query OneUser($c: ID!, $t: ID!, $u: ID!, $email: String!) {
  customer(customerId: $c) {
    organization
    tenant(tenantId: $t) {
      name
    }
    directoryEntry {
      jobStatus
    }
  }
  tenant(customerId: $c, tenantId: $t) {
    name
    customer {
      organization
    }
    user(email: $email) {
      userId
    }
    protectionStatuses(first: 20) {
      totalCount
      nodes {
        email
        user {
          userId
        }
      }
    }
  }
  user(customerId: $c, tenantId: $t, userId: $u) {
    displayName
    tenant {
      name
      customer {
        organization
      }
    }
    protection {
      isProtected
    }
  }
}
    `) as unknown as TypedDocumentString<OneUserQuery, OneUserQueryVariables>;
export const ProtectionReportDocument = new TypedDocumentString(`
    subscription ProtectionReport {
  protectionReport(filter: {hasTenants: true}) {
    progress {
      tenantsDone
      tenantsTotal
      usersDone
      usersTotal
      calls
      secondsElapsed
      secondsLeft
    }
    tenant {
      organization
      name
      summary {
        ...ReportNumbers
      }
    }
    totals {
      ...ReportNumbers
      modules {
        module
        protectedCount
        unprotectedCount
      }
      asOf
    }
  }
}
    fragment ReportNumbers on ProtectionSummary {
  coverage
  userCount
  protectedCount
  partiallyProtectedCount
  unprotectedCount
  notInBackupCount
  isComplete
  missing {
    customerId
    tenantId
    reason
    message
  }
}`) as unknown as TypedDocumentString<ProtectionReportSubscription, ProtectionReportSubscriptionVariables>;
export const SomeCustomersDocument = new TypedDocumentString(`
    query SomeCustomers($ids: [ID!]) {
  customers(customerIds: $ids) {
    nodes {
      customerId
    }
  }
}
    `) as unknown as TypedDocumentString<SomeCustomersQuery, SomeCustomersQueryVariables>;
export const WastedSeatsDocument = new TypedDocumentString(`
    query WastedSeats($today: DateTime = "2026-01-01") {
  users(
    filter: {protection: {states: [PROTECTED, PARTIALLY_PROTECTED]}, or: [{status: {any: [SIGN_IN_BLOCKED, PENDING_DELETION]}}, {endDate: {to: $today}}]}
    orderBy: [DISPLAY_NAME_ASC]
    first: 20
  ) {
    totalCount
    isComplete
    missing {
      name
      reason
    }
    nodes {
      displayName
      mail
      status
      endDate
      protection {
        state
      }
      tenant {
        name
        customer {
          organization
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WastedSeatsQuery, WastedSeatsQueryVariables>;
export const WhatHasNoUserDocument = new TypedDocumentString(`
    query WhatHasNoUser {
  protectionStatuses(filter: {hasUser: false}, first: 20) {
    isComplete
    missing {
      name
      reason
    }
    pageInfo {
      hasNextPage
    }
    nodes {
      email
      displayName
      state
      tenant {
        name
        customer {
          organization
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WhatHasNoUserQuery, WhatHasNoUserQueryVariables>;
export const WhoIsProtectedDocument = new TypedDocumentString(`
    query WhoIsProtected {
  customers(first: 3) {
    totalCount
    nodes {
      organization
      countryOrRegion
      tenants {
        name
        users(first: 5) {
          totalCount
          nodes {
            displayName
            mail
            protection {
              state
            }
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WhoIsProtectedQuery, WhoIsProtectedQueryVariables>;
export const WhoIsUnprotectedDocument = new TypedDocumentString(`
    query WhoIsUnprotected($country: String = "Slovenia", $after: String) {
  users(
    customers: {countryOrRegion: $country}
    filter: {protection: {module: MAILBOX, isProtected: false}}
    orderBy: [DISPLAY_NAME_ASC]
    first: 20
    after: $after
  ) {
    totalCount
    isComplete
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      displayName
      mail
      protection {
        state
      }
      tenant {
        name
        customer {
          organization
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WhoIsUnprotectedQuery, WhoIsUnprotectedQueryVariables>;
export const WorstCoveredCustomersDocument = new TypedDocumentString(`
    query WorstCoveredCustomers($after: String) {
  protectionSummary {
    ...CoverageNumbers
    modules {
      module
      protectedCount
      unprotectedCount
    }
  }
  customers(orderBy: [COVERAGE_ASC], first: 10, after: $after) {
    isComplete
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      organization
      countryOrRegion
      protectionSummary {
        ...CoverageNumbers
      }
      tenants {
        name
        users(
          filter: {protection: {state: UNPROTECTED}}
          orderBy: [DISPLAY_NAME_ASC]
          first: 3
        ) {
          totalCount
          nodes {
            displayName
            mail
          }
        }
      }
    }
  }
}
    fragment CoverageNumbers on ProtectionSummary {
  coverage
  userCount
  protectedCount
  partiallyProtectedCount
  unprotectedCount
  notInBackupCount
  unmatchedStatusCount
  asOf
  isComplete
}`) as unknown as TypedDocumentString<WorstCoveredCustomersQuery, WorstCoveredCustomersQueryVariables>;
export const FilteredUsersDocument = new TypedDocumentString(`
    query FilteredUsers($filter: UserFilter, $orderBy: [UserOrder!], $first: Int, $after: String, $last: Int, $before: String) {
  tenant(customerId: "c", tenantId: "t") {
    users(
      filter: $filter
      orderBy: $orderBy
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      totalCount
      isComplete
      changedWhileRead
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      edges {
        cursor
      }
      nodes {
        userId
      }
    }
  }
}
    `) as unknown as TypedDocumentString<FilteredUsersQuery, FilteredUsersQueryVariables>;
export const FilteredUsersByIdDocument = new TypedDocumentString(`
    query FilteredUsersById($ids: [ID!]!, $filter: UserFilter, $orderBy: [UserOrder!]) {
  tenant(customerId: "c", tenantId: "t") {
    users(userIds: $ids, filter: $filter, orderBy: $orderBy, first: 1000) {
      totalCount
      nodes {
        userId
      }
    }
  }
}
    `) as unknown as TypedDocumentString<FilteredUsersByIdQuery, FilteredUsersByIdQueryVariables>;
export const FilteredStatusesDocument = new TypedDocumentString(`
    query FilteredStatuses($filter: ProtectionStatusFilter, $orderBy: [ProtectionStatusOrder!], $first: Int, $after: String, $emails: [String!]) {
  tenant(customerId: "c", tenantId: "t") {
    protectionStatuses(
      filter: $filter
      orderBy: $orderBy
      first: $first
      after: $after
      emails: $emails
    ) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        email
        state
      }
    }
  }
}
    `) as unknown as TypedDocumentString<FilteredStatusesQuery, FilteredStatusesQueryVariables>;
export const FilteredCustomersDocument = new TypedDocumentString(`
    query FilteredCustomers($filter: CustomerFilter, $orderBy: [CustomerOrder!], $first: Int, $after: String) {
  customers(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    totalCount
    isComplete
    missing {
      customerId
      tenantId
      code
    }
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      customerId
      protectionSummary {
        userCount
        coverage
      }
    }
  }
}
    `) as unknown as TypedDocumentString<FilteredCustomersQuery, FilteredCustomersQueryVariables>;
export const SummariesDocument = new TypedDocumentString(`
    query Summaries($filter: CustomerFilter) {
  protectionSummary(filter: $filter) {
    ...Summary
  }
  customers(first: 1000, filter: $filter) {
    nodes {
      customerId
      protectionSummary {
        ...Summary
      }
      tenants {
        tenantId
        protectionSummary {
          ...Summary
        }
      }
    }
  }
}
    fragment Summary on ProtectionSummary {
  userCount
  protectedCount
  partiallyProtectedCount
  unprotectedCount
  notInBackupCount
  unmatchedStatusCount
  coverage
  modules {
    module
    moduleCode
    protectedCount
    unprotectedCount
  }
  asOf
  changedWhileRead
  isComplete
  missing {
    customerId
    tenantId
    code
    message
    retryable
  }
}`) as unknown as TypedDocumentString<SummariesQuery, SummariesQueryVariables>;
export const EstateUsersDocument = new TypedDocumentString(`
    query EstateUsers($customers: CustomerFilter, $filter: UserFilter, $orderBy: [UserOrder!], $first: Int, $after: String, $last: Int, $before: String, $counts: Boolean!) {
  users(
    customers: $customers
    filter: $filter
    orderBy: $orderBy
    first: $first
    after: $after
    last: $last
    before: $before
  ) {
    totalCount @include(if: $counts)
    isComplete
    missing {
      customerId
      tenantId
      code
    }
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
    nodes {
      userId
      protection {
        email
      }
      tenant {
        tenantId
      }
    }
  }
}
    `) as unknown as TypedDocumentString<EstateUsersQuery, EstateUsersQueryVariables>;
export const PopulationsDocument = new TypedDocumentString(`
    query Populations($users: UserFilter) {
  protectionSummary(users: $users) {
    ...GroupedSummary
    customers: groups(by: CUSTOMER) {
      totalCount
      nodes {
        value
        userCount
        customer {
          customerId
        }
      }
    }
  }
  everyone: protectionSummary {
    ...Summary
  }
  customers(first: 5) {
    nodes {
      customerId
      protectionSummary(users: $users) {
        ...GroupedSummary
      }
      tenants {
        protectionSummary(users: $users) {
          ...GroupedSummary
        }
      }
    }
  }
}
    fragment Summary on ProtectionSummary {
  userCount
  protectedCount
  partiallyProtectedCount
  unprotectedCount
  notInBackupCount
  unmatchedStatusCount
  coverage
  modules {
    module
    moduleCode
    protectedCount
    unprotectedCount
  }
  asOf
  changedWhileRead
  isComplete
  missing {
    customerId
    tenantId
    code
    message
    retryable
  }
}
fragment GroupedSummary on ProtectionSummary {
  ...Summary
  departments: groups(by: DEPARTMENT, first: 300) {
    ...Groups
  }
  companies: groups(by: COMPANY, orderBy: COVERAGE_ASC, first: 300) {
    ...Groups
  }
  jobTitles: groups(by: JOB_TITLE, orderBy: COVERAGE_DESC, first: 300) {
    ...Groups
  }
  locations: groups(by: LOCATION, orderBy: VALUE_ASC, first: 300) {
    ...Groups
  }
  countries: groups(by: COUNTRY_OR_REGION, first: 300) {
    ...Groups
  }
  statuses: groups(by: STATUS, first: 300) {
    ...Groups
  }
}
fragment Groups on UserGroupConnection {
  totalCount
  nodes {
    value
    status
    userCount
    protectedCount
    partiallyProtectedCount
    unprotectedCount
    notInBackupCount
    coverage
    modules {
      module
      moduleCode
      protectedCount
      unprotectedCount
    }
  }
}`) as unknown as TypedDocumentString<PopulationsQuery, PopulationsQueryVariables>;
export const CustomersByCoverageDocument = new TypedDocumentString(`
    query CustomersByCoverage($filter: CustomerFilter, $users: UserFilter, $orderBy: [CustomerOrder!]) {
  customers(first: 1000, filter: $filter, users: $users, orderBy: $orderBy) {
    isComplete
    nodes {
      customerId
    }
  }
  protectionSummary(filter: $filter, users: $users) {
    userCount
    isComplete
  }
  users(first: 1000, customers: $filter) {
    totalCount
  }
}
    `) as unknown as TypedDocumentString<CustomersByCoverageQuery, CustomersByCoverageQueryVariables>;
export const WholeTenantDocument = new TypedDocumentString(`
    query WholeTenant($c: ID!, $t: ID!, $first: Int, $after: String) {
  tenant(customerId: $c, tenantId: $t) {
    users(first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        userId
        protection {
          email
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WholeTenantQuery, WholeTenantQueryVariables>;
export const OneUserByIdDocument = new TypedDocumentString(`
    query OneUserById($c: ID!, $t: ID!, $u: ID!) {
  user(customerId: $c, tenantId: $t, userId: $u) {
    userId
    protection {
      email
    }
  }
}
    `) as unknown as TypedDocumentString<OneUserByIdQuery, OneUserByIdQueryVariables>;
export const OneUserByAddressDocument = new TypedDocumentString(`
    query OneUserByAddress($c: ID!, $t: ID!, $email: String!) {
  tenant(customerId: $c, tenantId: $t) {
    user(email: $email) {
      userId
      protection {
        email
      }
    }
  }
}
    `) as unknown as TypedDocumentString<OneUserByAddressQuery, OneUserByAddressQueryVariables>;
export const LengthsDocument = new TypedDocumentString(`
    query Lengths($c: ID!, $t: ID!) {
  tenant(customerId: $c, tenantId: $t) {
    protectionStatuses {
      totalCount
    }
  }
}
    `) as unknown as TypedDocumentString<LengthsQuery, LengthsQueryVariables>;
export const CustomerCountDocument = new TypedDocumentString(`
    query CustomerCount {
  customers {
    totalCount
  }
}
    `) as unknown as TypedDocumentString<CustomerCountQuery, CustomerCountQueryVariables>;
export const UserCountDocument = new TypedDocumentString(`
    query UserCount($c: ID!, $t: ID!) {
  tenant(customerId: $c, tenantId: $t) {
    users {
      totalCount
    }
  }
}
    `) as unknown as TypedDocumentString<UserCountQuery, UserCountQueryVariables>;
export const UserWindowDocument = new TypedDocumentString(`
    query UserWindow($first: Int, $after: String, $last: Int, $before: String) {
  tenant(customerId: "c", tenantId: "t") {
    users(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      edges {
        cursor
        node {
          userId
        }
      }
      nodes {
        userId
        protection {
          email
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<UserWindowQuery, UserWindowQueryVariables>;
export const StatusWindowDocument = new TypedDocumentString(`
    query StatusWindow($first: Int, $after: String) {
  tenant(customerId: "c", tenantId: "t") {
    protectionStatuses(first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        email
        user {
          userId
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<StatusWindowQuery, StatusWindowQueryVariables>;
export const UsersByIdDocument = new TypedDocumentString(`
    query UsersById($ids: [ID!]!, $address: String!) {
  tenant(customerId: "c", tenantId: "t") {
    users(userIds: $ids, first: 1000) {
      totalCount
      nodes {
        userId
        protection {
          email
        }
      }
    }
    user(email: $address) {
      userId
    }
  }
}
    `) as unknown as TypedDocumentString<UsersByIdQuery, UsersByIdQueryVariables>;