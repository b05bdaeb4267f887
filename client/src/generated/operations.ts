/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/**
 * A range of `protectionSummary.coverage`. What is absent or null sets no bound, and a range without bounds no condition.
 * Customers without users are in no range, nor are those none of whose tenants could be read.
 */
export type CoverageFilter = {
  /** More than this, 0 to 1. */
  readonly above?: number | null | undefined;
  /** Less than this, 0 to 1. */
  readonly below?: number | null | undefined;
  /** The users that count; without it, those of the field's argument `users`, or all. */
  readonly users?: UserFilter | null | undefined;
};

/** Conditions on customers, all of which must hold. An absent or null field sets no condition. */
export type CustomerFilter = {
  /** All of these hold as well. */
  readonly and?: ReadonlyArray<CustomerFilter> | null | undefined;
  /** The country or region is this; letter case does not count. An empty text: there is none. */
  readonly countryOrRegion?: string | null | undefined;
  /** The share of protected users is in this range. For this, all tenants are read. */
  readonly coverage?: CoverageFilter | null | undefined;
  /** The customer is one of these, by the upstream's own ids; letter case does not count. 1,000 at most. */
  readonly customerIds?: ReadonlyArray<string> | null | undefined;
  /** There is at least one tenant, or there is none. */
  readonly hasTenants?: boolean | null | undefined;
  /** The state of the backup jobs is this. */
  readonly jobStatus?: JobStatus | null | undefined;
  /** The tenants are managed so. */
  readonly managementMode?: ManagementMode | null | undefined;
  /** This does not hold. */
  readonly not?: CustomerFilter | null | undefined;
  /** At least one of these holds as well. */
  readonly or?: ReadonlyArray<CustomerFilter> | null | undefined;
  /** The organization's name or the owner's e-mail address contains this; letter case does not count. */
  readonly search?: string | null | undefined;
  /** The number of tenants is in this range. */
  readonly tenantCount?: IntRange | null | undefined;
  /** The name of one of the customer's tenants contains this; letter case does not count. */
  readonly tenantName?: string | null | undefined;
  /**
   * The number of users, of those of the field's argument `users` or of all, is in this range. For this, all tenants are
   * read; those that can't be read count for nothing.
   */
  readonly userCount?: IntRange | null | undefined;
};

/** An order of customers. */
export const CustomerOrder = {
  /** By country or region, A to Z. */
  COUNTRY_OR_REGION_ASC: 'COUNTRY_OR_REGION_ASC',
  /** By country or region, Z to A. */
  COUNTRY_OR_REGION_DESC: 'COUNTRY_OR_REGION_DESC',
  /**
   * By `protectionSummary.coverage`, the worst first; customers without users, and those none of whose tenants could be
   * read, come last.
   */
  COVERAGE_ASC: 'COVERAGE_ASC',
  /**
   * By `protectionSummary.coverage`, the best first; customers without users, and those none of whose tenants could be
   * read, come last.
   */
  COVERAGE_DESC: 'COVERAGE_DESC',
  /** By the code of the job status, the smallest first. */
  JOB_STATUS_ASC: 'JOB_STATUS_ASC',
  /** By the code of the job status, the greatest first. */
  JOB_STATUS_DESC: 'JOB_STATUS_DESC',
  /** By the code of the management mode, the smallest first. */
  MANAGEMENT_MODE_ASC: 'MANAGEMENT_MODE_ASC',
  /** By the code of the management mode, the greatest first. */
  MANAGEMENT_MODE_DESC: 'MANAGEMENT_MODE_DESC',
  /** By the organization's name, A to Z. */
  ORGANIZATION_ASC: 'ORGANIZATION_ASC',
  /** By the organization's name, Z to A. */
  ORGANIZATION_DESC: 'ORGANIZATION_DESC',
  /** By the owner's e-mail address, A to Z. */
  OWNER_EMAIL_ASC: 'OWNER_EMAIL_ASC',
  /** By the owner's e-mail address, Z to A. */
  OWNER_EMAIL_DESC: 'OWNER_EMAIL_DESC',
  /** By the number of tenants, the smallest first. */
  TENANT_COUNT_ASC: 'TENANT_COUNT_ASC',
  /** By the number of tenants, the greatest first. */
  TENANT_COUNT_DESC: 'TENANT_COUNT_DESC',
  /** By the number of the tenants' users, the smallest first. */
  USER_COUNT_ASC: 'USER_COUNT_ASC',
  /** By the number of the tenants' users, the greatest first. */
  USER_COUNT_DESC: 'USER_COUNT_DESC'
} as const;

