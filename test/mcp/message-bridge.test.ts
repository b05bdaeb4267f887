/** Lines of the standard input that are no messages, and more messages than may be in flight. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import { MessageBridge } from '../../src/cli/message-bridge.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { letArrive, until } from '../until.ts';
import { mcpSetting, ownSettings, program, root } from './official-client.ts';

const world = createGeneratedWorld({ seed: 1, customers: 2, tenantsPerCustomer: 1, usersPerTenant: 3 });
const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

async function start(): Promise<GatewayUnderTest> {
  const gateway = await startGatewayUnderTest({ world, endpoint: { mcp: mcpSetting } });
  ended.push(gateway.stop);
  return gateway;
}

const ping = (id: unknown) => JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' });

test.each(['its own gateway', '--url'])('lines that are no messages are answered by %s', async (way) => {
  const gateway = await start();
  const child = spawn(process.execPath, [program, ...(way === '--url' ? [way, `${gateway.url}/mcp`] : [])], {
    cwd: root,
    env: ownSettings(gateway.simulator),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = ['{"jsonrpc"', `[${ping(1)}]`, '7', '', ping(2), '{"jsonrpc":"2.0","id":3}'];
  child.stdin.write(`${lines.join('\n')}\n`);
  const answers: unknown[] = [];
  for await (const line of createInterface(child.stdout)) {
    answers.push(JSON.parse(line));
    if (answers.length === 5) break;
  }
  const error = (code: number, words: RegExp) => ({ code, message: expect.stringMatching(words) });
  expect(answers).toHaveLength(5);
  expect(answers.slice(0, 3)).toEqual([
    { jsonrpc: '2.0', id: null, error: error(-32700, /not JSON/) },
    { jsonrpc: '2.0', id: null, error: error(-32600, /one JSON-RPC message a line/) },
    { jsonrpc: '2.0', id: null, error: error(-32600, /one JSON-RPC message a line/) },
  ]);
  expect(answers).toContainEqual({ jsonrpc: '2.0', id: 2, result: {} });
  expect(answers).toContainEqual({ jsonrpc: '2.0', id: 3, error: error(-32600, /./) });
  child.stdin.end();
  await once(child, 'exit');
});

test.each([
  ['all messages', [], 0],
  ['not the first message', [1], 1],
  ['not the last message', [2], 1],
])('a gateway that answers %s gives the exit code for it', async (_which, refused, exitCode) => {
  let count = 0;
  const server = createServer((_request, response) => {
    count += 1;
    if (refused.includes(count)) response.destroy();
    else
      response
        .setHeader('content-type', 'application/json')
        .end(`{"jsonrpc":"2.0","id":${count},"result":{}}`);
  });
  const { input, output, end } = await bridgeTo(server);
  const lines = createInterface(output)[Symbol.asyncIterator]();
  for (const id of [1, 2]) {
    input.write(`${ping(id)}\n`);
    const line = await lines.next();
    expect(JSON.parse(String(line.value))).toMatchObject({
      id,
      [refused.includes(id) ? 'error' : 'result']: {},
    });
  }
  input.end();
  expect(await end).toBe(exitCode);
});

test('a line that is too long is refused, and those around it are answered', async () => {
  const gateway = await start();
  const child = spawn(process.execPath, [program, '--url', `${gateway.url}/mcp`], { cwd: root });
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'estate_overview' } };
  const long = JSON.stringify({
    jsonrpc: '2.0',
    id: 2,
    method: 'ping',
    params: { a: 'x'.repeat(3_000_000) },
  });
  child.stdin.end([JSON.stringify(call), long, ping(3)].join('\n'));
  const answers: unknown[] = [];
  for await (const line of createInterface(child.stdout)) answers.push(JSON.parse(line));
  expect(answers).toHaveLength(3);
  expect(answers).toContainEqual({
    jsonrpc: '2.0',
    id: null,
    error: { code: -32600, message: 'The line is longer than 1048576 bytes.' },
  });
  expect(answers).toContainEqual({ jsonrpc: '2.0', id: 3, result: {} });
  expect(answers).toContainEqual(expect.objectContaining({ id: 1, result: expect.anything() as unknown }));
});

const noLog: (text: unknown) => void = () => undefined;

async function bridgeTo(server: Server, { drainMs = 60_000, log = noLog } = {}) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const input = new PassThrough();
  const output = new PassThrough();
  const bridge = new MessageBridge({
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    headers: {},
    log,
    input,
    output,
    readerTimeoutMs: 60_000,
    drainMs,
  });
  const end = new Promise<number>((resolve) => {
    bridge.start(resolve);
  });
  ended.push(() => {
    bridge.close();
    server.closeAllConnections();
    server.close();
  });
  return { input, output, end };
}

/** A bridge to an endpoint that answers nothing. */
async function bridgeToNothing(drainMs = 60_000) {
  const state = { arrived: 0, ended: 0, exitCode: null as number | null, logged: [] as unknown[] };
  const server = createServer((request) => {
    state.arrived += 1;
    request.on('close', () => {
      state.ended += 1;
    });
  });
  const log = (text: unknown) => {
    state.logged.push(text);
  };
  const { input, output, end } = await bridgeTo(server, { drainMs, log });
  void end.then((exitCode) => {
    state.exitCode = exitCode;
  });
  return { input, output, state };
}

