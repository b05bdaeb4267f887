import type { CustomerRecord, ProtectionSummaryRecord } from '../model.ts';
import { assertCount, assertId, assertIds, assertKey, distinctIds } from './asked-ids.ts';
import { customerCondition, customerOrder, wantedCustomers } from './customer-question.ts';
import { loadCustomer, loadNode, loadUser } from './entity.ts';
import { yieldIfDue } from '../scheduler.ts';
import { allCustomers, connectProtectionStatuses, connectUsers } from './estate-lists.ts';
import { connectList } from './filtered-connection.ts';
import type { NodeResolvers, QueryResolvers } from './generated/resolvers.ts';
import { parseGlobalId, summaryIdOf } from './node-id.ts';
import { findTenant } from './tenant.ts';
import { findListedTenant } from './tenants-of.ts';

const longLookUp = 500;

/** Those for federation gateways stand in federation.ts. */
export const Query = {
  customers: (_root, { customerIds, filter, orderBy, ...window }, { planner, loaders, survey }, info) => {
    if (customerIds) assertIds('customerIds', customerIds);
    const order = customerOrder(orderBy);
    return connectList<CustomerRecord, ProtectionSummaryRecord>(
      {
        reader: planner.customers(),
        name: { list: ['customers'], filter, orderBy },
        question: {
          condition: customerCondition('filter', filter),
          order,
          join: (customers) => survey.eachCustomer(customers, info.path),
          // Its rows are of many lists.
          joined: order?.some(({ needsJoin }) => needsJoin) === true ? { isCached: false } : null,
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
        missingOf: ({ missing }) => missing,
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
  protectionSummary: async (_root, { filter }, { planner, survey }, { path }) => {
    const { rows, changedWhileRead } = await wantedCustomers('filter', filter, planner, path);
    const summary = await survey.customers(rows, path);
    const id = summaryIdOf([], filter);
    return changedWhileRead ? { ...summary, id, changedWhileRead } : { ...summary, id };
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
    // So many are looked up by several calls in any case, and need not be one batch with those of other aliases.
    if (ids.length >= longLookUp) await yieldIfDue();
    return ids.map(async (id) => loadNode(parseGlobalId(id), context, info));
  },
  directory: (_root, _arguments, { planner }, { path }) => planner.directory(path),
} satisfies QueryResolvers;

export const Node = {
  __resolveType: ({ kind }) => kind,
} satisfies NodeResolvers;