export type CustomerOrder = typeof CustomerOrder[keyof typeof CustomerOrder];
/**
 * Instants from `from` to `to`, both included, compared to the millisecond. A day alone, such as 2026-01-31, is all of that
 * day in UTC. What is absent or null sets no bound, and a range without bounds no condition; what has no date is in
 * no range.
 */
export type DateTimeRange = {
  /** The first instant, or the first day. */
  readonly from?: string | null | undefined;
  /** The last instant, or the last day; not before `from`. */
  readonly to?: string | null | undefined;
};

/**
 * Whole numbers from `min` to `max`, both included. What is absent or null sets no bound, and a range without bounds no
 * condition; a missing value is in no range.
 */
export type IntRange = {
  /** The greatest number; not less than `min`. */
  readonly max?: number | null | undefined;
  /** The least number. */
  readonly min?: number | null | undefined;
};

/** The state of a customer's backup jobs. */
export const JobStatus = {
  /** Failed (code 2). */
  FAILED: 'FAILED',
  /** Finished with exception (code 5). */
  FINISHED_WITH_EXCEPTION: 'FINISHED_WITH_EXCEPTION',
  /** Multiple issues found (code 4). */
  MULTIPLE_ISSUES_FOUND: 'MULTIPLE_ISSUES_FOUND',
  /** Not available (code 0). */
  NOT_AVAILABLE: 'NOT_AVAILABLE',
  /** No backup update (code 6). */
  NO_BACKUP_UPDATE: 'NO_BACKUP_UPDATE',
  /** A code or text that this gateway does not know; `jobStatusCode` or `jobStatusText` has it. */
  UNKNOWN: 'UNKNOWN',
  /** Waiting for configuration (code 3). */
  WAITING_FOR_CONFIGURATION: 'WAITING_FOR_CONFIGURATION',
  /** Working (code 1). */
  WORKING: 'WORKING'
} as const;

export type JobStatus = typeof JobStatus[keyof typeof JobStatus];
/** Who manages a customer's tenants. */
export const ManagementMode = {
  /** The customer (code 0). */
  CUSTOMER: 'CUSTOMER',
  /** The partner (code 1). */
  PARTNER: 'PARTNER',
  /** Not decided yet (code 2). */
  TO_BE_CONFIGURED: 'TO_BE_CONFIGURED',
  /** A code that this gateway does not know; `managementModeCode` has it. */
  UNKNOWN: 'UNKNOWN'
} as const;

export type ManagementMode = typeof ManagementMode[keyof typeof ManagementMode];
/** Why a tenant could not be read: the error codes that `errors` may have for its lists. */
export const MissingTenantReason = {
  /** The operation's time was over before the tenant was read, or the gateway shut down. */
  DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED',
  /** Another reason; `message` says which. */
  OTHER: 'OTHER',
  /** The operation needs more calls of the upstream than it may make. */
  UPSTREAM_BUDGET_EXCEEDED: 'UPSTREAM_BUDGET_EXCEEDED',
  /** The upstream forbids the call, or a permission is missing. */
  UPSTREAM_FORBIDDEN: 'UPSTREAM_FORBIDDEN',
  /** The upstream's answer can't be understood. */
  UPSTREAM_INVALID_RESPONSE: 'UPSTREAM_INVALID_RESPONSE',
  /** The upstream has nothing under the tenant's ids, for instance because it has no backup product. */
  UPSTREAM_NOT_FOUND: 'UPSTREAM_NOT_FOUND',
  /** The upstream is throttling calls. */
  UPSTREAM_RATE_LIMITED: 'UPSTREAM_RATE_LIMITED',
  /** The upstream refused the call with another status. */
  UPSTREAM_REFUSED: 'UPSTREAM_REFUSED',
  /** The upstream did not answer in time. */
  UPSTREAM_TIMEOUT: 'UPSTREAM_TIMEOUT',
  /** The upstream, or its identity service, refused the gateway's credential. */
  UPSTREAM_UNAUTHENTICATED: 'UPSTREAM_UNAUTHENTICATED',
  /** The upstream is unreachable or failed. */
  UPSTREAM_UNAVAILABLE: 'UPSTREAM_UNAVAILABLE'
} as const;

