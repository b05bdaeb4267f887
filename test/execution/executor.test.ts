/**
 * The executor against graphql-js: thousands of generated operations over a schema whose resolvers fail, return nulls and
 * wrong types, arrive late, look at the caller, change their arguments, and return thenables and iterators that throw.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  execute,
  GraphQLScalarType,
  parse,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { serializeResponse } from '../../src/execution/request.ts';
import type { RecordTypes } from '../../src/execution/plan.ts';
import { batched, pure, withMarkedResolvers } from '../../src/execution/resolver-kinds.ts';
import { createPreparedExecutor, read } from './prepared-executor.ts';
import { stormSize } from '../storms.ts';

const typeDefs = /* GraphQL */ `
  scalar Odd
  enum Colour {
    RED
    GREEN
  }
  interface Being {
    id: ID!
    name(upper: Boolean = false): String
    friend: Being
  }
  type Cat implements Being {
    id: ID!
    name(upper: Boolean = false): String
    friend: Being
    lives: Int!
    odd: Odd
    colour: Colour!
    kittens(first: Int! = 2): [Cat!]!
    mate: Cat
    caller: String
    rest: String
    collar: Collar
    changed(by: Search = { words: ["default"] }, twice: Boolean): String
  }
  type Dog implements Being {
    id: ID!
    name(upper: Boolean = false): String
    friend: Being
    barks: Boolean
    weight: Float
    toys: [String]
    litter: [[Dog]!]
    owner: Dog!
    bones: [String]
    trap: String
    traps: [Cat]
  }
  type Collar {
    label: String
    tag: String!
  }
  union Pet = Cat | Dog
  input Search {
    colour: Colour
    words: [String!] = ["a"]
  }
  type Query {
    cat: Cat
    mustCat: Cat!
    beings(count: Int = 3): [Being]
    pets: [Pet!]
    search(by: Search): [Pet]
    echo(text: String!, list: [Int]): String
  }
`;

interface Caller {
  readonly name: string;
}

/** Source of every object: some of its fields are methods, which see the caller. */
class Place {
  readonly seed: number;
  readonly depth: number;

  constructor(seed: number, depth: number) {
    this.seed = seed;
    this.depth = depth;
  }

  caller(_arguments: object, { name }: Caller): string {
    return `${name} ${this.seed}`;
  }

  get collar(): object {
    return { label: `collar ${this.seed}`, tag: (_arguments: object, { name }: Caller) => name };
  }
}

/** Equal for equal places and fields, for all callers. */
function roll({ seed, depth }: Place, field: string): number {
  let mixed = seed + depth * 7919;
  for (const character of field) mixed = Math.imul(mixed ^ character.charCodeAt(0), 0x01000193) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 0;
  return (mixed ^ (mixed >>> 12)) >>> 0;
}

interface Mood {
  /** How many of a hundred values fail, are null, are of a wrong type, come late. */
  readonly fails: number;
  readonly nulls: number;
  readonly wrong: number;
  readonly late: number;
}

