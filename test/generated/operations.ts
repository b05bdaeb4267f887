/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
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

export type AgainQueryVariables = Exact<{
  id: string;
}>;


export type AgainQuery = { node:
    | { __typename: 'Customer' }
    | { __typename: 'Tenant' }
    | { __typename: 'User', displayName: string | null }
   | null, nodes: Array<
    | { id: string }
    | { id: string }
    | { id: string }
   | null> | null };

export type DashboardQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type DashboardQuery = { customers: { totalCount: number, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null }, edges: Array<{ cursor: string, node: { customerId: string } }>, nodes: Array<{ id: string, customerId: string, organization: string | null, ownerEmail: string | null, jobStatus: JobStatus | null, jobStatusCode: number | null, countryOrRegion: string | null, managementMode: ManagementMode | null, managementModeCode: number | null, tenants: Array<{ id: string, tenantId: string, name: string | null, users: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ id: string, userId: string, userPrincipalName: string | null, mail: string | null, displayName: string | null, firstName: string | null, lastName: string | null, employeeId: string | null, location: string | null, company: string | null, department: string | null, mobile: string | null, jobTitle: string | null, isTestUser: boolean | null, passwordAge: number | null, startDate: string | null, endDate: string | null, countryOrRegion: string | null, status: Array<UserStatus>, statusCodes: Array<number>, protection: { email: string | null, displayName: string | null, isProtected: boolean, mailbox: boolean, modules: Array<{ module: ProtectionModule, moduleCode: number, isProtected: boolean | null }> } | null }> } | null }> }> } | null };

export type DirectoryQueryVariables = Exact<{ [key: string]: never; }>;


export type DirectoryQuery = { directory: Array<{ customerId: string, organization: string | null, ownerEmail: string | null, jobStatus: JobStatus | null, countryOrRegion: string | null, customer: { managementMode: ManagementMode | null } | null }> | null };

export type OneQueryVariables = Exact<{
  c: string;
  t: string;
  u: string;
  email: string;
}>;


export type OneQuery = { customer: { organization: string | null, tenant: { name: string | null } | null, directoryEntry: { jobStatus: JobStatus | null } | null } | null, tenant: { name: string | null, customer: { organization: string | null } | null, user: { userId: string } | null, protectionStatuses: { totalCount: number, nodes: Array<{ email: string | null, user: { userId: string } | null }> } | null } | null, user: { displayName: string | null, tenant: { name: string | null, customer: { organization: string | null } | null } | null, protection: { isProtected: boolean } | null } | null };

export type SomeQueryVariables = Exact<{
  ids?: Array<string> | string | null | undefined;
}>;


export type SomeQuery = { customers: { nodes: Array<{ customerId: string }> } | null };

export type WholeTenantQueryVariables = Exact<{
  c: string;
  t: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type WholeTenantQuery = { tenant: { users: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ userId: string, protection: { email: string | null } | null }> } | null } | null };

export type OneUserQueryVariables = Exact<{
  c: string;
  t: string;
  u: string;
}>;


export type OneUserQuery = { user: { userId: string, protection: { email: string | null } | null } | null };

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

export const AgainDocument = new TypedDocumentString(`
    query Again($id: ID!) {
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
    `) as unknown as TypedDocumentString<AgainQuery, AgainQueryVariables>;
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
export const DirectoryDocument = new TypedDocumentString(`
    query Directory {
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
    `) as unknown as TypedDocumentString<DirectoryQuery, DirectoryQueryVariables>;
export const OneDocument = new TypedDocumentString(`
    query One($c: ID!, $t: ID!, $u: ID!, $email: String!) {
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
    `) as unknown as TypedDocumentString<OneQuery, OneQueryVariables>;
export const SomeDocument = new TypedDocumentString(`
    query Some($ids: [ID!]) {
  customers(customerIds: $ids) {
    nodes {
      customerId
    }
  }
}
    `) as unknown as TypedDocumentString<SomeQuery, SomeQueryVariables>;
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
export const OneUserDocument = new TypedDocumentString(`
    query OneUser($c: ID!, $t: ID!, $u: ID!) {
  user(customerId: $c, tenantId: $t, userId: $u) {
    userId
    protection {
      email
    }
  }
}
    `) as unknown as TypedDocumentString<OneUserQuery, OneUserQueryVariables>;
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