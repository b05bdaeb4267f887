import type { GraphQLResolveInfo } from 'graphql';
import { UpstreamError } from '../errors.ts';
import type { CustomerRecord, TenantKey, TenantReference, UserRecord } from '../model.ts';
import { assertIds, connect, connectRows } from './connection.ts';
import type { GraphContext } from './context.ts';
import type { NodeResolvers, QueryResolvers } from './generated/resolvers.ts';
import { parseGlobalId } from './node-id.ts';
import { selects } from './selection.ts';
import { findTenant } from './tenant.ts';

export const Query: QueryResolvers = {
  customers: async (_root, { customerIds, ...window }, { planner, loaders }, info) => {
    if (!customerIds) return connect(planner.customers, ['customers'], window, info);
    assertIds('customerIds', customerIds);
    const customers = await Promise.all(
      [...new Set(customerIds)].map((id) => loaders.customer(id, info.path)),
    );
    return connectRows(
      customers.filter((customer) => customer !== null),
      ['customers', ...customerIds],
      window,
    );
  },
  customer: (_root, { customerId }, context, info) => loadCustomer(customerId, context, info),
  tenant: (_root, key, context, info) => findTenant(key, context, info),
  user: (_root, key, context, info) => loadUser(key, context, info),
  node: (_root, { id }, context, info) => loadNode(id, context, info),
  nodes: (_root, { ids }, context, info) => {
    assertIds('ids', ids);
    return ids.map((id) => loadNode(id, context, info));
  },
  directory: (_root, _arguments, { planner }, { path }) => planner.directory(path),
};

export const Node: NodeResolvers = {
  __resolveType: ({ kind }) => kind,
};

function loadCustomer(
  customerId: string,
  { planner, loaders }: GraphContext,
  info: GraphQLResolveInfo,
): Promise<CustomerRecord | null> {
  // The directory is the same list whoever the customer is. Its failure is told where it is read.
  if (selects(info, 'directoryEntry')) planner.directory(info.path).catch(() => undefined);
  return loaders.customer(customerId, info.path);
}

async function loadUser(
  key: TenantKey & { readonly userId: string },
  { loaders }: GraphContext,
  info: GraphQLResolveInfo,
): Promise<UserRecord | null> {
  // The customer's row is known to be needed before the user's is there. Its failure is told where it is read.
  if (selects(info, 'tenant.name') || selects(info, 'tenant.customer')) {
    loaders.customer(key.customerId, info.path).catch(() => undefined);
  }
  try {
    return await loaders.user(key, info.path);
  } catch (error) {
    // These ids come from the caller: a tenant that the upstream does not know has no such user.
    if (error instanceof UpstreamError && error.code === 'UPSTREAM_NOT_FOUND') return null;
    throw error;
  }
}

async function loadNode(
  id: string,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<CustomerRecord | TenantReference | UserRecord | null> {
  const key = parseGlobalId(id);
  switch (key.type) {
    case 'Customer':
      return loadCustomer(key.customerId, context, info);
    case 'Tenant':
      return findTenant(key, context, info);
    case 'User':
      return loadUser(key, context, info);
  }
}
