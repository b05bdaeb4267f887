/** Exchanges over real connections. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createScope } from '../../src/scope.ts';
import { Secret } from '../../src/secret.ts';
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
  const created = await createUndiciTransport({ baseUrl, timeoutMs, maxResponseBytes: 1000, connections: 1 });
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
  test('returns status, headers and body after informational responses', async () => {
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

  test('is not made if its body can’t be written, and fails if the response is too long', async () => {
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

describe('a compressed answer', () => {
  const text = '{"name":"Živjo"}';
  const reply = async (headers: Record<string, string>, body: Buffer): Promise<unknown> => {
    const { reached, send } = await setUp();
    const answer = send('/rows');
    // Handled when it is awaited.
    answer.catch(() => undefined);
    await until(() => reached.length === 1);
    expect(reached[0]?.response.req.headers['accept-encoding']).toBe('gzip, deflate, br');
    reached[0]?.response.writeHead(200, headers).end(body);
    return answer;
  };

  test.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['BR', brotliCompressSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
    ['identity', Buffer.from(text)],
  ])('is understood: %s', async (encoding, body) => {
    expect(await reply({ 'content-encoding': encoding }, body)).toMatchObject({ status: 200, body: text });
  });

  test('without a body is empty', async () => {
    expect(await reply({ 'content-encoding': 'gzip' }, Buffer.alloc(0))).toMatchObject({ body: '' });
  });

  test.each([
    ['gzip', gzipSync('x'.repeat(2_000_000))],
    ['br', brotliCompressSync('x'.repeat(2_000_000))],
    ['deflate', deflateSync('x'.repeat(2_000_000))],
    ['gzip, gzip', gzipSync(gzipSync('x'.repeat(2_000_000)))],
  ])('that becomes longer than an answer may be is refused: %s', async (encoding, body) => {
    await expect(reply({ 'content-encoding': encoding }, body.subarray(0, 4000))).rejects.toMatchObject({
      code: 'UPSTREAM_INVALID_RESPONSE',
    });
  });

  test.each([
    ['gzip', gzipSync(text).subarray(0, 20)],
    ['gzip', Buffer.from(text)],
    ['br', Buffer.from(text)],
    ['zstd', Buffer.from(text)],
    ['constructor', Buffer.from(text)],
    ['gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(text)))],
  ])('that is torn, or encoded another way, is none: %s', async (encoding, body) => {
    await expect(reply({ 'content-encoding': encoding }, body)).rejects.toMatchObject({
      code: 'UPSTREAM_INVALID_RESPONSE',
      details: { field: 'content-encoding' },
    });
  });
});

describe('a proxy', () => {
  async function startProxy(): Promise<{ asked: (string | undefined)[]; origin: string; stop: () => void }> {
    const target = createServer((_request, response) => response.end('{"from":"target"}')).listen(
      0,
      '127.0.0.1',
    );
    await once(target, 'listening');
    const asked: (string | undefined)[] = [];
    const proxy = createServer().listen(0, '127.0.0.1');
    proxy.on('connect', ({ url, headers }: IncomingMessage, socket) => {
      asked.push(url, headers['proxy-authorization']);
      if (url?.startsWith('forbidden') === true) {
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
        return;
      }
      const onward = connect((target.address() as AddressInfo).port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(onward).pipe(socket);
      });
      for (const each of [socket, onward]) each.on('error', () => undefined);
    });
    await once(proxy, 'listening');
    return {
      asked,
      origin: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      stop: () => {
        for (const each of [target, proxy]) {
          each.closeAllConnections();
          each.close();
        }
      },
    };
  }

  test('is used for remote hosts, except those in NO_PROXY', async () => {
    const proxy = await startProxy();
    const through = async (host: string, except = '') => {
      transport = await createUndiciTransport({
        baseUrl: new URL(`http://${host}`),
        timeoutMs: 300_000,
        maxResponseBytes: 1000,
        connections: 2,
        proxy: { http: new Secret(`http://user:word@${proxy.origin}`), https: null, except },
      });
      return transport.send({ endpoint: 'GET /x', method: 'GET', path: '/x' }, createScope().scope);
    };
    try {
      expect(await through('upstream.invalid:8080')).toMatchObject({ body: '{"from":"target"}' });
      expect(proxy.asked).toEqual(['upstream.invalid:8080', 'Basic dXNlcjp3b3Jk']);
      await expect(through('upstream.invalid:8080', 'other, .invalid')).rejects.toMatchObject({
        code: 'UPSTREAM_UNAVAILABLE',
      });
      await through('localhost:9').catch(() => undefined);
      expect(proxy.asked).toHaveLength(2);
      await expect(through('forbidden.invalid')).rejects.toMatchObject({
        code: 'UPSTREAM_UNAVAILABLE',
        details: {
          cause: { status: 403, proxy: { setting: 'HTTP_PROXY', url: new URL(`http://${proxy.origin}`) } },
        },
      });
      expect(proxy.asked).toHaveLength(4);
    } finally {
      await transport?.close();
      transport = undefined;
      proxy.stop();
    }
  });
});
