import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { CustomerRecord, TenantReference, UserRecord, ProtectionStatusRecord, DirectoryEntryRecord, IdentifiedSummaryRecord, ShownGroupRecord, MissingTenantRecord } from '../../model.ts';
import type { ReportedTenant } from '../../reporting/report.ts';
import type { GraphContext } from '../context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** An instant in RFC 3339 form, such as 2026-01-31T09:30:00Z. In an argument, also a day alone: 2026-01-31. */
  DateTime: { input: string; output: string; }
  /** A reference of a federation gateway: `__typename`, and the fields of one of the type's keys. */
  _Any: { input: unknown; output: unknown; }
  /** Names of fields. */
  federation__FieldSet: { input: string; output: string; }
  /** The name of something that is imported. */
  link__Import: { input: string; output: string; }
};

/**
 * A range of `protectionSummary.coverage`. What is absent or null sets no bound, and a range without bounds no condition.
 * Customers without users are in no range, nor are those none of whose tenants could be read.
 */
export type CoverageFilter = {
  /** More than this, 0 to 1. */
  readonly above?: InputMaybe<Scalars['Float']['input']>;
  /** Less than this, 0 to 1. */
  readonly below?: InputMaybe<Scalars['Float']['input']>;
  /** The users that count; without it, those of the field's argument `users`, or all. */
  readonly users?: InputMaybe<UserFilter>;
};

/** A customer managed by the partner. */
export type Customer = Node & {
  readonly __typename?: 'Customer';
  /** The country or region, by name. */
  readonly countryOrRegion: Maybe<Scalars['String']['output']>;
  /** The upstream's own id of the customer. */
  readonly customerId: Scalars['ID']['output'];
  /** The customer's row of the older customer directory, or null if it has none. */
  readonly directoryEntry: Maybe<DirectoryEntry>;
  /** The opaque global id. */
  readonly id: Scalars['ID']['output'];
  /** The state of the customer's backup jobs. */
  readonly jobStatus: Maybe<JobStatus>;
  /** The upstream's code of `jobStatus`; null if it sent a text that has no known code. */
  readonly jobStatusCode: Maybe<Scalars['Int']['output']>;
  /** The upstream's own words for `jobStatus`, if it sent a text instead of a code. */
  readonly jobStatusText: Maybe<Scalars['String']['output']>;
  /** Who manages the customer's tenants. */
  readonly managementMode: Maybe<ManagementMode>;
  /** The upstream's code of `managementMode`. */
  readonly managementModeCode: Maybe<Scalars['Int']['output']>;
  /** The organization's name. */
  readonly organization: Maybe<Scalars['String']['output']>;
  /** The e-mail address of the customer's owner. */
  readonly ownerEmail: Maybe<Scalars['String']['output']>;
  /**
   * The backup protection rows of the customer's tenants as one list, also those that belong to no user: tenant by tenant,
   * each read once and only as far as the window needs. `totalCount` and `orderBy` need all of them.
   */
  readonly protectionStatuses: Maybe<ProtectionStatusConnection>;
  /** How well the users of the customer's tenants are protected. */
  readonly protectionSummary: Maybe<ProtectionSummary>;
  /** One of the customer's tenants, or null if it has none of this id. */
  readonly tenant: Maybe<Tenant>;
  /** The customer's Microsoft 365 tenants, without entries that can't be understood: those are in `missing` of lists. */
  readonly tenants: ReadonlyArray<Tenant>;
  /**
   * The users of the customer's tenants as one list: tenant by tenant, each read once and only as far as the window needs.
   * `totalCount` and `orderBy` need all of them.
   */
  readonly users: Maybe<UserConnection>;
};


/** A customer managed by the partner. */
export type CustomerProtectionStatusesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ProtectionStatusFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<ReadonlyArray<ProtectionStatusOrder>>;
};


/** A customer managed by the partner. */
export type CustomerProtectionSummaryArgs = {
  users?: InputMaybe<UserFilter>;
};


/** A customer managed by the partner. */
export type CustomerTenantArgs = {
  tenantId: Scalars['ID']['input'];
};


/** A customer managed by the partner. */
export type CustomerUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<UserFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<ReadonlyArray<UserOrder>>;
};

