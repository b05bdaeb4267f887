/** urql in its default settings. */
import { describe, expect, test } from '@jest/globals';
import { cacheExchange, Client, fetchExchange, gql, type ClientOptions } from '@urql/core';
import { useGateway } from '../use-gateway.ts';
import { customerRow, userRow } from '../world-of.ts';

const gateway = useGateway({
  world: {
    customers: [customerRow({ id: 'c', organization: 'C', tenants: [{ id: 't', name: 'T' }] })],
    directory: [],
    tenants: { 'c/t': { users: [userRow({ id: 'u' })], protection: [] } },
  },
  endpoint: { allowedOrigins: ['https://portal.example.com'] },
  intercept: ({ path }) => (path.includes('/um/') ? { status: 403, body: '' } : undefined),
  maxRetries: 0,
});

const connect = (options: Partial<ClientOptions> = {}) =>
  new Client({ url: `${gateway.url}/graphql`, exchanges: [cacheExchange, fetchExchange], ...options });

/** What a browser adds to the requests of a page. */
const pageOf = (site: string, origin?: string) => ({
  fetchOptions: {
    headers: {
      'user-agent': 'Mozilla/5.0',
      'sec-fetch-site': site,
      ...(origin === undefined ? {} : { origin }),
    },
  },
});

const customers = gql('{ customers { nodes { organization } } }');

describe('urql', () => {
  test('asks by GET on a page of the same origin', async () => {
    const { data, error } = await connect(pageOf('same-origin')).query<unknown>(customers, {});
    expect(error).toBeUndefined();
    expect(data).toMatchObject({ customers: { nodes: [{ organization: 'C' }] } });
  });

  test('asks by GET on a page of an origin that is named, and of no other', async () => {
    const named = pageOf('cross-site', 'https://portal.example.com');
    expect((await connect(named).query(customers, {})).error).toBeUndefined();
    const other = pageOf('cross-site', 'https://evil.example.com');
    const { error } = await connect(other).query(customers, {});
    expect(error?.graphQLErrors[0]?.extensions['code']).toBe('BAD_REQUEST');
  });

  test('has what could be read, and the code of what could not', async () => {
    const asked = gql('{ customers { nodes { organization tenants { users { totalCount } } } } }');
    const { data, error } = await connect().query<unknown>(asked, {});
    expect(data).toMatchObject({ customers: { nodes: [{ organization: 'C', tenants: [{ users: null }] }] } });
    expect(error?.graphQLErrors.map(({ extensions }) => extensions['code'])).toEqual(['UPSTREAM_FORBIDDEN']);
  });

  test('reads a report to its totals', async () => {
    const report = gql('subscription { protectionReport { totals { userCount isComplete } } }');
    const events: unknown[] = [];
    await new Promise<void>((resolve) => {
      connect({ fetchSubscriptions: true })
        .subscription(report, {})
        .subscribe(({ data, error, hasNext }) => {
          expect(error).toBeUndefined();
          events.push(data);
          if (!hasNext || JSON.stringify(data).includes('isComplete')) resolve();
        });
    });
    expect(events.at(-1)).toEqual({
      protectionReport: expect.objectContaining({ totals: expect.objectContaining({ isComplete: false }) }),
    });
  });
});
