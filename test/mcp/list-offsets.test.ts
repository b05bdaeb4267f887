/** Lists without a cursor of their own, over HTTP: what does not fit is reached by what `next` has. */
import { describe, expect, test } from '@jest/globals';
import { answerOf } from '../../src/mcp/answers/answer.ts';
import { useGateway } from '../use-gateway.ts';
import { createWorldOf, customerRow, userRow } from '../world-of.ts';
import { callTool } from './message-sender.ts';
import { mcpSetting } from './official-client.ts';
import { toolCallOf, toolResultOf } from './tool-call.ts';

interface Content {
  readonly leftOut: readonly {
    readonly list: string;
    readonly next: Readonly<Record<string, string | null>> | null;
  }[];
  readonly data: Readonly<Record<string, unknown>>;
}

const maxCharacters = 4000;
const pad = (index: number) => String(index).padStart(3, '0');
const tenantsOf = (customer: string) =>
  Array.from({ length: 150 }, (_, index) => ({ id: `${customer}-${pad(index)}`, name: `Tenant ${index}` }));
const customerIds = ['c0', 'c1', 'c2'];
const directoryIds = Array.from({ length: 80 }, (_, index) => `d${pad(index)}`);
const longNames = Array.from({ length: 12 }, (_, index) => `${'x'.repeat(20_000)}${pad(index)}`);
const users = [
  ...longNames.map((department, index) => userRow({ id: `u${index}`, department })),
  ...Array.from({ length: 90 }, (_, index) => userRow({ id: `v${index}`, jobTitle: `Title ${pad(index)}` })),
];
const world = createWorldOf({
  customers: customerIds.map((id) => customerRow({ id, organization: `Org ${id}`, tenants: tenantsOf(id) })),
  directory: directoryIds.map((id) => ({
    id,
    organization: `Organization of ${id}`,
    ownerEmail: null,
    jobStatus: null,
    countryOrRegion: null,
  })),
  tenants: {
    ...Object.fromEntries(
      customerIds.flatMap((id) =>
        // The first two tenants of the others can't be read.
        tenantsOf(id)
          .slice(id === 'c0' ? 0 : 2)
          .map((tenant) => [`${id}/${tenant.id}`, { users: [], protection: [] }]),
      ),
    ),
    'c0/c0-000': { users, protection: [] },
  },
});
const gateway = useGateway({ world, endpoint: { mcp: { ...mcpSetting, maxCharacters } } });

async function ask(name: string, given: object): Promise<Content> {
  const { content, structuredContent, isError } = await callTool(gateway.url, name, given);
  if (isError === true) throw new Error(content[0]?.text);
  expect(content[0]?.text.length).toBeLessThanOrEqual(maxCharacters);
  return structuredContent as unknown as Content;
}

/** The rows of one list, from all of its answers. */
async function rowsOf(
  name: string,
  given: object,
  list: string,
  read: (data: Content['data']) => readonly unknown[],
): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  let answers = 0;
  for (let next: object | null = {}; next !== null; answers++) {
    const { data, leftOut } = await ask(name, { ...given, ...next });
    const shown = read(data);
    expect(shown.length).toBeGreaterThan(0);
    rows.push(...shown);
    next = leftOut.find((each) => each.list === list)?.next ?? null;
  }
  expect(answers).toBeGreaterThan(1);
  return rows;
}

const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((each, key) => (each as Readonly<Record<string, unknown>> | undefined)?.[key], value);
const listAt = (path: string) => (data: Content['data']) => at(data, path) as readonly unknown[];

describe('a list without a cursor is read to its end', () => {
  const tenants = tenantsOf('c1').map(({ id, name }) => ({ tenantId: id, name }));

  test.each(['customer_overview', 'find_customers'])('of the tenants of a row in %s', async (name) => {
    const path = 'customers.nodes.0.tenants';
    expect(await rowsOf(name, { customerIds: ['c1'] }, path, listAt(path))).toEqual(tenants);
  });

  test('of the groups of a row', async () => {
    const path = 'customers.nodes.0.protectionSummary.jobTitles.nodes';
    const given = { customerIds: ['c0'], groups: 100 };
    const titles = (await rowsOf('customer_overview', given, path, listAt(path))).map((row) =>
      at(row, 'value'),
    );
    expect(new Set(titles).size).toBe(91);
    expect(titles).toHaveLength(91);
  });

  test('of the directory', async () => {
    const given = { query: '{ directory { customerId organization } }' };
    const rows = await rowsOf('query', given, 'directory', listAt('directory'));
    expect(rows.map((row) => at(row, 'customerId'))).toEqual(directoryIds);
  });

  test('of nodes by their ids', async () => {
    const { data } = await gateway.queryText('{ customer(customerId: "c2") { tenants { id } } }');
    const ids = (at(data, 'customer.tenants') as readonly { readonly id: string }[]).map(({ id }) => id);
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Tenant { tenantId name } } }';
    const rows = await rowsOf('query', { query, variables: { ids } }, 'nodes', listAt('nodes'));
    expect(rows.map((row) => at(row, 'id'))).toEqual(ids);
  });

  test('of lists in the rows of another', async () => {
    const { data } = await gateway.queryText('{ customers { nodes { id } } }');
    const ids = (at(data, 'customers.nodes') as readonly { readonly id: string }[]).map(({ id }) => id);
    const query =
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { customerId tenants { tenantId } } } }';
    const seen: string[] = [];
    // The tenants of the first row shown, then the rows behind it.
    let next: object | null = {};
    while (next !== null) {
      const answer: Content = await ask('query', { query, variables: { ids }, ...next });
      const [first] = answer.data['nodes'] as readonly {
        readonly tenants: readonly { tenantId: string }[];
      }[];
      seen.push(...(first?.tenants ?? []).map(({ tenantId }) => tenantId));
      const named = (list: string) => answer.leftOut.find((each) => each.list === list)?.next ?? null;
      next = named('nodes.0.tenants') ?? named('nodes');
    }
    expect(seen).toEqual(customerIds.flatMap((id) => tenantsOf(id).map((tenant) => tenant.id)));
  });
});