export type MissingTenantReason = typeof MissingTenantReason[keyof typeof MissingTenantReason];
/** How a user is protected: all that is given here holds. */
export type ProtectionFilter = {
  /**
   * Whether every module of the user's row is protected, or the one named by `module`. A user without a row, and one whose
   * row lacks the module, is not protected.
   */
  readonly isProtected?: boolean | null | undefined;
  /** With `isProtected`: the module that it applies to. Alone: the user's row has this module, protected or not. */
  readonly module?: ProtectionModule | null | undefined;
  /** The user's state. */
  readonly state?: ProtectionState | null | undefined;
  /** The user's state is one of these; none is, if the list is empty. */
  readonly states?: ReadonlyArray<ProtectionState> | null | undefined;
};

/** A module of Microsoft 365 that can be backed up. */
export const ProtectionModule = {
  /** Copilot Studio (code 15). */
  COPILOT_STUDIO: 'COPILOT_STUDIO',
  /** Exchange mailbox (code 0). */
  MAILBOX: 'MAILBOX',
  /** Microsoft 365 Groups (code 3). */
  MICROSOFT_365_GROUPS: 'MICROSOFT_365_GROUPS',
  /** OneDrive (code 2). */
  ONEDRIVE: 'ONEDRIVE',
  /** Power Apps (code 14). */
  POWER_APPS: 'POWER_APPS',
  /** Power Automate (code 12). */
  POWER_AUTOMATE: 'POWER_AUTOMATE',
  /** Power BI (code 11). */
  POWER_BI: 'POWER_BI',
  /** Project (code 4). */
  PROJECT: 'PROJECT',
  /** Public folders (code 5). */
  PUBLIC_FOLDERS: 'PUBLIC_FOLDERS',
  /** SharePoint (code 1). */
  SHAREPOINT: 'SHAREPOINT',
  /** Teams (code 6). */
  TEAMS: 'TEAMS',
  /** Teams chat (code 10). */
  TEAMS_CHAT: 'TEAMS_CHAT',
  /** A code that this gateway does not know; `moduleCode` has it. */
  UNKNOWN: 'UNKNOWN',
  /** Viva Engage (code 9). */
  VIVA_ENGAGE: 'VIVA_ENGAGE'
} as const;

export type ProtectionModule = typeof ProtectionModule[keyof typeof ProtectionModule];
/** How much of a user is protected. */
export const ProtectionState = {
  /** The backup product has no row for the user. */
  NOT_IN_BACKUP: 'NOT_IN_BACKUP',
  /** The former name of `NOT_IN_BACKUP`. */
  NO_ROW: 'NO_ROW',
  /** Some modules of the user's row are protected, and some are not. */
  PARTIALLY_PROTECTED: 'PARTIALLY_PROTECTED',
  /** Every module of the user's row is protected, and there is at least one. */
  PROTECTED: 'PROTECTED',
  /** No module of the user's row is protected, or it has none. */
  UNPROTECTED: 'UNPROTECTED'
} as const;

export type ProtectionState = typeof ProtectionState[keyof typeof ProtectionState];
/** Conditions on users, all of which must hold. An absent or null field sets no condition. */
export type UserFilter = {
  /** All of these hold as well. */
  readonly and?: ReadonlyArray<UserFilter> | null | undefined;
  /** The company is this; letter case does not count. An empty text: there is none. */
  readonly company?: string | null | undefined;
  /** The country or region is this; letter case does not count. An empty text: there is none. */
  readonly countryOrRegion?: string | null | undefined;
  /** The department is this; letter case does not count. An empty text: there is none. */
  readonly department?: string | null | undefined;
  /** When the account will be blocked from signing in is in this range. */
  readonly endDate?: DateTimeRange | null | undefined;
  /** The account is a test user, or the upstream says that it is not. */
  readonly isTestUser?: boolean | null | undefined;
  /** The job title is this; letter case does not count. An empty text: there is none. */
  readonly jobTitle?: string | null | undefined;
  /** The office location is this; letter case does not count. An empty text: there is none. */
  readonly location?: string | null | undefined;
  /** This does not hold. */
  readonly not?: UserFilter | null | undefined;
  /** At least one of these holds as well. */
  readonly or?: ReadonlyArray<UserFilter> | null | undefined;
  /** The age of the password is in this range. */
  readonly passwordAge?: IntRange | null | undefined;
  /** The backup protection. */
  readonly protection?: ProtectionFilter | null | undefined;
  /**
   * The display name, first name, last name, mail, user principal name or employee id contains this; letter case does not
   * count.
   */
  readonly search?: string | null | undefined;
  /** When the account can begin to sign in is in this range. */
  readonly startDate?: DateTimeRange | null | undefined;
  /** What is noted about the account. */
  readonly status?: UserStatusFilter | null | undefined;
};

