/**
 * The clock of a machine is set while the gateway runs: by an hour, ahead and back. Most gateways are in this process, for
 * which `Date` alone has the time of day; those that need a clock each, and one more, have processes.
 */
import { setDate } from './settable-date.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createGeneratedWorld } from '../src/simulator/generated-world.ts';
import { startSimulator, type Simulator } from '../src/simulator/simulator.ts';
import { startProvider, type Provider } from './callers/provider.ts';
import { endProcess } from './gateway-process.ts';
import { startGatewayUnderTest, type GatewayUnderTestOptions } from './gateway-under-test.ts';
import { hasRedis, startRedisServer } from './redis-server.ts';
import { startGatewayWithClock } from './settable-clock.ts';
import { until } from './until.ts';
import { createWorldOf, customerRow, type WorldData } from './world-of.ts';

const hourMs = 3_600_000;
const machineNow = () => performance.timeOrigin + performance.now();
/** For what takes seconds, which need not be seconds of work. */
const pollMs = 50;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  setDate(0);
  for (const close of closing.splice(0).reverse()) await close();
});

const emptyWorld: WorldData = { customers: [], directory: [], tenants: {} };

/** An API whose only customer has another name at each call. */
interface Upstream {
  readonly simulator: Simulator;
  readonly calls: () => number;
  readonly tokens: () => number;
}

async function startUpstream(tokenLifeSeconds = 3600): Promise<Upstream> {
  let calls = 0;
  let tokens = 0;
  const simulator = await startSimulator({
    port: 0,
    world: createWorldOf(emptyWorld),
    latencyMs: 0,
    dialect: 'plural',
    intercept: ({ path }) => {
      if (path === '/connect/token') {
        tokens += 1;
        return answer({ access_token: `token-${tokens}`, expires_in: tokenLifeSeconds });
      }
      calls += 1;
      const row = customerRow({ id: 'c', organization: String(calls), tenants: [] });
      return answer({ data: [row], metadata: { pageIndex: 1, pageSize: 100, totalCount: 1 } });
    },
  });
  closing.push(simulator.stop);
  return { simulator, calls: () => calls, tokens: () => tokens };
}

function answer(body: unknown) {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

interface Gateway {
  readonly url: string;
  /** Sets its clock so much ahead of that of the machine. */
  readonly setClock: (aheadMs: number) => Promise<void>;
}

async function start(simulator: Simulator, options: Partial<GatewayUnderTestOptions> = {}): Promise<Gateway> {
  const gateway = await startGatewayUnderTest({ world: emptyWorld, simulator, ...options });
  closing.push(gateway.stop);
  return {
    url: gateway.url,
    setClock: (aheadMs) => {
      setDate(aheadMs);
      return Promise.resolve();
    },
  };
}

async function startProcess(
  simulator: Simulator,
  settings: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
  const gateway = await startGatewayWithClock(simulator, settings);
  closing.push(() => endProcess(gateway));
  return gateway;
}

const noCache = { 'cache-control': 'no-cache' };

async function post(
  { url }: Gateway,
  query: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly data?: unknown; readonly errors?: unknown }> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  return { ...((await response.json()) as object), status: response.status };
}

/** The number of the call that has brought the customer. */
async function ask(gateway: Gateway, headers: Readonly<Record<string, string>> = {}) {
  const { data, errors } = await post(gateway, '{ customers(first: 1) { nodes { organization } } }', headers);
  expect(errors).toBeUndefined();
  const { customers } = data as { customers: { nodes: readonly { organization: string }[] } };
  return Number(customers.nodes[0]?.organization);
}

/** Where the clock goes, one step after the other. */
type Course = readonly [name: string, steps: readonly number[]];
const courses: readonly Course[] = [
  ['ahead', [hourMs, 0]],
  ['back', [-hourMs, 0]],
  ['ahead and back', [hourMs, -hourMs]],
];
/** All of them by one gateway, if they need not begin at its start. */
const allSteps = [...courses.flatMap(([, steps]) => steps), 0];
const longCourses: readonly Course[] = [['ahead, back and from one to the other', allSteps]];

async function expectLifetimes(
  gateway: Gateway,
  { calls, tokens }: Upstream,
  steps: readonly number[],
): Promise<void> {
  for (const aheadMs of steps) {
    await gateway.setClock(aheadMs);
    expect(await ask(gateway)).toBe(1);
  }
  expect(calls()).toBe(1);
  expect(await ask(gateway, noCache)).toBe(2);
  // The token lives an hour, by no clock that is set.
  expect(tokens()).toBe(1);
}

