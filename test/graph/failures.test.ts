import { describe, expect, test } from '@jest/globals';
import { useGateways } from '../use-gateway.ts';
import type { SimulatorAnswer } from '../../src/simulator/exchange.ts';
import { DashboardDocument } from '../generated/operations.ts';
import { until } from '../until.ts';
import { customerRow, protectionRow, userRow, worldOfTenant, type WorldData } from '../world-of.ts';

const start = useGateways();

const tenantOf = (name: string) => ({
  users: [userRow({ id: `${name}-1` }), userRow({ id: `${name}-2` })],
  protection: [protectionRow(`${name}-1@example.com`)],
});
const twoTenants: WorldData = {
  customers: [
    customerRow({
      id: 'c',
      tenants: [
        { id: 'good', name: 'Good' },
        { id: 'bad', name: 'Bad' },
      ],
    }),
  ],
  directory: [],
  tenants: { 'c/good': tenantOf('good'), 'c/bad': tenantOf('bad') },
};
const secretBody = '{"error":{"code":"x","message":"secret-of-the-upstream"}}';

describe('a failing call', () => {
  test('costs its own field and nothing else, with one error', async () => {
    const { query } = await start({
      world: twoTenants,
      intercept: ({ path }) =>
        path.includes('/um/') && path.includes('bad')
          ? { status: 500, headers: { 'request-id': 'req-7' }, body: secretBody }
          : undefined,
    });
    const answer = await query(DashboardDocument, {});
    const tenants = answer.data?.customers?.nodes[0]?.tenants;
    expect(tenants?.[0]?.users?.nodes.map(({ protection }) => protection?.email ?? null)).toEqual([
      'good-1@example.com',
      null,
    ]);
    expect(tenants?.[1]).toMatchObject({ name: 'Bad', users: null });
    expect(answer.errors).toEqual([
      {
        message: expect.any(String),
        locations: expect.any(Array),
        path: ['customers', 'nodes', 0, 'tenants', 1, 'users'],
        extensions: {
          code: 'UPSTREAM_UNAVAILABLE',
          retryable: true,
          endpoint: 'POST /partner/external/v3/um/customers/{customerId}/tenants/{tenantId}/users/batch',
          status: 500,
          requestId: 'req-7',
        },
      },
    ]);
    expect(JSON.stringify(answer)).not.toContain('secret-of-the-upstream');
  });

  test('that costs many fields is one error with all their paths', async () => {
    const { query } = await start({
      world: twoTenants,
      intercept: ({ path }) =>
        path.includes('cloud-backup') && path.includes('bad') ? { status: 403, body: secretBody } : undefined,
    });
    const answer = await query(DashboardDocument, {});
    expect(answer.data?.customers?.nodes[0]?.tenants[1]?.users?.nodes).toHaveLength(2);
    expect(answer.errors).toHaveLength(1);
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: 'UPSTREAM_FORBIDDEN',
      permission: 'elements.cbprotected.read.all',
      paths: [0, 1].map((user) => [
        'customers',
        'nodes',
        0,
        'tenants',
        1,
        'users',
        'nodes',
        user,
        'protection',
      ]),
    });
  });

  test.each([
    ['HTML', '<html>no</html>', 'body'],
    ['torn JSON', '{"data": [', 'body'],
    ['an empty body', '', 'body'],
    ['no data', '{"metadata": {}}', 'data'],
    ['a row that is none', '{"data": [7]}', 'data[0]'],
    ['a row without an id', '{"data": [{"organization": "x"}]}', 'data[0].id'],
    ['an id of blanks', '{"data": [{"id": "c"}, {"id": " "}]}', 'data[1].id'],
    ['an id that is an object', '{"data": [{"id": {"value": 7}}]}', 'data[0].id'],
  ])('%s is an error that names the field', async (_what, body, field) => {
    const { queryText } = await start({
      world: twoTenants,
      intercept: ({ path }) => (path.includes('customers/batch') ? { status: 200, body } : undefined),
    });
    const { data, errors } = await queryText('{ customers { nodes { customerId } } }');
    expect(data).toEqual({ customers: null });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'UPSTREAM_INVALID_RESPONSE',
      field,
      endpoint: 'POST /partner/external/v3/general/customers/batch',
    });
  });

  test.each([
    [401, 'UPSTREAM_UNAUTHENTICATED'],
    [403, 'UPSTREAM_FORBIDDEN'],
    [404, 'UPSTREAM_NOT_FOUND'],
    [400, 'UPSTREAM_REFUSED'],
    [429, 'UPSTREAM_RATE_LIMITED'],
    [503, 'UPSTREAM_UNAVAILABLE'],
    [504, 'UPSTREAM_TIMEOUT'],
    [302, 'UPSTREAM_REFUSED'],
  ])('with status %i is %s', async (status, code) => {
    const { queryText } = await start({
      world: twoTenants,
      intercept: ({ path }) => (path.includes('customers') ? { status, body: secretBody } : undefined),
    });
    const { errors } = await queryText('{ customers { totalCount } }');
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual([code]);
  });

  test('of a tenant that the upstream does not know is no user, for ids that the caller brought', async () => {
    const { queryText } = await start({ world: twoTenants });
    const answer = await queryText(
      '{ user(customerId: "c", tenantId: "unknown", userId: "u") { displayName } }',
    );
    expect(answer).toEqual({ data: { user: null } });
  });
});

