/** The balancer's own configuration, by a real nginx before two stubs of instances. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as sendRequest, type Server, type ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const executable = process.env['NGINX_PATH'] ?? '/usr/sbin/nginx';
/** Without one, this is skipped, but not in CI, which has one. */
const hasNginx = existsSync(executable) || process.env['CI'] !== undefined;

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

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** As it stands in deploy/, but for the addresses, and where its files are. */
function configOf(folder: string, port: number, instances: readonly number[]): string {
  const replacements: [string, string][] = [
    ['worker_processes auto;', 'worker_processes 1;'],
    ['pid /tmp/nginx.pid;', `pid ${folder}/nginx.pid;`],
    [
      'access_log off;',
      [
        'access_log off;',
        ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
          (kind) => `${kind}_temp_path ${folder}/${kind};`,
        ),
      ].join('\n'),
    ],
    ['resolver 127.0.0.11 valid=5s;', ''],
    ['server gateway:4000 resolve;', instances.map((each) => `server 127.0.0.1:${each};`).join('\n')],
    ['listen 8080;', `listen 127.0.0.1:${port};`],
  ];
  let text = readFileSync(new URL('../../deploy/nginx.conf', import.meta.url), 'utf8');
  for (const [from, to] of replacements) {
    expect(text.split(from)).toHaveLength(2);
    text = text.replace(from, to);
  }
  return text;
}

(hasNginx ? describe : describe.skip)('the balancer', () => {
  let folder: string;
  let port: number;
  let nginx: ChildProcess;
  let instances: [Instance, Instance];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nginx-'));
    port = await freePort();
    instances = [await startInstance(), await startInstance()];
    const file = join(folder, 'nginx.conf');
    writeFileSync(
      file,
      configOf(
        folder,
        port,
        instances.map((instance) => instance.port),
      ),
    );
    nginx = spawn(executable, ['-p', folder, '-e', 'stderr', '-c', file, '-g', 'daemon off;'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaints = '';
    nginx.stderr?.on('data', (data: Buffer) => (complaints += data.toString()));
    for (let look = 0; ; look++) {
      if (nginx.exitCode !== null || look > 40_000) throw new Error(`nginx did not start: ${complaints}`);
      const socket = connect(port, '127.0.0.1');
      const isUp = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => {
          resolve(true);
        });
        socket.once('error', () => {
          resolve(false);
        });
      });
      socket.destroy();
      if (isUp) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  afterEach(async () => {
    nginx.kill('SIGTERM');
    if (nginx.exitCode === null) await once(nginx, 'exit');
    for (const instance of instances) await instance.stop();
    rmSync(folder, { recursive: true });
  });

  /** With a path as it is written, which a URL might not keep; null if the answer breaks off. */
  function send(method: string, path: string): Promise<number | null> {
    return new Promise((resolve) => {
      const request = sendRequest({ host: '127.0.0.1', port, method, path, agent: false }, (response) => {
        response.resume();
        response.on('close', () => {
          resolve(response.complete ? (response.statusCode ?? null) : null);
        });
      });
      request.on('error', () => {
        resolve(null);
      });
      request.end(method === 'POST' ? '{"query":"{ __typename }"}' : undefined);
    });
  }

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
      expect(await send(method, path)).toBe(502);
    });

    test('hands on what both say', async () => {
      for (const instance of instances) instance.answerWith(isLeaving);
      expect(await send(method, path)).toBe(503);
      expect(reached()).toEqual([1, 1]);
    });
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
