import { batched, pure } from '../execution/resolver-kinds.ts';
import type { GraphContext } from './context.ts';
import type { UserResolvers } from './generated/resolvers.ts';
import { globalIdOf } from './node-id.ts';
import { tenantsOfRows } from './tenant.ts';

export const User = {
  id: pure(globalIdOf),
  protection: batched((users, { loaders }: GraphContext, causeOf) =>
    loaders.protectionOfUsers(users, causeOf),
  ),
  tenant: batched((users, context: GraphContext) => tenantsOfRows(users, context)),
  customerId: batched((users, context: GraphContext) =>
    tenantsOfRows(users, context).map(({ customerId }) => customerId),
  ),
  tenantId: batched((users, context: GraphContext) =>
    tenantsOfRows(users, context).map(({ tenantId }) => tenantId),
  ),
} satisfies UserResolvers;
