/** Calls that are made to break or to hold up the gateway, and those of callers who may not go on. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { hashKey } from '../../src/callers/api-keys.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { slownessOfMachine, watchEventLoop } from '../cpu-time.ts';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import { useGateways } from '../use-gateway.ts';
import { openConnection } from '../open-connection.ts';
import { until } from '../until.ts';
import { userRow, worldOfTenant } from '../world-of.ts';
import { answerOf, callText, callTool, sendMessage } from './message-sender.ts';
import { mcpSetting } from './official-client.ts';

const world = createGeneratedWorld({ seed: 1, customers: 4, tenantsPerCustomer: 1, usersPerTenant: 20 });
const folder = mkdtempSync(join(tmpdir(), 'hostile-calls-'));
const start = useGateways({ world, endpoint: { mcp: mcpSetting } });
const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A file of keys, each of which is its caller's name. */
function writeKeys(file: string, names: readonly string[]): string {
  const path = join(folder, file);
  const keys = names.map((name) => ({ name, sha256: hashKey(name), customers: 'all' }));
  writeFileSync(path, JSON.stringify({ keys }));
  return path;
}

const lists = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const call = (params: string, id = '1') =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`;
const query = (text: string, variables: object = {}) => callText('query', { query: text, variables });
const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

const deep = /deeper than 200 levels/;
const levels = 100_000;
const crowded = /more than 20000 values/;
const refused: readonly RegExp[] = [deep, crowded];

/** Bodies, with what their answers say; several once broke the gateway. */
const hostile: readonly (readonly [string, string, RegExp])[] = [
  ['deep arguments', call(`{"name":"find_users","arguments":{"search":${lists(levels)}}}`), deep],
  ['a deep filter', call(`{"name":"find_users","arguments":{"protection":${objects(levels)}}}`), deep],
  [
    'deep variables',
    call(`{"name":"query","arguments":{"query":"{a}","variables":${objects(levels)}}}`),
    deep,
  ],
  ['deep params', call(objects(levels)), deep],
  ['deep metadata', call(`{"name":"job_problems","_meta":${objects(levels)}}`), deep],
  [
    'a deep token of progress',
    call(`{"name":"job_problems","_meta":{"progressToken":${lists(levels)}}}`),
    deep,
  ],
  ['a deep id', call('{"name":"job_problems"}', lists(levels)), deep],
  ['a deep response', `{"jsonrpc":"2.0","id":1,"result":${objects(levels)}}`, deep],
  ['a deep error', `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x","data":${lists(levels)}}}`, deep],
  [
    'a deep id to cancel',
    `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${lists(levels)}}}`,
    deep,
  ],
  ['a long name of a tool', callText('n'.repeat(1_000_000), {}), /Unknown tool "n{100}"/],
  [
    'invisible characters in a tool',
    callText('\u202e\u{e0041}', {}),
    /Unknown tool \\*"\\+u202e\\+udb40\\+udc41/,
  ],
  ['a long name of an argument', callText('find_users', { ['n'.repeat(1_000_000)]: 1 }), /Unknown argument/],
  [
    'thousands of arguments',
    callText(
      'find_users',
      Object.fromEntries(Array.from({ length: 19_000 }, (_, index) => [`a${index}`, 1])),
    ),
    /Unknown argument/,
  ],
  [
    'tens of thousands of arguments',
    callText(
      'find_users',
      Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`a${index}`, 1])),
    ),
    crowded,
  ],
  [
    'hundreds of thousands of values of metadata',
    call(`{"name":"job_problems","_meta":{"a":[${'1,'.repeat(400_000)}1]}}`),
    crowded,
  ],
  ['a long text', callText('find_users', { search: 'n'.repeat(1_000_000) }), /characters of variables/],
  [
    'many values',
    callText('find_users', { status: Array.from({ length: 15_000 }, () => 'INACTIVE') }),
    /values of variables/,
  ],
  ['a long id', callText('nothing', {}, 'i'.repeat(1_000_000)), /Unknown tool/],
  ['a hidden name', query('{ _missing: customers { totalCount } }'), /_missing begins with an underscore/],
  [
    'a hidden name in a fragment',
    query('{ ...f } fragment f on Query { _page: __typename }'),
    /_page begins/,
  ],
  [
    'a hidden name in a long query',
    query(`{ _missing: customers { totalCount } } #${'x'.repeat(60_000)}`),
    /_missing begins with an underscore/,
  ],
  [
    'a hidden name among many tokens',
    query(
      `{ _rows_nodes: __typename ${times(250, (index) => `a${index}: customers(filter: { or: [{ search: "a" }, { search: "b" }] }) { totalCount }`)} }`,
    ),
    /_rows_nodes begins with an underscore/,
  ],
  [
    'a deep value in a query',
    query(`{ customers(filter: ${lists(2000)}) { totalCount } }`),
    /levels of brackets/,
  ],
  [
    'a deep query',
    query(`{ ${'customers { nodes { '.repeat(800)} a ${'} } '.repeat(800)} }`),
    /levels of brackets/,
  ],
  ['thousands of aliases', query(`{ ${times(5000, (index) => `a${index}: __typename`)} }`), /tokens/],
  [
    'a circle of fragments',
    query('{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }'),
    /within itself/,
  ],
  [
    'fragments that double',
    query(
      `{ ...f0 } ${times(300, (index) => `fragment f${index} on Query { ...f${index + 1} ...f${index + 1} }`)} fragment f300 on Query { __typename }`,
    ),
    /LIMIT_EXCEEDED/,
  ],
  ['a long query', query(`{ ${'x'.repeat(900_000)} }`), /characters/],
  ['a mutation', query('mutation { x }'), /not supported/],
  ['introspection', query('{ __schema { types { name } } }'), /Introspection is off/],
  ['a misspelt field', query('{ custmers { totalCount } }'), /^(?!.*Did you mean)/s],
];

