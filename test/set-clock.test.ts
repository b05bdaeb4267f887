/** The clock of a machine is set while the gateway's process runs: by an hour, ahead and back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startSimulator, type Simulator } from '../src/simulator/simulator.ts';
import { startProvider, type Provider } from './callers/provider.ts';
import { endProcess } from './gateway-process.ts';
import { hasRedis, startRedisServer } from './redis-server.ts';
import { startGatewayWithClock, type GatewayWithClock } from './settable-clock.ts';
import { until } from './until.ts';
import { createWorldOf, customerRow } from './world-of.ts';

const hourMs = 3_600_000;
/** For what takes seconds, which need not be seconds of work. */
const pollMs = 50;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

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
    world: createWorldOf({ customers: [], directory: [], tenants: {} }),
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

async function start(
  upstream: Simulator | null,
  settings: Readonly<Record<string, string>> = {},
): Promise<GatewayWithClock> {
  const gateway = await startGatewayWithClock(upstream, settings);
  closing.push(() => endProcess(gateway));
  return gateway;
}

const noCache = { 'cache-control': 'no-cache' };

async function post(
  { url }: GatewayWithClock,
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
async function ask(gateway: GatewayWithClock, headers: Readonly<Record<string, string>> = {}) {
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
/** All of them by one process, if they need not begin at its start. */
const longCourses: readonly Course[] = [
  ['ahead, back and from one to the other', [...courses.flatMap(([, steps]) => steps), 0]],
];

describe.each<[when: string, courses: readonly Course[], before: (use: () => Promise<unknown>) => unknown]>([
  ['just after the start', courses, () => undefined],
  ['later', longCourses, (use) => use()],
])('a clock that is set %s', (_when, coursesThen, before) => {
  test.each(coursesThen)('%s leaves cached rows their lifetimes', async (_course, steps) => {
    const { simulator, calls, tokens } = await startUpstream();
    const gateway = await start(simulator);
    await before(() => ask(gateway));
    for (const aheadMs of steps) {
      await gateway.setClock(aheadMs);
      expect(await ask(gateway)).toBe(1);
    }
    expect(calls()).toBe(1);
    expect(await ask(gateway, noCache)).toBe(2);
    // The token lives an hour, by no clock that is set.
    expect(tokens()).toBe(1);
  });

  test.each(coursesThen)('%s lets cached rows expire', async (_course, steps) => {
    const upstream = await startUpstream();
    const gateway = await start(upstream.simulator, {
      CACHE_TTL_CUSTOMERS_SECONDS: '1',
      CACHE_STALE_WHILE_REVALIDATE_SECONDS: '0',
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
    const gateway = await start(null, { SIMULATOR_CUSTOMERS: '1', SIMULATOR_USERS: '20' });
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
        expect(Math.abs((await asOf(headers)) - Date.now() - aheadMs)).toBeLessThan(hourMs / 2);
    }
  });

  test.each(coursesThen)('%s decides whether the tokens of callers are valid', async (_course, steps) => {
    const { simulator } = await startUpstream();
    const provider = await startProvider();
    closing.push(provider.stop);
    const gateway = await start(simulator, jwtSettingsOf(provider));
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

function jwtSettingsOf({ options }: Provider): Readonly<Record<string, string>> {
  return {
    CALLERS: '',
    CALLERS_JWT_ISSUER: options.issuer,
    CALLERS_JWT_AUDIENCE: options.audience,
    CALLERS_JWT_JWKS_URL: options.jwksUrl.href,
  };
}

test('the last keys verify tokens though the clock is set ahead while the provider is down', async () => {
  const { simulator } = await startUpstream();
  const provider = await startProvider();
  closing.push(provider.stop);
  const gateway = await start(simulator, jwtSettingsOf(provider));
  const authorization = `Bearer ${await provider.sign({ exp: Math.floor(Date.now() / 1000) + 14_400 })}`;
  const status = async () => (await post(gateway, '{ __typename }', { authorization })).status;
  expect(await status()).toBe(200);
  provider.answerWith((response) => response.writeHead(503).end());
  await gateway.setClock(2 * hourMs);
  expect(await status()).toBe(200);
});

test('a caller’s requests are counted on though the clock is set', async () => {
  const gateway = await start(null, { CALLERS_REQUESTS_PER_MINUTE: '1' });
  const status = async () => (await post(gateway, '{ __typename }')).status;
  expect([await status(), await status()]).toEqual([200, 429]);
  for (const aheadMs of [hourMs, -hourMs]) {
    await gateway.setClock(aheadMs);
    expect(await status()).toBe(429);
  }
});

(hasRedis ? describe : describe.skip)('two instances over one Redis', () => {
  describe.each([
    ['of both', [0, 1]],
    ['of the first', [0]],
    ['of the second', [1]],
  ])('when the clock %s is set', (_which, set) => {
    test.each(longCourses)('%s, answer what must not be cached from the upstream', async (_course, steps) => {
      const redis = await startRedisServer();
      closing.push(redis.kill);
      const { simulator, calls } = await startUpstream();
      const settings = { REDIS_URL: redis.url };
      const gateways = await Promise.all([start(simulator, settings), start(simulator, settings)]);
      const [first, second] = gateways;
      const setClock = async (aheadMs: number) => {
        for (const index of set) await gateways[index]?.setClock(aheadMs);
      };
      /** Each in turn, so that the answer of one is there when the other is asked. */
      const expectFresh = async () => {
        for (const gateway of [first, second, second, first]) {
          const before = calls();
          expect(await ask(gateway, noCache)).toBeGreaterThan(before);
          await redis.settled();
        }
      };
      for (const aheadMs of [0, ...steps]) {
        await setClock(aheadMs);
        await expectFresh();
      }
    });
  });
});
