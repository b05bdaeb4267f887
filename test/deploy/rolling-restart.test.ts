/**
 * Instances that are replaced under load lose no request: behind the balancer of deploy/, and on connections that clients
 * keep to one instance, with nothing that tries a request again.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Pool } from 'undici';
import { parse } from 'yaml';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import { until } from '../until.ts';
import { createWorldOf, customerRow } from '../world-of.ts';
import { freePort } from '../free-port.ts';
import { hasNginx, startNginx, type Nginx } from './nginx-under-test.ts';

const compose = parse(readFileSync(new URL('../../compose.yaml', import.meta.url), 'utf8')) as {
  readonly services: { readonly gateway: { readonly environment: { readonly SHUTDOWN_DELAY_MS: string } } };
};
/** The delay of compose.yaml, which nginx.conf depends on. */
const { SHUTDOWN_DELAY_MS } = compose.services.gateway.environment;
const settings = { SHUTDOWN_DELAY_MS, SHUTDOWN_TIMEOUT_MS: '300000' };

let upstream: Simulator;
let running: GatewayProcess[] = [];
let nginx: Nginx | undefined;
let forwarder: Server | undefined;
beforeEach(async () => {
  const world = createWorldOf({ customers: [customerRow({ id: 'c' })], directory: [], tenants: {} });
  upstream = await startSimulator({ port: 0, world, latencyMs: 10, dialect: 'plural' });
});
afterEach(async () => {
  await nginx?.stop();
  nginx = undefined;
  forwarder?.close();
  await Promise.all(running.map(endProcess));
  running = [];
  await upstream.stop();
});

async function start(port: number): Promise<GatewayProcess> {
  const gateway = await startGatewayProcess(upstream, { ...settings, PORT: String(port) });
  running.push(gateway);
  return gateway;
}

interface Load {
  readonly answered: () => number;
  readonly hasLost: () => boolean;
  /** What became of each request that was not answered as it should be. */
  readonly end: () => Promise<readonly string[]>;
}

/** Of a client between two requests: the load needs to be steady, not heavy. */
const pauseMs = 60;

/** Clients that send one request after another; those with even numbers keep their connections. */
function startLoad(port: number, clients: number): Load {
  const lost: string[] = [];
  let answered = 0;
  let isOver = false;
  const run = async (_: unknown, client: number) => {
    const isKept = client % 2 === 0;
    const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1 });
    // Different ones, of which some are executed and some are cached.
    for (let turn = 0; !isOver; turn++) {
      const query = `{ customers { nodes { a${client}_${turn % 10}: customerId } } }`;
      const outcome = await exchange(pool, turn % 4 === 3 ? 'GET' : 'POST', query, isKept);
      if (/^200 \{"data":\{"customers":\{"nodes":\[\{"a\w+":"c"\}\]\}\}/.test(outcome)) answered += 1;
      else lost.push(outcome);
      if (lost.length > 100) break;
      await sleep(pauseMs);
    }
    await pool.close();
  };
  const all = Promise.all(Array.from({ length: clients }, run));
  return {
    answered: () => answered,
    hasLost: () => lost.length > 0,
    end: async () => {
      isOver = true;
      await all;
      return lost;
    },
  };
}

/** Status and body, or the error of the connection. */
async function exchange(pool: Pool, method: 'GET' | 'POST', query: string, isKept: boolean): Promise<string> {
  try {
    const { statusCode, body } = await pool.request({
      method,
      path: method === 'GET' ? `/graphql?query=${encodeURIComponent(query)}` : '/graphql',
      headers: { 'content-type': 'application/json', 'apollo-require-preflight': 'true' },
      body: method === 'POST' ? JSON.stringify({ query }) : null,
      reset: !isKept,
    });
    return `${statusCode} ${await body.text()}`;
  } catch (error) {
    return `${method}: ${String(error)}`;
  }
}

(hasNginx ? test : test.skip)(
  'a rolling restart behind the balancer loses no request, on the same addresses',
  async () => {
    const ports = [await freePort(), await freePort()];
    nginx = await startNginx(ports);
    const instances = await Promise.all(ports.map(start));
    const load = startLoad(nginx.port, 16);
    await until(() => load.hasLost() || load.answered() > 200);
    for (let restart = 0; restart < 2; restart++) {
      const place = restart % 2;
      const before = load.answered();
      instances[place]?.kill('SIGTERM');
      expect(await instances[place]?.exitCode).toBe(0);
      // The other one alone, while connections to this one's port are refused.
      const alone = load.answered();
      await until(() => load.hasLost() || load.answered() > alone + 200);
      instances[place] = await start(ports[place] ?? 0);
      await until(() => load.hasLost() || load.answered() > before + 500);
    }
    expect(await load.end()).toEqual([]);
  },
);

test('clients that keep their connections lose no request, with a balancer of connections that is late', async () => {
  const [first, second] = [await freePort(), await freePort()];
  const leaving = await start(first);
  let target = first;
  forwarder = createServer((client) => {
    const server = connect(target, '127.0.0.1');
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) socket.on('error', () => socket.destroy());
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(forwarder, 'listening');
  const load = startLoad((forwarder.address() as AddressInfo).port, 8);
  await until(() => load.hasLost() || load.answered() > 100);
  await start(second);
  leaving.kill('SIGTERM');
  // As endpoints of Kubernetes change: some time after SIGTERM, within the delay.
  await until(async () => (await fetch(`${leaving.url}/health/ready`)).status === 503);
  await sleep(Number(SHUTDOWN_DELAY_MS) / 3);
  target = second;
  expect(await leaving.exitCode).toBe(0);
  const before = load.answered();
  await until(() => load.hasLost() || load.answered() > before + 100);
  expect(await load.end()).toEqual([]);
});
