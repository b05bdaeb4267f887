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
  readonly all?: ReadonlyArray<UserStatus> | null | undefined;
  /** At least one of these is noted. */
  readonly any?: ReadonlyArray<UserStatus> | null | undefined;
  /** None of these is noted. */
  readonly none?: ReadonlyArray<UserStatus> | null | undefined;
};

export type CustomerQueryVariables = Exact<{
  customerId: string;
  filter?: UserFilter | null | undefined;
  users?: UserFilter | null | undefined;
}>;


export type CustomerQuery = { readonly customer: { readonly id: string, readonly organization: string | null, readonly ownerEmail: string | null, readonly countryOrRegion: string | null, readonly jobStatus: JobStatus | null, readonly managementMode: ManagementMode | null, readonly protectionSummary: { readonly coverage: number | null, readonly userCount: number, readonly protectedCount: number, readonly partiallyProtectedCount: number, readonly unprotectedCount: number, readonly notInBackupCount: number, readonly asOf: string | null, readonly isComplete: boolean, readonly groups: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly value: string | null, readonly coverage: number | null, readonly userCount: number, readonly protectedCount: number, readonly partiallyProtectedCount: number, readonly unprotectedCount: number, readonly notInBackupCount: number }> } | null, readonly missing: ReadonlyArray<{ readonly message: string }> } | null, readonly tenants: ReadonlyArray<{ readonly id: string, readonly tenantId: string, readonly name: string | null, readonly protectionSummary: { readonly coverage: number | null, readonly userCount: number, readonly protectedCount: number, readonly partiallyProtectedCount: number, readonly unprotectedCount: number, readonly notInBackupCount: number, readonly asOf: string | null, readonly isComplete: boolean, readonly missing: ReadonlyArray<{ readonly message: string }> } | null, readonly users: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly cursor: string, readonly node: { readonly id: string, readonly displayName: string | null, readonly mail: string | null, readonly userPrincipalName: string | null, readonly jobTitle: string | null, readonly protectionState: ProtectionState | null, readonly protection: { readonly modules: ReadonlyArray<{ readonly module: ProtectionModule, readonly moduleCode: number, readonly isProtected: boolean | null }> } | null } }> } | null }> } | null };

export type TenantUsersQueryVariables = Exact<{
  customerId: string;
  tenantId: string;
  filter?: UserFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type TenantUsersQuery = { readonly tenant: { readonly id: string, readonly users: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly cursor: string, readonly node: { readonly id: string, readonly displayName: string | null, readonly mail: string | null, readonly userPrincipalName: string | null, readonly jobTitle: string | null, readonly protectionState: ProtectionState | null, readonly protection: { readonly modules: ReadonlyArray<{ readonly module: ProtectionModule, readonly moduleCode: number, readonly isProtected: boolean | null }> } | null } }> } | null } | null };

export type UsersFragment = { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly cursor: string, readonly node: { readonly id: string, readonly displayName: string | null, readonly mail: string | null, readonly userPrincipalName: string | null, readonly jobTitle: string | null, readonly protectionState: ProtectionState | null, readonly protection: { readonly modules: ReadonlyArray<{ readonly module: ProtectionModule, readonly moduleCode: number, readonly isProtected: boolean | null }> } | null } }> };

export type EstateQueryVariables = Exact<{
  users?: UserFilter | null | undefined;
}>;


export type EstateQuery = { readonly protectionSummary: { readonly coverage: number | null, readonly userCount: number, readonly protectedCount: number, readonly partiallyProtectedCount: number, readonly unprotectedCount: number, readonly notInBackupCount: number, readonly asOf: string | null, readonly isComplete: boolean, readonly modules: ReadonlyArray<{ readonly module: ProtectionModule, readonly moduleCode: number, readonly protectedCount: number, readonly unprotectedCount: number }>, readonly missing: ReadonlyArray<{ readonly message: string }> } | null };

export type CustomersQueryVariables = Exact<{
  filter?: CustomerFilter | null | undefined;
  users?: UserFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type CustomersQuery = { readonly customers: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly cursor: string, readonly node: { readonly id: string, readonly customerId: string, readonly organization: string | null, readonly countryOrRegion: string | null, readonly jobStatus: JobStatus | null, readonly protectionSummary: { readonly coverage: number | null, readonly userCount: number, readonly protectedCount: number, readonly partiallyProtectedCount: number, readonly unprotectedCount: number, readonly notInBackupCount: number, readonly asOf: string | null, readonly isComplete: boolean, readonly missing: ReadonlyArray<{ readonly message: string }> } | null } }> } | null };

export type NumbersFragment = { readonly coverage: number | null, readonly userCount: number, readonly protectedCount: number, readonly partiallyProtectedCount: number, readonly unprotectedCount: number, readonly notInBackupCount: number, readonly asOf: string | null, readonly isComplete: boolean, readonly missing: ReadonlyArray<{ readonly message: string }> };

