/** Three instances over one Redis server: together, and alone without it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { UpstreamError } from '../../src/errors.ts';
import { RedisConnection } from '../../src/fleet/redis-connection.ts';
import { RedisFleet } from '../../src/fleet/redis-fleet.ts';
import type { Dated, SharedFetch } from '../../src/planner/fleet.ts';
import { Secret } from '../../src/secret.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import type { SimulatorCall } from '../../src/simulator/exchange.ts';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';
import {
  startGatewayUnderTest,
  type GatewayUnderTest,
  type GatewayUnderTestOptions,
} from '../gateway-under-test.ts';
import { createRandom, createRandomOperations, faultsOf } from '../random-operations.ts';
import { hasRedis, startRedisServer, type RedisServer } from '../redis-server.ts';
import { requestsInFlight } from '../held-upstream.ts';
import { letArrive, until } from '../until.ts';

const world = createGeneratedWorld({ seed: 7, customers: 12, tenantsPerCustomer: 2, usersPerTenant: 150 });

interface Upstream {
  readonly simulator: Simulator;
  readonly calls: SimulatorCall[];
}

async function startUpstream(options: Partial<SimulatorOptions> = {}): Promise<Upstream> {
  const calls: SimulatorCall[] = [];
  const simulator = await startSimulator({
    port: 0,
    world,
    latencyMs: 5,
    dialect: 'plural',
    ...options,
    intercept: (call) => {
      if (call.path !== '/connect/token') calls.push(call);
      return call.path === '/connect/token' ? undefined : options.intercept?.(call);
    },
  });
  return { simulator, calls };
}

/** Each page and each key that a call asks for: how many keys come together depends on how busy the machine is. */
function questionsOf({ path, query, body }: SimulatorCall): string[] {
  const lists = Object.values(JSON.parse(body || '{}') as object).filter((value) => Array.isArray(value));
  if (lists.length === 0) return [`${path}?${query.toString()} ${body}`];
  return lists.flat().map((key) => `${path} ${String(key)}`);
}

const describeWithRedis = hasRedis ? describe : describe.skip;

