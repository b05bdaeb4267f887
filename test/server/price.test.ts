/** The price of an operation beside an answer of the assumed sizes, which graphql-js itself puts together. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  buildSchema,
  execute,
  getNamedType,
  getNullableType,
  isEnumType,
  isLeafType,
  isListType,
  isObjectType,
  parse,
  type GraphQLFieldResolver,
  type OperationDefinitionNode,
} from 'graphql';
import { nothingKnown, type KnownLengths } from '../../src/pricing/known-lengths.ts';
import { createCostModel } from '../../src/pricing/cost.ts';
import { coerceVariables } from '../../src/server/limits/validation.ts';
import { createRandom } from '../random-operations.ts';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const model = createCostModel(schema);
const anything = { rows: Infinity, values: Infinity, calls: Infinity };

const lengths: Readonly<Record<string, number>> = {
  'Query.customers': 4,
  'Query.directory': 2,
  'Customer.tenants': 3,
};
const known: KnownLengths = { ...nothingKnown, lengthOf: (field) => lengths[field] ?? null };
const otherSizes: Readonly<Record<string, number>> = {
  ...lengths,
  'ProtectionStatus.modules': 8,
  'ProtectionSummary.modules': 8,
  'UserGroup.modules': 8,
};
const rowTypes = ['Customer', 'Tenant', 'User', 'ProtectionStatus', 'DirectoryEntry'];

/** Arguments that every connection is asked with, and the size of its window. */
const windows: readonly (readonly [string, number])[] = [
  ['first: 2', 2],
  ['last: 1', 1],
  ['first: 0', 0],
  ['first: $n', 3],
  ['first: 9, KEYS: ["a", "b"]', 2],
  ['KEYS: ["a", "b", "c"]', 3],
];
const keysOf: Readonly<Record<string, string>> = {
  'Query.customers': 'customerIds',
  'Tenant.users': 'userIds',
  'Tenant.protectionStatuses': 'emails',
};

function randomOperation(seed: number): string {
  const random = createRandom(seed);
  const below = (count: number) => Math.floor(random() * count);
  const fragments: { readonly on: string; readonly text: string }[] = [];
  const condition = () =>
    random() < 0.8
      ? ''
      : (['@skip(if: true)', '@include(if: $yes)', '@skip(if: $no)', '@include(if: false)'][below(4)] ?? '');
  const field = (typeName: string, depth: number): string => {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) throw new Error(typeName);
    const goesOn = depth > 2 && random() < 0.6;
    const fields = Object.values(type.getFields()).filter(
      ({ name, type: given }) =>
        !['node', 'nodes', '_entities', '_service'].includes(typeName === 'Query' ? name : '') &&
        (goesOn ? !isLeafType(getNamedType(given)) : depth > 0 || isLeafType(getNamedType(given))),
    );
    const chosen = fields[below(fields.length)];
    if (chosen === undefined || random() < 0.1) return `__typename ${condition()}`;
    const named = getNamedType(chosen.type);
    const place = `${typeName}.${chosen.name}`;
    const window = windows[below(windows.length)]?.[0] ?? '';
    const keys = keysOf[place];
    const args = named.name.endsWith('Connection')
      ? `(${keys === undefined ? 'first: 2' : window.replace('KEYS', keys)}${chosen.args.some(({ name }) => name === 'by') ? ', by: STATUS' : ''})`
      : chosen.args
          .filter((argument) => String(argument.type) === 'ID!' || String(argument.type) === 'String!')
          .map(({ name }, index) => `${index === 0 ? '(' : ''}${name}: "x"`)
          .join(', ');
    const closed = args.startsWith('(') && !args.endsWith(')') ? `${args})` : args;
    const alias = random() < 0.5 ? '' : `${'abc'[below(3)] ?? 'a'}_${chosen.name}: `;
    return `${alias}${chosen.name}${closed} ${condition()} ${isLeafType(named) ? '' : selection(named.name, depth - 1)}`;
  };
  const selection = (typeName: string, depth: number): string => {
    const parts = Array.from({ length: 1 + below(3) }, () => {
      const kind = random();
      if (kind < 0.7) return field(typeName, depth);
      if (kind < 0.8) return `... ${condition()} ${selection(typeName, depth)}`;
      if (kind < 0.85) return `... on ${random() < 0.5 ? typeName : 'Node'} ${condition()} { __typename }`;
      const same = fragments.findIndex(({ on }) => on === typeName);
      if (same >= 0 && random() < 0.7) return `...f${same} ${condition()}`;
      const text = selection(typeName, depth - 1);
      fragments.push({ on: typeName, text });
      return `...f${fragments.length - 1} ${condition()}`;
    });
    return `{ ${parts.join(' ')} }`;
  };
  const root = selection('Query', 6);
  const definitions = fragments.map(({ on, text }, index) => `fragment f${index} on ${on} ${text}`);
  return [`query ($n: Int, $yes: Boolean!, $no: Boolean!) ${root}`, ...definitions].join('\n');
}