/** An order of users. */
export const UserOrder = {
  /** By company, A to Z. */
  COMPANY_ASC: 'COMPANY_ASC',
  /** By company, Z to A. */
  COMPANY_DESC: 'COMPANY_DESC',
  /** By country or region, A to Z. */
  COUNTRY_OR_REGION_ASC: 'COUNTRY_OR_REGION_ASC',
  /** By country or region, Z to A. */
  COUNTRY_OR_REGION_DESC: 'COUNTRY_OR_REGION_DESC',
  /** By department, A to Z. */
  DEPARTMENT_ASC: 'DEPARTMENT_ASC',
  /** By department, Z to A. */
  DEPARTMENT_DESC: 'DEPARTMENT_DESC',
  /** By the name to show, A to Z. */
  DISPLAY_NAME_ASC: 'DISPLAY_NAME_ASC',
  /** By the name to show, Z to A. */
  DISPLAY_NAME_DESC: 'DISPLAY_NAME_DESC',
  /** By employee id, A to Z. */
  EMPLOYEE_ID_ASC: 'EMPLOYEE_ID_ASC',
  /** By employee id, Z to A. */
  EMPLOYEE_ID_DESC: 'EMPLOYEE_ID_DESC',
  /** By job title, A to Z. */
  JOB_TITLE_ASC: 'JOB_TITLE_ASC',
  /** By job title, Z to A. */
  JOB_TITLE_DESC: 'JOB_TITLE_DESC',
  /** By last name, A to Z. */
  LAST_NAME_ASC: 'LAST_NAME_ASC',
  /** By last name, Z to A. */
  LAST_NAME_DESC: 'LAST_NAME_DESC',
  /** By e-mail address, A to Z. */
  MAIL_ASC: 'MAIL_ASC',
  /** By e-mail address, Z to A. */
  MAIL_DESC: 'MAIL_DESC',
  /** By the age of the password, the smallest first. */
  PASSWORD_AGE_ASC: 'PASSWORD_AGE_ASC',
  /** By the age of the password, the greatest first. */
  PASSWORD_AGE_DESC: 'PASSWORD_AGE_DESC',
  /** By state of protection: no row, unprotected, partially protected, protected. */
  PROTECTION_ASC: 'PROTECTION_ASC',
  /** By state of protection: protected, partially protected, unprotected, no row. */
  PROTECTION_DESC: 'PROTECTION_DESC',
  /** By user principal name, A to Z. */
  USER_PRINCIPAL_NAME_ASC: 'USER_PRINCIPAL_NAME_ASC',
  /** By user principal name, Z to A. */
  USER_PRINCIPAL_NAME_DESC: 'USER_PRINCIPAL_NAME_DESC'
} as const;

export type UserOrder = typeof UserOrder[keyof typeof UserOrder];
/** Something to be noted about a user's account. */
export const UserStatus = {
  /** Compliance (code 5). */
  COMPLIANCE: 'COMPLIANCE',
  /** High risk (code 3). */
  HIGH_RISK: 'HIGH_RISK',
  /** Inactive (code 6). */
  INACTIVE: 'INACTIVE',
  /** Medium risk (code 4). */
  MEDIUM_RISK: 'MEDIUM_RISK',
  /** Multi-factor authentication is disabled (code 0). */
  MFA_DISABLED: 'MFA_DISABLED',
  /** The password has expired (code 2). */
  PASSWORD_EXPIRED: 'PASSWORD_EXPIRED',
  /** Pending deletion (code 7). */
  PENDING_DELETION: 'PENDING_DELETION',
  /** Sign-in is blocked (code 1). */
  SIGN_IN_BLOCKED: 'SIGN_IN_BLOCKED',
  /** A test user (code 8). */
  TEST_USER: 'TEST_USER',
  /** A code that this gateway does not know; `statusCodes` has it. */
  UNKNOWN: 'UNKNOWN'
} as const;