describe('a metadata-less deployment in Pascal case', () => {
  test('is understood', async () => {
    const { queryText } = await start({
      world: worldOfTenant({ users: [userRow({ id: 'u', status: 3 })], protection: [] }),
      intercept: ({ path }) =>
        path.includes('cloud-backup')
          ? {
              status: 200,
              body: '{"data": [{"email": "U@example.com", "moduleStatus": [{"Module": 2, "IsProtected": true}]}]}',
            }
          : undefined,
    });
    const { data, errors } = await queryText(
      '{ user(customerId: "c", tenantId: "t", userId: "u") { statusCodes protection { modules { module isProtected } } } }',
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      user: { statusCodes: [3], protection: { modules: [{ module: 'ONEDRIVE', isProtected: true }] } },
    });
  });
});

describe('with retries', () => {
  const query = '{ customers { totalCount nodes { customerId } } }';
  const spoiled: [string, SimulatorAnswer][] = [
    ['a 500', { status: 500, body: secretBody }],
    ['a 503 that asks to wait', { status: 503, headers: { 'retry-after': '0' }, body: '' }],
    ['a 429', { status: 429, body: '' }],
    ['torn JSON', { status: 200, body: '{"data": [{"id": ' }],
    ['a proxy’s page', { status: 200, body: '<html></html>' }],
    ['nothing at all', { status: 200, body: '' }],
  ];

  test.each(spoiled)('%s is not seen by the caller', async (_what, answer) => {
    let calls = 0;
    const { queryText } = await start({
      world: twoTenants,
      maxRetries: 3,
      intercept: ({ path }) => {
        if (path === '/connect/token') return undefined;
        calls += 1;
        return calls === 1 ? answer : undefined;
      },
    });
    const { data, errors, extensions } = await queryText(query, {}, { headers: { 'x-explain': 'true' } });
    expect(errors).toBeUndefined();
    expect(data).toEqual({ customers: { totalCount: 1, nodes: [{ customerId: 'c' }] } });
    expect(extensions?.upstream).toMatchObject({ calls: 2, requests: [{ attempts: 2 }] });
  });

  test('a wait that exceeds the operation’s deadline is reported at once, in seconds', async () => {
    const { queryText, calls } = await start({
      world: twoTenants,
      maxRetries: 3,
      operationTimeoutMs: 50_000,
      intercept: ({ path }) =>
        path === '/connect/token' ? undefined : { status: 429, headers: { 'retry-after': '60' }, body: '' },
    });
    const { errors } = await queryText(query);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', retryAfter: 60 });
    expect(calls).toHaveLength(1);
  });

  test('they count against what an operation may call', async () => {
    const { queryText, calls } = await start({
      world: twoTenants,
      maxRetries: 3,
      maxUpstreamCalls: 2,
      intercept: ({ path }) => (path === '/connect/token' ? undefined : { status: 503, body: '' }),
    });
    const { errors } = await queryText(query);
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['UPSTREAM_UNAVAILABLE']);
    expect(calls).toHaveLength(2);
  });
});

