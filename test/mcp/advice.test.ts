/** What an answer says beside its data: how to continue, which customers matched, why nothing did, and what is wrong. */
import { describe, expect, test } from '@jest/globals';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateway, useGateways } from '../use-gateway.ts';
import { createWorldOf, customerRow, protectionRow, userRow } from '../world-of.ts';
import { callTool } from './message-sender.ts';
import { connectOverHttp, mcpSetting } from './official-client.ts';
import { shippedTools } from './shipped-tools.ts';

interface LeftOut {
  readonly list: string;
  readonly shown: number;
  readonly next: Readonly<Record<string, string>> | null;
  readonly after?: string;
  readonly advice?: string;
}

interface Content {
  readonly leftOut: readonly LeftOut[];
  readonly notes?: readonly string[];
  readonly matchedCustomers?: unknown;
  readonly data: unknown;
}

const customers = ['Polar Pharma', 'Polar Foods', 'Alpine'].map((organization, index) =>
  customerRow({ id: `c${index}`, organization, tenants: [{ id: `t${index}`, name: `Tenant ${index}` }] }),
);
const user = (id: string, displayName: string) =>
  userRow({ id, displayName, mail: `${id}@example.com`, department: 'Sales', status: [1] });
const world = createWorldOf({
  customers,
  directory: [],
  tenants: Object.fromEntries(
    customers.map((_customer, index) => [
      `c${index}/t${index}`,
      {
        users: [user(`huber${index}`, 'Anna Huber'), user(`maier${index}`, 'Otto Maier')],
        protection: [protectionRow(`huber${index}@example.com`)],
      },
    ]),
  ),
});

const gateway = useGateway({ world, endpoint: { mcp: mcpSetting } });
const start = useGateways({ world, endpoint: { mcp: mcpSetting } });

async function ask(name: string, given: object, of = gateway): Promise<Content> {
  const { content, structuredContent, isError } = await callTool(of.url, name, given);
  if (isError === true) throw new Error(content[0]?.text);
  return structuredContent as unknown as Content;
}

async function errorOf(name: string, given: object, of = gateway): Promise<string> {
  const { content, isError } = await callTool(of.url, name, given);
  expect(isError).toBe(true);
  return content[0]?.text ?? '';
}

test('a fault of an argument that several fields use is reported once', async () => {
  const fault = await errorOf('unprotected_users', { customerIds: ['a/b'], after: 'x' });
  expect(fault.match(/customerIds: expected an id/g)).toHaveLength(1);
  expect(fault.match(/after: expected a cursor/g)).toHaveLength(1);
});

