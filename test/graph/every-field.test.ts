/**
 * Queries every field over a generated world, and finds a value for each: a field without a resolver would always be
 * null.
 */
import { expect, test } from '@jest/globals';
import {
  getNamedType,
  isAbstractType,
  isIntrospectionType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { createGraphSchema } from '../../src/graph/graph-schema.ts';
import { globalIdOf } from '../../src/graph/node-id.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import type { World } from '../../src/simulator/world.ts';
import { useGateway } from '../use-gateway.ts';

const schema = createGraphSchema();

/** The generated customers, of whom the first has a job status that is a text, as one revision of the pages has it. */
const generated = createGeneratedWorld({
  seed: 11,
  customers: 6,
  tenantsPerCustomer: 2,
  usersPerTenant: 200,
});
const world: World = {
  ...generated,
  customers: {
    ...generated.customers,
    at: (index) => ({ ...generated.customers.at(index), ...(index === 0 ? { jobStatus: 'Working' } : {}) }),
  },
};
const listed = Array.from({ length: world.customers.count }, (_, index) => world.customers.at(index)).flatMap(
  ({ id, tenants }) => (tenants ?? []).map((tenant) => ({ customerId: id, tenantId: tenant.id })),
);
const [key, lost] = [listed.at(0), listed.at(-1)];

const gateway = useGateway({
  world,
  // For `missing`.
  intercept: ({ path }) =>
    path.includes(`/tenants/${lost?.tenantId ?? ''}/`) ? { status: 403, body: '' } : undefined,
});

const { customerId = '', tenantId = '' } = key ?? {};
const tenant = world.tenant(customerId, tenantId);
const users = Array.from({ length: tenant?.users.count ?? 0 }, (_, index) => tenant?.users.at(index));
const user = users.at(0);
/** One whose account has both dates, and a protection row. */
const blocked = users.find(
  (each) =>
    [each?.startDate, each?.endDate].every((date) => date?.startsWith('2')) &&
    (tenant?.protection.find(each?.mail?.toLowerCase() ?? '').length ?? 0) > 0,
);
const text = JSON.stringify;
const id = text(globalIdOf({ kind: 'Tenant', customerId, tenantId }));

/** Values of required and other useful arguments. */
const argumentValues: Readonly<Record<string, string>> = {
  customerId: text(customerId),
  tenantId: text(tenantId),
  userId: text(user?.id),
  email: text(tenant?.users.at(1).userPrincipalName),
  by: 'STATUS',
  id,
  ids: `[${id}]`,
  representations: `[{ __typename: "Tenant", customerId: ${text(customerId)}, tenantId: ${text(tenantId)} }]`,
};
const givenArguments: Readonly<Record<string, string>> = {
  'Query.customers': 'orderBy: [COVERAGE_ASC]',
  'Customer.tenant': `tenantId: ${text(tenantId)}`,
  'Query.user': `customerId: ${text(customerId)}, tenantId: ${text(tenantId)}, userId: ${text(blocked?.id)}`,
};

function call(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): string {
  const required = field.args
    .filter(isRequiredArgument)
    .map(({ name }) => `${name}: ${argumentValues[name] ?? 'null'}`);
  const given = givenArguments[`${type.name}.${field.name}`];
  const all = given === undefined ? required : [given];
  return all.length === 0 ? field.name : `${field.name}(${all.join(', ')})`;
}

/** All fields of a type, those with fields of their own by the name of their type. */
function selectionOf(type: GraphQLObjectType): string {
  return Object.values(type.getFields())
    .map((field) => {
      const called = call(type, field);
      return isLeafType(getNamedType(field.type)) ? called : `${called} { __typename }`;
    })
    .join(' ');
}

type Wrap = (selection: string) => string;

/** A query for the fields of each type, by the shortest way from a root. */
function routes(of: GraphQLSchema): Map<GraphQLObjectType, Wrap> {
  const found = new Map<GraphQLObjectType, Wrap>();
  const { queryType, subscriptionType } = {
    queryType: of.getQueryType(),
    subscriptionType: of.getSubscriptionType(),
  };
  if (queryType) found.set(queryType, (selection) => `query { ${selection} }`);
  if (subscriptionType) found.set(subscriptionType, (selection) => `subscription { ${selection} }`);
  for (const [type, wrap] of found) {
    for (const field of Object.values(type.getFields())) {
      const named = getNamedType(field.type);
      const below = isObjectType(named) ? [named] : isAbstractType(named) ? of.getPossibleTypes(named) : [];
      for (const each of below) {
        // An object of an abstract type has one possible type.
        if (found.has(each) || (isAbstractType(named) && each.name !== 'Tenant')) continue;
        const inner: Wrap = isAbstractType(named)
          ? (selection) => `... on ${each.name} { ${selection} }`
          : (selection) => selection;
        found.set(each, (selection) => wrap(`at: ${call(type, field)} { ${inner(selection)} }`));
      }
    }
  }
  return found;
}

/** The values of a field in all objects that `at` leads to. */
function valuesOf(data: unknown, name: string, depth: number): unknown[] {
  if (Array.isArray(data)) return data.flatMap((item) => valuesOf(item, name, depth));
  if (typeof data !== 'object' || data === null) return [];
  const value = (data as Readonly<Record<string, unknown>>)[depth === 0 ? name : 'at'];
  return depth === 0 ? [value] : valuesOf(value, name, depth - 1);
}

async function answersTo(operation: string): Promise<unknown[]> {
  if (operation.startsWith('query')) return [(await gateway.queryText(operation)).data];
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: operation }),
  });
  return (await response.text()).split('\n').flatMap((line) => {
    if (!line.startsWith('data: {')) return [];
    const event = JSON.parse(line.slice('data: '.length)) as { readonly data?: unknown };
    return [event.data];
  });
}

const ways = routes(schema);

test('every type is asked for', () => {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
  expect([...ways.keys()].map(({ name }) => name).sort()).toEqual(
    types
      .filter(isObjectType)
      .map(({ name }) => name)
      .sort(),
  );
});

test.each([...ways].map(([type, wrap]) => [type.name, type, wrap] as const))(
  'every field of %s is filled somewhere',
  async (_name, type, wrap) => {
    const operation = wrap(selectionOf(type));
    const depth = operation.split('at: ').length - 1;
    // Groups of customers have other fields than groups of statuses.
    const operations = new Set([operation, operation.replace('by: STATUS', 'by: CUSTOMER')]);
    const answers = (await Promise.all([...operations].map(answersTo))).flat();
    const empty = Object.keys(type.getFields()).filter((name) =>
      answers
        .flatMap((data) => valuesOf(data, name, depth))
        .every(
          (value) => value === null || value === undefined || (Array.isArray(value) && value.length === 0),
        ),
    );
    expect(empty).toEqual([]);
  },
);
