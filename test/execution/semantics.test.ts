/** Rules that are easily missed: the responses of graphql-js and the executor are equal. */
import { describe, expect, test } from '@jest/globals';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { execute, GraphQLError, GraphQLObjectType, GraphQLSchema, GraphQLString, parse } from 'graphql';
import { createExecutor } from '../../src/execution/executor.ts';
import { batched, withMarkedResolvers } from '../../src/execution/resolver-kinds.ts';
import { createPreparedExecutor, neverYields, read } from './prepared-executor.ts';

const typeDefs = /* GraphQL */ `
  interface Thing {
    name: String
  }
  type Row implements Thing {
    name: String
    must: String!
    row: Row
    mustRow: Row!
    rows: [Row]
    mustRows: [Row!]
    text: String
  }
  type Query {
    row: Row
    rows: [Row]
    mustRows: [Row!]!
    things: [Thing]
    texts: [String]
    value: String
    later: String
    batched: Row
  }
`;

type Resolve = (...all: never[]) => unknown;
type Resolvers = Record<string, Record<string, Resolve>>;

function throwing(reason: unknown): never {
  throw reason;
}

function* failsAfter(...items: unknown[]): Generator {
  yield* items;
  throw new Error('The iterator failed.');
}

const foreign: PromiseLike<string> = {
  then: (...handlers) => new Promise<string>((resolve) => setTimeout(resolve, 1, 'late')).then(...handlers),
};
const lateThen = { then: (resolve: (value: string) => void) => setTimeout(resolve, 1, 'late') };
const twice = {
  then: (resolve: (value: string) => void) => {
    resolve('first');
    resolve('second');
  },
};
const unreadableThen = Object.defineProperty({}, 'then', { get: () => throwing(new Error('No then.')) });
const failingThen = { then: () => throwing(new Error('The then failed.')) };
const rows = () => [{ name: 'a' }, { name: 'b' }];