describeWithRedis('three instances', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis.kill());
  beforeEach(async () => {
    // An empty server, whatever the previous test did to it.
    await redis.kill();
    await redis.start();
  });
  let running: { stop: () => Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(running.map((each) => each.stop()));
    running = [];
  });

  async function start(
    count: number,
    upstreamOptions: Partial<SimulatorOptions> = {},
    options: Partial<GatewayUnderTestOptions> = {},
  ): Promise<Upstream & { readonly gateways: GatewayUnderTest[] }> {
    const upstream = await startUpstream(upstreamOptions);
    const gateways = await Promise.all(
      Array.from({ length: count }, () =>
        startGatewayUnderTest({
          world,
          simulator: upstream.simulator,
          ...(count === 1 ? {} : { redisUrl: redis.url }),
          // On a busy machine nothing becomes stale unless the test intends it.
          lifetime: { freshMs: 3_600_000, absentMs: 3_600_000 },
          ...options,
        }),
      ),
    );
    running.push(...gateways, upstream.simulator);
    return { ...upstream, gateways };
  }

  const seeds = [
    [1, 'plural'],
    [2, 'plural'],
    [3, 'singular'],
    [4, 'singular'],
  ] as const;

  /** Round-robin, as by a load balancer. */
  function turnsOf(gateways: readonly GatewayUnderTest[]): () => GatewayUnderTest {
    let turn = 0;
    return () => {
      const gateway = gateways[turn++ % gateways.length];
      if (gateway === undefined) throw new Error('There is no gateway.');
      return gateway;
    };
  }

  /** Resolves when Redis has received what the gateways sent. */
  const arrived = () => redis.settled();

  /** Resolves when each gateway, one with metrics, has a request in flight and has published it. */
  async function allAsked(gateways: readonly GatewayUnderTest[]): Promise<void> {
    await until(async () => {
      const counts = await Promise.all(gateways.map(requestsInFlight));
      return counts.every((count) => count === 1);
    });
    await letArrive();
    await arrived();
  }

  test.each(seeds)(
    'answer random operations one after the other, for the calls that one would make (%i, %s)',
    async (seed, dialect) => {
      const three = await start(3, { dialect });
      const one = await start(1, { dialect });
      // Of lists that are read in part, as walks leave them, the order of answers decides what is looked up.
      const nextOperation = createRandomOperations(world, createRandom(seed), false);
      const next = turnsOf(three.gateways);
      const operations: { readonly query: string; readonly calls: number; readonly alone: number }[] = [];
      // Which of several answers shows the dialect first decides how the other tenants are read.
      // On a busy machine a look-up may have too few keys to show it.
      const [teacher] = three.gateways;
      for (let customer = 0; customer < 4; customer++) {
        const { id, tenants } = world.customers.at(customer);
        const key = `customerId: "${id}", tenantId: "${tenants?.[0]?.id}"`;
        const taught = `{ tenant(${key}) { users(first: 3) { nodes { protection { isProtected } } } } }`;
        for (const gateway of [teacher, ...one.gateways])
          expect((await gateway?.queryText(taught))?.errors).toBeUndefined();
      }
      await arrived();
      for (const { calls } of [three, one]) calls.length = 0;
      for (let operation = 0; operation < 40; operation++) {
        const { query, expected } = nextOperation();
        const [alone] = one.gateways;
        const [shared, single] = [await next().queryText(query), await alone?.queryText(query)];
        expect(faultsOf(shared, expected)).toEqual([]);
        expect(shared.data).toEqual(single?.data);
        await arrived();
        operations.push({ query, calls: three.calls.length, alone: one.calls.length });
      }
      const asked = ({ calls }: Upstream) => calls.flatMap(questionsOf).sort();
      // A call too many is read from the operation that made it.
      const divergence = operations.find(({ calls, alone }) => calls !== alone) ?? null;
      expect({ divergence, calls: asked(three) }).toEqual({ divergence, calls: asked(one) });
    },
  );

  const dashboard = `{ customers(first: 20) { totalCount nodes { organization tenants {
    name users(first: 100) { totalCount nodes { displayName protection { isProtected } } } } } } }`;

  test('make each call once for any number of concurrent equal requests', async () => {
    const three = await start(3, { latencyMs: 40 });
    const one = await start(1);
    const next = turnsOf(three.gateways);
    const answers = await Promise.all(Array.from({ length: 30 }, () => next().queryText(dashboard)));
    const expected = await one.gateways[0]?.queryText(dashboard);
    for (const answer of answers) expect(answer).toEqual(expected);
    expect(three.calls).toHaveLength(one.calls.length);
  });

  test.each(seeds)(
    'make each call once, whenever they ask for the same and however long each call takes (%i, %s)',
    async (seed, dialect) => {
      const random = createRandom(seed);
      const slow = { dialect, intercept: () => sleep(60 * random()).then(() => undefined) };
      const three = await start(3, slow);
      const one = await start(1, slow);
      const next = turnsOf(three.gateways);
      const answers = await Promise.all(
        Array.from({ length: 8 }, async () => {
          await sleep(250 * random());
          return next().queryText(dashboard);
        }),
      );
      const expected = await one.gateways[0]?.queryText(dashboard);
      for (const answer of answers) expect(answer).toEqual(expected);
      expect(three.calls).toHaveLength(one.calls.length);
    },
  );

  test('join the pages in fetch of another one, and look up none of their rows', async () => {
    const { id, tenants } = world.customers.at(0);
    const args = `customerId: "${id}", tenantId: "${tenants?.[0]?.id}"`;
    const user = world.tenant(id, tenants?.[0]?.id ?? '')?.users.at(3);
    const counts: number[] = [];
    for (const count of [1, 2]) {
      const { gateways, calls } = await start(count, { latencyMs: 200 });
      const [first, last] = [gateways[0], gateways.at(-1)];
      const whole = first?.queryText(`{ tenant(${args}) { users(first: 1000) { nodes { userId } } } }`);
      await until(() => calls.length > 0);
      await arrived();
      const one = await last?.queryText(`{ user(${args}, userId: "${user?.id}") { mail } }`);
      expect(one?.data).toEqual({ user: { mail: user?.mail } });
      await whole;
      counts.push(calls.length);
    }
    expect(counts[1]).toBe(counts[0]);
  });

  test('explain answers of another one as shared or cached, and count no calls for them', async () => {
    const { gateways, calls } = await start(2);
    await gateways[0]?.queryText(dashboard);
    await arrived();
    const made = calls.length;
    const explained = await gateways[1]?.queryText(dashboard, {}, { headers: { 'x-explain': 'true' } });
    expect(calls).toHaveLength(made);
    expect(explained?.extensions?.upstream).toMatchObject({ calls: 0 });
    expect(explained?.extensions?.upstream?.requests.length).toBeGreaterThan(10);
  });

  test('set an expiry on every key, and reveal nothing in key names', async () => {
    const { gateways } = await start(
      2,
      {},
      { callers: { kind: 'open', requestsPerMinute: 1000 }, callsPerSecond: 1000 },
    );
    await gateways[0]?.queryText(dashboard);
    await gateways[1]?.queryText('{ user(customerId: "a", tenantId: "b", userId: "absent") { mail } }');
    await arrived();
    const client = createClient({ url: redis.url });
    await client.connect();
    try {
      const keys = await client.keys('*');
      expect(keys.length).toBeGreaterThan(50);
      for (const key of keys) {
        expect(key).toMatch(
          /^test:\d+\.\d+\.\d+:(answer|failure|events|capabilities|allowance|lease|calls):[\w-]{43}$/,
        );
        // -1 is a key that never expires; one that has expired meanwhile is gone.
        expect(await client.pTTL(key)).not.toBe(-1);
      }
    } finally {
      await client.close();
    }
  });

  test('accept the cursors of each other', async () => {
    const { gateways } = await start(3);
    const next = turnsOf(gateways);
    const seen: unknown[] = [];
    for (let after: string | null = null; ;) {
      const { data }: Awaited<ReturnType<GatewayUnderTest['queryText']>> = await next().queryText(
        `query ($after: String) { customers(first: 5, orderBy: ORGANIZATION_ASC, after: $after) {
          nodes { customerId } pageInfo { hasNextPage endCursor } } }`,
        { after },
      );
      const page = data?.['customers'] as {
        nodes: { customerId: string }[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
      };
      seen.push(...page.nodes.map(({ customerId }) => customerId));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(new Set(seen).size).toBe(12);
  });

  test('revalidate stale entries once for all', async () => {
    let now = Date.now();
    const clock = () => now;
    const three = await start(
      3,
      {},
      { clock, lifetime: { freshMs: 60_000, staleWhileRevalidateMs: 60_000 } },
    );
    const question = '{ customers(first: 10) { nodes { customerId } } }';
    for (const gateway of three.gateways) {
      await gateway.queryText(question);
      await arrived();
    }
    expect(three.calls).toHaveLength(1);
    now += 90_000;
    await Promise.all(three.gateways.map((gateway) => gateway.queryText(question)));
    await until(() => three.calls.length === 2);
    await arrived();
    for (const gateway of three.gateways) await gateway.queryText(question);
    await arrived();
    expect(three.calls).toHaveLength(2);
    now += 1;
    // A fresh answer comes from the upstream.
    await three.gateways[0]?.queryText(question, {}, { headers: { 'cache-control': 'no-cache' } });
    expect(three.calls).toHaveLength(3);
  });

  test('share the failure of a call, and retry it for the next request', async () => {
    let fails = true;
    let release: () => void = () => undefined;
    const allWait = new Promise<void>((resolve) => (release = resolve));
    const three = await start(
      3,
      { intercept: () => (fails ? allWait.then(() => ({ status: 500, body: 'secret' })) : undefined) },
      { hasMetrics: true },
    );
    const question = '{ customers(first: 10) { nodes { customerId } } }';
    const asked = Promise.all(three.gateways.map((gateway) => gateway.queryText(question)));
    await allAsked(three.gateways);
    release();
    const answers = await asked;
    for (const { errors } of answers) {
      expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
      expect(JSON.stringify(errors)).not.toContain('secret');
    }
    expect(three.calls).toHaveLength(1);
    fails = false;
    const again = await three.gateways[1]?.queryText(question);
    expect(again?.errors).toBeUndefined();
  });

  test('date shared answers by the time of day even if a clock was set since the start', async () => {
    const hourMs = 3_600_000;
    const connect = async (shiftMs: number) => {
      const connection = new RedisConnection({ url: new Secret(redis.url), onChange: () => undefined });
      running.push({
        stop: () => {
          connection.close();
          return Promise.resolve();
        },
      });
      await connection.connect();
      return new RedisFleet({ redis: connection, prefix: 'dated', shiftMs: () => shiftMs });
    };
    // The first instance still has times of a clock that was an hour late at its start.
    const [first, second] = await Promise.all([hourMs, 0].map(connect));
    const request = { pageIndex: 1, pageSize: 100, filter: null };
    const fetch = (now: number): SharedFetch => ({
      startedAt: now,
      joinsFrom: now - 1000,
      accepts: (sentAt) => sentAt >= now - 1000,
      lifeMs: 60_000,
      event: () => ({ list: 'list', event: { kind: 'answer', key: 'key', request } }),
      revive: (found) => found,
      signal: new AbortController().signal,
    });
    const now = Date.now();
    let land: (answer: Dated) => void = () => undefined;
    const made = first?.fetchShared(
      'key',
      fetch(now - hourMs),
      () => new Promise<Dated>((resolve) => (land = resolve)),
    );
    await arrived();
    const updates = await second?.readEvents({ list: 'list', collection: 'collection' }, null);
    expect(updates?.inFlight).toMatchObject([{ sentAt: now, request }]);
    land({ sentAt: now - hourMs });
    expect(await made).toEqual({ answer: { sentAt: now - hourMs }, isOwn: true });
    await arrived();
    const never = () => Promise.reject<Dated>(new Error('A call was made.'));
    expect(await second?.fetchShared('key', fetch(now), never)).toEqual({
      answer: { sentAt: now },
      isOwn: false,
    });
    // Newer than either of them.
    const later = {
      ...fetch(now + 2000),
      joinsFrom: now + 2000,
      accepts: (sentAt: number) => sentAt >= now + 2000,
    };
    expect(
      await second?.fetchShared('key', later, () => Promise.resolve({ sentAt: now + 2000 })),
    ).toMatchObject({
      isOwn: true,
    });
    await arrived();
    expect(await first?.fetchShared('key', fetch(now + 2000 - hourMs), never)).toEqual({
      answer: { sentAt: now + 2000 - hourMs },
      isOwn: false,
    });
  });

  test('find the failure of a call they waited for without a message', async () => {
    const connect = async (isDeaf: boolean) => {
      const connection = new RedisConnection({ url: new Secret(redis.url), onChange: () => undefined });
      running.push({
        stop: () => {
          connection.close();
          return Promise.resolve();
        },
      });
      if (isDeaf) connection.listen = () => undefined;
      await connection.connect();
      return new RedisFleet({ redis: connection, prefix: 'failures' });
    };
    const fetch: SharedFetch = {
      startedAt: 1,
      joinsFrom: 0,
      accepts: () => true,
      lifeMs: 60_000,
      event: null,
      revive: (found) => found,
      signal: new AbortController().signal,
    };
    const [first, ...deaf] = await Promise.all([false, true, true, true].map(connect));
    const failure = new UpstreamError('UPSTREAM_TIMEOUT', 'Too late.', { endpoint: 'GET /' });
    let fail: () => void = () => undefined;
    const made = first?.fetchShared(
      'key',
      fetch,
      () =>
        new Promise<never>(
          (_resolve, reject) =>
            (fail = () => {
              reject(failure);
            }),
        ),
    );
    await arrived();
    const never = () => Promise.reject<Dated>(new Error('A call was made.'));
    const waiting = deaf.slice(0, 2).map((fleet) => fleet.fetchShared('key', fetch, never));
    const outcomes = Promise.allSettled([made, ...waiting]);
    await arrived();
    fail();
    const code = 'UPSTREAM_TIMEOUT';
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code } });
    const again = await deaf.at(-1)?.fetchShared('key', fetch, () => Promise.resolve({ sentAt: 2 }));
    expect(again).toEqual({ answer: { sentAt: 2 }, isOwn: true });
  });

  test('share a rate of calls', async () => {
    const three = await start(3, { latencyMs: 0 }, { callsPerSecond: 20 });
    const startedAt = performance.now();
    const tenants = Array.from({ length: world.customers.count }, (_, index) =>
      world.customers.at(index),
    ).flatMap(({ id, tenants: theirs }) =>
      (theirs ?? []).map((tenant) => `customerId: "${id}", tenantId: "${tenant.id}"`),
    );
    const next = turnsOf(three.gateways);
    const answers = await Promise.all(
      tenants.map((args) =>
        next().queryText(
          `{ tenant(${args}) { users(first: 300) { nodes { userId protection { email } } } } }`,
        ),
      ),
    );
    for (const { errors } of answers) expect(errors).toBeUndefined();
    const seconds = (performance.now() - startedAt) / 1000;
    expect(three.calls.length).toBeGreaterThan(60);
    // A second's worth may be saved, and a few tokens may be unused.
    expect(three.calls.length).toBeLessThanOrEqual(20 * (seconds + 1) + 1);
  });

  test('pause together when the upstream asks to wait', async () => {
    const refusal = { status: 429, headers: { 'retry-after': '1' }, body: '' };
    const arrivals: number[] = [];
    const { gateways } = await start(2, {
      intercept: () => (arrivals.push(performance.now()) === 1 ? refusal : undefined),
    });
    await gateways[0]?.queryText('{ customers(first: 1) { totalCount } }');
    await arrived();
    await gateways[1]?.queryText('{ directory { customerId } }');
    const [refusedAt = 0, next = 0, ...others] = arrivals;
    expect(others).toEqual([]);
    // A timer may fire a little early.
    expect(next - refusedAt).toBeGreaterThan(950);
  });

  test('open the circuit of a failing endpoint together', async () => {
    let fails = true;
    const { gateways, calls } = await start(2, {
      intercept: ({ path }) => (fails && path.includes('/um/') ? { status: 500, body: '' } : undefined),
    });
    const [first] = world.customers.at(0).tenants ?? [];
    const args = `customerId: "${world.customers.at(0).id}", tenantId: "${first?.id}"`;
    let failedAt = 0;
    for (let user = 0; user < 12; user++) {
      // Ten failures are enough.
      if (user < 10) failedAt = performance.now();
      await gateways[0]?.queryText(`{ user(${args}, userId: "absent-${user}") { mail } }`);
    }
    await arrived();
    calls.length = 0;
    for (let user = 0; user < 20; user++) {
      const left = await gateways[1]?.queryText(`{ user(${args}, userId: "absent-${user}") { mail } }`);
      expect(left?.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
    }
    // Except three probes for each second that has passed.
    const seconds = Math.floor((performance.now() - failedAt) / 1000);
    expect(calls.filter(({ path }) => path.includes('/um/')).length).toBeLessThanOrEqual(3 * seconds);
    fails = false;
    // One instance detects the recovery for both.
    await until(async () => {
      const answer = await gateways[0]?.queryText(`{ user(${args}, userId: "absent") { mail } }`);
      return answer?.errors === undefined;
    });
    await arrived();
    expect(
      (await gateways[1]?.queryText(`{ user(${args}, userId: "other") { mail } }`))?.errors,
    ).toBeUndefined();
  });

  test('share the rate limit of a caller', async () => {
    const three = await start(3, {}, { callers: { kind: 'open', requestsPerMinute: 10 } });
    const next = turnsOf(three.gateways);
    const statuses: number[] = [];
    const since = performance.now();
    for (let request = 0; request < 15; request++) {
      const { status, headers } = await fetch(`${next().url}/graphql?query={__typename}`);
      expect([200, 429]).toContain(status);
      statuses.push(status);
      if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    // Tokens refilled meanwhile may be used as well.
    const minutes = (performance.now() - since) / 60_000;
    const answered = statuses.filter((status) => status === 200).length;
    expect(answered).toBeGreaterThanOrEqual(10);
    expect(answered).toBeLessThanOrEqual(10 * (1 + minutes));
  });

  test('work alone while Redis is unavailable, and together on recovery', async () => {
    let isHeld = false;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const three = await start(
      3,
      { latencyMs: 5, intercept: () => (isHeld ? released.then(() => undefined) : undefined) },
      { lifetime: { freshMs: 0, staleWhileRevalidateMs: 0 }, hasMetrics: true },
    );
    const next = turnsOf(three.gateways);
    const nextOperation = createRandomOperations(world, createRandom(11));
    let isOver = false;
    const faults: unknown[] = [];
    let answered = 0;
    const readers = Array.from({ length: 6 }, async () => {
      while (!isOver) {
        const { query, expected } = nextOperation();
        const answer = await next().queryText(query);
        const wrong = faultsOf(answer, expected);
        if (wrong.length > 0 || answer.errors !== undefined) faults.push({ wrong, errors: answer.errors });
        answered += 1;
      }
    });
    const more = async (count: number) => {
      const before = answered;
      await until(() => answered >= before + count);
    };
    await more(40);
    const allSay = (level: string) =>
      until(() => three.gateways.every(({ logged }) => logged.at(-1)?.level === level));
    await allSay('info');
    const linesBefore = three.gateways.map(({ logged }) => logged.length);
    for (let round = 0; round < 2; round++) {
      await redis.kill();
      await allSay('warn');
      await more(60);
      await redis.start();
      await allSay('info');
      await more(60);
    }
    isOver = true;
    await Promise.all(readers);
    expect(three.gateways.flatMap(({ reported }) => reported)).toEqual([]);
    expect(faults).toEqual([]);
    // Together again.
    const changes = three.gateways.map(({ logged }, index) =>
      logged.slice(linesBefore[index]).map(({ level }) => level),
    );
    for (const levels of changes) expect(levels).toEqual(['warn', 'info', 'warn', 'info']);
    three.calls.length = 0;
    isHeld = true;
    const asked = Promise.all(
      three.gateways.map((gateway) => gateway.queryText('{ directory { customerId } }')),
    );
    // Nothing is cached, so only requests that overlap share a call.
    await allAsked(three.gateways);
    release();
    await asked;
    expect(three.calls).toHaveLength(1);
  });

  test('fetch again what Redis has lost or spoiled', async () => {
    const { gateways } = await start(2);
    const question = '{ customers { totalCount } }';
    const expected = await gateways[0]?.queryText(question);
    await arrived();
    const client = createClient({ url: redis.url });
    await client.connect();
    try {
      for (const key of await client.keys('*:answer:*')) await client.set(key, '{"torn');
      for (const key of await client.keys('*:capabilities:*')) await client.set(key, 'torn');
    } finally {
      await client.close();
    }
    expect(await gateways[1]?.queryText(question)).toEqual(expected);
  });

  test('do not wait for a Redis that hangs', async () => {
    const { gateways } = await start(2, {}, { redisTimeoutMs: 500 });
    await gateways[0]?.queryText('{ directory { customerId } }');
    redis.hang();
    try {
      const { errors } = (await gateways[1]?.queryText('{ customers { totalCount } }')) ?? {};
      expect(errors).toBeUndefined();
      expect(gateways[1]?.logged.at(-1)).toMatchObject({ level: 'warn' });
    } finally {
      redis.goOn();
    }
    await until(() => gateways[1]?.logged.at(-1)?.level === 'info');
  });

  test('do not take a blocked event loop for a hanging Redis', async () => {
    const changes: boolean[] = [];
    const connection = new RedisConnection({
      url: new Secret(redis.url),
      onChange: (isUp) => changes.push(isUp),
    });
    try {
      await connection.connect();
      const reply = connection.send(['PING']);
      const since = performance.now();
      while (performance.now() - since < 700);
      expect(await reply).toEqual(['PONG']);
      expect(changes).toEqual([true]);
    } finally {
      connection.close();
    }
  });

  test('start if Redis can’t be reached', async () => {
    await redis.kill();
    const { gateways } = await start(2);
    const { errors } = (await gateways[0]?.queryText('{ customers { totalCount } }')) ?? {};
    expect(errors).toBeUndefined();
    expect(gateways[0]?.logged).toMatchObject([{ level: 'warn' }]);
  });
});
