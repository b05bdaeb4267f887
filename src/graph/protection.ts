import { clockShiftMs } from '../clock.ts';
import { batched, pure } from '../execution/resolver-kinds.ts';
import { isProtectedBy, protectionStateOf } from '../survey/protection-state.ts';
import { coverageOf } from '../survey/summarize.ts';
import type { GraphContext } from './context.ts';
import type {
  MissingTenantReason,
  MissingTenantResolvers,
  ProtectionReportTenantResolvers,
  ProtectionStatusResolvers,
  ProtectionSummaryResolvers,
} from './generated/resolvers.ts';
import { globalIdOf, summaryIdOf } from './node-id.ts';
import { tenantOf, tenantsOfRows } from './tenant.ts';

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
  asOf: ({ asOfMs }) => (asOfMs === null ? null : new Date(asOfMs + clockShiftMs()).toISOString()),
  isComplete: pure(({ missing }) => missing.length === 0),
  noRowCount: pure(({ notInBackupCount }) => notInBackupCount),
  statusesWithoutUser: pure(({ unmatchedStatusCount }) => unmatchedStatusCount),
} satisfies ProtectionSummaryResolvers;

const missingReasons: Readonly<Partial<Record<string, MissingTenantReason>>> = {
  UPSTREAM_UNAVAILABLE: 'UPSTREAM_UNAVAILABLE',
  UPSTREAM_TIMEOUT: 'UPSTREAM_TIMEOUT',
  UPSTREAM_RATE_LIMITED: 'UPSTREAM_RATE_LIMITED',
  UPSTREAM_UNAUTHENTICATED: 'UPSTREAM_UNAUTHENTICATED',
  UPSTREAM_FORBIDDEN: 'UPSTREAM_FORBIDDEN',
  UPSTREAM_NOT_FOUND: 'UPSTREAM_NOT_FOUND',
  UPSTREAM_REFUSED: 'UPSTREAM_REFUSED',
  UPSTREAM_INVALID_RESPONSE: 'UPSTREAM_INVALID_RESPONSE',
  UPSTREAM_BUDGET_EXCEEDED: 'UPSTREAM_BUDGET_EXCEEDED',
  DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED',
};

export const MissingTenant = {
  reason: pure(({ code }) => missingReasons[code] ?? 'OTHER'),
  organization: async ({ customerId }, _arguments, { loaders }, { path }) =>
    (await loaders.customer(customerId, path))?.organization ?? null,
  name: async ({ customerId, tenantId }, _arguments, { loaders }, { path }) => {
    const customer = await loaders.customer(customerId, path);
    return customer === null ? null : (tenantOf(customer, tenantId)?.name ?? null);
  },
} satisfies MissingTenantResolvers;

export const ProtectionReportTenant = {
  summary: pure(({ customerId, tenantId, summary }) => ({
    ...summary,
    id: summaryIdOf([customerId, tenantId]),
  })),
  tenant: pure(({ customerId, tenantId, name }) => ({ kind: 'Tenant', customerId, tenantId, name })),
} satisfies ProtectionReportTenantResolvers;
