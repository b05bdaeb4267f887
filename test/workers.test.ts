/** Several processes behind one port. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { startSimulator, type Simulator } from '../src/simulator/simulator.ts';
import { endProcess, startGatewayProcess, type GatewayProcess } from './gateway-process.ts';
import { until } from './until.ts';

let simulator: Simulator | undefined;
let gateway: GatewayProcess | undefined;
afterEach(async () => {
  await endProcess(gateway);
  await simulator?.stop();
});

const startSmallSimulator = () =>
  startSimulator({
    port: 0,
    world: { seed: 1, customers: 5, tenantsPerCustomer: 1, usersPerTenant: 5 },
    latencyMs: 0,
    dialect: 'plural',
  });

const workersOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);

/** By a connection of its own, so that each worker gets its turn. */
function send(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close', ...headers },
    body: JSON.stringify({ query: '{ customers(first: 2) { nodes { customerId } } }' }),
  });
}

const ask = async (url: string): Promise<unknown> => (await send(url)).json();

test('workers answer behind one port, are replaced when they die, and leave together', async () => {
  simulator = await startSmallSimulator();
  gateway = await startGatewayProcess(simulator, { WORKERS: '2', SHUTDOWN_DELAY_MS: '0' });
  const { url } = gateway;
  const expected = {
    data: {
      customers: {
        nodes: [0, 1].map((index) => ({ customerId: simulator?.world.customers.at(index).id })),
      },
    },
  };
  for (let request = 0; request < 10; request++) expect(await ask(url)).toEqual(expected);
  // Whichever of them answers, and from whatever it has kept, it is the same answer under the same name.
  const tags = new Set<string | null>();
  for (let request = 0; request < 10; request++) tags.add((await send(url)).headers.get('etag'));
  const [tag, ...others] = tags;
  expect(others).toEqual([]);
  for (let request = 0; request < 10; request++) {
    expect((await send(url, { 'if-none-match': tag ?? '' })).status).toBe(304);
  }
  const before = workersOf(gateway.pid);
  expect(before).toHaveLength(2);

  // A worker that has lived is replaced, and the other one answers meanwhile.
  await sleep(5500);
  process.kill(before[0] ?? 0, 'SIGKILL');
  const { pid, complaints } = gateway;
  await until(() => !workersOf(pid).includes(before[0] ?? 0));
  expect(await ask(url)).toEqual(expected);
  await until(() => workersOf(pid).length === 2);
  await until(() => complaints().includes('A worker has died (SIGKILL).'));
  for (let request = 0; request < 10; request++) expect(await ask(url)).toEqual(expected);

  gateway.kill('SIGTERM');
  expect(await gateway.exitCode).toBe(0);
  await expect(ask(url)).rejects.toThrow();
});

test('the figures of all workers are told by whichever is asked', async () => {
  simulator = await startSmallSimulator();
  gateway = await startGatewayProcess(simulator, { WORKERS: '2', SHUTDOWN_DELAY_MS: '0' });
  const { url } = gateway;
  for (let request = 0; request < 12; request++) await ask(url);
  const countOf = async () => {
    const text = await (await fetch(`${url}/metrics`, { headers: { connection: 'close' } })).text();
    const counts = text.matchAll(/^elements_graph_operations_total\{kind="query".*\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  await until(async () => (await countOf()) >= 12);
  for (let look = 0; look < 4; look++) expect(await countOf()).toBe(12);
});

test('a mistake in the settings is told once', async () => {
  simulator = await startSmallSimulator();
  await expect(startGatewayProcess(simulator, { WORKERS: 'many' })).rejects.toThrow(
    /^The gateway did not start: [^]*WORKERS: expected a whole number from 0 to 256, but got "many"/,
  );
});