const cases: readonly (readonly [string, Resolvers, string, Record<string, unknown>?])[] = [
  [
    'an iterator that throws before its first item',
    { Query: { texts: () => failsAfter() } },
    '{ texts value }',
  ],
  ['an iterator that throws midway', { Query: { texts: () => failsAfter('a', null) } }, '{ value texts }'],
  [
    'an iterator of objects that throws midway',
    { Query: { rows: () => failsAfter({ name: 'a' }) } },
    '{ rows { name } value }',
  ],
  [
    'one of several lists that throws',
    {
      Query: { rows },
      Row: {
        rows: ({ name }: { name: string }) => (name === 'a' ? failsAfter({ name: 'x' }) : rows()),
      },
    },
    '{ rows { name rows { name } } }',
  ],
  [
    'a list of more items than a part',
    { Query: { texts: () => failsAfter(...Array<string>(2500).fill('x')) } },
    '{ texts }',
  ],
  ['a text in place of a list', { Query: { rows: () => 'rows' } }, '{ rows { name } }'],
  [
    'a then that can’t be read',
    { Query: { value: () => unreadableThen, later: () => 'x' } },
    '{ value later }',
  ],
  ['a then that throws', { Query: { value: () => failingThen, later: () => 'x' } }, '{ value later }'],
  [
    'items whose then fails',
    { Query: { texts: () => ['a', unreadableThen, failingThen, foreign] } },
    '{ texts }',
  ],
  [
    'a thenable that calls back late',
    { Query: { value: () => foreign, later: () => 'x' } },
    '{ value later }',
  ],
  [
    'a property whose then fails',
    { Query: { row: () => ({ name: failingThen, text: 'x' }) } },
    '{ row { name text } }',
  ],
  [
    'a getter that throws',
    {
      Query: { row: () => Object.defineProperty({}, 'name', { get: () => throwing(new Error('No name.')) }) },
    },
    '{ row { name text } }',
  ],
  [
    'an error that is returned',
    { Query: { row: () => ({ name: new Error('Returned.') }) } },
    '{ row { name } }',
  ],
  ['what is no error thrown', { Query: { value: () => throwing({ is: 'no error' }) } }, '{ value later }'],
  ['undefined thrown', { Query: { value: () => throwing(undefined) } }, '{ value later }'],
  [
    'a located error thrown again',
    { Query: { value: () => throwing(new GraphQLError('Located.', { path: ['elsewhere'] })) } },
    '{ value }',
  ],
  [
    'a value without text',
    { Query: { value: () => ({ toString: () => throwing(new Error('No text.')) }) } },
    '{ value }',
  ],
  [
    'a function as an object',
    { Query: { row: () => Object.assign(() => 1, { text: 'x' }) } },
    '{ row { text } }',
  ],
  [
    'nulls that must not be, up to a nullable object',
    { Query: { row: () => ({ name: 'a', mustRow: { must: null } }), value: () => 'x' } },
    '{ row { name mustRow { must } } value }',
  ],
  [
    'nulls that must not be, up to the root',
    { Query: { mustRows: () => [{ must: null }] } },
    '{ value mustRows { must } }',
  ],
  [
    'nulls that must not be, within one of two lists',
    { Query: { rows: () => [{ mustRows: [{ must: 'x' }, null] }, { mustRows: [{ must: 'y' }] }] } },
    '{ rows { mustRows { must } } }',
  ],
  [
    'values at once, later and failing in one list',
    {
      Query: {
        rows: () => [{ name: 'a' }, Promise.resolve({ name: 'b' }), Promise.reject(new Error('Late.')), null],
      },
    },
    '{ rows { name } }',
  ],
  [
    'a type that no object has',
    { Query: { things: () => [{}, { __typename: 7 }, { __typename: 'Row' }] } },
    '{ things { name } }',
  ],
  [
    'a type that does not exist',
    { Query: { things: () => [{ __typename: 'Nothing' }] } },
    '{ things { name } }',
  ],
  ['the type of another kind', { Query: { things: () => [{ __typename: 'Query' }] } }, '{ things { name } }'],
  [
    'a type whose then fails',
    { Query: { things: () => [{ name: 'a' }] }, Thing: { __resolveType: () => failingThen } },
    '{ things { name } }',
  ],
  [
    'a null condition at the root',
    { Query: { value: () => 'x' } },
    'query ($c: Boolean = true) { value later @skip(if: $c) }',
    { c: null },
  ],
  [
    'a null condition below',
    { Query: { row: () => ({ name: 'a' }), value: () => 'x' } },
    'query ($c: Boolean = true) { value row { name @include(if: $c) } }',
    { c: null },
  ],
  [
    'a null condition in a list of objects that must be',
    { Query: { mustRows: rows } },
    'query ($c: Boolean = true) { mustRows { name @include(if: $c) } }',
    { c: null },
  ],
  [
    'a null condition of an abstract type',
    { Query: { things: () => [{ __typename: 'Row', name: 'a' }, null] } },
    'query ($c: Boolean = true) { things { ...Named @skip(if: $c) } } fragment Named on Row { name }',
    { c: null },
  ],
  [
    'a null condition that no object comes to',
    { Query: { row: () => null } },
    'query ($c: Boolean = true) { value row { name @include(if: $c) } }',
    { c: null },
  ],
  [
    'a null condition of a fragment that was visited before',
    { Query: { row: () => ({ name: 'a' }) } },
    'query ($c: Boolean = true) { row { ...Named ...Named @skip(if: $c) } } fragment Named on Row { name }',
    { c: null },
  ],
  [
    'introspection beside data',
    { Query: { row: () => ({ name: 'a' }) } },
    '{ row { __typename name } __schema { queryType { name } types { name fields { name args { name } } } } n: __type(name: "Row") { kind } m: __type(name: "No") { kind } __typename }',
  ],
  [
    'a batched resolver that fails',
    { Query: { batched: batched(() => throwing(new Error('The batch failed.'))) } },
    '{ batched { name } value }',
  ],
  [
    'a batched resolver that rejects',
    { Query: { batched: batched(() => Promise.reject(new Error('The batch failed.'))) } },
    '{ batched { name } value }',
  ],
];

