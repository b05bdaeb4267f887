import type { ProtectionStatusResolvers } from './generated/resolvers.ts';
import { loadTenant } from './query.ts';

export const ProtectionStatus: ProtectionStatusResolvers = {
  isProtected: ({ modules }, { module }) => {
    const asked = module ? modules.filter((status) => status.module === module) : modules;
    return asked.length > 0 && asked.every(({ isProtected }) => isProtected === true);
  },
  user: (row, _arguments, { loaders }) => loaders.userOfProtectionStatus.load(row),
  tenant: (row, _arguments, context) => loadTenant(row, context),
};
