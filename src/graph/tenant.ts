import { assertIds, connect, connectRows } from './connection.ts';
import type { TenantResolvers } from './generated/resolvers.ts';
import { globalIdOf } from './node-id.ts';

export const Tenant: TenantResolvers = {
  id: globalIdOf,
  customer: ({ customerId }, _arguments, { loaders }) => loaders.customer.load(customerId),
  users: async (tenant, { userIds, ...window }, { planner, loaders }, info) => {
    const { customerId, tenantId } = tenant;
    if (!userIds) return connect(planner.users(tenant), ['users', customerId, tenantId], window, info);
    assertIds('userIds', userIds);
    const users = await Promise.all(
      [...new Set(userIds)].map((userId) => loaders.user.load({ customerId, tenantId, userId })),
    );
    return connectRows(
      users.filter((user) => user !== null),
      ['users', customerId, tenantId, ...userIds],
      window,
    );
  },
  user: ({ customerId, tenantId }, { email }, { loaders }) =>
    loaders.userByAddress.load({ customerId, tenantId, address: email }),
  protectionStatuses: (tenant, window, { planner }, info) =>
    connect(
      planner.protectionStatuses(tenant),
      ['protectionStatuses', tenant.customerId, tenant.tenantId],
      window,
      info,
    ),
};