export type UserStatus = typeof UserStatus[keyof typeof UserStatus];
/** What is noted about a user's account: all that is given here holds. */
export type UserStatusFilter = {
  /** Every one of these is noted. */
  readonly all?: ReadonlyArray<UserStatus> | null | undefined;
  /** At least one of these is noted. */
  readonly any?: ReadonlyArray<UserStatus> | null | undefined;
  /** None of these is noted. */
  readonly none?: ReadonlyArray<UserStatus> | null | undefined;
};

export type CustomersQueryVariables = Exact<{
  filter?: CustomerFilter | null | undefined;
  orderBy?: ReadonlyArray<CustomerOrder> | CustomerOrder | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type CustomersQuery = { readonly customers: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly customerId: string, readonly organization: string | null, readonly ownerEmail: string | null, readonly jobStatus: JobStatus | null, readonly countryOrRegion: string | null, readonly managementMode: ManagementMode | null, readonly tenants: ReadonlyArray<{ readonly id: string, readonly tenantId: string, readonly name: string | null }> }> } | null };

export type ProtectionReportSubscriptionVariables = Exact<{
  filter?: CustomerFilter | null | undefined;
}>;


export type ProtectionReportSubscription = { readonly protectionReport: { readonly progress: { readonly tenantsDone: number, readonly tenantsTotal: number, readonly usersDone: number, readonly usersTotal: number | null, readonly calls: number, readonly secondsElapsed: number, readonly secondsLeft: number | null }, readonly tenant: { readonly customerId: string, readonly organization: string | null, readonly tenantId: string, readonly name: string | null, readonly summary: { readonly coverage: number | null, readonly userCount: number, readonly protectedCount: number, readonly partiallyProtectedCount: number, readonly unprotectedCount: number, readonly notInBackupCount: number, readonly unmatchedStatusCount: number, readonly asOf: string | null, readonly isComplete: boolean, readonly modules: ReadonlyArray<{ readonly module: ProtectionModule, readonly moduleCode: number, readonly protectedCount: number, readonly unprotectedCount: number }>, readonly missing: ReadonlyArray<{ readonly customerId: string, readonly organization: string | null, readonly tenantId: string, readonly name: string | null, readonly reason: MissingTenantReason, readonly message: string, readonly retryable: boolean }> } } | null, readonly totals: { readonly coverage: number | null, readonly userCount: number, readonly protectedCount: number, readonly partiallyProtectedCount: number, readonly unprotectedCount: number, readonly notInBackupCount: number, readonly unmatchedStatusCount: number, readonly asOf: string | null, readonly isComplete: boolean, readonly modules: ReadonlyArray<{ readonly module: ProtectionModule, readonly moduleCode: number, readonly protectedCount: number, readonly unprotectedCount: number }>, readonly missing: ReadonlyArray<{ readonly customerId: string, readonly organization: string | null, readonly tenantId: string, readonly name: string | null, readonly reason: MissingTenantReason, readonly message: string, readonly retryable: boolean }> } | null } };

export type CoverageFragment = { readonly coverage: number | null, readonly userCount: number, readonly protectedCount: number, readonly partiallyProtectedCount: number, readonly unprotectedCount: number, readonly notInBackupCount: number, readonly unmatchedStatusCount: number, readonly asOf: string | null, readonly isComplete: boolean, readonly modules: ReadonlyArray<{ readonly module: ProtectionModule, readonly moduleCode: number, readonly protectedCount: number, readonly unprotectedCount: number }>, readonly missing: ReadonlyArray<{ readonly customerId: string, readonly organization: string | null, readonly tenantId: string, readonly name: string | null, readonly reason: MissingTenantReason, readonly message: string, readonly retryable: boolean }> };

export type UsersQueryVariables = Exact<{
  customers?: CustomerFilter | null | undefined;
  filter?: UserFilter | null | undefined;
  orderBy?: ReadonlyArray<UserOrder> | UserOrder | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type UsersQuery = { readonly users: { readonly isComplete: boolean, readonly missing: ReadonlyArray<{ readonly customerId: string, readonly organization: string | null, readonly tenantId: string, readonly name: string | null, readonly reason: MissingTenantReason, readonly message: string, readonly retryable: boolean }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly customerId: string, readonly tenantId: string, readonly userId: string, readonly displayName: string | null, readonly mail: string | null, readonly userPrincipalName: string | null, readonly protectionState: ProtectionState | null, readonly protection: { readonly modules: ReadonlyArray<{ readonly module: ProtectionModule, readonly isProtected: boolean | null }> } | null, readonly tenant: { readonly name: string | null, readonly customer: { readonly organization: string | null } | null } | null }> } | null };

