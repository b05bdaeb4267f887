import type { UserResolvers } from './generated/resolvers.ts';
import { globalIdOf } from './node-id.ts';
import { loadTenant } from './query.ts';

export const User: UserResolvers = {
  id: globalIdOf,
  protection: (user, _arguments, { loaders }) => loaders.protectionOfUser.load(user),
  tenant: (user, _arguments, context) => loadTenant(user, context),
};
