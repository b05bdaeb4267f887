import type { UserResolvers } from './generated/resolvers.ts';
import { globalIdOf } from './node-id.ts';
import { tenantOfRow } from './tenant.ts';

export const User: UserResolvers = {
  id: globalIdOf,
  protection: (user, _arguments, { loaders }, { path }) => loaders.protectionOfUser(user, path),
  tenant: tenantOfRow,
};