test('hostile messages are each refused in words that name the fault, in one turn of the event loop', async () => {
  const gateway: GatewayProcess = await startGatewayProcess(null, {
    SIMULATOR_CUSTOMERS: '3',
    MCP_QUERIES: 'on',
    INTROSPECTION: 'off',
  });
  ended.push(() => endProcess(gateway));
  const { takeHeldMs } = await watchEventLoop(gateway);
  await callTool(gateway.url, 'estate_overview', {});
  const session = { 'mcp-session-id': 'x' };
  // The least of the times that each held the event loop, since a collection may fall into any.
  const leastMs = new Map<string, number>();
  const play = async (messages = hostile) => {
    for (const [what, body, words] of messages) {
      await takeHeldMs();
      const answer = await sendMessage(gateway.url, body, session);
      leastMs.set(what, Math.min(await takeHeldMs(), leastMs.get(what) ?? Infinity));
      expect([what, answer.status]).toEqual([what, refused.includes(words) ? 400 : 200]);
      const { error, result } = answerOf(answer);
      const said = error?.message ?? JSON.stringify(result);
      expect(`${what}: ${said}`).toMatch(words);
      expect(said).not.toContain('INTERNAL');
      expect(said.length).toBeLessThan(4000);
    }
  };
  await play();
  leastMs.clear();
  const before = await gateway.heapUsed();
  await play();
  const growth = ((await gateway.heapUsed()) - before) / 1024 / 1024;
  const limitMs = 250 * slownessOfMachine();
  const slow = () => hostile.filter(([what]) => (leastMs.get(what) ?? Infinity) >= limitMs);
  for (let time = 0; time < 2; time++) await play(slow());
  expect(slow().map(([what]) => [what, leastMs.get(what)])).toEqual([]);
  expect(growth).toBeLessThan(10);
  expect(gateway.complaints()).toBe('');
});

test('sessions that are never closed, and calls in them, take no memory', async () => {
  const gateway = await startGatewayProcess(null, { SIMULATOR_CUSTOMERS: '3', MCP: 'on' });
  ended.push(() => endProcess(gateway));
  const clientInfo = { name: 'x', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  const initialize = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  const sessions = new Set<string>();
  const open = async () => {
    const { headers } = await sendMessage(gateway.url, initialize);
    const session = String(headers['mcp-session-id']);
    sessions.add(session);
    await sendMessage(gateway.url, callText('find_users', { first: 1 }), { 'mcp-session-id': session });
  };
  const count = 300;
  const growthOfMany = async () => {
    const before = await gateway.heapUsed();
    for (let opened = 0; opened < count; opened += 20) await Promise.all(Array.from({ length: 20 }, open));
    return ((await gateway.heapUsed()) - before) / count;
  };
  // Compiled code and caches grow at first, and now and then later: sessions that are kept grow each time.
  await growthOfMany();
  const bytesPerSession = [await growthOfMany(), await growthOfMany()];
  expect(sessions.size).toBe(3 * count);
  // One that is kept has its request, of kilobytes.
  expect(Math.min(...bytesPerSession)).toBeLessThan(1000);
});

test('names of every object are no arguments, variables or tools', async () => {
  const gateway = await start();
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const { error } = answerOf(await sendMessage(gateway.url, callText(name, {})));
    expect(error?.message).toContain(`Unknown tool "${name}"`);
    const body = call(
      `{"name":"query","arguments":{"query":"query ($a: String) { customers(filter: { search: $a }) { totalCount } }","variables":{"${name}":{"a":"nothing"}}}}`,
    );
    const { result } = answerOf(await sendMessage(gateway.url, body));
    expect(result).toMatchObject({ structuredContent: { data: { customers: { totalCount: 4 } } } });
  }
  expect(Object.hasOwn(Object.prototype, 'a')).toBe(false);
});

