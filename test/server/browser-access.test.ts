/** What the gateway shows of itself, and the headers it sends to browsers. */
import { describe, expect, test } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';

const world = { customers: [], directory: [], tenants: {} };
let gateway: GatewayUnderTest;
const start = useGateways({ world });

const post = (query: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });

describe('a browser', () => {
  test.each(['/graphql', '/health/live', '/nothing'])('gets the security headers of %s', async (path) => {
    gateway = await start();
    const { headers } = await fetch(gateway.url + path, { headers: { accept: 'text/html' } });
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  test('may ask from the sites that are named, and from no others', async () => {
    gateway = await start({
      endpoint: { allowedOrigins: ['https://portal.example.com'] },
    });
    const preflight = (origin: string) =>
      fetch(`${gateway.url}/graphql`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type',
        },
      });
    const allowed = await preflight('https://portal.example.com');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://portal.example.com');
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
    const answer = await post('{ __typename }', { origin: 'https://portal.example.com' });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://portal.example.com');
    for (const origin of ['https://evil.example.com', 'https://portal.example.com.evil.com', 'null']) {
      const refused = await preflight(origin);
      expect(refused.headers.get('access-control-allow-origin')).not.toBe(origin);
      expect((await post('{ __typename }', { origin })).headers.get('access-control-allow-origin')).not.toBe(
        origin,
      );
    }
  });

  test.each([
    ['https://portal.example.com', 200],
    ['https://evil.example.com', 400],
    ['https://portal.example.com.evil.com', 400],
    ['null', 400],
    [null, 400],
  ])(
    'may send a GET without a preflight request from a site that is named: %s %i',
    async (origin, status) => {
      gateway = await start({
        endpoint: { allowedOrigins: ['https://portal.example.com'] },
      });
      // By plain HTTP, browsers do not say how a page's site relates to the gateway's.
      for (const site of [{ 'sec-fetch-site': 'cross-site' }, {}]) {
        const response = await fetch(`${gateway.url}/graphql?query=%7B__typename%7D`, {
          headers: { 'user-agent': 'Mozilla/5.0', ...site, ...(origin === null ? {} : { origin }) },
        });
        expect(response.status).toBe(status);
        expect(response.headers.get('vary')?.toLowerCase()).toContain('origin');
      }
    },
  );

  test('gets the methods in answer to a preflight', async () => {
    gateway = await start();
    const { status, headers } = await fetch(`${gateway.url}/graphql`, { method: 'OPTIONS' });
    expect([status, headers.get('allow')]).toEqual([204, 'GET, HEAD, POST']);
    expect(gateway.reported).toEqual([]);
  });

  test("does not execute another site's request without a preflight", async () => {
    gateway = await start();
    const form = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: '{"query":"{ __typename }"}',
    });
    expect(form.status).toBeGreaterThanOrEqual(400);
    // As a browser identifies itself.
    const link = await fetch(`${gateway.url}/graphql?query=%7B__typename%7D`, {
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    });
    expect(link.status).toBe(400);
  });
});

describe('the explorer', () => {
  const page = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(gateway.url + path, { headers: { accept: 'text/html,*/*;q=0.8', ...headers }, redirect: 'manual' });

  test('is what a link to an operation opens in a browser, and nothing is executed', async () => {
    gateway = await start();
    for (const headers of [{}, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }]) {
      const response = await page('/graphql?query={__typename}', headers);
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        'text/html; charset=utf-8',
      ]);
      expect(response.headers.get('vary')).toContain('accept');
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(await response.text()).toContain('id="explorer"');
    }
    expect(gateway.audit).toEqual([]);
    const program = await fetch(`${gateway.url}/graphql?query={__typename}`);
    expect(await program.json()).toEqual({ data: { __typename: 'Query' } });
  });

  test('has URLs that are relative, for proxies that put a prefix before them', async () => {
    gateway = await start();
    const locations = await Promise.all(
      ['/', '/graphql/?query={a}'].map(async (path) => (await page(path)).headers.get('location')),
    );
    expect(locations).toEqual(['graphql', '../graphql?query={a}']);
    expect(await (await page('/graphql')).text()).not.toMatch(/(src|href)="\//);
  });

  test('has assets that are compressed as the client accepts, and cached for good', async () => {
    gateway = await start();
    const [path = ''] = /graphiql\/assets\/index[^"]*\.js/.exec(await (await page('/graphql')).text()) ?? [];
    const plain = await page(`/${path}`, { 'accept-encoding': 'identity' });
    const size = (await plain.text()).length;
    expect(plain.headers.get('content-encoding')).toBeNull();
    for (const [accepted, encoding] of [
      ['gzip, deflate, br, zstd', 'br'],
      ['gzip, deflate', 'gzip'],
    ] as const) {
      const { headers, status, body } = await page(`/${path}`, { 'accept-encoding': accepted });
      // The gateway would wait for its reader when it stops.
      await body?.cancel();
      expect([status, headers.get('content-encoding'), headers.get('vary')]).toEqual([
        200,
        encoding,
        'accept-encoding',
      ]);
      expect(headers.get('content-type')).toMatch(/javascript/);
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(Number(headers.get('content-length'))).toBeLessThan(size / 2.5);
    }
  });
});

test('without introspection, neither the schema nor suggestions of names are returned', async () => {
  gateway = await start({ endpoint: { hasIntrospection: false } });
  for (const headers of [{}, { accept: 'text/event-stream' }] as Record<string, string>[]) {
    const text = await (await post(getIntrospectionQuery(), headers)).text();
    expect(text).toContain('GRAPHQL_VALIDATION_FAILED');
    expect(text).not.toContain('ProtectionStatus');
  }
  for (const accept of ['application/json', 'text/event-stream']) {
    const answer = await post('{ custmers { totalCount } }', { accept });
    const text = await answer.text();
    expect(text).toContain('custmers');
    expect(text).not.toContain('customers');
  }
  expect((await post('{ __typename }')).status).toBe(200);
});

test('the explorer is not served if it is off', async () => {
  gateway = await start({ endpoint: { hasExplorer: false } });
  const page = await fetch(`${gateway.url}/graphql`, { headers: { accept: 'text/html' } });
  expect(page.status).toBeGreaterThanOrEqual(400);
  expect(await page.text()).not.toContain('explorer');
});
