/** Exchanges over real connections. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createScope } from '../../src/scope.ts';
import { createUndiciTransport, type PooledTransport } from '../../src/transport/undici.ts';
import { until } from '../until.ts';

let server: Server | undefined;
let transport: PooledTransport | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await transport?.close();
});

interface Reached {
  readonly path: string | undefined;
  readonly response: ServerResponse;
}

/**
 * One connection to a server that answers by hand.
 *
 * @param bodyStart what it writes of each body at once
 */
async function setUp({ timeoutMs = 300_000, bodyStart = '' } = {}): Promise<{
  readonly reached: Reached[];
  readonly send: (path: string, signal?: AbortSignal, body?: () => string) => Promise<unknown>;
}> {
  const reached: Reached[] = [];
  server = createServer(({ url }, response) => {
    reached.push({ path: url, response });
    if (bodyStart !== '') response.write(bodyStart);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`);
  const created = createUndiciTransport({ baseUrl, timeoutMs, maxResponseBytes: 1000, connections: 1 });
  transport = created;
  return {
    reached,
    send: (path, signal = new AbortController().signal, body) => {
      const request = {
        endpoint: 'POST /rows',
        method: 'POST',
        path,
        ...(body === undefined ? {} : { body }),
      } as const;
      return created.send(request, { ...createScope().scope, signal });
    },
  };
}

describe('an exchange', () => {
  test('brings status, headers and body, whatever comes before them', async () => {
    const { reached, send } = await setUp();
    const answer = send('/rows?page=1', undefined, () => '{"a":1}');
    await until(() => reached.length === 1);
    expect(reached[0]?.path).toBe('/base/rows?page=1');
    const response = reached[0]?.response;
    response?.writeEarlyHints({ link: '</x>; rel=preload', 'x-early': 'yes' });
    response?.setHeader('x-many', ['first', 'second']).writeHead(201);
    response?.write('Ž');
    response?.end('ivjo');
    await expect(answer).resolves.toMatchObject({
      status: 201,
      body: 'Živjo',
      headers: { 'x-many': 'first' },
    });
    expect((await answer) as { headers: object }).not.toHaveProperty('headers.x-early');
  });

  test('that is cancelled while it waits for a connection is not made', async () => {
    const { reached, send } = await setUp();
    const first = send('/first');
    await until(() => reached.length === 1);
    const leaving = new AbortController();
    const second = send('/second', leaving.signal);
    const third = send('/third');
    leaving.abort();
    await expect(second).rejects.toMatchObject({ code: 'REQUEST_CANCELLED' });
    reached[0]?.response.end();
    await until(() => reached.length === 2);
    reached[1]?.response.end();
    await Promise.all([first, third]);
    expect(reached.map(({ path }) => path)).toEqual(['/base/first', '/base/third']);
    await expect(send('/fourth', leaving.signal)).rejects.toMatchObject({ code: 'REQUEST_CANCELLED' });
  });

  test.each([
    ['before its answer', ''],
    ['within it', '{'],
  ])('that takes too long is ended %s', async (_when, bodyStart) => {
    const { send } = await setUp({ timeoutMs: 500, bodyStart });
    await expect(send('/slow')).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
  });

  test('whose body can not be written is none, and an answer that is too long is refused', async () => {
    const { reached, send } = await setUp();
    await expect(
      send('/none', undefined, () => {
        throw new Error('There is no body.');
      }),
    ).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    const long = send('/long');
    await until(() => reached.length === 1);
    reached[0]?.response.end('x'.repeat(2000));
    await expect(long).rejects.toMatchObject({ code: 'UPSTREAM_INVALID_RESPONSE' });
  });
});
