/** `extensions.upstream`, and calls shared by operations that come and go. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { GatewayUnderTest, GatewayUnderTestOptions } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { hashKey } from '../../src/callers/api-keys.ts';
import { ExplainingObserver, type Explanation } from '../../src/server/observability/explain.ts';
import type { CallEvent, FieldPath } from '../../src/scope.ts';
import type { SimulatorCall } from '../../src/simulator/exchange.ts';
import { letArrive, until } from '../until.ts';
import { holdUpstream } from '../held-upstream.ts';
import { customerRow, protectionRow, userRow, worldOfTenant } from '../world-of.ts';

let gateway: GatewayUnderTest;
const users = Array.from({ length: 120 }, (_, index) => userRow({ id: `u-${index}` }));
const world = worldOfTenant({ users, protection: [protectionRow('u-0@example.com')] });
const startGateway = useGateways({ world });
const explained = { headers: { 'x-explain': 'true' } };
const one = `{ ada: user(customerId: "c", tenantId: "t", userId: "u-0") { userId protection { email } } }`;

describe('an explanation', () => {
  test('is returned to the callers that ask for it, and to no others', async () => {
    gateway = await startGateway();
    expect((await gateway.queryText(one)).extensions).toBeUndefined();
    expect((await gateway.queryText(one, {}, { headers: { 'x-explain': 'no' } })).extensions).toBeUndefined();
    expect((await gateway.queryText(one, {}, explained)).extensions?.upstream).toBeDefined();
  });

  test('names every call with what it asked for, what came, and the fields that needed it', async () => {
    gateway = await startGateway({ latencyMs: 5 });
    const { extensions } = await gateway.queryText(one, {}, explained);
    expect(extensions?.upstream).toEqual({
      calls: 2,
      roundTrips: 2,
      cacheHits: 0,
      sharedFlights: 0,
      staleAnswers: 0,
      unlisted: 0,
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

  test('reports cache hits', async () => {
    gateway = await startGateway();
    await gateway.queryText(one);
    const { extensions } = await gateway.queryText(one, {}, explained);
    expect(extensions?.upstream).toMatchObject({ calls: 0, roundTrips: 0, cacheHits: 2 });
    expect(extensions?.upstream?.requests.map(({ source, keys }) => [source, keys])).toEqual([
      ['CACHE', ['id:u-0']],
      ['CACHE', ['email:u-0@example.com']],
    ]);
  });

  test('names the fields of a page once, and many by their pattern', async () => {
    gateway = await startGateway();
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

  test('shows the cached rows of one list as one entry, with their count', async () => {
    gateway = await startGateway();
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

  test('reports a call that failed', async () => {
    gateway = await startGateway({
      intercept: ({ path }) => (path.includes('/um/') ? { status: 503, body: '' } : undefined),
    });
    const { extensions } = await gateway.queryText(one, {}, explained);
    expect(extensions?.upstream?.requests).toMatchObject([{ source: 'CALL', status: 503, bytes: null }]);
  });

  test('names the token if that failed, and not the call that needed it', async () => {
    gateway = await startGateway({
      intercept: ({ path }) => (path === '/connect/token' ? { status: 401, body: '{}' } : undefined),
    });
    const { extensions } = await gateway.queryText(one, {}, explained);
    expect(extensions?.upstream?.requests).toMatchObject([
      { source: 'CALL', endpoint: 'POST token', path: 'token', status: 401 },
    ]);
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
      observer.observe({ ...callOf(path, startedAt, endedAt, []), source, causes });
    };
    observe(0, 10, '/customers?pageIndex=1', pathOf('customers'));
    observe(10, 20, '/a/users?pageIndex=1', pathOf('customers', 'nodes', 0, 'users'));
    expect(observer.explain().roundTrips).toBe(2);
    // Another tenant's users wait for the customers alone, whenever they start.
    observe(21, 30, '/b/users?pageIndex=1', pathOf('customers', 'nodes', 1, 'users'));
    observe(31, 35, '/b/users?pageIndex=2', pathOf('customers', 'nodes', 1, 'users'), 'cache');
    expect(observer.explain().roundTrips).toBe(2);
    observe(30, 40, '/b/users?pageIndex=2', pathOf('customers', 'nodes', 1, 'users'));
    expect(observer.explain().roundTrips).toBe(3);
    observe(41, 50, '/b/rows', pathOf('customers', 'nodes', 1, 'users', 'nodes', 3, 'protection'));
    expect(observer.explain().roundTrips).toBe(4);
  });

  test('counts them as a naive search does, whatever the calls are', () => {
    const place = fc.constantFrom('a', 'a.b', 'a.b.c', 'a.d', 'a.d.e', 'f');
    const call = fc.record({
      startedAt: fc.nat(20),
      lasts: fc.nat(8),
      list: fc.constantFrom('/x', '/y', '/z'),
      fields: fc.array(place, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 12 }), (calls) => {
        const observer = new ExplainingObserver();
        const inOrder = calls.toSorted((left, right) => left.startedAt - right.startedAt);
        for (const { startedAt, lasts, list, fields } of inOrder)
          observer.observe(callOf(list, startedAt, startedAt + lasts, fields));
        const isAbove = (upper: string, lower: string) => lower.startsWith(`${upper}.`);
        const lengths: number[] = [];
        for (const [index, call] of inOrder.entries()) {
          const before = inOrder.slice(0, index).map((other, position) => {
            const canWait =
              other.startedAt + other.lasts <= call.startedAt &&
              (other.list === call.list ||
                other.fields.some((field) =>
                  call.fields.some((own) => isAbove(field, own) || isAbove(own, field)),
                ));
            return canWait ? (lengths[position] ?? 0) : 0;
          });
          lengths.push(1 + Math.max(0, ...before));
        }
        expect(observer.explain().roundTrips).toBe(Math.max(0, ...lengths));
      }),
    );
  });

  test('lists a thousand calls, pages and rows, and counts the others', () => {
    const observer = new ExplainingObserver();
    for (let index = 0; index < 1500; index++)
      observer.observe({ ...callOf(`/${index}`, index, index, ['a']), attempts: 2 });
    const partly = { ...callOf('/customers', 0, 1, ['a']), source: 'cache' as const, isPartlySeen: true };
    for (let index = 0; index < 100; index++) observer.observe(partly);
    const { calls, cacheHits, unlisted, requests } = observer.explain();
    expect([calls, cacheHits, unlisted, requests.length]).toEqual([3000, 0, 1000, 1000]);
  });

  test('of many calls that many fields needed takes no long computation', () => {
    const observer = new ExplainingObserver();
    for (let index = 0; index < 2000; index++) {
      const fields = Array.from(
        { length: 50 },
        (_, field) => `customers.c${index}.users.u${field}.protection`,
      );
      observer.observe(callOf(`/${index}`, index, index + 0.5, fields));
    }
    const since = process.cpuUsage();
    expect(observer.explain().roundTrips).toBe(1);
    const { user, system } = process.cpuUsage(since);
    expect((user + system) / 1e6).toBeLessThan(10);
  });
});

/** @param fields by their names, joined by points */
function callOf(path: string, startedAt: number, endedAt: number, fields: readonly string[]): CallEvent {
  return {
    source: 'call',
    endpoint: 'e',
    path,
    startedAt,
    endedAt,
    status: 200,
    bytes: 1,
    attempts: 1,
    causes: fields.flatMap(
      (field) =>
        field.split('.').reduce<FieldPath | undefined>((prev, key) => ({ prev, key }), undefined) ?? [],
    ),
    isPartlySeen: false,
  };
}

