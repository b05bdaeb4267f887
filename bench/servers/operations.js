/** Measured operations: for each, the requests that a connection cycles through. */

const userQuery = `query small($customerId: ID!, $tenantId: ID!, $userId: ID!) {
  user(customerId: $customerId, tenantId: $tenantId, userId: $userId) {
    userId displayName mail protection { email isProtected }
  }
}`;
const nestedQuery = `query nested {
  customers(first: 10) { totalCount nodes { customerId organization tenants { tenantId name
    users(first: 20) { totalCount nodes { userId displayName mail protection { email isProtected } } } } } }
}`;
const wideQuery = `query wide($customerId: ID!, $tenantId: ID!) {
  tenant(customerId: $customerId, tenantId: $tenantId) { users(first: 1000) { totalCount nodes {
    userId displayName mail userPrincipalName department jobTitle
    protection { email isProtected modules { module isProtected } } } } }
}`;
const pageQuery = `query page($customerId: ID!, $tenantId: ID!) {
  tenant(customerId: $customerId, tenantId: $tenantId) { users(first: 100) { totalCount nodes {
    userId displayName mail protection { email isProtected } } } }
}`;

/** @param samples printed by the upstream: a user, a tenant, and lists of both */
export function operationsOf({ small, wide, tenants, users }) {
  const each = (query, list) => list.map((variables) => ({ query, variables }));
  return {
    small: each(userQuery, [small]),
    nested: each(nestedQuery, [{}]),
    wide: each(wideQuery, [wide]),
    'varied tenants': each(pageQuery, tenants),
    'varied look-ups': each(userQuery, users),
  };
}
