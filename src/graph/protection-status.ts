import { batched } from '../execution/batch.ts';
import type { GraphContext } from './context.ts';
import type { ProtectionStatusResolvers } from './generated/resolvers.ts';
import { tenantOfRow } from './tenant.ts';

export const ProtectionStatus: ProtectionStatusResolvers = {
  isProtected: ({ modules }, { module }) => {
    const asked = module ? modules.filter((status) => status.module === module) : modules;
    return asked.length > 0 && asked.every(({ isProtected }) => isProtected === true);
  },
  user: batched((rows, { loaders }: GraphContext, causeOf) =>
    loaders.usersOfProtectionStatuses(rows, causeOf),
  ),
  tenant: tenantOfRow,
};
