// @ts-check
/**
 * Relay-style pagination with urql: its normalised cache puts the windows of a list together by their cursors, so that
 * whoever reads the list has all that was loaded so far.
 *
 *   node examples/pagination.js http://localhost:4000/graphql
 */
import { Client, fetchExchange, gql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';

const [url = 'http://localhost:4000/graphql'] = process.argv.slice(2);

const client = new Client({
  url,
  exchanges: [cacheExchange({ resolvers: { Query: { customers: relayPagination() } } }), fetchExchange],
});

const Customers = gql`
  query Customers($after: String) {
    customers(first: 15, after: $after, orderBy: [ORGANIZATION_ASC]) {
      totalCount
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      edges {
        cursor
        node {
          id
          organization
        }
      }
      nodes {
        id
      }
    }
  }
`;

/** @param {string | null} cursor @returns {Promise<import('@urql/core').OperationResult>} */
const load = (cursor) => client.query(Customers, { after: cursor }).toPromise();

/** @type {string | null} */
let after = null;
for (;;) {
  const { data, error } = await load(after);
  if (error) throw error;
  const { edges, pageInfo, totalCount } = data.customers;
  console.log(`${edges.length} of ${totalCount}: … ${edges.at(-1)?.node.organization}`);
  if (!pageInfo.hasNextPage) break;
  after = pageInfo.endCursor;
}
