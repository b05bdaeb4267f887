/** urql and Apollo Client, both with their defaults, on one page in Chromium, of another origin than the gateway's. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { describeWithBrowser, startBrowser } from '../browser.ts';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { startSite, type Site } from '../site.ts';
import { customerRow, userRow } from '../world-of.ts';
import { bundlePrograms, createProgram, type ClientProgram } from './client-pages.ts';

const program = `
import { ApolloClient, CombinedGraphQLErrors, gql as apolloGql, HttpLink, InMemoryCache } from '@apollo/client';
import { cacheExchange, Client, fetchExchange, gql } from '@urql/core';

const url = 'http://localhost:4000/graphql';
const urql = new Client({ url, exchanges: [cacheExchange, fetchExchange], fetchSubscriptions: true });
const apollo = new ApolloClient({ link: new HttpLink({ uri: url }), cache: new InMemoryCache() });

interface Answer {
  readonly data: unknown;
  readonly codes: readonly unknown[];
}

const clients: Record<string, { query: (text: string) => Promise<Answer>; report: (text: string) => Promise<Answer> }> = {
  urql: {
    query: async (text) => {
      const { data, error } = await urql.query(gql<unknown>(text), {});
      return { data: data ?? null, codes: error?.graphQLErrors.map(({ extensions }) => extensions['code']) ?? [] };
    },
    report: (text) =>
      new Promise((resolve) => {
        urql.subscription(gql<unknown>(text), {}).subscribe(({ data, error }) => {
          const codes = error?.graphQLErrors.map(({ extensions }) => extensions['code']) ?? [];
          if (error !== undefined || JSON.stringify(data).includes('"userCount"')) resolve({ data, codes });
        });
      }),
  },
  apollo: {
    query: async (text) => {
      const { data, error } = await apollo.query({ query: apolloGql(text), errorPolicy: 'all' });
      return { data: data ?? null, codes: codesOf(error) };
    },
    report: (text) =>
      new Promise((resolve) => {
        apollo.subscribe({ query: apolloGql(text) }).subscribe(({ data, error }) => {
          if (error !== undefined || JSON.stringify(data).includes('"userCount"'))
            resolve({ data, codes: codesOf(error) });
        });
      }),
  },
};

const codesOf = (error: unknown) =>
  CombinedGraphQLErrors.is(error)
    ? error.errors.map(({ extensions }) => extensions?.['code'])
    : error === undefined ? [] : [String(error)];

Object.assign(globalThis, { clients });
console.log('ready');
`;

interface Answer {
  readonly data: unknown;
  readonly codes: readonly unknown[];
}

const report = 'subscription { protectionReport { totals { userCount } } }';
/** Longer than the URLs that urql sends. */
const longQuery = `{ ${Array.from({ length: 60 }, (_, index) => `alias${index}: customers { totalCount }`).join(' ')} }`;

describeWithBrowser('on a page of another origin', () => {
  let bundled: ClientProgram;
  let browser: Browser;
  let site: Site;
  let gateway: GatewayUnderTest;
  let page: Page;
  let file: string;
  /** Methods of the requests that reached the gateway, preflight requests included. */
  let methods: string[];

  beforeAll(async () => {
    bundled = createProgram('fetch', program);
    bundlePrograms([bundled], 'browser');
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    bundled.remove();
  });
  beforeEach(async () => {
    methods = [];
    site = await startSite(() => file);
  });
  afterEach(async () => {
    await page.close();
    site.stop();
  });
  const start = useGateways();

  /** Opens the page, and returns what a client of it answers. */
  async function open(isAllowed: boolean) {
    const { origin } = site;
    gateway = await start({
      world: {
        customers: [customerRow({ id: 'c', organization: 'C', tenants: [{ id: 't', name: 'T' }] })],
        directory: [],
        tenants: { 'c/t': { users: [userRow({ id: 'u' })], protection: [] } },
      },
      endpoint: { allowedOrigins: [isAllowed ? origin : 'https://portal.example.com'] },
    });
    file = bundled.fileFor('browser', `${gateway.url}/graphql`);
    page = await browser.newPage();
    // With the DevTools protocol, since Playwright does not show preflight requests.
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    session.on('Network.requestWillBeSent', ({ request }) => {
      if (request.url.startsWith(gateway.url)) methods.push(request.method);
    });
    await page.goto(origin);
    const ready = page.waitForEvent('console');
    await page.addScriptTag({ type: 'module', url: '/page.js' });
    await ready;
    return (client: 'urql' | 'apollo', kind: 'query' | 'report', text: string): Promise<Answer> =>
      page.evaluate<Answer>(`clients.${client}.${kind}(${JSON.stringify(text)})`);
  }

  test('urql reads queries by GET and POST, codes of errors, and a report', async () => {
    const ask = await open(true);
    expect(await ask('urql', 'query', '{ customers { nodes { organization } } }')).toMatchObject({
      data: { customers: { nodes: [{ organization: 'C' }] } },
      codes: [],
    });
    expect(await ask('urql', 'query', '{ customers(first: 5000) { totalCount } }')).toMatchObject({
      codes: ['BAD_USER_INPUT'],
    });
    expect(await ask('urql', 'query', '{ nothing }')).toMatchObject({ codes: ['GRAPHQL_VALIDATION_FAILED'] });
    // A GET as urql sends it needs no preflight request.
    expect(methods).toEqual(['GET', 'GET', 'GET']);
    expect(await ask('urql', 'query', longQuery)).toMatchObject({
      data: { alias59: { totalCount: 1 } },
      codes: [],
    });
    expect(methods.slice(3).sort()).toEqual(['OPTIONS', 'POST']);
    expect(await ask('urql', 'report', report)).toMatchObject({
      data: { protectionReport: { totals: { userCount: 1 } } },
      codes: [],
    });
  });

  test('Apollo Client with HttpLink alone reads queries, codes of errors, and a report', async () => {
    const ask = await open(true);
    expect(await ask('apollo', 'query', '{ customers { nodes { organization } } }')).toMatchObject({
      data: { customers: { nodes: [{ organization: 'C' }] } },
      codes: [],
    });
    expect(await ask('apollo', 'query', '{ customers(first: 5000) { totalCount } }')).toMatchObject({
      codes: ['BAD_USER_INPUT'],
    });
    expect(await ask('apollo', 'query', '{ nothing }')).toMatchObject({
      codes: ['GRAPHQL_VALIDATION_FAILED'],
    });
    expect(await ask('apollo', 'report', report)).toMatchObject({
      data: { protectionReport: { totals: { userCount: 1 } } },
      codes: [],
    });
  });

  test('that is not named, neither reads anything', async () => {
    const ask = await open(false);
    for (const client of ['urql', 'apollo'] as const) {
      const { data } = await ask(client, 'query', '{ customers { nodes { organization } } }');
      expect(data).toBeNull();
    }
    expect(gateway.calls).toEqual([]);
  });
});