describe("a list of customers that can't be read", () => {
  const fields = 'name customer { organization } users { nodes { userId } }';
  const tenant = `tenant(customerId: "c", tenantId: "good") { ${fields} }`;

  test.each([
    [403, 'UPSTREAM_FORBIDDEN'],
    [500, 'UPSTREAM_UNAVAILABLE'],
  ])('costs the name of a tenant with rows, and not its lists: %d', async (status, code) => {
    const { queryText } = await start({
      world: twoTenants,
      intercept: ({ path }) => (path.includes('customers/batch') ? { status, body: secretBody } : undefined),
    });
    for (let time = 0; time < 2; time++) {
      const { data, errors } = await queryText(`{ ${tenant} }`);
      expect(data).toEqual({
        tenant: {
          name: null,
          customer: null,
          users: { nodes: [{ userId: 'good-1' }, { userId: 'good-2' }] },
        },
      });
      // One failure is one error, which has the paths of all fields that it costs.
      expect(errors).toEqual([
        expect.objectContaining({
          path: ['tenant', 'name'],
          extensions: expect.objectContaining({
            code,
            paths: [
              ['tenant', 'name'],
              ['tenant', 'customer'],
            ],
          }),
        }),
      ]);
    }
  });

  test('costs a tenant that no row proves', async () => {
    const { queryText } = await start({
      world: twoTenants,
      intercept: ({ path }) => (path.includes('customers/batch') ? { status: 403, body: '' } : undefined),
    });
    const { data, errors } = await queryText(
      '{ tenant(customerId: "c", tenantId: "none") { name users { nodes { userId } } } }',
    );
    expect(data).toEqual({ tenant: null });
    expect(errors).toHaveLength(1);
  });
});

test('in an outage, an endpoint is not called, and cached data is served at once', async () => {
  let isOut = false;
  const users = Array.from({ length: 40 }, (_, index) => userRow({ id: `u-${index}` }));
  const { queryText, calls } = await start({
    world: worldOfTenant({ users, protection: [] }),
    lifetime: { freshMs: 0, staleWhileRevalidateMs: 0 },
    intercept: () => (isOut ? { status: 503, body: secretBody } : undefined),
  });
  const one = (index: number) =>
    queryText(`{ user(customerId: "c", tenantId: "t", userId: "u-${index}") { userId } }`);
  await one(0);
  isOut = true;
  calls.length = 0;
  const since = performance.now();
  for (let index = 1; index < 40; index++) await one(index);
  // Ten calls open the breaker; afterwards three per second probe it.
  expect(calls.length).toBeLessThan(20 + (3 * (performance.now() - since)) / 1000);
  const known = await one(0);
  expect(known.data).toEqual({ user: { userId: 'u-0' } });
  expect(known.errors).toBeUndefined();
  expect(known.extensions?.outdated).toHaveLength(1);
  let retryAfter: unknown;
  await until(async () => {
    const { errors } = await one(1);
    expect(errors?.[0]?.extensions['code']).toBe('UPSTREAM_UNAVAILABLE');
    // An attempt that was made reveals nothing of it.
    retryAfter = errors?.[0]?.extensions['retryAfter'];
    return retryAfter !== undefined;
  });
  expect([1, 2, 3]).toContain(retryAfter);
});

test('an answer that is too long is refused, and says so', async () => {
  const { queryText } = await start({
    world: twoTenants,
    maxResponseBytes: 5000,
    intercept: ({ path }) =>
      path.includes('customers/batch') ? { status: 200, body: `{"data": [${' '.repeat(6000)}]}` } : undefined,
  });
  const { errors } = await queryText('{ customers { nodes { customerId } } }');
  expect(errors?.[0]?.message).toContain('AVEPOINT_MAX_RESPONSE_MEBIBYTES');
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_INVALID_RESPONSE', field: 'body' });
});

