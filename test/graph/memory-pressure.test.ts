/**
 * A small cache never causes wrong results: whatever was evicted, however old the rest is and whatever the upstream
 * does, a result is the world's, or an error reports what is missing.
 */
import { expect, test } from '@jest/globals';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { useGateways } from '../use-gateway.ts';
import { createRandom, createRandomOperations, faultsOf } from '../random-operations.ts';
import { stormSize } from '../storms.ts';

const start = useGateways();

const rounds = stormSize(20, 8);
const operationsPerRound = 8;

test.each(
  ['plural', 'singular'].flatMap((dialect) =>
    [25_000, 100_000, 400_000, 64_000_000].map((maxCacheBytes) => ({ dialect, maxCacheBytes })),
  ),
)('$dialect, with $maxCacheBytes bytes of it', async ({ dialect, maxCacheBytes }) => {
  const seed = maxCacheBytes;
  const random = createRandom(seed);
  const world = createGeneratedWorld({ seed, customers: 4, tenantsPerCustomer: 2, usersPerTenant: 140 });
  const next = createRandomOperations(world, random);
  let now = 1e12;
  let isDown = false;
  const gateway = await start({
    world,
    dialect: dialect === 'plural' ? 'plural' : 'singular',
    maxCacheBytes,
    lifetime: { freshMs: 1000, absentMs: 500, staleWhileRevalidateMs: 500, staleIfErrorMs: 1e9 },
    clock: () => now,
    intercept: ({ path }) =>
      path !== '/connect/token' && (isDown || random() < 0.05) ? { status: 503, body: '' } : undefined,
  });
  const { queryText } = gateway;
  for (let round = 0; round < rounds; round++) {
    isDown = random() < 0.2;
    const operations = Array.from({ length: operationsPerRound }, next);
    const answers = await Promise.all(operations.map(({ query }) => queryText(query)));
    const faults = operations.flatMap(({ expected }, index) =>
      faultsOf(answers[index] ?? { data: null }, expected),
    );
    expect(faults).toEqual([]);
    now += Math.floor(random() * 2000);
  }
});
