/** Words of errors and notes: each names what is wrong with a call, and a remedy that the tool has. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deadlineExceeded } from '../../src/errors.ts';
import { describeError } from '../../src/mcp/answers/advice.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { callTool } from './message-sender.ts';
import { mcpSetting } from './official-client.ts';

let gateway: GatewayUnderTest;
const size = { customers: 4, tenantsPerCustomer: 1, usersPerTenant: 20 };
const world = createGeneratedWorld({ seed: 1, ...size });
beforeAll(async () => {
  gateway = await startGatewayUnderTest({ world, endpoint: { mcp: mcpSetting } });
});
afterAll(() => gateway.stop());

async function errorOf(name: string, given: object): Promise<string> {
  const { content, isError } = await callTool(gateway.url, name, given);
  expect(isError).toBe(true);
  return content[0]?.text ?? '';
}

test('the tools that come with the gateway pass the checks of those that an operator adds', async () => {
  const toolsFolder = fileURLToPath(new URL('../../mcp', import.meta.url));
  const other = await startGatewayUnderTest({ world, endpoint: { mcp: { ...mcpSetting, toolsFolder } } });
  const { structuredContent } = await callTool(other.url, 'find_customers', {});
  await other.stop();
  expect(structuredContent).toMatchObject({ isComplete: true, data: { customers: { totalCount: 4 } } });
});

test.each([
  [
    'find_users',
    { search: 'x'.repeat(300_000) },
    /^LIMIT_EXCEEDED: Too many characters of variables: 3000\d\d; the maximum is 200000\. Shorten the texts and lists of the arguments, and call again\.$/,
  ],
  [
    'query',
    { query: `{ ${'a: __typename '.repeat(2000)} }` },
    /^LIMIT_EXCEEDED: .*; the maximum is \d+\. Shorten the query, and call again\.$/,
  ],
  [
    'query',
    { query: '{ customers(first: 1000) { nodes { users(first: 1000) { nodes { userId } } } } }' },
    /^LIMIT_EXCEEDED: .*Ask for less/,
  ],
  [
    'worst_covered_customers',
    { minUsers: 1e12 },
    /"minUsers": expected integer -2147483648 to 2147483647, but got 1000000000000/,
  ],
  ['find_users', { first: 1001 }, /"first": expected integer 0 to 1000, but got 1001/],
  [
    'query',
    { query: 'query a { __typename } query b { __typename }' },
    /^OPERATION_RESOLUTION_FAILURE: The query has 2 operations\. Send exactly one\.$/,
  ],
  ['customer_overview', { name: 'x' }, /Unknown argument "name"; did you mean "customer"/],
  ['find_users', { limit: 3 }, /Unknown argument "limit"; did you mean "first"\?/],
  ['find_users', { serch: 'x' }, /Unknown argument "serch"; did you mean "search"\?/],
  ['find_users', { nothing: 3 }, /Unknown argument "nothing"\. This tool takes/],
])('of %s with %j', async (name, given, words) => {
  expect(await errorOf(name, given)).toMatch(words);
});

test.each([
  [
    { message: 'Server overloaded; retry after 1 s.', extensions: { code: 'OVERLOADED', retryAfter: 1 } },
    'OVERLOADED: Server overloaded; retry after 1 s. Call again then, once.',
  ],
  [
    { message: 'The upstream asks to wait.', extensions: { code: 'UPSTREAM_RATE_LIMITED', retryAfter: 7 } },
    'UPSTREAM_RATE_LIMITED: The upstream asks to wait. Wait 7 s, then call again, once.',
  ],
  [
    { message: 'Unreachable.', extensions: { code: 'UPSTREAM_UNAVAILABLE' } },
    'UPSTREAM_UNAVAILABLE: Unreachable. Wait a moment and call again, once.',
  ],
])('a wait is said once: %j', (error, text) => {
  const { code, text: described } = describeError(error);
  expect(`${code}: ${described}`).toBe(text);
});

test('a remedy that the message has is not said again', () => {
  const { message, code } = deadlineExceeded('GET /users');
  const read = 'Rows read so far are cached: repeat the call to get further.';
  expect(describeError({ message, extensions: { code } }).text).toBe(`${message} ${read}`);
  const budget = { message: 'Ask for less.', extensions: { code: 'UPSTREAM_BUDGET_EXCEEDED' } };
  expect(describeError(budget).text).toBe('Ask for less.');
});

test.each([
  ['find_users', { status: [] }, 'status'],
  ['find_users', { status: [], exclude: [], orderBy: [] }, 'status'],
  ['find_users', { customerIds: [] }, 'customerIds'],
  ['find_users', { protection: { states: [] } }, 'protection.states'],
])('an empty list is named as the reason why nothing matches: %s %j', async (name, given, path) => {
  const { structuredContent } = await callTool(gateway.url, name, given);
  expect(structuredContent).toMatchObject({
    notes: [`Nothing matches an empty list: ${path}. Leave it out for any value.`],
    data: { users: { totalCount: 0 } },
  });
});

describe('the command of an export', () => {
  const idsOf = (count: number) => Array.from({ length: count }, (_, index) => `customer-it's-${index}`);

  test.each([
    ['ids', { customers: { customerIds: idsOf(500) } }],
    // Nine characters each in a URL.
    [
      'Japanese texts',
      { filter: { or: Array.from({ length: 60 }, () => ({ department: '営業部門の管理' })) } },
    ],
  ])('with a long filter of %s is a POST that the gateway accepts', async (_name, filters) => {
    const given = { list: 'users', ...filters, columns: ['mail', 'userId'] };
    const { structuredContent } = await callTool(gateway.url, 'export_command', given);
    const [command = ''] = structuredContent?.['commands'] as readonly string[];
    expect(command).toContain("-H 'content-type: application/json' -d '");
    const folder = mkdtempSync(join(tmpdir(), 'command-'));
    await promisify(execFile)('sh', ['-c', command], { cwd: folder });
    expect(readFileSync(join(folder, 'users.csv'), 'utf8')).toContain('mail,userId');
    rmSync(folder, { recursive: true });
  });

  test('that is longer than an answer is refused', async () => {
    const given = { list: 'users', customers: { customerIds: idsOf(2000) } };
    expect(await errorOf('export_command', given)).toMatch(
      /^ANSWER_TOO_LONG: The command has \d+ characters, and 20000 are allowed\. Give a shorter filter\.$/,
    );
  });
});
