/** What operations share through the cache, for how long, and for which callers. */
import { describe, expect, test } from '@jest/globals';
import type { GatewayUnderTest, GatewayUnderTestOptions } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import type { SimulatorAnswer } from '../../src/simulator/exchange.ts';
import { until } from '../until.ts';
import { customerRow, protectionRow, userRow, worldOfTenant, type WorldData } from '../world-of.ts';

const startGateway = useGateways();

interface Setup extends GatewayUnderTest {
  /** Moves the gateway's clock. */
  readonly advance: (seconds: number) => void;
  /** Replaces all responses from now on; null restores the world's. */
  readonly answerWith: (answer: SimulatorAnswer | null) => void;
  /** Renames the user of the world. */
  readonly rename: (displayName: string) => void;
}

/** A user whose name can change, in a list of 150. */
async function start(options: Partial<GatewayUnderTestOptions> = {}): Promise<Setup> {
  let now = 1_000_000;
  let displayName = 'before';
  let answer: SimulatorAnswer | null = null;
  const users = Array.from({ length: 150 }, (_, index) => {
    const row = userRow({ id: `u-${index}` });
    return {
      ...row,
      get displayName() {
        return displayName;
      },
    };
  });
  const gateway = await startGateway({
    world: worldOfTenant({ users, protection: [protectionRow('u-1@example.com')] }),
    clock: () => now,
    ...options,
    intercept: (call) => {
      if (call.path === '/connect/token') return undefined;
      return options.intercept?.(call) ?? answer ?? undefined;
    },
  });
  return {
    ...gateway,
    advance: (seconds) => (now += seconds * 1000),
    answerWith: (changed) => (answer = changed),
    rename: (changed) => (displayName = changed),
  };
}

const query = `{ user(customerId: "c", tenantId: "t", userId: "u-1") { displayName } }`;
const named = (displayName: string) => ({ data: { user: { displayName } } });
/** Extensions of a response with users of an age of 500 seconds. */
const outdated = {
  outdated: [
    {
      endpoint: 'POST /partner/external/v3/um/customers/{customerId}/tenants/{tenantId}/users/batch',
      ageSeconds: 500,
    },
  ],
};
const unavailable: SimulatorAnswer = { status: 503, body: '' };

describe('a row that was read', () => {
  test('is served for its time to live without a call', async () => {
    const { queryText, advance, calls, rename } = await start();
    await queryText(query);
    rename('after');
    advance(59);
    expect(await queryText(query)).toEqual(named('before'));
    expect(calls).toHaveLength(1);
  });

  test('is then served stale to all callers while one call revalidates it', async () => {
    let renewal: Promise<void> | null = null;
    const { queryText, advance, calls, rename } = await start({
      intercept: () => renewal?.then(() => undefined),
    });
    await queryText(query);
    rename('after');
    advance(61);
    let release: () => void = () => undefined;
    renewal = new Promise((resolve) => (release = resolve));
    const answers = await Promise.all([1, 2, 3, 4].map(() => queryText(query)));
    expect(answers).toEqual([1, 2, 3, 4].map(() => named('before')));
    await until(() => calls.length === 2);
    release();
    await until(async () => JSON.stringify(await queryText(query)) === JSON.stringify(named('after')));
    expect(calls).toHaveLength(2);
  });

  test('is renewed in front of the caller when it is too old for that', async () => {
    const { queryText, advance, rename } = await start();
    await queryText(query);
    rename('after');
    advance(121);
    expect(await queryText(query)).toEqual(named('after'));
  });

  test('is served beyond that if the upstream fails, within a limit', async () => {
    const { queryText, advance, answerWith } = await start();
    await queryText(query);
    answerWith(unavailable);
    advance(500);
    const answer = await queryText(query, {}, { headers: { 'x-explain': 'true' } });
    expect(answer).toMatchObject(named('before'));
    expect(answer.errors).toBeUndefined();
    expect(answer.extensions?.upstream).toMatchObject({ calls: 1, staleAnswers: 1, cacheHits: 0 });
    expect(answer.extensions).toMatchObject(outdated);
    advance(200);
    expect((await queryText(query)).errors?.[0]?.extensions['code']).toBe('UPSTREAM_UNAVAILABLE');
  });

  test('is not served to a caller whom the upstream has since forbidden it', async () => {
    const { queryText, advance, answerWith } = await start();
    await queryText(query);
    answerWith({ status: 403, body: '' });
    advance(121);
    expect((await queryText(query)).errors?.[0]?.extensions['code']).toBe('UPSTREAM_FORBIDDEN');
  });

  test('is served without a call beside one that is missing', async () => {
    const { queryText, calls } = await start();
    await queryText(query);
    await queryText(
      '{ tenant(customerId: "c", tenantId: "t") { users(userIds: ["u-1", "u-2", "u-3"]) { nodes { userId } } } }',
    );
    expect(calls.slice(1).map(({ body }) => body)).toEqual(['{"userIds":["u-2","u-3"]}']);
  });
});