test('names that mean something to JavaScript are names like any other', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const users = names.map((id) => userRow({ id, mail: `${id}@example.com`, displayName: id }));
  const { queryText } = await start({
    world: {
      customers: [customerRow({ id: '__proto__', tenants: names.map((id) => ({ id, name: id })) })],
      directory: [],
      tenants: Object.fromEntries(
        names.map((id) => [
          `__proto__/${id}`,
          { users, protection: names.map((each) => protectionRow(`${each}@example.com`)) },
        ]),
      ),
    },
  });
  const tenants = `tenants { tenantId users { nodes { userId displayName protection { email user { userId } } } } }`;
  const expected = names.map((tenantId) => ({
    tenantId,
    users: {
      nodes: names.map((userId) => ({
        userId,
        displayName: userId,
        protection: { email: `${userId}@example.com`, user: { userId } },
      })),
    },
  }));
  const one = `customer(customerId: "__proto__") { customerId ${tenants} }`;
  const unknownUser = 'user(customerId: "__proto__", tenantId: "constructor", userId: "valueOf") { userId }';
  expect(await queryText(`{ __proto__: ${one} constructor: ${unknownUser} }`)).toEqual({
    data: Object.fromEntries([
      ['__proto__', { customerId: '__proto__', tenants: expected }],
      ['constructor', null],
    ]),
  });
});

test('what the upstream adds to its objects is not taken for anything else', async () => {
  const { queryText } = await start({
    world: twoTenants,
    intercept: ({ path }) =>
      path.includes('customers/batch')
        ? {
            status: 200,
            body: `{"__proto__": {"data": []}, "constructor": {"prototype": {"x": 1}}, "metadata": {"totalCount": 1},
              "data": [{"id": "c", "__proto__": {"organization": "polluted"}, "tenants": []}]}`,
          }
        : undefined,
  });
  expect(await queryText('{ customers { nodes { customerId organization } } }')).toEqual({
    data: { customers: { nodes: [{ customerId: 'c', organization: null }] } },
  });
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as { x?: unknown; organization?: unknown }).x).toBeUndefined();
});

