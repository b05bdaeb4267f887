/** Filters and orders against naive ones over the upstream's rows. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { startGatewayUnderTest, type GatewayUnderTest, type GraphQLAnswer } from '../gateway-under-test.ts';
import { useGateways, withGateway } from '../use-gateway.ts';
import {
  FilteredCustomersDocument,
  FilteredStatusesDocument,
  FilteredUsersByIdDocument,
  FilteredUsersDocument,
  type FilteredCustomersQuery,
  type FilteredCustomersQueryVariables,
  type FilteredStatusesQuery,
  type FilteredStatusesQueryVariables,
  type FilteredUsersQueryVariables,
  type ProtectionStatusFilter,
  type UserFilter,
} from '../generated/operations.ts';
import { customerRow, userRow, worldOfTenant, type TenantData } from '../world-of.ts';
import {
  customerHolds,
  naiveOrder,
  randomCustomerFilter,
  randomCustomerOrder,
  randomStatusFilter,
  randomStatusOrder,
  randomUserFilter,
  randomUserOrder,
  stateOf,
  statusHolds,
  statusValue,
  userHolds,
  userValue,
} from './naive-queries.ts';
import { selectiveShare } from './random-filters.ts';
import { protectionOf, randomTenant, randomWorld, shown } from './random-world.ts';
import { stormSize } from '../storms.ts';

const start = useGateways();

const runs = { numRuns: stormSize(40, 12) };

/** Pages through a tenant's users in one direction; the ids in the order of the list. */
async function pageThroughUsers(
  gateway: GatewayUnderTest,
  rowQuery: Pick<FilteredUsersQueryVariables, 'filter' | 'orderBy'>,
  size: number,
  isForward: boolean,
): Promise<{ ids: string[]; totalCount: number | undefined }> {
  const ids: string[] = [];
  let cursor: string | null = null;
  let totalCount: number | undefined;
  for (;;) {
    const window: object = isForward ? { first: size, after: cursor } : { last: size, before: cursor };
    const { data, errors } = await gateway.query(FilteredUsersDocument, { ...rowQuery, ...window });
    expect(errors).toBeUndefined();
    const users = data?.tenant?.users;
    const page = users?.nodes.map(({ userId }) => userId) ?? [];
    totalCount = users?.totalCount;
    expect(users?.isComplete).toBe(true);
    expect(users?.edges.at(0)?.cursor ?? null).toBe(users?.pageInfo.startCursor);
    expect(page.length).toBeLessThanOrEqual(size);
    if (isForward) ids.push(...page);
    else ids.unshift(...page);
    // Rows already shown are on the other side.
    const isBehind = isForward ? users?.pageInfo.hasPreviousPage : users?.pageInfo.hasNextPage;
    if (page.length > 0) expect(isBehind).toBe(ids.length > page.length);
    const isMore = isForward ? users?.pageInfo.hasNextPage : users?.pageInfo.hasPreviousPage;
    cursor = (isForward ? users?.pageInfo.endCursor : users?.pageInfo.startCursor) ?? null;
    if (isMore !== true) return { ids, totalCount };
  }
}

