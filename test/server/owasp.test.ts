/**
 * The GraphQL Cheat Sheet of OWASP, item by item in its order, over HTTP. What an item is about is often shown more fully
 * elsewhere (docs/security.md says where); here is that none was forgotten.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { hashKey } from '../../src/callers/api-keys.ts';
import type { GatewayUnderTest, GatewayUnderTestOptions, GraphQLAnswer } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'owasp-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const users = Array.from({ length: 230 }, (_, index) =>
  userRow({ id: `u${index}`, mail: `u${index}@example.com` }),
);
const tenant = { users, protection: users.map(({ mail }) => protectionRow(mail)) };
const world: WorldData = {
  customers: ['mine', 'other'].map((id) => customerRow({ id, tenants: [{ id: 't', name: 'T' }] })),
  directory: [],
  tenants: { 'mine/t': tenant, 'other/t': tenant },
};

let gateway: GatewayUnderTest;
async function start(options: Partial<GatewayUnderTestOptions> = {}): Promise<void> {
  const keysFile = join(folder, 'keys.json');
  const keys = [
    { name: 'mine', sha256: hashKey('mine'), customers: ['mine'] },
    { name: 'few', sha256: hashKey('few'), customers: 'all', requestsPerMinute: 5 },
  ];
  writeFileSync(keysFile, JSON.stringify({ keys }));
  gateway = await startGateway({
    callers: { kind: 'known', keysFile, tokens: null },
    endpoint: { hasIntrospection: false, hasExplorer: false },
    ...options,
  });
}
beforeEach(() => start());
afterEach(() => {
  jest.restoreAllMocks();
});
const startGateway = useGateways({ world });

interface Answered extends GraphQLAnswer<Record<string, unknown>> {
  readonly status: number;
  readonly text: string;
}

async function send(body: unknown, headers: Record<string, string> = {}): Promise<Answered> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'mine', ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, ...(JSON.parse(text) as GraphQLAnswer<Record<string, unknown>>) };
}

const codesOf = ({ errors = [] }: Answered) => errors.map(({ extensions }) => extensions['code']);
const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

describe('input validation', () => {
  test.each([
    ['a type that does not fit', '{ customers(first: "ten") { totalCount } }'],
    ['a name that an enum does not have', '{ customers(orderBy: SHOE_SIZE_ASC) { totalCount } }'],
    ['a field that an input does not have', '{ customers(filter: { admin: true }) { totalCount } }'],
    ['nothing where something must be', '{ customer(customerId: null) { organization } }'],
  ])('refuses %s, before anything is called', async (_what, query) => {
    const answer = await send({ query });
    expect([answer.status, codesOf(answer)]).toEqual([200, ['GRAPHQL_VALIDATION_FAILED']]);
    expect(gateway.calls).toEqual([]);
  });

  test.each([
    ['a window of no size', '{ customers(first: -1) { totalCount } }'],
    ['a window that is too large', '{ customers(first: 5000) { totalCount } }'],
    ['a cursor that is none', '{ customers(first: 1, after: "x") { totalCount } }'],
  ])('refuses %s by its name', async (_what, query) => {
    expect(codesOf(await send({ query }))).toContain('BAD_USER_INPUT');
    expect(gateway.calls).toEqual([]);
  });
});

describe('injection prevention', () => {
  const query =
    'query ($id: ID!) { customer(customerId: $id) { organization } tenant(customerId: "mine", tenantId: $id) { users { totalCount } } }';

  test.each([
    '../../../../connect/token',
    '..%2f..%2f',
    'mine/tenants/t',
    'mine?x=1#y',
    'mine\r\nHost: evil.example.com',
    'http://169.254.169.254/',
    'mine\u0000',
    '\ud800',
  ])('refuses the id %j, before anything is called', async (id) => {
    const answer = await send({ query, variables: { id } });
    expect([answer.status, codesOf(answer)]).toEqual([200, ['BAD_USER_INPUT', 'BAD_USER_INPUT']]);
    expect(gateway.calls).toEqual([]);
    expect(gateway.reported).toEqual([]);
  });

  test.each(["' OR 1=1 --", '$(id)', '{"$gt": ""}', '\u202emine'])(
    'takes the id %j for an id, in one segment of a path',
    async (id) => {
      const headers = { 'x-api-key': 'few' };
      for (const answer of [
        await send({ query, variables: { id } }),
        await send({ query, variables: { id } }, headers),
      ]) {
        expect([answer.status, answer.data]).toEqual([200, { customer: null, tenant: null }]);
      }
      // As ids of unknown rows are written.
      const segment = encodeURIComponent(id.toLowerCase()).replace(
        /['()]/g,
        (sign) => `%${sign.charCodeAt(0).toString(16)}`,
      );
      const routes = [
        '/partner/external/v3/general/customers/batch',
        `/partner/external/v3/um/customers/mine/tenants/${segment}/users/batch`,
      ];
      expect(gateway.calls.filter(({ path }) => !routes.includes(path))).toEqual([]);
      expect(gateway.reported).toEqual([]);
    },
  );
});

describe('denial of service', () => {
  test('depth is limited', async () => {
    const query = `{ ${'tenant(customerId: "mine", tenantId: "t") { customer { tenants { '.repeat(8)} name ${'} } }'.repeat(8)} }`;
    expect(codesOf(await send({ query }))).toEqual(['LIMIT_EXCEEDED']);
  });

  test('amounts are limited, whatever they are multiplied by', async () => {
    const query =
      '{ customers(first: 1000) { nodes { tenants { users(first: 1000) { nodes { tenant { users(first: 1000) { nodes { userId } } } } } } } } }';
    expect(codesOf(await send({ query }))).toEqual(['LIMIT_EXCEEDED']);
    expect(gateway.calls).toEqual([]);
  });

  test('lists come in pages, even if the query asks for none', async () => {
    const { data } = await send({
      query: '{ tenant(customerId: "mine", tenantId: "t") { users { nodes { userId } } } }',
    });
    const { users: page } = data?.['tenant'] as { users: { nodes: unknown[] } };
    expect(page.nodes).toHaveLength(50);
  });

  test('an operation has a time, and then answers with what it has', async () => {
    await gateway.stop();
    await start({ operationTimeoutMs: 300, latencyMs: 600_000 });
    expect(codesOf(await send({ query: '{ customers { totalCount } }' }))).toEqual(['DEADLINE_EXCEEDED']);
  });

  test('the cost of an operation is estimated, and returned to callers that ask for it', async () => {
    const answer = await send(
      { query: '{ tenant(customerId: "mine", tenantId: "t") { users(first: 7) { nodes { userId } } } }' },
      { 'x-explain': 'true' },
    );
    expect(JSON.parse(answer.text)).toMatchObject({ extensions: { cost: { rows: 8, calls: 2 } } });
  });

  test('a caller has a rate limit', async () => {
    // Nothing of what it may ask comes back meanwhile.
    jest.spyOn(Date, 'now').mockReturnValue(Date.now());
    const few = () => send({ query: '{ __typename }' }, { 'x-api-key': 'few' });
    const statuses: number[] = [];
    for (let round = 0; round < 7; round++) statuses.push((await few()).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
  });

  test('rows of a list are looked up together, and once', async () => {
    const query =
      '{ tenant(customerId: "mine", tenantId: "t") { users(first: 200) { nodes { protection { email } } } } }';
    await send({ query });
    const { length } = gateway.calls;
    expect(length).toBeLessThanOrEqual(6);
    await send({ query });
    expect(gateway.calls).toHaveLength(length);
  });

  test('one request has so many bytes and no more', async () => {
    expect((await send({ query: `{ __typename } #${'x'.repeat(2_000_000)}` })).status).toBe(413);
  });
});

describe('access control', () => {
  const idOf = (...parts: string[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');

  test('unknown callers get nothing', async () => {
    for (const key of ['', 'minee', hashKey('mine')]) {
      const answer = await send({ query: '{ customers { totalCount } }' }, { 'x-api-key': key });
      expect([answer.status, answer.data]).toEqual([401, undefined]);
    }
    expect(gateway.calls).toEqual([]);
  });

  test.each([
    ['by its id', '{ found: customer(customerId: "other") { organization } }'],
    ['by an id below it', '{ found: tenant(customerId: "other", tenantId: "t") { name } }'],
    ['by a user', '{ found: user(customerId: "other", tenantId: "t", userId: "u1") { mail } }'],
    ['by ids of many', '{ found: customers(customerIds: ["other"]) { nodes { organization } } }'],
    ['by an interface', `{ found: node(id: "${idOf('Customer', 'other')}") { id } }`],
  ])('another customer’s data is absent, asked for %s', async (_how, query) => {
    const { data } = await send({ query });
    const { found } = (data ?? {}) as { found?: { nodes?: unknown[] } | null };
    expect(found?.nodes ?? found ?? null).toEqual(found?.nodes === undefined ? null : []);
    expect(gateway.calls.filter(({ body, path }) => `${path}${body}`.includes('other'))).toEqual([]);
  });

  test('nor in lists, by edges, nodes or numbers', async () => {
    const { data } = await send({
      query:
        '{ customers { totalCount nodes { customerId } edges { node { customerId } } } protectionSummary { userCount } }',
    });
    expect(data).toEqual({
      customers: {
        totalCount: 1,
        nodes: [{ customerId: 'mine' }],
        edges: [{ node: { customerId: 'mine' } }],
      },
      protectionSummary: { userCount: 230 },
    });
  });

  test('nothing can be changed', async () => {
    const answer = await send({ query: 'mutation { deleteCustomer(id: "mine") { id } }' });
    expect([answer.status, answer.data]).toEqual([400, undefined]);
  });
});

describe('batching attacks', () => {
  test('requests are not taken by the dozen', async () => {
    const answer = await send(Array.from({ length: 12 }, () => ({ query: '{ __typename }' })));
    expect(answer.status).toBe(400);
  });

  test('aliases are counted', async () => {
    const query = `{ ${times(400, (index) => `a${index}: user(customerId: "mine", tenantId: "t", userId: "u${index}") { mail }`)} }`;
    expect(codesOf(await send({ query }))).toEqual(['LIMIT_EXCEEDED']);
    expect(gateway.calls).toEqual([]);
  });

  test("one request can't try several keys", async () => {
    const answer = await send({ query: '{ __typename }' }, { 'x-api-key': 'guess-1, guess-2, mine' });
    expect(answer.status).toBe(401);
  });
});

describe('secure configuration', () => {
  test('the schema is not returned if introspection is off', async () => {
    for (const query of ['{ __schema { types { name } } }', '{ __type(name: "Customer") { name } }']) {
      const answer = await send({ query });
      expect([codesOf(answer), answer.data]).toEqual([['GRAPHQL_VALIDATION_FAILED'], undefined]);
    }
  });

  test('nor by suggestions', async () => {
    const answer = await send({ query: '{ customrs { totalCount } }' });
    expect(answer.text).not.toContain('customers');
    expect(answer.text).not.toContain('Did you mean');
  });

  test('nor is there an explorer', async () => {
    const response = await fetch(`${gateway.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(await response.text()).not.toContain('<html');
  });

  test('an error has no stack, and nothing of the upstream’s own', async () => {
    await gateway.stop();
    await start({
      intercept: ({ path }) =>
        path === '/connect/token' ? undefined : { status: 500, body: 'at secret.js:1 <b>password</b>' },
    });
    const { host } = new URL(gateway.simulator.credentials.apiUrl);
    const answer = await send({ query: '{ customers { totalCount } }' });
    expect(codesOf(answer)).toEqual(['UPSTREAM_UNAVAILABLE']);
    for (const secret of ['secret.js', 'password', host, 'stack', '.ts:', '.js:', 'node_modules']) {
      expect(answer.text).not.toContain(secret);
    }
  });

  test('a browser gets security headers', async () => {
    const { headers } = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': 'mine',
        origin: 'https://evil.example.com',
      },
      body: '{"query":"{ __typename }"}',
    });
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('a form of another site is refused', async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', 'x-api-key': 'mine' },
      body: '{"query":"{ __typename }"}',
    });
    expect([400, 415]).toContain(response.status);
  });
});
