/** What clients do to their connections is theirs: the log never names it as a fault of the gateway. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';

let simulator: Simulator | undefined;
let gateway: GatewayProcess | undefined;
afterEach(async () => {
  await endProcess(gateway);
  await simulator?.stop();
  gateway = simulator = undefined;
});

const root = fileURLToPath(new URL('../..', import.meta.url));
const examples = readdirSync(join(root, 'examples/queries')).map((file) =>
  readFileSync(join(root, 'examples/queries', file), 'utf8'),
);

const head = (lines: string) => `${lines}\r\nhost: localhost\r\n`;
const json = 'content-type: application/json\r\n';

function post(query: string, headers = '', path = '/graphql'): string {
  const body = JSON.stringify({ query, variables: { id: 'x', ids: ['x'] } });
  const length = `content-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return `${head(`POST ${path} HTTP/1.1`)}${json}${headers}${length}${body}`;
}

const small = '{ customers(first: 2) { totalCount } }';
const whole = [
  ...examples.map((query) => post(query)),
  ...examples.map((query) => post(query, 'cache-control: no-cache\r\nx-explain: true\r\n')),
  ...examples.map((query) => post(query, 'accept: text/event-stream\r\n')),
  ...examples.map((query) => post(query, 'accept-encoding: gzip\r\n')),
  post(small).repeat(5),
  post('{ broken'),
  post(small, '', '/nothing'),
  ...['/graphql?query=%7B%20customers%20%7B%20totalCount%20%7D%20%7D', '/health/live', '/metrics', '/'].map(
    (path) => `${head(`GET ${path} HTTP/1.1`)}\r\n`,
  ),
];
const parts = [
  '',
  'GET /graphql?query=',
  `${head('POST /graphql HTTP/1.1')}${json}content-length: 500\r\n\r\n{"que`,
  `${head('POST /graphql HTTP/1.1')}${json}content-length: 500\r\nexpect: 100-continue\r\n\r\n`,
  `${head('POST /graphql HTTP/1.1')}${json}transfer-encoding: chunked\r\n\r\n5\r\n{"que`,
  `${head('POST /graphql HTTP/1.1')}${json}transfer-encoding: chunked\r\n\r\nZZ`,
  `${head('POST /nothing HTTP/1.1')}${json}content-length: 500\r\n\r\n{"que`,
  `${head('POST /health/live HTTP/1.1')}${json}content-length: 500\r\n\r\n{"que`,
  `${head('PUT /graphql HTTP/1.1')}${json}content-length: 500\r\n\r\n{"que`,
];

const endings: readonly ((socket: Socket) => unknown)[] = [
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.destroy(),
  (socket) => socket.end(),
];

async function sendAndLeave(url: string, text: string, afterMs: number, end: (socket: Socket) => unknown) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  await sleep(afterMs);
  end(socket);
  return socket;
}

test.each([
  ['as it is', 0],
  ['that fails often', 0.3],
])('no client that leaves is logged as a fault, over an upstream %s', async (_what, rate) => {
  simulator = await startSimulator({
    port: 0,
    world: { seed: 1, customers: 20, tenantsPerCustomer: 2, usersPerTenant: 150 },
    latencyMs: 15,
    dialect: 'plural',
    faults: { seed: 1, rate },
  });
  gateway = await startGatewayProcess(simulator, {
    AVEPOINT_TIMEOUT_MS: '2000',
    SHUTDOWN_DELAY_MS: '0',
    CACHE_TTL_USERS_SECONDS: '0',
    CORS_ORIGINS: 'https://portal.example.com',
  });
  const { url } = gateway;
  const requests = [...whole, ...parts];
  for (const afterMs of [0, 2, 10, 40, 150]) {
    for (const end of endings) {
      const sockets = await Promise.all(requests.map((text) => sendAndLeave(url, text, afterMs, end)));
      await sleep(20);
      for (const socket of sockets) socket.destroy();
    }
  }
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  // Some may still be answered.
  for (const text of whole) await sendAndLeave(url, text, 0, (socket) => socket.resetAndDestroy());
  gateway.kill('SIGTERM');
  expect(await gateway.exitCode).toBe(0);
  expect(gateway.complaints()).toBe('');
});
