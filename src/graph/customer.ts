import type { CustomerResolvers, DirectoryEntryResolvers } from './generated/resolvers.ts';
import { globalIdOf } from './node-id.ts';
import { tenantOf } from './query.ts';

export const Customer: CustomerResolvers = {
  id: globalIdOf,
  tenant: (customer, { tenantId }) => tenantOf(customer, tenantId),
  directoryEntry: async ({ customerId }, _arguments, { planner }) => {
    const directory = await planner.directory();
    return directory.find((entry) => entry.customerId.toLowerCase() === customerId.toLowerCase()) ?? null;
  },
};

export const DirectoryEntry: DirectoryEntryResolvers = {
  customer: ({ customerId }, _arguments, { loaders }) => loaders.customer.load(customerId),
};