describe('a name of customers', () => {
  test.each([
    'find_users',
    'unprotected_users',
    'wasted_seats',
    'unmatched_mailboxes',
    'coverage_by_group',
    'estate_overview',
    'protection_report',
  ])('that several have is noted by %s, with their names', async (name) => {
    const by = name === 'coverage_by_group' ? { by: 'DEPARTMENT' } : {};
    const several = await ask(name, { ...by, customer: 'polar' });
    expect(several.notes?.[0]).toMatch(/^2 customers match the argument customer, see matchedCustomers/);
    expect(several.matchedCustomers).toEqual({
      totalCount: 2,
      nodes: [
        { customerId: 'c0', organization: 'Polar Pharma' },
        { customerId: 'c1', organization: 'Polar Foods' },
      ],
    });
    const one = await ask(name, { ...by, customer: 'alpine' });
    expect(one.matchedCustomers).toMatchObject({ nodes: [{ organization: 'Alpine' }] });
    const isEmpty = name === 'unprotected_users' || name === 'unmatched_mailboxes';
    expect(one.notes ?? []).toEqual(
      isEmpty
        ? ['1 customer matches the argument customer, and has nothing that this answer could show.']
        : [],
    );
    const none = await ask(name, { ...by, customer: 'polaar' });
    expect(none.notes?.[0]).toMatch(/^No customer matches the argument customer: try a part of the name/);
    const all = await ask(name, by);
    expect(all).not.toHaveProperty('matchedCustomers');
  });

  test.each(['find_customers', 'customer_overview', 'worst_covered_customers', 'job_problems'])(
    'that is misspelled differs from one without a row in %s, whose rows are customers',
    async (name) => {
      const several = await ask(name, { customer: 'polar' });
      expect(several.matchedCustomers).toMatchObject({ totalCount: 2, nodes: [{ customerId: 'c0' }, {}] });
      expect(several.notes ?? []).toEqual(
        name === 'job_problems'
          ? ['2 customers match the argument customer, and have nothing that this answer could show.']
          : [],
      );
      const none = await ask(name, { customer: 'polaar' });
      expect(none.notes).toEqual(['No customer matches the argument customer: try a part of the name.']);
      const elsewhere = await ask(name, { customer: 'polar', customerCountry: 'Atlantis' });
      expect(elsewhere.notes?.[0]).toMatch(
        /^No customer matches customer and customerCountry together: .* customerCountry: compared as a whole/,
      );
      expect(await ask(name, {})).not.toHaveProperty('matchedCustomers');
    },
  );

  test('and further conditions of a list of customers are not mixed up', async () => {
    const { matchedCustomers, notes } = await ask('find_customers', {
      customer: 'alpine',
      hasTenants: false,
    });
    expect(matchedCustomers).toEqual({
      totalCount: 1,
      nodes: [{ customerId: 'c2', organization: 'Alpine' }],
    });
    expect(notes).toEqual([
      '1 customer matches the argument customer, and has nothing that this answer could show.',
    ]);
  });

  test.each([
    [['c0', 'C0'], undefined],
    [['c0', 'C0', 'none'], 'customerIds has 2 ids, and 1 of these customers match.'],
  ])('given by the ids %j counts each id once, letter case aside', async (customerIds, note) => {
    const { notes, matchedCustomers } = await ask('estate_overview', { customerIds });
    expect(matchedCustomers).toMatchObject({ totalCount: 1 });
    expect(notes?.[0]).toBe(note);
  });

  test('costs no further calls', async () => {
    const find = shippedTools.find(({ name }) => name === 'find_users');
    const callsOf = async (send: (to: GatewayUnderTest) => Promise<unknown>) => {
      const other = await start();
      await send(other);
      return other.calls.map(({ path, query, body }) => `${path}?${query.toString()} ${body}`).sort();
    };
    const ofTool = await callsOf((other) => ask('find_users', { customer: 'polar' }, other));
    const ofGraph = await callsOf((other) => other.queryText(find?.document ?? '', { customer: 'polar' }));
    expect(ofTool).toEqual(ofGraph);
    expect(ofTool.length).toBeGreaterThan(0);
  });
});

test('a tenant without the backup product is one entry for each of its rows', async () => {
  const other = await start({
    intercept: ({ path }) =>
      path.includes('/t1/cloud-backup-m365/') ? { status: 404, body: '{}' } : undefined,
  });
  const { missing, data } = (await ask('find_users', {}, other)) as Content & {
    readonly missing: readonly { readonly path?: string; readonly message: string }[];
  };
  expect(data).toMatchObject({ users: { totalCount: 6 } });
  expect(missing.map(({ path }) => path)).toEqual(
    [2, 3].map((row) => `users.nodes.${row}: protectionState, protection`),
  );
  for (const { message } of missing) expect(message).toMatch(/stays missing\.$/);
});

test('a tenant chooses its customer', async () => {
  const { data } = await ask('find_users', { tenantName: 'tenant 2' });
  expect(data).toMatchObject({ users: { totalCount: 2, nodes: [{ userId: 'huber2' }, {}] } });
  const { notes } = await ask('estate_overview', { tenantName: 'no such' });
  expect(notes?.[0]).toMatch(/^No customer matches the argument tenantName: try a part of the name/);
});

test('names of the schema are found to their end', async () => {
  const found: string[] = [];
  let next: object | null = {};
  while (next !== null) {
    const { structuredContent } = await callTool(gateway.url, 'search_schema', { search: 'the', ...next });
    const { matches, total } = structuredContent as {
      readonly total: number;
      readonly matches: readonly { readonly name: string }[];
    };
    found.push(...matches.map(({ name }) => name));
    next = structuredContent?.['next'] as object | null;
    if (next === null) expect(new Set(found).size).toBe(total);
  }
  expect(found.length).toBeGreaterThan(80);
});

