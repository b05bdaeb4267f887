import { instantOf } from '../clock.ts';
import { batched, pure } from '../execution/resolver-kinds.ts';
import { isProtectedBy, protectionStateOf } from '../reporting/protection-state.ts';
import { coverageOf } from '../reporting/summarize.ts';
import type { GraphContext } from './context.ts';
import type {
  MissingTenantReason,
  MissingTenantResolvers,
  ProtectionReportTenantResolvers,
  ProtectionStatusResolvers,
  ProtectionSummaryResolvers,
} from './generated/resolvers.ts';
import { connectGroups } from './groups.ts';
import { globalIdOf, summaryIdOf } from './node-id.ts';
import { listedTenantOf, tenantsOfRows } from './tenant.ts';

export const ProtectionStatus = {
  id: pure(globalIdOf),
  isProtected: pure((row, { module }) => isProtectedBy(row, module)),
  state: pure(protectionStateOf),
  user: batched((rows, { loaders }: GraphContext, causeOf) =>
    loaders.usersOfProtectionStatuses(rows, causeOf),
  ),
  tenant: batched((rows, context: GraphContext) => tenantsOfRows(rows, context)),
} satisfies ProtectionStatusResolvers;

export const ProtectionSummary = {
  coverage: pure(coverageOf),
  groups: (summary, groupArguments, context) => connectGroups(summary, groupArguments, context),
  asOf: ({ asOfMs }) => (asOfMs === null ? null : instantOf(asOfMs)),
  isComplete: pure(({ missing }) => missing.length === 0),
  noRowCount: pure(({ notInBackupCount }) => notInBackupCount),
  statusesWithoutUser: pure(({ unmatchedStatusCount }) => unmatchedStatusCount),
} satisfies ProtectionSummaryResolvers;

/** Error codes that are also reasons. */
const missingReasons: Readonly<Record<Exclude<MissingTenantReason, 'OTHER'>, true>> = {
  UPSTREAM_UNAVAILABLE: true,
  UPSTREAM_TIMEOUT: true,
  UPSTREAM_RATE_LIMITED: true,
  UPSTREAM_UNAUTHENTICATED: true,
  UPSTREAM_FORBIDDEN: true,
  UPSTREAM_NOT_FOUND: true,
  UPSTREAM_REFUSED: true,
  UPSTREAM_INVALID_RESPONSE: true,
  UPSTREAM_BUDGET_EXCEEDED: true,
  DEADLINE_EXCEEDED: true,
};

function isReason(code: string): code is keyof typeof missingReasons {
  return Object.hasOwn(missingReasons, code);
}

export const MissingTenant = {
  reason: pure(({ code }) => (isReason(code) ? code : 'OTHER')),
  organization: async ({ customerId }, _arguments, { loaders }, { path }) =>
    (await loaders.customer(customerId, path))?.organization ?? null,
  name: async ({ customerId, tenantId }, _arguments, { loaders }, { path }) => {
    const customer = await loaders.customer(customerId, path);
    return customer === null ? null : (listedTenantOf(customer, tenantId)?.name ?? null);
  },
} satisfies MissingTenantResolvers;

export const ProtectionReportTenant = {
  summary: pure(({ customerId, tenantId, population, summary }) => ({
    ...summary,
    id: summaryIdOf([customerId, tenantId], population),
  })),
  tenant: pure(({ customerId, tenantId, name }) => ({ kind: 'Tenant', customerId, tenantId, name })),
} satisfies ProtectionReportTenantResolvers;