/** @param changesArguments whether a resolver changes what it was given, which graphql-js hands on to later calls */
function schemaOf(mood: Mood, changesArguments: boolean): GraphQLSchema {
  const places = new Map<string, Place>();
  const child = (place: Place, field: string, index = 0): Place => {
    const made = new Place(roll(place, `${field}${index}`), place.depth + 1);
    const key = JSON.stringify(made);
    const known = places.get(key);
    if (known === undefined) places.set(key, made);
    return known ?? made;
  };
  const maybe =
    (field: string, make: (place: Place, args: Record<string, unknown>) => unknown) =>
    (source: Place | undefined, args: Record<string, unknown>): unknown => {
      const place = source ?? new Place(1, 0);
      const dice = roll(place, `${field}?`) % 100;
      const settle = (): unknown => {
        if (dice < mood.fails) throw new Error(`${field} failed at ${place.seed}`);
        if (dice < mood.fails + mood.nulls) return null;
        if (dice < mood.fails + mood.nulls + mood.wrong) return { wrong: dice };
        return make(place, args);
      };
      const isNull = dice >= mood.fails && dice < mood.fails + mood.nulls;
      const isLate = roll(place, `${field}!`) % 100 < mood.late || (isNull && mood.late > 0);
      if (!isLate) return settle();
      return new Promise((resolve) => setTimeout(resolve, dice % 3)).then(settle);
    };
  const list = (field: string, count: (args: Record<string, unknown>) => number) =>
    maybe(field, (place, args) =>
      Array.from({ length: count(args) }, (_, index) => child(place, field, index)),
    );
  const name = pure(
    maybe('name', ({ seed }, { upper }) => `${upper === true ? 'N' : 'n'}"ame\u2028 ${seed}`),
  );
  const friend = maybe('friend', (place) => child(place, 'friend'));
  const nameOfType = ({ seed }: Place) =>
    mood.fails > 0 && seed % 23 === 0 ? 'Absent' : seed % 2 === 0 ? 'Cat' : 'Dog';
  const typeOf = (place: Place) =>
    mood.late === 100 ? Promise.resolve(nameOfType(place)) : nameOfType(place);
  const resolvers = {
    Odd: new GraphQLScalarType({
      name: 'Odd',
      serialize: (value) => {
        if (typeof value !== 'number' || value % 2 === 0) throw new TypeError('It is even.');
        return { odd: value, text: 'a"b' };
      },
    }),
    Being: { __resolveType: typeOf },
    Pet: { __resolveType: typeOf },
    Query: {
      cat: maybe('cat', (place) => child(place, 'cat')),
      mustCat: maybe('mustCat', (place) => child(place, 'mustCat')),
      beings: list('beings', ({ count }) => Number(count)),
      pets: list('pets', () => 3),
      search: list('search', ({ by }) => (by as { words?: string[] } | undefined)?.words?.length ?? 1),
      echo: (_root: unknown, args: object) => JSON.stringify(args),
    },
    Cat: {
      id: pure(({ seed }: Place) => seed),
      name,
      friend,
      rest: (...all: unknown[]) => (all[2] as Caller).name,
      changed: (_place: Place, args: { by?: { words?: string[]; seen?: number } | null; seen?: number }) => {
        const text = JSON.stringify(args);
        if (!changesArguments) return text;
        args.seen = 1;
        args.by?.words?.push('changed');
        if (args.by) args.by.seen = 1;
        return text;
      },
      lives: pure(maybe('lives', ({ seed }) => seed % 9)),
      odd: maybe('odd', ({ seed }) => seed % 10),
      colour: pure(maybe('colour', ({ seed }) => (seed % 2 === 0 ? 'RED' : 'GREEN'))),
      kittens: list('kittens', ({ first }) => Math.min(4, Number(first))),
      mate: batched((places: readonly Place[]) => {
        const all = places.map((place) => {
          try {
            return maybe('mate', (each) => child(each, 'mate'))(place, {});
          } catch (error) {
            return error;
          }
        });
        if (!all.some((each) => each instanceof Promise)) return all;
        return Promise.all(
          all.map((each) => Promise.resolve(each).catch((error: unknown) => error as Error)),
        );
      }),
    },
    Dog: {
      id: pure(({ seed }: Place) => `dog ${seed}`),
      name,
      friend,
      barks: maybe('barks', ({ seed }) => seed % 2 === 0),
      weight: maybe('weight', ({ seed }) => seed / 8),
      toys: maybe('toys', ({ seed }) => new Set(['ball', null, `bone ${seed}`])),
      litter: maybe('litter', (place) => [[child(place, 'litter'), null], [child(place, 'litter', 1)]]),
      owner: maybe('owner', (place) => child(place, 'owner')),
      bones: ({ seed }: Place) => throwsAt(seed % 5),
      trap: trapOf,
      traps: (place: Place) => [child(place, 'traps'), trapOf(place), trapOf(child(place, 'trapped'))],
    },
  };
  return withMarkedResolvers(makeExecutableSchema({ typeDefs, resolvers }), resolvers);
}

/** An iterator that throws behind so many items. */
function* throwsAt(count: number): Generator<string | null, void> {
  for (let index = 0; index < 3; index++) {
    if (index === count) throw new Error(`It ends at ${index}.`);
    yield index === 1 ? null : `bone ${index}`;
  }
}

/** A thenable that throws when it is looked at or called, a value whose text throws, or a promise of another realm. */
function trapOf({ seed }: Place): unknown {
  const kinds = [
    Object.defineProperty({}, 'then', {
      get: () => {
        throw new Error('It can’t be looked at.');
      },
    }),
    {
      then: () => {
        throw new Error('It can’t be called.');
      },
    },
    {
      toString: () => {
        throw new Error('It has no text.');
      },
    },
    null,
  ];
  return kinds[seed % kinds.length];
}

