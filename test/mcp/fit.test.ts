/** Answers fit into their limit, whole rows at a time, and whatever is left out can be asked for. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { useGateway, useGateways } from '../use-gateway.ts';
import { connectOverHttp, mcpSetting } from './official-client.ts';
import { toolCallOf, toolResultOf } from './tool-call.ts';

const world = createGeneratedWorld({ seed: 3, customers: 7, tenantsPerCustomer: 2, usersPerTenant: 40 });

interface Envelope {
  readonly isComplete: boolean;
  readonly missing: readonly unknown[];
  readonly leftOut: readonly {
    readonly list: string;
    readonly shown?: number;
    readonly next: object | null;
  }[];
  readonly data: Readonly<Record<string, unknown>>;
}

const start = useGateways({ world, endpoint: { mcp: mcpSetting } });

/** A text of the answer, which holds the same as its structure. */
function read(result: ReturnType<typeof toolResultOf>): {
  readonly text: string;
  readonly envelope: Envelope;
} {
  const [first] = result.content;
  if (first?.type !== 'text') throw new Error('There is no text.');
  const envelope = JSON.parse(first.text) as Envelope;
  expect(envelope).toEqual(result.structuredContent);
  return { text: first.text, envelope };
}

/** Texts with what names may hold: quotes, controls, invisible and paired characters. */
const texts = fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.toWellFormed());

const connections = fc
  .array(fc.record({ name: texts, roles: fc.array(texts, { maxLength: 5 }) }), { maxLength: 30 })
  .chain((nodes) =>
    fc.record({
      nodes: fc.constant(nodes),
      totalCount: fc.constant(nodes.length),
      hasNextPage: fc.boolean(),
      isComplete: fc.boolean(),
    }),
  );

test('any answer has at most its characters, whole rows, and says what is left out', () => {
  fc.assert(
    fc.property(connections, fc.integer({ min: 2000, max: 6000 }), (list, maxCharacters) => {
      const { nodes, totalCount, hasNextPage, isComplete } = list;
      const result = toolResultOf(
        JSON.stringify({
          data: {
            users: {
              totalCount,
              nodes,
              _rows_nodes: nodes.map((_node, index) => ({ cursor: `cursor${index}` })),
              _page: { hasNextPage },
              _isComplete: isComplete,
              _missing: [],
            },
          },
        }),
        toolCallOf(new Map([['users', 'after']])),
        maxCharacters,
      );
      const { text, envelope } = read(result);
      expect(text.length).toBeLessThanOrEqual(maxCharacters);
      expect(text).not.toMatch(/[\p{Cf}\p{Co}\u007f-\u009f]/u);
      expect([envelope.isComplete, envelope.missing]).toEqual([isComplete, []]);
      const shown = (envelope.data['users'] as typeof list).nodes;
      const noted = envelope.leftOut.find(({ list: path }) => path === 'users.nodes');
      if (shown.length === 1 && nodes.length === 1) return;
      // A row alone may be longer than the limit: then its lists, or texts, are left out and noted.
      if (envelope.leftOut.every(({ list: path }) => path === 'users.nodes'))
        expect(shown).toEqual(nodes.slice(0, shown.length));
      const goesOn = shown.length < nodes.length || hasNextPage;
      const next = nodes.length === 0 ? null : { after: `cursor${shown.length - 1}` };
      expect(noted?.next).toEqual(goesOn ? next : undefined);
    }),
    { numRuns: 300 },
  );
});

test('the outermost of the lists that go on are named first', () => {
  const goesOn = { _rows_nodes: [{ cursor: 'c' }], _page: { hasNextPage: true } };
  const group = { nodes: [{ userCount: 1 }], ...goesOn };
  const customers = Array.from({ length: 20 }, () => ({ protectionSummary: { groups: group } }));
  const { envelope } = read(
    toolResultOf(
      JSON.stringify({
        data: { customers: { nodes: customers }, users: { nodes: [{ mail: 'a' }], ...goesOn } },
      }),
      toolCallOf(),
      20_000,
    ),
  );
  expect(envelope.leftOut.map(({ list }) => list).slice(0, 2)).toEqual([
    'users.nodes',
    'customers.nodes.0.protectionSummary.groups.nodes',
  ]);
});

