/** A React page with Apollo Client: customers, their tenants, and how well each user is protected. */
import { ApolloClient, HttpLink, InMemoryCache, type FieldPolicy } from '@apollo/client';
import { ApolloProvider } from '@apollo/client/react';
import { createRoot } from 'react-dom/client';
import { Dashboard } from './dashboard.tsx';
import './dashboard.css';

interface Window {
  readonly nodes: readonly unknown[];
  readonly edges: readonly unknown[];
}

/** A list whose windows are put one behind the other, for each choice of these arguments. */
function windowsOf(...keyArgs: string[]): FieldPolicy<Window> {
  return {
    keyArgs,
    merge: (before, window, { args }) =>
      before === undefined || typeof args?.after !== 'string'
        ? window
        : {
            ...window,
            nodes: [...before.nodes, ...window.nodes],
            edges: [...before.edges, ...window.edges],
          },
  };
}

const client = new ApolloClient({
  link: new HttpLink({ uri: '/graphql' }),
  cache: new InMemoryCache({
    typePolicies: {
      Query: { fields: { customers: windowsOf('customerIds', 'filter', 'orderBy') } },
      // Rows without an id of their own belong to whatever they stand under.
      ProtectionStatus: { keyFields: false },
    },
  }),
});

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no place for the dashboard.');
createRoot(root).render(
  <ApolloProvider client={client}>
    <Dashboard />
  </ApolloProvider>,
);