describe('a row that does not exist', () => {
  const unknownUser = '{ user(customerId: "c", tenantId: "t", userId: "u-150") { userId } }';

  test('is cached for a shorter time', async () => {
    const { queryText, advance, calls } = await start({ lifetime: { staleWhileRevalidateMs: 0 } });
    await queryText(unknownUser);
    advance(29);
    expect(await queryText(unknownUser)).toEqual({ data: { user: null } });
    expect(calls).toHaveLength(1);
    advance(2);
    await queryText(unknownUser);
    expect(calls).toHaveLength(2);
  });

  test('is seen once it exists', async () => {
    const users = [userRow({ id: 'u-1' })];
    const { queryText, advance } = await start({ world: growingWorld(users) });
    expect(await queryText(unknownUser)).toEqual({ data: { user: null } });
    users.push(userRow({ id: 'u-150' }));
    advance(61);
    await queryText('{ tenant(customerId: "c", tenantId: "t") { users { nodes { userId } } } }');
    expect(await queryText(unknownUser)).toEqual({ data: { user: { userId: 'u-150' } } });
  });
});

describe('pages and lengths', () => {
  const growing = [userRow({ id: 'u-1' }), userRow({ id: 'u-2' })];
  const window =
    '{ tenant(customerId: "c", tenantId: "t") { users(first: 150) { totalCount nodes { displayName } } } }';

  test('are served stale while they are revalidated', async () => {
    const { queryText, advance, calls, rename } = await start();
    await queryText(window);
    rename('after');
    advance(61);
    const stale = await queryText(window, {}, { headers: { 'x-explain': 'true' } });
    expect(JSON.stringify(stale.data)).not.toContain('after');
    expect(stale.extensions?.upstream).toMatchObject({ calls: 0, staleAnswers: 2 });
    await until(() => calls.length === 4);
    await until(async () => !JSON.stringify((await queryText(window)).data).includes('before'));
    expect(calls).toHaveLength(4);
  });

  test('are served stale if the upstream fails', async () => {
    const { queryText, advance, answerWith } = await start();
    const before = await queryText(window);
    answerWith({ status: 200, body: '<html>' });
    advance(500);
    expect(await queryText(window)).toEqual({ ...before, extensions: outdated });
  });

  test('a length alone is revalidated too, and stays if the upstream fails', async () => {
    const { queryText, advance, answerWith, calls } = await start({ world: growingWorld(growing) });
    const length = '{ tenant(customerId: "c", tenantId: "t") { users { totalCount } } }';
    const of = (totalCount: number) => ({ data: { tenant: { users: { totalCount } } } });
    expect(await queryText(length)).toEqual(of(2));
    growing.push(userRow({ id: 'u-3' }));
    advance(61);
    const stale = await queryText(length, {}, { headers: { 'x-explain': 'true' } });
    expect(stale).toMatchObject(of(2));
    expect(stale.extensions?.upstream).toMatchObject({ calls: 0, staleAnswers: 1 });
    await until(() => calls.length === 2);
    await until(async () => JSON.stringify(await queryText(length)) === JSON.stringify(of(3)));
    answerWith(unavailable);
    advance(500);
    expect(await queryText(length)).toEqual({ ...of(3), extensions: outdated });
    expect(calls).toHaveLength(3);
  });

  test('show that a row does not exist, even if the upstream fails', async () => {
    const { queryText, advance, answerWith } = await start();
    await queryText(window);
    answerWith(unavailable);
    advance(500);
    const unknownUser = '{ user(customerId: "c", tenantId: "t", userId: "u-150") { userId } }';
    expect(await queryText(unknownUser)).toEqual({ data: { user: null }, extensions: outdated });
  });

  test('are read again if nothing of them is cached', async () => {
    const { queryText, calls } = await start({ maxCacheBytes: 0 });
    const first = await queryText(window);
    expect(await queryText(window)).toEqual(first);
    expect(calls).toHaveLength(4);
    expect(await queryText(query)).toEqual(named('before'));
  });
});

