/** The upstream calls in the price of an operation beside those that it makes, on lists as long as assumed. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { buildSchema, parse, type OperationDefinitionNode } from 'graphql';
import { createCostModel } from '../../src/pricing/cost.ts';
import { nothingKnown } from '../../src/pricing/known-lengths.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { customerRow, protectionRow, userRow } from '../world-of.ts';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const model = createCostModel(schema);
const anything = { rows: Infinity, values: Infinity, calls: Infinity };

const lengths: Readonly<Record<string, number>> = {
  'Query.customers': 3,
  'Query.directory': 3,
  'Customer.tenants': 2,
  'Tenant.users': 130,
  'Tenant.protectionStatuses': 110,
};
const known = { ...nothingKnown, lengthOf: (list: string) => lengths[list] ?? null };

const customers = ['a', 'b', 'c'].map((id) =>
  customerRow({ id, tenants: [1, 2].map((number) => ({ id: `${id}${number}`, name: null })) }),
);
const world = {
  customers,
  directory: customers.map(({ id }) => ({
    id,
    organization: id,
    ownerEmail: null,
    countryOrRegion: null,
    jobStatus: null,
  })),
  tenants: Object.fromEntries(
    customers.flatMap(({ id, tenants }) =>
      (tenants ?? []).map((tenant) => {
        const users = Array.from({ length: 130 }, (_, index) => userRow({ id: `${tenant.id}-${index}` }));
        const protection = Array.from({ length: 110 }, (_, index) =>
          protectionRow(index < 100 ? (users[index]?.mail ?? null) : `shared-${index}@example.com`),
        );
        return [`${id}/${tenant.id}`, { users, protection }];
      }),
    ),
  ),
};

let gateway: GatewayUnderTest | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});

const lists = {
  customers: [
    'first: 2',
    'filter: { search: "a" }',
    'filter: { coverage: { below: 0.5 } }',
    'filter: { coverage: { users: { protection: { isProtected: true } }, below: 0.5 } }',
    'filter: { not: { or: [{ userCount: { min: 3 } }] } }',
    'customerIds: ["a"], filter: { userCount: { min: 3 } }',
    'orderBy: [COVERAGE_ASC]',
    'orderBy: USER_COUNT_DESC',
    'orderBy: ORGANIZATION_ASC',
  ],
  users: [
    'first: 5',
    'last: 5',
    'first: 130',
    'first: 300',
    'first: 1000',
    'filter: { isTestUser: true }',
    'filter: { protection: { state: UNPROTECTED } }',
    'orderBy: MAIL_ASC',
    'orderBy: [PROTECTION_ASC]',
  ],
  protectionStatuses: ['first: 5', 'first: 1000', 'filter: { hasUser: false }', 'orderBy: PROTECTION_ASC'],
};
const fieldsOf = (name: keyof typeof lists) =>
  lists[name].flatMap((list) => [
    `${name}(${list}) { totalCount }`,
    `${name}(${list}) { nodes { id } }`,
    `${name}(${list}) { nodes { id } pageInfo { hasNextPage } }`,
  ]);
const ofTenants = [
  ...fieldsOf('users'),
  ...fieldsOf('protectionStatuses'),
  'protectionSummary { userCount }',
  'protectionSummary(users: { protection: { isProtected: true } }) { userCount }',
  'users(first: 5) { nodes { id protection { id } } }',
  'protectionStatuses(first: 5) { nodes { id user { id } } }',
  'protectionStatuses(first: 1000) { nodes { id user { id } } }',
];

test.each([
  ...[...fieldsOf('customers'), ...ofTenants].map((field) => `{ ${field} }`),
  ...ofTenants.map((field) => `{ customers { nodes { ${field} } } }`),
  ...ofTenants.map((field) => `{ customer(customerId: "a") { ${field} } }`),
  ...ofTenants.map((field) => `{ tenant(customerId: "a", tenantId: "a1") { ${field} } }`),
  ...ofTenants.map((field) => `{ customer(customerId: "b") { tenants { ${field} } } }`),
  '{ tenant(tenantId: "c2") { id } }',
  '{ tenant(customerId: "a", tenantId: "a1") { user(email: "a1-7@example.com") { id } } }',
  '{ users(customers: { coverage: { above: 0 } }, first: 1) { nodes { id } } }',
  '{ protectionSummary(filter: { coverage: { above: 0 } }) { groups(by: STATUS) { nodes { userCount } } } }',
  ...['isComplete', 'missing { tenantId }'].flatMap((field) => [
    `{ users(first: 5) { ${field} } }`,
    `{ customers { nodes { protectionStatuses(first: 5) { ${field} } } } }`,
  ]),
  '{ directory { customerId customer { id } } }',
  '{ customers { nodes { directoryEntry { customerId } } } }',
])('costs no less than it needs, and not much more: %s', async (query) => {
  gateway = await startGatewayUnderTest({ world });
  expect((await gateway.queryText(query)).errors).toBeUndefined();
  const document = parse(query);
  const { calls } = model.check(
    document,
    document.definitions[0] as OperationDefinitionNode,
    {},
    known,
    anything,
  );
  const made = gateway.calls.length;
  expectAround(calls, { made, max: 1.5 * made + 2 });
});

/** Expects a number of calls that is no less than were made, and not much more. */
function expectAround(calls: number, { made, max }: { readonly made: number; readonly max: number }): void {
  const judged = { made, calls, isEnough: made <= calls, isTooMuch: calls > max };
  expect(judged).toEqual({ ...judged, isEnough: true, isTooMuch: false });
}

