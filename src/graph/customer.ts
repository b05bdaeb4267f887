import { pure } from '../execution/resolver-kinds.ts';
import { assertId } from './id-arguments.ts';
import { loadDirectoryEntry } from './entity.ts';
import { connectProtectionStatuses, connectUsers, oneCustomer } from './all-tenants-lists.ts';
import type { CustomerResolvers, DirectoryEntryResolvers } from './generated/resolvers.ts';
import { globalIdOf, summaryIdOf } from './node-id.ts';
import { selectedSummaries } from './selected-summaries.ts';
import { tenantOf } from './tenant.ts';
import { unlistedTenants } from '../reporting/unlisted-tenants.ts';

export const Customer = {
  id: pure(globalIdOf),
  tenant: pure((customer, { tenantId }) => {
    assertId('tenantId', tenantId);
    return tenantOf(customer, tenantId);
  }),
  users: (customer, { filter, orderBy, ...window }, context, info) =>
    connectUsers(oneCustomer(customer), { filter, orderBy }, window, context, info),
  protectionStatuses: (customer, { filter, orderBy, ...window }, context, info) =>
    connectProtectionStatuses(oneCustomer(customer), { filter, orderBy }, window, context, info),
  directoryEntry: ({ customerId }, _arguments, context, info) =>
    loadDirectoryEntry(customerId, context, info),
  protectionSummary: async (customer, { users }, { summaryLoader }, info) => {
    const { own, populations } = selectedSummaries(users, info);
    const summary = await summaryLoader.total([customer], own, populations, info.path);
    return {
      ...summary,
      id: summaryIdOf([customer.customerId], own.name),
      missing: [...summary.missing, ...unlistedTenants([customer])],
    };
  },
} satisfies CustomerResolvers;

export const DirectoryEntry = {
  id: pure(globalIdOf),
  customer: ({ customerId }, _arguments, { loaders }, { path }) => loaders.customer(customerId, path),
} satisfies DirectoryEntryResolvers;
