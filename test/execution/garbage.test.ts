/** Garbage of operations: what outlives the young generation costs more than the operations. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import { stormSize } from '../storms.ts';

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGatewayProcess(null, { CACHE_ANSWERS_MEBIBYTES: '0', SIMULATOR_CUSTOMERS: '40' });
});
afterAll(async () => {
  await endProcess(gateway);
});

/** Bytes of the old generation that are in use or not collected yet. */
const oldBytes = `process.getBuiltinModule('v8').getHeapSpaceStatistics()
  .filter(({ space_name: name }) => !name.includes('new'))
  .reduce((sum, { space_used_size: size }) => sum + size, 0)`;

const query =
  '{ customers(first: 10) { nodes { organization tenants { name users(first: 50) { totalCount nodes { mail department protection { modules { module isProtected } } } } } } } }';

async function ask(times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    await response.arrayBuffer();
  }
}

test('an operation whose rows are cached leaves little behind for the next major garbage collection', async () => {
  await ask(100);
  let grown = 0;
  let requests = 0;
  for (let round = 0; round < stormSize(40, 12); round++) {
    const before = Number(await gateway.evaluate(oldBytes));
    await ask(10);
    const growth = Number(await gateway.evaluate(oldBytes)) - before;
    // A major collection makes less of it.
    if (growth < 0) continue;
    grown += growth;
    requests += 10;
  }
  // Whole operations, which such collections alone would free, would be 200 kB each.
  expect(grown / requests).toBeLessThan(100_000);
});