/** A window of a list of customers. */
export type CustomerConnection = {
  readonly __typename?: 'CustomerConnection';
  /**
   * Whether rows may be missing, or be here again: the list went on changing while several pages of it were read, sent
   * fewer rows than it states, or leaves the place of a cursor uncertain.
   */
  readonly changedWhileRead: Scalars['Boolean']['output'];
  /** The window's rows, each with its cursor. */
  readonly edges: ReadonlyArray<CustomerEdge>;
  /**
   * Whether all that had to be read for this answer could be read: an order by coverage or by users looks into
   * every tenant, and a customer stands by those of its tenants that could be read.
   */
  readonly isComplete: Scalars['Boolean']['output'];
  /** The tenants that could not be read, and why. */
  readonly missing: ReadonlyArray<MissingTenant>;
  /** The window's rows. */
  readonly nodes: ReadonlyArray<Customer>;
  /** Where this window stands in the list. */
  readonly pageInfo: PageInfo;
  /** How many customers the whole list has. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A customer in a list. */
export type CustomerEdge = {
  readonly __typename?: 'CustomerEdge';
  /** The place in the list, to continue from. */
  readonly cursor: Scalars['String']['output'];
  /** The customer. */
  readonly node: Customer;
};

/** Conditions on customers, all of which must hold. An absent or null field sets no condition. */
export type CustomerFilter = {
  /** All of these hold as well. */
  readonly and?: InputMaybe<ReadonlyArray<CustomerFilter>>;
  /** The country or region is this; letter case does not count. An empty text: there is none. */
  readonly countryOrRegion?: InputMaybe<Scalars['String']['input']>;
  /** The share of protected users is in this range. For this, all tenants are read. */
  readonly coverage?: InputMaybe<CoverageFilter>;
  /** The customer is one of these, by the upstream's own ids; letter case does not count. 1,000 at most. */
  readonly customerIds?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
  /** There is at least one tenant, or there is none. */
  readonly hasTenants?: InputMaybe<Scalars['Boolean']['input']>;
  /** The state of the backup jobs is this. */
  readonly jobStatus?: InputMaybe<JobStatus>;
  /** The tenants are managed so. */
  readonly managementMode?: InputMaybe<ManagementMode>;
  /** This does not hold. */
  readonly not?: InputMaybe<CustomerFilter>;
  /** At least one of these holds as well. */
  readonly or?: InputMaybe<ReadonlyArray<CustomerFilter>>;
  /** The organization's name or the owner's e-mail address contains this; letter case does not count. */
  readonly search?: InputMaybe<Scalars['String']['input']>;
  /** The number of tenants is in this range. */
  readonly tenantCount?: InputMaybe<IntRange>;
  /** The name of one of the customer's tenants contains this; letter case does not count. */
  readonly tenantName?: InputMaybe<Scalars['String']['input']>;
  /**
   * The number of users, of those of the field's argument `users` or of all, is in this range. For this, all tenants are
   * read; those that can't be read count for nothing.
   */
  readonly userCount?: InputMaybe<IntRange>;
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
  readonly from?: InputMaybe<Scalars['DateTime']['input']>;
  /** The last instant, or the last day; not before `from`. */
  readonly to?: InputMaybe<Scalars['DateTime']['input']>;
};

/** A customer's row in the older customer directory, GET /partner/customers. */
export type DirectoryEntry = Node & {
  readonly __typename?: 'DirectoryEntry';
  /** The country or region, by name. */
  readonly countryOrRegion: Maybe<Scalars['String']['output']>;
  /** The customer of this row, or null if the customer list has none of this id. */
  readonly customer: Maybe<Customer>;
  /** The upstream's id of the row, which it calls the tenant owner id of the customer. */
  readonly customerId: Scalars['ID']['output'];
  /** The opaque global id. */
  readonly id: Scalars['ID']['output'];
  /** The state of the customer's backup jobs. */
  readonly jobStatus: Maybe<JobStatus>;
  /** The code of `jobStatus`; null if the upstream sent a text that has no known code. */
  readonly jobStatusCode: Maybe<Scalars['Int']['output']>;
  /** The upstream's own words for `jobStatus`, if it sent a text instead of a code. */
  readonly jobStatusText: Maybe<Scalars['String']['output']>;
  /** The organization's name. */
  readonly organization: Maybe<Scalars['String']['output']>;
  /** The e-mail address of the customer's owner. */
  readonly ownerEmail: Maybe<Scalars['String']['output']>;
};

/**
 * Whole numbers from `min` to `max`, both included. What is absent or null sets no bound, and a range without bounds no
 * condition; a missing value is in no range.
 */
export type IntRange = {
  /** The greatest number; not less than `min`. */
  readonly max?: InputMaybe<Scalars['Int']['input']>;
  /** The least number. */
  readonly min?: InputMaybe<Scalars['Int']['input']>;
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

/** A tenant that could not be read. */
export type MissingTenant = {
  readonly __typename?: 'MissingTenant';
  /**
   * The error's code, as in `errors`.
   * @deprecated Use `reason`.
   */
  readonly code: Scalars['String']['output'];
  /** The upstream's own id of the customer. */
  readonly customerId: Scalars['ID']['output'];
  /** What went wrong, and what to do. */
  readonly message: Scalars['String']['output'];
  /** The tenant's name. */
  readonly name: Maybe<Scalars['String']['output']>;
  /** The organization's name. */
  readonly organization: Maybe<Scalars['String']['output']>;
  /** Why it could not be read. */
  readonly reason: MissingTenantReason;
  /** Whether the same request may succeed later. */
  readonly retryable: Scalars['Boolean']['output'];
  /** The upstream's own id of the tenant; empty if the customer's list of tenants can't be understood. */
  readonly tenantId: Scalars['ID']['output'];
};

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

/** One module's protection, in numbers of users. */
export type ModuleSummary = {
  readonly __typename?: 'ModuleSummary';
  /** The module. */
  readonly module: ProtectionModule;
  /** The upstream's code of the module. */
  readonly moduleCode: Scalars['Int']['output'];
  /** Users whose module is protected. */
  readonly protectedCount: Scalars['Int']['output'];
  /** Users whose row has the module, unprotected. */
  readonly unprotectedCount: Scalars['Int']['output'];
};

/** An object that can be read again by its global id. */
export type Node = {
  /** The opaque global id. */
  readonly id: Scalars['ID']['output'];
};

/** Where a window of a list stands. */
export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** The cursor of the window's last row; null if the window is empty. */
  readonly endCursor: Maybe<Scalars['String']['output']>;
  /** Whether rows follow the last one of this window. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Whether rows precede the first one of this window. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the window's first row; null if the window is empty. */
  readonly startCursor: Maybe<Scalars['String']['output']>;
};

/** How a user is protected: all that is given here holds. */
export type ProtectionFilter = {
  /**
   * Whether every module of the user's row is protected, or the one named by `module`. A user without a row, and one whose
   * row lacks the module, is not protected.
   */
  readonly isProtected?: InputMaybe<Scalars['Boolean']['input']>;
  /** With `isProtected`: the module that it applies to. Alone: the user's row has this module, protected or not. */
  readonly module?: InputMaybe<ProtectionModule>;
  /** The user's state. */
  readonly state?: InputMaybe<ProtectionState>;
  /** The user's state is one of these; none is, if the list is empty. */
  readonly states?: InputMaybe<ReadonlyArray<ProtectionState>>;
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

/** The protection of one module. */
export type ProtectionModuleStatus = {
  readonly __typename?: 'ProtectionModuleStatus';
  /** Whether the module is protected; null if the upstream does not say. */
  readonly isProtected: Maybe<Scalars['Boolean']['output']>;
  /** The module. */
  readonly module: ProtectionModule;
  /** The upstream's code of the module; -1 if it sent none. */
  readonly moduleCode: Scalars['Int']['output'];
};

/** One event of a report. */
export type ProtectionReport = {
  readonly __typename?: 'ProtectionReport';
  /** How far the report has come. */
  readonly progress: ProtectionReportProgress;
  /** A tenant that has just been read; null in an event of progress alone. */
  readonly tenant: Maybe<ProtectionReportTenant>;
  /** All tenants together; null until the last event. */
  readonly totals: Maybe<ProtectionSummary>;
};

/** How far a report has come. */
export type ProtectionReportProgress = {
  readonly __typename?: 'ProtectionReportProgress';
  /** Calls of the upstream so far, repetitions included. */
  readonly calls: Scalars['Int']['output'];
  /** All customers of the report, also those without a tenant. */
  readonly customersTotal: Scalars['Int']['output'];
  /** How long the report has been running, in seconds. */
  readonly secondsElapsed: Scalars['Float']['output'];
  /** Estimated seconds left; null until they can be estimated. */
  readonly secondsLeft: Maybe<Scalars['Float']['output']>;
  /** Tenants that were read, or could not be. */
  readonly tenantsDone: Scalars['Int']['output'];
  /** All tenants of the report. */
  readonly tenantsTotal: Scalars['Int']['output'];
  /** Users that were counted. */
  readonly usersDone: Scalars['Int']['output'];
  /** Estimated number of users in the report; null until it can be estimated. */
  readonly usersTotal: Maybe<Scalars['Int']['output']>;
};

/** One tenant's part of a report. */
export type ProtectionReportTenant = {
  readonly __typename?: 'ProtectionReportTenant';
  /** The upstream's own id of the customer. */
  readonly customerId: Scalars['ID']['output'];
  /** The tenant's name. */
  readonly name: Maybe<Scalars['String']['output']>;
  /** The organization's name. */
  readonly organization: Maybe<Scalars['String']['output']>;
  /** How well the tenant's users are protected. */
  readonly summary: ProtectionSummary;
  /** The tenant. */
  readonly tenant: Tenant;
  /** The upstream's own id of the tenant. */
  readonly tenantId: Scalars['ID']['output'];
};

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

/** What the backup product protects of one address of a tenant. */
export type ProtectionStatus = Node & {
  readonly __typename?: 'ProtectionStatus';
  /** The name to show. */
  readonly displayName: Maybe<Scalars['String']['output']>;
  /** The address the backup product knows: a user's mail or user principal name, or a shared mailbox. */
  readonly email: Maybe<Scalars['String']['output']>;
  /** The opaque global id. */
  readonly id: Scalars['ID']['output'];
  /**
   * Without a module: whether every module of the row is protected; a row without modules is not. With a module: whether
   * that module is, false if the row lacks it.
   */
  readonly isProtected: Scalars['Boolean']['output'];
  /** The protection of each module. */
  readonly modules: ReadonlyArray<ProtectionModuleStatus>;
  /** How much of the row is protected; never `NOT_IN_BACKUP`. */
  readonly state: ProtectionState;
  /** The tenant the row belongs to. */
  readonly tenant: Maybe<Tenant>;
  /** The user this row belongs to, or null if it belongs to none, like the row of a shared mailbox. */
  readonly user: Maybe<User>;
  /** The upstream's id of the row's user; null if the upstream lacks it. */
  readonly userId: Maybe<Scalars['ID']['output']>;
};


/** What the backup product protects of one address of a tenant. */
export type ProtectionStatusIsProtectedArgs = {
  module?: InputMaybe<ProtectionModule>;
};

/** A window of a list of protection rows. */
export type ProtectionStatusConnection = {
  readonly __typename?: 'ProtectionStatusConnection';
  /**
   * Whether rows may be missing, or be here again: the list went on changing while several pages of it were read, sent
   * fewer rows than it states, or leaves the place of a cursor uncertain.
   */
  readonly changedWhileRead: Scalars['Boolean']['output'];
  /** The window's rows, each with its cursor. */
  readonly edges: ReadonlyArray<ProtectionStatusEdge>;
  /**
   * Whether all that had to be read for this answer could be read: in a list of the rows of several tenants, a tenant
   * may be missing.
   */
  readonly isComplete: Scalars['Boolean']['output'];
  /** The tenants that could not be read, and why. */
  readonly missing: ReadonlyArray<MissingTenant>;
  /** The window's rows. */
  readonly nodes: ReadonlyArray<ProtectionStatus>;
  /** Where this window stands in the list. */
  readonly pageInfo: PageInfo;
  /** How many rows the whole list has. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A protection row in a list. */
export type ProtectionStatusEdge = {
  readonly __typename?: 'ProtectionStatusEdge';
  /** The place in the list, to continue from. */
  readonly cursor: Scalars['String']['output'];
  /** The protection row. */
  readonly node: ProtectionStatus;
};

/** Conditions on protection rows, all of which must hold. An absent or null field sets no condition. */
export type ProtectionStatusFilter = {
  /** All of these hold as well. */
  readonly and?: InputMaybe<ReadonlyArray<ProtectionStatusFilter>>;
  /** The row belongs to a user, or to none, as that of a shared mailbox. */
  readonly hasUser?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether every module of the row is protected, or the one named by `module`; false if the row lacks it. */
  readonly isProtected?: InputMaybe<Scalars['Boolean']['input']>;
  /** With `isProtected`: the module that it applies to. Alone: the row has this module, protected or not. */
  readonly module?: InputMaybe<ProtectionModule>;
  /** This does not hold. */
  readonly not?: InputMaybe<ProtectionStatusFilter>;
  /** At least one of these holds as well. */
  readonly or?: InputMaybe<ReadonlyArray<ProtectionStatusFilter>>;
  /** The address or the name to show contains this; letter case does not count. */
  readonly search?: InputMaybe<Scalars['String']['input']>;
  /** How much of the row is protected. */
  readonly state?: InputMaybe<ProtectionState>;
  /** How much of the row is protected, as one of these; none is, if the list is empty. */
  readonly states?: InputMaybe<ReadonlyArray<ProtectionState>>;
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

/**
 * How well users are protected, in numbers. What could not be read is in none of them. If the field has `users`, only
 * the users that match this filter are counted.
 */
export type ProtectionSummary = {
  readonly __typename?: 'ProtectionSummary';
  /** When the oldest of the data was read; null if none was. */
  readonly asOf: Maybe<Scalars['DateTime']['output']>;
  /**
   * Whether rows may not be counted: a list went on changing while several pages of it were read, or sent fewer rows
   * than it states.
   */
  readonly changedWhileRead: Scalars['Boolean']['output'];
  /** The share of the users that are protected, 0 to 1; null if there are no users. */
  readonly coverage: Maybe<Scalars['Float']['output']>;
  /** The same users group by group, for tables and for the choices of a filter. */
  readonly groups: Maybe<UserGroupConnection>;
  /**
   * Identifies what is counted (customer, tenant or filters), so that a normalized cache merges its fields. `node` does not
   * accept it.
   */
  readonly id: Scalars['ID']['output'];
  /** Whether every tenant could be read. */
  readonly isComplete: Scalars['Boolean']['output'];
  /** The tenants that could not be read, and why. */
  readonly missing: ReadonlyArray<MissingTenant>;
  /** Each module that stands in a row of a user, by its code. */
  readonly modules: ReadonlyArray<ModuleSummary>;
  /**
   * The former name of `notInBackupCount`.
   * @deprecated Use `notInBackupCount`.
   */
  readonly noRowCount: Scalars['Int']['output'];
  /** Users without a row in the backup product. */
  readonly notInBackupCount: Scalars['Int']['output'];
  /** Users of whom some modules are protected, and some are not. */
  readonly partiallyProtectedCount: Scalars['Int']['output'];
  /** Users of whom everything that the backup product knows is protected. */
  readonly protectedCount: Scalars['Int']['output'];
  /**
   * The former name of `unmatchedStatusCount`.
   * @deprecated Use `unmatchedStatusCount`.
   */
  readonly statusesWithoutUser: Scalars['Int']['output'];
  /**
   * Rows of the backup product that belong to no user, such as shared mailboxes. They are no users, so that `users` does
   * not matter here.
   */
  readonly unmatchedStatusCount: Scalars['Int']['output'];
  /** Users with a row in the backup product, and nothing of it protected. */
  readonly unprotectedCount: Scalars['Int']['output'];
  /** How many users there are. */
  readonly userCount: Scalars['Int']['output'];
};


/**
 * How well users are protected, in numbers. What could not be read is in none of them. If the field has `users`, only
 * the users that match this filter are counted.
 */
export type ProtectionSummaryGroupsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  by: UserGrouping;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<UserGroupOrder>;
};

/**
 * The partner's estate, read from the AvePoint Elements partner API: customers, their tenants, the tenants' users,
 * and each user's backup protection. Every field that needs a call to that API is nullable: if the call fails, the field
 * is null, the rest of the answer is there, and `errors` holds one entry per cause.
 */
export type Query = {
  readonly __typename?: 'Query';
  /** For federation gateways: the objects that these references stand for, in their order; null for each that does not exist. 1,000 at most. */
  readonly _entities: ReadonlyArray<Maybe<_Entity>>;
  /** For federation gateways: this subgraph's schema. */
  readonly _service: _Service;
  /** One customer, or null if there is none of this id. */
  readonly customer: Maybe<Customer>;
  /** All customers the partner's app registration may see, or those named. */
  readonly customers: Maybe<CustomerConnection>;
  /**
   * The partner's customer directory: GET /partner/customers, an older and flatter list of the same customers. The vendor
   * plans to retire it: prefer `customers`.
   */
  readonly directory: Maybe<ReadonlyArray<DirectoryEntry>>;
  /** The object of a global id, or null if it no longer exists. */
  readonly node: Maybe<Node>;
  /** The objects of several global ids, in the order of the ids; null for each that no longer exists. 1,000 at most. */
  readonly nodes: Maybe<ReadonlyArray<Maybe<Node>>>;
  /**
   * The backup protection rows of many customers as one list, also those that belong to no user: customer by customer,
   * tenant by tenant, each tenant read once and only as far as the window needs. `totalCount` and `orderBy` need all of
   * them.
   */
  readonly protectionStatuses: Maybe<ProtectionStatusConnection>;
  /** How well the users of many customers are protected, all tenants together. */
  readonly protectionSummary: Maybe<ProtectionSummary>;
  /**
   * One tenant, or null if there is none. Without `customerId`, the list of customers is read as far as the first that
   * has a tenant of this id.
   */
  readonly tenant: Maybe<Tenant>;
  /** One user of a tenant, or null if there is none. */
  readonly user: Maybe<User>;
  /**
   * The users of many customers as one list: customer by customer, tenant by tenant, each tenant read once and only as far
   * as the window needs. `totalCount` and `orderBy` need all of them.
   */
  readonly users: Maybe<UserConnection>;
};


/**
 * The partner's estate, read from the AvePoint Elements partner API: customers, their tenants, the tenants' users,
 * and each user's backup protection. Every field that needs a call to that API is nullable: if the call fails, the field
 * is null, the rest of the answer is there, and `errors` holds one entry per cause.
 */
export type Query_EntitiesArgs = {
  representations: ReadonlyArray<Scalars['_Any']['input']>;
};


/**
 * The partner's estate, read from the AvePoint Elements partner API: customers, their tenants, the tenants' users,
 * and each user's backup protection. Every field that needs a call to that API is nullable: if the call fails, the field
 * is null, the rest of the answer is there, and `errors` holds one entry per cause.
 */
export type QueryCustomerArgs = {
  customerId: Scalars['ID']['input'];
};


/**
 * The partner's estate, read from the AvePoint Elements partner API: customers, their tenants, the tenants' users,
 * and each user's backup protection. Every field that needs a call to that API is nullable: if the call fails, the field
 * is null, the rest of the answer is there, and `errors` holds one entry per cause.
 */
export type QueryCustomersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  customerIds?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
  filter?: InputMaybe<CustomerFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<ReadonlyArray<CustomerOrder>>;
  users?: InputMaybe<UserFilter>;
};


/**
 * The partner's estate, read from the AvePoint Elements partner API: customers, their tenants, the tenants' users,
 * and each user's backup protection. Every field that needs a call to that API is nullable: if the call fails, the field
 * is null, the rest of the answer is there, and `errors` holds one entry per cause.
 */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/**
 * The partner's estate, read from the AvePoint Elements partner API: customers, their tenants, the tenants' users,
 * and each user's backup protection. Every field that needs a call to that API is nullable: if the call fails, the field
 * is null, the rest of the answer is there, and `errors` holds one entry per cause.
 */
export type QueryNodesArgs = {
  ids: ReadonlyArray<Scalars['ID']['input']>;
};


/**
 * The partner's estate, read from the AvePoint Elements partner API: customers, their tenants, the tenants' users,
 * and each user's backup protection. Every field that needs a call to that API is nullable: if the call fails, the field
 * is null, the rest of the answer is there, and `errors` holds one entry per cause.
 */
export type QueryProtectionStatusesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  customers?: InputMaybe<CustomerFilter>;
  filter?: InputMaybe<ProtectionStatusFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<ReadonlyArray<ProtectionStatusOrder>>;
};


/**
 * The partner's estate, read from the AvePoint Elements partner API: customers, their tenants, the tenants' users,
 * and each user's backup protection. Every field that needs a call to that API is nullable: if the call fails, the field
 * is null, the rest of the answer is there, and `errors` holds one entry per cause.
 */
export type QueryProtectionSummaryArgs = {
  filter?: InputMaybe<CustomerFilter>;
  users?: InputMaybe<UserFilter>;
};


/**
 * The partner's estate, read from the AvePoint Elements partner API: customers, their tenants, the tenants' users,
 * and each user's backup protection. Every field that needs a call to that API is nullable: if the call fails, the field
 * is null, the rest of the answer is there, and `errors` holds one entry per cause.
 */
export type QueryTenantArgs = {
  customerId?: InputMaybe<Scalars['ID']['input']>;
  tenantId: Scalars['ID']['input'];
};


/**
 * The partner's estate, read from the AvePoint Elements partner API: customers, their tenants, the tenants' users,
 * and each user's backup protection. Every field that needs a call to that API is nullable: if the call fails, the field
 * is null, the rest of the answer is there, and `errors` holds one entry per cause.
 */
export type QueryUserArgs = {
  customerId: Scalars['ID']['input'];
  tenantId: Scalars['ID']['input'];
  userId: Scalars['ID']['input'];
};


/**
 * The partner's estate, read from the AvePoint Elements partner API: customers, their tenants, the tenants' users,
 * and each user's backup protection. Every field that needs a call to that API is nullable: if the call fails, the field
 * is null, the rest of the answer is there, and `errors` holds one entry per cause.
 */
export type QueryUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  customers?: InputMaybe<CustomerFilter>;
  filter?: InputMaybe<UserFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<ReadonlyArray<UserOrder>>;
};

