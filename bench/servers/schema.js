/** The part of the graph that the operations use, with ordinary resolvers and DataLoaders. */
import DataLoader from 'dataloader';
import { addressesOf, foldAddress, isProtected, moduleNames, shown } from './meaning.js';
import { customersPath, pageSize, protectionPath, rest, usersPath } from './rest.js';

export const typeDefs = /* GraphQL */ `
  type Query {
    customers(first: Int): CustomerConnection
    tenant(customerId: ID!, tenantId: ID!): Tenant
    user(customerId: ID!, tenantId: ID!, userId: ID!): User
  }
  type CustomerConnection {
    totalCount: Int!
    nodes: [Customer!]!
  }
  type Customer {
    customerId: ID!
    organization: String
    tenants: [Tenant!]!
  }
  type Tenant {
    tenantId: ID!
    name: String
    users(first: Int): UserConnection
  }
  type UserConnection {
    totalCount: Int!
    nodes: [User!]!
  }
  type User {
    userId: ID!
    displayName: String
    mail: String
    userPrincipalName: String
    department: String
    jobTitle: String
    protection: ProtectionStatus
  }
  type ProtectionStatus {
    email: String
    isProtected: Boolean!
    modules: [ModuleStatus!]!
  }
  type ModuleStatus {
    module: ProtectionModule!
    isProtected: Boolean
  }
  enum ProtectionModule {
    ${'MAILBOX SHAREPOINT ONEDRIVE MICROSOFT_365_GROUPS PROJECT PUBLIC_FOLDERS TEAMS VIVA_ENGAGE TEAMS_CHAT POWER_BI POWER_AUTOMATE POWER_APPS COPILOT_STUDIO UNKNOWN'}
  }
`;

/** @param callerOf returns the result of `createCaller` for a request, by its context and a field's info */
export const resolversOver = (callerOf) => ({
  Query: {
    customers: async (_root, { first }, context, info) => {
      const { totalCount, rows } = await callerOf(context, info).rest.fetchFirst(customersPath, first ?? 50);
      return { totalCount, nodes: rows };
    },
    tenant: (_root, key) => key,
    user: (_root, { userId, ...tenant }, context, info) =>
      callerOf(context, info).users.load({ tenant, userId }),
  },
  Customer: {
    customerId: ({ id }) => id,
    organization: ({ organization }) => shown(organization),
    tenants: ({ id, tenants }) =>
      (tenants ?? []).map(({ id: tenantId, name }) => ({ customerId: id, tenantId, name })),
  },
  Tenant: {
    name: ({ name }) => shown(name),
    users: async (tenant, { first }, context, info) => {
      const { totalCount, rows } = await callerOf(context, info).rest.fetchFirst(
        usersPath(tenant),
        first ?? 50,
      );
      return { totalCount, nodes: rows.map((row) => ({ ...row, tenant })) };
    },
  },
  User: {
    userId: ({ id }) => id,
    displayName: ({ displayName }) => shown(displayName),
    mail: ({ mail }) => shown(mail),
    userPrincipalName: ({ userPrincipalName }) => shown(userPrincipalName),
    department: ({ department }) => shown(department),
    jobTitle: ({ jobTitle }) => shown(jobTitle),
    protection: async (user, _arguments, context, info) => {
      const { protection } = callerOf(context, info);
      for (const email of addressesOf(user)) {
        const row = await protection.load({ tenant: user.tenant, email });
        if (row !== null) return row;
      }
      return null;
    },
  },
  ProtectionStatus: {
    email: ({ email }) => shown(email),
    isProtected,
    modules: ({ moduleStatus }) => moduleStatus ?? [],
  },
  ModuleStatus: {
    module: ({ module }) => moduleNames.get(module) ?? 'UNKNOWN',
  },
});

/** Resolvers whose context is the caller. */
export const resolvers = resolversOver((context) => context);

/** Called for each request. */
export function createCaller(by = rest) {
  const keyOf = ({ tenant, userId, email }) => `${tenant.customerId} ${tenant.tenantId} ${userId ?? email}`;
  const loader = (pathOf, filter, nameOf) =>
    new DataLoader(
      async (keys) => {
        const tenants = new Map();
        for (const key of keys) {
          const path = pathOf(key.tenant);
          tenants.set(path, [...(tenants.get(path) ?? []), key]);
        }
        const found = new Map();
        await Promise.all(
          [...tenants].map(async ([path, all]) => {
            const { data } = await by.fetchByKeys(path, filter, all.map(nameOf));
            for (const row of data) {
              const key = foldAddress(filter === 'userIds' ? row.id : row.email);
              if (!found.has(`${path} ${key}`)) found.set(`${path} ${key}`, row);
            }
          }),
        );
        return keys.map((key) => {
          const row = found.get(`${pathOf(key.tenant)} ${foldAddress(nameOf(key))}`);
          return row === undefined ? null : { ...row, tenant: key.tenant };
        });
      },
      { cacheKeyFn: keyOf, maxBatchSize: pageSize },
    );
  return {
    rest: by,
    users: loader(usersPath, 'userIds', ({ userId }) => userId),
    protection: loader(protectionPath, 'userEmails', ({ email }) => email),
  };
}
