/** Lists of many customers or one, against a naive walk through the upstream's rows. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CustomerRow, ProtectionRow, UserRow } from '../../src/simulator/world.ts';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { withGateway } from '../use-gateway.ts';
import type { CustomerFilter, ProtectionStatusFilter, UserFilter } from '../generated/operations.ts';
import { customerRow, protectionRow, userRow, type TenantData, type WorldData } from '../world-of.ts';
import {
  customerHolds,
  naiveOrder,
  randomCustomerFilter,
  randomStatusFilter,
  randomStatusOrder,
  randomUserFilter,
  randomUserOrder,
  statusHolds,
  statusValue,
  userHolds,
  userValue,
} from './naive-queries.ts';
import { selectiveShare } from './random-filters.ts';
import { protectionOf, randomWorld, shown } from './random-world.ts';
import { stormSize } from '../storms.ts';

type Dialect = 'singular' | 'plural';
type ListName = 'users' | 'protectionStatuses';

interface Page {
  readonly totalCount?: number;
  readonly isComplete: boolean;
  readonly missing: readonly unknown[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly nodes: readonly object[];
}

const nodesOf: Record<ListName, string> = {
  users: 'userId protection { email } tenant { customerId tenantId }',
  protectionStatuses: 'email displayName user { userId } tenant { customerId tenantId }',
};
const typesOf: Record<ListName, readonly string[]> = {
  users: ['UserFilter', 'UserOrder'],
  protectionStatuses: ['ProtectionStatusFilter', 'ProtectionStatusOrder'],
};

/** @param customer whose list it is; null for that of all */
function documentOf(list: ListName, customer: string | null): string {
  const [filterType = '', orderType = ''] = typesOf[list];
  const field = `list: ${list}(
    ${customer === null ? 'customers: $customers' : ''}
    filter: $filter orderBy: $orderBy first: $first after: $after last: $last before: $before
  ) {
    totalCount @include(if: $counts) isComplete missing { tenantId }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes { ${nodesOf[list]} }
  }`;
  const variables = `$filter: ${filterType} $orderBy: [${orderType}!] $first: Int $after: String $last: Int $before: String $counts: Boolean!`;
  return customer === null
    ? `query ($customers: CustomerFilter ${variables}) { ${field} }`
    : `query (${variables}) { customer(customerId: ${JSON.stringify(customer)}) { ${field} } }`;
}

/** All of a list, window by window in one direction. */
async function pageThrough(
  gateway: GatewayUnderTest,
  document: string,
  rowQuery: object,
  { size, isForward }: { readonly size: number; readonly isForward: boolean },
): Promise<{ rows: object[]; totalCount: number | undefined }> {
  const rows: object[] = [];
  let cursor: string | null = null;
  for (;;) {
    const window = isForward ? { first: size, after: cursor } : { last: size, before: cursor };
    const { data, errors } = await gateway.queryText(document, { ...rowQuery, ...window });
    expect(errors).toBeUndefined();
    const { list: page } = (data?.['customer'] ?? data) as { list: Page };
    expect(page).toMatchObject({ isComplete: true, missing: [] });
    expect(page.nodes.length).toBeLessThanOrEqual(size);
    if (isForward) rows.push(...page.nodes);
    else rows.unshift(...page.nodes);
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
    if (page.nodes.length > 0) {
      expect(isForward ? hasPreviousPage : hasNextPage).toBe(rows.length > page.nodes.length);
    }
    cursor = isForward ? endCursor : startCursor;
    if (!(isForward ? hasNextPage : hasPreviousPage)) return { rows, totalCount: page.totalCount };
  }
}

/**
 * The same tenant with quirks: users without addresses, users that share one, rows without an address or with
 * another row's, rows whose id no user has.
 */
function nasty(tenant: TenantData, dialect: Dialect): TenantData {
  const users = tenant.users.map((user, index): UserRow => {
    if (index % 7 === 2) return { ...user, mail: null, userPrincipalName: null };
    const other = tenant.users[index - 1];
    return index % 7 === 4 && other !== undefined ? { ...user, mail: other.mail } : user;
  });
  const protection = tenant.protection.map((row, index): ProtectionRow => {
    if (index % 9 === 3) return { ...row, email: null, displayName: `no address ${index}` };
    if (index % 9 === 5) return { ...row, id: `absent-${index}` };
    const other = tenant.protection[index - 1];
    // Without ids, the two rows would be equal.
    const isRepeated = index % 9 === 7 && dialect === 'plural' && row.id !== null && other?.email !== null;
    return isRepeated && other !== undefined ? { ...row, email: other.email } : row;
  });
  return { users, protection };
}

