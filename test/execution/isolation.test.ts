/** Calls, callers and rows are isolated, though they share plans and texts. */
import { expect, test } from '@jest/globals';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { parse } from 'graphql';
import { batched, pure, withMarkedResolvers } from '../../src/execution/resolver-kinds.ts';
import { createPreparedExecutor, read } from './prepared-executor.ts';

interface Context {
  readonly user: string;
}

const typeDefs = /* GraphQL */ `
  input Search {
    words: [String!] = ["default"]
    inner: Search
  }
  type Row {
    id: ID!
    user: String
    all: String
    method: String
    promised: String
    part: Part
    other: Other
    owner: Owner
    search(by: Search, words: [String!] = ["default"]): String
    flag(on: Boolean = true): String
    upper(on: Boolean = true): String
  }
  type Part {
    id: ID!
    deep: Part
    user: String
  }
  type Other {
    id: ID!
    user: String
  }
  type Owner {
    id: ID!
  }
  type Query {
    rows: [Row!]!
  }
`;

interface Args {
  by?: { words?: string[]; inner?: { words?: string[] } };
  words?: string[];
  on?: boolean;
}

let pureCalls = 0;
const makeRow = (id: number) => ({
  id,
  method: (_arguments: object, { user }: Context) => user,
  promised: Promise.resolve(`promised ${id}`),
  part: { id, deep: { id, user: (_arguments: object, { user }: Context) => user } },
  other: { id },
});
const stored = [makeRow(1), makeRow(2)];
const resolvers = {
  Query: { rows: () => stored },
  Row: {
    // eslint-disable-next-line @typescript-eslint/no-unused-vars -- it ends what `length` counts
    user: (_row: unknown, _arguments: object = {}, context: Context) => context.user,
    all: (...all: unknown[]) => (all[2] as Context).user,
    search: (_row: unknown, args: Args) => {
      const text = JSON.stringify(args);
      for (const words of [args.words, args.by?.words, args.by?.inner?.words]) words?.push('changed');
      if (args.by) args.by.inner = {};
      return text;
    },
    flag: (_row: unknown, args: Args) => {
      const { on } = args;
      args.on = false;
      return String(on);
    },
    upper: pure(({ id }: { id: number }, { on }: Args) => {
      pureCalls += 1;
      return on === true ? `ROW ${id}` : `row ${id}`;
    }),
    owner: batched((rows: readonly { readonly id: number }[], { user }: Context) =>
      rows.map(({ id }) => ({ id: `${user} ${id}` })),
    ),
  },
  // It has a record's name within its record, and a method looks at the caller.
  Other: { user: (_other: unknown, _arguments: object, { user }: Context) => user },
};
const createRun = () =>
  createPreparedExecutor(withMarkedResolvers(makeExecutableSchema({ typeDefs, resolvers }), resolvers), {
    recordTypes: new Map([
      ['Row', 'row'],
      ['Part', 'part'],
    ]),
  });

test.each([
  ['a resolver with default parameters', 'user'],
  ['a resolver with rest parameters', 'all'],
  ['a method of the object', 'method'],
  ['a method of a nested record', 'part { id deep { id user } }'],
  ['a nested object of no record type', 'other { id user }'],
  ['a batched resolver', 'owner { id }'],
])('no caller sees another’s value: %s', async (_name, field) => {
  const run = createRun();
  for (const user of ['Ann', 'Ben', 'Ann', 'Cleo']) {
    const text = JSON.stringify(
      read(await run({ document: `{ rows { id ${field} upper } }`, context: { user } })),
    );
    expect(text).toContain(user);
    for (const other of ['Ann', 'Ben', 'Cleo']) if (other !== user) expect(text).not.toContain(other);
  }
});

test.each([
  [
    'literals',
    'search(by: { words: ["a"], inner: { words: ["b"] } }, words: ["c"])',
    '{"by":{"words":["a"],"inner":{"words":["b"]}},"words":["c"]}',
  ],
  ['defaults', 'search', '{"words":["default"]}'],
  [
    'defaults within an object',
    'search(by: { inner: {} })',
    '{"by":{"inner":{"words":["default"]},"words":["default"]},"words":["default"]}',
  ],
  ['a variable', 'search(by: $by)', '{"by":{"words":["v"],"inner":{"words":["w"]}},"words":["default"]}'],
  [
    'a variable within an object',
    'search(by: { inner: $by })',
    '{"by":{"inner":{"words":["v"],"inner":{"words":["w"]}},"words":["default"]},"words":["default"]}',
  ],
  ['values alone', 'search: flag', 'true'],
])('arguments that a resolver changes stay as they are for others: %s', async (_name, field, expected) => {
  const run = createRun();
  const document = `query ($by: Search) { rows { ${field} } used: rows { search(by: $by) } }`;
  const variables = { by: { words: ['v'], inner: { words: ['w'] } } };
  for (let time = 0; time < 3; time++) {
    const { data } = read(await run({ document, variables }));
    const { rows } = data as { rows: { search: string }[] };
    expect(rows.map(({ search }) => JSON.parse(search) as unknown)).toEqual(
      Array<unknown>(2).fill(JSON.parse(expected)),
    );
  }
  expect(variables).toEqual({ by: { words: ['v'], inner: { words: ['w'] } } });
});

test('a pure resolver can’t see the caller', () => {
  // @ts-expect-error -- The compiler refuses a context.
  expect(pure((_row: unknown, _arguments: object, context: Context) => context.user)).toBeInstanceOf(
    Function,
  );
});

test('a pure resolver is called once for a record and its arguments', async () => {
  const run = createRun();
  pureCalls = 0;
  const document = parse(
    'query ($on: Boolean!) { rows { id part { id } upper } again: rows { lower: upper(on: false) on: upper(on: $on) } }',
  );
  for (const on of [true, false]) {
    const { data } = read(await run({ document, variables: { on } }));
    const { again } = data as { again: unknown[] };
    expect(again[0]).toEqual({ lower: 'row 1', on: on ? 'ROW 1' : 'row 1' });
  }
  // `upper` and `lower` once for each row, `on` each time.
  expect(pureCalls).toBe(2 + 2 + 4);
});

test('a promise among a record’s properties is awaited each time', async () => {
  const run = createRun();
  const document = parse('{ rows { id promised } }');
  for (let time = 0; time < 2; time++) {
    const { data } = read(await run({ document }));
    expect(data).toEqual({
      rows: [
        { id: '1', promised: 'promised 1' },
        { id: '2', promised: 'promised 2' },
      ],
    });
  }
});
