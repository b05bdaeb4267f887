/** Upstream calls of operations, counted by the upstream. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import {
  CustomerCountDocument,
  DashboardDocument,
  LengthsDocument,
  OneUserByAddressDocument,
  OneUserByIdDocument,
  SomeCustomersDocument,
  UserCountDocument,
  WholeTenantDocument,
} from '../generated/operations.ts';

import { useGateways } from '../use-gateway.ts';
import {
  customerRow,
  protectionRow,
  userRow,
  worldOfTenant,
  type TenantData,
  type WorldData,
} from '../world-of.ts';

type AddressKind = 'mail' | 'principalName' | 'none';

/** Users with two addresses each; `kindOf` says under which one the backup product knows them. */
function tenantOf(
  users: number,
  rows: number,
  kindOf: (index: number) => AddressKind = (index) => (index % 3 === 0 ? 'principalName' : 'mail'),
): TenantData {
  const all = Array.from({ length: users }, (_, index) => ({ kind: kindOf(index), ...addresses(index) }));
  const protection = all
    .filter(({ kind }) => kind !== 'none')
    .slice(0, rows)
    .map(({ kind, mail, userPrincipalName }) =>
      protectionRow(kind === 'mail' ? mail : userPrincipalName.toUpperCase()),
    );
  const shared = Array.from({ length: rows - protection.length }, (_, index) =>
    protectionRow(`shared-${index}@example.com`),
  );
  return {
    users: all.map(({ id, mail, userPrincipalName }) => userRow({ id, mail, userPrincipalName })),
    // Not in the order of the users.
    protection: [...shared, ...protection.toReversed()],
  };
}

function addresses(index: number) {
  return {
    id: `u-${index}`,
    mail: `u-${index}@mail.example`,
    userPrincipalName: `u-${index}@cloud.example`,
  };
}

function pagesOf(rows: number): number {
  return Math.max(1, Math.ceil(rows / 100));
}

const tenant = { c: 'c', t: 't' };
const tenantWorld = worldOfTenant(tenantOf(300, 290));
const explained = { headers: { 'x-explain': 'true' } };

const start = useGateways();

function dashboardWorld(tenantCounts: readonly number[], users: number, rows: number): WorldData {
  const customers = tenantCounts.map((count, customer) =>
    customerRow({
      id: `c-${customer}`,
      tenants: Array.from({ length: count }, (_, index) => ({ id: `t-${index}`, name: null })),
    }),
  );
  const keys = customers.flatMap(({ id, tenants }) => (tenants ?? []).map((it) => `${id}/${it.id}`));
  return {
    customers,
    directory: [],
    tenants: Object.fromEntries(keys.map((key) => [key, tenantOf(users, rows)])),
  };
}

function aliases(ids: readonly string[]): string {
  const fields = ids.map(
    (id, index) =>
      `u${index}: user(customerId: "c", tenantId: "t", userId: "${id}") { userId protection { email } }`,
  );
  return `{ ${fields.join('\n')} }`;
}