function identityOf({ id, email, displayName, moduleStatus }: ProtectionRow): string {
  if (id === null && email === null) return JSON.stringify([shown(displayName), moduleStatus]);
  return `${id === null ? 'none:' : `${id.length}:${id}`}${email?.toLowerCase() ?? ''}`;
}

/** The row's user: that with its id, else that whose mail, else that whose user principal name is its address. */
function userOf({ id, email }: ProtectionRow, { users }: TenantData): UserRow | null {
  const address = shown(email)?.toLowerCase() ?? null;
  return (
    users.find((user) => user.id === id) ??
    users.find(({ mail }) => address !== null && shown(mail)?.toLowerCase() === address) ??
    users.find(
      ({ userPrincipalName }) => address !== null && shown(userPrincipalName)?.toLowerCase() === address,
    ) ??
    null
  );
}

interface Place {
  readonly customer: CustomerRow;
  readonly tenantId: string;
  readonly tenant: TenantData;
}

/** The tenants as the upstream shows them in a dialect, of which one has no ids of protection rows. */
function placesOf(world: WorldData, dialect: Dialect): Place[] {
  return world.customers.flatMap((customer) =>
    (customer.tenants ?? []).map(({ id: tenantId }) => {
      const { users = [], protection = [] } = world.tenants[`${customer.id}/${tenantId}`] ?? {};
      const rows = protection.map((row) => (dialect === 'plural' ? row : { ...row, id: null }));
      return { customer, tenantId, tenant: { users, protection: rows } };
    }),
  );
}

interface Question {
  readonly filter?: object | undefined;
  readonly orderBy?: readonly string[] | undefined;
}

/** What a list has of these tenants, in its order. */
function expectedRows(
  list: ListName,
  places: readonly Place[],
  { filter, orderBy = [] }: Question,
): object[] {
  const inOrder = <Row>(
    rows: readonly { readonly place: Place; readonly row: Row }[],
    valueOf: (row: Row, key: string, tenant: TenantData) => string | number | null,
    nameOf: (row: Row) => string,
  ) =>
    orderBy.length === 0
      ? rows
      : naiveOrder(
          rows,
          orderBy,
          ({ row, place }, key) => valueOf(row, key, place.tenant),
          ({ row, place }) => JSON.stringify([place.customer.id, place.tenantId, nameOf(row)]),
        );
  const tenantOf = ({ customer, tenantId }: Place) => ({ customerId: customer.id, tenantId });
  if (list === 'users') {
    const rows = places.flatMap((place) =>
      place.tenant.users
        .filter((row) => filter === undefined || userHolds(filter as UserFilter, row, place.tenant))
        .map((row) => ({ place, row })),
    );
    return inOrder(
      rows,
      (row, key, tenant) => userValue(tenant)(row, key),
      ({ id }) => id,
    ).map(({ place, row }) => {
      const email = protectionOf(row, place.tenant)?.email ?? null;
      return { userId: row.id, protection: email && { email }, tenant: tenantOf(place) };
    });
  }
  const rows = places.flatMap((place) =>
    place.tenant.protection
      .filter(
        (row) => filter === undefined || statusHolds(filter as ProtectionStatusFilter, row, place.tenant),
      )
      .map((row) => ({ place, row })),
  );
  return inOrder(rows, statusValue, identityOf).map(({ place, row }) => {
    const user = userOf(row, place.tenant);
    return {
      email: row.email,
      displayName: shown(row.displayName),
      user: user && { userId: user.id },
      tenant: tenantOf(place),
    };
  });
}

