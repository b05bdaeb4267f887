/**
 * Assistants of restricted and unrestricted callers at once, by random calls of every tool over HTTP: nothing of a customer
 * that is not a restricted caller's own is in an answer, a progress, a cursor, a schema or the audit. Every id, name and
 * address of the world holds its customer's token, by which the scan finds it, in encoded ids and cursors as well.
 *
 * FOREIGN_DATA_OPERATIONS sets how many calls there are (300 by default, 1,000 in storms), and FOREIGN_DATA_SEED the seed, which a failure
 * names.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { hashKey } from '../../src/callers/api-keys.ts';
import { useGateway } from '../use-gateway.ts';
import { createRandom } from '../random-operations.ts';
import { until } from '../until.ts';
import { createWorldOf, customerRow, protectionRow, userRow } from '../world-of.ts';
import { mcpSetting } from './official-client.ts';
import { stormSize } from '../storms.ts';

const calls = Number(process.env['FOREIGN_DATA_OPERATIONS'] ?? stormSize(1000, 300));
const seed = Number(process.env['FOREIGN_DATA_SEED'] ?? Date.now() % 1_000_000);
const customerCount = 24;
const usersPerTenant = 5;
const callsAtOnce = 16;

const folder = mkdtempSync(join(tmpdir(), 'foreign-data-'));
const random = createRandom(seed);
const pick = <Item>(items: readonly Item[]): Item => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
};

const tokens = Array.from({ length: customerCount }, (_, index) => `zqtoken${index}x`);
const idOf = (token: string) => `${token}-customer`;
const tenantOf = (token: string) => `${token}-tenant`;
const mailOf = (token: string, user: number) => `${token}-user-${user}@${token}.example`;

const world = createWorldOf({
  customers: tokens.map((token) =>
    customerRow({
      id: idOf(token),
      organization: `Organization ${token}`,
      ownerEmail: `owner@${token}.example`,
      tenants: [{ id: tenantOf(token), name: `Name ${token}` }],
    }),
  ),
  directory: [],
  tenants: Object.fromEntries(
    tokens.map((token) => {
      const users = Array.from({ length: usersPerTenant }, (_, user) =>
        userRow({
          id: `${token}-user-${user}`,
          mail: mailOf(token, user),
          department: `Department ${token}`,
        }),
      );
      const rows = [...users.slice(1).map(({ mail }) => mail ?? ''), `shared@${token}.example`];
      return [
        `${idOf(token)}/${tenantOf(token)}`,
        { users, protection: rows.map((mail) => protectionRow(mail)) },
      ];
    }),
  ),
});

interface Caller {
  readonly name: string;
  /** The tokens of its customers; null for all. */
  readonly tokens: ReadonlySet<string> | null;
}

const callers: readonly Caller[] = [
  ...Array.from({ length: 6 }, (_, index) => ({
    name: `restricted-${index}`,
    tokens: new Set(Array.from({ length: index }, () => pick(tokens))),
  })),
  { name: 'all', tokens: null },
];