test('names of matched customers give way to a row', () => {
  const named = Array.from({ length: 5 }, (_, index) => ({
    customerId: `${index}`,
    organization: 'n'.repeat(100),
  }));
  const ofRow = (characters: number) =>
    toolResultOf(
      JSON.stringify({
        data: {
          customers: { nodes: [{ mail: 'a'.repeat(400), name: 'x'.repeat(characters) }] },
          _customers: { totalCount: 7, nodes: named },
        },
      }),
      toolCallOf(),
      1500,
    ).structuredContent;
  expect(ofRow(100)).toMatchObject({ matchedCustomers: { totalCount: 7, nodes: named } });
  expect(ofRow(450)).toMatchObject({
    matchedCustomers: { totalCount: 7, nodes: [] },
    data: { customers: { nodes: [{ name: 'x'.repeat(450) }] } },
  });
});

test('a text that is too long by itself is left out, and named', () => {
  const result = toolResultOf(
    JSON.stringify({ data: { customer: { organization: 'x'.repeat(100_000), id: 'a' } } }),
    toolCallOf(),
    2000,
  );
  const { envelope } = read(result);
  expect(envelope.leftOut).toMatchObject([{ list: 'customer.organization', next: null }]);
  expect(envelope.data).toMatchObject({ customer: { id: 'a' } });
});

test('hidden instructions are shown as escapes, and are the same when they are read', () => {
  const name = 'Contoso\u{e0049}\u{e0067}\u202e\u200b';
  const { text, envelope } = read(
    toolResultOf(JSON.stringify({ data: { customer: { name } } }), toolCallOf(), 2000),
  );
  expect(text).toContain('Contoso\\udb40\\udc49');
  expect(envelope.data).toEqual({ customer: { name } });
});

test('a list below others has the argument that continues it', async () => {
  const gateway = await start();
  const client = await connectOverHttp(gateway.url, '2026-07-28');
  try {
    const values: unknown[] = [];
    let next: object | null = {};
    while (next !== null) {
      const given = { by: 'CUSTOMER', first: 3, ...next };
      const result = await client.callTool({ name: 'coverage_by_group', arguments: given });
      const { envelope } = read(result);
      const { groups } = envelope.data['protectionSummary'] as { groups: { nodes: { value: string }[] } };
      values.push(...groups.nodes.map(({ value }) => value));
      next = envelope.leftOut[0]?.next ?? null;
    }
    expect(new Set(values).size).toBe(7);
    expect(values.length).toBe(7);
  } finally {
    await client.close();
  }
});

describe.each([2000, 5000, 20_000])('with %d characters', (maxCharacters) => {
  const gateway = useGateway({
    world,
    endpoint: { mcp: { ...mcpSetting, maxCharacters } },
  });

  test.each([
    ['find_users', {}, 'users', '{ users(first: 1000) { nodes { key: userId } } }', 'userId'],
    [
      'unprotected_users',
      {},
      'users',
      '{ users(filter: { status: { none: [SIGN_IN_BLOCKED, INACTIVE, PENDING_DELETION, TEST_USER] }, protection: { isProtected: false } }, orderBy: DISPLAY_NAME_ASC, first: 1000) { nodes { key: mail } } }',
      'mail',
    ],
    ['find_customers', {}, 'customers', '{ customers { nodes { key: customerId } } }', 'customerId'],
  ])('the rows of %s can all be had by going on', async (name, given, root, query, key) => {
    const client = await connectOverHttp(gateway.url, '2026-07-28');
    const rows: unknown[] = [];
    let next: object | null = {};
    while (next !== null) {
      const result = await client.callTool({ name, arguments: { ...given, first: 40, ...next } });
      const { text, envelope } = read(result);
      expect(text.length).toBeLessThanOrEqual(maxCharacters);
      const { nodes } = envelope.data[root] as { nodes: Readonly<Record<string, unknown>>[] };
      expect(nodes.length).toBeGreaterThan(0);
      rows.push(...nodes.map((node) => node[key]));
      next = envelope.leftOut.find(({ list }) => list === `${root}.nodes`)?.next ?? null;
    }
    const { data } = await gateway.queryText(query);
    const all = (data?.[root] as { nodes: { key: unknown }[] }).nodes.map((node) => node.key);
    expect(rows).toEqual(all);
    await client.close();
  });
});
