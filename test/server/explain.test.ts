/** `extensions.upstream`, and calls shared by operations that come and go. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { ExplainingObserver } from '../../src/server/explain.ts';
import type { FieldPath } from '../../src/scope.ts';
import { until } from '../until.ts';
import { protectionRow, userRow, worldOfTenant } from '../world-of.ts';

let gateway: GatewayUnderTest | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});

const users = Array.from({ length: 120 }, (_, index) => userRow({ id: `u-${index}` }));
const world = worldOfTenant({ users, protection: [protectionRow('u-0@example.com')] });
const explained = { headers: { 'x-explain': 'true' } };
const one = `{ ada: user(customerId: "c", tenantId: "t", userId: "u-0") { userId protection { email } } }`;

describe('an explanation', () => {
  test('is given to whom asks for it, and to nobody else', async () => {
    gateway = await startGatewayUnderTest({ world });
    expect((await gateway.queryText(one)).extensions).toBeUndefined();
    expect((await gateway.queryText(one, {}, { headers: { 'x-explain': 'no' } })).extensions).toBeUndefined();
    expect((await gateway.queryText(one, {}, explained)).extensions?.upstream).toBeDefined();
  });

  test('names every call with what it asked for, what came, and the fields that needed it', async () => {
    gateway = await startGatewayUnderTest({ world, latencyMs: 5 });
    const { extensions } = await gateway.queryText(one, {}, explained);
    expect(extensions?.upstream).toEqual({
      calls: 2,
      roundTrips: 2,
      cacheHits: 0,
      sharedFlights: 0,
      staleAnswers: 0,
      requests: [
        {
          source: 'CALL',
          endpoint: 'POST /partner/external/v3/um/customers/{customerId}/tenants/{tenantId}/users/batch',
          path: '/partner/external/v3/um/customers/c/tenants/t/users/batch?pageIndex=1&pageSize=100',
          pageIndex: 1,
          pageSize: 100,
          keys: ['u-0'],
          startMs: expect.any(Number),
          durationMs: expect.any(Number),
          status: 200,
          bytes: expect.any(Number),
          attempts: 1,
          fields: ['ada'],
        },
        expect.objectContaining({
          source: 'CALL',
          keys: ['u-0@example.com', 'u-0@example.onmicrosoft.com'],
          fields: ['ada.protection'],
        }),
      ],
    });
    const [first, second] = extensions?.upstream?.requests ?? [];
    expect(first?.durationMs).toBeGreaterThanOrEqual(4);
    expect(first?.bytes).toBeGreaterThan(100);
    expect(second?.startMs).toBeGreaterThanOrEqual((first?.startMs ?? 0) + (first?.durationMs ?? 0) - 0.02);
  });

  test('tells what memory had', async () => {
    gateway = await startGatewayUnderTest({ world });
    await gateway.queryText(one);
    const { extensions } = await gateway.queryText(one, {}, explained);
    expect(extensions?.upstream).toMatchObject({ calls: 0, roundTrips: 0, cacheHits: 2 });
    expect(extensions?.upstream?.requests.map(({ source, keys }) => [source, keys])).toEqual([
      ['CACHE', ['id:u-0']],
      ['CACHE', ['email:u-0@example.com']],
    ]);
  });

  test('names the fields of a page once, and by their pattern where they are many', async () => {
    gateway = await startGatewayUnderTest({ world });
    const { extensions } = await gateway.queryText(
      '{ tenant(customerId: "c", tenantId: "t") { a: users(first: 5) { nodes { userId } } b: users(first: 7) { nodes { userId } } } }',
      {},
      explained,
    );
    expect(extensions?.upstream?.requests.map(({ fields }) => fields)).toEqual([['tenant.a', 'tenant.b']]);
    const ids = users.slice(0, 60).map(({ id }) => JSON.stringify(id));
    const many = await gateway.queryText(
      `{ tenant(customerId: "c", tenantId: "t") { users(userIds: [${ids.join()}]) { nodes { protection { email } } } } }`,
      {},
      explained,
    );
    const [call] = many.extensions?.upstream?.requests.filter(({ source }) => source === 'CALL') ?? [];
    expect(call?.fields).toEqual(['tenant.users.nodes.*.protection']);
  });

  test('shows what memory had of one list as one entry, and counts the rows', async () => {
    gateway = await startGatewayUnderTest({ world });
    const query = `{ tenant(customerId: "c", tenantId: "t") { users(first: 3) { nodes { protection { email } } } } }`;
    await gateway.queryText(query);
    const { extensions } = await gateway.queryText(query, {}, explained);
    expect(extensions?.upstream).toMatchObject({
      calls: 0,
      cacheHits: 4,
      requests: [
        { source: 'CACHE', pageIndex: 1, pageSize: 100, fields: ['tenant.users'] },
        { source: 'CACHE', fields: [0, 1, 2].map((index) => `tenant.users.nodes.${index}.protection`) },
      ],
    });
    expect(extensions?.upstream?.requests).toHaveLength(2);
  });

  test('tells of a call that failed', async () => {
    gateway = await startGatewayUnderTest({
      world,
      intercept: ({ path }) => (path.includes('/um/') ? { status: 503, body: '' } : undefined),
    });
    const { extensions } = await gateway.queryText(one, {}, explained);
    expect(extensions?.upstream?.requests).toMatchObject([{ source: 'CALL', status: 503, bytes: null }]);
  });

  test('counts round trips by who can have waited for whom', () => {
    const observer = new ExplainingObserver();
    const pathOf = (...keys: (string | number)[]) =>
      keys.reduce<FieldPath | undefined>((prev, key) => ({ prev, key }), undefined);
    const observe = (
      startedAt: number,
      endedAt: number,
      path: string,
      cause: FieldPath | undefined,
      source: 'call' | 'cache' = 'call',
    ) => {
      const causes = cause === undefined ? [] : [cause];
      observer.observe({
        source,
        endpoint: 'e',
        path,
        startedAt,
        endedAt,
        status: 200,
        bytes: 1,
        attempts: 1,
        causes,
        isPartlySeen: false,
      });
    };
    observe(0, 10, '/customers?pageIndex=1', pathOf('customers'));
    observe(10, 20, '/a/users?pageIndex=1', pathOf('customers', 'nodes', 0, 'users'));
    expect(observer.explain().roundTrips).toBe(2);
    // Another tenant's users wait for nobody but the customers, whenever they start.
    observe(21, 30, '/b/users?pageIndex=1', pathOf('customers', 'nodes', 1, 'users'));
    observe(31, 35, '/b/users?pageIndex=2', pathOf('customers', 'nodes', 1, 'users'), 'cache');
    expect(observer.explain().roundTrips).toBe(2);
    observe(30, 40, '/b/users?pageIndex=2', pathOf('customers', 'nodes', 1, 'users'));
    expect(observer.explain().roundTrips).toBe(3);
    observe(41, 50, '/b/rows', pathOf('customers', 'nodes', 1, 'users', 'nodes', 3, 'protection'));
    expect(observer.explain().roundTrips).toBe(4);
  });
});

describe('operations that need the same call at once', () => {
  test('share it, and say so', async () => {
    gateway = await startGatewayUnderTest({ world, latencyMs: 30 });
    const { queryText, calls } = gateway;
    const [leader, follower] = await Promise.all([
      queryText(one, {}, explained),
      queryText(one, {}, explained),
    ]);
    expect(follower.data).toEqual(leader.data);
    expect(calls).toHaveLength(2);
    const shared = [leader, follower].map(({ extensions }) => extensions?.upstream?.sharedFlights ?? 0);
    expect(shared.reduce((sum, count) => sum + count)).toBe(2);
  });

  test('take from a look-up in the air what they would look up themselves', async () => {
    gateway = await startGatewayUnderTest({ world, latencyMs: 40 });
    const { queryText, calls } = gateway;
    const many = queryText(
      '{ tenant(customerId: "c", tenantId: "t") { users(userIds: ["u-0", "u-1", "nobody"]) { nodes { userId } } } }',
    );
    await until(() => calls.length === 1);
    const few = await queryText(
      `{ a: user(customerId: "c", tenantId: "t", userId: "u-1") { userId }
         b: user(customerId: "c", tenantId: "t", userId: "nobody") { userId }
         c: user(customerId: "c", tenantId: "t", userId: "u-7") { userId } }`,
      {},
      explained,
    );
    expect(few.data).toEqual({ a: { userId: 'u-1' }, b: null, c: { userId: 'u-7' } });
    expect(few.extensions?.upstream).toMatchObject({ calls: 1, sharedFlights: 1, roundTrips: 1 });
    expect((await many).errors).toBeUndefined();
    expect(calls.map(({ body }) => body)).toEqual([
      '{"userIds":["nobody","u-0","u-1"]}',
      '{"userIds":["u-7"]}',
    ]);
  });

  test('keep it when the one that made it goes away', async () => {
    gateway = await startGatewayUnderTest({ world, latencyMs: 60 });
    const { queryText, calls } = gateway;
    const leader = new AbortController();
    const left = queryText(one, {}, { signal: leader.signal });
    await until(() => calls.length === 1);
    const stayed = queryText(one);
    await new Promise((resolve) => setTimeout(resolve, 10));
    leader.abort();
    await expect(left).rejects.toThrow();
    expect((await stayed).errors).toBeUndefined();
    expect(calls).toHaveLength(2);
  });

  test('lose it when the last one has gone', async () => {
    const aborted: string[] = [];
    gateway = await startGatewayUnderTest({ world, latencyMs: 200, onAborted: (path) => aborted.push(path) });
    const { queryText, calls } = gateway;
    const callers = [new AbortController(), new AbortController()];
    const left = callers.map(({ signal }) => queryText(one, {}, { signal }));
    await until(() => calls.length === 1);
    for (const caller of callers) caller.abort();
    for (const answer of left) await expect(answer).rejects.toThrow();
    await until(() => aborted.length === 1);
    expect(calls).toHaveLength(1);
    expect((await queryText(one)).errors).toBeUndefined();
  });
});
