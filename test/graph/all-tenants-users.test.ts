/** Users of many customers as one list, against a naive walk through the upstream's rows. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { GatewayUnderTest, GraphQLAnswer } from '../gateway-under-test.ts';
import { useGateways, withGateway } from '../use-gateway.ts';
import {
  EstateUsersDocument,
  type EstateUsersQuery,
  type EstateUsersQueryVariables,
} from '../generated/operations.ts';
import { customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';
import {
  customerHolds,
  naiveOrder,
  randomCustomerFilter,
  randomUserFilter,
  randomUserOrder,
  userHolds,
  userValue,
} from './naive-queries.ts';
import { protectionOf, randomWorld } from './random-world.ts';
import { stormSize } from '../storms.ts';

const start = useGateways();

interface SeenUser {
  readonly tenantId: string;
  readonly userId: string;
  readonly email: string | null;
}

async function pageThrough(
  gateway: GatewayUnderTest,
  rowQuery: Pick<EstateUsersQueryVariables, 'customers' | 'filter' | 'orderBy' | 'counts'>,
  size: number,
  isForward: boolean,
): Promise<{ users: SeenUser[]; totalCount: number | undefined }> {
  const users: SeenUser[] = [];
  let cursor: string | null = null;
  for (;;) {
    const window: object = isForward ? { first: size, after: cursor } : { last: size, before: cursor };
    const { data, errors }: GraphQLAnswer<EstateUsersQuery> = await gateway.query(EstateUsersDocument, {
      ...rowQuery,
      ...window,
    });
    expect(errors).toBeUndefined();
    const page = data?.users;
    expect(page?.missing).toEqual([]);
    const shown = (page?.nodes ?? []).map(({ userId, tenant, protection }) => ({
      tenantId: tenant?.tenantId ?? '',
      userId,
      email: protection?.email ?? null,
    }));
    expect(shown.length).toBeLessThanOrEqual(size);
    if (isForward) users.push(...shown);
    else users.unshift(...shown);
    if (shown.length > 0) {
      const isBehind = isForward ? page?.pageInfo.hasPreviousPage : page?.pageInfo.hasNextPage;
      expect(isBehind).toBe(users.length > shown.length);
    }
    cursor = (isForward ? page?.pageInfo.endCursor : page?.pageInfo.startCursor) ?? null;
    const isMore = isForward ? page?.pageInfo.hasNextPage : page?.pageInfo.hasPreviousPage;
    if (isMore !== true) return { users, totalCount: page?.totalCount };
  }
}

test('users of many customers are filtered and ordered as by hand, window by window and both ways', async () => {
  await fc.assert(
    fc.asyncProperty(
      randomWorld({ customers: 6, users: 40 }).chain((world) => {
        const tenants = Object.values(world.tenants);
        const allTenants = {
          users: tenants.flatMap(({ users }) => users),
          protection: tenants.flatMap(({ protection }) => protection),
        };
        return fc.record({
          world: fc.constant(world),
          customers: fc.option(randomCustomerFilter(world.customers), { nil: undefined }),
          filter: fc.option(randomUserFilter(allTenants), { nil: undefined }),
          orderBy: fc.oneof(fc.constant(undefined), randomUserOrder),
          size: fc.integer({ min: 5, max: 60 }),
          isForward: fc.boolean(),
          counts: fc.boolean(),
        });
      }),
      async ({ world, size, isForward, ...rowQuery }) => {
        const { customers, filter, orderBy = [], counts } = rowQuery;
        const held = world.customers
          .filter((customer) => customers === undefined || customerHolds(customers, customer))
          .flatMap(({ id, tenants }) =>
            (tenants ?? []).flatMap((row) => {
              const tenant = world.tenants[`${id}/${row.id}`] ?? { users: [], protection: [] };
              return tenant.users
                .filter((user) => filter === undefined || userHolds(filter, user, tenant))
                .map((user) => ({
                  user,
                  tenant,
                  name: JSON.stringify([id, row.id, user.id]),
                  tenantId: row.id,
                }));
            }),
          );
        const expected =
          orderBy.length === 0
            ? held
            : naiveOrder(
                held,
                orderBy,
                ({ user, tenant }, key) => userValue(tenant)(user, key),
                ({ name }) => name,
              );
        await withGateway({ world }, async (gateway) => {
          const { users, totalCount } = await pageThrough(gateway, rowQuery, size, isForward);
          expect(users).toEqual(
            expected.map(({ user, tenant, tenantId }) => ({
              tenantId,
              userId: user.id,
              email: protectionOf(user, tenant)?.email ?? null,
            })),
          );
          if (counts) expect(totalCount).toBe(expected.length);
        });
      },
    ),
    { numRuns: stormSize(60, 20) },
  );
});

describe('a list of the users of many customers', () => {
  const world: WorldData = {
    customers: Array.from({ length: 12 }, (_, index) =>
      customerRow({ id: `c${index}`, tenants: [{ id: `t${index}`, name: null }] }),
    ),
    directory: [],
    tenants: Object.fromEntries(
      Array.from({ length: 12 }, (_, tenant) => [
        `c${tenant}/t${tenant}`,
        {
          users: Array.from({ length: 10 }, (__, user) => userRow({ id: `u${tenant}-${user}` })),
          protection: Array.from({ length: 10 }, (__, user) =>
            protectionRow(`u${tenant}-${user}@example.com`, {
              moduleStatus: [{ module: 0, isProtected: user > 0 }],
            }),
          ),
        },
      ]),
    ),
  };
  const unprotected = { protection: { module: 'MAILBOX', isProtected: false } } as const;

  test('reads no more tenants than its window reaches', async () => {
    const gateway = await start({ world });
    const { data } = await gateway.query(EstateUsersDocument, { first: 8, counts: false });
    expect(data?.users?.nodes).toHaveLength(8);
    const lists = () =>
      gateway.calls.filter(({ path }) => path.endsWith('/um/customers/c0/tenants/t0/users/batch'));
    expect(lists()).toHaveLength(1);
    expect(gateway.calls.filter(({ path }) => path.includes('/um/'))).toHaveLength(1);
  });

  test('goes on without the tenants that can’t be read, and names them', async () => {
    const gateway = await start({
      world,
      intercept: ({ path }) =>
        path.includes('/tenants/t3/') ? { status: 500, headers: {}, body: '' } : undefined,
    });
    const { data, errors } = await gateway.query(EstateUsersDocument, {
      filter: unprotected,
      counts: true,
    });
    expect(errors).toBeUndefined();
    expect(data?.users).toMatchObject({
      totalCount: 11,
      isComplete: false,
      missing: [{ customerId: 'c3', tenantId: 't3', code: 'UPSTREAM_UNAVAILABLE' }],
    });
    expect(data?.users?.nodes.map(({ userId }) => userId)).not.toContain('u3-0');
    expect(gateway.reported).toEqual([]);
  });

  test('goes on behind a customer that has gone', async () => {
    let now = 0;
    const customers = [...world.customers];
    const gateway = await start({ world: { ...world, customers }, clock: () => now });
    const first = await gateway.query(EstateUsersDocument, {
      filter: unprotected,
      first: 4,
      counts: false,
    });
    expect(first.data?.users?.nodes.map(({ userId }) => userId)).toEqual(['u0-0', 'u1-0', 'u2-0', 'u3-0']);
    customers.splice(2, 2);
    now += 3_600_000;
    const second = await gateway.query(EstateUsersDocument, {
      filter: unprotected,
      first: 3,
      after: first.data?.users?.pageInfo.endCursor ?? null,
      counts: false,
    });
    expect(second.data?.users?.nodes.map(({ userId }) => userId)).toEqual(['u4-0', 'u5-0', 'u6-0']);
  });
});

test.each(['', 'orderBy: DISPLAY_NAME_ASC', 'orderBy: PROTECTION_ASC'])(
  'a tenant that fails midway counts for nothing, %s',
  async (order) => {
    // Users of ACME match without their protection; the last one needs it.
    const tenantOf = (id: string) => ({
      users: Array.from({ length: 9 }, (_, index) =>
        userRow({ id: `${id}${index}`, company: index < 8 ? 'ACME' : null }),
      ),
      protection: [],
    });
    const gateway = await start({
      world: {
        customers: ['a', 'b'].map((id) => customerRow({ id, tenants: [{ id: `t-${id}`, name: id }] })),
        directory: [],
        tenants: { 'a/t-a': tenantOf('a'), 'b/t-b': tenantOf('b') },
      },
      intercept: ({ path }) =>
        path.includes('/t-a/cloud-backup-m365/') ? { status: 404, body: '{}' } : undefined,
    });
    const filter = 'filter: { or: [{ company: "ACME" }, { protection: { state: UNPROTECTED } }] }';
    const { data } = await gateway.queryText(
      `{ users(${filter}, ${order}) { totalCount missing { tenantId } nodes { tenantId } } }`,
    );
    expect(data?.['users']).toEqual({
      totalCount: 8,
      missing: [{ tenantId: 't-a' }],
      nodes: Array.from({ length: 8 }, () => ({ tenantId: 't-b' })),
    });
  },
);