const introspections = [
  '__schema { queryType { name } types { name kind } }',
  '__type(name: "Cat") { name fields(includeDeprecated: $yes) { name type { kind ofType { name } } } }',
  'missing: __type(name: "Nothing") { name }',
];
const fieldsOf = {
  Query: ['cat', 'mustCat', 'beings', 'pets', 'search', 'echo', '__typename', 'introspection'],
  Being: ['id', 'name', 'friend', '__typename'],
  Cat: [
    'id',
    'name',
    'friend',
    'lives',
    'odd',
    'colour',
    'kittens',
    'mate',
    'caller',
    'rest',
    'collar',
    'changed',
    '__typename',
  ],
  Dog: [
    'id',
    'name',
    'friend',
    'barks',
    'weight',
    'toys',
    'litter',
    'owner',
    'bones',
    'trap',
    'traps',
    '__typename',
  ],
  Pet: ['__typename'],
  Collar: ['label', 'tag', '__typename'],
} as const;
const below: Record<string, keyof typeof fieldsOf | undefined> = {
  cat: 'Cat',
  mustCat: 'Cat',
  beings: 'Being',
  pets: 'Pet',
  search: 'Pet',
  friend: 'Being',
  kittens: 'Cat',
  mate: 'Cat',
  litter: 'Dog',
  owner: 'Dog',
  traps: 'Cat',
  collar: 'Collar',
};
const conditionsOn: Record<keyof typeof fieldsOf, readonly (keyof typeof fieldsOf | '')[]> = {
  Query: ['Query', ''],
  Being: ['Cat', 'Dog', 'Being', ''],
  Pet: ['Cat', 'Dog', 'Being'],
  Cat: ['Cat', 'Being', ''],
  Dog: ['Dog', 'Being', ''],
  Collar: ['Collar', ''],
};
const spreadsIn = {
  Being: ['CatParts', 'DogParts', 'BeingParts'],
  Pet: ['CatParts', 'DogParts', 'BeingParts'],
  Cat: ['CatParts', 'BeingParts'],
  Dog: ['DogParts', 'BeingParts'],
  Collar: ['CollarParts'],
} as const;
const argumentsOf: Record<string, readonly string[]> = {
  name: ['', '(upper: true)', '(upper: $yes)', '(upper: $no)', '(upper: null)'],
  beings: ['', '(count: 2)', '(count: $count)', '(count: 1)'],
  kittens: ['', '(first: 1)', '(first: $count)'],
  search: ['', '(by: { colour: RED })', '(by: { words: ["x", "y"] })', '(by: $by)', '(by: null)'],
  changed: ['', '(by: $by)', '(by: { words: ["x"] }, twice: $yes)', '(twice: true)', '(by: { colour: RED })'],
  echo: ['(text: "t")', '(text: $text, list: [1, $count])', '(text: "a", list: null)'],
};
const directives = [
  '',
  '',
  '',
  '',
  ' @include(if: $yes)',
  ' @skip(if: $no)',
  ' @skip(if: true)',
  ' @include(if: $no)',
  ' @include(if: $maybe)',
  ' @skip(if: $maybe)',
];

