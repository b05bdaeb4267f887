/**
 * Clients that send half a request or stop reading lose their place in time, and hold neither others nor the process.
 * The short times of the settings only make these tests quick: what is awaited may take as long as it does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import { exchange, livenessMs } from '../http-exchange.ts';
import { bodyOf, openConnection, postHead, type OpenConnection } from '../open-connection.ts';
import { judgementOf, parseEventStream } from '../request-forms.ts';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';
import { createWorldOf, customerRow, type WorldData } from '../world-of.ts';

const bodyTimeout = { BODY_TIMEOUT_MS: '1000' };
const readerTimeout = { READER_TIMEOUT_MS: '1000' };
/** Times that no test reaches. */
const patientServer = { BODY_TIMEOUT_MS: '600000', READER_TIMEOUT_MS: '600000' };

let process: GatewayProcess | undefined;
let simulator: Simulator | undefined;
let gateway: GatewayUnderTest | undefined;
const connections: OpenConnection[] = [];
afterEach(async () => {
  for (const { socket } of connections.splice(0)) socket.destroy();
  await endProcess(process);
  await gateway?.stop();
  await simulator?.stop();
  process = gateway = simulator = undefined;
});

const json = { 'content-type': 'application/json' };
const query = '{ customers { totalCount } }';
const body = JSON.stringify({ query });
const report = 'subscription { protectionReport { tenant { name } totals { userCount } } }';

/** So many tenants with names so long that their report fills all buffers between the gateway and its reader. */
const wide: WorldData = {
  customers: Array.from({ length: 4 }, (_, customer) =>
    customerRow({
      id: `c${customer}`,
      tenants: Array.from({ length: 200 }, (__, index) => ({ id: `t${index}`, name: 'N'.repeat(30_000) })),
    }),
  ),
  directory: [],
  tenants: {},
};

const narrow: WorldData = { customers: [customerRow({ id: 'c' })], directory: [], tenants: {} };

async function start(
  settings: Readonly<Record<string, string>>,
  { world = narrow, intercept }: { world?: WorldData; intercept?: SimulatorOptions['intercept'] } = {},
): Promise<GatewayProcess> {
  simulator = await startSimulator({
    port: 0,
    world: createWorldOf(world),
    latencyMs: 0,
    dialect: 'plural',
    intercept: (call) =>
      call.path.includes('/tenants/')
        ? { status: 200, headers: {}, body: '{"data":[],"metadata":{"totalCount":0,"pageSize":100}}' }
        : intercept?.(call),
  });
  process = await startGatewayProcess(simulator, {
    AVEPOINT_MAX_RESPONSE_MEBIBYTES: '64',
    ...settings,
  });
  return process;
}

async function connectTo({ url }: { readonly url: string }, ...lines: string[]): Promise<OpenConnection> {
  const connection = await openConnection(url);
  connections.push(connection);
  connection.socket.write(lines.join(''));
  return connection;
}

const head = postHead(['accept: application/json', `content-length: ${body.length}`]);
const streamHead = postHead(['accept: text/event-stream', `content-length: ${body.length}`]);
const chunkedHead = postHead(['transfer-encoding: chunked']);
const half = body.slice(0, 10);
const reportRequest = () => {
  const sent = JSON.stringify({ query: report });
  return `${postHead(['accept: text/event-stream', `content-length: ${sent.length}`])}${sent}`;
};

const halfSent: readonly (readonly [name: string, bytes: string])[] = [
  ['half a body', `${head}${half}`],
  ['half a body of a request for events', `${streamHead}${half}`],
  ['no body after its head', head],
  ['a chunk without an end', `${chunkedHead}a\r\n${half}\r\n`],
  ['half a chunk', `${chunkedHead}a\r\n${half.slice(0, 5)}`],
  ['a body of the wrong type', `${head.replace('application/json', 'text/plain')}${half}`],
];

