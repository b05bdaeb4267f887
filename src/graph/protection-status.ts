import { batched } from '../execution/batch.ts';
import { isProtectedBy, protectionStateOf } from '../survey/protection-state.ts';
import type { GraphContext } from './context.ts';
import type { ProtectionStatusResolvers } from './generated/resolvers.ts';
import { tenantOfRow } from './tenant.ts';

export const ProtectionStatus: ProtectionStatusResolvers = {
  isProtected: (row, { module }) => isProtectedBy(row, module),
  state: protectionStateOf,
  user: batched((rows, { loaders }: GraphContext, causeOf) =>
    loaders.usersOfProtectionStatuses(rows, causeOf),
  ),
  tenant: tenantOfRow,
};
