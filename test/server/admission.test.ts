/** Which requests are answered under load and at shutdown. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { letArrive, until } from '../until.ts';
import { customerRow, type WorldData } from '../world-of.ts';

let release: () => void = () => undefined;
afterEach(() => {
  release();
});

const world: WorldData = { customers: [customerRow({ id: 'c' })], directory: [], tenants: {} };
const start = useGateways({ world });
const query = '{ customers { nodes { customerId } } }';
const answer = { data: { customers: { nodes: [{ customerId: 'c' }] } } };

/** A gateway whose upstream answers when it is released. */
async function startHeld(
  options: { maxRequestsInFlight?: number; operationTimeoutMs?: number } = {},
): Promise<GatewayUnderTest> {
  const held = new Promise<void>((resolve) => (release = resolve));
  return start({
    ...options,
    intercept: async ({ path }) => {
      if (path !== '/connect/token') await held;
      return undefined;
    },
  });
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
  test('sheds more, except health checks, and recovers by itself', async () => {
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

  test('a caller that goes away makes room', async () => {
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

describe('at shutdown', () => {
  test('requests are answered during the delay, each with the end of its connection, and then refused', async () => {
    const draining = await startHeld();
    const pending = send(draining);
    await until(() => draining.calls.length === 1);
    const stopped = draining.stopGateway({ delayMs: 1000, limitMs: 30_000 });
    release();
    expect(await (await pending).json()).toEqual(answer);
    const statuses = [];
    for (;;) {
      const [ready, alive, response] = await Promise.all([
        send(draining, '/health/ready'),
        send(draining, '/health/live'),
        send(draining),
      ]);
      expect([ready.status, alive.status]).toEqual([503, 200]);
      for (const each of [ready, alive, response]) expect(each.headers.get('connection')).toBe('close');
      statuses.push(response.status);
      if (response.status !== 200) {
        expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'SHUTTING_DOWN' } }] });
        expect(response.headers.get('retry-after')).toBe('1');
        break;
      }
      expect(await response.json()).toEqual(answer);
      await sleep(20);
    }
    expect(statuses.at(-1)).toBe(503);
    // Unless the machine has held the client for as long as the delay.
    if (statuses.length > 1) expect(statuses[0]).toBe(200);
    await stopped;
    await expect(send(draining)).rejects.toThrow();
  });

  test('an event stream that begins during the delay closes its connection as well', async () => {
    const draining = await startHeld();
    release();
    const stopped = draining.stopGateway({ delayMs: 4000, limitMs: 60_000 });
    const response = await fetch(`${draining.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query }),
    });
    expect(response.headers.get('connection')).toBe('close');
    expect(await response.text()).toContain(JSON.stringify(answer.data));
    await stopped;
  });

  test('every request of a pipeline is answered, the last one with the end of the connection', async () => {
    const draining = await startHeld();
    const { port, hostname } = new URL(draining.url);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('data', (data: Buffer) => (text += data.toString()));
    const body = JSON.stringify({ query });
    const head = `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    socket.write(`${head}${body}`.repeat(3));
    await until(() => draining.calls.length === 1);
    const stopped = draining.stopGateway({ delayMs: 3000, limitMs: 60_000 });
    release();
    await once(socket, 'close');
    expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(3);
    expect(text.match(/connection: close/gi)).toHaveLength(1);
    await stopped;
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

  test('a client that has not noticed yet is answered with an error, for longer than the delay', async () => {
    const draining = await startHeld();
    release();
    const startedAt = performance.now();
    const delayMs = 1000;
    const stopped = draining.stopGateway({ delayMs, limitMs: 60_000 });
    let sentAt = startedAt;
    while (performance.now() - startedAt < 2 * delayMs) {
      const before = sentAt;
      sentAt = performance.now();
      const status = await send(draining).then((response) => response.status, String);
      // Unless the machine has held the client for as long as the gateway waits for it.
      if (performance.now() - before < delayMs) expect([200, 503]).toContain(status);
      await sleep(50);
    }
    await stopped;
    await expect(send(draining)).rejects.toThrow();
  });

  test('a client that never notices does not hold it', async () => {
    const draining = await startHeld();
    release();
    const statuses: number[] = [];
    const sending = setInterval(() => {
      send(draining).then(
        ({ status }) => statuses.push(status),
        () => undefined,
      );
    }, 10);
    try {
      await draining.stopGateway({ delayMs: 1000, limitMs: 20_000 });
    } finally {
      clearInterval(sending);
    }
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  });

  test('a request on a connection that was just opened is answered', async () => {
    const draining = await startHeld();
    release();
    const stopped = draining.stopGateway({ delayMs: 4000, limitMs: 60_000 });
    const { port, hostname } = new URL(draining.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    let text = '';
    socket.on('data', (data: Buffer) => (text += data.toString()));
    socket.write(
      'GET /graphql?query={__typename} HTTP/1.1\r\nhost: localhost\r\napollo-require-preflight: 1\r\n\r\n',
    );
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1.1 200 /);
    await stopped;
  });

  test('a request whose body is in transit when requests are refused is answered', async () => {
    const draining = await startHeld();
    release();
    const { port, hostname } = new URL(draining.url);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('data', (data: Buffer) => (text += data.toString()));
    const body = JSON.stringify({ query });
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n{`,
    );
    await letArrive();
    const stopped = draining.stopGateway({ delayMs: 1000, limitMs: 60_000 });
    await until(async () => (await send(draining)).status === 503);
    socket.write(body.slice(1));
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1.1 200 /);
    await stopped;
  });

  test('a request that was on its way when the port closed is refused with the same error', async () => {
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