/** A document, valid or not, from a stream of choices. */
function documentOf(choices: readonly number[]): string {
  let next = 0;
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[(choices[next++ % choices.length] ?? 0) % items.length];
    if (item === undefined) throw new Error('There is nothing to pick from.');
    return item;
  };
  const selectionSet = (type: keyof typeof fieldsOf, depth: number): string => {
    const parts = Array.from({ length: 1 + pick([0, 1, 2, 3]) }, () => {
      const kind = pick(['field', 'field', 'field', 'inline', 'spread']);
      if (kind === 'inline' && depth > 0) {
        const condition = pick(conditionsOn[type]);
        return `... ${condition === '' ? '' : `on ${condition}`}${pick(directives)} {
          ${selectionSet(condition === '' ? type : condition, depth - 1)} }`;
      }
      if (kind === 'spread' && type !== 'Query') return `...${pick(spreadsIn[type])}${pick(directives)}`;
      const field = pick(fieldsOf[type]);
      if (field === 'introspection') return pick(introspections);
      const inner = below[field];
      if (inner !== undefined && depth === 0) return '__typename';
      const all = argumentsOf[field] ?? [''];
      const args = pick(all);
      // Fields of one name with other arguments need other names.
      const alias =
        all.indexOf(args) === 0 ? pick(['', '', `${field}Again: `]) : `${field}${all.indexOf(args)}: `;
      const selections = inner === undefined ? '' : ` { ${selectionSet(inner, depth - 1)} }`;
      return `${alias}${field}${args}${pick(directives)}${selections}`;
    });
    return parts.join(' ');
  };
  return `query ($yes: Boolean! = true, $no: Boolean!, $maybe: Boolean = true, $count: Int! = 2, $by: Search, $text: String!) {
      ${selectionSet('Query', 4)} used: echo(text: $text, list: [$count]) s: search(by: $by) { __typename }
      ... @include(if: $yes) { t: __typename } ... @skip(if: $no) { u: __typename }
    }
    fragment CatParts on Cat { id lives friend { name } ${selectionSet('Cat', 0)} ...BeingParts }
    fragment CollarParts on Collar { label again: tag }
    fragment DogParts on Dog { name1: name(upper: true) toys ${selectionSet('Dog', 0)} }
    fragment BeingParts on Being { id __typename ... on Cat { colour } ... on Dog { barks } }`;
}

/** Null where what was generated can't be asked. */
function parseValid(schema: GraphQLSchema, text: string): DocumentNode | null {
  const document = parse(text);
  const mistakes = validate(schema, document).filter(({ message }) => !message.includes('never used'));
  return mistakes.length === 0 ? document : null;
}

interface Shown {
  readonly data: unknown;
  readonly errors: readonly string[];
}

/** Ignores the order of errors, and which of several for one place is reported. */
function show({ data, errors = [] }: ExecutionResult): Shown {
  const shown = errors.map((error) => JSON.stringify(error));
  const isUnder = (path: readonly (string | number)[] | undefined) => {
    let value: unknown = data;
    for (const [index, key] of (path ?? []).entries()) {
      if (value === null || value === undefined) return index;
      value = (value as Record<string | number, unknown>)[key];
    }
    return null;
  };
  // Below a place that an error has made null, one error is enough, and which ones there are is chance.
  const plain = shown.filter((_, index) => isUnder(errors[index]?.path) === null);
  const costly = new Set(
    errors.flatMap(({ path }) => {
      const depth = isUnder(path);
      return depth === null ? [] : [`something costs ${JSON.stringify(path?.slice(0, depth))}`];
    }),
  );
  return { data, errors: [...plain.sort(), ...[...costly].sort()] };
}

const moods: Record<string, Mood> = {
  calm: { fails: 0, nulls: 0, wrong: 0, late: 0 },
  'failing at once': { fails: 10, nulls: 10, wrong: 5, late: 0 },
  // Each null with everything below it: if an error is thrown beside pending promises, graphql-js abandons them, and
  // Node.js reports an unhandled rejection.
  'some of it late': { fails: 0, nulls: 10, wrong: 0, late: 30 },
  'failing late': { fails: 8, nulls: 8, wrong: 4, late: 100 },
};

const recordTypes: RecordTypes = new Map([
  ['Cat', 'row'],
  ['Dog', 'row'],
]);
const plannedOver = (schema: GraphQLSchema) =>
  createPreparedExecutor(schema, { recordTypes, maxTextCharacters: 20_000 });