test('entities of a free query stay in its answer', async () => {
  const gateway = await start();
  const { structuredContent } = await callTool(gateway.url, 'query', {
    query: '{ _entities(representations: []) { __typename } }',
  });
  expect(structuredContent).toMatchObject({ data: { _entities: [] } });
});

test('long names are left out, and lists go on behind them in every order', async () => {
  const names = ['z'.repeat(1_000_000), 'y'.repeat(32_000), 'zz\u{e0041}\u202e', 'x'];
  const users = names.map((displayName, index) => userRow({ id: `user-${index}`, displayName }));
  const gateway = await start({ world: worldOfTenant({ users, protection: [] }) });
  const page = async (given: object) => {
    const { content, structuredContent } = await callTool(gateway.url, 'find_users', { first: 1, ...given });
    const text = content[0]?.text ?? '';
    expect(text.length).toBeLessThan(20_000);
    expect(JSON.parse(text)).toEqual(structuredContent);
    return JSON.parse(text) as {
      readonly isComplete: boolean;
      readonly data: {
        readonly users: { readonly nodes: readonly { readonly displayName: string | null }[] };
      };
      readonly leftOut: readonly { readonly list: string; readonly next: object | null }[];
    };
  };
  const seen: unknown[] = [];
  let after: object = {};
  while (seen.length < names.length) {
    const { isComplete, data, leftOut } = await page({ orderBy: ['MAIL_ASC'], ...after });
    const shown = data.users.nodes[0]?.displayName;
    seen.push(shown);
    // A megabyte is no name: the field has an error.
    expect(isComplete).toBe(shown !== null);
    after = leftOut.find(({ next }) => next !== null)?.next ?? {};
  }
  expect(seen).toEqual([null, '(a text of 32000 characters was left out)', names[2], names[3]]);

  let named: unknown[] = [];
  let next: object | null = {};
  while (next !== null) {
    const { data, leftOut } = await page({ orderBy: ['DISPLAY_NAME_DESC'], ...next });
    named = [...named, ...data.users.nodes.map(({ displayName }) => displayName)];
    next = leftOut.find(({ list }) => list === 'users.nodes')?.next ?? null;
  }
  expect(named).toEqual([names[2], '(a text of 32000 characters was left out)', names[3], null]);
});

test('a body that does not arrive in time is refused as a message', async () => {
  const gateway = await start({ bodyTimeoutMs: 300 });
  const connection = await openConnection(gateway.url);
  connection.socket.write(
    'POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"jsonrpc"',
  );
  const text = await connection.closed();
  expect(text).toMatch(/^HTTP\/1.1 408 [\s\S]*"jsonrpc":"2.0".*did not arrive in time/);
});

test('a call is cancelled by its own caller alone, in its own session', async () => {
  let held = 0;
  const aborted: string[] = [];
  const gateway = await start({
    callers: { kind: 'known', keysFile: writeKeys('cancel.json', ['one', 'other']), tokens: null },
    intercept: ({ path }) => {
      if (path === '/connect/token') return undefined;
      held += 1;
      return 'hang';
    },
    onAborted: (path) => aborted.push(path),
  });
  const as = (key: string, session: string) => ({ 'x-api-key': key, 'mcp-session-id': session });
  const running = sendMessage(gateway.url, callText('job_problems', {}, 7), as('one', 'session'));
  await until(() => held > 0);
  const cancel = (requestId: unknown, headers: Readonly<Record<string, string>>) =>
    sendMessage(
      gateway.url,
      JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }),
      headers,
    );
  const guesses = [
    await cancel(7, as('other', 'session')),
    await cancel('7', as('one', 'session')),
    await cancel(7, as('one', 'sessions')),
    await cancel({}, as('one', 'session')),
    await cancel(7, { 'x-api-key': 'one' }),
  ];
  expect(guesses.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  expect((await cancel(7, as('unknown', 'session'))).status).toBe(401);
  expect(aborted).toEqual([]);
  await cancel(7, as('one', 'session'));
  await until(() => aborted.length > 0);
  await running;
});

