/** This gateway as one of two subgraphs, behind a federation gateway that composes and plans as those in use do. */
import { ApolloGateway, IntrospectAndCompose } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { startStandaloneServer } from '@apollo/server/standalone';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openEndpoint } from '../gateway-under-test.ts';
import { useGateway, useGateways } from '../use-gateway.ts';
import { customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';

const users = Array.from({ length: 250 }, (_, index) =>
  userRow({ id: `u-${index}`, mail: `u-${index}@x.example` }),
);
const world: WorldData = {
  customers: ['a', 'b', 'c'].map((id) =>
    customerRow({ id, organization: `Org ${id}`, tenants: [{ id: `${id}-t`, name: `Tenant ${id}` }] }),
  ),
  directory: [],
  tenants: {
    'a/a-t': { users, protection: users.slice(0, 200).map(({ mail }) => protectionRow(mail ?? '')) },
    'b/b-t': {
      users: [userRow({ id: 'x', mail: 'x@x.example' })],
      protection: [protectionRow('x@x.example')],
    },
    'c/c-t': { users: [], protection: [] },
  },
};
const startGateway = useGateways({ world });

/** Invoices and tickets: they add to customers, and refer to users and tenants. */
const billing = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
  directive @link(url: String, as: String, import: [link__Import]) repeatable on SCHEMA
  directive @key(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
  directive @shareable repeatable on OBJECT | FIELD_DEFINITION
  scalar link__Import
  scalar federation__FieldSet
  scalar _Any
  union _Entity = Customer
  type _Service { sdl: String }
  type PageInfo @shareable {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }
  type Customer @key(fields: "customerId") {
    customerId: ID!
    openInvoices: Int!
  }
  type Tenant @key(fields: "customerId tenantId", resolvable: false) {
    customerId: ID!
    tenantId: ID!
  }
  type User @key(fields: "customerId tenantId userId", resolvable: false) {
    customerId: ID!
    tenantId: ID!
    userId: ID!
  }
  type Ticket {
    title: String!
    customer: Customer
    tenant: Tenant
    reporter: User
  }
  type Query {
    tickets: [Ticket!]!
    pages: PageInfo
    _service: _Service!
    _entities(representations: [_Any!]!): [_Entity]!
  }
`;

const tickets = [
  ...Array.from({ length: 120 }, (_, index) => ({
    title: `Ticket ${index}`,
    customer: { customerId: 'a' },
    tenant: { customerId: 'a', tenantId: 'a-t' },
    reporter: { customerId: 'a', tenantId: 'a-t', userId: `u-${index}` },
  })),
  {
    title: 'Of others',
    customer: { customerId: 'b' },
    tenant: { customerId: 'b', tenantId: 'b-t' },
    reporter: { customerId: 'b', tenantId: 'b-t', userId: 'x' },
  },
  {
    title: 'Of an unknown user',
    customer: { customerId: 'gone' },
    tenant: { customerId: 'a', tenantId: 'gone' },
    reporter: { customerId: 'a', tenantId: 'a-t', userId: 'gone' },
  },
];

function createBilling(): ApolloServer {
  const schema = makeExecutableSchema({
    typeDefs: billing,
    resolvers: {
      Query: {
        tickets: () => tickets,
        _service: () => ({ sdl: billing }),
        _entities: (_root: unknown, { representations }: { representations: { customerId: string }[] }) =>
          representations.map(({ customerId }) => ({
            __typename: 'Customer',
            customerId,
            openInvoices: customerId.charCodeAt(0) - 96,
          })),
      },
    },
  });
  return new ApolloServer({ schema, plugins: [ApolloServerPluginInlineTraceDisabled()] });
}

const gateway = useGateway({ world });

describe('behind a federation gateway', () => {
  const other = createBilling();
  let supergraph: ApolloServer;
  beforeAll(async () => {
    const { url } = await startStandaloneServer(other, { listen: { port: 0, host: '127.0.0.1' } });
    supergraph = new ApolloServer({
      gateway: new ApolloGateway({
        supergraphSdl: new IntrospectAndCompose({
          subgraphs: [
            { name: 'elements', url: `${gateway.url}/graphql` },
            { name: 'billing', url },
          ],
        }),
      }),
    });
    await supergraph.start();
  });
  afterAll(async () => {
    await supergraph.stop();
    await other.stop();
  });

  async function ask(query: string): Promise<{ data: unknown; calls: string[] }> {
    gateway.calls.length = 0;
    const { body } = await supergraph.executeOperation({ query });
    if (body.kind !== 'single') throw new Error('It came in parts.');
    expect(body.singleResult.errors).toBeUndefined();
    return { data: body.singleResult.data, calls: gateway.calls.map(({ path }) => path) };
  }

  test("a customer has this graph's fields and the other subgraph's", async () => {
    const { data } = await ask('{ customers { nodes { organization openInvoices } } }');
    expect(data).toEqual({
      customers: {
        nodes: [
          { organization: 'Org a', openInvoices: 1 },
          { organization: 'Org b', openInvoices: 2 },
          { organization: 'Org c', openInvoices: 3 },
        ],
      },
    });
  });

  test('references of every kind are resolved, and those to nothing are null', async () => {
    const { data } = await ask(`{
      tickets {
        title
        customer { organization }
        tenant { name users(first: 1) { totalCount } }
        reporter { mail protection { isProtected } tenant { customer { openInvoices } } }
      }
    }`);
    const found = (data as { tickets: { title: string }[] }).tickets;
    expect(found).toHaveLength(tickets.length);
    expect(found[7]).toEqual({
      title: 'Ticket 7',
      customer: { organization: 'Org a' },
      tenant: { name: 'Tenant a', users: { totalCount: 250 } },
      reporter: {
        mail: 'u-7@x.example',
        protection: { isProtected: true },
        tenant: { customer: { openInvoices: 1 } },
      },
    });
    expect(found.slice(120)).toEqual([
      {
        title: 'Of others',
        customer: { organization: 'Org b' },
        tenant: { name: 'Tenant b', users: { totalCount: 1 } },
        reporter: expect.objectContaining({ mail: 'x@x.example' }),
      },
      {
        title: 'Of an unknown user',
        customer: { organization: null },
        tenant: { name: null, users: null },
        reporter: { mail: null, protection: null, tenant: null },
      },
    ]);
  });
});

describe('references', () => {
  const representations = tickets.slice(0, 120).map(({ reporter }) => ({ __typename: 'User', ...reporter }));
  const byReference = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) { ... on User { mail protection { email } } }
  }`;

  test('cost the calls that the same objects cost by the fields of the root', async () => {
    const fresh = await startGateway();
    const same = await startGateway();
    const aliases = representations
      .slice(0, 40)
      .map(
        ({ customerId, tenantId, userId }, index) =>
          `u${index}: user(customerId: "${customerId}", tenantId: "${tenantId}", userId: "${userId}") { mail protection { email } }`,
      );
    const answer = await fresh.queryText(byReference, { representations: representations.slice(0, 40) });
    const expected = await same.queryText(`{ ${aliases.join(' ')} }`);
    expect(answer.data?.['_entities']).toEqual(Object.values(expected.data ?? {}));
    expect(fresh.calls.map(({ path, body }) => [path, body])).toEqual(
      same.calls.map(({ path, body }) => [path, body]),
    );
    expect(fresh.calls.length).toBeLessThanOrEqual(4);
  });

  test('to tenants among others read only what a tenant needs', async () => {
    const fresh = await startGateway();
    const { data } = await fresh.queryText(
      `query ($representations: [_Any!]!) { _entities(representations: $representations) {
          ... on Tenant { tenantId users(first: 2) { totalCount } } ... on User { mail } } }`,
      {
        representations: [
          { __typename: 'Tenant', customerId: 'b', tenantId: 'b-t' },
          { __typename: 'User', customerId: 'b', tenantId: 'b-t', userId: 'x' },
        ],
      },
    );
    expect(data).toEqual({
      _entities: [{ tenantId: 'b-t', users: { totalCount: 1 } }, { mail: 'x@x.example' }],
    });
    expect(fresh.calls.filter(({ path }) => path.includes('customers/batch'))).toEqual([]);
  });

  test.each([
    ['text', 'representations[0]: expected an object, but got "text".'],
    [{}, 'representations[0].__typename: expected the name of an entity, but got nothing.'],
    [
      { __typename: 'Query' },
      'representations[0].__typename: expected the name of an entity, but got "Query".',
    ],
    [{ __typename: 'Customer' }, 'representations[0].customerId: expected an id, but got nothing.'],
    [
      { __typename: 'User', customerId: 'a', tenantId: ['a-t'], userId: 'x' },
      'representations[0].tenantId: expected an id, but got ["a-t"].',
    ],
  ])('say what is wrong with %j', async (representation, message) => {
    const { errors } = await gateway.queryText(byReference, { representations: [representation] });
    expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test('are a thousand at most', async () => {
    const { errors } = await gateway.queryText(byReference, {
      representations: Array.from({ length: 1001 }, () => representations[0]),
    });
    expect(errors).toMatchObject([
      {
        message: 'representations: expected 1000 ids at most, but got 1001.',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
  });
});

test('the schema is hidden if introspection is off', async () => {
  const closed = await startGateway({
    endpoint: { ...openEndpoint, hasIntrospection: false },
  });
  expect(await closed.queryText('{ _service { sdl } }')).toEqual({ data: { _service: { sdl: null } } });
  const open = await gateway.queryText('{ _service { sdl } }');
  expect((open.data?.['_service'] as { sdl: string }).sdl).toContain(
    'type Customer implements Node @key(fields: "customerId")',
  );
});
