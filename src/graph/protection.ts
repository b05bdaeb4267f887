import { clockShiftMs } from '../clock.ts';
import { batched, pure } from '../execution/resolver-kinds.ts';
import { isProtectedBy, protectionStateOf } from '../survey/protection-state.ts';
import { coverageOf } from '../survey/summarize.ts';
import type { GraphContext } from './context.ts';
import type { ProtectionStatusResolvers, ProtectionSummaryResolvers } from './generated/resolvers.ts';
import { tenantsOfRows } from './tenant.ts';

export const ProtectionStatus = {
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
} satisfies ProtectionSummaryResolvers;