/** A world and a query. */
const askedWorlds = (list: ListName, dialect: Dialect) =>
  randomWorld({ customers: 5, users: 40 })
    .map((world) => ({
      ...world,
      tenants: Object.fromEntries(
        Object.entries(world.tenants).map(([key, tenant]) => [key, nasty(tenant, dialect)]),
      ),
    }))
    .chain((world) => {
      const all = placesOf(world, dialect).map(({ tenant }) => tenant);
      const allTenants = {
        users: all.flatMap(({ users }) => users),
        protection: all.flatMap(({ protection }) => protection),
      };
      const filter: fc.Arbitrary<object> =
        list === 'users' ? randomUserFilter(allTenants) : randomStatusFilter(allTenants);
      const orderBy: fc.Arbitrary<readonly string[]> = list === 'users' ? randomUserOrder : randomStatusOrder;
      return fc.record({
        world: fc.constant(world),
        customers: fc.option(randomCustomerFilter(world.customers), { nil: undefined }),
        filter: fc.option(filter, { nil: undefined }),
        orderBy: fc.option(orderBy, { nil: undefined }),
        size: fc.integer({ min: 5, max: 60 }),
        isForward: fc.boolean(),
        counts: fc.boolean(),
      });
    });

describe.each<Dialect>(['singular', 'plural'])('in the %s dialect', (dialect) => {
  test.each<ListName>(['users', 'protectionStatuses'])(
    '%s of many customers, and of each, are filtered and ordered as by hand, both ways',
    async (list) => {
      const cases = askedWorlds(list, dialect);
      const wantedPlaces = (world: WorldData, customers: CustomerFilter | undefined) =>
        placesOf(world, dialect).filter(
          ({ customer }) => customers === undefined || customerHolds(customers, customer),
        );
      const share = selectiveShare(cases, ({ world, customers, filter }) => ({
        matched: expectedRows(list, wantedPlaces(world, customers), { filter }).length,
        all: expectedRows(list, wantedPlaces(world, customers), {}).length,
      }));
      expect(share).toBeGreaterThan(1 / 4);
      await fc.assert(
        fc.asyncProperty(cases, async ({ world, customers, filter, orderBy, counts, ...window }) => {
          const places = placesOf(world, dialect);
          const theirs = wantedPlaces(world, customers);
          await withGateway({ world, dialect }, async (gateway) => {
            const rowQuery = { filter, orderBy };
            const all = await pageThrough(
              gateway,
              documentOf(list, null),
              { ...rowQuery, customers, counts },
              window,
            );
            const expected = expectedRows(list, theirs, rowQuery);
            expect(all.rows).toEqual(expected);
            if (counts) expect(all.totalCount).toBe(expected.length);
            for (const { id } of world.customers.slice(0, 2)) {
              const own = places.filter(({ customer }) => customer.id === id);
              const one = await pageThrough(gateway, documentOf(list, id), { ...rowQuery, counts }, window);
              const expectedOfOne = expectedRows(list, own, rowQuery);
              expect(one.rows).toEqual(expectedOfOne);
              if (counts) expect(one.totalCount).toBe(expectedOfOne.length);
            }
          });
        }),
        { numRuns: stormSize(25, 8) },
      );
    },
  );
});

const count = 12;
const world: WorldData = {
  customers: Array.from({ length: count / 2 }, (_, index) =>
    customerRow({
      id: `c${index}`,
      tenants: [0, 1].map((tenant) => ({ id: `t${2 * index + tenant}`, name: null })),
    }),
  ),
  directory: [],
  tenants: Object.fromEntries(
    Array.from({ length: count }, (_, tenant) => [
      `c${Math.floor(tenant / 2)}/t${tenant}`,
      {
        users: Array.from({ length: 10 }, (__, user) => userRow({ id: `u${tenant}-${user}` })),
        protection: [
          ...Array.from({ length: 10 }, (__, user) => protectionRow(`u${tenant}-${user}@example.com`)),
          protectionRow(`room-${tenant}@example.com`),
        ],
      },
    ]),
  ),
};

const pathsOf = ({ calls }: GatewayUnderTest) =>
  calls.map(({ path }) => path.replace(/^.*\/(customers\/.*)\/batch$/, '$1'));

