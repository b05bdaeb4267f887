/** Filtered and grouped summaries, against a naive count over the upstream's rows. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateways, withGateway } from '../use-gateway.ts';
import {
  CustomersByCoverageDocument,
  PopulationsDocument,
  type GroupedSummaryFragment,
  type UserFilter,
} from '../generated/operations.ts';
import type { UserGroupOrder } from '../../src/graph/generated/resolvers.ts';
import { maxGroups } from '../../src/reporting/population.ts';
import { tenantsOf, userRow, worldOfTenant, type TenantData, type WorldData } from '../world-of.ts';
import { randomUserFilter, userHolds } from './naive-queries.ts';
import { naiveGroups, naiveSummary, type NaiveGrouping } from './naive-summary.ts';
import { selectiveShare } from './random-filters.ts';
import { randomWorld } from './random-world.ts';
import { stormSize } from '../storms.ts';

const start = useGateways();

/** A world, and a filter of users that values of its rows are drawn for. */
const asked = (users: number, customers = 5) =>
  randomWorld({ customers, users }).chain((world) => {
    const all = Object.values(world.tenants);
    const filters = all.map((tenant) => randomUserFilter(tenant));
    const filter: fc.Arbitrary<UserFilter> = filters.length === 0 ? fc.constant({}) : fc.oneof(...filters);
    return fc.record({ world: fc.constant(world), filter });
  });

const groupings = {
  departments: 'DEPARTMENT',
  companies: 'COMPANY',
  jobTitles: 'JOB_TITLE',
  locations: 'LOCATION',
  countries: 'COUNTRY_OR_REGION',
  statuses: 'STATUS',
} as const satisfies Record<string, NaiveGrouping>;

const orders: Partial<Record<NaiveGrouping, UserGroupOrder>> = {
  COMPANY: 'COVERAGE_ASC',
  JOB_TITLE: 'COVERAGE_DESC',
  LOCATION: 'VALUE_ASC',
};

interface CoverageCase {
  readonly world: WorldData;
  readonly users: UserFilter | null;
  readonly ofFilter: UserFilter | null;
  readonly min: number | null;
  readonly range: { readonly above: number | null; readonly below: number | null };
}

function expectGrouped(
  seen: GroupedSummaryFragment | null | undefined,
  tenants: readonly TenantData[],
  filter: UserFilter,
): void {
  const holds = (user: TenantData['users'][number], tenant: TenantData) => userHolds(filter, user, tenant);
  expect(seen).toMatchObject(naiveSummary(tenants, holds));
  for (const [name, by] of Object.entries(groupings)) {
    const expected = naiveGroups(tenants, by, holds, orders[by]);
    const groups = seen?.[name as keyof typeof groupings];
    expect(groups?.totalCount).toBe(expected.length);
    expect(groups?.nodes).toEqual(
      expected.slice(0, 300).map((group) => ({ ...group, status: by === 'STATUS' ? group.value : null })),
    );
  }
}