test('of several long lists, the one that is continued has most of the room', async () => {
  const given = { customerIds: ['c0'], groups: 100 };
  const path = 'customers.nodes.0.protectionSummary.jobTitles.nodes';
  const titles = { listAfter: `${path}:0` };
  const { data } = await ask('customer_overview', { ...given, ...titles });
  expect((at(data, path) as readonly unknown[]).length).toBeGreaterThan(20);
  expect(at(data, 'customers.nodes.0.tenants')).toHaveLength(1);
});

test.each(['USER_COUNT_DESC', 'VALUE_ASC', 'COVERAGE_ASC', 'COVERAGE_DESC'])(
  'groups with long values are all reached in the order %s',
  async (orderBy) => {
    const given = { by: 'DEPARTMENT', orderBy, first: 3 };
    const path = 'protectionSummary.groups.nodes';
    const rows = await rowsOf('coverage_by_group', given, path, listAt(path));
    expect(rows).toHaveLength(longNames.length + 1);
  },
);

test('a further window has no offset of an earlier one', async () => {
  const first = await ask('find_customers', { first: 1 });
  const place = first.leftOut.find(({ list }) => list.endsWith('tenants'))?.next;
  expect(place).toEqual({ listAfter: expect.stringMatching(/^customers\.nodes\.0\.tenants:\d+$/) });
  const second = await ask('find_customers', { first: 1, ...place });
  const rows = second.leftOut.find(({ list }) => list === 'customers.nodes')?.next;
  expect(rows).toEqual({ after: expect.any(String), listAfter: null });
  const third = await ask('find_customers', { first: 1, ...place, ...rows });
  expect(at(third.data, 'customers.nodes.0.tenants.0')).toEqual({ tenantId: 'c1-000', name: 'Tenant 0' });
});

test.each(['x', 'customers:1', 'customers.nodes.7.tenants:1', 'customers._rows_nodes:1', '__proto__:1'])(
  'the offset %j is refused',
  async (listAfter) => {
    await expect(ask('customer_overview', { listAfter })).rejects.toThrow(
      /^BAD_USER_INPUT: listAfter: expected the text of next, of the same call, but got /,
    );
  },
);

test('a window of the greatest size is not advised to grow', () => {
  const call = toolCallOf();
  const tool = {
    ...call.tool,
    inputSchema: { type: 'object', properties: { groups: { maximum: 1000 } } },
    listArguments: { ...call.tool.listArguments, first: new Map([['a', 'groups']]) },
  } as const;
  const data = { a: { nodes: [{}], _rows_nodes: [{ cursor: 'x' }], _page: { hasNextPage: true } } };
  const adviceOf = (groups: number) => {
    const own = { tool, given: { groups }, groupingTool: 'by_group' };
    return JSON.stringify(toolResultOf(JSON.stringify({ data }), own, 2000).structuredContent);
  };
  expect(adviceOf(999)).toContain('for more at once, call again with a greater groups.');
  expect(adviceOf(1000)).toContain(
    'narrow the filter, or ask for this part by another tool, such as by_group.',
  );
});