interface WindowArguments {
  readonly first?: number;
  readonly last?: number;
  /** Keys, by the names of `keysOf`. */
  readonly [name: string]: unknown;
}

/** Counts rows when they are returned. */
function resolverOf(count: {
  rows: number;
}): GraphQLFieldResolver<{ readonly size?: number }, unknown, WindowArguments> {
  return ({ size: sizeOfParent }, args, _context, { parentType, fieldName, returnType }) => {
    const place = `${parentType.name}.${fieldName}`;
    const named = getNamedType(returnType);
    const keys = args[keysOf[place] ?? ''];
    if (named.name.endsWith('Connection')) {
      const asked = args.first ?? args.last ?? 50;
      return { size: Math.min(asked, Array.isArray(keys) ? keys.length : (lengths[place] ?? Infinity)) };
    }
    const isList = isListType(getNullableType(returnType));
    const size = !isList
      ? 1
      : parentType.name.endsWith('Connection') && fieldName !== 'missing'
        ? (sizeOfParent ?? 0)
        : (otherSizes[place] ?? 1);
    if (rowTypes.includes(named.name)) count.rows += size;
    const value = isEnumType(named)
      ? named.getValues()[0]?.name
      : isLeafType(named)
        ? named.name === 'Boolean'
          ? true
          : 1
        : {};
    return isList ? Array.from({ length: size }, () => value) : value;
  };
}

function valuesOf(answer: object): number {
  return Object.values(answer).reduce<number>((sum, value: unknown) => {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    const below = items.map((item) => (typeof item === 'object' && item !== null ? valuesOf(item) : 0));
    return sum + Math.max(1, items.length) + below.reduce((all, each) => all + each, 0);
  }, 0);
}

test('is what a naive expansion of any operation counts', () => {
  let [largest, skipped] = [0, 0];
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const document = parse(randomOperation(seed));
      const variables = { n: 3, yes: true, no: false };
      const count = { rows: 0 };
      const answer = execute({
        schema,
        document,
        rootValue: {},
        variableValues: variables,
        fieldResolver: resolverOf(count),
      });
      if (answer instanceof Promise) throw new Error('Nothing here waits.');
      expect(answer.errors).toBeUndefined();
      const values = valuesOf(answer.data ?? {});
      const operation = document.definitions[0] as OperationDefinitionNode;
      const { rows, values: priced } = model.check(document, operation, variables, known, anything);
      expect({ rows, values: priced }).toEqual({ rows: count.rows, values });
      largest = Math.max(largest, values);
      skipped += values === 0 ? 1 : 0;
    }),
    { numRuns: 500 },
  );
  // Or the operations would show nothing.
  expect(largest).toBeGreaterThan(100);
  expect(skipped).toBeLessThan(250);
});

test.each(['constructor', 'toString', 'hasOwnProperty', '__proto__', 'valueOf'])(
  'a variable named %s that is not given costs what any other does',
  (name) => {
    const costOf = (variable: string) => {
      const document = parse(
        `query ($${variable}: Int, $${variable}s: [ID!]) {
          customers(first: $${variable}, customerIds: $${variable}s) { nodes { tenants { users(first: $${variable}) { nodes { userId } } } } }
        }`,
      );
      const operation = document.definitions[0] as OperationDefinitionNode;
      const coerced = coerceVariables(schema, operation, {});
      if ('errors' in coerced) throw new Error('Expected values.');
      return model.check(document, operation, coerced.values, known, anything);
    };
    expect(costOf(name)).toEqual(costOf('n'));
    expect(costOf(name).rows).toBeGreaterThan(100);
  },
);