describe('a client that does not finish its body', () => {
  test('is answered in time and disconnected', async () => {
    const running = await start(bodyTimeout);
    const answers = await Promise.all(
      halfSent.map(async ([name, bytes]) => {
        const connection = await connectTo(running, bytes);
        await connection.closed();
        return { name, status: connection.text().slice(0, 'HTTP/1.1 408'.length) };
      }),
    );
    // What is refused by its head needs no body.
    expect(answers).toEqual(
      answers.map(({ name, status }) => ({
        name,
        status: name.includes('wrong type') && status === 'HTTP/1.1 415' ? status : 'HTTP/1.1 408',
      })),
    );
    expect(running.complaints()).toBe('');
  });

  test('is disconnected even if it sends a byte occasionally', async () => {
    const running = await start(bodyTimeout);
    const connection = await connectTo(running, postHead(['content-length: 100000']), '{');
    const drip = setInterval(() => connection.socket.write(' '), 100);
    try {
      expect(await connection.closed()).toMatch(/^HTTP\/1\.1 408 /);
    } finally {
      clearInterval(drip);
    }
  });

  test('keeps no place that others need', async () => {
    const running = await start({ ...patientServer, MAX_REQUESTS_IN_FLIGHT: '20' });
    const bytes = [`${head}${half}`, `${streamHead}${half}`, `${chunkedHead}a\r\n${half}\r\n`];
    for (let index = 0; index < 40; index++) await connectTo(running, bytes[index % bytes.length] ?? '');
    // A request on a later connection shows that the earlier ones have been accepted.
    await exchange(running.url, { method: 'GET', target: '/health/live' });
    await sleep(200);
    const answers = [];
    for (let index = 0; index < 30; index++) {
      const accept = index % 2 === 0 ? 'application/json' : 'text/event-stream';
      const { status, codes } = judgementOf(
        await exchange(running.url, { headers: { ...json, accept }, body }),
      );
      answers.push({ status, codes });
    }
    expect(answers).toEqual(answers.map(() => ({ status: 200, codes: [] })));
    const isOpen = connections.filter(({ text }) => text() === '').length;
    // Otherwise these 30 answers came when none of the 40 was there any more.
    expect(isOpen).toBeGreaterThan(20);
    // As many at once as there are places.
    const together = await Promise.all(
      Array.from({ length: 20 }, () => exchange(running.url, { headers: json, body })),
    );
    expect(together.map(({ status }) => status)).toEqual(together.map(() => 200));
  });

  test('that goes away in the middle of its body leaves nothing behind', async () => {
    const running = await start({ ...patientServer, MAX_REQUESTS_IN_FLIGHT: '20' });
    for (let index = 0; index < 60; index++) {
      const connection = await connectTo(running, `${index % 2 === 0 ? head : streamHead}${half}`);
      if (index % 3 === 0) connection.socket.resetAndDestroy();
      else connection.socket.destroy();
    }
    await sleep(100);
    for (let index = 0; index < 25; index++) {
      expect((await exchange(running.url, { headers: json, body })).status).toBe(200);
    }
    expect(running.complaints()).toBe('');
  });
});

describe('a reader that stops reading a report', () => {
  test.each([
    ['and sends nothing', ''],
    ['and sends line breaks, which begin no request', '\r\n'],
  ])('%s is let go, and another one gets its place', async (_what, meanwhile) => {
    const running = await start({ ...readerTimeout, MAX_SUBSCRIPTIONS: '1' }, { world: wide });
    const stalled = await connectTo(running, reportRequest());
    await stalled.read((text) => text.includes('event: next'));
    stalled.socket.pause();
    let codes: readonly string[] = ['OVERLOADED'];
    let refusals = 0;
    while (codes.includes('OVERLOADED')) {
      const sent = JSON.stringify({
        query: 'subscription { protectionReport(filter: { search: "z" }) { __typename } }',
      });
      const answer = await exchange(running.url, {
        headers: { ...json, accept: 'text/event-stream' },
        body: sent,
      });
      ({ codes } = judgementOf(answer));
      if (codes.includes('OVERLOADED')) refusals += 1;
      if (meanwhile !== '') stalled.socket.write(meanwhile);
      await sleep(200);
    }
    expect(codes).toEqual([]);
    // Otherwise the first one ended by itself, with its buffers full of all of it.
    expect(refusals).toBeGreaterThan(0);
    stalled.socket.resume();
    const text = await stalled.closed();
    expect(text).not.toContain('event: complete');
    expect(running.complaints()).toBe('');
  });

  test('but one that reads slowly is not', async () => {
    // Which no pause below comes near, and all of them together exceed.
    const running = await start({ READER_TIMEOUT_MS: '5000' }, { world: wide });
    const slow = await connectTo(running, reportRequest());
    await slow.read((text) => text.includes('event: next'));
    for (let round = 0; round < 60; round++) {
      slow.socket.pause();
      await sleep(100);
      slow.socket.resume();
      await sleep(1);
    }
    const text = await slow.read((all) => all.includes('event: complete\ndata:\n\n'));
    expect(parseEventStream(bodyOf(text)).at(-1)).toMatchObject({
      data: { protectionReport: { totals: { userCount: 0 } } },
    });
  });
});