/**
 * Long answers, as a stream from the same address: server-sent events (`Accept: text/event-stream`, graphql-sse's protocol),
 * or parts as Apollo Client reads them (`multipart/mixed;subscriptionSpec=1.0`).
 */
export type Subscription = {
  readonly __typename?: 'Subscription';
  /**
   * How well the users of many customers are protected, tenant by tenant as each is read, however many there are. It reports
   * progress, and ends with the totals. Tenants that can't be read are in `missing`, and the rest goes on.
   */
  readonly protectionReport: ProtectionReport;
};


/**
 * Long answers, as a stream from the same address: server-sent events (`Accept: text/event-stream`, graphql-sse's protocol),
 * or parts as Apollo Client reads them (`multipart/mixed;subscriptionSpec=1.0`).
 */
export type SubscriptionProtectionReportArgs = {
  filter?: InputMaybe<CustomerFilter>;
  users?: InputMaybe<UserFilter>;
};

/** A customer's Microsoft 365 tenant. */
export type Tenant = Node & {
  readonly __typename?: 'Tenant';
  /** The customer that owns the tenant. */
  readonly customer: Maybe<Customer>;
  /** The upstream's own id of the customer that owns the tenant. */
  readonly customerId: Scalars['ID']['output'];
  /** The opaque global id. */
  readonly id: Scalars['ID']['output'];
  /** The tenant's name. */
  readonly name: Maybe<Scalars['String']['output']>;
  /** The backup protection rows of the tenant, also those that belong to no user, such as shared mailboxes. */
  readonly protectionStatuses: Maybe<ProtectionStatusConnection>;
  /** How well the tenant's users are protected. */
  readonly protectionSummary: Maybe<ProtectionSummary>;
  /** The upstream's own id of the tenant. */
  readonly tenantId: Scalars['ID']['output'];
  /** The user whose mail, or else whose user principal name, is this address; letter case does not count. */
  readonly user: Maybe<User>;
  /** The tenant's users, or those named. */
  readonly users: Maybe<UserConnection>;
};