test('notifications count among the messages in flight', async () => {
  const { input, state } = await bridgeToNothing();
  const notification = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' });
  input.write(`${notification}\n`.repeat(2000));
  await until(() => state.arrived >= 64);
  await letArrive();
  expect(state.arrived).toBe(64);
});

test('calls are cancelled while no further one may be sent, and those that wait are sent then', async () => {
  const { input, state } = await bridgeToNothing();
  const cancel = (id: number) =>
    JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
  for (let id = 0; id < 70; id++) input.write(`${ping(id)}\n`);
  await until(() => state.arrived === 64);
  // One of those that wait, and as many as wait then.
  for (const id of [69, 0, 1, 2, 3, 4]) input.write(`${cancel(id)}\n`);
  await until(() => state.arrived === 69);
  await letArrive();
  expect(state).toMatchObject({ arrived: 69, ended: 5 });
});

test.each(['its own gateway', '--url'])('messages of a pipe are answered before %s ends', async (way) => {
  const gateway = await start();
  const call = (id: number) =>
    JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'estate_overview' } });
  const running = promisify(execFile)(
    process.execPath,
    [program, ...(way === '--url' ? [way, `${gateway.url}/mcp`] : [])],
    { cwd: root, env: ownSettings(gateway.simulator) },
  );
  running.child.stdin?.end(`${call(1)}\n${ping(2)}`);
  const { stdout } = await running;
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly id: number });
  expect(answers.map(({ id }) => id).sort()).toEqual([1, 2]);
  expect(stdout).toContain('"isComplete":true');
});

test('what is not answered in time after the end of the input is cancelled, and answered with an error', async () => {
  const { input, output, state } = await bridgeToNothing(200);
  const ids = Array.from({ length: 70 }, (_, id) => id);
  input.write(ids.map((id) => `${ping(id)}\n`).join(''));
  await until(() => state.arrived === 64);
  input.end();
  await until(() => state.exitCode !== null);
  expect(state.exitCode).toBe(1);
  expect(state.logged).toEqual(['70 messages were not answered within 0.2 s.']);
  const answers = String(output.read())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const error = { code: -32603, message: 'The gateway did not answer within 0.2 s.' };
  expect(answers).toEqual(ids.map((id) => ({ jsonrpc: '2.0', id, error })));
  await until(() => state.ended === 64);
});

test('an output that is closed ends the bridge', async () => {
  const { input, output, state } = await bridgeToNothing();
  input.write(`${ping(1)}\n`);
  await until(() => state.arrived === 1);
  output.destroy();
  await until(() => state.exitCode !== null);
  expect(state).toMatchObject({ exitCode: 1, logged: ['The client has closed the output.'] });
});

test('a process whose client dies during a call ends at once', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ended.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const child = spawn(process.execPath, [program, '--url', `http://127.0.0.1:${port}/mcp`], { cwd: root });
  child.stdin.write(`${ping(1)}\n`);
  await once(server, 'request');
  const exited = once(child, 'close');
  let faults = '';
  child.stderr.on('data', (chunk: Buffer) => (faults += chunk.toString()));
  child.stdin.destroy();
  child.stdout.destroy();
  expect(await exited).toEqual([1, null]);
  // Not because the minute is over.
  expect(faults).toBe('write EPIPE\n');
});

test.each([
  [['--ur', 'http://localhost/mcp'], 'unknown option "--ur"; did you mean --url?'],
  [['--nothing'], 'unknown option "--nothing"'],
  [['find_users'], 'unexpected argument "find_users"'],
  [['--url'], '--url: expected an http or https URL, but there is no value'],
  [['--url', '--profile', 'x'], '--url: expected an http or https URL, but "--profile" follows'],
  [['--url', 'ftp://localhost'], '--url: expected an http or https URL, but got "ftp://localhost"'],
  [['--url', 'https://user:secret@localhost'], 'a URL without user and password; use GRAPH_KEY'],
  [['--help=yes'], '--help takes no value'],
])('%j is refused with its own exit code', async (args, words) => {
  const refused = promisify(execFile)(process.execPath, [program, ...args], { cwd: root });
  await expect(refused).rejects.toMatchObject({
    code: 5,
    stdout: '',
    stderr: expect.stringContaining(words),
  });
});
