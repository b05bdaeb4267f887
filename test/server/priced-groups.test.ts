/** Groups of users have a price of their own: for each filter, kind and tenant, however few are asked for. */
import { expect, test } from '@jest/globals';
import { parse, type OperationDefinitionNode } from 'graphql';
import { LimitError } from '../../src/errors.ts';
import { createGraphSchema } from '../../src/graph/graph-schema.ts';
import { createCostModel } from '../../src/pricing/cost.ts';
import type { KnownLengths } from '../../src/pricing/known-lengths.ts';
import { times } from '../hostile-documents.ts';

const model = createCostModel(createGraphSchema());
const anything = { rows: Infinity, values: Infinity, calls: Infinity };

/** 3000 customers of two tenants each. */
const known: KnownLengths = {
  lengthOf: (field) => (field === 'Query.customers' ? 3000 : field === 'Customer.tenants' ? 2 : null),
};

/** Price and limit that an operation exceeds; null if it exceeds none. */
function excessOf(query: string): { readonly value: number | null; readonly most: number } | null {
  const document = parse(query);
  try {
    model.check(document, document.definitions[0] as OperationDefinitionNode, {}, known, anything);
    return null;
  } catch (error) {
    if (!(error instanceof LimitError)) throw error;
    const { name, value, most } = error.details.limit;
    expect(name).toBe('possible groups of users in its tenants, for each filter and kind');
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
  [
    'a report',
    `subscription { protectionReport { tenant { summary { ${groups('STATUS')} } } totals { ${groups('STATUS')} } } }`,
    null,
  ],
])('%s', (_name, query, value) => {
  expect(excessOf(query)).toEqual(value === null ? null : { value, most: 5_000_000 });
});
