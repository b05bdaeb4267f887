import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { CustomerRecord, TenantReference, UserRecord, ProtectionStatusRecord, DirectoryEntryRecord } from '../../model.ts';
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
  /** An instant in RFC 3339 form, such as 2026-01-31T09:30:00Z. */
  DateTime: { input: string; output: string; }
};

/** A customer managed by the partner. */
export type Customer = Node & {
  readonly __typename?: 'Customer';
  /** The country or region, by name. */
  readonly countryOrRegion: Maybe<Scalars['String']['output']>;
  /** The upstream's own id of the customer. */
  readonly customerId: Scalars['ID']['output'];
  /** The customer's row of the older customer directory, or null where it has none. */
  readonly directoryEntry: Maybe<DirectoryEntry>;
  /** The opaque global id. */
  readonly id: Scalars['ID']['output'];
  /** The state of the customer's backup jobs. */
  readonly jobStatus: Maybe<JobStatus>;
  /** The upstream's code of `jobStatus`; null where it sent a text that has no known code. */
  readonly jobStatusCode: Maybe<Scalars['Int']['output']>;
  /** The upstream's own words for `jobStatus`, where it sent a text instead of a code. */
  readonly jobStatusText: Maybe<Scalars['String']['output']>;
  /** Who manages the customer's tenants. */
  readonly managementMode: Maybe<ManagementMode>;
  /** The upstream's code of `managementMode`. */
  readonly managementModeCode: Maybe<Scalars['Int']['output']>;
  /** The organization's name. */
  readonly organization: Maybe<Scalars['String']['output']>;
  /** The e-mail address of the customer's owner. */
  readonly ownerEmail: Maybe<Scalars['String']['output']>;
  /** One of the customer's tenants, or null where it has none of this id. */
  readonly tenant: Maybe<Tenant>;
  /** The customer's Microsoft 365 tenants. */
  readonly tenants: ReadonlyArray<Tenant>;
};


/** A customer managed by the partner. */
export type CustomerTenantArgs = {
  tenantId: Scalars['ID']['input'];
};