export type DashboardQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type DashboardQuery = { readonly customers: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly hasPreviousPage: boolean, readonly startCursor: string | null, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly cursor: string, readonly node: { readonly customerId: string } }>, readonly nodes: ReadonlyArray<{ readonly id: string, readonly customerId: string, readonly organization: string | null, readonly ownerEmail: string | null, readonly jobStatus: JobStatus | null, readonly jobStatusCode: number | null, readonly countryOrRegion: string | null, readonly managementMode: ManagementMode | null, readonly managementModeCode: number | null, readonly tenants: ReadonlyArray<{ readonly id: string, readonly tenantId: string, readonly name: string | null, readonly users: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly userId: string, readonly userPrincipalName: string | null, readonly mail: string | null, readonly displayName: string | null, readonly firstName: string | null, readonly lastName: string | null, readonly employeeId: string | null, readonly location: string | null, readonly company: string | null, readonly department: string | null, readonly mobile: string | null, readonly jobTitle: string | null, readonly isTestUser: boolean | null, readonly passwordAge: number | null, readonly startDate: string | null, readonly endDate: string | null, readonly countryOrRegion: string | null, readonly status: ReadonlyArray<UserStatus>, readonly statusCodes: ReadonlyArray<number>, readonly protection: { readonly email: string | null, readonly displayName: string | null, readonly isProtected: boolean, readonly mailbox: boolean, readonly modules: ReadonlyArray<{ readonly module: ProtectionModule, readonly moduleCode: number, readonly isProtected: boolean | null }> } | null }> } | null }> }> } | null };