test('a variable that is not given costs nothing, wherever it stands', async () => {
  const { queryText } = (gateway = await startGatewayUnderTest({ world }));
  const costOf = async (query: string, variables: object) => {
    const headers = { 'x-explain': 'true' };
    const { errors, extensions } = await queryText(query, variables, { headers });
    expect(errors).toBeUndefined();
    return (extensions as { readonly cost: { readonly calls: number } }).cost.calls;
  };
  const query = `query ($range: IntRange, $nested: [CustomerFilter!]) {
    customers(filter: { userCount: $range, and: $nested }) { nodes { organization } }
  }`;
  const plain = await costOf('{ customers { nodes { organization } } }', {});
  expect(await costOf(query, {})).toBe(plain);
  expect(await costOf(query, { range: null })).toBe(plain);
  expect(await costOf(query, { range: { min: 3 } })).toBeGreaterThan(plain);
});

const unprotected = 'protection: { isProtected: false }';

test.each([
  `{ protectionSummary(users: { ${unprotected} }) { userCount } users(filter: { ${unprotected} }) { nodes { id } } }`,
  '{ customers { nodes { protectionSummary { userCount } } } all: customers(orderBy: COVERAGE_ASC) { nodes { id } } }',
  '{ users(filter: { isTestUser: true }) { totalCount } one: users(first: 5) { nodes { id } } protectionStatuses(orderBy: EMAIL_ASC) { totalCount } }',
  '{ tenant(customerId: "a", tenantId: "a1") { users(first: 5) { nodes { id } } protectionSummary { userCount } } }',
])('is estimated with each list read once: %s', async (query) => {
  gateway = await startGatewayUnderTest({ world });
  expect((await gateway.queryText(query)).errors).toBeUndefined();
  const document = parse(query);
  const operation = document.definitions[0] as OperationDefinitionNode;
  const { calls, assumed } = model.estimateCalls(document, operation, {}, known);
  const made = gateway.calls.length;
  expectAround(calls, { made, max: made + 3 });
  expect(assumed).toEqual({});
});

test('names the lengths that are assumed', () => {
  const document = parse('{ protectionSummary { userCount } }');
  const operation = document.definitions[0] as OperationDefinitionNode;
  const { assumed } = model.estimateCalls(document, operation, {}, nothingKnown);
  expect(Object.keys(assumed).sort()).toEqual([
    'Query.customers',
    'Tenant.protectionStatuses',
    'Tenant.users',
  ]);
});