/** A customer's Microsoft 365 tenant. */
export type TenantProtectionStatusesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  emails?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  filter?: InputMaybe<ProtectionStatusFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<ReadonlyArray<ProtectionStatusOrder>>;
};


/** A customer's Microsoft 365 tenant. */
export type TenantProtectionSummaryArgs = {
  users?: InputMaybe<UserFilter>;
};


/** A customer's Microsoft 365 tenant. */
export type TenantUserArgs = {
  email: Scalars['String']['input'];
};


/** A customer's Microsoft 365 tenant. */
export type TenantUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<UserFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<ReadonlyArray<UserOrder>>;
  userIds?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
};

/** A user of a tenant. */
export type User = Node & {
  readonly __typename?: 'User';
  /** The company. */
  readonly company: Maybe<Scalars['String']['output']>;
  /** The country or region, by name. */
  readonly countryOrRegion: Maybe<Scalars['String']['output']>;
  /** The upstream's own id of the customer whose tenant the user belongs to. */
  readonly customerId: Scalars['ID']['output'];
  /** The department. */
  readonly department: Maybe<Scalars['String']['output']>;
  /** The name to show. */
  readonly displayName: Maybe<Scalars['String']['output']>;
  /** The employee id. */
  readonly employeeId: Maybe<Scalars['String']['output']>;
  /** When the account will be blocked from signing in; null if that is not set. */
  readonly endDate: Maybe<Scalars['DateTime']['output']>;
  /** The first name. */
  readonly firstName: Maybe<Scalars['String']['output']>;
  /** The opaque global id. */
  readonly id: Scalars['ID']['output'];
  /** Whether the account is a test user for development purposes. */
  readonly isTestUser: Maybe<Scalars['Boolean']['output']>;
  /** The job title. */
  readonly jobTitle: Maybe<Scalars['String']['output']>;
  /** The last name. */
  readonly lastName: Maybe<Scalars['String']['output']>;
  /** The office location. */
  readonly location: Maybe<Scalars['String']['output']>;
  /** The e-mail address. */
  readonly mail: Maybe<Scalars['String']['output']>;
  /** The mobile phone number. */
  readonly mobile: Maybe<Scalars['String']['output']>;
  /** The age of the password: in days, as far as is known; the upstream's reference names no unit. */
  readonly passwordAge: Maybe<Scalars['Int']['output']>;
  /**
   * The user's backup protection, or null if the backup product has no row for this user. If several rows are the
   * user's, the first in the upstream's order counts.
   */
  readonly protection: Maybe<ProtectionStatus>;
  /** How much of the user is protected: the state of `protection`, or `NOT_IN_BACKUP` if it is null. */
  readonly protectionState: Maybe<ProtectionState>;
  /** When the account can begin to sign in to Microsoft 365; null if that is not set. */
  readonly startDate: Maybe<Scalars['DateTime']['output']>;
  /** Notes on the account; empty if there are none. */
  readonly status: ReadonlyArray<UserStatus>;
  /** The upstream's codes of `status`, in the same order; -1 for an unreadable code. */
  readonly statusCodes: ReadonlyArray<Scalars['Int']['output']>;
  /** The tenant the user belongs to. */
  readonly tenant: Maybe<Tenant>;
  /** The upstream's own id of the tenant the user belongs to. */
  readonly tenantId: Scalars['ID']['output'];
  /** The upstream's own id of the user. */
  readonly userId: Scalars['ID']['output'];
  /** The user principal name the user signs in with. */
  readonly userPrincipalName: Maybe<Scalars['String']['output']>;
};

