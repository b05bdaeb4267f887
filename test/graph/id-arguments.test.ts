/** Every argument that takes an id or an address, found in the schema so that none is forgotten. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isInputObjectType,
  isListType,
  isObjectType,
  isRequiredArgument,
  type GraphQLArgument,
  type GraphQLInputObjectType,
  type GraphQLInputType,
} from 'graphql';
import { createGraphSchema } from '../../src/graph/graph-schema.ts';
import type { GraphQLAnswer } from '../gateway-under-test.ts';
import { useGateway } from '../use-gateway.ts';
import { userRow, worldOfTenant } from '../world-of.ts';

const gateway = useGateway({
  world: worldOfTenant({ users: [userRow({ id: 'u' })], protection: [] }),
});
beforeEach(() => {
  gateway.calls.length = 0;
});

interface Place {
  readonly type: string;
  readonly field: string;
  readonly arg: GraphQLArgument;
  readonly args: readonly GraphQLArgument[];
  readonly hasSelection: boolean;
}

const addressNames = new Set(['email', 'emails']);
const globalIdNames = new Set(['id', 'ids']);

/** All arguments of the schema by which rows are named. */
const places: Place[] = Object.values(createGraphSchema().getTypeMap()).flatMap((type) =>
  isObjectType(type) && !type.name.startsWith('__')
    ? Object.values(type.getFields()).flatMap((field) =>
        field.args
          .filter((arg) => holdsIds(arg.type, new Set()) || addressNames.has(arg.name))
          .map((arg) => ({
            type: type.name,
            field: field.name,
            arg,
            args: field.args,
            hasSelection: isCompositeType(getNamedType(field.type)),
          })),
      )
    : [],
);

function holdsIds(type: GraphQLInputType, seen: Set<string>): boolean {
  const named = getNamedType(type);
  if (named.name === 'ID' || named.name === '_Any') return true;
  if (!isInputObjectType(named) || seen.has(named.name)) return false;
  seen.add(named.name);
  return Object.values(named.getFields()).some((field) => holdsIds(field.type, seen));
}

/** Path to an object of each type with such a field; a missing type fails its tests. */
const around: Readonly<Record<string, (field: string) => string>> = {
  Subscription: (field) => `{ ${field} }`,
  Query: (field) => `{ ${field} }`,
  Customer: (field) => `{ customer(customerId: "c") { ${field} } }`,
  Tenant: (field) => `{ tenant(customerId: "c", tenantId: "t") { ${field} } }`,
};

const hostileIds = [
  '../../other/tenants/t',
  '..',
  '',
  'a%2fb',
  'a\\b',
  'a?b',
  'a#b',
  'a\nb',
  'a\u0085',
  '\ud800',
  'x'.repeat(5000),
];
const hostileAddresses = [
  '',
  'a\r\nb@example.com',
  'a\u0000@example.com',
  'a\u009f@example.com',
  '\ud800@example.com',
  'x'.repeat(5000),
];
const globalId = (...parts: string[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');

/** Inputs of a type with a hostile id in a list of its own, and in one of an input below it. */
function hostileInputs(type: GraphQLInputObjectType): unknown[] {
  const lists = Object.values(type.getFields()).filter((field) => getNamedType(field.type).name === 'ID');
  const own = lists.flatMap(({ name }) => hostileIds.map((id) => ({ [name]: ['c', id] })));
  return [...own, ...own.map((input) => ({ or: [{ hasTenants: true }, { not: input }] }))];
}

/** Values of an argument with one hostile id or address in each. */
function hostileValues({ arg }: Place): unknown[] {
  const named = getNamedType(arg.type);
  if (isInputObjectType(named)) return hostileInputs(named);
  const one = addressNames.has(arg.name)
    ? hostileAddresses
    : globalIdNames.has(arg.name)
      ? [
          ...hostileIds.flatMap((id) => [
            globalId('Customer', id),
            globalId('Tenant', 'c', id),
            globalId('User', 'c', 't', id),
            globalId('User', 'c', id, 'u'),
          ]),
          'A'.repeat(100_000),
        ]
      : getNamedType(arg.type).name === '_Any'
        ? hostileIds.flatMap((id) => [
            { __typename: 'Customer', customerId: id },
            { __typename: 'Tenant', customerId: 'c', tenantId: id },
            { __typename: 'User', customerId: 'c', tenantId: 't', userId: id },
          ])
        : hostileIds;
  return isListType(getNullableType(arg.type)) ? one.map((value) => [value]) : one;
}

/** The first result of an operation. */
async function ask(type: string, document: string, variables: object): Promise<GraphQLAnswer<unknown>> {
  if (type !== 'Subscription') return gateway.queryText(`query ${document}`, variables);
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: `subscription ${document}`, variables }),
  });
  const [, event = ''] = /^data: (\{.*)$/m.exec(await response.text()) ?? [];
  return JSON.parse(event) as GraphQLAnswer<unknown>;
}

describe('an argument that names rows', () => {
  test('is found wherever there is one', () => {
    expect(places.map(({ type, field, arg }) => `${type}.${field}(${arg.name})`).toSorted()).toEqual([
      'Customer.tenant(tenantId)',
      'Query._entities(representations)',
      'Query.customer(customerId)',
      'Query.customers(customerIds)',
      'Query.customers(filter)',
      'Query.node(id)',
      'Query.nodes(ids)',
      'Query.protectionStatuses(customers)',
      'Query.protectionSummary(filter)',
      'Query.tenant(customerId)',
      'Query.tenant(tenantId)',
      'Query.user(customerId)',
      'Query.user(tenantId)',
      'Query.user(userId)',
      'Query.users(customers)',
      'Subscription.protectionReport(filter)',
      'Tenant.protectionStatuses(emails)',
      'Tenant.user(email)',
      'Tenant.users(userIds)',
    ]);
  });

  test.each(places.map((place) => [`${place.type}.${place.field}(${place.arg.name})`, place] as const))(
    'refuses what can be no id or address, and asks nothing of the upstream: %s',
    async (_name, place) => {
      const { type, field, arg, args, hasSelection } = place;
      const others = args.filter((other) => other !== arg && isRequiredArgument(other));
      for (const value of hostileValues(place)) {
        gateway.calls.length = 0;
        const given = [...others.map(({ name }) => `${name}: "c"`), `${arg.name}: $value`].join(', ');
        const document = around[type]?.(`${field}(${given}) ${hasSelection ? '{ __typename }' : ''}`);
        expect(document).toBeDefined();
        const { errors } = await ask(type, `($value: ${String(arg.type)}) ${document ?? ''}`, { value });
        expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['BAD_USER_INPUT']);
        const message = errors?.[0]?.message ?? '';
        // A list of global ids is refused id by id.
        expect(message.startsWith(arg.name === 'ids' ? 'id' : arg.name)).toBe(true);
        // A hundred characters of the value, each escaped at most, and the words around them.
        expect(message.length).toBeLessThan(1000);
        // Of the object around it, its own row at most.
        const asked = gateway.calls.map(({ path }) => path);
        expect(
          asked.filter((path) => type === 'Query' || !path.endsWith('/general/customers/batch')),
        ).toEqual([]);
      }
    },
  );
});
