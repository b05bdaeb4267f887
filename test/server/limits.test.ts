/** What is refused before it is work: documents by their shape, operations by what they could come to. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { getIntrospectionQuery, parse, type OperationDefinitionNode } from 'graphql';
import { createGraphSchema } from '../../src/graph/graph-schema.ts';
import { costOf } from '../../src/server/cost.ts';
import { DocumentGuard, LimitError, usualDocumentLimits } from '../../src/server/document-limits.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { laughs, nested, times } from '../hostile-documents.ts';
import { customerRow } from '../world-of.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest({
    world: { customers: [customerRow({ id: 'a' })], directory: [], tenants: {} },
  });
});
afterAll(() => gateway.stop());

interface Refusal {
  readonly status: number;
  readonly code: unknown;
  readonly limit: { readonly name: string; readonly value: number; readonly most: number } | undefined;
  readonly ms: number;
}

async function ask(query: string, variables: unknown = {}): Promise<Refusal> {
  const startedAt = performance.now();
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof variables === 'string' ? variables : JSON.stringify({ query, variables }),
  });
  const { errors } = (await response.json()) as {
    errors?: { message: string; extensions: { code: unknown; limit?: Refusal['limit'] } }[];
  };
  const [error] = errors ?? [];
  if (error !== undefined) expect(error.message.length).toBeGreaterThan(10);
  return {
    status: response.status,
    code: error?.extensions.code,
    limit: error?.extensions.limit,
    ms: performance.now() - startedAt,
  };
}

describe('a document', () => {
  test.each([
    ['characters', `{ customers { nodes { customerId } } } # ${'x'.repeat(200_001)}`, 'characters'],
    ['tokens', `{ ${'__typename '.repeat(10_001)} }`, 'tokens'],
    ['levels', nested(20), 'levels'],
    ['aliases', `{ customers { nodes { ${times(501, (index) => `a${index}: customerId`)} } } }`, 'aliases'],
    ['root fields', `{ ${times(301, (index) => `a${index}: __typename`)} }`, 'root fields'],
    ['directives', `{ __typename ${'@skip(if: false) '.repeat(201)} }`, 'directives'],
    ['fields by fragments', laughs(30), 'fields'],
    ['repetitions', `{ customers { nodes { ${'customerId '.repeat(151)} } } }`, 'repetitions of one field'],
    [
      'values of the schema',
      `{ ${times(100, (index) => `a${index}: __schema { types { name fields { name args { name type { name } } } } }`)} }`,
      'values of the schema',
    ],
    ['inline fragments', `{ ${'... { __typename } '.repeat(51)} }`, 'repetitions of one field'],
  ])('with too many %s is refused, with the count and the limit', async (_name, query, limit) => {
    const refusal = await ask(query);
    expect(refusal).toMatchObject({ status: 400, code: 'LIMIT_EXCEEDED', limit: { name: limit } });
    expect(refusal.limit?.value).toBeGreaterThan(refusal.limit?.most ?? Infinity);
    expect(gateway.calls).toEqual([]);
  });

  test('of the explorer, introspection included, is let through', async () => {
    expect(
      (await ask(getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true }))).status,
    ).toBe(200);
  });

  test('with fragments that contain themselves is refused as such', async () => {
    const query = '{ ...a } fragment a on Query { __typename ...b } fragment b on Query { ...a }';
    expect(await ask(query)).toMatchObject({ status: 200, code: 'GRAPHQL_VALIDATION_FAILED' });
  });

  test('is refused in the same way as a stream of events', async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: laughs(30) }),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('LIMIT_EXCEEDED');
  });

  test('is counted as a naive expansion counts it', () => {
    const fragments = fc.array(fc.array(fc.nat(5), { maxLength: 3 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(fragments, fc.integer({ min: 1, max: 60 }), (spreads, most) => {
        // Only to later ones, so that none contains itself.
        const later = spreads.map((all, index) => [...new Set(all.filter((to) => to > index))]);
        const count = (index: number): number =>
          1 + (later[index] ?? []).reduce((sum, to) => sum + count(to), 0);
        const text = `{ ...f0 } ${later
          .map(
            (all, index) =>
              `fragment f${index} on Query { a${index}: __typename ${all.map((to) => `...f${to}`).join(' ')} }`,
          )
          .join(' ')}`;
        const guard = new DocumentGuard({ ...usualDocumentLimits, fields: most });
        const isTooMuch = Math.max(...later.map((_all, index) => count(index))) > most;
        if (isTooMuch)
          expect(() => {
            guard.check(text);
          }).toThrow(LimitError);
        else
          expect(() => {
            guard.check(text);
          }).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });
});

describe('what an operation could come to', () => {
  const schema = createGraphSchema();
  const cost = (query: string, variables: Record<string, unknown> = {}) => {
    const document = parse(query);
    return costOf(schema, document, document.definitions[0] as OperationDefinitionNode, variables);
  };

  test.each([
    ['{ customers { totalCount } }', { rows: 50, calls: 1 }],
    ['{ customers(first: 1000) { nodes { customerId } } }', { rows: 1000, calls: 10 }],
    ['{ customers(last: 7) { edges { node { customerId } } } }', { rows: 7, calls: 1 }],
    ['{ customers(customerIds: ["a", "b"]) { nodes { customerId } } }', { rows: 2, calls: 1 }],
    [
      '{ customers(first: 10) { nodes { tenants { users(first: 100) { nodes { protection { email } } } } } } }',
      { rows: 10 + 20 + 2000 + 2000, calls: 1 + 20 + 20 },
    ],
    ['{ customers(first: 5, filter: { search: "a" }) { totalCount } }', { rows: 5, calls: 10 }],
    ['{ customers(first: 5, orderBy: ORGANIZATION_ASC) { totalCount } }', { rows: 5, calls: 10 }],
    ['{ customers(customerIds: ["a"], filter: { search: "a" }) { totalCount } }', { rows: 1, calls: 1 }],
    ['{ a: customers { totalCount } b: customers { totalCount } }', { rows: 100, calls: 2 }],
    ['{ nodes(ids: ["x", "y", "z"]) { id ... on Customer { tenants { name } } } }', { rows: 9, calls: 3 }],
    ['{ customer(customerId: "a") { protectionSummary { userCount } } }', { rows: 1, calls: 11 }],
    ['query ($n: Int) { customers(first: $n) { totalCount } }', { rows: 50, calls: 1 }],
  ])('is worked out of its arguments: %s', (query, expected) => {
    expect(cost(query)).toEqual(expected);
  });

  test('counts variables, and a fragment wherever it is spread', () => {
    expect(
      cost(
        'query ($n: Int) { a: customers(first: $n) { ...c } } fragment c on CustomerConnection { nodes { tenants { users { totalCount } } } }',
        { n: 4 },
      ),
    ).toEqual({ rows: 4 + 8 + 400, calls: 1 + 8 });
  });

  test('is refused where it is too much, before any call, with the cost and the limit', async () => {
    const query =
      '{ customers(first: 1000) { nodes { tenants { users(first: 1000) { nodes { userId } } } } } }';
    expect(await ask(query)).toMatchObject({
      status: 400,
      code: 'LIMIT_EXCEEDED',
      limit: { name: 'possible rows', value: 2_003_000, most: 500_000 },
    });
    expect(gateway.calls).toEqual([]);
  });

  test('is told on asking', async () => {
    const { extensions } = await gateway.queryText(
      '{ customers(first: 3) { totalCount } }',
      {},
      { headers: { 'x-explain': 'true' } },
    );
    expect(extensions).toMatchObject({ cost: { rows: 3, calls: 1, most: { rows: 500_000, calls: 50_000 } } });
  });
});

test.each([
  [
    'huge variables',
    JSON.stringify({
      query: 'query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }',
      variables: { f: { or: Array.from({ length: 20_000 }, () => ({ search: 'a' })) } },
    }),
  ],
  [
    'deep variables',
    `{"query":"query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }","variables":{"f":${'{"not":'.repeat(20_000)}{}${'}'.repeat(20_000)}}}`,
  ],
  ['deep JSON', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['a body that is too long', JSON.stringify({ query: '{ __typename }', x: 'x'.repeat(2 * 1024 * 1024) })],
  ['a batch', JSON.stringify(Array.from({ length: 1000 }, () => ({ query: '{ __typename }' })))],
  ['names of prototypes', '{"__proto__": {"query": "{ __typename }"}, "constructor": 1}'],
])('%s are refused with a clear error', async (_name, body) => {
  const { status, code } = await ask('', body);
  expect([200, 400, 413]).toContain(status);
  expect(['BAD_REQUEST', 'BAD_USER_INPUT', 'LIMIT_EXCEEDED']).toContain(code);
  expect(gateway.reported).toEqual([]);
});