describe('a range with both ends', () => {
  const query = (window: string) =>
    `{ users(customers: { customerIds: ["c0"] }, filter: { search: "" }, orderBy: MAIL_ASC, ${window}) { edges { cursor } nodes { userId } } }`;
  const cursors = async () => {
    const { data } = await gateway.queryText(query('first: 20'));
    return (at(data, 'users.edges') as readonly { readonly cursor: string }[]).map(({ cursor }) => cursor);
  };
  const leftOut = async (window: string) => {
    const answer = await ask('query', { query: query(window) });
    return answer.leftOut.map(({ list }) => list);
  };

  test('says that rows are left out only if some of the range are', async () => {
    const all = await cursors();
    const [third = '', sixth = ''] = [all[2], all[5]];
    expect(await leftOut(`first: 5, before: "${sixth}"`)).toEqual([]);
    expect(await leftOut(`first: 9, before: "${sixth}"`)).toEqual([]);
    expect(await leftOut(`first: 4, before: "${sixth}"`)).toEqual(['users.edges', 'users.nodes']);
    expect(await leftOut(`first: 2, after: "${third}", before: "${sixth}"`)).toEqual([]);
    expect(await leftOut(`last: 2, after: "${third}", before: "${sixth}"`)).toEqual([]);
    expect(await leftOut(`last: 1, after: "${third}", before: "${sixth}"`)).toHaveLength(2);
  });
});

describe('an offset in one of the lists of a connection', () => {
  const connection = (length: number, isWhole = true) => {
    const rows = Array.from({ length }, (_, index) => ({ value: `${'x'.repeat(60)} ${index}` }));
    const cursors = rows.map((_row, index) => ({ cursor: `c${index}` }));
    return {
      nodes: rows,
      _rows_nodes: cursors,
      edges: rows.map((node) => ({ node })),
      _rows_edges: cursors,
      _page: { hasNextPage: !isWhole },
    };
  };
  const answerAfter = (data: object, listAfter: { keys: readonly string[]; count: number }) => {
    const base = toolCallOf();
    const call = { ...base, tool: { ...base.tool, takesListAfter: true } };
    const answer = answerOf(JSON.stringify({ data }), {
      call,
      variables: {},
      maxCharacters: 3000,
      listAfter,
    });
    return ('content' in answer ? answer.content : answer) as unknown as Content;
  };

  test('is that of the others, which are as long and shortened as late', () => {
    const others = Array.from({ length: 40 }, (_, index) => ({ v: `${'y'.repeat(40)}${index}` }));
    const data = { customers: { nodes: [{ groups: connection(100), others }] } };
    const keys = ['customers', 'nodes', '0', 'groups', 'nodes'];
    const { leftOut, data: shown } = answerAfter(data, { keys, count: 10 });
    const { nodes, edges } = at(shown, 'customers.nodes.0.groups') as Record<string, readonly unknown[]>;
    expect(edges).toHaveLength(nodes?.length ?? 0);
    expect(nodes?.length).toBeGreaterThan(10);
    const next = (name: string) => ({
      list: `customers.nodes.0.groups.${name}`,
      next: { listAfter: `customers.nodes.0.groups.${name}:${10 + (nodes?.length ?? 0)}` },
    });
    expect(leftOut).toEqual(
      expect.arrayContaining([next('nodes'), next('edges')].map((each) => expect.objectContaining(each))),
    );
    expect(at(shown, 'customers.nodes.0.others')).toHaveLength(1);
  });

  test('leaves a whole range whole', () => {
    const range = (last: string) => ({
      users: connection(3, false),
      _range_users: { edges: [{ cursor: 'c1' }, { cursor: last }] },
    });
    const offset = { keys: ['users', 'nodes'], count: 1 };
    expect(answerAfter(range('c2'), offset).leftOut).toEqual([]);
    expect(answerAfter(range('c3'), offset).leftOut).toHaveLength(2);
  });
});

test('a list that changed, or sent fewer rows than it states, may lack rows', () => {
  const data = { users: { nodes: [], _changedWhileRead: true } };
  expect(toolResultOf(JSON.stringify({ data }), toolCallOf(), 2000).structuredContent).toMatchObject({
    notes: ['Rows may be missing: a list changed while it was read, or has fewer rows than it states.'],
  });
});

describe('what is missing', () => {
  const tenants = tenantsOf('gone').slice(0, 70);
  const other = useGateway({
    world: createWorldOf({
      customers: [customerRow({ id: 'gone', organization: 'Gone', tenants })],
      directory: [],
      // The others can't be read.
      tenants: { 'gone/gone-000': { users: [], protection: [] } },
    }),
    endpoint: { mcp: mcpSetting },
  });

  test.each([
    ['estate_overview', {}],
    ['coverage_by_group', { by: 'DEPARTMENT' }],
    ['query', { query: '{ protectionSummary { userCount } }' }],
  ])('is continued by %s to its last entry', async (name, given) => {
    const seen: string[] = [];
    let next: object | null = {};
    while (next !== null) {
      const { structuredContent } = await callTool(other.url, name, { ...given, ...next });
      const { missing, leftOut, isComplete } = structuredContent as unknown as Content & {
        readonly isComplete: boolean;
        readonly missing: readonly { readonly tenantId: string }[];
      };
      expect(isComplete).toBe(false);
      seen.push(...missing.map(({ tenantId }) => tenantId));
      next = leftOut.find(({ list }) => list === 'missing')?.next ?? null;
    }
    expect(seen).toEqual(tenants.slice(1).map(({ id }) => id));
  });
});