test.each(cases)('%s', async (_name, resolvers, text, variables = {}) => {
  const schema = withMarkedResolvers(
    makeExecutableSchema({ typeDefs, resolvers: resolvers as never }),
    resolvers,
  );
  const run = createPreparedExecutor(schema, { recordTypes: new Map([['Row', 'row']]) });
  const document = parse(text);
  const expected: unknown = JSON.parse(
    JSON.stringify(await execute({ schema, document, variableValues: variables })),
  );
  // The second time by a plan that is known.
  for (let time = 0; time < 2; time++) expect(read(await run({ document, variables }))).toEqual(expected);
});

test('an error that can’t be read is one field’s error', async () => {
  const schema = makeExecutableSchema({
    typeDefs,
    resolvers: {
      Query: {
        value: () => throwing({ toJSON: () => throwing(new Error('No JSON.')) }),
        texts: () => ['a', new Proxy({}, { getPrototypeOf: () => throwing(new Error('No prototype.')) })],
        later: () => 'x',
      },
    },
  });
  const { data, errors } = read(await createPreparedExecutor(schema)({ document: '{ value later texts }' }));
  expect(data).toEqual({ value: null, later: 'x', texts: ['a', null] });
  expect(errors?.map(({ path }) => path)).toEqual([['value'], ['texts', 1]]);
});

test('thenables that return nothing, and call back late or twice, are values', async () => {
  const resolvers = { Query: { value: () => twice, later: () => lateThen, texts: () => [twice, lateThen] } };
  const run = createPreparedExecutor(makeExecutableSchema({ typeDefs, resolvers }));
  expect(read(await run({ document: '{ value later texts }' }))).toEqual({
    data: { value: 'first', later: 'late', texts: ['first', 'late'] },
  });
});

test('a batched resolver that returns too little is an error of each field', async () => {
  const resolvers = { Query: { rows }, Row: { row: batched(() => [{ name: 'x' }]) } };
  const schema = withMarkedResolvers(makeExecutableSchema({ typeDefs, resolvers }), resolvers);
  const { data, errors } = read(
    await createPreparedExecutor(schema)({ document: '{ rows { row { name } } }' }),
  );
  expect(data).toEqual({ rows: [{ row: null }, { row: null }] });
  expect(errors?.map(({ message }) => message)).toEqual(
    Array<string>(2).fill('A batched resolver must return one value for each source.'),
  );
});

test('a scheduler that rejects ends the execution', async () => {
  const schema = makeExecutableSchema({
    typeDefs,
    resolvers: { Query: { rows: () => Array.from({ length: 100 }, () => ({})) } },
  });
  const scheduler = { shouldYield: () => true, yield: () => Promise.reject(new Error('The process ends.')) };
  const running = createPreparedExecutor(schema, { scheduler })({ document: '{ rows { name } }' });
  await expect(running).rejects.toThrow('The process ends.');
});

describe('what is refused', () => {
  test('a schema with isTypeOf', () => {
    const query = new GraphQLObjectType({
      name: 'Query',
      fields: { value: { type: GraphQLString } },
      isTypeOf: () => true,
    });
    expect(() => createExecutor({ schema: new GraphQLSchema({ query }), scheduler: neverYields })).toThrow(
      'The type Query has isTypeOf, which is not supported; resolve abstract types by resolveType.',
    );
  });

  test('a schema without queries', () => {
    expect(() => createExecutor({ schema: new GraphQLSchema({}), scheduler: neverYields })).toThrow(
      'The schema has no query type; add one.',
    );
  });

  test('an operation that is no query', async () => {
    const schema = makeExecutableSchema({ typeDefs: `${typeDefs} type Mutation { value: String }` });
    const running = createPreparedExecutor(schema)({ document: 'mutation { value }' });
    await expect(running).rejects.toThrow('Expected a query, but got a mutation.');
  });
});
