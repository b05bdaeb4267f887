/** Lists that go on, over HTTP: each is named or counted, and following what the answer says reaches every row. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { createWorldOf, customerRow, userRow, worldOfTenant } from '../world-of.ts';
import { callTool } from './message-sender.ts';
import { mcpSetting } from './official-client.ts';

interface ListThatGoesOn {
  readonly list: string;
  readonly shown: number;
  readonly next: Readonly<Record<string, string>> | null;
  readonly after?: string;
  readonly before?: string;
  readonly advice?: string;
}

interface Content {
  readonly isComplete: boolean;
  readonly leftOut: readonly ListThatGoesOn[];
  readonly notes?: readonly string[];
  readonly matchedCustomers?: unknown;
  readonly data: Readonly<Record<string, unknown>>;
}

async function ask(of: GatewayUnderTest, name: string, given: object): Promise<Content> {
  const { content, structuredContent, isError } = await callTool(of.url, name, given);
  if (isError === true) throw new Error(content[0]?.text);
  return structuredContent as unknown as Content;
}

const ids = Array.from({ length: 12 }, (_, index) => `user-${String(index).padStart(2, '0')}`);
const world = worldOfTenant({ users: ids.map((id) => userRow({ id, displayName: id })), protection: [] });

const folder = mkdtempSync(join(tmpdir(), 'continuation-'));
const writeTools = (...documents: readonly string[]) => {
  const toolsFolder = mkdtempSync(join(folder, 'tools-'));
  for (const [index, document] of documents.entries())
    writeFileSync(join(toolsFolder, `${index}.graphql`), `"For a test."\n${document}\n`);
  return { ...mcpSetting, toolsFolder };
};

afterAll(() => {
  rmSync(folder, { recursive: true });
});

let gateway: GatewayUnderTest;
beforeAll(async () => {
  const mcp = writeTools(
    `query newest($last: Int = 5, $before: String, $first: Int, $after: String) {
      users(orderBy: DISPLAY_NAME_ASC, last: $last, before: $before, first: $first, after: $after) { nodes { userId } }
    }`,
    `query fixed_end { users(orderBy: DISPLAY_NAME_ASC, last: 2) { ...rows } }
    fragment rows on UserConnection { nodes { userId } }`,
    `query some_customer($customer: String = "no such") {
      protectionSummary(filter: { search: $customer }) { userCount }
    }`,
    `query preset_search($search: String = "no such", $alsoSearch: String) {
      users(filter: { and: [{ search: $search }, { search: $alsoSearch }] }) { totalCount }
    }`,
  );
  gateway = await startGatewayUnderTest({ world, endpoint: { mcp } });
});
afterAll(() => gateway.stop());

const idsIn = ({ data }: Content) =>
  (data['users'] as { readonly nodes: readonly { readonly userId: string }[] }).nodes.map(
    ({ userId }) => userId,
  );

test('lists beyond those that are named are counted in a note', async () => {
  const customers = Array.from({ length: 15 }, (_, index) =>
    customerRow({
      id: `c${index}`,
      organization: `Alpha ${index}`,
      tenants: [{ id: `t${index}`, name: 'T' }],
    }),
  );
  const departments = ['Sales', 'Finance'].map((department) => userRow({ id: department, department }));
  const tenants = Object.fromEntries(
    customers.map((_customer, index) => [`c${index}/t${index}`, { users: departments, protection: [] }]),
  );
  const other = await startGatewayUnderTest({
    world: createWorldOf({ customers, directory: [], tenants }),
    endpoint: { mcp: mcpSetting },
  });
  const content = await ask(other, 'customer_overview', { customer: 'a', first: 20, groups: 1 });
  await other.stop();
  expect(content.leftOut).toHaveLength(10);
  // A list of departments for each customer.
  expect(content.notes).toEqual(['5 more truncated lists are not in leftOut.']);
});

describe('a window of the last rows', () => {
  const query = (window: string, variables = '') =>
    `query ${variables} { users(orderBy: DISPLAY_NAME_ASC, ${window}) { nodes { userId } } }`;

  test('is continued before its first row, in a query', async () => {
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const at = before === undefined ? '' : `, before: "${before}"`;
      const content = await ask(gateway, 'query', { query: query(`last: 5${at}`) });
      seen.unshift(...idsIn(content));
      expect(content.leftOut.length).toBeLessThan(2);
      const [list] = content.leftOut;
      before = list?.before;
      if (list !== undefined)
        expect(list).toEqual({
          list: 'users.nodes',
          shown: 5,
          next: null,
          before: expect.any(String),
          advice: 'To continue, add before: (this cursor) to the field users.',
        });
    } while (before !== undefined);
    expect(seen).toEqual(ids);
  });

  test('is continued by the argument of a tool', async () => {
    const seen: string[] = [];
    let next: object | null = {};
    while (next !== null) {
      const content = await ask(gateway, 'newest', next);
      seen.unshift(...idsIn(content));
      next = content.leftOut[0]?.next ?? null;
    }
    expect(seen).toEqual(ids);
  });

  test('behind a cursor ends at the cursor', async () => {
    const { data } = await ask(gateway, 'query', {
      query: '{ users(orderBy: DISPLAY_NAME_ASC, first: 5) { edges { cursor } } }',
    });
    const { edges } = data['users'] as { readonly edges: readonly { readonly cursor: string }[] };
    const given = { after: edges.at(-1)?.cursor, last: 3 };
    const seen: string[] = [];
    let next: object | null = {};
    while (next !== null) {
      const content = await ask(gateway, 'newest', { ...given, ...next });
      seen.unshift(...idsIn(content));
      next = content.leftOut[0]?.next ?? null;
    }
    expect(seen).toEqual(ids.slice(5));
  });

  test("that a tool can't continue is named", async () => {
    const { leftOut } = await ask(gateway, 'fixed_end', {});
    expect(leftOut).toEqual([
      {
        list: 'users.nodes',
        shown: 2,
        next: null,
        advice:
          "More rows exist before these, but this tool can't page them; narrow the filter, or ask for this part by another tool.",
      },
    ]);
  });

  test('is none if the variable has no value', async () => {
    const text = query('last: $n, first: $f, after: $a', '($n: Int, $f: Int, $a: String)');
    const first = await ask(gateway, 'query', { query: text, variables: { f: 5 } });
    expect(first.leftOut).toMatchObject([{ after: expect.any(String) }]);
    const second = await ask(gateway, 'query', {
      query: text,
      variables: { f: 5, n: null, a: first.leftOut[0]?.after },
    });
    expect(idsIn(second)).toEqual(ids.slice(5, 10));
    expect(second.leftOut).toMatchObject([{ list: 'users.nodes', after: expect.any(String) }]);
    expect(second.leftOut[0]).not.toHaveProperty('before');
  });

  test('without rows asks for a greater number', async () => {
    const { leftOut } = await ask(gateway, 'query', { query: query('last: 0') });
    expect(leftOut).toMatchObject([{ advice: 'Rows exist, but none were requested: increase last.' }]);
  });
});

describe('rows that do not fit', () => {
  const limited: GatewayUnderTest[] = [];
  afterEach(async () => {
    for (const each of limited.splice(0)) await each.stop();
  });

  test.each([
    'nodes { userId mail }',
    'edges { node { userId mail } }',
    'nodes { userId } edges { node { mail } }',
  ])('of %s are behind the cursor of the page that the query itself selects', async (rows) => {
    const own = await startGatewayUnderTest({
      world,
      endpoint: { mcp: { ...mcpSetting, maxCharacters: 2000 } },
    });
    limited.push(own);
    const seen: string[] = [];
    let info = { end: '', more: true };
    while (info.more) {
      const after = info.end === '' ? '' : `, after: "${info.end}"`;
      const { data } = await ask(own, 'query', {
        query: `{ users(orderBy: DISPLAY_NAME_ASC, first: 12${after}) { ${rows} info: pageInfo { end: endCursor more: hasNextPage } } }`,
      });
      const {
        nodes,
        edges,
        info: page,
      } = data['users'] as {
        readonly nodes?: readonly { readonly userId: string }[];
        readonly edges?: readonly { readonly node: { readonly userId: string } }[];
        readonly info: typeof info;
      };
      const shown = nodes ?? edges?.map(({ node }) => node) ?? [];
      if (nodes !== undefined && edges !== undefined) expect(edges).toHaveLength(nodes.length);
      seen.push(...shown.map(({ userId }) => userId));
      info = page;
    }
    expect(seen).toEqual(ids);
  });
});

test.each([
  [
    'two lists',
    'query both($after: String) { users(after: $after) { totalCount } customers(after: $after) { totalCount } }',
    /\$after is the cursor of both users and customers: give each list a variable of its own/,
  ],
  [
    'a list and those of its rows',
    'query both($after: String) { customers(after: $after) { nodes { users(before: $after) { totalCount } } } }',
    /\$after is the cursor of both customers and customers\.nodes\.users/,
  ],
  [
    'two lists by a fragment',
    'query both($after: String) { a: customers { ...rows } b: users(after: $after) { totalCount } ...root } fragment root on Query { c: users(after: $after) { totalCount } } fragment rows on CustomerConnection { totalCount }',
    /\$after is the cursor of both b and c/,
  ],
])('a cursor of %s keeps the gateway from starting', async (_what, document, words) => {
  await expect(
    startGatewayUnderTest({ world, simulator: gateway.simulator, endpoint: { mcp: writeTools(document) } }),
  ).rejects.toThrow(words);
});

test('a default of an argument counts as if it was given', async () => {
  const { matchedCustomers } = await ask(gateway, 'some_customer', {});
  expect(matchedCustomers).toEqual({ totalCount: 0, nodes: [] });
  const { notes } = await ask(gateway, 'preset_search', {});
  expect(notes?.[0]).toMatch(/^Nothing matches.*search: found as one text.*the other as alsoSearch/);
});
