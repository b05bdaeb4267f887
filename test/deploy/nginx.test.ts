/** The balancer's own configuration, by a real nginx before two stubs of instances. */
import { once } from 'node:events';
import { createServer, request as sendRequest, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { errorCodes } from '../../src/errors.ts';
import { hasNginx, startNginx, type Nginx } from './nginx-under-test.ts';

type Answer = (response: ServerResponse) => void;

interface Instance {
  readonly port: number;
  /** Method and path of each request that has reached it. */
  readonly requests: string[];
  readonly answerWith: (answer: Answer) => void;
  /** Its port refuses connections from then on. */
  readonly stop: () => Promise<void>;
}

const well: Answer = (response) => response.end('{"data":{}}');
const isLeaving: Answer = (response) => response.writeHead(503, { 'retry-after': '1' }).end('{}');
const dies: Answer = (response) => response.socket?.destroy();
const hangs: Answer = () => undefined;
const diesInMidAnswer: Answer = (response) => {
  response.writeHead(200, { 'content-length': '100' });
  response.write('{"data"', () => response.socket?.destroy());
};

async function startInstance(): Promise<Instance> {
  const requests: string[] = [];
  let answer = well;
  const server: Server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume().on('end', () => {
      answer(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    answerWith: (chosen) => (answer = chosen),
    stop: async () => {
      server.closeAllConnections();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

/** The extensions of the one error in a body of the gateway's form. */
function errorOf(
  sent: { readonly headers: Readonly<Record<string, unknown>>; readonly body: string } | null,
): object {
  expect(sent?.headers['content-type']).toBe('application/json');
  const { errors } = JSON.parse(sent?.body ?? '') as {
    errors: readonly { message: unknown; extensions: { code: string; retryable?: boolean } }[];
  };
  expect(errors).toHaveLength(1);
  expect(typeof errors[0]?.message).toBe('string');
  const { code, retryable } = errors[0]?.extensions ?? {};
  if (code !== 'INTERNAL_SERVER_ERROR') expect(errorCodes).toHaveProperty(code ?? '', { retryable });
  return errors[0]?.extensions ?? {};
}

(hasNginx ? describe : describe.skip)('the balancer', () => {
  let nginx: Nginx;
  let instances: [Instance, Instance];

  beforeEach(async () => {
    instances = [await startInstance(), await startInstance()];
    // Half a second, so that a test can wait for it.
    const isShort = ['proxy_read_timeout 60s;', 'proxy_read_timeout 500ms;'] as const;
    nginx = await startNginx(
      instances.map(({ port }) => port),
      [isShort],
    );
  });
  afterEach(async () => {
    await nginx.stop();
    for (const instance of instances) await instance.stop();
  });

  interface Sent {
    readonly status: number;
    readonly headers: Readonly<Record<string, unknown>>;
    readonly body: string;
  }

  /** With a path as it is written, which a URL might not keep; null if the answer breaks off. */
  function exchange(
    method: string,
    path: string,
    {
      headers = {},
      body = '{"query":"{ __typename }"}',
    }: { headers?: Record<string, string>; body?: string } = {},
  ): Promise<Sent | null> {
    return new Promise((resolve) => {
      const { port } = nginx;
      const options = { host: '127.0.0.1', port, method, path, headers, agent: false };
      const request = sendRequest(options, (response) => {
        let text = '';
        response.on('data', (data: Buffer) => (text += data.toString()));
        response.on('close', () => {
          const { statusCode: status = 0 } = response;
          resolve(response.complete ? { status, headers: response.headers, body: text } : null);
        });
      });
      request.on('error', () => {
        resolve(null);
      });
      request.end(method === 'POST' ? body : undefined);
    });
  }

  const send = async (method: string, path: string) => (await exchange(method, path))?.status ?? null;

  const reached = () => instances.map(({ requests }) => requests.length);

  describe.each(['POST', 'GET'])('by %s', (method) => {
    const path = '/graphql?query=%7B__typename%7D';

    test.each([
      ['before it answers', dies, 502],
      ['in mid-answer', diesInMidAnswer, null],
    ])(
      'sends nothing to another instance that has reached one which died %s',
      async (_when, answer, status) => {
        for (const instance of instances) instance.answerWith(answer);
        expect(await send(method, path)).toBe(status);
        expect(reached().reduce((sum, count) => sum + count)).toBe(1);
        // The other one is well, and answers what comes next.
        for (const instance of instances) instance.answerWith(well);
        for (let request = 0; request < 4; request++) expect(await send(method, path)).toBe(200);
        expect(reached().reduce((sum, count) => sum + count)).toBe(5);
      },
    );

    test('does not send again what has killed an instance over a connection that was kept', async () => {
      for (let request = 0; request < 4; request++) expect(await send(method, path)).toBe(200);
      expect(Math.min(...reached())).toBeGreaterThan(0);
      for (const instance of instances) instance.answerWith(dies);
      expect(await send(method, path)).toBe(502);
      expect(reached().reduce((sum, count) => sum + count)).toBe(5);
    });

    test.each([0, 1] as const)('asks the other one if an instance refuses connections', async (gone) => {
      await instances[gone].stop();
      for (let request = 0; request < 6; request++) expect(await send(method, path)).toBe(200);
      expect(reached()[gone]).toBe(0);
      expect(reached()[1 - gone]).toBe(6);
    });

    test.each([0, 1] as const)('asks the other one if an instance says that it leaves', async (leaving) => {
      instances[leaving].answerWith(isLeaving);
      for (let request = 0; request < 6; request++) expect(await send(method, path)).toBe(200);
      expect(reached()[1 - leaving]).toBe(6);
      expect(reached()[leaving]).toBeGreaterThan(0);
    });

    test('says so if there is none', async () => {
      for (const instance of instances) await instance.stop();
      const sent = await exchange(method, path);
      expect(sent?.status).toBe(502);
      expect(errorOf(sent)).toMatchObject({ code: 'GATEWAY_UNAVAILABLE', retryable: true });
    });

    test('says so if an instance died, or did not answer in time', async () => {
      for (const instance of instances) instance.answerWith(dies);
      const died = await exchange(method, path);
      for (const instance of instances) instance.answerWith(hangs);
      const late = await exchange(method, path);
      expect([died?.status, late?.status]).toEqual([502, 504]);
      for (const each of [died, late]) expect(errorOf(each)).toEqual({ code: 'INTERNAL_SERVER_ERROR' });
      expect(reached().reduce((sum, count) => sum + count)).toBe(2);
    });

    test('asks the one that is left, however many instances are gone and busy', async () => {
      instances[0].answerWith(isLeaving);
      await instances[1].stop();
      // The one has been asked, and the other can't be reached: what it has said is not known any more.
      const statuses = new Set<number | null>();
      for (let request = 0; request < 4; request++) statuses.add(await send(method, path));
      expect([...statuses].filter((status) => status !== 503 && status !== 502)).toEqual([]);
      instances[0].answerWith(well);
      for (let request = 0; request < 20; request++) expect(await send(method, path)).toBe(200);
    });

    test('never takes instances for dead, however many answers of 503 there were', async () => {
      for (const instance of instances) instance.answerWith(isLeaving);
      for (let request = 0; request < 20; request++) expect(await send(method, path)).toBe(503);
      expect(reached()).toEqual([20, 20]);
      for (const instance of instances) instance.answerWith(well);
      for (let request = 0; request < 20; request++) expect(await send(method, path)).toBe(200);
    });

    test('sends a request that found no instance as it came', async () => {
      await instances[0].stop();
      const seen: unknown[] = [];
      instances[1].answerWith((response) => {
        const { req } = response;
        seen.push([
          req.method,
          req.url,
          req.headers.host,
          req.headers['x-request-id'],
          req.headers['x-api-key'],
        ]);
        response.end('{}');
      });
      const headers = { host: 'gateway.example', 'x-request-id': 'mine', 'x-api-key': 'key' };
      for (let request = 0; request < 4; request++)
        expect((await exchange(method, path, { headers }))?.status).toBe(200);
      const expected = [method, path, 'gateway.example', 'mine', 'key'];
      expect(seen).toEqual([expected, expected, expected, expected]);
    });

    test('hands on what both say', async () => {
      for (const instance of instances) instance.answerWith(isLeaving);
      expect(await send(method, path)).toBe(503);
      expect(reached()).toEqual([1, 1]);
    });
  });

  test('refuses what it does not pass on in the form of the gateway', async () => {
    const large = await exchange('POST', '/graphql', { body: ' '.repeat(1024 * 1024 + 1) });
    expect(large?.status).toBe(413);
    expect(errorOf(large)).toMatchObject({ code: 'BAD_REQUEST' });
    const hidden = await exchange('GET', '/metrics');
    expect(hidden?.status).toBe(404);
    expect(errorOf(hidden)).toMatchObject({ code: 'NOT_FOUND' });
    const long = await exchange('GET', `/${'x'.repeat(50_000)}`);
    const headers = await exchange('GET', '/', { headers: { x: 'x'.repeat(50_000) } });
    for (const each of [long, headers]) {
      expect(each?.status).toBe(400);
      expect(errorOf(each)).toMatchObject({ code: 'BAD_REQUEST' });
    }
    const socket = connect(nginx.port, '127.0.0.1');
    let text = '';
    socket.on('data', (data: Buffer) => (text += data.toString()));
    socket.write('no HTTP\r\n\r\n');
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 400 .*"code":"BAD_REQUEST"/s);
    expect(reached()).toEqual([0, 0]);
  });

  test.each([
    ['that the gateway accepts is kept', '0af7651916cd-43dd.8448:eb21_1', true],
    ['with other characters is replaced', 'a b', false],
    ['that is too long is replaced', 'x'.repeat(101), false],
    ['that is absent is made', undefined, false],
  ])('an id of a request %s', async (_what, id, isKept) => {
    const seen: unknown[] = [];
    for (const instance of instances)
      instance.answerWith((response) => {
        seen.push(response.req.headers['x-request-id']);
        response.end('{}');
      });
    await exchange('POST', '/graphql', { headers: id === undefined ? {} : { 'x-request-id': id } });
    expect(seen).toEqual([isKept ? id : expect.stringMatching(/^[0-9a-f]{32}$/)]);
    for (const instance of instances) await instance.stop();
    const failed = await exchange('POST', '/graphql', { headers: { 'x-request-id': id ?? 'mine' } });
    if (isKept) expect(failed?.headers['x-request-id']).toBe(id);
  });

  test('an event stream is passed on event by event, for longer than a read may take', async () => {
    for (const instance of instances)
      instance.answerWith((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        let events = 0;
        const timer = setInterval(() => {
          response.write(':\n\n');
          if (++events < 12) return;
          clearInterval(timer);
          response.end('event: complete\ndata:\n\n');
        }, 100);
      });
    const stream = await exchange('POST', '/graphql', { headers: { accept: 'text/event-stream' } });
    expect(stream?.body).toContain('event: complete');
  });

  test.each([
    '/metrics',
    '/metrics/',
    '//metrics',
    '///metrics//',
    '/METRICS',
    '/Metrics',
    '/%6detrics',
    '/%6D%65%74%72%69%63%73',
    '/%4Detrics',
    '/./metrics',
    '/metrics/.',
    '/graphql/../metrics',
    '/graphql/..%2fmetrics',
    '/%2e/metrics',
    '/%2fmetrics',
    '/metrics%2f',
    '/metrics?x=1',
    '/metrics%3fx',
    '/metrics;x=1',
    '/metrics%20',
    '/metrics#x',
    'http://gateway.example/metrics',
  ])('shows the figures of no instance at %s', async (path) => {
    expect([400, 404]).toContain(await send('GET', path));
    expect([400, 404, 405]).toContain(await send('POST', path));
    expect(reached()).toEqual([0, 0]);
  });

  test.each(['/health/ready', '/health/live', '/graphql', '/graphql/metrics', '/'])(
    'hands on %s',
    async (path) => {
      expect(await send('GET', path)).toBe(200);
      expect(instances.flatMap(({ requests }) => requests)).toEqual([`GET ${path}`]);
    },
  );
});
