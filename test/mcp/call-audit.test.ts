/** Calls that are cancelled or refused: each ends at once, and the audit says what it was. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { requestsInFlight } from '../held-upstream.ts';
import { openConnection } from '../open-connection.ts';
import { until } from '../until.ts';
import { useGateways } from '../use-gateway.ts';
import { shippedWorld } from './shipped-tools.ts';
import { answerOf, callText, sendMessage } from './message-sender.ts';
import { mcpSetting } from './official-client.ts';

let gateway: GatewayUnderTest;
let release: () => void = () => undefined;
afterEach(() => {
  release();
});
const start = useGateways({ world: shippedWorld(), endpoint: { mcp: mcpSetting } });

/** Starts a gateway whose upstream answers nothing before `release`. */
async function startHeld(): Promise<void> {
  const released = new Promise<undefined>((resolve) => {
    release = () => {
      resolve(undefined);
    };
  });
  gateway = await start({
    hasMetrics: true,
    maxAnswerBytes: 0,
    intercept: ({ path }) => (path === '/connect/token' ? undefined : released),
  });
}

const session = { 'mcp-session-id': 'session', 'mcp-protocol-version': '2025-11-25' };
const cancel = (requestId: number) =>
  sendMessage(
    gateway.url,
    JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }),
    session,
  );
const linesOf = (tool: string) => gateway.audit.filter((entry) => entry.tool === tool);

describe('a call that waits for an equal one', () => {
  test('ends when it is cancelled, and the other is answered', async () => {
    await startHeld();
    const first = sendMessage(gateway.url, callText('estate_overview', {}, 1), session);
    await until(() => gateway.calls.length > 0);
    const second = sendMessage(gateway.url, callText('estate_overview', {}, 2), session);
    await until(async () => (await requestsInFlight(gateway)) === 2);
    await cancel(2);
    expect(JSON.stringify(answerOf(await second))).toContain('REQUEST_CANCELLED');
    await until(async () => (await requestsInFlight(gateway)) === 1);
    expect(linesOf('estate_overview')).toMatchObject([{ outcome: 'client_closed', calls: 0 }]);
    release();
    expect(answerOf(await first).result).toMatchObject({ structuredContent: { isComplete: true } });
  });

  test('ends when it is cancelled together with the other', async () => {
    await startHeld();
    const calls = [1, 2].map((id) => sendMessage(gateway.url, callText('estate_overview', {}, id), session));
    await until(async () => (await requestsInFlight(gateway)) === 2);
    await until(() => gateway.calls.length > 0);
    await Promise.all([cancel(1), cancel(2)]);
    for (const answer of await Promise.all(calls))
      expect(JSON.stringify(answerOf(answer))).toContain('REQUEST_CANCELLED');
    expect(linesOf('estate_overview').map(({ outcome }) => outcome)).toEqual([
      'client_closed',
      'client_closed',
    ]);
  });

  test.each([
    ['/mcp', callText('estate_overview', {})],
    ['/graphql', JSON.stringify({ query: '{ protectionSummary { userCount } }' })],
  ])('of %s ends with its connection', async (path, body) => {
    await startHeld();
    const ending = new AbortController();
    const send = async (signal: AbortSignal | null) => {
      const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
      const response = await fetch(`${gateway.url}${path}`, { method: 'POST', headers, body, signal });
      return response.text();
    };
    const first = send(null);
    await until(() => gateway.calls.length > 0);
    const second = expect(send(ending.signal)).rejects.toThrow();
    await until(async () => (await requestsInFlight(gateway)) === 2);
    ending.abort();
    await second;
    await until(async () => (await requestsInFlight(gateway)) === 1);
    expect(gateway.audit).toMatchObject([{ outcome: 'client_closed', calls: 0 }]);
    release();
    expect(await first).toContain('userCount');
    expect(gateway.reported).toEqual([]);
  });
});

