/** Apollo Client 4 with its HttpLink alone, in its default settings: queries, subscriptions and refusals. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { GatewayUnderTest, GatewayUnderTestOptions } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { hashKey } from '../../src/callers/api-keys.ts';
import { until } from '../until.ts';
import { customerRow, userRow, type WorldData } from '../world-of.ts';

const world: WorldData = {
  customers: Array.from({ length: 3 }, (_, index) =>
    customerRow({
      id: `c${index}`,
      organization: `Organization ${index}`,
      tenants: [{ id: 't', name: 'T' }],
    }),
  ),
  directory: [],
  tenants: Object.fromEntries(
    Array.from({ length: 3 }, (_, index) => [
      `c${index}/t`,
      { users: [userRow({ id: `u${index}` })], protection: [] },
    ]),
  ),
};

const folder = mkdtempSync(join(tmpdir(), 'apollo-client-'));
const keysFile = join(folder, 'keys.json');
writeFileSync(
  keysFile,
  JSON.stringify({ keys: [{ name: 'some', sha256: hashKey('some'), customers: 'all' }] }),
);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let gateway: GatewayUnderTest;
const startGateway = useGateways({ world });

async function start(options: Partial<GatewayUnderTestOptions> = {}) {
  gateway = await startGateway(options);
}

const connect = (path = '/graphql') =>
  new ApolloClient({ link: new HttpLink({ uri: `${gateway.url}${path}` }), cache: new InMemoryCache() });

const report = gql`
  subscription {
    protectionReport {
      tenant {
        tenantId
      }
      totals {
        userCount
      }
    }
  }
`;

interface Report {
  readonly protectionReport: {
    readonly tenant: { readonly tenantId: string } | null;
    readonly totals: { readonly userCount: number } | null;
  };
}

describe('a subscription', () => {
  test('comes part by part, to its totals', async () => {
    await start();
    const events: Report['protectionReport'][] = [];
    await new Promise<void>((resolve, reject) => {
      connect()
        .subscribe<Report>({ query: report })
        .subscribe({
          next: ({ data, error }) => {
            if (error !== undefined) reject(new Error('An event is an error.', { cause: error }));
            if (data !== undefined) events.push(data.protectionReport);
          },
          complete: resolve,
          error: reject,
        });
    });
    expect(events.filter(({ tenant }) => tenant !== null)).toHaveLength(3);
    expect(events.at(-1)?.totals?.userCount).toBe(3);
  });

  test('ends when it is left', async () => {
    let calls = 0;
    await start({
      intercept: ({ path }) => {
        calls += 1;
        return path.includes('/um/') ? 'hang' : undefined;
      },
    });
    const subscription = connect()
      .subscribe<Report>({ query: report })
      .subscribe({ next: () => undefined, error: () => undefined });
    await until(() => calls > 0);
    subscription.unsubscribe();
    await until(() => gateway.audit.length === 1);
    expect(gateway.audit).toMatchObject([{ outcome: 'client_closed' }]);
  });

  test('says why it was refused, or ended', async () => {
    await start();
    const refused = connect().subscribe({ query: gql('subscription { protectionReport { nothing } }') });
    const error = await new Promise((resolve) => refused.subscribe({ next: resolve, error: resolve }));
    expect(codesOf(error)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });
});

/** Codes in what a client was given: a result with an error, or an error. */
function codesOf(given: unknown): unknown[] {
  const error = (given as { readonly error?: unknown }).error ?? given;
  if (!CombinedGraphQLErrors.is(error)) throw new Error('There are no GraphQL errors.', { cause: error });
  return error.errors.map(({ extensions }) => extensions?.['code']);
}

describe('the code of a refusal is read', () => {
  const codeOf = async (query: string, path?: string) => {
    const given: unknown = await connect(path)
      .query({ query: gql(query), fetchPolicy: 'no-cache' })
      .catch((error: unknown) => error);
    return codesOf(given);
  };

  test.each([
    ['UNAUTHENTICATED', { callers: { kind: 'known', keysFile, tokens: null } }],
    ['RATE_LIMITED', { callers: { kind: 'open', requestsPerMinute: 1 } }],
  ] as const)('%s', async (code, options) => {
    await start(options);
    for (let request = 0; code === 'RATE_LIMITED' && request < 2; request++) await codeOf('{ a }');
    expect(await codeOf('{ __typename }')).toEqual([code]);
  });

  test('of wrong operations', async () => {
    await start();
    expect(await codeOf('{ nothing }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(await codeOf('{ customers(first: 5000) { totalCount } }')).toEqual(['BAD_USER_INPUT']);
    expect(await codeOf('{ __typename }', '/elsewhere')).toEqual(['NOT_FOUND']);
  });
});
