import { batched, pure } from '../execution/resolver-kinds.ts';
import { isProtectedBy, protectionStateOf } from '../survey/protection-state.ts';
import type { GraphContext } from './context.ts';
import type { ProtectionStatusResolvers } from './generated/resolvers.ts';
import { tenantsOfRows } from './tenant.ts';

export const ProtectionStatus = {
  isProtected: pure((row, { module }) => isProtectedBy(row, module)),
  state: pure(protectionStateOf),
  user: batched((rows, { loaders }: GraphContext, causeOf) =>
    loaders.usersOfProtectionStatuses(rows, causeOf),
  ),
  tenant: batched((rows, context: GraphContext) => tenantsOfRows(rows, context)),
} satisfies ProtectionStatusResolvers;