describe('a caller that wants fresh data', () => {
  test.each([
    ['no-cache', 1],
    ['max-age=0', 1],
    ['max-age=10', 0],
    ['max-age=9', 1],
    ['No-Store', 1],
    ['max-age=nonsense', 1],
    ['private, max-age="5"', 1],
    ['max-stale=100', 0],
  ])('says so with %s', async (cacheControl, cost) => {
    const { queryText, advance, calls, rename } = await start();
    await queryText(query);
    rename('after');
    advance(10);
    const answer = await queryText(query, {}, { headers: { 'cache-control': cacheControl } });
    expect(answer).toEqual(named(cost === 0 ? 'before' : 'after'));
    expect(calls).toHaveLength(1 + cost);
    expect(await queryText(query)).toEqual(answer);
    expect(calls).toHaveLength(1 + cost);
  });

  test('never gets a call that had started before', async () => {
    const { queryText, calls, rename } = await start({ latencyMs: 50, clock: () => performance.now() });
    const usual = queryText(query);
    await until(() => calls.length === 1);
    rename('after');
    const fresh = await queryText(query, {}, { headers: { 'cache-control': 'no-cache' } });
    expect(fresh).toEqual(named('after'));
    await usual;
    expect(await queryText(query)).toEqual(named('after'));
    expect(calls).toHaveLength(2);
  });

  test('does not get stale data instead if the upstream fails', async () => {
    const { queryText, advance, answerWith } = await start();
    await queryText(query);
    advance(1);
    answerWith(unavailable);
    const { errors } = await queryText(query, {}, { headers: { 'cache-control': 'no-cache' } });
    expect(errors?.[0]?.extensions['code']).toBe('UPSTREAM_UNAVAILABLE');
  });
});

test('the directory is cached too', async () => {
  const world: WorldData = {
    customers: [customerRow({ id: 'c' })],
    directory: [{ id: 'c', organization: 'C', ownerEmail: null, jobStatus: null, countryOrRegion: null }],
    tenants: {},
  };
  const { queryText, advance, calls, answerWith } = await start({ world });
  const directory = '{ directory { organization } }';
  const before = await queryText(directory);
  expect(await queryText(directory)).toEqual(before);
  expect(calls).toHaveLength(1);
  advance(61);
  expect(await queryText(directory)).toEqual(before);
  await until(() => calls.length === 2);
  answerWith(unavailable);
  advance(200);
  expect(await queryText(directory)).toEqual({
    ...before,
    extensions: { outdated: [{ endpoint: 'GET /partner/customers', ageSeconds: 200 }] },
  });
  expect(calls).toHaveLength(3);
});

/** A tenant whose list of users grows while the test goes on. */
function growingWorld(users: ReturnType<typeof userRow>[]): WorldData {
  return worldOfTenant({ users, protection: [] });
}