/** A window of a list of customers. */
export type CustomerConnection = {
  readonly __typename?: 'CustomerConnection';
  /**
   * Whether the list went on changing while several pages of it were read, also when they were read again: rows that moved
   * between the pages may then be missing here.
   */
  readonly changedWhileRead: Scalars['Boolean']['output'];
  /** The window's rows, each with its cursor. */
  readonly edges: ReadonlyArray<CustomerEdge>;
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

/** A customer's row in the older customer directory, GET /partner/customers. */
export type DirectoryEntry = {
  readonly __typename?: 'DirectoryEntry';
  /** The country or region, by name. */
  readonly countryOrRegion: Maybe<Scalars['String']['output']>;
  /** The customer of this row, or null where the customer list has none of this id. */
  readonly customer: Maybe<Customer>;
  /** The upstream's id of the row, which it calls the tenant owner id of the customer. */
  readonly customerId: Scalars['ID']['output'];
  /** The state of the customer's backup jobs. */
  readonly jobStatus: Maybe<JobStatus>;
  /** The code of `jobStatus`; null where the upstream sent a text that has no known code. */
  readonly jobStatusCode: Maybe<Scalars['Int']['output']>;
  /** The upstream's own words for `jobStatus`, where it sent a text instead of a code. */
  readonly jobStatusText: Maybe<Scalars['String']['output']>;
  /** The organization's name. */
  readonly organization: Maybe<Scalars['String']['output']>;
  /** The e-mail address of the customer's owner. */
  readonly ownerEmail: Maybe<Scalars['String']['output']>;
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
  /** A code or text this gateway does not know yet; it stands beside. */
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
  /** A code this gateway does not know yet; it stands beside. */
  | 'UNKNOWN';

/** An object that can be read again by its global id. */
export type Node = {
  /** The opaque global id. */
  readonly id: Scalars['ID']['output'];
};

/** Where a window of a list stands. */
export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** The cursor of the window's last row; null where the window is empty. */
  readonly endCursor: Maybe<Scalars['String']['output']>;
  /** Whether rows follow the last one of this window. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Whether rows precede the first one of this window. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the window's first row; null where the window is empty. */
  readonly startCursor: Maybe<Scalars['String']['output']>;
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
  /** A code this gateway does not know yet; it stands beside. */
  | 'UNKNOWN'
  /** Viva Engage (code 9). */
  | 'VIVA_ENGAGE';

/** The protection of one module. */
export type ProtectionModuleStatus = {
  readonly __typename?: 'ProtectionModuleStatus';
  /** Whether the module is protected; null where the upstream does not say. */
  readonly isProtected: Maybe<Scalars['Boolean']['output']>;
  /** The module. */
  readonly module: ProtectionModule;
  /** The upstream's code of the module. */
  readonly moduleCode: Scalars['Int']['output'];
};

/** What the backup product protects of one address of a tenant. */
export type ProtectionStatus = {
  readonly __typename?: 'ProtectionStatus';
  /** The name to show. */
  readonly displayName: Maybe<Scalars['String']['output']>;
  /** The address the backup product knows: a user's mail or user principal name, or a shared mailbox. */
  readonly email: Maybe<Scalars['String']['output']>;
  /**
   * Without a module: whether every module of the row is protected; a row without modules is not. With a module: whether
   * that module is, false where the row lacks it.
   */
  readonly isProtected: Scalars['Boolean']['output'];
  /** The protection of each module. */
  readonly modules: ReadonlyArray<ProtectionModuleStatus>;
  /** The tenant the row belongs to. */
  readonly tenant: Maybe<Tenant>;
  /** The user this row belongs to, or null where it belongs to none, as that of a shared mailbox. */
  readonly user: Maybe<User>;
  /** The upstream's id of the row's user, where it tells it. */
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
   * Whether the list went on changing while several pages of it were read, also when they were read again: rows that moved
   * between the pages may then be missing here.
   */
  readonly changedWhileRead: Scalars['Boolean']['output'];
  /** The window's rows, each with its cursor. */
  readonly edges: ReadonlyArray<ProtectionStatusEdge>;
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

/**
 * The partner's estate, read from the AvePoint Elements partner API: customers, their tenants, the tenants' users,
 * and each user's backup protection. Every field that needs a call to that API is nullable: if the call fails, the field
 * is null, the rest of the answer is there, and `errors` holds one entry per cause.
 */
export type Query = {
  readonly __typename?: 'Query';
  /** One customer, or null where there is none of this id. */
  readonly customer: Maybe<Customer>;
  /** All customers the partner's app registration may see, or those named. */
  readonly customers: Maybe<CustomerConnection>;
  /**
   * The partner's customer directory: GET /partner/customers, an older and flatter list of the same customers. The vendor
   * plans to retire it: prefer `customers`.
   */
  readonly directory: Maybe<ReadonlyArray<DirectoryEntry>>;
  /** The object of a global id, or null where it no longer exists. */
  readonly node: Maybe<Node>;
  /** The objects of several global ids, in the order of the ids; null for each that no longer exists. 1,000 at most. */
  readonly nodes: Maybe<ReadonlyArray<Maybe<Node>>>;
  /** One tenant of a customer, or null where there is none. */
  readonly tenant: Maybe<Tenant>;
  /** One user of a tenant, or null where there is none. */
  readonly user: Maybe<User>;
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
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
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
export type QueryTenantArgs = {
  customerId: Scalars['ID']['input'];
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

/** A customer's Microsoft 365 tenant. */
export type Tenant = Node & {
  readonly __typename?: 'Tenant';
  /** The customer that owns the tenant. */
  readonly customer: Maybe<Customer>;
  /** The opaque global id. */
  readonly id: Scalars['ID']['output'];
  /** The tenant's name. */
  readonly name: Maybe<Scalars['String']['output']>;
  /** The backup protection rows of the tenant, also those that belong to no user, such as shared mailboxes. */
  readonly protectionStatuses: Maybe<ProtectionStatusConnection>;
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
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/** A customer's Microsoft 365 tenant. */
export type TenantUserArgs = {
  email: Scalars['String']['input'];
};


/** A customer's Microsoft 365 tenant. */
export type TenantUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  userIds?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
};

/** A user of a tenant. */
export type User = Node & {
  readonly __typename?: 'User';
  /** The company. */
  readonly company: Maybe<Scalars['String']['output']>;
  /** The country or region, by name. */
  readonly countryOrRegion: Maybe<Scalars['String']['output']>;
  /** The department. */
  readonly department: Maybe<Scalars['String']['output']>;
  /** The name to show. */
  readonly displayName: Maybe<Scalars['String']['output']>;
  /** The employee id. */
  readonly employeeId: Maybe<Scalars['String']['output']>;
  /** When the account will be blocked from signing in; null where that is not set. */
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
  /** The age of the password, as the upstream counts it. */
  readonly passwordAge: Maybe<Scalars['Int']['output']>;
  /** The user's backup protection, or null where the backup product has no row for this user. */
  readonly protection: Maybe<ProtectionStatus>;
  /** When the account can begin to sign in to Microsoft 365; null where that is not set. */
  readonly startDate: Maybe<Scalars['DateTime']['output']>;
  /** What is to be noted about the account; empty where there is nothing. */
  readonly status: ReadonlyArray<UserStatus>;
  /** The upstream's codes of `status`, in the same order. */
  readonly statusCodes: ReadonlyArray<Scalars['Int']['output']>;
  /** The tenant the user belongs to. */
  readonly tenant: Maybe<Tenant>;
  /** The upstream's own id of the user. */
  readonly userId: Scalars['ID']['output'];
  /** The user principal name the user signs in with. */
  readonly userPrincipalName: Maybe<Scalars['String']['output']>;
};

/** A window of a list of users. */
export type UserConnection = {
  readonly __typename?: 'UserConnection';
  /**
   * Whether the list went on changing while several pages of it were read, also when they were read again: rows that moved
   * between the pages may then be missing here.
   */
  readonly changedWhileRead: Scalars['Boolean']['output'];
  /** The window's rows, each with its cursor. */
  readonly edges: ReadonlyArray<UserEdge>;
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
  /** A code this gateway does not know yet; it stands beside. */
  | 'UNKNOWN';



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




/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node:
    | ( CustomerRecord )
    | ( TenantReference )
    | ( UserRecord )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Customer: ResolverTypeWrapper<CustomerRecord>;
  CustomerConnection: ResolverTypeWrapper<Omit<CustomerConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['CustomerEdge']>, nodes: ReadonlyArray<ResolversTypes['Customer']> }>;
  CustomerEdge: ResolverTypeWrapper<Omit<CustomerEdge, 'node'> & { node: ResolversTypes['Customer'] }>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DirectoryEntry: ResolverTypeWrapper<DirectoryEntryRecord>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  JobStatus: JobStatus;
  ManagementMode: ManagementMode;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  ProtectionModule: ProtectionModule;
  ProtectionModuleStatus: ResolverTypeWrapper<ProtectionModuleStatus>;
  ProtectionStatus: ResolverTypeWrapper<ProtectionStatusRecord>;
  ProtectionStatusConnection: ResolverTypeWrapper<Omit<ProtectionStatusConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['ProtectionStatusEdge']>, nodes: ReadonlyArray<ResolversTypes['ProtectionStatus']> }>;
  ProtectionStatusEdge: ResolverTypeWrapper<Omit<ProtectionStatusEdge, 'node'> & { node: ResolversTypes['ProtectionStatus'] }>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Tenant: ResolverTypeWrapper<TenantReference>;
  User: ResolverTypeWrapper<UserRecord>;
  UserConnection: ResolverTypeWrapper<Omit<UserConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['UserEdge']>, nodes: ReadonlyArray<ResolversTypes['User']> }>;
  UserEdge: ResolverTypeWrapper<Omit<UserEdge, 'node'> & { node: ResolversTypes['User'] }>;
  UserStatus: UserStatus;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Boolean: Scalars['Boolean']['output'];
  Customer: CustomerRecord;
  CustomerConnection: Omit<CustomerConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['CustomerEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Customer']> };
  CustomerEdge: Omit<CustomerEdge, 'node'> & { node: ResolversParentTypes['Customer'] };
  DateTime: Scalars['DateTime']['output'];
  DirectoryEntry: DirectoryEntryRecord;
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  PageInfo: PageInfo;
  ProtectionModuleStatus: ProtectionModuleStatus;
  ProtectionStatus: ProtectionStatusRecord;
  ProtectionStatusConnection: Omit<ProtectionStatusConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['ProtectionStatusEdge']>, nodes: ReadonlyArray<ResolversParentTypes['ProtectionStatus']> };
  ProtectionStatusEdge: Omit<ProtectionStatusEdge, 'node'> & { node: ResolversParentTypes['ProtectionStatus'] };
  Query: Record<PropertyKey, never>;
  String: Scalars['String']['output'];
  Tenant: TenantReference;
  User: UserRecord;
  UserConnection: Omit<UserConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['UserEdge']>, nodes: ReadonlyArray<ResolversParentTypes['User']> };
  UserEdge: Omit<UserEdge, 'node'> & { node: ResolversParentTypes['User'] };
};

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
  tenant?: Resolver<Maybe<ResolversTypes['Tenant']>, ParentType, ContextType, RequireFields<CustomerTenantArgs, 'tenantId'>>;
  tenants?: Resolver<ReadonlyArray<ResolversTypes['Tenant']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CustomerConnectionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['CustomerConnection'] = ResolversParentTypes['CustomerConnection']> = {
  changedWhileRead?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  edges?: Resolver<ReadonlyArray<ResolversTypes['CustomerEdge']>, ParentType, ContextType>;
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
  jobStatus?: Resolver<Maybe<ResolversTypes['JobStatus']>, ParentType, ContextType>;
  jobStatusCode?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  jobStatusText?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  organization?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  ownerEmail?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type NodeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'Customer' | 'Tenant' | 'User', ParentType, ContextType>;
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

export type ProtectionStatusResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ProtectionStatus'] = ResolversParentTypes['ProtectionStatus']> = {
  displayName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  email?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  isProtected?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, Partial<ProtectionStatusIsProtectedArgs>>;
  modules?: Resolver<ReadonlyArray<ResolversTypes['ProtectionModuleStatus']>, ParentType, ContextType>;
  tenant?: Resolver<Maybe<ResolversTypes['Tenant']>, ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  userId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type ProtectionStatusConnectionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ProtectionStatusConnection'] = ResolversParentTypes['ProtectionStatusConnection']> = {
  changedWhileRead?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  edges?: Resolver<ReadonlyArray<ResolversTypes['ProtectionStatusEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['ProtectionStatus']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ProtectionStatusEdgeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ProtectionStatusEdge'] = ResolversParentTypes['ProtectionStatusEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['ProtectionStatus'], ParentType, ContextType>;
};

export type QueryResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType, RequireFields<QueryCustomerArgs, 'customerId'>>;
  customers?: Resolver<Maybe<ResolversTypes['CustomerConnection']>, ParentType, ContextType, Partial<QueryCustomersArgs>>;
  directory?: Resolver<Maybe<ReadonlyArray<ResolversTypes['DirectoryEntry']>>, ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<QueryNodeArgs, 'id'>>;
  nodes?: Resolver<Maybe<ReadonlyArray<Maybe<ResolversTypes['Node']>>>, ParentType, ContextType, RequireFields<QueryNodesArgs, 'ids'>>;
  tenant?: Resolver<Maybe<ResolversTypes['Tenant']>, ParentType, ContextType, RequireFields<QueryTenantArgs, 'customerId' | 'tenantId'>>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<QueryUserArgs, 'customerId' | 'tenantId' | 'userId'>>;
};