describe.each(['singular', 'plural'] as const)('in the %s dialect', (dialect) => {
  test.each([
    [100, 100],
    [60, 0],
    [0, 80],
    [1, 1],
  ])(
    'the dashboard of tenants of %i users and %i rows is 1 + 2T calls, two round trips deep',
    async (users, rows) => {
      const { query, calls } = await start({
        dialect,
        world: dashboardWorld([2, 0, 1, 3, 1, 1, 1, 1, 1, 2], users, rows),
      });
      const { errors, extensions } = await query(DashboardDocument, {}, explained);
      expect(errors).toBeUndefined();
      expect(calls).toHaveLength(1 + 2 * 13);
      expect(extensions?.upstream?.roundTrips).toBe(2);
      await query(DashboardDocument, {});
      expect(calls).toHaveLength(1 + 2 * 13);
    },
  );

  test.each([
    [250, 250],
    [1000, 1000],
    [1000, 1050],
    [980, 310],
    [30, 420],
    [100, 200],
    [200, 0],
  ])('a whole tenant of %i users and %i rows is its pages', async (users, rows) => {
    const data = tenantOf(users, rows);
    const { query, calls } = await start({ dialect, world: worldOfTenant(data) });
    const answer = await query(WholeTenantDocument, { ...tenant, first: 1000 });
    expect(answer.errors).toBeUndefined();
    expect(answer.data?.tenant?.users?.nodes).toHaveLength(users);
    expect(answer.data?.tenant?.users?.nodes.filter(({ protection }) => protection !== null)).toHaveLength(
      Math.min(users, rows),
    );
    expect(calls.length).toBeLessThanOrEqual(pagesOf(users) + pagesOf(rows));
    await query(WholeTenantDocument, { ...tenant, first: 1000 });
    expect(calls.length).toBeLessThanOrEqual(pagesOf(users) + pagesOf(rows));
  });

  test('a tenant that has been scanned answers for each of its users, and for those it has not', async () => {
    const data = tenantOf(
      230,
      190,
      (index) => (['mail', 'principalName', 'none'] as const)[index % 3] ?? 'none',
    );
    const { query, calls } = await start({ dialect, world: worldOfTenant(data) });
    await query(WholeTenantDocument, { ...tenant, first: 1000 });
    calls.length = 0;
    for (const index of [0, 1, 2, 101, 229]) {
      const { id, mail, userPrincipalName } = addresses(index);
      const byId = await query(OneUserByIdDocument, { ...tenant, u: id });
      expect(byId.data?.user?.userId).toBe(id);
      for (const email of [mail, userPrincipalName]) {
        const byAddress = await query(OneUserByAddressDocument, { ...tenant, email });
        expect(byAddress.data?.tenant?.user).toEqual(byId.data?.user);
      }
    }
    const unknownUser = await query(OneUserByAddressDocument, { ...tenant, email: 'absent@example.com' });
    expect(unknownUser).toEqual({ data: { tenant: { user: null } } });
    expect(calls).toEqual([]);
  });

  test('a length alone is one call of a small page', async () => {
    const { query, calls } = await start({ dialect, world: worldOfTenant(tenantOf(250, 130)) });
    for (let round = 1; round <= 2; round++) {
      const customers = await query(CustomerCountDocument, {});
      expect(customers).toEqual({ data: { customers: { totalCount: 1 } } });
      const users = await query(UserCountDocument, tenant);
      expect(users).toEqual({ data: { tenant: { users: { totalCount: 250 } } } });
    }
    expect(calls.map((call) => call.query.get('pageSize'))).toEqual(['1', '1']);
  });

  test.each([
    ['the dashboard', dashboardWorld([0, 1], 130, 140), DashboardDocument.toString(), {}],
    ['a whole tenant', tenantWorld, WholeTenantDocument.toString(), { ...tenant, first: 1000 }],
    ['one user', tenantWorld, OneUserByIdDocument.toString(), { ...tenant, u: 'u-3' }],
    [
      '130 users by id',
      tenantWorld,
      aliases(Array.from({ length: 130 }, (_, index) => `u-${index * 2}`)),
      {},
    ],
    [
      'a user by address',
      tenantWorld,
      OneUserByAddressDocument.toString(),
      { ...tenant, email: 'u-260@mail.example' },
    ],
    ['a length', tenantWorld, UserCountDocument.toString(), tenant],
  ])(
    'a hundred equal operations are as one, together and in quick succession: %s',
    async (_what, world, document, variables) => {
      const alone = await start({ dialect, world });
      const expected = await alone.queryText(document, variables);
      const cost = alone.calls.length;
      await alone.stop();
      for (const staggerMs of [0, 0.3]) {
        const { queryText, calls, stop } = await start({ dialect, world, latencyMs: 3 });
        const answers = await Promise.all(
          Array.from({ length: 100 }, async (_, index) => {
            if (staggerMs > 0) await sleep(index * staggerMs);
            return queryText(document, variables);
          }),
        );
        for (const answer of answers) expect(answer).toEqual(expected);
        expect(calls).toHaveLength(cost);
        await stop();
      }
    },
  );
});