describe.each(Object.entries(moods))('planned and unplanned give the same, %s', (_name, mood) => {
  const schema = schemaOf(mood, false);
  const planned = plannedOver(schemaOf(mood, true));

  test('for operations of every kind', async () => {
    let compared = 0;
    let withErrors = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(997), { minLength: 40, maxLength: 120 }),
        fc.record({
          no: fc.boolean(),
          text: fc.string(),
          yes: fc.option(fc.boolean(), { nil: undefined }),
          count: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
          // Null is an error wherever it decides. Late in a list, graphql-js does not handle the rejections beside it.
          maybe: fc.constantFrom(undefined, true, false, ...(mood.late === 0 ? [null] : [])),
          by: fc.option(
            fc.record({
              colour: fc.constantFrom('RED', null),
              words: fc.constantFrom(undefined, null, ['v', 'w']),
            }),
            { nil: undefined },
          ),
        }),
        async (choices, given) => {
          const document = parseValid(schema, documentOf(choices));
          if (document === null) return;
          const variables = Object.fromEntries(
            Object.entries(given).filter(([, value]) => value !== undefined),
          );
          let expected: ExecutionResult = {};
          // From the second time on, plans and texts are cached; no caller may see another's values.
          for (const name of ['Ann', 'Ben']) {
            const copy = structuredClone(variables);
            expected = await execute({ schema, document, variableValues: copy, contextValue: { name } });
            const answer = await planned({
              document,
              variables: structuredClone(variables),
              context: { name },
            });
            const seen = JSON.parse(serializeResponse(answer).join('')) as ExecutionResult;
            expect(show(seen)).toEqual(show(JSON.parse(JSON.stringify(expected)) as ExecutionResult));
          }
          compared += 1;
          if (expected.errors !== undefined) withErrors += 1;
        },
      ),
      { numRuns: stormSize(1500, 250) },
    );
    expect(compared).toBeGreaterThan(stormSize(800, 130));
    if (mood.fails > 0) expect(withErrors).toBeGreaterThan(compared / 4);
  });

  test('for the same document with other variables, again and again', async () => {
    const document = parse(
      'query ($a: Boolean!, $b: Boolean!) { cat { id name @include(if: $a) mate @skip(if: $b) { id lives } } }',
    );
    for (const [a, b] of [
      [true, true],
      [false, true],
      [true, false],
      [false, false],
      [true, true],
    ]) {
      const variables = { a, b };
      const expected = await execute({ schema, document, variableValues: variables });
      const answer = await planned({ document, variables, context: {} });
      expect(show(JSON.parse(serializeResponse(answer).join('')) as ExecutionResult)).toEqual(
        show(JSON.parse(JSON.stringify(expected)) as ExecutionResult),
      );
    }
  });
});

test('a list of any length is whole, and yields to other work', async () => {
  const schema = makeExecutableSchema({
    typeDefs: 'type Query { rows: [Row!]! } type Row { id: Int! name: String }',
    resolvers: {
      Query: { rows: () => Array.from({ length: 50_000 }, (_, id) => ({ id, name: `row ${id}` })) },
    },
  });
  let turns = 0;
  const next = () => {
    turns += 1;
    return Promise.resolve();
  };
  const document = parse('{ rows { id name } }');
  const scheduler = { shouldYield: () => turns < 10, yield: next };
  const result = await createPreparedExecutor(schema, { scheduler })({ document, objects: 50_000 });
  const { rows } = read(result).data as { rows: { id: number }[] };
  expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 50_000 }, (_, id) => id));
  expect(turns).toBe(10);
});

test('the pieces of a long response are below 128 KiB if its texts are short', async () => {
  // Rows without a long text of their own, long texts alone, and both, in lists of any length.
  const texts = ['', 'plain', 'Ünïcödé 😀 "quoted"', 'x'.repeat(3000), 'ß'.repeat(70_000)];
  const groups = [0, 1, 5, 700, 3000].map((count, group) => ({
    name: texts[group],
    rows: Array.from({ length: count }, (_, id) => ({
      id,
      name: `row ${id}`,
      text: texts[(id + group) % 4],
    })),
    notes: [[], [texts[4], null], null, Array.from({ length: count }, (_, index) => `note ${index}`)],
    last: count,
  }));
  const schema = makeExecutableSchema({
    typeDefs:
      'type Query { groups: [Group!]! short: [Group!]! } type Group { name: String rows: [Row!]! notes: [[String]] last: Int } type Row { id: Int! name: String text: String }',
    resolvers: { Query: { groups: () => groups, short: () => groups.slice(0, 3) } },
  });
  // Each alias is shorter than a piece.
  const aliases = Array.from({ length: 200 }, (_, index) => `a${index}: short { rows { id text } }`).join(
    ' ',
  );
  const document = parse(
    `{ groups { name rows { id name text } notes last } all: groups { rows { name } } ${aliases} }`,
  );
  const pieces = serializeResponse(await createPreparedExecutor(schema)({ document }));
  const expected = await execute({ schema, document });
  expect(pieces.join('') === JSON.stringify(expected)).toBe(true);
  expect(pieces.length).toBeGreaterThan(25);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(128 * 1024);
});