describe.each(['singular', 'plural'] as const)('in the %s dialect', (dialect) => {
  test('users are filtered and ordered as by hand, window by window and both ways', async () => {
    const cases = randomTenant('t', 240).chain((tenant) =>
      fc.record({
        tenant: fc.constant(tenant),
        filter: randomUserFilter(tenant),
        orderBy: randomUserOrder,
        size: fc.integer({ min: 20, max: 200 }),
        isForward: fc.boolean(),
      }),
    );
    const matches = ({ tenant, filter }: { tenant: TenantData; filter: UserFilter }) =>
      tenant.users.filter((user) => userHolds(filter, user, tenant));
    const share = selectiveShare(cases, (one) => ({
      matched: matches(one).length,
      all: one.tenant.users.length,
    }));
    expect(share).toBeGreaterThan(1 / 2);
    await fc.assert(
      fc.asyncProperty(cases, async ({ tenant, filter, orderBy, size, isForward }) => {
        const held = matches({ tenant, filter });
        const expected =
          orderBy.length === 0 ? held : naiveOrder(held, orderBy, userValue(tenant), ({ id }) => id);
        await withGateway({ world: worldOfTenant(tenant), dialect }, async (gateway) => {
          const { ids, totalCount } = await pageThroughUsers(gateway, { filter, orderBy }, size, isForward);
          expect(ids).toEqual(expected.map(({ id }) => id));
          expect(totalCount).toBe(expected.length);
          // Users by id are looked up if that is cheaper, and filtered and ordered alike.
          const wanted = tenant.users.filter((_user, index) => index % 7 === 3).reverse();
          const some = await gateway.query(FilteredUsersByIdDocument, {
            ids: wanted.map(({ id }) => id),
            filter,
            orderBy,
          });
          const heldByHand = wanted.filter((user) => userHolds(filter, user, tenant));
          expect(some.errors).toBeUndefined();
          expect(some.data?.tenant?.users?.nodes.map(({ userId }) => userId)).toEqual(
            (orderBy.length === 0
              ? heldByHand
              : naiveOrder(heldByHand, orderBy, userValue(tenant), ({ id }) => id)
            ).map(({ id }) => id),
          );
        });
      }),
      runs,
    );
  });

  test('protection rows are filtered and ordered as by hand', async () => {
    const cases = randomTenant('t', 150).chain((tenant) =>
      fc.record({
        tenant: fc.constant(tenant),
        filter: randomStatusFilter(tenant),
        orderBy: randomStatusOrder,
        size: fc.integer({ min: 10, max: 200 }),
      }),
    );
    const matches = ({ tenant, filter }: { tenant: TenantData; filter: ProtectionStatusFilter }) =>
      tenant.protection.filter((row) => statusHolds(filter, row, tenant));
    const share = selectiveShare(cases, (one) => ({
      matched: matches(one).length,
      all: one.tenant.protection.length,
    }));
    expect(share).toBeGreaterThan(1 / 2);
    await fc.assert(
      fc.asyncProperty(cases, async ({ tenant, filter, orderBy, size }) => {
        const held = matches({ tenant, filter });
        const expected =
          orderBy.length === 0
            ? held
            : naiveOrder(
                held,
                orderBy,
                statusValue,
                // Only the later revision of the reference page has ids here.
                ({ id, email }) =>
                  `${dialect === 'plural' && id !== null ? `${id.length}:${id}` : 'none:'}${email?.toLowerCase() ?? ''}`,
              );
        await withGateway({ world: worldOfTenant(tenant), dialect }, async (gateway) => {
          const seen: unknown[] = [];
          let after: string | null = null;
          for (;;) {
            const variables: FilteredStatusesQueryVariables = { filter, orderBy, first: size, after };
            const { data, errors }: GraphQLAnswer<FilteredStatusesQuery> = await gateway.query(
              FilteredStatusesDocument,
              variables,
            );
            expect(errors).toBeUndefined();
            const statuses = data?.tenant?.protectionStatuses;
            expect(statuses?.totalCount).toBe(expected.length);
            seen.push(...(statuses?.nodes ?? []));
            after = statuses?.pageInfo.endCursor ?? null;
            if (statuses?.pageInfo.hasNextPage !== true) break;
          }
          expect(seen).toEqual(expected.map((row) => ({ email: row.email, state: stateOf(row) })));
        });
      }),
      runs,
    );
  });
});

test('customers are filtered and ordered as by hand, coverage included', async () => {
  const cases = randomWorld({ customers: 12, users: 12 }).chain((world) =>
    fc.record({
      world: fc.constant(world),
      filter: randomCustomerFilter(world.customers),
      orderBy: randomCustomerOrder,
      size: fc.integer({ min: 1, max: 6 }),
    }),
  );
  const share = selectiveShare(cases, ({ world: { customers }, filter }) => ({
    matched: customers.filter((customer) => customerHolds(filter, customer)).length,
    all: customers.length,
  }));
  expect(share).toBeGreaterThan(1 / 2);
  await fc.assert(
    fc.asyncProperty(cases, async ({ world, filter, orderBy, size }) => {
      const tenantsOf = (customerId: string, ids: readonly { id: string }[] | null): TenantData[] =>
        (ids ?? []).flatMap(({ id }) => world.tenants[`${customerId}/${id}`] ?? []);
      const measures = new Map(
        world.customers.map(({ id, tenants }) => {
          const users = tenantsOf(id, tenants).flatMap((tenant) =>
            tenant.users.map((user) => stateOf(protectionOf(user, tenant))),
          );
          const covered = users.filter((state) => state === 'PROTECTED').length;
          return [
            id,
            { userCount: users.length, coverage: users.length === 0 ? null : covered / users.length },
          ];
        }),
      );
      const held = world.customers.filter((customer) => customerHolds(filter, customer));
      const expected =
        orderBy.length === 0
          ? held
          : naiveOrder(
              held,
              orderBy,
              ({ id, organization, countryOrRegion, tenants }, key) => {
                if (key === 'ORGANIZATION') return shown(organization);
                if (key === 'COUNTRY_OR_REGION') return shown(countryOrRegion);
                if (key === 'TENANT_COUNT') return tenants?.length ?? 0;
                const measure = measures.get(id);
                return (key === 'COVERAGE' ? measure?.coverage : measure?.userCount) ?? null;
              },
              ({ id }) => id,
            );
      await withGateway({ world }, async (gateway) => {
        const seen: unknown[] = [];
        let after: string | null = null;
        for (;;) {
          const variables: FilteredCustomersQueryVariables = { filter, orderBy, first: size, after };
          const { data, errors }: GraphQLAnswer<FilteredCustomersQuery> = await gateway.query(
            FilteredCustomersDocument,
            variables,
          );
          expect(errors).toBeUndefined();
          expect(data?.customers).toMatchObject({
            totalCount: expected.length,
            isComplete: true,
            missing: [],
          });
          seen.push(...(data?.customers?.nodes ?? []));
          after = data?.customers?.pageInfo.endCursor ?? null;
          if (data?.customers?.pageInfo.hasNextPage !== true) break;
        }
        expect(seen).toEqual(
          expected.map(({ id }) => ({ customerId: id, protectionSummary: measures.get(id) })),
        );
      });
    }),
    runs,
  );
});

