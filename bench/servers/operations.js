/** The operations that are measured, as every server gets them. */
export function operationsOf({ small, wide }) {
  return {
    small: {
      query: `query small($customerId: ID!, $tenantId: ID!, $userId: ID!) {
        user(customerId: $customerId, tenantId: $tenantId, userId: $userId) {
          userId displayName mail protection { email isProtected }
        }
      }`,
      variables: small,
    },
    nested: {
      query: `query nested {
        customers(first: 10) { totalCount nodes { customerId organization tenants { tenantId name
          users(first: 20) { totalCount nodes { userId displayName mail protection { email isProtected } } } } } }
      }`,
      variables: {},
    },
    wide: {
      query: `query wide($customerId: ID!, $tenantId: ID!) {
        tenant(customerId: $customerId, tenantId: $tenantId) { users(first: 1000) { totalCount nodes {
          userId displayName mail userPrincipalName department jobTitle
          protection { email isProtected modules { module isProtected } } } } }
      }`,
      variables: wide,
    },
  };
}