test('a country without customers, and a department without users, are noted', async () => {
  const country = await ask('estate_overview', { customerCountry: 'Atlantis' });
  expect(country.notes?.[0]).toMatch(
    /^No customer matches the argument customerCountry.*customerCountry: compared as a whole/,
  );
  const department = await ask('unprotected_users', { department: 'Sale' });
  expect(department.notes).toEqual([
    'Nothing matches these arguments. department: compared as a whole, letter case aside; coverage_by_group lists the values of users.',
  ]);
});

test('a person is found by two words in any order, and a note says how', async () => {
  const { notes } = await ask('find_users', { search: 'Huber Anna' });
  expect(notes?.[0]).toMatch(/give one word of it, and the other as alsoSearch\.$/);
  const found = await ask('find_users', { search: 'Huber', alsoSearch: 'Anna' });
  expect(found.data).toMatchObject({ users: { totalCount: 3 } });
});

test('seats and unprotected users are counted by customer, and each row names its own', async () => {
  const seats = await ask('wasted_seats', { customers: 2, orderBy: ['DISPLAY_NAME_DESC'] });
  expect(seats.data).toMatchObject({
    byCustomer: { groups: { totalCount: 3, nodes: [{ userCount: 1 }, { userCount: 1 }] } },
    users: { nodes: [{ tenant: { customer: { organization: 'Polar Pharma' } } }, {}, {}] },
  });
  expect(seats.leftOut).toEqual([
    {
      list: 'byCustomer.groups.nodes',
      shown: 2,
      next: null,
      advice:
        "More rows exist, but this tool can't page them; for more at once, call again with a greater customers.",
    },
  ]);
  const unprotected = await ask('unprotected_users', { exclude: [] });
  expect(unprotected.data).toMatchObject({
    byCustomer: { groups: { nodes: [{ customer: { organization: 'Polar Pharma' }, userCount: 1 }, {}, {}] } },
  });
});

test('customers have their number of users and coverage, unless they are not wanted', async () => {
  const numbers = await ask('find_customers', { customer: 'alpine' });
  expect(numbers.data).toMatchObject({
    customers: { nodes: [{ protectionSummary: { userCount: 2, coverage: 0.5 } }] },
  });
  const { data } = await ask('find_customers', { customer: 'alpine', numbers: false });
  expect(JSON.stringify(data)).not.toContain('protectionSummary');
});

describe('a list that goes on', () => {
  test('leaves out what is beside it, which the next answer would repeat', async () => {
    const given = { exclude: [], first: 1 };
    const { leftOut } = await ask('unprotected_users', given);
    const [{ list, next } = {}] = leftOut;
    expect([list, next]).toEqual(['users.nodes', { after: expect.any(String), byCustomer: false }]);
    const { data } = await ask('unprotected_users', { ...given, ...next });
    expect(data).toEqual({ users: expect.anything() });
  });

  test('in a query says which cursor to add, and where', async () => {
    const query = (after: string) => `{ customers(first: 1${after}) { nodes { organization } } }`;
    const { leftOut } = await ask('query', { query: query('') });
    const [{ after = '', ...first } = {}] = leftOut;
    expect(first).toEqual({
      list: 'customers.nodes',
      shown: 1,
      next: null,
      advice: 'To continue, add after: (this cursor) to the field customers.',
    });
    const { data } = await ask('query', { query: query(`, after: "${after}"`) });
    expect(data).toEqual({ customers: { nodes: [{ organization: 'Polar Foods' }] } });
  });

  test('below a row is not continued by the arguments of another list', async () => {
    const { leftOut } = await ask('customer_overview', { customer: 'polar', groups: 0, first: 1 });
    const [one, ...below] = leftOut;
    expect(one).toMatchObject({ list: 'customers.nodes', next: { after: expect.any(String) } });
    expect(below).toContainEqual({
      list: 'customers.nodes.0.protectionSummary.departments.nodes',
      shown: 0,
      next: null,
      advice: 'Rows exist, but none were requested: increase groups.',
    });
  });

  test('of which no row was asked for is named', async () => {
    const { leftOut } = await ask('find_users', { first: 0 });
    expect(leftOut).toMatchObject(
      [{ list: 'users.nodes', shown: 0, next: null, advice: /increase first/ }].map((each) => ({
        ...each,
        advice: expect.stringMatching(each.advice),
      })),
    );
  });
});

