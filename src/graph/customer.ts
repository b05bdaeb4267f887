import { pure } from '../execution/resolver-kinds.ts';
import { foldName } from '../fold.ts';
import { assertId } from './asked-ids.ts';
import type { CustomerResolvers, DirectoryEntryResolvers } from './generated/resolvers.ts';
import { globalIdOf } from './node-id.ts';
import { tenantOf } from './tenant.ts';

export const Customer = {
  id: pure(globalIdOf),
  tenant: pure((customer, { tenantId }) => {
    assertId('tenantId', tenantId);
    return tenantOf(customer, tenantId);
  }),
  directoryEntry: async ({ customerId }, _arguments, { planner }, { path }) => {
    const directory = await planner.directory(path);
    const id = foldName(customerId);
    return directory.find((entry) => foldName(entry.customerId) === id) ?? null;
  },
  protectionSummary: (customer, _arguments, { survey }, { path }) => survey.customers([customer], path),
} satisfies CustomerResolvers;

export const DirectoryEntry = {
  customer: ({ customerId }, _arguments, { loaders }, { path }) => loaders.customer(customerId, path),
} satisfies DirectoryEntryResolvers;