describe('of a restricted caller', () => {
  const folder = mkdtempSync(join(tmpdir(), 'explain-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const customers = Array.from({ length: 250 }, (_, index) =>
    customerRow({ id: `c-${index}`, tenants: [{ id: `t-${index}`, name: 'T' }] }),
  );
  const directory = customers.map(({ id, organization }) => ({
    id,
    organization,
    ownerEmail: null,
    jobStatus: null,
    countryOrRegion: null,
  }));
  const own = ['c-7', 'c-107', 'c-207'];
  const asOwn = { headers: { 'x-api-key': 'own', 'x-explain': 'true' } };
  const asAll = { headers: { 'x-api-key': 'all' } };

  async function start(options: Partial<GatewayUnderTestOptions> = {}): Promise<GatewayUnderTest> {
    const keysFile = join(folder, 'keys.json');
    const keys = [
      { name: 'own', sha256: hashKey('own'), customers: own },
      { name: 'all', sha256: hashKey('all'), customers: 'all' },
    ];
    writeFileSync(keysFile, JSON.stringify({ keys }));
    gateway = await startGateway({
      world: {
        customers,
        directory,
        tenants: { 'c-7/t-7': { users, protection: [] } },
      },
      callers: { kind: 'known', keysFile, tokens: null },
      ...options,
    });
    return gateway;
  }

  test('the list of customers has no size and no pages, however it is read', async () => {
    // One by one, three own customers would be as many calls as the list has pages.
    const { queryText, calls } = await start({ dialect: 'singular' });
    const query = '{ customers { nodes { customerId } } }';
    const { data, extensions } = await queryText(query, {}, asOwn);
    expect(data).toEqual({ customers: { nodes: own.map((customerId) => ({ customerId })) } });
    expect(calls).toHaveLength(3);
    expect(calls.filter(({ query: asked }) => asked.get('pageIndex') === '3')).toHaveLength(1);
    const path = '/partner/external/v3/general/customers/batch';
    const endpoint = `POST ${path}`;
    const times = { startMs: expect.any(Number), durationMs: expect.any(Number) };
    expect(extensions?.upstream).toEqual({
      calls: expect.any(Number),
      roundTrips: expect.any(Number),
      cacheHits: 0,
      sharedFlights: 0,
      staleAnswers: 0,
      unlisted: 0,
      requests: expect.any(Array),
    });
    const requests = extensions?.upstream?.requests ?? [];
    expect(extensions?.upstream?.calls).toBe(requests.length);
    expect(requests.filter(({ keys }) => keys === undefined)).toHaveLength(1);
    for (const { keys = [], ...request } of requests) {
      expect(own).toEqual(expect.arrayContaining([...keys]));
      expect(request).toEqual({
        ...{ source: 'CALL', endpoint, path, status: 200, bytes: null, attempts: 1 },
        ...times,
        fields: ['customers'],
      });
    }
  });

  test('so has the directory', async () => {
    const { queryText } = await start({
      intercept: ({ path, query }) =>
        path === '/partner/customers' && !query.has('$skiptoken')
          ? {
              status: 200,
              body: JSON.stringify({
                value: [],
                '@odata.nextLink': 'https://x.example/partner/customers?$skiptoken=c-42',
              }),
            }
          : undefined,
    });
    const query = '{ directory { customerId } }';
    const first = await queryText(query, {}, asOwn);
    expect(first.data).toEqual({ directory: own.map((customerId) => ({ customerId })) });
    const second = await queryText(query, {}, asOwn);
    const shown = { endpoint: 'GET /partner/customers', path: '/partner/customers', bytes: null };
    expect(first.extensions?.upstream).toMatchObject({
      calls: 1,
      roundTrips: 1,
      requests: [{ ...shown, source: 'CALL' }],
    });
    expect(second.extensions?.upstream).toMatchObject({
      calls: 0,
      cacheHits: 1,
      requests: [{ ...shown, source: 'CACHE' }],
    });
    expect(JSON.stringify([first, second])).not.toContain('c-42');
    const { extensions } = await queryText(query, {}, { headers: { ...asAll.headers, 'x-explain': 'true' } });
    expect(extensions?.upstream?.requests).toHaveLength(2);
  });

  test('lists of their own are shown as they are', async () => {
    const { queryText } = await start();
    const { extensions } = await queryText(
      '{ tenant(customerId: "c-7", tenantId: "t-7") { users(first: 1) { nodes { userId } } } }',
      {},
      asOwn,
    );
    expect(extensions?.upstream?.requests).toMatchObject([
      { keys: ['c-7'], bytes: null },
      { pageIndex: 1, pageSize: 100, bytes: expect.any(Number) },
    ]);
  });

  test('an answer that can’t be understood does not show how many rows it had', async () => {
    const rows = [...customers.slice(0, 57).map(({ id }) => ({ id })), { organization: 'without an id' }];
    const { queryText } = await start({
      intercept: ({ path }) =>
        path === '/connect/token'
          ? undefined
          : { status: 200, body: JSON.stringify({ data: rows, value: rows }) },
    });
    const query = '{ customer(customerId: "c-7") { customerId } directory { customerId } }';
    const seen = await queryText(query, {}, asOwn);
    const fields = seen.errors?.map(({ message, extensions }) => [message, extensions['field']]);
    expect(fields?.toSorted()).toEqual([
      ["The upstream's answer can't be understood at data[].id.", 'data[].id'],
      ["The upstream's answer can't be understood at value[].id.", 'value[].id'],
    ]);
    const { errors } = await queryText(query, {}, asAll);
    expect(errors?.map(({ extensions }) => extensions['field']).toSorted()).toEqual([
      'data[57].id',
      'value[57].id',
    ]);
  });

  test('a report counts no calls that the list of customers took', async () => {
    const { url, queryText } = await start({ dialect: 'singular' });
    await queryText('{ customers(first: 1) { totalCount } }', {}, asAll);
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-api-key': 'own' },
      body: JSON.stringify({ query: 'subscription { protectionReport { progress { calls } } }' }),
    });
    const counts = (await response.text()).match(/(?<="calls":)\d+/g);
    expect(counts?.[0]).toBe('0');
  });

  test('its age is not that of rows which other callers have read', async () => {
    let now = 1_000_000;
    const { url, queryText } = await start({ clock: () => now });
    await queryText('{ customers(first: 100) { totalCount nodes { customerId } } }', {}, asAll);
    now += 50_000;
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'own' },
      body: JSON.stringify({ query: '{ customer(customerId: "c-207") { customerId } }' }),
    });
    expect(await response.json()).toEqual({ data: { customer: { customerId: 'c-207' } } });
    expect([response.headers.get('age'), response.headers.get('cache-control')]).toEqual([
      '0',
      'private, max-age=60',
    ]);
  });
});