const gateway = useGateway(() => {
  const keysFile = join(folder, 'keys.json');
  const keys = callers.map(({ name, tokens: own }, index) => ({
    name,
    sha256: hashKey(name),
    customers: own === null ? 'all' : [...own].map(idOf),
    // Tools are the operator's own documents.
    ...(index % 2 === 0 ? { trustedDocumentsOnly: true } : {}),
  }));
  writeFileSync(keysFile, JSON.stringify({ keys }));
  return {
    world,
    endpoint: { mcp: mcpSetting },
    lifetime: { freshMs: 300, absentMs: 100, staleWhileRevalidateMs: 300 },
    callers: { kind: 'known', keysFile, tokens: null },
    // A tenant that can't be read is named in answers.
    intercept: ({ path }) =>
      path !== '/connect/token' && random() < 0.03 ? { status: 503, body: '' } : undefined,
  };
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface ToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

const globalId = (...parts: readonly string[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');

function randomCall(cursors: readonly string[]): ToolCall {
  const token = pick(tokens);
  const search = pick([token, 'Organization', 'zqtoken', mailOf(token, 1)]);
  const first = Math.floor(random() * 6);
  // Of any caller: a cursor must not show what its new holder may not see.
  const after = cursors.length > 0 && random() < 0.3 ? { after: pick(cursors) } : {};
  const tenant = `tenant(customerId: "${idOf(token)}", tenantId: "${tenantOf(token)}") { name users(first: 3) { nodes { mail tenant { customer { organization } } } } }`;
  const query = pick([
    `{ customer(customerId: "${idOf(token)}") { organization tenants { name users { nodes { mail protectionState } } } } }`,
    `{ ${tenant} }`,
    `{ node(id: "${globalId('User', idOf(token), tenantOf(token), `${token}-user-1`)}") { __typename ... on User { mail displayName } } }`,
    '{ customers(first: 4) { nodes { organization ownerEmail protectionSummary { userCount groups(by: DEPARTMENT) { nodes { value } } } } } }',
    'subscription { protectionReport { tenant { organization name tenantId } totals { userCount } } }',
    '{ protectionStatuses(first: 4) { nodes { email tenant { tenantId } } } }',
    `{ customers(filter: { search: "${token}" }) { nodes { nothing } } }`,
  ]);
  return pick<ToolCall>([
    { name: 'estate_overview', arguments: {} },
    { name: 'worst_covered_customers', arguments: { first, ...after } },
    { name: 'find_customers', arguments: { customer: search, first, ...after } },
    { name: 'customer_overview', arguments: { customer: search } },
    { name: 'find_users', arguments: { search, first, ...after } },
    { name: 'find_users', arguments: { tenantName: `Name ${token}`, first, ...after } },
    {
      name: 'customer_overview',
      arguments: { tenantName: pick([token, 'Name']), listAfter: 'customers.nodes.1.tenants:0' },
    },
    { name: 'find_users', arguments: { customer: token, department: `Department ${token}` } },
    { name: 'unprotected_users', arguments: { customer: token, first, ...after } },
    { name: 'wasted_seats', arguments: { status: ['MFA_DISABLED'], first, ...after } },
    { name: 'unmatched_mailboxes', arguments: { customer: search, first, ...after } },
    { name: 'coverage_by_group', arguments: { by: pick(['CUSTOMER', 'DEPARTMENT', 'STATUS']), first } },
    { name: 'job_problems', arguments: {} },
    { name: 'protection_report', arguments: pick([{}, { customer: token }]) },
    { name: 'operation_cost', arguments: { tool: 'find_users', arguments: { search } } },
    { name: 'export_command', arguments: { list: 'users', customers: { search } } },
    { name: 'query', arguments: { query } },
    { name: 'search_schema', arguments: { search } },
    { name: token, arguments: {} },
    { name: 'find_users', arguments: { [token]: 1 } },
  ]);
}

async function send(caller: Caller, body: object, id: string): Promise<string> {
  const response = await fetch(`${gateway.url}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      'x-api-key': caller.name,
      'x-request-id': id,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id, ...body }),
  });
  return response.text();
}

/** What stands in an answer, what is encoded in its texts included. */
function readable(answer: string): string {
  const decoded = (answer.match(/[\w-]{12,}/g) ?? []).map((word) =>
    Buffer.from(word, 'base64url').toString('latin1'),
  );
  return [answer, ...decoded].join('\n');
}

const tokensIn = (text: string) => new Set(text.toLowerCase().match(/zqtoken\d+x/g) ?? []);

const cursorForm = /\\?"after\\?":\\?"([\w-]+)/g;

/** An answer that only repeats what was asked: an error, or a command. */
const repeatsArguments = (call: ToolCall, answer: string) =>
  call.name === 'export_command' || answer.includes('"isError":true') || answer.includes('"error":{');

test('random calls of every tool show nothing of foreign customers', async () => {
  const cursors: string[] = [];
  const faults: string[] = [];
  const answers = new Map<string, number>();
  let next = 0;
  const work = async () => {
    while (next < calls) {
      const index = next++;
      const caller = pick(callers);
      const call = randomCall(cursors);
      const params = { ...call, _meta: { progressToken: index } };
      const answer = await send(caller, { method: 'tools/call', params }, `call-${index}`);
      for (const [, cursor] of answer.matchAll(cursorForm)) cursors.push(cursor ?? '');
      const asked = repeatsArguments(call, answer)
        ? tokensIn(readable(JSON.stringify(call)))
        : new Set<string>();
      const foreign = [...tokensIn(readable(answer))].filter(
        (token) => caller.tokens?.has(token) === false && !asked.has(token),
      );
      if (foreign.length > 0) faults.push(`${caller.name} ${JSON.stringify(call)} ${answer}`);
      if (answer.includes('"isComplete"'))
        answers.set(caller.name, (answers.get(caller.name) ?? 0) + tokensIn(answer).size);
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, work));
  await until(() => gateway.audit.length >= calls);
  for (const entry of gateway.audit) {
    const caller = callers.find(({ name }) => name === entry.caller);
    const foreign = [...tokensIn(JSON.stringify(entry))].filter(
      (token) => caller?.tokens?.has(token) === false,
    );
    if (foreign.length > 0) faults.push(JSON.stringify(entry));
  }
  expect({ seed, faults: faults.slice(0, 3) }).toEqual({ seed, faults: [] });
  expect(gateway.reported).toEqual([]);
  // The callers with customers have seen some.
  expect(answers.get('all')).toBeGreaterThan(0);
  expect(answers.get('restricted-5')).toBeGreaterThan(0);
  expect(cursors.length).toBeGreaterThan(0);
});

test('the tool list depends only on the documents a caller may send, and names no customer', async () => {
  const list = (caller: Caller) => send(caller, { method: 'tools/list' }, 'list');
  const listed = await Promise.all(callers.map(list));
  for (const each of listed) {
    expect(each).toContain('find_users');
    expect([...tokensIn(each)]).toEqual([]);
  }
  const [restricted, unrestricted] = [0, 1].map(
    (kind) => new Set(listed.filter((_, index) => index % 2 === kind)),
  );
  expect([restricted?.size, unrestricted?.size]).toEqual([1, 1]);
  const [text = ''] = restricted ?? [];
  for (const name of ['query', 'search_schema', 'export_command']) {
    expect(text).not.toContain(`"name":"${name}"`);
    expect([...(unrestricted ?? [])][0]).toContain(`"name":"${name}"`);
  }
  expect(text).not.toContain('or a query');
});