/** A window of a list of users. */
export type UserConnection = {
  readonly __typename?: 'UserConnection';
  /**
   * Whether rows may be missing, or be here again: the list went on changing while several pages of it were read, sent
   * fewer rows than it states, or leaves the place of a cursor uncertain.
   */
  readonly changedWhileRead: Scalars['Boolean']['output'];
  /** The window's rows, each with its cursor. */
  readonly edges: ReadonlyArray<UserEdge>;
  /**
   * Whether all that had to be read for this answer could be read: in a list of the users of several tenants, a tenant
   * may be missing.
   */
  readonly isComplete: Scalars['Boolean']['output'];
  /** The tenants that could not be read, and why. */
  readonly missing: ReadonlyArray<MissingTenant>;
  /** The window's rows. */
  readonly nodes: ReadonlyArray<User>;
  /** Where this window stands in the list. */
  readonly pageInfo: PageInfo;
  /** How many users the whole list has. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A user in a list. */
export type UserEdge = {
  readonly __typename?: 'UserEdge';
  /** The place in the list, to continue from. */
  readonly cursor: Scalars['String']['output'];
  /** The user. */
  readonly node: User;
};

/** Conditions on users, all of which must hold. An absent or null field sets no condition. */
export type UserFilter = {
  /** All of these hold as well. */
  readonly and?: InputMaybe<ReadonlyArray<UserFilter>>;
  /** The company is this; letter case does not count. An empty text: there is none. */
  readonly company?: InputMaybe<Scalars['String']['input']>;
  /** The country or region is this; letter case does not count. An empty text: there is none. */
  readonly countryOrRegion?: InputMaybe<Scalars['String']['input']>;
  /** The department is this; letter case does not count. An empty text: there is none. */
  readonly department?: InputMaybe<Scalars['String']['input']>;
  /** When the account will be blocked from signing in is in this range. */
  readonly endDate?: InputMaybe<DateTimeRange>;
  /** The account is a test user, or the upstream says that it is not. */
  readonly isTestUser?: InputMaybe<Scalars['Boolean']['input']>;
  /** The job title is this; letter case does not count. An empty text: there is none. */
  readonly jobTitle?: InputMaybe<Scalars['String']['input']>;
  /** The office location is this; letter case does not count. An empty text: there is none. */
  readonly location?: InputMaybe<Scalars['String']['input']>;
  /** This does not hold. */
  readonly not?: InputMaybe<UserFilter>;
  /** At least one of these holds as well. */
  readonly or?: InputMaybe<ReadonlyArray<UserFilter>>;
  /** The age of the password is in this range. */
  readonly passwordAge?: InputMaybe<IntRange>;
  /** The backup protection. */
  readonly protection?: InputMaybe<ProtectionFilter>;
  /**
   * The display name, first name, last name, mail, user principal name or employee id contains this; letter case does not
   * count.
   */
  readonly search?: InputMaybe<Scalars['String']['input']>;
  /** When the account can begin to sign in is in this range. */
  readonly startDate?: InputMaybe<DateTimeRange>;
  /** What is noted about the account. */
  readonly status?: InputMaybe<UserStatusFilter>;
};

/** Users who share a value, in numbers. */
export type UserGroup = {
  readonly __typename?: 'UserGroup';
  /** The share of the users that are protected, 0 to 1. */
  readonly coverage: Maybe<Scalars['Float']['output']>;
  /** The customer, if grouped by customer. */
  readonly customer: Maybe<Customer>;
  /** Each module that stands in a row of a user, by its code. */
  readonly modules: ReadonlyArray<ModuleSummary>;
  /** Users without a row in the backup product. */
  readonly notInBackupCount: Scalars['Int']['output'];
  /** Users of whom some modules are protected, and some are not. */
  readonly partiallyProtectedCount: Scalars['Int']['output'];
  /** Users of whom everything that the backup product knows is protected. */
  readonly protectedCount: Scalars['Int']['output'];
  /** The status, if grouped by status; null for users without one. */
  readonly status: Maybe<UserStatus>;
  /** Users with a row in the backup product, and nothing of it protected. */
  readonly unprotectedCount: Scalars['Int']['output'];
  /** How many users there are. */
  readonly userCount: Scalars['Int']['output'];
  /**
   * What the users share, in the spelling that most of them have: values that differ in letter case alone are one. Of
   * customers it is the id, of statuses the name. Null for users without one, and for blanks alone. As a filter's value it
   * gives the same users, and an empty text those without one. Customers and statuses have filters of their own:
   * `CustomerFilter.customerIds` takes the id, `UserStatusFilter` the name, and `status: { none: […] }` of every status
   * finds users without one. Passed on as it is, null sets no condition.
   */
  readonly value: Maybe<Scalars['String']['output']>;
};

/** The groups of a summary's users. */
export type UserGroupConnection = {
  readonly __typename?: 'UserGroupConnection';
  /** The window's groups, each with its cursor. */
  readonly edges: ReadonlyArray<UserGroupEdge>;
  /** The window's groups. */
  readonly nodes: ReadonlyArray<UserGroup>;
  /** Where the window stands in the list. */
  readonly pageInfo: PageInfo;
  /** How many groups there are, one of users without a value included. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A group and its place in the list. */
export type UserGroupEdge = {
  readonly __typename?: 'UserGroupEdge';
  /** Marks this place for `after` and `before`. */
  readonly cursor: Scalars['String']['output'];
  /** The group. */
  readonly node: UserGroup;
};

/** An order of groups. If it leaves several alike, the largest comes first, then `value` as a dictionary has it. */
export type UserGroupOrder =
  /** By coverage, the smallest first; groups without coverage come last. */
  | 'COVERAGE_ASC'
  /** By coverage, the greatest first; groups without coverage come last. */
  | 'COVERAGE_DESC'
  /** By the number of users, the greatest first. */
  | 'USER_COUNT_DESC'
  /** By `value`, A to Z; the group of users without one comes last. */
  | 'VALUE_ASC';

/** What the users of a group share. */
export type UserGrouping =
  /** `User.company`. */
  | 'COMPANY'
  /** `User.countryOrRegion`. */
  | 'COUNTRY_OR_REGION'
  /** The customer they belong to. */
  | 'CUSTOMER'
  /** `User.department`. */
  | 'DEPARTMENT'
  /** `User.jobTitle`. */
  | 'JOB_TITLE'
  /** `User.location`. */
  | 'LOCATION'
  /** One of `User.status`: a user of several is in several groups. */
  | 'STATUS';

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
  readonly all?: InputMaybe<ReadonlyArray<UserStatus>>;
  /** At least one of these is noted. */
  readonly any?: InputMaybe<ReadonlyArray<UserStatus>>;
  /** None of these is noted. */
  readonly none?: InputMaybe<ReadonlyArray<UserStatus>>;
};

/** What other subgraphs may refer to. */
export type _Entity = Customer | Tenant | User;

/** This subgraph, as a federation gateway composes it with others. */
export type _Service = {
  readonly __typename?: '_Service';
  /** The schema with its federation directives; null if callers may not ask for the schema. */
  readonly sdl: Maybe<Scalars['String']['output']>;
};



export type ResolverTypeWrapper<T> = Promise<T | null> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;



/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  _Entity:
    | ( CustomerRecord )
    | ( TenantReference )
    | ( UserRecord )
  ;
};

