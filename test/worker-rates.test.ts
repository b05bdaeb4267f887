/** Rates hold for all workers behind a port, and for all instances, together. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Simulator } from '../src/simulator/simulator.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import { firstOf, type TakeOfAll } from '../src/worker-rates.ts';
import { startProvider, type Provider } from './callers/provider.ts';
import { endProcess, startGatewayProcess, type GatewayProcess } from './gateway-process.ts';
import { hasRedis, startRedisServer } from './redis-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'rates-'));
const keysFile = join(folder, 'keys.json');
let simulator: Simulator;
let provider: Provider;
let calls = 0;
const running: GatewayProcess[] = [];

beforeAll(async () => {
  const entry = (name: string, requestsPerMinute?: number) => ({
    name,
    sha256: createHash('sha256').update(`key-of-${name}`).digest('hex'),
    customers: 'all',
    requestsPerMinute,
  });
  writeFileSync(keysFile, JSON.stringify({ keys: [entry('few', 3), entry('many', 20), entry('usual')] }));
  provider = await startProvider();
  simulator = await startSimulator({
    port: 0,
    world: { seed: 1, customers: 5, tenantsPerCustomer: 1, usersPerTenant: 5 },
    latencyMs: 0,
    dialect: 'plural',
    intercept: ({ path }) => {
      if (path !== '/connect/token') calls += 1;
      return undefined;
    },
  });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(endProcess));
});
afterAll(async () => {
  await provider.stop();
  await simulator.stop();
  rmSync(folder, { recursive: true });
});

async function start(settings: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  const { issuer, audience, jwksUrl } = provider.options;
  const gateway = await startGatewayProcess(simulator, {
    // In place of the one that lets everybody in.
    CALLERS: '',
    CALLERS_KEYS_FILE: keysFile,
    CALLERS_JWT_ISSUER: issuer,
    CALLERS_JWT_AUDIENCE: audience,
    CALLERS_JWT_JWKS_URL: jwksUrl.href,
    CALLERS_REQUESTS_PER_MINUTE: '6',
    SHUTDOWN_DELAY_MS: '0',
    ...settings,
  });
  running.push(gateway);
  return gateway;
}

/** By a connection of its own, so that each worker gets its turn. */
function send({ url }: GatewayProcess, credential: string, query = '{ __typename }'): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      connection: 'close',
      authorization: `Bearer ${credential}`,
      'cache-control': 'no-cache',
    },
    body: JSON.stringify({ query }),
  });
}

/** How many of so many requests are answered, in turn by each of the gateways; the others are asked to wait. */
async function answeredOf(
  count: number,
  gateways: readonly GatewayProcess[],
  credential: string,
): Promise<number> {
  let answered = 0;
  for (let request = 0; request < count; request++) {
    const gateway = gateways[request % gateways.length];
    if (gateway === undefined) throw new Error('There is no gateway.');
    const response = await send(gateway, credential);
    expect([200, 429]).toContain(response.status);
    if (response.status === 200) answered += 1;
    else expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  return answered;
}

async function expectRates(gateways: readonly GatewayProcess[]): Promise<void> {
  const since = performance.now();
  const counts = {
    few: await answeredOf(9, gateways, 'key-of-few'),
    usual: await answeredOf(12, gateways, 'key-of-usual'),
    many: await answeredOf(26, gateways, 'key-of-many'),
    token: await answeredOf(12, gateways, await provider.sign()),
  };
  // What comes back meanwhile may be used as well.
  const minutes = (performance.now() - since) / 60_000;
  for (const [name, perMinute] of Object.entries({ few: 3, usual: 6, many: 20, token: 6 })) {
    const answered = counts[name as keyof typeof counts];
    expect([name, answered]).toEqual([name, expect.any(Number)]);
    expect(answered).toBeGreaterThanOrEqual(perMinute);
    expect(answered).toBeLessThanOrEqual(perMinute * (1 + minutes));
  }
}

test('two workers count what a caller may ask together: by its key, by the settings, and by its token', async () => {
  await expectRates([await start({ WORKERS: '2' })]);
});

(hasRedis ? test : test.skip)('and so do two instances of two workers over Redis', async () => {
  const redis = await startRedisServer();
  try {
    const settings = { WORKERS: '2', REDIS_URL: redis.url };
    await expectRates([await start(settings), await start(settings)]);
    // Without Redis, each instance counts for its workers.
    await redis.kill();
    const alone = await start(settings);
    const since = performance.now();
    const answered = await answeredOf(14, [alone], 'key-of-few');
    const minutes = (performance.now() - since) / 60_000;
    expect(answered).toBeGreaterThanOrEqual(3);
    expect(answered).toBeLessThanOrEqual(3 * (1 + minutes));
  } finally {
    await redis.kill();
  }
});

test('two workers keep a rate of calls together, and may use all of it', async () => {
  const gateway = await start({
    WORKERS: '2',
    AVEPOINT_CALLS_PER_SECOND: '5',
    CALLERS_REQUESTS_PER_MINUTE: '',
  });
  calls = 0;
  const since = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, index) =>
      send(
        gateway,
        'key-of-usual',
        `{ customers(first: ${index + 1}) { nodes { customerId } } directory { customerId } }`,
      ),
    ),
  );
  const seconds = (performance.now() - since) / 1000;
  for (const { status } of answers) expect(status).toBe(200);
  expect(calls).toBeGreaterThan(10);
  // Each of the two may have a few of the rate at hand unused.
  expect(calls).toBeLessThanOrEqual(5 * (seconds + 1) + 2);
});

describe('what takes of several places', () => {
  const grant = { granted: 1, waitMs: 0 };
  const allowance = { name: 'a', max: 1, perSecond: 1 };
  const gives: TakeOfAll = () => Promise.resolve(grant);
  const isGone: TakeOfAll = () => Promise.resolve(null);

  test('asks the next one if the first can’t be asked', async () => {
    expect(firstOf([])).toBeNull();
    expect(firstOf([null, null])).toBeNull();
    expect(await firstOf([null, gives])?.(allowance, 1)).toBe(grant);
    expect(await firstOf([isGone, gives])?.(allowance, 1)).toBe(grant);
    expect(await firstOf([isGone, null, isGone])?.(allowance, 1)).toBeNull();
  });
});