test('a report ends with its key, and reports count as subscriptions', async () => {
  const keysFile = writeKeys('report.json', ['one', 'other']);
  let held = 0;
  const gateway = await start({
    callers: { kind: 'known', keysFile, tokens: null },
    maxSubscriptionsPerCaller: 2,
    intercept: ({ path }) => {
      if (path === '/connect/token') return undefined;
      held += 1;
      return 'hang';
    },
  });
  const report = (key: string) =>
    sendMessage(gateway.url, callText('protection_report', {}), { 'x-api-key': key });
  const running = [report('one'), report('one')];
  await until(() => held > 0);
  await until(async () => {
    const third = answerOf(await report('one'));
    return JSON.stringify(third.result).includes('OVERLOADED: You have 2 subscriptions');
  });
  writeKeys('report.json', ['other']);
  for (const answer of await Promise.all(running))
    expect(JSON.stringify(answerOf(answer).result)).toMatch(/UNAUTHENTICATED.*valid API key/);
});

test('the credential of a caller goes nowhere', async () => {
  const key = 'zq-secret-of-a-caller';
  const requests: string[] = [];
  const gateway = await start({
    callers: { kind: 'known', keysFile: writeKeys('credential.json', [key]), tokens: null },
    intercept: (sent) => {
      requests.push(JSON.stringify(sent));
      return undefined;
    },
  });
  const given: readonly (readonly [string, object])[] = [
    ['estate_overview', {}],
    ['find_users', { first: 3 }],
    ['find_users', { first: 'all' }],
    ['protection_report', {}],
    ['nothing', {}],
    ['export_command', { list: 'users' }],
    ['query', { query: '{ nothing }' }],
  ];
  const headers = [{ 'x-api-key': key }, { authorization: `Bearer ${key}` }];
  const answers = await Promise.all(
    given.flatMap(([name, values]) =>
      headers.map((header) =>
        sendMessage(gateway.url, callText(name, values, 1, { progressToken: 1 }), header),
      ),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const refused = await sendMessage(gateway.url, callText('estate_overview', {}), {
    'x-api-key': `${key}-not`,
  });
  expect(refused.status).toBe(401);
  expect(requests.length).toBeGreaterThan(0);
  // A key is its caller's name in this test alone: the audit names callers.
  const audit = gateway.audit.map((entry) => ({ ...entry, caller: null }));
  const all = JSON.stringify([answers, refused, requests, audit, gateway.reported, gateway.logged]);
  expect(all).not.toContain(key);
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends the process in time while tools run', async (signal) => {
  const gateway = await startGatewayProcess(null, {
    SIMULATOR_CUSTOMERS: '500',
    // Nothing but the list of customers is read by then.
    SIMULATOR_LATENCY_MS: '3000',
    SHUTDOWN_DELAY_MS: '0',
    // A busy machine takes its time for the last answers.
    SHUTDOWN_TIMEOUT_MS: '6000',
    MCP: 'on',
  });
  ended.push(() => endProcess(gateway));
  const meta = { progressToken: 1 };
  const running = ['protection_report', 'estate_overview', 'worst_covered_customers'].map((name) =>
    sendMessage(gateway.url, callText(name, {}, 1, meta)).then(
      (answer) => JSON.stringify(answerOf(answer)),
      (error: unknown) => String(error),
    ),
  );
  const idle = await openConnection(gateway.url);
  // The calls have arrived when the answer to a later message is there.
  await sendMessage(gateway.url, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
  const before = performance.now();
  gateway.kill(signal);
  expect(await gateway.exitCode).toBe(0);
  process.stderr.write(`ended after ${(performance.now() - before).toFixed(0)} ms\n`);
  for (const ending of await Promise.all(running)) expect(ending).toContain('"text":"DEADLINE_EXCEEDED');
  if (!idle.socket.closed) await once(idle.socket, 'close');
  expect(gateway.complaints()).not.toContain('"level":"error"');
});