describe('ids that are no segment of a path', () => {
  const refused = [
    '../x',
    '..',
    '.',
    '...',
    '.. ',
    '..;x',
    '',
    ' ',
    ';x',
    'a/../../b',
    '../../other/tenants/t',
    '%2F',
    '%2e%2e',
    'a?b=c',
    'a#b',
    'a\r\nHost: evil',
    'a\\b',
    'a\u0000',
    'a\u007f',
    'a\u0085',
    '\ud800',
    'ü/é',
    'a\uff0fb',
    '\u2025',
    'x'.repeat(201),
  ];
  const query = `query ($id: ID!) {
    a: user(customerId: $id, tenantId: "t", userId: "u") { userId }
    b: user(customerId: "c", tenantId: $id, userId: "u") { userId }
    c: user(customerId: "c", tenantId: "good", userId: $id) { userId }
    d: tenant(customerId: $id, tenantId: $id) { name }
  }`;

  test.each(refused)('%j is refused by the name of its argument, and nothing is called', async (id) => {
    const { queryText, calls } = await start({ world: twoTenants });
    const { data, errors } = await queryText(query, { id });
    expect(data).toEqual({ a: null, b: null, c: null, d: null });
    expect(
      errors?.map(({ message, path }) => `${path?.join('.') ?? ''} ${message.split(' ')[0] ?? ''}`),
    ).toEqual(['a customerId:', 'b tenantId:', 'c userId:', 'd customerId:']);
    for (const { message, extensions } of errors ?? []) {
      expect(extensions).toEqual({ code: 'BAD_USER_INPUT', retryable: false });
      expect(message.endsWith(`but got ${JSON.stringify(id.slice(0, 100))}.`)).toBe(true);
    }
    expect(calls).toEqual([]);
  });

  test('are refused in each tenant’s row, too, without a call', async () => {
    const { queryText, calls } = await start({
      world: {
        ...twoTenants,
        customers: [customerRow({ id: 'c', tenants: [{ id: '../../d/tenants/x', name: 'Odd' }] })],
      },
    });
    const { data, errors } = await queryText(
      '{ customers { nodes { tenants { tenantId users { totalCount } } } } }',
    );
    expect(data).toEqual({
      customers: { nodes: [{ tenants: [{ tenantId: '../../d/tenants/x', users: null }] }] },
    });
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['UPSTREAM_NOT_FOUND']);
    expect(calls.map(({ path }) => path)).toEqual(['/partner/external/v3/general/customers/batch']);
  });

  test.each(['{tenantId}', 'ü é', "' OR 1=1 --", 'a;b', '$(id)', '\u202ea', 'x'.repeat(200)])(
    '%j is an id like any other, and one segment',
    async (id) => {
      const { queryText, calls } = await start({ world: twoTenants });
      expect(await queryText(query, { id })).toEqual({ data: { a: null, b: null, c: null, d: null } });
      // Letter case does not distinguish ids, and no row shows how the upstream spells this one.
      const encoded = encodeURIComponent(id.toLowerCase()).replace(
        /['()]/g,
        (sign) => `%${sign.charCodeAt(0).toString(16)}`,
      );
      const allowed = [
        '/partner/external/v3/general/customers/batch',
        '/partner/external/v3/um/customers/c/tenants/good/users/batch',
        `/partner/external/v3/um/customers/${encoded}/tenants/t/users/batch`,
        `/partner/external/v3/um/customers/c/tenants/${encoded}/users/batch`,
      ];
      for (const { path } of calls) expect(allowed).toContain(path);
    },
  );
});

describe('bad arguments', () => {
  test.each([
    ['{ customers(first: 1001) { totalCount } }', /^first: expected a number from 0 to 1000, but got 1001/],
    ['{ customers(first: -1) { totalCount } }', /^first: expected .* got -1/],
    ['{ customers(last: 2000) { totalCount } }', /^last: expected .* got 2000/],
    ['{ customers(first: 1, last: 1) { totalCount } }', /^first, last: expected one of them/],
    [
      '{ customers(after: "nonsense") { totalCount } }',
      /^after: expected a cursor of this list, but got "nonsense"/,
    ],
    ['{ node(id: "nonsense") { id } }', /^id: expected a global id.*"nonsense"/],
    ['{ nodes(ids: ["nonsense"]) { id } }', /^id: expected a global id/],
  ])('%s is refused by the name of the argument', async (query, message) => {
    const { queryText, calls } = await start({ world: twoTenants });
    const { errors } = await queryText(query);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.message).toMatch(message);
    expect(errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
    expect(calls).toEqual([]);
  });

  test('a cursor of another list is refused', async () => {
    const { queryText } = await start({ world: twoTenants });
    const { data } = await queryText('{ customers { pageInfo { endCursor } } }');
    const cursor = (data?.['customers'] as { pageInfo: { endCursor: string } }).pageInfo.endCursor;
    const { errors } = await queryText(
      'query ($cursor: String) { tenant(customerId: "c", tenantId: "good") { users(after: $cursor) { totalCount } } }',
      { cursor },
    );
    expect(errors?.[0]?.message).toMatch(/^after: expected a cursor of this list/);
  });

  test('more than a thousand ids are refused', async () => {
    const { queryText } = await start({ world: twoTenants });
    const ids = Array.from({ length: 1001 }, (_, index) => `id-${index}`);
    const { errors } = await queryText(
      'query ($ids: [ID!]) { customers(customerIds: $ids) { totalCount } }',
      { ids },
    );
    expect(errors?.[0]?.message).toBe('customerIds: expected 1000 ids at most, but got 1001.');
  });
});
