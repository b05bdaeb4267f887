/** Groups of users have a price of their own: for each summary, kind and tenant, however few are asked for. */
import { expect, test } from '@jest/globals';
import { parse, type OperationDefinitionNode } from 'graphql';
import { LimitError } from '../../src/errors.ts';
import { createGraphSchema } from '../../src/graph/graph-schema.ts';
import { createCostModel } from '../../src/pricing/cost.ts';
import { nothingKnown, type KnownLengths } from '../../src/pricing/known-lengths.ts';
import { times } from '../hostile-documents.ts';

const model = createCostModel(createGraphSchema());
const anything = { rows: Infinity, values: Infinity, calls: Infinity };

/** Customers of two tenants each, but one of five. */
const estateOf = (customers: number): KnownLengths => ({
  ...nothingKnown,
  lengthOf: (field, keys) => {
    if (field === 'Query.customers') return customers;
    if (field !== 'Customer.tenants') return null;
    return keys?.length === 1 && keys[0] === 'large' ? 5 : 2;
  },
});

/** Price and limit that an operation exceeds; null if it exceeds none. */
function excessOf(
  query: string,
  customers = 3000,
  variables = {},
): { readonly value: number | null; readonly most: number } | null {
  const document = parse(query);
  try {
    model.check(
      document,
      document.definitions[0] as OperationDefinitionNode,
      variables,
      estateOf(customers),
      anything,
    );
    return null;
  } catch (error) {
    if (!(error instanceof LimitError)) throw error;
    const { name, value, most } = error.details.limit;
    expect(name).toBe('possible groups of users, counted for each kind and tenant of each different summary');
    return { value, most };
  }
}

const groups = (by: string, more = 'first: 1') => `${by}: groups(by: ${by}, ${more}) { totalCount }`;
const filtered = (count: number, selection: string) =>
  times(
    count,
    (index) => `a${index}: protectionSummary(users: { passwordAge: { max: ${index} } }) { ${selection} }`,
  );

test.each([
  ['one kind for all tenants', `{ ${filtered(1, groups('DEPARTMENT'))} }`, null],
  ['several kinds and filters', `{ ${filtered(5, groups('DEPARTMENT') + groups('STATUS'))} }`, null],
  ['many filters for all tenants', `{ ${filtered(20, groups('DEPARTMENT'))} }`, 20 * 6000 * 50],
  ['many filters without groups', `{ ${filtered(20, 'userCount')} }`, null],
  [
    'many filters of one customer',
    `{ customer(customerId: "c") { ${filtered(20, groups('DEPARTMENT'))} } }`,
    null,
  ],
  [
    'many customers',
    `{ customers(first: 1000) { nodes { ${filtered(20, groups('COMPANY') + groups('LOCATION'))} } } }`,
    null,
  ],
  [
    'several kinds for many customers',
    `{ customers(first: 1000) { nodes { ${filtered(20, ['COMPANY', 'LOCATION', 'STATUS'].map((by) => groups(by)).join(' '))} } } }`,
    20 * 3 * 1000 * 2 * 50,
  ],
  [
    'many tenants',
    `{ customers(first: 1000) { nodes { tenants { ${filtered(20, ['COMPANY', 'LOCATION', 'STATUS'].map((by) => groups(by)).join(' '))} } } } }`,
    20 * 3 * 1000 * 2 * 50,
  ],
])('%s', (_name, query, value) => {
  expect(excessOf(query)).toEqual(value === null ? null : { value, most: 5_000_000 });
});

const allKinds = [
  ...['CUSTOMER', 'DEPARTMENT', 'COMPANY', 'JOB_TITLE', 'LOCATION', 'COUNTRY_OR_REGION', 'STATUS'],
]
  .map((by) => groups(by))
  .join(' ');