describe('one user with protection', () => {
  test.each([
    ['plural', 'mail', 2],
    ['plural', 'principalName', 2],
    ['singular', 'mail', 2],
    ['singular', 'principalName', 3],
    ['singular', 'none', 3],
  ] as const)('in the %s dialect, with a row of the %s, is %i calls', async (dialect, kind, cost) => {
    const { query, calls } = await start({
      dialect,
      world: worldOfTenant(tenantOf(300, 290, (index) => (index === 7 ? kind : 'mail'))),
    });
    const { data, errors } = await query(OneUserByIdDocument, { ...tenant, u: 'u-7' });
    expect(errors).toBeUndefined();
    expect(data?.user?.protection === null).toBe(kind === 'none');
    expect(calls).toHaveLength(cost);
    await query(OneUserByIdDocument, { ...tenant, u: 'u-7' });
    expect(calls).toHaveLength(cost);
  });
});

describe('k users by id, in k aliases, with protection', () => {
  test.each([1, 2, 40, 100, 101, 250])('are, in the plural dialect, their batches: %i', async (count) => {
    const data = tenantOf(2000, 1900);
    const { queryText, calls } = await start({ dialect: 'plural', world: worldOfTenant(data) });
    const ids = Array.from({ length: count }, (_, index) => `u-${index * 7}`);
    const { data: answer, errors } = await queryText(aliases(ids));
    expect(errors).toBeUndefined();
    ids.forEach((id, index) => {
      expect(answer?.[`u${index}`]).toMatchObject({ userId: id });
      expect(answer?.[`u${index}`]).not.toMatchObject({ protection: null });
    });
    expect(calls).toHaveLength(2 * pagesOf(count));
    await queryText(aliases(ids));
    expect(calls).toHaveLength(2 * pagesOf(count));
  });

  test.each([
    [1, 250],
    [2, 250],
    [3, 1900],
    [7, 1900],
    [40, 1900],
    [40, 250],
    [30, 90],
    [120, 1900],
  ])(
    'are, in the singular dialect, the cheaper of addresses and pages: %i of %i rows',
    async (count, rows) => {
      const kindOf = (index: number) => (index % 21 === 0 ? 'principalName' : 'mail');
      const data = tenantOf(2000, rows, kindOf);
      const ids = Array.from({ length: count }, (_, index) => index * 7);
      const addressesToTry = ids.length * 2;
      const pages = pagesOf(rows);

      const unknown = await start({ dialect: 'singular', world: worldOfTenant(data) });
      const cold = await unknown.queryText(aliases(ids.map((index) => `u-${index}`)));
      expect(cold.errors).toBeUndefined();
      expect(unknown.calls.length).toBeLessThanOrEqual(pagesOf(count) + Math.min(addressesToTry, pages) + 1);
      await unknown.stop();

      const known = await start({ dialect: 'singular', world: worldOfTenant(data) });
      await known.query(LengthsDocument, tenant);
      known.calls.length = 0;
      const { data: answer, errors } = await known.queryText(aliases(ids.map((index) => `u-${index}`)));
      expect(errors).toBeUndefined();
      expect(answer).toEqual(cold.data);
      expect(known.calls.length).toBeLessThanOrEqual(pagesOf(count) + Math.min(addressesToTry, pages));
      known.calls.length = 0;
      await known.queryText(aliases(ids.map((index) => `u-${index}`)));
      expect(known.calls).toEqual([]);
    },
  );
});

describe('k customers by id', () => {
  const customers = (count: number): WorldData => ({
    customers: Array.from({ length: count }, (_, index) => customerRow({ id: `c-${index}` })),
    directory: [],
    tenants: {},
  });

  test.each([
    ['plural', 1, 500, 1],
    ['plural', 100, 500, 1],
    ['plural', 230, 5000, 3],
    ['singular', 1, 500, 1],
    ['singular', 3, 500, 4],
    ['singular', 40, 500, 5],
    ['singular', 40, 80, 1],
  ] as const)('are, in the %s dialect, for %i of %i, %i calls', async (dialect, count, all, cost) => {
    const { query, calls } = await start({ dialect, world: customers(all) });
    const step = Math.floor(all / count);
    const ids = Array.from({ length: count }, (_, index) => `c-${index * step + step - 1}`);
    const { data } = await query(SomeCustomersDocument, { ids });
    expect(data?.customers?.nodes.map(({ customerId }) => customerId)).toEqual(ids.slice(0, 50));
    expect(calls).toHaveLength(cost);
    await query(SomeCustomersDocument, { ids });
    expect(calls).toHaveLength(cost);
  });
});