test('a report that is cancelled after its first event is audited as cancelled', async () => {
  gateway = await start({ latencyMs: 200 });
  const report = sendMessage(
    gateway.url,
    callText('protection_report', {}, 1, { progressToken: 1 }),
    session,
  );
  await until(() => gateway.calls.length > 3);
  await cancel(1);
  await report;
  await until(() => linesOf('protection_report').length > 0);
  expect(linesOf('protection_report')).toMatchObject([{ outcome: 'client_closed' }]);
});

describe('the audit', () => {
  const refused = { outcome: 'refused', codes: ['BAD_USER_INPUT'] };
  test.each([
    ['search_schema', { search: 'User' }, { tool: 'search_schema', outcome: 'answered', codes: [] }],
    ['export_command', { list: 'users' }, { tool: 'export_command', outcome: 'answered', codes: [] }],
    ['export_command', { list: 'users', columns: ['x'] }, { tool: 'export_command', ...refused }],
    ['operation_cost', { tool: 'find_users' }, { tool: 'operation_cost', outcome: 'answered', codes: [] }],
    ['operation_cost', { tool: 'find_users', arguments: { x: 1 } }, { tool: 'operation_cost', ...refused }],
    ['find_users', { first: 'all' }, { tool: 'find_users', ...refused }],
    ['customer_overview', { listAfter: 'x' }, { tool: 'customer_overview', calls: 0, ...refused }],
    ['query', { query: '{ __typename }', listAfter: '_page:1' }, { tool: 'query', calls: 0, ...refused }],
    [
      'operation_cost',
      { tool: 'customer_overview', arguments: { listAfter: 'x' } },
      { tool: 'operation_cost', ...refused },
    ],
    ['find_users', { first: 1 }, { tool: 'find_users', outcome: 'answered', codes: [] }],
    ['query', { query: '{ _page: __typename }' }, { tool: 'query', ...refused }],
    ['nothing', {}, { tool: null, ...refused }],
  ])('of %s with %j has its tool and outcome', async (name, given, line) => {
    gateway = await start();
    await sendMessage(gateway.url, callText(name, given));
    await until(() => gateway.audit.length > 0);
    expect(gateway.audit).toMatchObject([line]);
  });

  const wrong = (params: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  const message = (method: string, params?: object) =>
    JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const badRequest = { outcome: 'refused', codes: ['BAD_REQUEST'] };
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'x', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const revision = (name: string) => ({ 'mcp-protocol-version': name });
  test.each([
    [wrong({ name: 'find_users', arguments: [] }), {}, { tool: 'find_users', ...refused }],
    [wrong({ name: 'find_users', _meta: 7 }), {}, { tool: 'find_users', ...refused }],
    [wrong({ name: 'no tool', arguments: [] }), {}, { tool: null, ...refused }],
    [message('nothing/here'), {}, { tool: null, ...badRequest }],
    [message('resources/list'), revision('2025-11-25'), { tool: null, ...badRequest }],
    [message('server/discover'), revision('2025-11-25'), { tool: null, ...badRequest }],
    [
      message('nothing/here', { _meta: envelope }),
      { ...revision('2026-07-28'), 'mcp-method': 'nothing/here' },
      { tool: null, ...badRequest },
    ],
    [
      message('tools/call', { name: 'find_users' }),
      revision('2026-07-28'),
      { tool: 'find_users', ...badRequest },
    ],
    [JSON.stringify({ jsonrpc: '2.0', id: 1 }), {}, { tool: null, ...badRequest }],
    [message('ping'), {}, { tool: null, outcome: 'answered', codes: [] }],
    [message('tools/list'), {}, { tool: null, outcome: 'answered', codes: [] }],
    [JSON.stringify({ jsonrpc: '2.0', method: 'notifications/x' }), {}, { outcome: 'answered', codes: [] }],
  ])('of the message %s is not that of an answer unless it is one', async (body, headers, line) => {
    gateway = await start();
    await sendMessage(gateway.url, body, headers);
    await until(() => gateway.audit.length > 0);
    expect(gateway.audit).toMatchObject([line]);
  });

  test('of a summary that lacks its tenants has their codes', async () => {
    gateway = await start({
      intercept: ({ path }) => (path.includes('tenants/') ? { status: 403, body: '{}' } : undefined),
    });
    const answer = await sendMessage(gateway.url, callText('estate_overview', {}));
    expect(answerOf(answer).result).toMatchObject({ structuredContent: { isComplete: false } });
    await until(() => gateway.audit.length > 0);
    expect(gateway.audit).toMatchObject([{ outcome: 'partial', codes: ['UPSTREAM_FORBIDDEN'] }]);
  });

  test('of an answer that is too long has its code', async () => {
    gateway = await start({ endpoint: { mcp: { ...mcpSetting, maxCharacters: 2000 } } });
    const fields = Array.from({ length: 140 }, (_, index) => `a${index}: __typename`).join(' ');
    await sendMessage(gateway.url, callText('query', { query: `{ ${fields} }` }));
    await until(() => gateway.audit.length > 0);
    expect(gateway.audit).toMatchObject([{ outcome: 'failed', codes: ['ANSWER_TOO_LONG'] }]);
  });
});

describe('parameters of a message', () => {
  const call = (params: unknown) => ({ method: 'tools/call', params });
  const initialize = (params: unknown) => ({ method: 'initialize', params });
  const clientInfo = { name: 'x', version: '1' };
  test.each([
    [call(undefined), /^params: expected an object with name/],
    [call({}), /^params\.name: expected the name of a tool/],
    [call({ name: 7 }), /^params\.name/],
    [call({ name: 'find_users', arguments: [] }), /^params\.arguments: expected an object.*"find_users"/],
    [call({ name: 'find_users', arguments: '{}' }), /^params\.arguments/],
    [call({ name: 'find_users', _meta: { progressToken: {} } }), /^params\._meta\.progressToken/],
    [initialize(undefined), /^params: expected an object with protocolVersion/],
    [initialize({ capabilities: {}, clientInfo }), /^params\.protocolVersion: expected a revision/],
    [initialize({ protocolVersion: '2025-11-25', clientInfo }), /^params\.capabilities/],
    [initialize({ protocolVersion: '2025-11-25', capabilities: {} }), /^params\.clientInfo/],
  ])('are refused in words: %j', async (message, words) => {
    gateway = await start();
    const answer = await sendMessage(gateway.url, JSON.stringify({ jsonrpc: '2.0', id: 7, ...message }));
    expect(answer.status).toBe(200);
    expect(answerOf(answer)).toMatchObject({
      id: 7,
      error: { code: -32602, message: expect.stringMatching(words) },
    });
    await until(() => gateway.audit.length > 0);
    expect(gateway.audit).toMatchObject([{ outcome: 'refused', codes: ['BAD_USER_INPUT'] }]);
  });

  test('that are null are as good as none', async () => {
    gateway = await start();
    const message = { jsonrpc: '2.0', id: 7, ...call({ name: 'estate_overview', arguments: null }) };
    const { result } = answerOf(await sendMessage(gateway.url, JSON.stringify(message)));
    expect(result).toMatchObject({ structuredContent: { isComplete: true } });
  });
});

test('a call whose caller goes at once has its tool in the audit once it is read', async () => {
  gateway = await start({ hasMetrics: true });
  const body = callText('find_users', {});
  const count = 60;
  for (let index = 0; index < count; index++) {
    const { socket } = await openConnection(gateway.url);
    socket.write(
      `POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    // Between the first bytes that arrive and the whole answer.
    setTimeout(() => socket.destroy(), (index % 12) / 2);
    await new Promise((resolve) => socket.once('close', resolve));
  }
  await until(async () => (await requestsInFlight(gateway)) === 0);
  expect(gateway.audit.length).toBeGreaterThan(0);
  // Of one that has gone before its turn came, nothing is read.
  const unread = gateway.audit.filter(({ tool }) => tool !== 'find_users');
  const nothing = { tool: null, operation: null, kind: null, outcome: 'client_closed', calls: 0 };
  expect(unread).toEqual(unread.map(() => expect.objectContaining(nothing)));
});
