/** An answer past MAX_ANSWER_MEBIBYTES is an error that says so, and is never put together in memory. */
import { afterEach, expect, test } from '@jest/globals';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import { times } from '../hostile-documents.ts';
import { exchange } from '../http-exchange.ts';
import { judge, judgementOf } from '../request-forms.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { createWorldOf, userRow, worldOfTenant } from '../world-of.ts';

let gateway: GatewayProcess | undefined;
let simulator: Simulator | undefined;
afterEach(async () => {
  await endProcess(gateway);
  await simulator?.stop();
});

async function start(settings: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  const users = Array.from({ length: 1000 }, (_, index) =>
    userRow({ id: `u${index}`, displayName: 'n'.repeat(100) }),
  );
  simulator = await startSimulator({
    port: 0,
    world: createWorldOf(worldOfTenant({ users, protection: [] })),
    latencyMs: 0,
    dialect: 'plural',
  });
  gateway = await startGatewayProcess(simulator, {
    NODE_OPTIONS: '--max-old-space-size=512',
    ...settings,
  });
  return gateway;
}

/** Lists of users with so many names of a hundred characters each. */
const namesOf = (lists: number, users: number, names: number) =>
  `{ tenant(customerId: "c", tenantId: "t") { ${times(lists, (list) => `l${list}: users(first: ${users}) { nodes { ...n } }`)} } } fragment n on User { ${times(names, (index) => `a${index}: displayName`)} }`;

test('past the limit is LIMIT_EXCEEDED in each form, and within it is whole', async () => {
  const running = await start({ MAX_ANSWER_MEBIBYTES: '1' });
  for (const [form, { codes, status, data }] of await judge(running.url, { query: namesOf(1, 100, 40) })) {
    const text = JSON.stringify(data);
    expect({ form, codes, status }).toEqual({ form, codes: [], status: 200 });
    expect({ form, names: text.split('n'.repeat(100)).length - 1 }).toEqual({ form, names: 4000 });
  }
  for (const query of [namesOf(1, 100, 400), namesOf(4, 100, 100)]) {
    for (const [form, { codes, data, status, isEventStream }] of await judge(running.url, { query })) {
      expect({ form, codes, data }).toEqual({ form, codes: ['LIMIT_EXCEEDED'], data: null });
      expect([200, 400]).toContain(status);
      if (isEventStream) expect(status).toBe(200);
    }
  }
  expect(running.complaints()).toBe('');
});

test('past the usual limit is never put together in memory', async () => {
  const running = await start({});
  // Rows that are kept once are no growth.
  await exchange(running.url, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: namesOf(1, 1000, 1) }),
  });
  const before = running.residentMebibytes();
  const body = JSON.stringify({ query: namesOf(20, 1000, 450) });
  for (let round = 0; round < 3; round++) {
    const answer = await exchange(running.url, { headers: { 'content-type': 'application/json' }, body });
    const { codes } = judgementOf(answer);
    expect({ round, codes }).toEqual({ round, codes: ['LIMIT_EXCEEDED'] });
  }
  // A tenth of the 900 MB of one such answer, and what is on its way to be collected.
  const growth = running.residentMebibytes() - before;
  expect(growth).toBeLessThan(250);
  expect(running.complaints()).toBe('');
});