describe('what a query costs', () => {
  const tenant: TenantData = {
    users: Array.from({ length: 250 }, (_, index) =>
      userRow({ id: `u${index}`, department: index % 50 === 7 ? 'Sales' : 'Research' }),
    ),
    protection: Array.from({ length: 250 }, (_, index) => ({
      id: null,
      email: `u${index}@example.com`,
      displayName: null,
      moduleStatus: [{ module: 0, isProtected: index % 2 === 0 }],
    })),
  };

  test('a scan, which serves every later window, filter and order', async () => {
    await withGateway({ world: worldOfTenant(tenant) }, async (gateway) => {
      const ask = (variables: FilteredUsersQueryVariables) => gateway.query(FilteredUsersDocument, variables);
      await ask({ filter: { department: 'Research' }, first: 10 });
      const scanned = gateway.calls.length;
      expect(scanned).toBe(3);
      await ask({ filter: { department: 'sales' }, first: 10 });
      await ask({ orderBy: ['MAIL_DESC'], first: 10 });
      await ask({ filter: { not: { search: 'u1' } }, orderBy: ['DEPARTMENT_ASC', 'MAIL_ASC'], last: 10 });
      expect(gateway.calls.length).toBe(scanned);
    });
  });

  test('protection rows by key for the few users that the rest of the filter leaves', async () => {
    await withGateway({ world: worldOfTenant(tenant) }, async (gateway) => {
      const { data } = await gateway.query(FilteredUsersDocument, {
        filter: { department: 'Sales', protection: { isProtected: false } },
      });
      expect(data?.tenant?.users?.nodes.map(({ userId }) => userId)).toEqual([
        'u7',
        'u57',
        'u107',
        'u157',
        'u207',
      ]);
      expect(gateway.calls.filter(({ path }) => path.includes('cloud-backup-m365'))).toHaveLength(1);
    });
  });

  test('both lists at once if the protection of all users is needed', async () => {
    await withGateway({ world: worldOfTenant(tenant) }, async (gateway) => {
      const answer = await gateway.query(
        FilteredUsersDocument,
        { filter: { protection: { state: 'UNPROTECTED' } }, first: 1000 },
        { headers: { 'x-explain': 'true' } },
      );
      expect(answer.data?.tenant?.users?.totalCount).toBe(125);
      expect(answer.extensions?.upstream?.calls).toBe(6);
      expect(answer.extensions?.upstream?.roundTrips).toBe(2);
    });
  });
});