export const CoverageFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Coverage"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProtectionSummary"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"coverage"}},{"kind":"Field","name":{"kind":"Name","value":"userCount"}},{"kind":"Field","name":{"kind":"Name","value":"protectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"partiallyProtectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unprotectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"notInBackupCount"}},{"kind":"Field","name":{"kind":"Name","value":"unmatchedStatusCount"}},{"kind":"Field","name":{"kind":"Name","value":"modules"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"module"}},{"kind":"Field","name":{"kind":"Name","value":"moduleCode"}},{"kind":"Field","name":{"kind":"Name","value":"protectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unprotectedCount"}}]}},{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"isComplete"}},{"kind":"Field","name":{"kind":"Name","value":"missing"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customerId"}},{"kind":"Field","name":{"kind":"Name","value":"organization"}},{"kind":"Field","name":{"kind":"Name","value":"tenantId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}}]}}]}}]} as unknown as DocumentNode<CoverageFragment, unknown>;
export const CustomersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Customers"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerOrder"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"100"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customers"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"customerId"}},{"kind":"Field","name":{"kind":"Name","value":"organization"}},{"kind":"Field","name":{"kind":"Name","value":"ownerEmail"}},{"kind":"Field","name":{"kind":"Name","value":"jobStatus"}},{"kind":"Field","name":{"kind":"Name","value":"countryOrRegion"}},{"kind":"Field","name":{"kind":"Name","value":"managementMode"}},{"kind":"Field","name":{"kind":"Name","value":"tenants"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"tenantId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]} as unknown as DocumentNode<CustomersQuery, CustomersQueryVariables>;
export const ProtectionReportDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ProtectionReport"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerFilter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"protectionReport"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tenantsDone"}},{"kind":"Field","name":{"kind":"Name","value":"tenantsTotal"}},{"kind":"Field","name":{"kind":"Name","value":"usersDone"}},{"kind":"Field","name":{"kind":"Name","value":"usersTotal"}},{"kind":"Field","name":{"kind":"Name","value":"calls"}},{"kind":"Field","name":{"kind":"Name","value":"secondsElapsed"}},{"kind":"Field","name":{"kind":"Name","value":"secondsLeft"}}]}},{"kind":"Field","name":{"kind":"Name","value":"tenant"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customerId"}},{"kind":"Field","name":{"kind":"Name","value":"organization"}},{"kind":"Field","name":{"kind":"Name","value":"tenantId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"summary"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Coverage"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"totals"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Coverage"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Coverage"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProtectionSummary"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"coverage"}},{"kind":"Field","name":{"kind":"Name","value":"userCount"}},{"kind":"Field","name":{"kind":"Name","value":"protectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"partiallyProtectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unprotectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"notInBackupCount"}},{"kind":"Field","name":{"kind":"Name","value":"unmatchedStatusCount"}},{"kind":"Field","name":{"kind":"Name","value":"modules"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"module"}},{"kind":"Field","name":{"kind":"Name","value":"moduleCode"}},{"kind":"Field","name":{"kind":"Name","value":"protectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unprotectedCount"}}]}},{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"isComplete"}},{"kind":"Field","name":{"kind":"Name","value":"missing"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customerId"}},{"kind":"Field","name":{"kind":"Name","value":"organization"}},{"kind":"Field","name":{"kind":"Name","value":"tenantId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}}]}}]}}]} as unknown as DocumentNode<ProtectionReportSubscription, ProtectionReportSubscriptionVariables>;
export const UsersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Users"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"customers"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"UserFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UserOrder"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"100"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"users"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"customers"},"value":{"kind":"Variable","name":{"kind":"Name","value":"customers"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"isComplete"}},{"kind":"Field","name":{"kind":"Name","value":"missing"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customerId"}},{"kind":"Field","name":{"kind":"Name","value":"organization"}},{"kind":"Field","name":{"kind":"Name","value":"tenantId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"customerId"}},{"kind":"Field","name":{"kind":"Name","value":"tenantId"}},{"kind":"Field","name":{"kind":"Name","value":"userId"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"mail"}},{"kind":"Field","name":{"kind":"Name","value":"userPrincipalName"}},{"kind":"Field","name":{"kind":"Name","value":"protectionState"}},{"kind":"Field","name":{"kind":"Name","value":"protection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"modules"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"module"}},{"kind":"Field","name":{"kind":"Name","value":"isProtected"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"tenant"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"organization"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<UsersQuery, UsersQueryVariables>;
export const DashboardDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Dashboard"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customers"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}},{"kind":"Field","name":{"kind":"Name","value":"startCursor"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customerId"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"customerId"}},{"kind":"Field","name":{"kind":"Name","value":"organization"}},{"kind":"Field","name":{"kind":"Name","value":"ownerEmail"}},{"kind":"Field","name":{"kind":"Name","value":"jobStatus"}},{"kind":"Field","name":{"kind":"Name","value":"jobStatusCode"}},{"kind":"Field","name":{"kind":"Name","value":"countryOrRegion"}},{"kind":"Field","name":{"kind":"Name","value":"managementMode"}},{"kind":"Field","name":{"kind":"Name","value":"managementModeCode"}},{"kind":"Field","name":{"kind":"Name","value":"tenants"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"tenantId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"users"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"50"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"userId"}},{"kind":"Field","name":{"kind":"Name","value":"userPrincipalName"}},{"kind":"Field","name":{"kind":"Name","value":"mail"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"firstName"}},{"kind":"Field","name":{"kind":"Name","value":"lastName"}},{"kind":"Field","name":{"kind":"Name","value":"employeeId"}},{"kind":"Field","name":{"kind":"Name","value":"location"}},{"kind":"Field","name":{"kind":"Name","value":"company"}},{"kind":"Field","name":{"kind":"Name","value":"department"}},{"kind":"Field","name":{"kind":"Name","value":"mobile"}},{"kind":"Field","name":{"kind":"Name","value":"jobTitle"}},{"kind":"Field","name":{"kind":"Name","value":"isTestUser"}},{"kind":"Field","name":{"kind":"Name","value":"passwordAge"}},{"kind":"Field","name":{"kind":"Name","value":"startDate"}},{"kind":"Field","name":{"kind":"Name","value":"endDate"}},{"kind":"Field","name":{"kind":"Name","value":"countryOrRegion"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusCodes"}},{"kind":"Field","name":{"kind":"Name","value":"protection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"isProtected"}},{"kind":"Field","alias":{"kind":"Name","value":"mailbox"},"name":{"kind":"Name","value":"isProtected"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"module"},"value":{"kind":"EnumValue","value":"MAILBOX"}}]},{"kind":"Field","name":{"kind":"Name","value":"modules"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"module"}},{"kind":"Field","name":{"kind":"Name","value":"moduleCode"}},{"kind":"Field","name":{"kind":"Name","value":"isProtected"}}]}}]}}]}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<DashboardQuery, DashboardQueryVariables>;