/** The worked examples as tabs, their variables filled with ids that exist in the upstream at hand. */
import again from '../examples/queries/again.graphql?raw';
import coverage from '../examples/queries/coverage.graphql?raw';
import dashboard from '../examples/queries/dashboard.graphql?raw';
import directory from '../examples/queries/directory.graphql?raw';
import one from '../examples/queries/one.graphql?raw';
import report from '../examples/queries/report.graphql?raw';
import some from '../examples/queries/some.graphql?raw';
import unprotected from '../examples/queries/unprotected.graphql?raw';
import { credentialHeaders } from './credential.tsx';

export interface ExampleTab {
  readonly query: string;
  readonly variables?: string;
}

const findIdsQuery = /* GraphQL */ `
  query FindExampleIds {
    customers(first: 10) {
      nodes {
        customerId
        countryOrRegion
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
  readonly countryOrRegion: string | null;
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
export async function loadExampleTabs(endpoint: string): Promise<ExampleTab[]> {
  const customers = (await run<FoundIds>(endpoint, findIdsQuery, {}))?.customers?.nodes ?? [];
  const customer = customers.find(({ tenants }) => tenants.length > 0) ?? customers[0];
  const customerId = customer?.customerId ?? '';
  const tenantId = customer?.tenants[0]?.tenantId ?? '';
  const found =
    tenantId === '' ? null : await run<FoundUser>(endpoint, findUserQuery, { customerId, tenantId });
  const user = found?.tenant?.users?.nodes[0];
  return [
    { query: dashboard },
    tab(one, {
      c: customerId,
      t: tenantId,
      u: user?.userId ?? '',
      email: user?.mail ?? user?.userPrincipalName ?? '',
    }),
    tab(again, { id: user?.id ?? '' }),
    tab(some, { ids: customers.slice(0, 3).map((row) => row.customerId) }),
    { query: directory },
    { query: coverage },
    tab(unprotected, { country: customer?.countryOrRegion ?? '' }),
    { query: report },
  ];
}

function tab(query: string, variables: Readonly<Record<string, unknown>>): ExampleTab {
  return { query, variables: JSON.stringify(variables, null, 2) };
}

async function run<Data>(
  endpoint: string,
  query: string,
  variables: Record<string, string>,
): Promise<Data | null> {
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...credentialHeaders() },
      body: JSON.stringify({ query, variables }),
    });
    return ((await response.json()) as { data?: Data | null }).data ?? null;
  } catch {
    return null;
  }
}
