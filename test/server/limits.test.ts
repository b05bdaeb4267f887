/** What is refused before it is work: documents by their shape, variables by their size, operations by their price. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  buildSchema,
  getIntrospectionQuery,
  GraphQLError,
  parse,
  type DocumentNode,
  type OperationDefinitionNode,
} from 'graphql';
import { LimitError } from '../../src/errors.ts';
import { createGraphSchema } from '../../src/graph/graph-schema.ts';
import { nothingKnown, type KnownLengths } from '../../src/pricing/known-lengths.ts';
import { createCostModel, type Cost } from '../../src/pricing/cost.ts';
import { documentLimits, parseDocument } from '../../src/server/limits/document.ts';
import { checkPrices } from '../../src/pricing/prices.ts';
import { coerceVariables, validateDocument } from '../../src/server/limits/validation.ts';
import { cpuMsOf } from '../cpu-time.ts';
import { useGateway } from '../use-gateway.ts';
import { laughs, merging, nested, spreads, times } from '../hostile-documents.ts';
import { customerRow } from '../world-of.ts';

const gateway = useGateway({
  world: {
    customers: [customerRow({ id: 'a', tenants: [{ id: 't', name: 'T' }] }), customerRow({ id: 'b' })],
    directory: [],
    tenants: {},
  },
});

interface Refusal {
  readonly status: number;
  readonly code: unknown;
  readonly limit: { readonly name: string; readonly value: number; readonly most: number } | undefined;
}

async function ask(query: string, variables: unknown = {}): Promise<Refusal> {
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
  return { status: response.status, code: error?.extensions.code, limit: error?.extensions.limit };
}

const printedSchema = () => readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');
const schema = createGraphSchema();
const model = createCostModel(schema);
const anything: Cost = { rows: Infinity, values: Infinity, calls: Infinity };

function operationOf(document: DocumentNode): OperationDefinitionNode {
  return document.definitions[0] as OperationDefinitionNode;
}

function price(
  query: string,
  variables: Record<string, unknown> = {},
  known = nothingKnown,
  max = anything,
): Cost {
  const document = parse(query);
  const operation = operationOf(document);
  const coerced = coerceVariables(schema, operation, variables);
  if (!('values' in coerced)) throw coerced.errors[0] ?? new Error('no values');
  return model.check(document, operation, coerced.values, known, max);
}

function limitOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof LimitError) return error.details.limit.name;
    throw error;
  }
  return 'none';
}

describe('a document', () => {
  test.each([
    ['characters', `{ customers { nodes { customerId } } } # ${'x'.repeat(200_001)}`, 'characters'],
    ['lines', `${'\n'.repeat(5000)}{ __typename }`, 'lines'],
    ['lines that end in two ways', `${'\r\n\r'.repeat(2500)}{ __typename }`, 'lines'],
    ['tokens', `{ ${'__typename '.repeat(10_001)} }`, 'tokens'],
    ['levels', nested(20), 'levels'],
    ['aliases', `{ customers { nodes { ${times(501, (index) => `a${index}: customerId`)} } } }`, 'aliases'],
    ['root fields', `{ ${times(301, (index) => `a${index}: __typename`)} }`, 'root fields'],
    ['directives', `{ __typename ${'@skip(if: false) '.repeat(201)} }`, 'directives'],
    ['fields by fragments', laughs(30), 'fields'],
    ['fields by fragments without fields of their own', spreads(400), 'fields'],
    [
      'selections that come to nothing',
      spreads(30).replace('{ __typename }', '{ ... { ...none } }'),
      'selections',
    ],
    ['repetitions', `{ customers { nodes { ${'customerId '.repeat(151)} } } }`, 'repetitions of one field'],
    ['repetitions below merged fields', merging(40, 40), 'repetitions of one field'],
    ['inline fragments', `{ ${'... { __typename } '.repeat(51)} }`, 'repetitions of one field'],
    ['operations', times(2000, (index) => `query q${index} { __typename }`), 'operations'],
    [
      'fragments',
      `{ __typename } ${times(501, (index) => `fragment f${index} on Query { __typename }`)}`,
      'fragments',
    ],
    ['variables', `query (${times(251, (index) => `$v${index}: Int`)}) { __typename }`, 'variables'],
    ['levels of values', `{ nodes(ids: ${'['.repeat(51)}"a"${']'.repeat(51)}) { id } }`, 'levels of values'],
    ['levels of brackets', '{'.repeat(101), 'levels of brackets'],
    [
      'values of the schema',
      `{ ${times(100, (index) => `a${index}: __schema { types { name fields { name args { name type { name } } } } }`)} }`,
      'values of the schema',
    ],
  ])('with too many %s is refused, with the count and the limit', async (_name, query, limit) => {
    const refusal = await ask(query);
    expect(refusal).toMatchObject({ status: 400, code: 'LIMIT_EXCEEDED', limit: { name: limit } });
    expect(refusal.limit?.value).toBeGreaterThan(refusal.limit?.most ?? Infinity);
    expect(gateway.calls).toEqual([]);
  });

  test.each([
    ['fragments that spread the next level twice', laughs(400)],
    ['such fragments without fields', spreads(400)],
    [
      'fragments in a circle, each with two ways on',
      `{ ...f0 } ${times(40, (index) => `fragment f${index} on Query { a: node(id: "a") { ...f${(index + 1) % 40} } b: node(id: "b") { ...f${(index + 1) % 40} } }`)}`,
    ],
    ['merged selections', merging(50, 60)],
    ['a string without an end', `{ a(b: "${'\\"'.repeat(99_000)}`],
    ['a string that ends with its line', `{ a(b: "${'"\n"'.repeat(2000)}${'x'.repeat(190_000)}`],
    ['a block string without an end', `{ a(b: """${'""\\"""'.repeat(33_000)}`],
    ['block strings', `{ a(b: """${'"""'.repeat(66_000)}`],
    ['a comment of quotes', `{ a # ${'"'.repeat(190_000)}`],
    ['backslashes', `{ a(b: "${'\\'.repeat(190_000)}`],
    ['operations', times(2000, (index) => `query q${index} { __typename }`)],
    ['faulty fields', `{ ${times(400, (index) => `a${index}: customer`)} }`],
  ])('of %s costs little CPU, whatever becomes of it', (_name, query) => {
    const judge = () => {
      try {
        validateDocument(schema, parseDocument(query), { hasIntrospection: true });
      } catch (error) {
        expect((error as Error).message.length).toBeLessThan(400);
      }
    };
    expect(cpuMsOf(judge)).toBeLessThan(100);
  });

  test.each([
    '{ a(b: "}}}{{{ \\" ((( ") }',
    '{ a(b: """ }}} \\""" ((( "" """) }',
    '{ a(b: 1) # {{{ " \n }',
    '{ a(b: 1) # {{{ """ \r }',
    '{ a(b: "", c: """""", d: "\\\\") }',
  ])('may have brackets that are none: %s', (text) => {
    expect(limitOf(() => parseDocument(text, { ...documentLimits, 'levels of brackets': 2 }))).toBe('none');
    expect(limitOf(() => parseDocument(text, { ...documentLimits, 'levels of brackets': 1 }))).toBe(
      'levels of brackets',
    );
  });

  test('of the explorer, introspection included, is accepted', async () => {
    const query = getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true });
    expect((await ask(query)).status).toBe(200);
  });

  test("that can't be parsed is a syntax error with a position and a short message", () => {
    const parseFaulty = () => parseDocument(`{ a\n "${'x'.repeat(100_000)}" }`);
    expect(parseFaulty).toThrow(GraphQLError);
    expect(parseFaulty).toThrow(/^Syntax Error: .{200,300}…$/);
    expect(() => parseDocument('{ a "tokens" }')).toThrow(/^Syntax Error: .*tokens/);
  });

  test('with fragments that contain themselves is refused as such', async () => {
    const query = '{ ...a } fragment a on Query { __typename ...b } fragment b on Query { ...a }';
    expect(await ask(query)).toMatchObject({ status: 200, code: 'GRAPHQL_VALIDATION_FAILED' });
    expect(await ask('{ ...a } fragment a on Query { node(id: "a") { ...a } }')).toMatchObject({
      code: 'GRAPHQL_VALIDATION_FAILED',
    });
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
      fc.property(fragments, fc.integer({ min: 1, max: 60 }), (spread, most) => {
        // Only to later ones, so that none contains itself.
        const later = spread.map((all, index) => [...new Set(all.filter((to) => to > index))]);
        const count = (index: number): number =>
          1 + (later[index] ?? []).reduce((sum, to) => sum + count(to), 0);
        const text = `{ ...f0 } ${later
          .map(
            (all, index) =>
              `fragment f${index} on Query { a${index}: __typename ${all.map((to) => `...f${to}`).join(' ')} }`,
          )
          .join(' ')}`;
        const isTooMuch = Math.max(...later.map((_all, index) => count(index))) > most;
        const limit = limitOf(() => parseDocument(text, { ...documentLimits, fields: most }));
        expect(limit).toBe(isTooMuch ? 'fields' : 'none');
      }),
      { numRuns: 300 },
    );
  });
});

describe('faults', () => {
  const faulty = parseDocument(
    `{ customers { ${times(400, (index) => `nodez${index}`)} } nodes(ids: {${times(400, (index) => `a${index}: "${'x'.repeat(100)}"`)}}) { id } }`,
  );

  test('of a document are few and short', () => {
    const errors = validateDocument(schema, faulty, { hasIntrospection: true });
    expect(errors.length).toBeLessThanOrEqual(11);
    expect(JSON.stringify(errors).length).toBeLessThan(10_000);
  });

  test('suggest names only if the schema may be read', () => {
    const document = parse('query ($f: CustomerFilter) { customerz(filter: $f) { totalCount } }');
    const messages = (hasIntrospection: boolean) => {
      const coerced = coerceVariables(
        schema,
        operationOf(document),
        { f: { serch: 1 } },
        { hasIntrospection },
      );
      const errors = [
        ...validateDocument(schema, document, { hasIntrospection }),
        ...('errors' in coerced ? coerced.errors : []),
      ];
      return errors.map(({ message }) => message.includes('Did you mean'));
    };
    expect(messages(true)).toEqual([true, true]);
    expect(messages(false)).toEqual([false, false]);
  });
});

test('ids of objects under many aliases are refused, and those of one list are not', async () => {
  const ids = Array.from({ length: 1000 }, (_, index) => `id ${index}`);
  const of = (lists: number) =>
    `query ($ids: [ID!]!) { ${times(lists, (index) => `a${index}: nodes(ids: $ids) { __typename }`)} }`;
  expect(await ask(of(6), { ids })).toMatchObject({
    status: 400,
    limit: { name: 'ids', value: 6000, most: 5000 },
  });
  expect((await ask(of(1), { ids })).status).toBe(200);
});

describe('errors of a document', () => {
  test.each(['{ user { id } }', '{ customers }', '{ customers { nodes { organisation } } }'])(
    'name nothing that %s does not name, if the schema may not be read',
    (query) => {
      const [error] = validateDocument(schema, parseDocument(query), { hasIntrospection: false });
      const quoted = [...(error?.message.matchAll(/"([^"]+)"/g) ?? [])].map(([, name]) => name ?? '');
      expect(quoted.length).toBeGreaterThan(0);
      for (const name of quoted) expect(name === '…' || query.includes(name)).toBe(true);
    },
  );
});

describe('errors of a document that could be another one', () => {
  test.each([
    [
      '{ users(filter: { status: { any: [ACTIVE] } }) { totalCount } }',
      /^Value "ACTIVE" does not exist in "UserStatus" enum\..* Choose from MFA_DISABLED, SIGN_IN_BLOCKED,/,
    ],
    [
      '{ protectionSummary { groups(by: "DEPARTMENT") { totalCount } } }',
      /^Enum "UserGrouping" cannot represent non-enum value: "DEPARTMENT"\..* Choose from CUSTOMER, DEPARTMENT,/,
    ],
    [
      '{ users(orderBy: NAME) { totalCount } }',
      // Longer than what a request may make of a message.
      /^Value "NAME" .* Choose from DISPLAY_NAME_ASC, .*PROTECTION_DESC\.$/,
    ],
    [
      '{ protectionSummary(customers: { search: "a" }) { userCount } }',
      /^Unknown argument "customers" on field "Query\.protectionSummary"\..* It takes filter, users\.$/,
    ],
    ['{ directory(search: "a") { organization } }', /^Unknown argument .* It takes no arguments\.$/],
  ])('have the choices: %s', (query, message) => {
    const [error] = validateDocument(schema, parseDocument(query), { hasIntrospection: true });
    expect(error?.message).toMatch(message);
    const [masked] = validateDocument(schema, parseDocument(query), { hasIntrospection: false });
    expect(masked?.message).not.toMatch(/Choose|takes/);
  });
});

describe('variables', () => {
  const coerce = (definitions: string, raw: Record<string, unknown>) =>
    coerceVariables(schema, operationOf(parse(`query (${definitions}) { __typename }`)), raw);

  test.each([
    ['values', '$ids: [ID!]!', { ids: Array.from({ length: 333_000 }, () => ({})) }, 'values of variables'],
    [
      'names',
      '$f: CustomerFilter',
      { f: Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`search${index}`, 1])) },
      'fields of a variable',
    ],
    ['characters', '$id: ID!', { id: 'x'.repeat(1_000_000) }, 'characters of variables'],
    [
      'levels',
      '$f: CustomerFilter',
      JSON.parse(`${'{"not":'.repeat(60)}{}${'}'.repeat(60)}`) as Record<string, unknown>,
      'levels of variables',
    ],
  ])('with too many %s are refused', (_name, definitions, raw, limit) => {
    expect(limitOf(() => coerce(definitions, raw))).toBe(limit);
  });

  test.each([
    ['faulty ids', '$ids: [ID!]!', { ids: Array.from({ length: 9000 }, () => ({})) }],
    [
      'unknown fields',
      '$f: [CustomerFilter!]',
      {
        f: Array.from({ length: 35 }, () =>
          Object.fromEntries(Array.from({ length: 240 }, (_, index) => [`search${index}`, 1])),
        ),
      },
    ],
    ['a long value', '$n: Int', { n: 'x'.repeat(190_000) }],
    ['a long name', '$f: CustomerFilter', { f: { ['x'.repeat(190_000)]: 1 } }],
  ])('with %s have few and short errors, for little CPU', (_name, definitions, raw) => {
    const coerced = coerce(definitions, raw);
    expect('errors' in coerced && coerced.errors.length).toBeLessThanOrEqual(11);
    expect(JSON.stringify(coerced).length).toBeLessThan(10_000);
    // Stacks of errors are mapped to their sources here, which takes most of it.
    expect(cpuMsOf(() => coerce(definitions, raw))).toBeLessThan(50);
  });

  test('of the largest window are accepted, with defaults', () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `customer ${index}`);
    expect(coerce('$ids: [ID!]!, $n: Int = 3', { ids })).toEqual({ values: { ids, n: 3 } });
  });
});

describe('the price of an operation', () => {
  test.each([
    ['{ customers { totalCount } }', { rows: 0, values: 2, calls: 1 }],
    ['{ customers(first: 1000) { nodes { customerId } } }', { rows: 1000, values: 2001, calls: 10 }],
    ['{ customers(last: 7) { edges { node { customerId } } } }', { rows: 7, values: 22, calls: 2 }],
    ['{ customers(customerIds: ["a", "b"]) { nodes { customerId } } }', { rows: 2, values: 5, calls: 1 }],
    [
      '{ customers(first: 10) { nodes { tenants { users(first: 100) { nodes { protection { email } } } } } } }',
      { rows: 10 + 20 + 2000 + 2000, values: 1 + 10 + 20 + 20 + 2000 * 3, calls: 1 + 20 + 20 },
    ],
    ['{ customers(first: 5, filter: { search: "a" }) { nodes { id } } }', { rows: 5, values: 11, calls: 5 }],
    ['{ customers(first: 5, orderBy: ORGANIZATION_ASC) { totalCount } }', { rows: 0, values: 2, calls: 5 }],
    ['{ customers(first: 5, orderBy: []) { totalCount } }', { rows: 0, values: 2, calls: 1 }],
    [
      '{ customers(customerIds: ["a"], filter: { search: "a" }) { totalCount } }',
      { rows: 0, values: 2, calls: 1 },
    ],
    ['{ a: customers { totalCount } b: customers { totalCount } }', { rows: 0, values: 4, calls: 2 }],
    ['{ customers { totalCount } customers { nodes { id } } }', { rows: 50, values: 102, calls: 1 }],
    [
      '{ nodes(ids: ["x", "y", "z"]) { id ... on Customer { tenants { tenantId } } } }',
      { rows: 9, values: 18, calls: 3 },
    ],
    [
      '{ node(id: "x") { ... on Customer { organization } ... on User { mail jobTitle } } }',
      { rows: 1, values: 3, calls: 1 },
    ],
    [
      '{ customer(customerId: "a") { protectionSummary { userCount } } }',
      { rows: 1, values: 3, calls: 1 + 2 * 2 * 3 },
    ],
    ['{ protectionSummary { userCount } }', { rows: 0, values: 2, calls: 5 + 500 * 2 * 2 * 3 }],
    ['{ directory { customerId } }', { rows: 500, values: 1000, calls: 5 }],
    ['{ tenant(customerId: "a", tenantId: "t") { name } }', { rows: 1, values: 2, calls: 2 }],
    ['{ tenant(tenantId: "t") { tenantId } }', { rows: 1, values: 2, calls: 5 }],
    ['{ tenant(customerId: null, tenantId: "t") { tenantId } }', { rows: 1, values: 2, calls: 5 }],
    ['{ protectionStatuses(first: 7) { nodes { email } } }', { rows: 7, values: 15, calls: 5 + 1 }],
    [
      '{ protectionStatuses(filter: { hasUser: false }) { totalCount } }',
      { rows: 0, values: 2, calls: 5 + 500 * 2 * 2 * 3 },
    ],
    [
      '{ customer(customerId: "a") { users(first: 7) { nodes { mail } } } }',
      { rows: 8, values: 16, calls: 1 + 1 },
    ],
    [
      '{ customer(customerId: "a") { users(orderBy: [MAIL_ASC]) { totalCount } } }',
      { rows: 1, values: 3, calls: 1 + (2 * 300) / 100 },
    ],
    [
      '{ customers(first: 4) { nodes { protectionStatuses(first: 1000) { nodes { email } } } } }',
      { rows: 4004, values: 1 + 4 + 4 + 8000, calls: 1 + 4 * 2 * 3 },
    ],
    ['query ($n: Int) { customers(first: $n) { nodes { id } } }', { rows: 50, values: 101, calls: 1 }],
    [
      '{ customers(first: 2) { nodes { ...c @skip(if: true) id @include(if: false) } } } fragment c on Customer { organization }',
      { rows: 2, values: 3, calls: 1 },
    ],
  ])('is worked out of the schema and its arguments: %s', (query, expected) => {
    expect(price(query)).toEqual(expected);
  });

  test('depends on variables, those of conditions included; one that is null leaves nothing out', () => {
    const query = `query ($n: Int, $no: Boolean! = false, $null: Boolean = true) {
      a: customers(first: $n) { ...c } b: customers @include(if: $no) { ...c } c: customers @skip(if: $null) { totalCount }
    } fragment c on CustomerConnection { nodes { tenants { users { totalCount } } } }`;
    const once = { rows: 4 + 8, values: 1 + 4 + 8 + 16, calls: 1 + 8 };
    expect(price(query, { n: 4 })).toEqual(once);
    expect(price(query, { n: 4, null: null })).toEqual({
      ...once,
      values: once.values + 2,
      calls: once.calls + 1,
    });
    expect(price(query, { n: 4, no: true }).rows).toBe(12 + 150);
  });

  test('uses what is known of lengths', () => {
    const lengths: Record<string, number> = {
      'Query.customers': 3,
      'Query.directory': 7,
      'Customer.tenants': 1.5,
    };
    const known: KnownLengths = {
      ...nothingKnown,
      lengthOf: (field, keys) => (keys?.includes('large') ? 300 : (lengths[field] ?? null)),
    };
    expect(price('{ customers(first: 1000) { nodes { id } } }', {}, known)).toEqual({
      rows: 3,
      values: 7,
      calls: 1,
    });
    expect(price('{ directory { customerId } }', {}, known)).toMatchObject({ rows: 7, calls: 1 });
    // A report has an event for each tenant.
    const ofEach =
      'subscription { protectionReport { tenant { tenant { users(first: 100) { nodes { id } } } } } }';
    expect(price(ofEach).rows).toBe(500 * (1 + 100));
    expect(price('{ customers(first: 2) { nodes { tenants { id } } } }', {}, known).rows).toBe(5);
    expect(price('{ customer(customerId: "large") { tenants { id } } }', {}, known).rows).toBe(301);
    expect(price('{ protectionSummary { userCount } }', {}, known).calls).toBe(1 + 3 * 1.5 * 2 * 3);
    expect(price('{ tenant(tenantId: "t") { tenantId } }', {}, known).calls).toBe(1);
    expect(price('{ protectionStatuses(orderBy: EMAIL_ASC) { totalCount } }', {}, known).calls).toBe(
      Math.round(1 + 3 * 1.5 * 3),
    );
  });

  test('is worked out again only if a variable or a length that it depends on may differ', () => {
    let looks = 0;
    let customers = 3;
    const known: KnownLengths = {
      ...nothingKnown,
      lengthOf: (field) => {
        looks += 1;
        return field === 'Query.customers' ? customers : null;
      },
    };
    const document = parse(
      'query ($after: String) { customers(after: $after) { nodes { id tenants { id } } } }',
    );
    const check = () => model.check(document, operationOf(document), { after: 'x' }, known, anything).rows;
    expect([check(), looks]).toEqual([9, 2]);
    expect([check(), looks]).toEqual([9, 4]);
    customers = 5;
    expect(check()).toBe(15);
  });

  test('is refused if it is too much, before any call, with the cost and the limit', async () => {
    const query =
      '{ customers(first: 1000) { nodes { tenants { users(first: 1000) { nodes { userId } } } } } }';
    expect(await ask(query)).toMatchObject({
      status: 400,
      code: 'LIMIT_EXCEEDED',
      limit: { name: 'possible rows', value: 2_003_000, most: 500_000 },
    });
    expect(gateway.calls).toEqual([]);
  });

  test('includes rows times fields', () => {
    const max: Cost = { rows: 50_000, values: 2_000_000, calls: 50_000 };
    const fields = (count: number) => times(count, (index) => `a${index}: mail`);
    const attack = `{ ${times(20, (index) => `l${index}: tenant(customerId: "a", tenantId: "t") { users(first: 1000) { nodes { ${fields(450)} } } }`)} }`;
    expect(limitOf(() => price(attack, {}, nothingKnown, max))).toBe('possible values');
    const large = `{ ${times(49, (index) => `l${index}: tenant(customerId: "a", tenantId: "t") { users(first: 1000) { nodes { ${fields(20)} } } }`)} }`;
    expect(price(large, {}, nothingKnown, max)).toMatchObject({ rows: 49_049 });
  });

  test('is shown on asking', async () => {
    const { extensions } = await gateway.queryText(
      '{ customers(first: 3) { nodes { customerId } } }',
      {},
      { headers: { 'x-explain': 'true' } },
    );
    const most = { rows: 500_000, values: 20_000_000, calls: 50_000 };
    expect(extensions).toMatchObject({ cost: { rows: 3, values: 7, calls: 1, most } });
    // From here on, their number is known.
    await gateway.queryText('{ customers { totalCount } }');
    const again = await gateway.queryText(
      '{ customers { nodes { tenants { id } } } }',
      {},
      { headers: { 'x-explain': 'true' } },
    );
    expect(again.extensions).toMatchObject({ cost: { rows: 2 + 1 } });
  });
});

describe('prices', () => {
  const sdl = printedSchema();
  const faultsOf = (text: string): string => {
    try {
      checkPrices(buildSchema(text, { assumeValidSDL: true }));
      return '';
    } catch (error) {
      return String(error);
    }
  };

  test('exist for every list and every object that may be null', () => {
    expect(faultsOf(sdl)).toBe('');
  });

  test.each([
    ['a list', 'statusCodes: [Int!]!', 'statusCodes: [Int!]! others: [User!]!', 'User.others'],
    [
      'a list of lists',
      'statusCodes: [Int!]!',
      'statusCodes: [Int!]! others: [[User!]!]! @listSize(assumedSize: 1)',
      'User.others',
    ],
    [
      'a connection',
      'statusCodes: [Int!]!',
      'statusCodes: [Int!]! others: UserConnection!',
      'UserConnection.nodes',
    ],
    ['a row', 'statusCodes: [Int!]!', 'statusCodes: [Int!]! other: User', 'User.other'],
    [
      'a size that nothing says',
      'statusCodes: [Int!]!',
      'statusCodes: [Int!]! others: [User!]! @listSize(slicingArguments: [])',
      'User.others',
    ],
    [
      'an argument that does not exist',
      'statusCodes: [Int!]!',
      'statusCodes: [Int!]! other: User @upstream(keys: "ids")',
      'User.other',
    ],
    [
      'a field that does not exist',
      'statusCodes: [Int!]!',
      'statusCodes: [Int!]! other: User @upstream(reads: ["User.nothing"])',
      'User.other',
    ],
  ])('fail for %s without one, by its name', (_what, from, to, name) => {
    expect(sdl).toContain(from);
    expect(faultsOf(sdl.replace(from, `${to} old: [Int!]!`))).toContain(name);
  });
});
