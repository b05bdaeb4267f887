import type { CustomerRecord } from '../model.ts';
import type { Summaries } from '../reporting/summarize.ts';
import { assertCount, assertId, assertIds, assertKey, distinctIds } from './id-arguments.ts';
import {
  customerPredicate,
  customerOrder,
  dependsOnTenants,
  missingOf,
  selectCustomers,
} from './customer-filter.ts';
import { loadCustomer, loadNode, loadUser } from './entity.ts';
import { unlistedTenants } from '../reporting/unlisted-tenants.ts';
import { yieldIfDue } from '../scheduler.ts';
import { allCustomers, connectProtectionStatuses, connectUsers } from './all-tenants-lists.ts';
import { connectList } from './filtered-connection.ts';
import type { NodeResolvers, QueryResolvers } from './generated/resolvers.ts';
import { parseGlobalId, summaryIdOf } from './node-id.ts';
import {
  selectedSummaries,
  coveragesOf,
  ordersBySummary,
  populationsOf,
  selectionPurpose,
} from './selected-summaries.ts';
import { findTenant } from './tenant.ts';
import { findListedTenant } from './tenants-of.ts';

const longLookup = 500;

/** Root fields, except those in federation.ts. */
export const Query = {
  customers: (_root, { customerIds, filter, users, orderBy, ...window }, context, info) => {
    const { planner, loaders, summaryLoader } = context;
    if (customerIds) assertIds('customerIds', customerIds);
    const predicate = customerPredicate('filter', filter, users);
    const order = customerOrder(orderBy, users);
    const needsSummaries = coveragesOf(filter).length > 0 || ordersBySummary(orderBy);
    const populations = needsSummaries ? populationsOf(info) : [];
    return connectList<CustomerRecord, Summaries>(
      {
        reader: planner.customers(),
        name: {
          list: ['customers'],
          filter: needsSummaries && users ? [filter ?? null, users] : filter,
          orderBy,
        },
        query: {
          predicate,
          order,
          join: (customers) => summaryLoader.eachCustomer(customers, populations, info.path),
          // Summaries combine several lists.
          joined: needsSummaries ? { isCached: false } : null,
          planner,
        },
        keys: customerIds
          ? {
              names: distinctIds(customerIds),
              find: (ids) =>
                Promise.all(
                  ids.map((id) => loaders.customer(planner.spell({ customerId: id }).customerId, info.path)),
                ),
            }
          : null,
        missingOf,
        missingOfRows: (shown, all) => unlistedTenants(dependsOnTenants(filter, orderBy) ? all : shown),
      },
      window,
      info,
    );
  },
  users: (_root, { customers, filter, orderBy, ...window }, context, info) =>
    connectUsers(allCustomers(customers, context, info), { filter, orderBy }, window, context, info),
  protectionStatuses: (_root, { customers, filter, orderBy, ...window }, context, info) =>
    connectProtectionStatuses(
      allCustomers(customers, context, info),
      { filter, orderBy },
      window,
      context,
      info,
    ),
  protectionSummary: async (_root, { filter, users }, context, info) => {
    const selected = selectedSummaries(users, info);
    const { rows, changedWhileRead, missing } = await selectCustomers(
      'filter',
      filter,
      context,
      selectionPurpose(info),
      users,
    );
    const summary = await context.summaryLoader.total(rows, selected.own, selected.populations, info.path);
    return {
      ...summary,
      id: summaryIdOf([], selected.own.name, filter),
      changedWhileRead: summary.changedWhileRead || changedWhileRead,
      missing: [...summary.missing, ...missing],
    };
  },
  customer: (_root, key, context, info) => {
    assertKey(key);
    return loadCustomer(key.customerId, context, info);
  },
  tenant: (_root, { customerId, tenantId }, context, info) => {
    if (typeof customerId === 'string') assertId('customerId', customerId);
    assertId('tenantId', tenantId);
    return typeof customerId === 'string'
      ? findTenant({ customerId, tenantId }, context, info)
      : findListedTenant(tenantId, context.planner, info.path);
  },
  user: (_root, key, context, info) => {
    assertKey(key);
    return loadUser(key, context, info);
  },
  node: (_root, { id }, context, info) => loadNode(parseGlobalId(id), context, info),
  nodes: async (_root, { ids }, context, info) => {
    assertCount('ids', ids);
    // Long lists need several calls anyway, so they may yield before they join a batch.
    if (ids.length >= longLookup) await yieldIfDue();
    return ids.map(async (id) => loadNode(parseGlobalId(id), context, info));
  },
  directory: (_root, _arguments, { planner }, { path }) => planner.directory(path),
} satisfies QueryResolvers;

export const Node = {
  __resolveType: ({ kind }) => kind,
} satisfies NodeResolvers;
