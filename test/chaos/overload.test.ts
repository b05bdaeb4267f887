/** The gateway as an overloaded process, and its shutdown while the upstream hangs. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from '@jest/globals';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import type { GraphQLAnswer } from '../gateway-under-test.ts';
import { stormSize } from '../storms.ts';
import { until } from '../until.ts';

const world = createGeneratedWorld({ seed: 1, customers: 12, tenantsPerCustomer: 1, usersPerTenant: 1000 });
const wideQueries = Array.from({ length: world.customers.count }, (_, index) =>
  world.customers.at(index),
).flatMap(({ id, tenants }) =>
  (tenants ?? []).map(
    (tenant) => `{ tenant(customerId: "${id}", tenantId: "${tenant.id}") { users(first: 1000) { nodes {
        userId displayName mail protection { isProtected modules { module isProtected } } } } } }`,
  ),
);
const [wide = ''] = wideQueries;

let simulator: Simulator | undefined;
let gateway: GatewayProcess | undefined;
afterEach(async () => {
  await endProcess(gateway);
  await simulator?.stop();
});

async function start(
  settings: Readonly<Record<string, string>>,
  intercept: SimulatorOptions['intercept'] = () => undefined,
): Promise<GatewayProcess> {
  simulator = await startSimulator({ port: 0, world, latencyMs: 0, dialect: 'plural', intercept });
  gateway = await startGatewayProcess(simulator, { CACHE_ANSWERS_MEBIBYTES: '0', ...settings });
  return gateway;
}

interface Response {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

/** All at once, by load.js. */
async function send({ url }: GatewayProcess, queries: readonly string[]): Promise<Response[]> {
  const requests = queries.map((query) => ({ query, startAfterMs: 0 }));
  const worker = new Worker(new URL('load.js', import.meta.url), { workerData: { url, requests } });
  const [responses] = (await once(worker, 'message')) as [Response[]];
  return responses;
}

/** A busy machine may delay the event loop for a moment, of an idle gateway as well. */
async function sendUntilAnswered(busy: GatewayProcess): Promise<Response> {
  for (;;) {
    const [response] = await send(busy, [wide]);
    if (response?.status === 200) return response;
    expect(response?.status).toBe(503);
  }
}

test('an overloaded event loop sheds requests, answers health checks, and completes what it admitted', async () => {
  const busy = await start({ MAX_EVENT_LOOP_DELAY_MS: '50', MAX_REQUESTS_IN_FLIGHT: '10000' });
  const first = await sendUntilAnswered(busy);
  const over = new AbortController();
  const health: number[] = [];
  const watching = (async () => {
    while (!over.signal.aborted) {
      for (const path of ['/health/live', '/health/ready'])
        health.push((await fetch(busy.url + path)).status);
      await sleep(20);
    }
  })();
  // In crowds, so that some come while others have waited for long.
  const crowds = await Promise.all(
    Array.from({ length: 5 }, async (_, crowd) => {
      await sleep(200 * crowd);
      return send(
        busy,
        // Equal ones would be executed once.
        Array.from({ length: stormSize(150, 60) }, (_, index) => `${wide} # ${crowd}-${index}`),
      );
    }),
  );
  over.abort();
  await watching;

  const answers = crowds.flat();
  const refused = answers.filter(({ status }) => status === 503);
  const answered = answers.filter(({ status }) => status === 200);
  expect(refused.length + answered.length).toBe(answers.length);
  expect(refused.length).toBeGreaterThan(0);
  expect(answered.length).toBeGreaterThan(0);
  expect(new Set(answered.map(({ text }) => text))).toEqual(new Set([first.text]));
  for (const { text, retryAfter } of refused) {
    expect(retryAfter).toBe('1');
    expect(JSON.parse(text)).toMatchObject({
      errors: [{ extensions: { code: 'OVERLOADED', retryAfter: 1 } }],
    });
  }
  expect(new Set(health)).toEqual(new Set([200]));
  // By itself.
  const after = await sendUntilAnswered(busy);
  expect(after.text).toBe(first.text);
  expect(busy.complaints()).toBe('');
  process.stderr.write(
    `${answered.length} answered, ${refused.length} refused, ${health.length} health checks\n`,
  );
});

test('a shutdown while the upstream hangs answers with what there is and ends the process', async () => {
  const hanging = new Set<string>();
  const leaving = await start(
    // All other times are far longer, so that nothing else lets it go.
    { SHUTDOWN_DELAY_MS: '0', SHUTDOWN_TIMEOUT_MS: '5000' },
    ({ path }) => {
      if (!path.includes('/um/')) return undefined;
      hanging.add(path);
      return 'hang';
    },
  );
  // Each has a call of its own, so that all of them are known to be under way.
  const queries = wideQueries.slice(0, 10).map((query) => `{ customers { totalCount } ${query.slice(1)}`);
  const responses = send(leaving, queries);
  await until(() => hanging.size === 10);
  leaving.kill('SIGTERM');
  expect(await leaving.exitCode).toBe(0);
  for (const { status, text } of await responses) {
    expect(status).toBe(200);
    const { data, errors = [] } = JSON.parse(text) as GraphQLAnswer<unknown>;
    expect(data).toMatchObject({ customers: { totalCount: world.customers.count } });
    expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['DEADLINE_EXCEEDED']);
  }
  expect(leaving.complaints()).toBe('');
});
