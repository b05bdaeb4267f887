/** What no assistant should send: each is refused in words that name it, by a status, and in bounded time. */
import { request as httpRequest } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { useGateway, useGateways } from '../use-gateway.ts';
import { mcpSetting } from './official-client.ts';

const world = createGeneratedWorld({ seed: 1, customers: 4, tenantsPerCustomer: 1, usersPerTenant: 20 });

const gateway = useGateway({
  world,
  endpoint: { mcp: mcpSetting, allowedOrigins: ['https://portal.example'] },
});
const start = useGateways({ world });

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The message, also of a stream of one. */
  readonly message: {
    readonly id?: unknown;
    readonly result?: { readonly content?: readonly { readonly text: string }[]; readonly isError?: boolean };
    readonly error?: { readonly code: number; readonly message: string };
  };
}

const usual = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2025-11-25',
};

async function post(body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const response = await fetch(`${gateway.url}/mcp`, {
    method: 'POST',
    headers: { ...usual, ...headers },
    body,
  });
  const text = await response.text();
  const json = /^data: (\{.*)$/m.exec(text)?.[1] ?? text;
  return {
    status: response.status,
    headers: response.headers,
    text,
    message: (json.startsWith('{') ? JSON.parse(json) : {}) as Answer['message'],
  };
}

const call = (name: string, given: unknown, headers = {}) =>
  post(
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given } }),
    headers,
  );
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('a message is refused', () => {
  test.each([
    ['that is no JSON', '{"jsonrpc"', 400, /not JSON/],
    ['that is none', '7', 400, /one JSON-RPC message/],
    ['that is several', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', 400, /one JSON-RPC message/],
    ['of another version', '{"jsonrpc":"1.0","id":1,"method":"ping"}', 400, /not a valid JSON-RPC message/],
    ['without a method', '{"jsonrpc":"2.0","id":1}', 400, /not a valid JSON-RPC message/],
    [
      'whose id is an object',
      '{"jsonrpc":"2.0","id":{},"method":"ping"}',
      400,
      /not a valid JSON-RPC message/,
    ],
    ['of a megabyte', `{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(1_048_600)}"}`, 413, /larger than/],
  ])('%s', async (_what, body, status, words) => {
    const { message, ...answer } = await post(body);
    expect(answer.status).toBe(status);
    expect(message.error?.code).toBe(body === '{"jsonrpc"' ? -32700 : status === 413 ? -32000 : -32600);
    expect(message.error?.message).toMatch(words);
  });

  test.each([
    ['as a text', { 'content-type': 'text/plain' }, 415],
    ['compressed', { 'content-encoding': 'gzip' }, 415],
    ['by an unknown revision', { 'mcp-protocol-version': '1999-01-01' }, 400],
    ['that accepts no stream', { accept: 'application/json' }, 406],
    ['from a page of another site', { origin: 'https://evil.example' }, 403],
    ['from a page without an origin', { origin: 'null' }, 403],
  ])('%s', async (_what, headers, status) => {
    const answer = await post('{"jsonrpc":"2.0","id":1,"method":"ping"}', headers);
    expect([answer.status, typeof answer.message.error?.message]).toEqual([status, 'string']);
  });

  test('whose type is none', async () => {
    const { status, message } = await post('{}', { 'content-type': 'application/json, text/plain' });
    expect([status, message.error?.message]).toEqual([
      415,
      'Content-Type: expected one media type, such as application/json.',
    ]);
  });

  test('that is meant for another host, as after DNS rebinding', async () => {
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(`${gateway.url}/mcp`, {
        method: 'POST',
        headers: { ...usual, host: 'evil.example' },
      });
      request.on('response', ({ statusCode }) => {
        resolve(statusCode);
      });
      request.on('error', reject);
      request.end('{}');
    });
    expect(status).toBe(421);
  });

  test.each(['GET', 'DELETE', 'PUT'])('by %s', async (method) => {
    const response = await fetch(`${gateway.url}/mcp`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('with an unknown method', async () => {
    const { message } = await post('{"jsonrpc":"2.0","id":5,"method":"resources/list"}');
    expect(message).toMatchObject({ id: 5, error: { code: -32601 } });
  });
});

test('pages of an allowed origin, and of the gateway itself, may ask', async () => {
  const statuses = await Promise.all(
    ['https://portal.example', gateway.url].map(
      async (origin) => (await post('{"jsonrpc":"2.0","id":1,"method":"ping"}', { origin })).status,
    ),
  );
  expect(statuses).toEqual([200, 200]);
});

const client = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };

test.each([
  ['tools/list', { cursor: 5 }, 'params.cursor: expected a string'],
  ['tools/list', { cursor: {} }, 'params.cursor: expected a string'],
  ['initialize', { ...client, protocolVersion: 5 }, 'params.protocolVersion: expected'],
  ['initialize', { ...client, capabilities: 5 }, 'params.capabilities: expected'],
  ['initialize', { ...client, clientInfo: 'x' }, 'params.clientInfo: expected'],
])("parameters of %s that can't be used are refused by their name: %j", async (method, params, words) => {
  const { message } = await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  expect(message.error).toEqual({ code: -32602, message: expect.stringContaining(words) });
});

test.each([
  ['tools/list', { cursor: null }],
  ['tools/call', { name: 'job_problems', task: 5 }],
  ['tools/call', { name: 'job_problems', arguments: null }],
  ['initialize', { ...client, capabilities: { roots: 5, sampling: [], experimental: 'x' } }],
  ['initialize', { ...client, clientInfo: { ...client.clientInfo, icons: 5, title: {} } }],
])('parameters of %s that are not used may be anything: %j', async (method, params) => {
  const { message } = await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  expect(message).toMatchObject({ id: 1, result: {} });
});

describe('a call is answered with an error that says what to do', () => {
  test.each([
    ['with an unknown tool', 'drop_table', {}, /Unknown tool "drop_table"/],
    ['with a tool of a prototype', '__proto__', {}, /Unknown tool/],
    ['with a tool of an object', 'constructor', {}, /Unknown tool/],
    ['with an unknown argument', 'find_users', { serch: 'x' }, /did you mean "search"\?.*takes: search/],
    ['with an argument of every object', 'find_users', { toString: 1 }, /Unknown argument/],
    ['with a wrong type', 'find_users', { first: 'all' }, /Argument "first".*takes/],
    ['with a number out of range', 'find_users', { first: 5000 }, /0 to 1000/],
    ['with an unknown enum value', 'find_users', { status: ['GONE'] }, /one of MFA_DISABLED/],
    ['with a long text', 'find_users', { search: 'x'.repeat(300_000) }, /characters of variables/],
    ['with a foreign cursor', 'find_users', { after: 'abc' }, /after: expected a cursor/],
    ['without what is required', 'coverage_by_group', {}, /"by".*required/],
    ['with a mutation', 'query', { query: 'mutation { x }' }, /BAD_REQUEST|GRAPHQL_VALIDATION_FAILED/],
    ["with a query that can't be read", 'query', { query: '{' }, /GRAPHQL_PARSE_FAILED.*Correct the query/],
    ['with an unknown field', 'query', { query: '{ nothing }' }, /search_schema/],
    ['with a hidden name', 'query', { query: '{ _page: __typename }' }, /begins with an underscore/],
    [
      'with too many aliases',
      'query',
      { query: `{ ${Array.from({ length: 2000 }, (_, index) => `a${index}: __typename`).join(' ')} }` },
      /LIMIT_EXCEEDED/,
    ],
    [
      'with variables that are none',
      'query',
      { query: '{ __typename }', variables: [] },
      /"variables": expected object/,
    ],
    ['with no query', 'query', {}, /"query" is required/],
    ['with a search that is none', 'search_schema', { search: {} }, /"search": expected string/],
    ['with an unknown column', 'export_command', { list: 'users', columns: ['x'] }, /unknown column/],
  ])('%s', async (_what, name, given, words) => {
    const { status, message } = await call(name, given);
    expect(status).toBe(200);
    const text = message.error?.message ?? message.result?.content?.[0]?.text;
    expect(text).toMatch(words);
    expect(message.error !== undefined || message.result?.isError === true).toBe(true);
    expect(gateway.reported).toEqual([]);
  });
});

test('a deep argument is refused', async () => {
  const { message } = await call('query', {
    query: '{ __typename }',
    variables: { a: JSON.parse(nested(100)) as unknown },
  });
  expect(message.result?.content?.[0]?.text).toMatch(/levels of variables/);
});

test('a call whose id is deep is refused', async () => {
  const { status, message } = await post(
    `{"jsonrpc":"2.0","id":${nested(200_000)},"method":"tools/call","params":{"name":"job_problems"}}`,
    { 'mcp-session-id': 'x' },
  );
  expect([status, typeof message.error?.message]).toEqual([400, 'string']);
  expect(gateway.reported).toEqual([]);
});

test('a deep message is refused', async () => {
  const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"job_problems","_meta":{"x":${nested(100_000)}}}}`;
  const { status, message } = await post(body);
  expect(status).toBe(400);
  expect(message.error).toMatchObject({
    code: -32600,
    message: expect.stringMatching(/deeper than 200 levels/),
  });
  expect(gateway.reported).toEqual([]);
});

test('a stream to listen on ends at once, since tools change with a restart alone', async () => {
  const notifications = { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ['a:b'] };
  const { status, text } = await post(
    JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'subscriptions/listen',
      params: {
        notifications,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'x', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    }),
    { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' },
  );
  expect(status).toBe(200);
  expect(text).toContain('"resultType":"complete"');
});

test('without queries of their own, assistants have neither them nor the schema', async () => {
  const own = await start({
    endpoint: { mcp: { ...mcpSetting, hasQueries: false } },
  });
  const response = await fetch(`${own.url}/mcp`, {
    method: 'POST',
    headers: usual,
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
  });
  const text = await response.text();
  expect(text).toContain('"operation_cost"');
  expect(text).not.toContain('"search_schema"');
  expect(text).not.toContain('"name":"query"');
});
