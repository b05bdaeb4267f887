/** The worked examples as tabs, their variables filled with ids that exist in the upstream at hand. */
import type { Fetcher } from '@graphiql/toolkit';
import again from '../examples/queries/again.graphql?raw';
import dashboard from '../examples/queries/dashboard.graphql?raw';
import directory from '../examples/queries/directory.graphql?raw';
import one from '../examples/queries/one.graphql?raw';
import some from '../examples/queries/some.graphql?raw';

export interface ExampleTab {
  readonly query: string;
  readonly variables?: string;
}

const findIdsQuery = /* GraphQL */ `
  query FindExampleIds {
    customers(first: 10) {
      nodes {
        customerId
        tenants {
          tenantId
        }
      }
    }
  }
`;

const findUserQuery = /* GraphQL */ `
  query FindExampleUser($customerId: ID!, $tenantId: ID!) {
    tenant(customerId: $customerId, tenantId: $tenantId) {
      users(first: 1) {
        nodes {
          id
          userId
          mail
          userPrincipalName
        }
      }
    }
  }
`;

interface FoundIds {
  readonly customers: { readonly nodes: readonly FoundCustomer[] } | null;
}

interface FoundCustomer {
  readonly customerId: string;
  readonly tenants: readonly { readonly tenantId: string }[];
}

interface FoundUser {
  readonly tenant: { readonly users: { readonly nodes: readonly User[] } | null } | null;
}

interface User {
  readonly id: string;
  readonly userId: string;
  readonly mail: string | null;
  readonly userPrincipalName: string | null;
}

/** An upstream that fails, or has nobody in it, gives tabs with empty ids. */
export async function loadExampleTabs(fetcher: Fetcher): Promise<ExampleTab[]> {
  const customers = (await run<FoundIds>(fetcher, findIdsQuery, {}))?.customers?.nodes ?? [];
  const customer = customers.find(({ tenants }) => tenants.length > 0) ?? customers[0];
  const customerId = customer?.customerId ?? '';
  const tenantId = customer?.tenants[0]?.tenantId ?? '';
  const found = tenantId === '' ? null : await run<FoundUser>(fetcher, findUserQuery, { customerId, tenantId });
  const user = found?.tenant?.users?.nodes[0];
  return [
    { query: dashboard },
    tab(one, { c: customerId, t: tenantId, u: user?.userId ?? '', email: user?.mail ?? user?.userPrincipalName ?? '' }),
    tab(again, { id: user?.id ?? '' }),
    tab(some, { ids: customers.slice(0, 3).map((row) => row.customerId) }),
    { query: directory },
  ];
}

function tab(query: string, variables: Readonly<Record<string, unknown>>): ExampleTab {
  return { query, variables: JSON.stringify(variables, null, 2) };
}

async function run<Data>(fetcher: Fetcher, query: string, variables: Record<string, string>): Promise<Data | null> {
  try {
    const result = await fetcher({ query, variables });
    return (result as { data?: Data | null }).data ?? null;
  } catch {
    return null;
  }
}
