/** Who is let in: under load, and while the gateway leaves. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { letArrive, until } from '../until.ts';
import { customerRow, type WorldData } from '../world-of.ts';

let gateway: GatewayUnderTest | undefined;
let release: () => void = () => undefined;
afterEach(async () => {
  release();
  await gateway?.stop();
});

const world: WorldData = { customers: [customerRow({ id: 'c' })], directory: [], tenants: {} };
const query = '{ customers { nodes { customerId } } }';
const answer = { data: { customers: { nodes: [{ customerId: 'c' }] } } };

/** A gateway whose upstream answers when it is released. */
async function startHeld(
  options: { maxRequestsInFlight?: number; operationTimeoutMs?: number } = {},
): Promise<GatewayUnderTest> {
  const held = new Promise<void>((resolve) => (release = resolve));
  gateway = await startGatewayUnderTest({
    world,
    ...options,
    intercept: async ({ path }) => {
      if (path !== '/connect/token') await held;
      return undefined;
    },
  });
  return gateway;
}

function send({ url }: GatewayUnderTest, path = '/graphql'): Promise<Response> {
  return path === '/graphql'
    ? fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      })
    : fetch(url + path);
}

describe('with as many requests under way as it can answer', () => {
  test('more are told to come back, health is not, and it recovers by itself', async () => {
    const busy = await startHeld({ maxRequestsInFlight: 2 });
    const letIn = [send(busy), send(busy)];
    await until(() => busy.calls.length === 1);
    const refused = await send(busy);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toEqual({
      errors: [
        {
          message: 'Server overloaded; retry after 1 s.',
          extensions: { code: 'OVERLOADED', retryable: true, retryAfter: 1 },
        },
      ],
    });
    expect((await send(busy, '/health/live')).status).toBe(200);
    expect((await send(busy, '/health/ready')).status).toBe(200);
    release();
    for (const response of await Promise.all(letIn)) expect(await response.json()).toEqual(answer);
    expect(await (await send(busy)).json()).toEqual(answer);
  });

  test('whoever goes away makes room', async () => {
    const busy = await startHeld({ maxRequestsInFlight: 1 });
    const leaving = new AbortController();
    const left = expect(busy.queryText(query, {}, { signal: leaving.signal })).rejects.toThrow();
    await until(() => busy.calls.length === 1);
    expect((await send(busy)).status).toBe(503);
    leaving.abort();
    await left;
    release();
    let status = 503;
    while (status === 503) ({ status } = await send(busy));
    expect(status).toBe(200);
  });
});

describe('when it is told to leave', () => {
  test('those under way are answered, and nobody else is let in', async () => {
    const leaving = await startHeld();
    const underWay = send(leaving);
    await until(() => leaving.calls.length === 1);
    const stopped = leaving.stopGateway({ delayMs: 3000, limitMs: 30_000 });
    const [ready, alive, refused] = await Promise.all([
      send(leaving, '/health/ready'),
      send(leaving, '/health/live'),
      send(leaving),
    ]);
    expect([ready.status, alive.status, refused.status]).toEqual([503, 200, 503]);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'SHUTTING_DOWN' } }] });
    expect(refused.headers.get('connection')).toBe('close');
    release();
    expect(await (await underWay).json()).toEqual(answer);
    await stopped;
    await expect(send(leaving)).rejects.toThrow();
  });

  test('those that take too long are answered with what they have', async () => {
    const leaving = await startHeld();
    const underWay = send(leaving);
    await until(() => leaving.calls.length === 1);
    await leaving.stopGateway({ delayMs: 0, limitMs: 1000 });
    expect(await (await underWay).json()).toMatchObject({
      data: { customers: null },
      errors: [{ extensions: { code: 'DEADLINE_EXCEEDED' } }],
    });
  });

  test('whoever has not noticed yet is told in words, for longer than the delay', async () => {
    const leaving = await startHeld();
    const told = performance.now();
    const delayMs = 1000;
    const stopped = leaving.stopGateway({ delayMs, limitMs: 60_000 });
    let askedAt = told;
    while (performance.now() - told < 2 * delayMs) {
      const before = askedAt;
      askedAt = performance.now();
      const status = await send(leaving).then((response) => response.status, String);
      // Unless the machine has held the client for as long as the gateway waits for it.
      if (performance.now() - before < delayMs) expect(status).toBe(503);
      await sleep(50);
    }
    await stopped;
    await expect(send(leaving)).rejects.toThrow();
  });

  test('whoever never notices does not hold it', async () => {
    const leaving = await startHeld();
    const told: number[] = [];
    const asking = setInterval(() => {
      send(leaving).then(
        ({ status }) => told.push(status),
        () => undefined,
      );
    }, 10);
    try {
      await leaving.stopGateway({ delayMs: 1000, limitMs: 20_000 });
    } finally {
      clearInterval(asking);
    }
    expect(new Set(told)).toEqual(new Set([503]));
  });

  test('a request on a connection that was just opened is still told in words', async () => {
    const leaving = await startHeld();
    const stopped = leaving.stopGateway({ delayMs: 4000, limitMs: 60_000 });
    const { port, hostname } = new URL(leaving.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    let text = '';
    socket.on('data', (data: Buffer) => (text += data.toString()));
    socket.end('GET /graphql?query={__typename} HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1.1 503 .*SHUTTING_DOWN/s);
    await stopped;
  });

  test('a request that was on its way when the port closed is told in the same words', async () => {
    const leaving = await startHeld();
    const { port, hostname } = new URL(leaving.url);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('data', (data: Buffer) => (text += data.toString()));
    socket.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await until(() => text.includes('alive'));
    socket.write('GET /graphql?query={__typename} HTTP/1.1\r\n');
    await letArrive();
    const stopped = leaving.stopGateway({ delayMs: 0, limitMs: 20_000 });
    const reaches = () =>
      send(leaving).then(
        () => true,
        () => false,
      );
    while (await reaches());
    socket.write('host: localhost\r\n\r\n');
    await once(socket, 'close');
    expect(text).toMatch(/HTTP\/1.1 503 .*SHUTTING_DOWN/s);
    await stopped;
  });
});
