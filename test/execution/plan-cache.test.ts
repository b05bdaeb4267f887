/** Plans grow with a document's length, not with what its fragments expand to, and are bounded in total. */
import { describe, expect, test } from '@jest/globals';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { getOperationAST, Kind, parse, type DocumentNode, type GraphQLObjectType } from 'graphql';
import { PlanCache } from '../../src/execution/plan-cache.ts';
import { times } from '../hostile-documents.ts';
import { retainedBytes } from './heap.ts';
import { createPreparedExecutor, read } from './prepared-executor.ts';

const row = { id: 7 };
const schema = makeExecutableSchema({
  typeDefs: 'type Query { row: Row none: Row } type Row { id: ID row: Row none: Row }',
  resolvers: { Query: { row: () => row }, Row: { row: () => row } },
});
const [rootType, type] = ['Query', 'Row'].map((name) => schema.getType(name)) as [
  GraphQLObjectType,
  GraphQLObjectType,
];
const recordTypes = new Map([['Row', 'row' as const]]);
const mebibyte = 1024 * 1024;
const createCache = (maxBytes: number) => new PlanCache({ schema, rootType, recordTypes }, maxBytes);

/** Each fragment spreads the next one below ten fields: 11,110 fields in a few hundred characters. */
const expanding = (name: string, condition: (level: number) => string = () => '') =>
  `{ ...f0 } ${times(4, (level) => `fragment f${level} on ${level === 0 ? 'Query' : 'Row'} { ${times(10, (index) => `${name}${index}: row${condition(level)} { ...f${level + 1} }`)} }`)} fragment f4 on Row { id }`;

const sixConditions = (name: string) =>
  `query (${times(6, (index) => `$c${index}: Boolean!`)}) ${expanding(
    name,
    (level) => ` @include(if: $c${level})`,
  ).replace(
    'fragment f4 on Row { id }',
    'fragment f4 on Row { id @skip(if: $c4) a: id @skip(if: $c5) b: id }',
  )}`;
const choice = (number: number) =>
  Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`c${index}`, (number & (1 << index)) !== 0]));

function find(cache: PlanCache, document: DocumentNode, variables: Record<string, unknown> = {}) {
  const operation = getOperationAST(document);
  if (!operation) throw new Error('There is no operation.');
  return cache.find(document, operation, variables);
}

describe('memory of plans', () => {
  test('58 documents whose fragments expand stay small', async () => {
    const run = createPreparedExecutor(schema, { recordTypes });
    await run({ document: expanding('warm') });
    const documents = Array.from({ length: 58 }, (_, index) => parse(expanding(`d${index}x`)));
    const before = retainedBytes();
    for (const document of documents) {
      const { errors, data } = read(await run({ document }));
      expect(errors).toBeUndefined();
      expect(Object.keys(data as object)).toHaveLength(10);
    }
    expect(retainedBytes() - before).toBeLessThan(32 * mebibyte);
  });

  test('64 variants of one document stay small', async () => {
    const run = createPreparedExecutor(schema, { recordTypes });
    const document = parse(sixConditions('v'));
    await run({ document, variables: choice(0) });
    const before = retainedBytes();
    for (let number = 0; number < 64; number++) await run({ document, variables: choice(number) });
    expect(retainedBytes() - before).toBeLessThan(32 * mebibyte);
  });

  test('documents without end stay within the bound', async () => {
    const maxPlanBytes = 2 * mebibyte;
    const run = createPreparedExecutor(schema, { recordTypes, maxPlanBytes });
    const before = retainedBytes();
    for (let number = 0; number < 3000; number++) {
      await run({ document: `{ row { ${times(20, (index) => `n${number}x${index}: id`)} } }` });
    }
    expect(retainedBytes() - before).toBeLessThan(2 * maxPlanBytes + mebibyte);
  });
});

describe('sharing', () => {
  test('selections of the same fields share a plan', () => {
    const plans = find(
      createCache(1e9),
      parse('{ a: row { ...f } b: row { ...f row { id } } } fragment f on Row { row { id } }'),
    );

    const [a, b] = plans.ofRoot().columns;
    if (a === undefined || b === undefined || 'columns' in a || 'columns' in b)
      throw new Error('No columns.');
    expect(plans.ofField(a, type)).not.toBe(plans.ofField(b, type));
    const again = find(
      createCache(1e9),
      parse('{ a: row { ...f } b: row { ... on Row { ...f } } } fragment f on Row { id }'),
    );
    const [first, second] = again.ofRoot().columns;
    if (first === undefined || second === undefined || 'columns' in first || 'columns' in second)
      throw new Error('No columns.');
    expect(again.ofField(first, type)).toBe(again.ofField(second, type));
  });

  test('unreached selections are not planned', () => {
    const cache = createCache(1e9);
    const plans = find(cache, parse('{ none { id row { id row { id } } } }'));
    const before = cache.bytes;
    plans.ofRoot();
    // The root's own plan, of one field.
    expect(cache.bytes - before).toBeLessThan(1000);
  });
});

describe('the bound', () => {
  const documents = Array.from({ length: 3 }, (_, index) => parse(`{ d${index}: none { id } }`));
  const [first, second, third] = documents as [DocumentNode, DocumentNode, DocumentNode];

  test('the least recently used plans are dropped first', () => {
    const one = createCache(1e9);
    find(one, first);
    const cache = createCache(one.bytes * 2);
    const plans = [find(cache, first), find(cache, second)];
    expect(find(cache, first)).toBe(plans[0]);
    find(cache, third);
    expect(find(cache, first)).toBe(plans[0]);
    expect(find(cache, second)).not.toBe(plans[1]);
  });

  test('each choice of conditions, and each operation, has plans of its own', () => {
    const cache = createCache(1e9);
    const document = parse('query ($c: Boolean!, $x: Int) { row @include(if: $c) { id } }');
    const plans = find(cache, document, { c: true, x: 1 });
    expect(find(cache, document, { c: true, x: 2 })).toBe(plans);
    expect(find(cache, document, { c: false, x: 1 })).not.toBe(plans);
    const two = parse('query a { row { id } } query b { row { id } }');
    const [a, b] = two.definitions;
    if (a?.kind !== Kind.OPERATION_DEFINITION || b?.kind !== Kind.OPERATION_DEFINITION)
      throw new Error('No operations.');
    expect(cache.find(two, a, {})).not.toBe(cache.find(two, b, {}));
  });

  test('all bytes are released', () => {
    const cache = createCache(1);
    for (const document of documents) find(cache, document);
    expect(cache.bytes).toBe(0);
  });

  test('a document that passes the bound by itself is executed, and drops no other', async () => {
    const small = parse('{ none { id } }');
    const cache = createCache(20_000);
    const plans = find(cache, small);
    const large = parse(`{ row { ${times(500, (index) => `a${index}: id`)} } }`);
    expect(find(cache, large)).not.toBe(find(cache, large));
    expect(find(cache, small)).toBe(plans);
    const run = createPreparedExecutor(schema, { maxPlanBytes: 1 });
    for (let time = 0; time < 2; time++) {
      const { data } = read(await run({ document: large }));
      expect(Object.keys((data as { row: object }).row)).toHaveLength(500);
    }
  });
});
