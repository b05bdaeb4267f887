/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** Which customers: those for which all that is given here holds. What is absent or null sets no condition. */
export type CustomerFilter = {
  /** All of these hold as well. */
  and?: Array<CustomerFilter> | null | undefined;
  /** The country or region is this; letter case does not count. */
  countryOrRegion?: string | null | undefined;
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
  /** A tenant's name contains this; letter case does not count. */
  tenantName?: string | null | undefined;
};

/** Whole numbers from `min` to `max`, both included. What is absent or null sets no bound; what has no number is in no range. */
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

/** Why a tenant could not be read: the error codes that `errors` may have for its lists. */
export type MissingTenantReason =
  /** The operation's time was over before the tenant was read. */
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
  /** The upstream asks to wait. */
  | 'UPSTREAM_RATE_LIMITED'
  /** The upstream refused the call with another status. */
  | 'UPSTREAM_REFUSED'
  /** The upstream did not answer in time. */
  | 'UPSTREAM_TIMEOUT'
  /** The upstream, or its identity service, refused the gateway's credential. */
  | 'UPSTREAM_UNAUTHENTICATED'
  /** The upstream is unreachable or failed. */
  | 'UPSTREAM_UNAVAILABLE';

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

export type ReportSubscriptionVariables = Exact<{
  filter?: CustomerFilter | null | undefined;
}>;


export type ReportSubscription = { protectionReport: { progress: { tenantsDone: number, tenantsTotal: number, usersDone: number, usersTotal: number | null, calls: number, secondsElapsed: number, secondsLeft: number | null }, tenant: { customerId: string, organization: string | null, tenantId: string, name: string | null, summary: { coverage: number | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, asOf: string | null, changedWhileRead: boolean, isComplete: boolean, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, organization: string | null, tenantId: string, name: string | null, reason: MissingTenantReason, message: string, retryable: boolean }> } } | null, totals: { coverage: number | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, asOf: string | null, changedWhileRead: boolean, isComplete: boolean, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, organization: string | null, tenantId: string, name: string | null, reason: MissingTenantReason, message: string, retryable: boolean }> } | null } };

export type ReportSummaryFragment = { coverage: number | null, userCount: number, protectedCount: number, partiallyProtectedCount: number, unprotectedCount: number, notInBackupCount: number, unmatchedStatusCount: number, asOf: string | null, changedWhileRead: boolean, isComplete: boolean, modules: Array<{ module: ProtectionModule, moduleCode: number, protectedCount: number, unprotectedCount: number }>, missing: Array<{ customerId: string, organization: string | null, tenantId: string, name: string | null, reason: MissingTenantReason, message: string, retryable: boolean }> };
