/** The clients of the page: Apollo for what it queries, the project's own for the report. */
import { ApolloClient, HttpLink, InMemoryCache, type FieldPolicy } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { createClient } from 'elements-graph-client';

const url = new URL('/graphql', location.href);

/** The next window goes behind the row with the cursor `after`, so that a window that comes twice is there once. */
const relay: FieldPolicy = relayStylePagination(['filter', 'users', 'orderBy']);
const windows: FieldPolicy = {
  ...relay,
  merge: (before: unknown, window: unknown, options) => {
    // A list that could not be read is null, not empty. If a later window could not be read, the list stays.
    if (window === null) return typeof options.args?.after === 'string' ? before : null;
    return relay.merge instanceof Function ? (relay.merge(before, window, options) as unknown) : window;
  },
};

export const apollo = new ApolloClient({
  link: new HttpLink({ uri: url.href }),
  cache: new InMemoryCache({
    typePolicies: {
      Query: { fields: { customers: windows } },
      Tenant: { fields: { users: windows } },
      // One summary has other fields in another operation.
      ProtectionSummary: { merge: true },
    },
  }),
});

export const graph = createClient({ url });