/** Answers a call when whatever was asked at the same time has arrived. */
const arriveFirst = async ({ path }: SimulatorCall) => {
  if (path !== '/connect/token') await letArrive();
  return undefined;
};

describe('operations that need the same call at once', () => {
  test('share it, and say so', async () => {
    gateway = await startGateway({ intercept: arriveFirst });
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

  test("reuse rows of another operation's look-up in flight", async () => {
    gateway = await startGateway({ intercept: arriveFirst });
    const { queryText, calls } = gateway;
    const many = queryText(
      '{ tenant(customerId: "c", tenantId: "t") { users(userIds: ["u-0", "u-1", "absent"]) { nodes { userId } } } }',
      {},
      explained,
    );
    await until(() => calls.length === 1);
    const few = await queryText(
      `{ a: user(customerId: "c", tenantId: "t", userId: "u-1") { userId }
         b: user(customerId: "c", tenantId: "t", userId: "absent") { userId }
         c: user(customerId: "c", tenantId: "t", userId: "u-7") { userId } }`,
      {},
      explained,
    );
    expect(few.data).toEqual({ a: { userId: 'u-1' }, b: null, c: { userId: 'u-7' } });
    expect(few.extensions?.upstream).toMatchObject({ calls: 1, sharedFlights: 1, roundTrips: 1 });
    // What each asked for, and no size of what others asked for.
    const shown = ({ extensions }: { extensions?: { upstream?: Explanation } }) =>
      extensions?.upstream?.requests.map(({ source, keys, bytes }) => [source, keys, bytes === null]);
    expect(shown(few)?.toSorted()).toEqual([
      ['CALL', ['u-7'], false],
      ['SHARED', ['absent', 'u-1'], true],
    ]);
    expect(shown(await many)).toEqual([['CALL', ['absent', 'u-0', 'u-1'], false]]);
    expect(calls.map(({ body }) => body)).toEqual([
      '{"userIds":["absent","u-0","u-1"]}',
      '{"userIds":["u-7"]}',
    ]);
  });

  test('join one look-up, and each sees only its own keys', async () => {
    const held = await holdUpstream({ world }, startGateway);
    ({ gateway } = held);
    const { queryText, calls } = gateway;
    const ids = ['absent', 'u-1', 'u-2'];
    const asked = Promise.all(
      ids.map((id) =>
        queryText(`{ user(customerId: "c", tenantId: "t", userId: "${id}") { userId } }`, {}, explained),
      ),
    );
    await held.arrived(ids.length);
    held.release();
    const answers = await asked;
    const keys = calls.map(({ body }) => (JSON.parse(body) as { userIds: string[] }).userIds.sort());
    expect(keys).toEqual([ids]);
    for (const [index, { extensions }] of answers.entries()) {
      expect(extensions?.upstream?.requests).toMatchObject([
        { keys: [ids[index]], status: 200, bytes: null },
      ]);
    }
  });

  test('keep it when the one that made it goes away', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<undefined>((resolve) => {
      release = () => {
        resolve(undefined);
      };
    });
    gateway = await startGateway({
      intercept: ({ path }) => (path === '/connect/token' ? undefined : released),
    });
    const { queryText, calls } = gateway;
    const leader = new AbortController();
    const left = queryText(one, {}, { signal: leader.signal });
    await until(() => calls.length === 1);
    const stayed = queryText(one);
    await letArrive();
    leader.abort();
    await expect(left).rejects.toThrow();
    await letArrive();
    release();
    expect((await stayed).errors).toBeUndefined();
    expect(calls).toHaveLength(2);
  });

  test('lose it when the last one has gone', async () => {
    const aborted: string[] = [];
    let hangs = true;
    gateway = await startGateway({
      intercept: ({ path }) => (hangs && path !== '/connect/token' ? 'hang' : undefined),
      onAborted: (path) => aborted.push(path),
    });
    const { queryText, calls } = gateway;
    const callers = [new AbortController(), new AbortController()];
    const left = callers.map(({ signal }) => queryText(one, {}, { signal }));
    await until(() => calls.length === 1);
    for (const caller of callers) caller.abort();
    for (const answer of left) await expect(answer).rejects.toThrow();
    await until(() => aborted.length === 1);
    expect(calls).toHaveLength(1);
    hangs = false;
    expect((await queryText(one)).errors).toBeUndefined();
  });
});
