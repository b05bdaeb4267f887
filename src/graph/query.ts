import { UpstreamError } from '../errors.ts';
import type { CustomerRecord, TenantKey, TenantRecord, UserRecord } from '../model.ts';
import { assertIds, connect, connectRows } from './connection.ts';
import type { GraphContext } from './context.ts';
import type { NodeResolvers, QueryResolvers } from './generated/resolvers.ts';
import { parseGlobalId } from './node-id.ts';

export const Query: QueryResolvers = {
  customers: async (_root, { customerIds, ...window }, { planner, loaders }, info) => {
    if (!customerIds) return connect(planner.customers, ['customers'], window, info);
    assertIds('customerIds', customerIds);
    const customers = await Promise.all([...new Set(customerIds)].map((id) => loaders.customer.load(id)));
    return connectRows(
      customers.filter((customer) => customer !== null),
      ['customers', ...customerIds],
      window,
    );
  },
  customer: (_root, { customerId }, { loaders }) => loaders.customer.load(customerId),
  tenant: (_root, key, context) => loadTenant(key, context),
  user: (_root, key, context) => loadUser(key, context),
  node: (_root, { id }, context) => loadNode(id, context),
  nodes: (_root, { ids }, context) => {
    assertIds('ids', ids);
    return ids.map((id) => loadNode(id, context));
  },
  directory: (_root, _arguments, { planner }) => planner.directory(),
};

export const Node: NodeResolvers = {
  __resolveType: ({ kind }) => kind,
};

/** A tenant exists where its customer's row says so. */
export async function loadTenant(
  { customerId, tenantId }: TenantKey,
  context: GraphContext,
): Promise<TenantRecord | null> {
  const customer = await context.loaders.customer.load(customerId);
  return customer === null ? null : tenantOf(customer, tenantId);
}

/** Ids are told apart without regard to letter case, as everywhere. */
export function tenantOf(customer: CustomerRecord, tenantId: string): TenantRecord | null {
  return customer.tenants.find((tenant) => tenant.tenantId.toLowerCase() === tenantId.toLowerCase()) ?? null;
}

async function loadUser(
  key: TenantKey & { readonly userId: string },
  context: GraphContext,
): Promise<UserRecord | null> {
  try {
    return await context.loaders.user.load(key);
  } catch (error) {
    // These ids come from the caller: a tenant that the upstream does not know has no such user.
    if (error instanceof UpstreamError && error.code === 'UPSTREAM_NOT_FOUND') return null;
    throw error;
  }
}

async function loadNode(
  id: string,
  context: GraphContext,
): Promise<CustomerRecord | TenantRecord | UserRecord | null> {
  const key = parseGlobalId(id);
  switch (key.type) {
    case 'Customer':
      return context.loaders.customer.load(key.customerId);
    case 'Tenant':
      return loadTenant(key, context);
    case 'User':
      return loadUser(key, context);
  }
}