describe('a list of the protection rows of many customers', () => {
  test('reads no more tenants than its window reaches, and none again', async () => {
    await withGateway({ world }, async (gateway) => {
      const query =
        '{ protectionStatuses(first: 8) { pageInfo { hasNextPage } nodes { email tenant { tenantId } } } }';
      const answer = await gateway.queryText(query);
      expect((answer.data?.['protectionStatuses'] as Page).nodes).toHaveLength(8);
      expect(pathsOf(gateway).slice(1)).toEqual(['customers/c0/tenants/t0/cloud-backup-m365/users']);
      expect(await gateway.queryText(query)).toEqual(answer);
      expect(gateway.calls).toHaveLength(2);
    });
  });

  test('shows the rows of no user, such as those of rooms', async () => {
    await withGateway({ world }, async (gateway) => {
      const { data } = await gateway.queryText(
        '{ protectionStatuses(customers: { customerIds: ["C1", "c4", "none"] }, filter: { hasUser: false }) { totalCount nodes { email } } }',
      );
      expect(data?.['protectionStatuses']).toEqual({
        totalCount: 4,
        nodes: ['2', '3', '8', '9'].map((tenant) => ({ email: `room-${tenant}@example.com` })),
      });
    });
  });

  test.each(['cloud-backup-m365', 'um'])(
    'goes on without the tenants whose lists fail, and names them: %s',
    async (route) => {
      await withGateway(
        {
          world,
          intercept: ({ path }) =>
            path.includes('/tenants/t3/') && path.includes(`/${route}/`)
              ? { status: 500, headers: {}, body: '' }
              : undefined,
        },
        async (gateway) => {
          const { data, errors } = await gateway.queryText(
            '{ protectionStatuses(filter: { hasUser: false }) { totalCount isComplete missing { customerId tenantId reason } } }',
          );
          expect(errors).toBeUndefined();
          expect(data?.['protectionStatuses']).toEqual({
            totalCount: 11,
            isComplete: false,
            missing: [{ customerId: 'c1', tenantId: 't3', reason: 'UPSTREAM_UNAVAILABLE' }],
          });
        },
      );
    },
  );
});

describe('a list of one customer', () => {
  test('reads its tenants alone, as far as its window reaches', async () => {
    await withGateway({ world }, async (gateway) => {
      const ask = (first: number) =>
        gateway.queryText(
          `{ customer(customerId: "c2") { users(first: ${first}) { nodes { userId } } protectionStatuses(first: ${first}) { nodes { email } } } }`,
        );
      await ask(3);
      expect(pathsOf(gateway).slice(1).toSorted()).toEqual([
        'customers/c2/tenants/t4/cloud-backup-m365/users',
        'customers/c2/tenants/t4/users',
      ]);
      gateway.calls.length = 0;
      await ask(15);
      expect(pathsOf(gateway).toSorted()).toEqual([
        'customers/c2/tenants/t5/cloud-backup-m365/users',
        'customers/c2/tenants/t5/users',
      ]);
    });
  });

  test('shares what it reads with the lists of its tenants', async () => {
    await withGateway({ world }, async (gateway) => {
      const { errors } = await gateway.queryText(
        `{ customer(customerId: "c2") {
          users { totalCount nodes { userId protectionState } }
          tenants { users { nodes { userId } } protectionStatuses { nodes { email } } }
        } }`,
      );
      expect(errors).toBeUndefined();
      expect(pathsOf(gateway)).toHaveLength(5);
    });
  });

  test.each<ListName>(['users', 'protectionStatuses'])(
    'has cursors of its own, which no other list takes: %s',
    async (list) => {
      await withGateway({ world }, async (gateway) => {
        const { data } = await gateway.queryText(
          `{ customer(customerId: "c2") { ${list}(first: 1) { pageInfo { endCursor } } } }`,
        );
        const own = (data?.['customer'] as Record<string, Page>)[list];
        const after = `first: 1, after: ${JSON.stringify(own?.pageInfo.endCursor)}`;
        const asked = async (query: string) => (await gateway.queryText(`{ ${query} }`)).errors?.[0]?.message;
        const page = `${list}(${after}) { totalCount }`;
        expect(await asked(`customer(customerId: "C2") { ${page} }`)).toBeUndefined();
        for (const other of [
          page,
          `customer(customerId: "c3") { ${page} }`,
          `tenant(customerId: "c2", tenantId: "t4") { ${page} }`,
        ]) {
          expect(await asked(other)).toMatch(/^after: expected a cursor of this list/);
        }
      });
    },
  );
});