/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node:
    | ( CustomerRecord )
    | ( DirectoryEntryRecord )
    | ( ProtectionStatusRecord )
    | ( TenantReference )
    | ( UserRecord )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  CoverageFilter: CoverageFilter;
  Customer: ResolverTypeWrapper<CustomerRecord>;
  CustomerConnection: ResolverTypeWrapper<Omit<CustomerConnection, 'edges' | 'missing' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['CustomerEdge']>, missing: ReadonlyArray<ResolversTypes['MissingTenant']>, nodes: ReadonlyArray<ResolversTypes['Customer']> }>;
  CustomerEdge: ResolverTypeWrapper<Omit<CustomerEdge, 'node'> & { node: ResolversTypes['Customer'] }>;
  CustomerFilter: CustomerFilter;
  CustomerOrder: CustomerOrder;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DateTimeRange: DateTimeRange;
  DirectoryEntry: ResolverTypeWrapper<DirectoryEntryRecord>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  IntRange: IntRange;
  JobStatus: JobStatus;
  ManagementMode: ManagementMode;
  MissingTenant: ResolverTypeWrapper<MissingTenantRecord>;
  MissingTenantReason: MissingTenantReason;
  ModuleSummary: ResolverTypeWrapper<ModuleSummary>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  ProtectionFilter: ProtectionFilter;
  ProtectionModule: ProtectionModule;
  ProtectionModuleStatus: ResolverTypeWrapper<ProtectionModuleStatus>;
  ProtectionReport: ResolverTypeWrapper<Omit<ProtectionReport, 'tenant' | 'totals'> & { tenant?: Maybe<ResolversTypes['ProtectionReportTenant']>, totals?: Maybe<ResolversTypes['ProtectionSummary']> }>;
  ProtectionReportProgress: ResolverTypeWrapper<ProtectionReportProgress>;
  ProtectionReportTenant: ResolverTypeWrapper<ReportedTenant>;
  ProtectionState: ProtectionState;
  ProtectionStatus: ResolverTypeWrapper<ProtectionStatusRecord>;
  ProtectionStatusConnection: ResolverTypeWrapper<Omit<ProtectionStatusConnection, 'edges' | 'missing' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['ProtectionStatusEdge']>, missing: ReadonlyArray<ResolversTypes['MissingTenant']>, nodes: ReadonlyArray<ResolversTypes['ProtectionStatus']> }>;
  ProtectionStatusEdge: ResolverTypeWrapper<Omit<ProtectionStatusEdge, 'node'> & { node: ResolversTypes['ProtectionStatus'] }>;
  ProtectionStatusFilter: ProtectionStatusFilter;
  ProtectionStatusOrder: ProtectionStatusOrder;
  ProtectionSummary: ResolverTypeWrapper<IdentifiedSummaryRecord>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Tenant: ResolverTypeWrapper<TenantReference>;
  User: ResolverTypeWrapper<UserRecord>;
  UserConnection: ResolverTypeWrapper<Omit<UserConnection, 'edges' | 'missing' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['UserEdge']>, missing: ReadonlyArray<ResolversTypes['MissingTenant']>, nodes: ReadonlyArray<ResolversTypes['User']> }>;
  UserEdge: ResolverTypeWrapper<Omit<UserEdge, 'node'> & { node: ResolversTypes['User'] }>;
  UserFilter: UserFilter;
  UserGroup: ResolverTypeWrapper<ShownGroupRecord>;
  UserGroupConnection: ResolverTypeWrapper<Omit<UserGroupConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['UserGroupEdge']>, nodes: ReadonlyArray<ResolversTypes['UserGroup']> }>;
  UserGroupEdge: ResolverTypeWrapper<Omit<UserGroupEdge, 'node'> & { node: ResolversTypes['UserGroup'] }>;
  UserGroupOrder: UserGroupOrder;
  UserGrouping: UserGrouping;
  UserOrder: UserOrder;
  UserStatus: UserStatus;
  UserStatusFilter: UserStatusFilter;
  _Any: ResolverTypeWrapper<Scalars['_Any']['output']>;
  _Entity: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['_Entity']>;
  _Service: ResolverTypeWrapper<_Service>;
  federation__FieldSet: ResolverTypeWrapper<Scalars['federation__FieldSet']['output']>;
  link__Import: ResolverTypeWrapper<Scalars['link__Import']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Boolean: Scalars['Boolean']['output'];
  CoverageFilter: CoverageFilter;
  Customer: CustomerRecord;
  CustomerConnection: Omit<CustomerConnection, 'edges' | 'missing' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['CustomerEdge']>, missing: ReadonlyArray<ResolversParentTypes['MissingTenant']>, nodes: ReadonlyArray<ResolversParentTypes['Customer']> };
  CustomerEdge: Omit<CustomerEdge, 'node'> & { node: ResolversParentTypes['Customer'] };
  CustomerFilter: CustomerFilter;
  DateTime: Scalars['DateTime']['output'];
  DateTimeRange: DateTimeRange;
  DirectoryEntry: DirectoryEntryRecord;
  Float: Scalars['Float']['output'];
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  IntRange: IntRange;
  MissingTenant: MissingTenantRecord;
  ModuleSummary: ModuleSummary;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  PageInfo: PageInfo;
  ProtectionFilter: ProtectionFilter;
  ProtectionModuleStatus: ProtectionModuleStatus;
  ProtectionReport: Omit<ProtectionReport, 'tenant' | 'totals'> & { tenant?: Maybe<ResolversParentTypes['ProtectionReportTenant']>, totals?: Maybe<ResolversParentTypes['ProtectionSummary']> };
  ProtectionReportProgress: ProtectionReportProgress;
  ProtectionReportTenant: ReportedTenant;
  ProtectionStatus: ProtectionStatusRecord;
  ProtectionStatusConnection: Omit<ProtectionStatusConnection, 'edges' | 'missing' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['ProtectionStatusEdge']>, missing: ReadonlyArray<ResolversParentTypes['MissingTenant']>, nodes: ReadonlyArray<ResolversParentTypes['ProtectionStatus']> };
  ProtectionStatusEdge: Omit<ProtectionStatusEdge, 'node'> & { node: ResolversParentTypes['ProtectionStatus'] };
  ProtectionStatusFilter: ProtectionStatusFilter;
  ProtectionSummary: IdentifiedSummaryRecord;
  Query: Record<PropertyKey, never>;
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  Tenant: TenantReference;
  User: UserRecord;
  UserConnection: Omit<UserConnection, 'edges' | 'missing' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['UserEdge']>, missing: ReadonlyArray<ResolversParentTypes['MissingTenant']>, nodes: ReadonlyArray<ResolversParentTypes['User']> };
  UserEdge: Omit<UserEdge, 'node'> & { node: ResolversParentTypes['User'] };
  UserFilter: UserFilter;
  UserGroup: ShownGroupRecord;
  UserGroupConnection: Omit<UserGroupConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['UserGroupEdge']>, nodes: ReadonlyArray<ResolversParentTypes['UserGroup']> };
  UserGroupEdge: Omit<UserGroupEdge, 'node'> & { node: ResolversParentTypes['UserGroup'] };
  UserStatusFilter: UserStatusFilter;
  _Any: Scalars['_Any']['output'];
  _Entity: ResolversUnionTypes<ResolversParentTypes>['_Entity'];
  _Service: _Service;
  federation__FieldSet: Scalars['federation__FieldSet']['output'];
  link__Import: Scalars['link__Import']['output'];
};

export type CostDirectiveArgs = {
  weight: Scalars['String']['input'];
};

export type CostDirectiveResolver<Result, Parent, ContextType = GraphContext, Args = CostDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type GroupsDirectiveArgs = {
  by: Scalars['String']['input'];
  perTenant: Scalars['Int']['input'];
};