describe('a cursor', () => {
  const users = Array.from({ length: 230 }, (_, index) => userRow({ id: `u${index}`, department: 'Sales' }));
  const world = worldOfTenant({ users, protection: [] });

  test('belongs to its filter and its order', async () => {
    await withGateway({ world }, async (gateway) => {
      const ask = (variables: FilteredUsersQueryVariables) => gateway.query(FilteredUsersDocument, variables);
      const filter = { department: 'Sales' };
      const cursors = await Promise.all(
        [{ filter }, { filter, orderBy: ['MAIL_ASC' as const] }, { filter: { search: 'u' } }, {}].map(
          async (rowQuery) => {
            const { data } = await ask({ ...rowQuery, first: 3 });
            return { rowQuery, cursor: data?.tenant?.users?.pageInfo.endCursor ?? null };
          },
        ),
      );
      for (const { rowQuery, cursor } of cursors) {
        for (const other of cursors) {
          const { errors } = await ask({ ...rowQuery, first: 3, after: other.cursor });
          if (other.cursor === cursor) {
            expect(errors).toBeUndefined();
          } else {
            expect(errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
            expect(errors?.[0]?.message).toMatch(
              /^after: expected a cursor of this filter and order, but got "/,
            );
          }
        }
      }
    });
  });

  test.each([
    { filter: { department: 'Sales' }, orderBy: [] },
    { filter: { department: 'Sales' }, orderBy: ['DEPARTMENT_DESC' as const, 'MAIL_ASC' as const] },
    { filter: null, orderBy: [] },
  ])(
    'shows every row that stays exactly once, whatever comes and goes: $filter, $orderBy',
    async ({ filter, orderBy }) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            // If a list is not read whole, a change that keeps its length may go unnoticed.
            fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: filter === null ? 1 : 4 }),
            { minLength: 4, maxLength: 12 },
          ),
          fc.boolean(),
          async (changes, isForward) => {
            let now = 0;
            const tenant = { users: [...users], protection: [] };
            const gateway = await startGatewayUnderTest({
              world: worldOfTenant(tenant),
              clock: () => now,
            });
            try {
              const gone = new Set<string>();
              const seen: string[] = [];
              let cursor: string | null = null;
              for (let step = 0; ; step++) {
                const window: object = isForward
                  ? { first: 30, after: cursor }
                  : { last: 30, before: cursor };
                const { data, errors } = await gateway.query(FilteredUsersDocument, {
                  filter,
                  orderBy,
                  ...window,
                });
                expect(errors).toBeUndefined();
                const page = data?.tenant?.users;
                seen.push(...(page?.nodes.map(({ userId }) => userId) ?? []));
                cursor = (isForward ? page?.pageInfo.endCursor : page?.pageInfo.startCursor) ?? null;
                if ((isForward ? page?.pageInfo.hasNextPage : page?.pageInfo.hasPreviousPage) !== true) break;
                for (const [index, [place, comes]] of (changes[step] ?? []).entries()) {
                  const at = place % tenant.users.length;
                  const row = userRow({ id: `new${step}-${index}`, department: 'Sales' });
                  if (comes) tenant.users.splice(at, 0, row);
                  else gone.add(tenant.users.splice(at, 1)[0]?.id ?? '');
                }
                now += 3_600_000;
              }
              expect(new Set(seen).size).toBe(seen.length);
              const stayed = users.map(({ id }) => id).filter((id) => !gone.has(id));
              expect(stayed.filter((id) => !seen.includes(id))).toEqual([]);
            } finally {
              await gateway.stop();
            }
          },
        ),
        { numRuns: stormSize(25, 8) },
      );
    },
  );
});

test('a plain list goes on behind its cursor even if as many rows have come as have gone', async () => {
  let now = 0;
  const tenant = {
    users: Array.from({ length: 60 }, (_, index) => userRow({ id: `u${index}` })),
    protection: [],
  };
  const gateway = await start({ world: worldOfTenant(tenant), clock: () => now });
  const first = await gateway.query(FilteredUsersDocument, { first: 20 });
  // The cursor's row and another one before it go, and two come at the end.
  tenant.users.splice(19, 1);
  tenant.users.splice(3, 1);
  tenant.users.push(userRow({ id: 'u60' }), userRow({ id: 'u61' }));
  now += 3_600_000;
  const after = first.data?.tenant?.users?.pageInfo.endCursor ?? null;
  const second = await gateway.query(FilteredUsersDocument, { first: 3, after });
  expect(second.data?.tenant?.users?.nodes.map(({ userId }) => userId)).toEqual(['u20', 'u21', 'u22']);
  expect(gateway.calls).toHaveLength(2);
});

test('a filter of too many filters is refused by its name', async () => {
  await withGateway({ world: worldOfTenant({ users: [], protection: [] }) }, async (gateway) => {
    const many = { or: Array.from({ length: 120 }, (_, index) => ({ search: `u${index}` })) };
    const { errors } = await gateway.query(FilteredUsersDocument, { filter: many });
    expect(errors?.[0]?.message).toMatch(/^filter: expected 100 filters at most/);
    // Itself included.
    const asManyAsMayBe = { or: many.or.slice(0, 99) };
    const { data } = await gateway.query(FilteredUsersDocument, { filter: asManyAsMayBe });
    expect(data?.tenant?.users?.totalCount).toBe(0);
    const oneMore = await gateway.query(FilteredUsersDocument, { filter: { or: many.or.slice(0, 100) } });
    expect(oneMore.errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
  });
});

test('a filter that sets no predicate is none', async () => {
  const world = { ...worldOfTenant({ users: [], protection: [] }), customers: [customerRow({ id: 'a' })] };
  await withGateway({ world }, async (gateway) => {
    const { data } = await gateway.query(FilteredCustomersDocument, {
      filter: { search: ' ', or: [{}], and: [] },
      orderBy: [],
    });
    expect(data?.customers?.nodes).toHaveLength(1);
  });
});