test('a report, which reads any number of tenants, has no price of groups', () => {
  const report = `subscription { protectionReport { tenant { summary { ${allKinds} } } totals { ${allKinds} } } }`;
  expect(excessOf(report, 100_000)).toBeNull();
  expect(excessOf(`{ protectionSummary { ${allKinds} } }`, 100_000)?.value).toBe(7 * 100_000 * 2 * 50);
});

const windows = (count: number, by = 'STATUS') =>
  times(count, (index) => `w${index}: groups(by: ${by}, first: ${index}) { totalCount }`);

test('several windows of one kind count it once', () => {
  expect(excessOf(`{ protectionSummary { ${windows(60)} } }`, 50_001)?.value).toBe(50_001 * 2 * 50);
  expect(excessOf(`{ protectionSummary { ${windows(60)} } }`, 50_000)).toBeNull();
  const byVariable = `query ($by: UserGrouping!) { protectionSummary { ${windows(60, '$by')} ${groups('STATUS')} } }`;
  expect(excessOf(byVariable, 50_001, { by: 'STATUS' })?.value).toBe(50_001 * 2 * 50);
  expect(excessOf(byVariable, 50_001, { by: 'COMPANY' })?.value).toBe(2 * 50_001 * 2 * 50);
});

test('summaries of one object with equal arguments count once', () => {
  const summaries = (given: string) =>
    times(20, (index) => `s${index}: protectionSummary${given} { ${groups('STATUS')} }`);
  const users = 'users: { passwordAge: { max: 3 } }';
  for (const given of ['', `(${users}, filter: { search: "a" })`, `(filter: { search: "a" }, ${users})`])
    expect(excessOf(`{ ${summaries(given)} }`, 50_001)?.value).toBe(50_001 * 2 * 50);
  expect(excessOf(`{ customers(first: 1000) { nodes { ${summaries(`(${users})`)} } } }`)).toBeNull();
  // Of different customers each.
  const lists = times(60, (index) => `c${index}: customers(first: 1000) { nodes { ${summaries('')} } }`);
  expect(excessOf(`{ ${lists} }`)?.value).toBe(60 * 1000 * 2 * 50);
});

test('of a filter with ids, only the customers that they select count', () => {
  const summaries = (filter: string, count = 1) =>
    `query ($ids: [ID!], $filter: CustomerFilter) { ${times(
      count,
      (index) =>
        `s${index}: protectionSummary(filter: ${filter}, users: { passwordAge: { max: ${index} } }) { ${allKinds} }`,
    )} }`;
  const excess = (filter: string, count?: number, variables = {}) =>
    excessOf(summaries(filter, count), 15_000, variables);
  expect(excess('{ customerIds: ["a"] }')).toBeNull();
  expect(excess('{ and: [{ customerIds: ["a", "b"] }, { search: "x" }] }')).toBeNull();
  expect(excess('{ customerIds: $ids }', 1, { ids: ['a'] })).toBeNull();
  expect(excess('$filter', 1, { filter: { customerIds: ['a'] } })).toBeNull();
  const all = 7 * 15_000 * 2 * 50;
  for (const filter of [
    '{ search: "a" }',
    '{ or: [{ customerIds: ["a"] }, { search: "x" }] }',
    '{ not: { customerIds: ["a"] } }',
    '{ customerIds: $ids }',
  ])
    expect(excess(filter)?.value).toBe(all);
  expect(excess('{ customerIds: null }')?.value).toBe(all);
  // With the tenants of those customers.
  const ids = JSON.stringify(Array.from({ length: 1000 }, (_, index) => `c${index}`));
  expect(excess(`{ customerIds: ${ids}, and: [{ customerIds: ["b"] }] }`, 20)).toBeNull();
  expect(excess(`{ customerIds: ${ids} }`, 20)?.value).toBe(20 * 7 * 1000 * 2 * 50);
  expect(excess('{ customerIds: ["large"] }', 3000)?.value).toBe(3000 * 7 * 5 * 50);
});
