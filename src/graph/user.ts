import { batched, pure } from '../execution/resolver-kinds.ts';
import { chain } from '../maybe-promise.ts';
import { protectionStateOf } from '../reporting/protection-state.ts';
import type { GraphContext } from './context.ts';
import type { UserResolvers } from './generated/resolvers.ts';
import { globalIdOf } from './node-id.ts';
import { tenantsOfRows } from './tenant.ts';

export const User = {
  id: pure(globalIdOf),
  protection: batched((users, { loaders }: GraphContext, causeOf) =>
    loaders.protectionOfUsers(users, causeOf),
  ),
  protectionState: batched((users, { loaders }: GraphContext, causeOf) =>
    chain(loaders.protectionOfUsers(users, causeOf), (rows) =>
      rows.map((row) => (row instanceof Error ? row : protectionStateOf(row))),
    ),
  ),
  tenant: batched((users, context: GraphContext) => tenantsOfRows(users, context)),
  customerId: batched((users, context: GraphContext) =>
    tenantsOfRows(users, context).map(({ customerId }) => customerId),
  ),
  tenantId: batched((users, context: GraphContext) =>
    tenantsOfRows(users, context).map(({ tenantId }) => tenantId),
  ),
} satisfies UserResolvers;