describe.each<[when: string, courses: readonly Course[], before: (use: () => Promise<unknown>) => unknown]>([
  ['just after the start', courses, () => undefined],
  ['later', longCourses, (use) => use()],
])('a clock that is set %s', (_when, coursesThen, before) => {
  test.each(coursesThen)('%s leaves cached rows their lifetimes', async (_course, steps) => {
    const upstream = await startUpstream();
    const gateway = await start(upstream.simulator);
    await before(() => ask(gateway));
    await expectLifetimes(gateway, upstream, steps);
  });

  test.each(coursesThen)('%s lets cached rows expire', async (_course, steps) => {
    const upstream = await startUpstream();
    const gateway = await start(upstream.simulator, {
      lifetime: { freshMs: 500, staleWhileRevalidateMs: 0 },
    });
    await before(() => ask(gateway));
    for (const aheadMs of steps) {
      await gateway.setClock(aheadMs);
      const callsBefore = upstream.calls();
      await until(async () => {
        await sleep(pollMs);
        return (await ask(gateway)) > callsBefore;
      });
    }
  });

  test('back lets tokens be renewed', async () => {
    const upstream = await startUpstream(10);
    const gateway = await start(upstream.simulator);
    await before(() => ask(gateway));
    await gateway.setClock(-hourMs);
    await until(async () => {
      await sleep(pollMs);
      await ask(gateway, noCache);
      return upstream.tokens() > 1;
    });
  });

  test.each(coursesThen)('%s is the clock that dates a summary', async (_course, steps) => {
    const world = createGeneratedWorld({ seed: 1, customers: 1, tenantsPerCustomer: 2, usersPerTenant: 20 });
    const simulator = await startSimulator({ port: 0, world, latencyMs: 0, dialect: 'plural' });
    closing.push(simulator.stop);
    const gateway = await start(simulator);
    const query = '{ customers(first: 1) { nodes { tenants { protectionSummary { asOf } } } } }';
    const asOf = async (headers: Readonly<Record<string, string>>) =>
      Date.parse(
        /"asOf":"([^"]+)"/.exec(JSON.stringify((await post(gateway, query, headers)).data))?.[1] ?? '',
      );
    await before(() => asOf({}));
    for (const aheadMs of steps) {
      await gateway.setClock(aheadMs);
      // Also of what was cached before.
      for (const headers of [{}, noCache])
        expect(Math.abs((await asOf(headers)) - machineNow() - aheadMs)).toBeLessThan(hourMs / 2);
    }
  });

  test.each(coursesThen)('%s decides whether the tokens of callers are valid', async (_course, steps) => {
    const { simulator } = await startUpstream();
    const provider = await startProvider();
    closing.push(provider.stop);
    const gateway = await start(simulator, { callers: callersOf(provider) });
    const seconds = Math.floor(Date.now() / 1000);
    const tokens = await Promise.all(
      [-1, 0, 1].map(async (hours) => {
        const middle = seconds + hours * 3600;
        // Valid while the clock is less than half an hour from there.
        return { hours, token: await provider.sign({ iat: middle, nbf: middle - 1800, exp: middle + 1800 }) };
      }),
    );
    const expectValid = async (hoursAhead: number) => {
      for (const { hours, token } of tokens) {
        const { status } = await post(gateway, '{ __typename }', { authorization: `Bearer ${token}` });
        expect({ hours, status }).toEqual({ hours, status: hours === hoursAhead ? 200 : 401 });
      }
    };
    await before(() => expectValid(0));
    for (const aheadMs of steps) {
      await gateway.setClock(aheadMs);
      await expectValid(aheadMs / hourMs);
    }
    expect(provider.requests()).toBe(1);
  });
});

function callersOf({ options }: Provider): NonNullable<GatewayUnderTestOptions['callers']> {
  return { kind: 'known', keysFile: null, tokens: options };
}

test('a process whose clock is set leaves cached rows their lifetimes', async () => {
  const upstream = await startUpstream();
  const gateway = await startProcess(upstream.simulator);
  await ask(gateway);
  await expectLifetimes(gateway, upstream, allSteps);
});

test('the last keys verify tokens though the clock is set ahead while the provider is down', async () => {
  const { simulator } = await startUpstream();
  const provider = await startProvider();
  closing.push(provider.stop);
  const gateway = await start(simulator, { callers: callersOf(provider) });
  const authorization = `Bearer ${await provider.sign({ exp: Math.floor(Date.now() / 1000) + 14_400 })}`;
  const status = async () => (await post(gateway, '{ __typename }', { authorization })).status;
  expect(await status()).toBe(200);
  provider.answerWith((response) => response.writeHead(503).end());
  await gateway.setClock(2 * hourMs);
  expect(await status()).toBe(200);
});

test('a caller’s requests are counted on though the clock is set', async () => {
  const { simulator } = await startUpstream();
  const gateway = await start(simulator, { callers: { kind: 'open', requestsPerMinute: 1 } });
  const status = async () => (await post(gateway, '{ __typename }')).status;
  expect([await status(), await status()]).toEqual([200, 429]);
  for (const aheadMs of [hourMs, -hourMs]) {
    await gateway.setClock(aheadMs);
    expect(await status()).toBe(429);
  }
});

(hasRedis ? test : test.skip)(
  'two instances over one Redis, whose clocks are set, answer what must not be cached from the upstream',
  async () => {
    const redis = await startRedisServer();
    closing.push(redis.kill);
    const { simulator, calls } = await startUpstream();
    const settings = { REDIS_URL: redis.url };
    const [first, second] = await Promise.all([
      startProcess(simulator, settings),
      startProcess(simulator, settings),
    ]);
    /** Each in turn, so that the answer of one is there when the other is asked. */
    const expectFresh = async () => {
      for (const gateway of [first, second, second, first]) {
        const before = calls();
        expect(await ask(gateway, noCache)).toBeGreaterThan(before);
        await redis.settled();
      }
    };
    await expectFresh();
    // Each course ends with the clock of the machine.
    for (const set of [[first, second], [first], [second]]) {
      for (const aheadMs of allSteps) {
        for (const gateway of set) await gateway.setClock(aheadMs);
        await expectFresh();
      }
    }
  },
);