describe.each(['singular', 'plural'] as const)('in the %s dialect', (dialect) => {
  test('filtered users are counted and grouped as a naive count does, at every level and in one reading', async () => {
    const cases = asked(130);
    const share = selectiveShare(cases, ({ world, filter }) => {
      const tenants = Object.values(world.tenants);
      const held = tenants.flatMap((tenant) =>
        tenant.users.filter((user) => userHolds(filter, user, tenant)),
      );
      return { matched: held.length, all: tenants.reduce((sum, { users }) => sum + users.length, 0) };
    });
    expect(share).toBeGreaterThan(1 / 3);
    await fc.assert(
      fc.asyncProperty(cases, async ({ world, filter }) => {
        const all = Object.values(world.tenants);
        const check = async (gateway: GatewayUnderTest, plain: GatewayUnderTest) => {
          const query = '{ protectionSummary { userCount } customers(first: 1000) { totalCount } }';
          await plain.queryText(query);
          const { data, errors } = await gateway.query(
            PopulationsDocument,
            { users: filter },
            { headers: { 'cache-control': 'no-cache' } },
          );
          expect(errors).toBeUndefined();
          expectGrouped(data?.protectionSummary, all, filter);
          expect(data?.everyone).toMatchObject(naiveSummary(all));
          const customers = world.customers.map(({ id, tenants }) => tenantsOf(world, id, tenants ?? []));
          for (const [index, node] of (data?.customers?.nodes ?? []).entries()) {
            expectGrouped(node.protectionSummary, customers[index] ?? [], filter);
            for (const [place, { protectionSummary }] of node.tenants.entries())
              expectGrouped(protectionSummary, customers[index]?.slice(place, place + 1) ?? [], filter);
          }
          const byCustomer = (data?.protectionSummary?.customers?.nodes ?? []).map((group) => {
            expect(group.customer?.customerId).toBe(group.value);
            return [group.value, group.userCount] as const;
          });
          expect(new Map(byCustomer)).toEqual(
            new Map(
              world.customers
                .map(({ id }, index) => {
                  const tenants = customers[index] ?? [];
                  return [
                    id,
                    naiveSummary(tenants, (user, tenant) => userHolds(filter, user, tenant)).userCount,
                  ] as const;
                })
                .filter(([, users]) => users > 0),
            ),
          );
          expect(gateway.calls.length).toBe(plain.calls.length);
          // What a group is called gives its users as a filter.
          const [largest] = data?.protectionSummary?.departments?.nodes ?? [];
          if (largest !== undefined) {
            const { value, userCount } = largest;
            const some = await gateway.query(PopulationsDocument, {
              users: { and: [filter, { department: value ?? '' }] },
            });
            expect(some.data?.protectionSummary?.userCount).toBe(userCount);
          }
        };
        await withGateway({ world, dialect }, (gateway) =>
          withGateway({ world, dialect }, (plain) => check(gateway, plain)),
        );
      }),
      { numRuns: stormSize(20, 6) },
    );
  });

  test('customers are filtered and ordered by the coverage of some of their users', async () => {
    const cases = asked(15, 12).chain(({ world, filter }) =>
      fc.record({
        world: fc.constant(world),
        users: fc.option(fc.constant(filter)),
        ofFilter: fc.option(fc.constant<UserFilter>({ status: { none: ['INACTIVE'] } })),
        min: fc.constantFrom(null, 0, 1, 5),
        // A range of both ends is empty too often for the filter to select some customers and leave others.
        range: fc.constantFrom(
          { above: null, below: null },
          ...[0, 0.2, 0.5].map((above) => ({ above, below: null })),
          ...[0.2, 0.5, 0.8, 1].map((below) => ({ above: null, below })),
          { above: 0, below: 0.8 },
          { above: 0.2, below: 1 },
        ),
      }),
    );
    const summaryOf = (world: WorldData, id: string, counted: UserFilter | null) => {
      const tenants = world.customers.find((customer) => customer.id === id)?.tenants ?? [];
      return naiveSummary(tenantsOf(world, id, tenants), (user, tenant) =>
        userHolds(counted ?? {}, user, tenant),
      );
    };
    const customersOf = (
      { world, ofFilter, min, range: { above, below } }: CoverageCase,
      counted: UserFilter | null,
    ) => {
      const isIn = (coverage: number | null) =>
        (above === null && below === null) ||
        (coverage !== null && coverage > (above ?? -1) && coverage < (below ?? 2));
      return world.customers.filter(
        ({ id }) =>
          isIn(summaryOf(world, id, ofFilter ?? counted).coverage) &&
          summaryOf(world, id, counted).userCount >= (min ?? 0),
      );
    };
    const share = selectiveShare(cases, (one) => ({
      matched: customersOf(one, one.users).length,
      all: one.world.customers.length,
    }));
    expect(share).toBeGreaterThan(1 / 8);
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const {
          world,
          users,
          ofFilter,
          min,
          range: { above, below },
        } = one;
        const held = (counted: UserFilter | null) => customersOf(one, counted);
        await withGateway({ world, dialect }, async (gateway) => {
          const { data, errors } = await gateway.query(CustomersByCoverageDocument, {
            filter: { coverage: { above, below, users: ofFilter }, userCount: { min } },
            users,
            orderBy: ['COVERAGE_DESC'],
          });
          expect(errors).toBeUndefined();
          const ids = data?.customers?.nodes.map(({ customerId }) => customerId) ?? [];
          expect(new Set(ids)).toEqual(new Set(held(users).map(({ id }) => id)));
          const coverages = ids.map((id) => summaryOf(world, id, users).coverage ?? -1);
          expect(coverages).toEqual([...coverages].sort((left, right) => right - left));
          const tenants = held(users).flatMap(({ id, tenants: theirs }) =>
            tenantsOf(world, id, theirs ?? []),
          );
          expect(data?.protectionSummary).toEqual({
            userCount: naiveSummary(tenants, (user, tenant) => userHolds(users ?? {}, user, tenant))
              .userCount,
            isComplete: true,
          });
          const ofAll = held(null).flatMap(({ id, tenants: theirs }) => tenantsOf(world, id, theirs ?? []));
          expect(data?.users?.totalCount).toBe(ofAll.reduce((sum, tenant) => sum + tenant.users.length, 0));
        });
      }),
      { numRuns: stormSize(20, 6) },
    );
  });
});