describe('an error', () => {
  test('of a cursor below a summary is an error of the call', async () => {
    expect(await errorOf('coverage_by_group', { by: 'STATUS', after: 'abc' })).toMatch(
      /^BAD_USER_INPUT: after: expected a cursor.*This tool takes: by/,
    );
  });

  test.each([
    [
      'find_users',
      { startDate: { form: '2026-01-01' } },
      /"startDate": unknown field "form"; did you mean "from"\? It has from \(day such as .*\), to \(/,
    ],
    [
      'find_users',
      { startDate: { from: 'May' } },
      /"startDate.from": expected day such as 2026-01-31, or instant in RFC 3339, but got "May"/,
    ],
    [
      'find_users',
      { exclude: 'INACTIVE' },
      /"exclude": expected list of one of MFA_DISABLED.*but got "INACTIVE"/,
    ],
    [
      'search_schema',
      { serch: 'x' },
      /Unknown argument "serch"; did you mean "search"\? This tool takes: search \(string, required\)/,
    ],
    [
      'operation_cost',
      { tool: 'find_users', argument: {} },
      /Unknown argument "argument"; did you mean "arguments"/,
    ],
    ['query', { query: '{ __typename }', first: 3 }, /Unknown argument "first"\. This tool takes: query/],
    [
      'export_command',
      { list: 'users', filter: { protction: {} } },
      /"filter": unknown field "protction"; did you mean "protection"\?/,
    ],
    [
      'export_command',
      { list: 'users', filter: { and: [{ x: 1 }] } },
      /"filter.and\[0\]": unknown field "x"/,
    ],
    ['export_command', { list: 'changes', format: 'xlsx' }, /files of changes are json, csv, ndjson/],
    [
      'export_command',
      { list: 'changes', filter: {} },
      /"filter": changes take none of customers, filter, columns/,
    ],
    [
      'export_command',
      { list: 'user' },
      /"list": expected one of users, protection-statuses, changes, but got "user"/,
    ],
  ])('of %s names what there is: %j', async (name, given, words) => {
    expect(await errorOf(name, given)).toMatch(words);
  });

  test('of a name in a query speaks of search_schema only if there is such a tool', async () => {
    const other = await start({ endpoint: { mcp: mcpSetting, hasIntrospection: false } });
    const given = { query: '{ nothing }' };
    expect(await errorOf('query', given)).toMatch(/Look names up with search_schema/);
    expect(await errorOf('query', given, other)).not.toContain('search_schema');
  });
});

describe('the price of a call', () => {
  test.each([
    [{ frst: 1 }, /Unknown argument "frst"/],
    [{ first: '7' }, /"first": expected integer 0 to 1000, but got "7"/],
    [{ first: 1001 }, /"first": expected integer 0 to 1000, but got 1001/],
    [{ startDate: { from: 'May' } }, /Argument "startDate.from": expected day.*This tool takes/],
  ])('is refused as the call is: %j', async (given, words) => {
    expect(await errorOf('operation_cost', { tool: 'find_users', arguments: given })).toMatch(words);
    expect(await errorOf('find_users', given)).toMatch(words);
  });

  test('of a report has no number of calls', async () => {
    const content = await ask('operation_cost', { tool: 'protection_report' });
    expect(content).toMatchObject({ cost: { calls: null }, isPermitted: true });
  });

  test('is what a call needs, once the lengths of its lists are known', async () => {
    const other = await start();
    const costOf = () => ask('operation_cost', { tool: 'unprotected_users' }, other);
    const before = await costOf();
    expect(before.notes?.[0]).toMatch(/^The estimate assumes .*Query.customers 500, .*Tenant.users 300/);
    expect(other.calls).toEqual([]);
    await ask('unprotected_users', {}, other);
    const made = other.calls.filter(({ path }) => !path.endsWith('/token')).length;
    expect(await costOf()).toMatchObject({ cost: { calls: made }, isPermitted: true, notes: [] });
  });

  test('says that one answer makes fewer calls than it could need', async () => {
    const limited = await start({ maxUpstreamCalls: 3 });
    const content = await ask('operation_cost', { tool: 'estate_overview' }, limited);
    const notes = [expect.stringMatching(/assumes/), expect.stringMatching(/at most 3 calls/)];
    expect(content).toMatchObject({ isPermitted: true, notes });
  });

  test('is of one call', async () => {
    expect(await errorOf('operation_cost', {})).toMatch(/either tool.*or query/);
  });
});

describe('the command of an export', () => {
  const commands = async (given: object, of = gateway) =>
    (await ask('export_command', given, of)) as unknown as {
      readonly commands: readonly string[];
      readonly notes: readonly string[];
    };

  test('describes which formats a list has, and what changes do not take', async () => {
    const client = await connectOverHttp(gateway.url, '2026-07-28');
    const { tools } = await client.listTools();
    await client.close();
    const { properties } = tools.find(({ name }) => name === 'export_command')?.inputSchema ?? {};
    expect(properties).toMatchObject({
      format: {
        description:
          'Of users: csv, ndjson, xlsx; protection-statuses: csv, ndjson, xlsx; changes: json, csv, ndjson.',
      },
      ...Object.fromEntries(
        ['customers', 'filter', 'columns'].map((name) => [
          name,
          { description: expect.stringMatching(/ Not with changes\.$/) },
        ]),
      ),
    });
  });

  test('says where a file names what it lacks, by its format', async () => {
    const notes = await Promise.all(
      ['csv', 'xlsx'].map(async (format) => (await commands({ list: 'users', format })).notes[0]),
    );
    expect(notes).toEqual([
      'What could not be read is named at the end of the file.',
      'What could not be read is named in the sheet "Not read".',
    ]);
    const { commands: both } = await commands({ list: 'changes', format: 'ndjson' });
    expect(both[1]).toContain('-o changes.ndjson');
  });

  test('has the address of the caller, and that of MCP_URL before', async () => {
    const { structuredContent } = await callTool(
      gateway.url,
      'export_command',
      { list: 'users' },
      { 'x-forwarded-proto': 'https' },
    );
    expect(JSON.stringify(structuredContent)).toContain("'https://127.0.0.1");
    const url = new URL('https://graph.example.com/elements/mcp');
    const other = await start({ endpoint: { mcp: { ...mcpSetting, url } } });
    const { commands: own } = await commands({ list: 'users' }, other);
    expect(own[0]).toContain("'https://graph.example.com/elements/export/users.csv'");
  });
});

test('problems of jobs are those of a customer, and of a further state', async () => {
  const generated = createGeneratedWorld({
    seed: 1,
    customers: 40,
    tenantsPerCustomer: 1,
    usersPerTenant: 1,
  });
  const other = await start({ world: generated });
  const count = async (given: object) => {
    const { data } = await ask('job_problems', given, other);
    return (data as { readonly customers: { readonly totalCount: number } }).customers.totalCount;
  };
  const states = ['FAILED', 'MULTIPLE_ISSUES_FOUND', 'NO_BACKUP_UPDATE', 'WORKING'];
  const query = `{ ${states.map((state) => `${state}: customers(filter: { jobStatus: ${state} }) { totalCount }`).join(' ')} }`;
  const { data } = await other.queryText(query);
  const counts = states.map((state) => (data?.[state] as { readonly totalCount: number }).totalCount);
  const [working = 0, ...problems] = counts.reverse();
  const usual = problems.reduce((sum, each) => sum + each, 0);
  expect(await count({})).toBe(usual);
  expect(await count({ also: 'WORKING' })).toBe(usual + working);
  expect(await count({ customer: 'no such customer' })).toBe(0);
});
