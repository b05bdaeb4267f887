/** The operations of examples/queries against a world with every quirk, in both dialects. */
import { describe, expect, test } from '@jest/globals';
import { useGateway } from '../use-gateway.ts';
import {
  ByNodeIdDocument,
  CustomerDirectoryDocument,
  OneUserDocument,
  SomeCustomersDocument,
} from '../generated/operations.ts';
import { customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';

const world: WorldData = {
  customers: [
    customerRow({
      id: 'c-1',
      organization: 'First',
      tenants: [
        { id: 't-1', name: 'North' },
        { id: 't-2', name: 'N/A' },
      ],
    }),
    customerRow({ id: 'c-2', organization: 'Second', jobStatus: 77, managementMode: 9 }),
    ...Array.from({ length: 150 }, (_, index) => customerRow({ id: `more-${index}` })),
  ],
  directory: [
    {
      id: 'c-1',
      organization: 'First',
      ownerEmail: 'one@example.com',
      jobStatus: 'Finished with exception',
      countryOrRegion: 'Japan',
    },
    { id: 'gone', organization: '', ownerEmail: null, jobStatus: 'Paused', countryOrRegion: 'N/A' },
  ],
  tenants: {
    'c-1/t-1': {
      users: [
        userRow({ id: 'u-1', displayName: 'Ada', mail: 'Ada@Example.com' }),
        userRow({ id: 'u-2', mail: null, userPrincipalName: 'Bo@Example.com' }),
        // The mail of one user is the principal name of another one.
        userRow({ id: 'u-3', mail: 'carl@example.com', userPrincipalName: 'ada@example.com' }),
      ],
      protection: [
        protectionRow('shared@example.com'),
        protectionRow('ADA@EXAMPLE.COM', {
          moduleStatus: [
            { module: 0, isProtected: true },
            { module: 99, isProtected: false },
          ],
        }),
        protectionRow('bo@example.com'),
      ],
    },
    'c-1/t-2': { users: [], protection: [] },
  },
};

describe.each(['singular', 'plural'] as const)('the example operations in the %s dialect', (dialect) => {
  const gateway = useGateway({ world, dialect });

  test('One walks down and up again', async () => {
    const { data, errors } = await gateway.query(OneUserDocument, {
      c: 'c-1',
      t: 't-1',
      u: 'u-1',
      email: 'BO@example.com',
    });
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      customer: {
        organization: 'First',
        tenant: { name: 'North' },
        directoryEntry: { jobStatus: 'FINISHED_WITH_EXCEPTION' },
      },
      tenant: {
        name: 'North',
        customer: { organization: 'First' },
        user: { userId: 'u-2' },
        protectionStatuses: {
          totalCount: 3,
          nodes: [
            { email: 'shared@example.com', user: null },
            { email: 'ADA@EXAMPLE.COM', user: { userId: 'u-1' } },
            { email: 'bo@example.com', user: { userId: 'u-2' } },
          ],
        },
      },
      user: {
        displayName: 'Ada',
        tenant: { name: 'North', customer: { organization: 'First' } },
        protection: { isProtected: false },
      },
    });
  });

  test('what does not exist is null, without an error', async () => {
    const nothing = await gateway.query(OneUserDocument, {
      c: 'absent',
      t: 'nothing',
      u: 'no one',
      email: 'x@example.com',
    });
    expect(nothing).toEqual({ data: { customer: null, tenant: null, user: null } });
    const other = await gateway.queryText(
      `{ customer(customerId: "c-1") { tenant(tenantId: "nothing") { name } }
         tenant(customerId: "c-1", tenantId: "t-2") { name users { totalCount nodes { userId } } user(email: "x") { userId } } }`,
    );
    expect(other).toEqual({
      data: {
        customer: { tenant: null },
        tenant: { name: null, users: { totalCount: 0, nodes: [] }, user: null },
      },
    });
  });

  test('Again reads every kind of node by its global id', async () => {
    const { data } = await gateway.queryText(
      `{ user(customerId: "c-1", tenantId: "t-1", userId: "u-1") { id tenant { id customer { id } } } }`,
    );
    const user = data?.['user'] as { id: string; tenant: { id: string; customer: { id: string } } };
    expect(await gateway.query(ByNodeIdDocument, { id: user.id })).toEqual({
      data: { node: { __typename: 'User', displayName: 'Ada' }, nodes: [{ id: user.id }] },
    });
    expect(
      await gateway.queryText(
        `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Tenant { name } ... on Customer { organization } } }`,
        { ids: [user.tenant.id, user.tenant.customer.id] },
      ),
    ).toEqual({
      data: {
        nodes: [
          { __typename: 'Tenant', id: user.tenant.id, name: 'North' },
          { __typename: 'Customer', id: user.tenant.customer.id, organization: 'First' },
        ],
      },
    });
  });

  test('Some returns the selected customers in their order, or all without a selection', async () => {
    const ids = ['more-140', 'absent', 'c-2', 'more-140', 'more-3'];
    const { data } = await gateway.query(SomeCustomersDocument, { ids });
    expect(data?.customers?.nodes.map(({ customerId }) => customerId)).toEqual(['more-140', 'c-2', 'more-3']);
    expect((await gateway.query(SomeCustomersDocument, { ids: [] })).data?.customers?.nodes).toEqual([]);
    expect((await gateway.query(SomeCustomersDocument, { ids: null })).data?.customers?.nodes).toHaveLength(
      50,
    );
  });

  test('Directory maps the older list’s words, keeps them, and finds the customer', async () => {
    const { data, errors } = await gateway.query(CustomerDirectoryDocument, {});
    expect(errors).toBeUndefined();
    expect(data?.directory).toEqual([
      {
        customerId: 'c-1',
        organization: 'First',
        ownerEmail: 'one@example.com',
        jobStatus: 'FINISHED_WITH_EXCEPTION',
        countryOrRegion: 'Japan',
        customer: { managementMode: 'PARTNER' },
      },
      {
        customerId: 'gone',
        organization: null,
        ownerEmail: null,
        jobStatus: 'UNKNOWN',
        countryOrRegion: null,
        customer: null,
      },
    ]);
    const raw = await gateway.queryText('{ directory { jobStatusCode jobStatusText } }');
    expect(raw.data).toEqual({
      directory: [
        { jobStatusCode: 5, jobStatusText: 'Finished with exception' },
        { jobStatusCode: null, jobStatusText: 'Paused' },
      ],
    });
  });

  test('unknown codes are UNKNOWN beside the code', async () => {
    const { data, errors } = await gateway.queryText(
      `{ customer(customerId: "c-2") { jobStatus jobStatusCode managementMode managementModeCode }
         user(customerId: "c-1", tenantId: "t-1", userId: "u-1") { protection { modules { module moduleCode isProtected } } } }`,
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      customer: { jobStatus: 'UNKNOWN', jobStatusCode: 77, managementMode: 'UNKNOWN', managementModeCode: 9 },
      user: {
        protection: {
          modules: [
            { module: 'MAILBOX', moduleCode: 0, isProtected: true },
            { module: 'UNKNOWN', moduleCode: 99, isProtected: false },
          ],
        },
      },
    });
  });

  test('thirty rows after the eighty-fifth take two pages', async () => {
    const start = await gateway.queryText('{ customers(first: 85) { pageInfo { endCursor } } }');
    const { endCursor } = (start.data?.['customers'] as { pageInfo: { endCursor: string } }).pageInfo;
    gateway.calls.length = 0;
    const { data } = await gateway.queryText(
      'query ($after: String) { customers(first: 30, after: $after) { nodes { customerId } } }',
      { after: endCursor },
      { headers: { 'cache-control': 'no-cache' } },
    );
    expect(data?.['customers']).toEqual({
      nodes: world.customers.slice(85, 115).map(({ id }) => ({ customerId: id })),
    });
    expect(gateway.calls.map(({ query }) => query.toString())).toEqual([
      'pageIndex=1&pageSize=100',
      'pageIndex=2&pageSize=100',
    ]);
    await gateway.queryText(
      'query ($after: String) { customers(first: 30, after: $after) { nodes { customerId } } }',
      { after: endCursor },
    );
    expect(gateway.calls).toHaveLength(2);
  });

  test('no row is fetched twice in a request, and the keys of one tenant go out together', async () => {
    gateway.calls.length = 0;
    const query = `{
      a: user(customerId: "c-1", tenantId: "t-1", userId: "u-1") { displayName tenant { name } }
      b: user(customerId: "c-1", tenantId: "t-1", userId: "u-2") { displayName tenant { name } }
      c: user(customerId: "c-1", tenantId: "t-1", userId: "u-1") { mail }
      customer(customerId: "c-1") { organization }
    }`;
    await gateway.queryText(query, {}, { headers: { 'cache-control': 'no-cache' } });
    expect(gateway.calls.map(({ path }) => path).sort()).toEqual([
      '/partner/external/v3/general/customers/batch',
      '/partner/external/v3/um/customers/c-1/tenants/t-1/users/batch',
    ]);
  });
});