export type GroupsDirectiveResolver<Result, Parent, ContextType = GraphContext, Args = GroupsDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type KeyDirectiveArgs = {
  fields: Scalars['federation__FieldSet']['input'];
  resolvable?: Maybe<Scalars['Boolean']['input']>;
};

export type KeyDirectiveResolver<Result, Parent, ContextType = GraphContext, Args = KeyDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type LinkDirectiveArgs = {
  as?: Maybe<Scalars['String']['input']>;
  import?: Maybe<ReadonlyArray<Maybe<Scalars['link__Import']['input']>>>;
  url?: Maybe<Scalars['String']['input']>;
};

export type LinkDirectiveResolver<Result, Parent, ContextType = GraphContext, Args = LinkDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ListSizeDirectiveArgs = {
  assumedSize?: Maybe<Scalars['Int']['input']>;
  requireOneSlicingArgument?: Maybe<Scalars['Boolean']['input']>;
  sizedFields?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
  slicingArguments?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
};

export type ListSizeDirectiveResolver<Result, Parent, ContextType = GraphContext, Args = ListSizeDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ReadsDirectiveArgs = {
  lists: ReadonlyArray<Scalars['String']['input']>;
};

export type ReadsDirectiveResolver<Result, Parent, ContextType = GraphContext, Args = ReadsDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type SemanticNonNullDirectiveArgs = {
  levels?: ReadonlyArray<Scalars['Int']['input']>;
};

export type SemanticNonNullDirectiveResolver<Result, Parent, ContextType = GraphContext, Args = SemanticNonNullDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ShareableDirectiveArgs = { };

export type ShareableDirectiveResolver<Result, Parent, ContextType = GraphContext, Args = ShareableDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type UpstreamDirectiveArgs = {
  batch?: Maybe<Scalars['Int']['input']>;
  calls?: Maybe<Scalars['Int']['input']>;
  counts?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
  keys?: Maybe<Scalars['String']['input']>;
  length?: Maybe<Scalars['Int']['input']>;
  of?: Maybe<Scalars['String']['input']>;
  page?: Maybe<Scalars['Int']['input']>;
  perTenant?: Maybe<Scalars['Boolean']['input']>;
  reads?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
  whole?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
};

export type UpstreamDirectiveResolver<Result, Parent, ContextType = GraphContext, Args = UpstreamDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type CustomerResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Customer'] = ResolversParentTypes['Customer']> = {
  countryOrRegion?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  customerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  directoryEntry?: Resolver<Maybe<ResolversTypes['DirectoryEntry']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  jobStatus?: Resolver<Maybe<ResolversTypes['JobStatus']>, ParentType, ContextType>;
  jobStatusCode?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  jobStatusText?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  managementMode?: Resolver<Maybe<ResolversTypes['ManagementMode']>, ParentType, ContextType>;
  managementModeCode?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  organization?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  ownerEmail?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  protectionStatuses?: Resolver<Maybe<ResolversTypes['ProtectionStatusConnection']>, ParentType, ContextType, Partial<CustomerProtectionStatusesArgs>>;
  protectionSummary?: Resolver<Maybe<ResolversTypes['ProtectionSummary']>, ParentType, ContextType, Partial<CustomerProtectionSummaryArgs>>;
  tenant?: Resolver<Maybe<ResolversTypes['Tenant']>, ParentType, ContextType, RequireFields<CustomerTenantArgs, 'tenantId'>>;
  tenants?: Resolver<ReadonlyArray<ResolversTypes['Tenant']>, ParentType, ContextType>;
  users?: Resolver<Maybe<ResolversTypes['UserConnection']>, ParentType, ContextType, Partial<CustomerUsersArgs>>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CustomerConnectionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['CustomerConnection'] = ResolversParentTypes['CustomerConnection']> = {
  changedWhileRead?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  edges?: Resolver<ReadonlyArray<ResolversTypes['CustomerEdge']>, ParentType, ContextType>;
  isComplete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  missing?: Resolver<ReadonlyArray<ResolversTypes['MissingTenant']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Customer']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type CustomerEdgeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['CustomerEdge'] = ResolversParentTypes['CustomerEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DirectoryEntryResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['DirectoryEntry'] = ResolversParentTypes['DirectoryEntry']> = {
  countryOrRegion?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType>;
  customerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  jobStatus?: Resolver<Maybe<ResolversTypes['JobStatus']>, ParentType, ContextType>;
  jobStatusCode?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  jobStatusText?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  organization?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  ownerEmail?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MissingTenantResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['MissingTenant'] = ResolversParentTypes['MissingTenant']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  customerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  organization?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['MissingTenantReason'], ParentType, ContextType>;
  retryable?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  tenantId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type ModuleSummaryResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ModuleSummary'] = ResolversParentTypes['ModuleSummary']> = {
  module?: Resolver<ResolversTypes['ProtectionModule'], ParentType, ContextType>;
  moduleCode?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  protectedCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unprotectedCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type NodeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'Customer' | 'DirectoryEntry' | 'ProtectionStatus' | 'Tenant' | 'User', ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ProtectionModuleStatusResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ProtectionModuleStatus'] = ResolversParentTypes['ProtectionModuleStatus']> = {
  isProtected?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  module?: Resolver<ResolversTypes['ProtectionModule'], ParentType, ContextType>;
  moduleCode?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ProtectionReportResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ProtectionReport'] = ResolversParentTypes['ProtectionReport']> = {
  progress?: Resolver<ResolversTypes['ProtectionReportProgress'], ParentType, ContextType>;
  tenant?: Resolver<Maybe<ResolversTypes['ProtectionReportTenant']>, ParentType, ContextType>;
  totals?: Resolver<Maybe<ResolversTypes['ProtectionSummary']>, ParentType, ContextType>;
};

export type ProtectionReportProgressResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ProtectionReportProgress'] = ResolversParentTypes['ProtectionReportProgress']> = {
  calls?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  customersTotal?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  secondsElapsed?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  secondsLeft?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  tenantsDone?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  tenantsTotal?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  usersDone?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  usersTotal?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type ProtectionReportTenantResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ProtectionReportTenant'] = ResolversParentTypes['ProtectionReportTenant']> = {
  customerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  organization?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  summary?: Resolver<ResolversTypes['ProtectionSummary'], ParentType, ContextType>;
  tenant?: Resolver<ResolversTypes['Tenant'], ParentType, ContextType>;
  tenantId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type ProtectionStatusResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ProtectionStatus'] = ResolversParentTypes['ProtectionStatus']> = {
  displayName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  email?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  isProtected?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, Partial<ProtectionStatusIsProtectedArgs>>;
  modules?: Resolver<ReadonlyArray<ResolversTypes['ProtectionModuleStatus']>, ParentType, ContextType>;
  state?: Resolver<ResolversTypes['ProtectionState'], ParentType, ContextType>;
  tenant?: Resolver<Maybe<ResolversTypes['Tenant']>, ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  userId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ProtectionStatusConnectionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ProtectionStatusConnection'] = ResolversParentTypes['ProtectionStatusConnection']> = {
  changedWhileRead?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  edges?: Resolver<ReadonlyArray<ResolversTypes['ProtectionStatusEdge']>, ParentType, ContextType>;
  isComplete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  missing?: Resolver<ReadonlyArray<ResolversTypes['MissingTenant']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['ProtectionStatus']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ProtectionStatusEdgeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ProtectionStatusEdge'] = ResolversParentTypes['ProtectionStatusEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['ProtectionStatus'], ParentType, ContextType>;
};