export const UsersFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Users"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserConnection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"mail"}},{"kind":"Field","name":{"kind":"Name","value":"userPrincipalName"}},{"kind":"Field","name":{"kind":"Name","value":"jobTitle"}},{"kind":"Field","name":{"kind":"Name","value":"protectionState"}},{"kind":"Field","name":{"kind":"Name","value":"protection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"modules"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"module"}},{"kind":"Field","name":{"kind":"Name","value":"moduleCode"}},{"kind":"Field","name":{"kind":"Name","value":"isProtected"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<UsersFragment, unknown>;
export const NumbersFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Numbers"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProtectionSummary"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"coverage"}},{"kind":"Field","name":{"kind":"Name","value":"userCount"}},{"kind":"Field","name":{"kind":"Name","value":"protectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"partiallyProtectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unprotectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"notInBackupCount"}},{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"isComplete"}},{"kind":"Field","name":{"kind":"Name","value":"missing"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]} as unknown as DocumentNode<NumbersFragment, unknown>;
export const CustomerDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Customer"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"customerId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"UserFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"users"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"UserFilter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customer"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"customerId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"customerId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"organization"}},{"kind":"Field","name":{"kind":"Name","value":"ownerEmail"}},{"kind":"Field","name":{"kind":"Name","value":"countryOrRegion"}},{"kind":"Field","name":{"kind":"Name","value":"jobStatus"}},{"kind":"Field","name":{"kind":"Name","value":"managementMode"}},{"kind":"Field","name":{"kind":"Name","value":"protectionSummary"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"users"},"value":{"kind":"Variable","name":{"kind":"Name","value":"users"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Numbers"}},{"kind":"Field","name":{"kind":"Name","value":"groups"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"by"},"value":{"kind":"EnumValue","value":"DEPARTMENT"}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"20"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"coverage"}},{"kind":"Field","name":{"kind":"Name","value":"userCount"}},{"kind":"Field","name":{"kind":"Name","value":"protectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"partiallyProtectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unprotectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"notInBackupCount"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"tenants"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"tenantId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"protectionSummary"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"users"},"value":{"kind":"Variable","name":{"kind":"Name","value":"users"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Numbers"}}]}},{"kind":"Field","name":{"kind":"Name","value":"users"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"PROTECTION_ASC"},{"kind":"EnumValue","value":"DISPLAY_NAME_ASC"}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Users"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Numbers"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProtectionSummary"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"coverage"}},{"kind":"Field","name":{"kind":"Name","value":"userCount"}},{"kind":"Field","name":{"kind":"Name","value":"protectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"partiallyProtectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unprotectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"notInBackupCount"}},{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"isComplete"}},{"kind":"Field","name":{"kind":"Name","value":"missing"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Users"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserConnection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"mail"}},{"kind":"Field","name":{"kind":"Name","value":"userPrincipalName"}},{"kind":"Field","name":{"kind":"Name","value":"jobTitle"}},{"kind":"Field","name":{"kind":"Name","value":"protectionState"}},{"kind":"Field","name":{"kind":"Name","value":"protection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"modules"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"module"}},{"kind":"Field","name":{"kind":"Name","value":"moduleCode"}},{"kind":"Field","name":{"kind":"Name","value":"isProtected"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<CustomerQuery, CustomerQueryVariables>;
export const TenantUsersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"TenantUsers"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"customerId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"tenantId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"UserFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tenant"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"customerId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"customerId"}}},{"kind":"Argument","name":{"kind":"Name","value":"tenantId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"tenantId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"users"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"PROTECTION_ASC"},{"kind":"EnumValue","value":"DISPLAY_NAME_ASC"}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Users"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Users"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserConnection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"mail"}},{"kind":"Field","name":{"kind":"Name","value":"userPrincipalName"}},{"kind":"Field","name":{"kind":"Name","value":"jobTitle"}},{"kind":"Field","name":{"kind":"Name","value":"protectionState"}},{"kind":"Field","name":{"kind":"Name","value":"protection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"modules"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"module"}},{"kind":"Field","name":{"kind":"Name","value":"moduleCode"}},{"kind":"Field","name":{"kind":"Name","value":"isProtected"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<TenantUsersQuery, TenantUsersQueryVariables>;
export const EstateDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Estate"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"users"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"UserFilter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"protectionSummary"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"users"},"value":{"kind":"Variable","name":{"kind":"Name","value":"users"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Numbers"}},{"kind":"Field","name":{"kind":"Name","value":"modules"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"module"}},{"kind":"Field","name":{"kind":"Name","value":"moduleCode"}},{"kind":"Field","name":{"kind":"Name","value":"protectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unprotectedCount"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Numbers"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProtectionSummary"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"coverage"}},{"kind":"Field","name":{"kind":"Name","value":"userCount"}},{"kind":"Field","name":{"kind":"Name","value":"protectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"partiallyProtectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unprotectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"notInBackupCount"}},{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"isComplete"}},{"kind":"Field","name":{"kind":"Name","value":"missing"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]} as unknown as DocumentNode<EstateQuery, EstateQueryVariables>;
export const CustomersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Customers"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"CustomerFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"users"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"UserFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"customers"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"users"},"value":{"kind":"Variable","name":{"kind":"Name","value":"users"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"COVERAGE_ASC"}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"20"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"customerId"}},{"kind":"Field","name":{"kind":"Name","value":"organization"}},{"kind":"Field","name":{"kind":"Name","value":"countryOrRegion"}},{"kind":"Field","name":{"kind":"Name","value":"jobStatus"}},{"kind":"Field","name":{"kind":"Name","value":"protectionSummary"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"users"},"value":{"kind":"Variable","name":{"kind":"Name","value":"users"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Numbers"}}]}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Numbers"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProtectionSummary"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"coverage"}},{"kind":"Field","name":{"kind":"Name","value":"userCount"}},{"kind":"Field","name":{"kind":"Name","value":"protectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"partiallyProtectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unprotectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"notInBackupCount"}},{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"isComplete"}},{"kind":"Field","name":{"kind":"Name","value":"missing"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]} as unknown as DocumentNode<CustomersQuery, CustomersQueryVariables>;