export type TenantResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Tenant'] = ResolversParentTypes['Tenant']> = {
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  protectionStatuses?: Resolver<Maybe<ResolversTypes['ProtectionStatusConnection']>, ParentType, ContextType, Partial<TenantProtectionStatusesArgs>>;
  tenantId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<TenantUserArgs, 'email'>>;
  users?: Resolver<Maybe<ResolversTypes['UserConnection']>, ParentType, ContextType, Partial<TenantUsersArgs>>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type UserResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  company?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  countryOrRegion?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
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
  startDate?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  status?: Resolver<ReadonlyArray<ResolversTypes['UserStatus']>, ParentType, ContextType>;
  statusCodes?: Resolver<ReadonlyArray<ResolversTypes['Int']>, ParentType, ContextType>;
  tenant?: Resolver<Maybe<ResolversTypes['Tenant']>, ParentType, ContextType>;
  userId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  userPrincipalName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type UserConnectionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['UserConnection'] = ResolversParentTypes['UserConnection']> = {
  changedWhileRead?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  edges?: Resolver<ReadonlyArray<ResolversTypes['UserEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['User']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type UserEdgeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['UserEdge'] = ResolversParentTypes['UserEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type Resolvers<ContextType = GraphContext> = {
  Customer?: CustomerResolvers<ContextType>;
  CustomerConnection?: CustomerConnectionResolvers<ContextType>;
  CustomerEdge?: CustomerEdgeResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DirectoryEntry?: DirectoryEntryResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  ProtectionModuleStatus?: ProtectionModuleStatusResolvers<ContextType>;
  ProtectionStatus?: ProtectionStatusResolvers<ContextType>;
  ProtectionStatusConnection?: ProtectionStatusConnectionResolvers<ContextType>;
  ProtectionStatusEdge?: ProtectionStatusEdgeResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Tenant?: TenantResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserConnection?: UserConnectionResolvers<ContextType>;
  UserEdge?: UserEdgeResolvers<ContextType>;
};