export type ProtectionSummaryResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ProtectionSummary'] = ResolversParentTypes['ProtectionSummary']> = {
  asOf?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  changedWhileRead?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  coverage?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  groups?: Resolver<Maybe<ResolversTypes['UserGroupConnection']>, ParentType, ContextType, RequireFields<ProtectionSummaryGroupsArgs, 'by' | 'orderBy'>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  isComplete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  missing?: Resolver<ReadonlyArray<ResolversTypes['MissingTenant']>, ParentType, ContextType>;
  modules?: Resolver<ReadonlyArray<ResolversTypes['ModuleSummary']>, ParentType, ContextType>;
  noRowCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  notInBackupCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  partiallyProtectedCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  protectedCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  statusesWithoutUser?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unmatchedStatusCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unprotectedCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  userCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type QueryResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  _entities?: Resolver<ReadonlyArray<Maybe<ResolversTypes['_Entity']>>, ParentType, ContextType, RequireFields<Query_EntitiesArgs, 'representations'>>;
  _service?: Resolver<ResolversTypes['_Service'], ParentType, ContextType>;
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType, RequireFields<QueryCustomerArgs, 'customerId'>>;
  customers?: Resolver<Maybe<ResolversTypes['CustomerConnection']>, ParentType, ContextType, Partial<QueryCustomersArgs>>;
  directory?: Resolver<Maybe<ReadonlyArray<ResolversTypes['DirectoryEntry']>>, ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<QueryNodeArgs, 'id'>>;
  nodes?: Resolver<Maybe<ReadonlyArray<Maybe<ResolversTypes['Node']>>>, ParentType, ContextType, RequireFields<QueryNodesArgs, 'ids'>>;
  protectionStatuses?: Resolver<Maybe<ResolversTypes['ProtectionStatusConnection']>, ParentType, ContextType, Partial<QueryProtectionStatusesArgs>>;
  protectionSummary?: Resolver<Maybe<ResolversTypes['ProtectionSummary']>, ParentType, ContextType, Partial<QueryProtectionSummaryArgs>>;
  tenant?: Resolver<Maybe<ResolversTypes['Tenant']>, ParentType, ContextType, RequireFields<QueryTenantArgs, 'tenantId'>>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<QueryUserArgs, 'customerId' | 'tenantId' | 'userId'>>;
  users?: Resolver<Maybe<ResolversTypes['UserConnection']>, ParentType, ContextType, Partial<QueryUsersArgs>>;
};

export type SubscriptionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  protectionReport?: SubscriptionResolver<ResolversTypes['ProtectionReport'], "protectionReport", ParentType, ContextType, Partial<SubscriptionProtectionReportArgs>>;
};

export type TenantResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Tenant'] = ResolversParentTypes['Tenant']> = {
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType>;
  customerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  protectionStatuses?: Resolver<Maybe<ResolversTypes['ProtectionStatusConnection']>, ParentType, ContextType, Partial<TenantProtectionStatusesArgs>>;
  protectionSummary?: Resolver<Maybe<ResolversTypes['ProtectionSummary']>, ParentType, ContextType, Partial<TenantProtectionSummaryArgs>>;
  tenantId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<TenantUserArgs, 'email'>>;
  users?: Resolver<Maybe<ResolversTypes['UserConnection']>, ParentType, ContextType, Partial<TenantUsersArgs>>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type UserResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  company?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  countryOrRegion?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  customerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  department?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  displayName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  employeeId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  endDate?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  firstName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  isTestUser?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  jobTitle?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  lastName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  location?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  mail?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  mobile?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  passwordAge?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  protection?: Resolver<Maybe<ResolversTypes['ProtectionStatus']>, ParentType, ContextType>;
  protectionState?: Resolver<Maybe<ResolversTypes['ProtectionState']>, ParentType, ContextType>;
  startDate?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  status?: Resolver<ReadonlyArray<ResolversTypes['UserStatus']>, ParentType, ContextType>;
  statusCodes?: Resolver<ReadonlyArray<ResolversTypes['Int']>, ParentType, ContextType>;
  tenant?: Resolver<Maybe<ResolversTypes['Tenant']>, ParentType, ContextType>;
  tenantId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  userId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  userPrincipalName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type UserConnectionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['UserConnection'] = ResolversParentTypes['UserConnection']> = {
  changedWhileRead?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  edges?: Resolver<ReadonlyArray<ResolversTypes['UserEdge']>, ParentType, ContextType>;
  isComplete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  missing?: Resolver<ReadonlyArray<ResolversTypes['MissingTenant']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['User']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type UserEdgeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['UserEdge'] = ResolversParentTypes['UserEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type UserGroupResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['UserGroup'] = ResolversParentTypes['UserGroup']> = {
  coverage?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType>;
  modules?: Resolver<ReadonlyArray<ResolversTypes['ModuleSummary']>, ParentType, ContextType>;
  notInBackupCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  partiallyProtectedCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  protectedCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  status?: Resolver<Maybe<ResolversTypes['UserStatus']>, ParentType, ContextType>;
  unprotectedCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  userCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  value?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type UserGroupConnectionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['UserGroupConnection'] = ResolversParentTypes['UserGroupConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['UserGroupEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['UserGroup']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type UserGroupEdgeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['UserGroupEdge'] = ResolversParentTypes['UserGroupEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['UserGroup'], ParentType, ContextType>;
};

export interface _AnyScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['_Any'], any> {
  name: '_Any';
}

export type _EntityResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['_Entity'] = ResolversParentTypes['_Entity']> = {
  __resolveType: TypeResolveFn<'Customer' | 'Tenant' | 'User', ParentType, ContextType>;
};

export type _ServiceResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['_Service'] = ResolversParentTypes['_Service']> = {
  sdl?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export interface Federation__FieldSetScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['federation__FieldSet'], any> {
  name: 'federation__FieldSet';
}

export interface Link__ImportScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['link__Import'], any> {
  name: 'link__Import';
}

export type Resolvers<ContextType = GraphContext> = {
  Customer?: CustomerResolvers<ContextType>;
  CustomerConnection?: CustomerConnectionResolvers<ContextType>;
  CustomerEdge?: CustomerEdgeResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DirectoryEntry?: DirectoryEntryResolvers<ContextType>;
  MissingTenant?: MissingTenantResolvers<ContextType>;
  ModuleSummary?: ModuleSummaryResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  ProtectionModuleStatus?: ProtectionModuleStatusResolvers<ContextType>;
  ProtectionReport?: ProtectionReportResolvers<ContextType>;
  ProtectionReportProgress?: ProtectionReportProgressResolvers<ContextType>;
  ProtectionReportTenant?: ProtectionReportTenantResolvers<ContextType>;
  ProtectionStatus?: ProtectionStatusResolvers<ContextType>;
  ProtectionStatusConnection?: ProtectionStatusConnectionResolvers<ContextType>;
  ProtectionStatusEdge?: ProtectionStatusEdgeResolvers<ContextType>;
  ProtectionSummary?: ProtectionSummaryResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  Tenant?: TenantResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserConnection?: UserConnectionResolvers<ContextType>;
  UserEdge?: UserEdgeResolvers<ContextType>;
  UserGroup?: UserGroupResolvers<ContextType>;
  UserGroupConnection?: UserGroupConnectionResolvers<ContextType>;
  UserGroupEdge?: UserGroupEdgeResolvers<ContextType>;
  _Any?: GraphQLScalarType;
  _Entity?: _EntityResolvers<ContextType>;
  _Service?: _ServiceResolvers<ContextType>;
  federation__FieldSet?: GraphQLScalarType;
  link__Import?: GraphQLScalarType;
};

export type DirectiveResolvers<ContextType = GraphContext> = {
  cost?: CostDirectiveResolver<any, any, ContextType>;
  groups?: GroupsDirectiveResolver<any, any, ContextType>;
  key?: KeyDirectiveResolver<any, any, ContextType>;
  link?: LinkDirectiveResolver<any, any, ContextType>;
  listSize?: ListSizeDirectiveResolver<any, any, ContextType>;
  reads?: ReadsDirectiveResolver<any, any, ContextType>;
  semanticNonNull?: SemanticNonNullDirectiveResolver<any, any, ContextType>;
  shareable?: ShareableDirectiveResolver<any, any, ContextType>;
  upstream?: UpstreamDirectiveResolver<any, any, ContextType>;
};