describe('an event stream', () => {
  test.each([
    ['a report', report],
    ['a query', query],
  ])('begins before the upstream has answered anything: %s', async (_name, asked) => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    gateway = await startGatewayUnderTest({
      world: { customers: [customerRow({ id: 'a' })], directory: [], tenants: {} },
      intercept: async () => {
        await held;
        return undefined;
      },
    });
    const sent = JSON.stringify({ query: asked });
    for (const request of [
      `${postHead(['accept: text/event-stream', 'connection: close', `content-length: ${sent.length}`])}${sent}`,
      `GET /graphql?query=${encodeURIComponent(asked)} HTTP/1.1\r\nhost: 127.0.0.1\r\napollo-require-preflight: yes\r\naccept: text/event-stream\r\nconnection: close\r\n\r\n`,
    ]) {
      const connection = await connectTo(gateway, request);
      // For less than the upstream's and the operation's time, after which a result would come as well.
      const text = await connection.read((all) => /\r\n\r\n(?:[\da-f]+\r\n)?:.*\n/.test(all));
      expect(text).toMatch(/^HTTP\/1\.1 200 /);
      expect(text.toLowerCase()).toContain('content-type: text/event-stream');
      expect(text).not.toContain('event:');
    }
    release();
    for (const connection of connections) {
      const text = await connection.closed();
      const results = parseEventStream(bodyOf(text));
      expect(JSON.stringify(results)).not.toContain('errors');
      expect(results.length).toBeGreaterThan(0);
    }
    expect(gateway.reported).toEqual([]);
  });
});

describe('SIGTERM ends the process in time with', () => {
  const hanging: SimulatorOptions['intercept'] = ({ path }) =>
    path === '/connect/token' ? undefined : 'hang';
  // So that nothing but the end of the process ends what is under way.
  const limits = { ...patientServer, SHUTDOWN_DELAY_MS: '0', SHUTDOWN_TIMEOUT_MS: '2000' };
  const hung = (accept: string) =>
    `${postHead([`accept: ${accept}`, `content-length: ${body.length}`])}${body}`;

  const kinds: readonly (readonly [
    name: string,
    bytes: readonly string[],
    upstream: string,
    reads: boolean,
  ])[] = [
    ['halves of bodies', halfSent.map(([, bytes]) => bytes), 'answers', true],
    ['half a head, and a connection without a request', [head.slice(0, 40), ''], 'answers', true],
    ['a report whose reader has stopped', [reportRequest()], 'answers', false],
    ['a report whose upstream hangs', [reportRequest()], 'hangs', true],
    ['queries whose upstream hangs', [hung('application/json'), hung('text/event-stream')], 'hangs', true],
    ['half a request behind one that hangs', [`${hung('application/json')}${head}${half}`], 'hangs', true],
  ];

  test.each(kinds)('%s under way', async (_name, sent, upstream, reads) => {
    const running = await start(limits, {
      ...(reads ? {} : { world: wide }),
      ...(upstream === 'hangs' ? { intercept: hanging } : {}),
    });
    for (const bytes of [...sent, ...sent]) {
      const connection = await connectTo(running, bytes);
      if (reads) continue;
      await connection.read((text) => text.includes('event: next'));
      connection.socket.pause();
    }
    await exchange(running.url, { method: 'GET', target: '/health/live' });
    // Under way means past the first reads; how far does not matter.
    await sleep(300);
    running.kill('SIGTERM');
    const ended = await Promise.race([running.exitCode, sleep(livenessMs, 'still running', { ref: false })]);
    expect(ended).toBe(0);
  });

  test('a query that runs for more than ten seconds', async () => {
    const running = await start({ ...limits, SHUTDOWN_TIMEOUT_MS: '17000' }, { intercept: hanging });
    const connection = await connectTo(running, hung('application/json'));
    await exchange(running.url, { method: 'GET', target: '/health/live' });
    running.kill('SIGTERM');
    await connection.read((text) => text.includes('DEADLINE_EXCEEDED'));
    expect(await running.exitCode).toBe(0);
  });
});