test('a cursor of groups belongs to their order, and leads on in it', async () => {
  const users = ['Sales', 'IT', 'Legal'].map((department, index) => userRow({ id: `u${index}`, department }));
  const gateway = await start({ world: worldOfTenant({ users, protection: [] }) });
  const windowOf = async (parameters: string) => {
    const { data, errors } = await gateway.queryText(
      `{ protectionSummary { groups(by: DEPARTMENT, ${parameters}) { nodes { value } pageInfo { endCursor } } } }`,
    );
    const { groups } = (
      data as {
        protectionSummary: {
          groups: { nodes: { value: string }[]; pageInfo: { endCursor: string } } | null;
        };
      }
    ).protectionSummary;
    return { values: groups?.nodes.map(({ value }) => value), end: groups?.pageInfo.endCursor, errors };
  };
  const { values, end = '' } = await windowOf('orderBy: VALUE_ASC, first: 2');
  expect(values).toEqual(['IT', 'Legal']);
  expect((await windowOf(`orderBy: VALUE_ASC, after: "${end}"`)).values).toEqual(['Sales']);
  const other = await windowOf(`orderBy: COVERAGE_ASC, after: "${end}"`);
  expect(other.errors?.[0]?.message).toMatch(/^after: /);
  const usual = await windowOf('first: 1');
  for (const same of ['orderBy: null', 'orderBy: USER_COUNT_DESC'])
    expect((await windowOf(`${same}, after: "${usual.end}"`)).values).toHaveLength(2);
});

test('above the limit of groups there are none, but an error and the other counts', async () => {
  const users = Array.from({ length: maxGroups + 1 }, (_, index) =>
    userRow({ id: `u${index}`, jobTitle: `title ${index}`, department: `d${index % 7}` }),
  );
  const gateway = await start({ world: worldOfTenant({ users, protection: [] }) });
  const { data, errors } = await gateway.queryText(
    '{ protectionSummary { userCount groups(by: JOB_TITLE) { totalCount } departments: groups(by: DEPARTMENT) { totalCount } } }',
  );
  expect(data?.['protectionSummary']).toEqual({
    userCount: users.length,
    groups: null,
    departments: { totalCount: 7 },
  });
  expect(errors?.map(({ path, extensions }) => [path, extensions['code']])).toEqual([
    [['protectionSummary', 'groups'], 'LIMIT_EXCEEDED'],
  ]);
  expect(gateway.reported).toEqual([]);
});
