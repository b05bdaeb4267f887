/** A restricted caller sees exactly what an upstream with only their customers would show. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hashKey } from '../../src/callers/api-keys.ts';
import { globalIdOf } from '../../src/graph/node-id.ts';
import type { GatewayUnderTest, GatewayUnderTestOptions } from '../gateway-under-test.ts';
import { useGateways, withGateway } from '../use-gateway.ts';
import { until } from '../until.ts';
import type { World } from '../../src/simulator/world.ts';
import { createWorldOf, customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';
import { randomWorld } from './random-world.ts';
import { stormSize } from '../storms.ts';

const folder = mkdtempSync(join(tmpdir(), 'visibility-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const user =
  'userId mail protection { email user { userId } } tenant { tenantId name customer { customerId } }';
const summary = `userCount protectedCount notInBackupCount unmatchedStatusCount coverage isComplete
  missing { customerId tenantId } modules { moduleCode protectedCount }`;
const tenantFields = `tenantId name customer { customerId directoryEntry { organization } } protectionSummary { ${summary} }
  users(first: 5) { totalCount nodes { ${user} } } protectionStatuses(first: 5) { totalCount nodes { email user { userId } } }`;
const customer = `customerId organization directoryEntry { customerId } protectionSummary { ${summary} } tenants { ${tenantFields} }
  users(first: 3) { totalCount nodes { userId } } protectionStatuses(last: 3) { totalCount nodes { email } }`;

/** Fields of the root, about whatever is in the world. */
function rootField(world: WorldData): fc.Arbitrary<string> {
  const customers = world.customers.map(({ id }) => id);
  const tenants = world.customers.flatMap(({ id, tenants: theirs }) =>
    (theirs ?? []).map((tenant) => ({ customerId: id, tenantId: tenant.id })),
  );
  const users = tenants.flatMap((tenant) =>
    (world.tenants[`${tenant.customerId}/${tenant.tenantId}`]?.users ?? []).map(({ id, mail }) => ({
      ...tenant,
      userId: id,
      mail,
    })),
  );
  const text = JSON.stringify;
  const customerId = fc.constantFrom(...customers, 'absent');
  const listedTenant = fc.constantFrom(...tenants, { customerId: 'absent', tenantId: 'nothing' });
  const listedUser = fc.constantFrom(...users, {
    ...tenants[0],
    customerId: 'x',
    tenantId: 'y',
    userId: 'z',
    mail: null,
  });
  // Below any customer, any tenant; and in any tenant, any user.
  const tenant = fc.oneof(
    listedTenant,
    fc.tuple(customerId, listedTenant).map(([id, { tenantId }]) => ({ customerId: id, tenantId })),
  );
  const someUser = fc.oneof(
    listedUser,
    fc.tuple(tenant, listedUser).map(([key, { userId, mail }]) => ({ ...key, userId, mail })),
    fc.tuple(customerId, listedUser).map(([id, key]) => ({ ...key, customerId: id })),
  );
  const globalId = fc.oneof(
    customerId.map((id) => globalIdOf({ kind: 'Customer', customerId: id } as never)),
    tenant.map((key) => globalIdOf({ kind: 'Tenant', ...key })),
    someUser.map((key) => globalIdOf({ kind: 'User', ...key } as never)),
  );
  const anyNode = `... on Customer { ${customer} } ... on Tenant { ${tenantFields} } ... on User { ${user} }`;
  const orderBy = fc.constantFrom(
    '',
    'orderBy: ORGANIZATION_ASC',
    'orderBy: [COVERAGE_ASC]',
    'orderBy: USER_COUNT_DESC',
  );
  const size = fc.constantFrom('first: 2', 'first: 100', 'last: 3');
  return fc.oneof(
    fc
      .tuple(
        orderBy,
        size,
        fc.constantFrom('', 'filter: { hasTenants: true }', 'filter: { not: { search: "a" } }'),
      )
      .map(
        (args) =>
          `customers(${args.join(' ')}) { totalCount pageInfo { hasNextPage hasPreviousPage } nodes { ${customer} } }`,
      ),
    fc
      .subarray(customers)
      .map((ids) => `customers(customerIds: ${text(ids)}) { totalCount nodes { ${customer} } }`),
    customerId.map((id) => `customer(customerId: ${text(id)}) { ${customer} }`),
    fc
      .tuple(customerId, tenant)
      .map(
        ([id, { tenantId }]) =>
          `customer(customerId: ${text(id)}) { tenant(tenantId: ${text(tenantId)}) { ${tenantFields} } }`,
      ),
    tenant.map(
      (key) =>
        `tenant(customerId: ${text(key.customerId)}, tenantId: ${text(key.tenantId)}) { ${tenantFields} }`,
    ),
    tenant.map(
      (key) =>
        `tenant(customerId: ${text(key.customerId)}, tenantId: ${text(key.tenantId)}) { users(filter: { protection: { isProtected: false } }) { totalCount nodes { ${user} } } }`,
    ),
    someUser.map(
      (key) =>
        `tenant(customerId: ${text(key.customerId)}, tenantId: ${text(key.tenantId)}) { user(email: ${text(key.mail ?? 'absent')}) { ${user} } users(userIds: [${text(key.userId)}]) { nodes { ${user} } } }`,
    ),
    someUser.map(
      (key) =>
        `tenant(customerId: ${text(key.customerId)}, tenantId: ${text(key.tenantId)}) { protectionStatuses(emails: [${text(key.mail ?? 'absent')}]) { totalCount nodes { email user { ${user} } } } }`,
    ),
    someUser.map(
      (key) =>
        `user(customerId: ${text(key.customerId)}, tenantId: ${text(key.tenantId)}, userId: ${text(key.userId)}) { ${user} }`,
    ),
    globalId.map((id) => `node(id: ${text(id)}) { id ${anyNode} }`),
    fc.array(globalId, { maxLength: 4 }).map((ids) => `nodes(ids: ${text(ids)}) { id ${anyNode} }`),
    fc
      .array(
        fc.oneof(
          customerId.map((id) => `{ __typename: "Customer", customerId: ${text(id)} }`),
          tenant.map(
            (key) =>
              `{ __typename: "Tenant", customerId: ${text(key.customerId)}, tenantId: ${text(key.tenantId)} }`,
          ),
          someUser.map(
            (key) =>
              `{ __typename: "User", customerId: ${text(key.customerId)}, tenantId: ${text(key.tenantId)}, userId: ${text(key.userId)} }`,
          ),
        ),
        { maxLength: 4 },
      )
      .map((references) => `_entities(representations: [${references.join(', ')}]) { ${anyNode} }`),
    fc.constant('directory { customerId organization customer { customerId organization } }'),
    fc
      .tuple(
        fc.constantFrom(
          '',
          'filter: { protection: { state: NOT_IN_BACKUP } }',
          'customers: { hasTenants: true }',
        ),
        fc.constantFrom('', 'orderBy: MAIL_DESC', 'orderBy: PROTECTION_ASC'),
        size,
      )
      .map(
        (args) =>
          `users(${args.join(' ')}) { totalCount isComplete missing { customerId } nodes { ${user} } }`,
      ),
    fc
      .tuple(
        fc.constantFrom('', 'filter: { hasUser: false }', 'customers: { tenantCount: { min: 2 } }'),
        fc.constantFrom('', 'orderBy: EMAIL_ASC', 'orderBy: PROTECTION_DESC'),
        size,
      )
      .map(
        (args) =>
          `protectionStatuses(${args.join(' ')}) { totalCount isComplete missing { customerId } nodes { email user { ${user} } tenant { customerId } } }`,
      ),
    customerId.map(
      (id) =>
        `users(customers: { customerIds: [${text(id)}, "customer-0"] }) { totalCount nodes { ${user} } }`,
    ),
    listedTenant.map(({ tenantId }) => `tenant(tenantId: ${text(tenantId)}) { ${tenantFields} }`),
    fc
      .constantFrom('', '(filter: { hasTenants: true })')
      .map((args) => `protectionSummary${args} { ${summary} }`),
  );
}

function withDirectory(world: WorldData): WorldData {
  return {
    ...world,
    directory: world.customers.map(({ id, organization }) => ({
      id,
      organization,
      ownerEmail: null,
      jobStatus: null,
      countryOrRegion: null,
    })),
  };
}

function only(world: WorldData, ids: readonly string[]): WorldData {
  const isTheirs = ({ id }: { id: string }) => ids.includes(id);
  return {
    customers: world.customers.filter(isTheirs),
    directory: world.directory.filter(isTheirs),
    tenants: Object.fromEntries(
      Object.entries(world.tenants).filter(([key]) => ids.includes(key.split('/')[0] ?? '')),
    ),
  };
}

let files = 0;

const start = useGateways();

/** The same world by an upstream that looks at a tenant's id alone, whatever customer's id stands before it. */
function lenient(world: WorldData): World {
  const tenants = Object.entries(world.tenants).map(([key, tenant]) => [key.split('/')[1], tenant] as const);
  const { tenant } = createWorldOf({
    ...world,
    tenants: Object.fromEntries(tenants.map(([tenantId = '', data]) => [`any/${tenantId}`, data])),
  });
  return { ...createWorldOf(world), tenant: (_customerId, tenantId) => tenant('any', tenantId) };
}

/** Options of a gateway whose caller "theirs" sees these customers, and whose caller "all" sees all. */
function optionsFor(
  world: WorldData,
  ids: readonly string[],
  intercept?: GatewayUnderTestOptions['intercept'],
): GatewayUnderTestOptions {
  const file = join(folder, `keys-${files++}.json`);
  const keys = [
    { name: 'theirs', sha256: hashKey('theirs'), customers: ids },
    { name: 'all', sha256: hashKey('all'), customers: 'all' },
  ];
  writeFileSync(file, JSON.stringify({ keys }));
  return {
    world: lenient(world),
    callers: { kind: 'known', keysFile: file, tokens: null },
    intercept,
  };
}

const asTheirs = { headers: { 'x-api-key': 'theirs' } };
const asAll = { headers: { 'x-api-key': 'all' } };

test('a caller sees what an upstream with their customers alone would show, and nothing of the others', async () => {
  await fc.assert(
    fc.asyncProperty(
      randomWorld({ customers: 5, users: 6 })
        .filter(({ customers }) => customers.length > 0)
        .map(withDirectory)
        .chain((world) =>
          fc.record({
            world: fc.constant(world),
            ids: fc.subarray(world.customers.map(({ id }) => id)),
            operations: fc.array(fc.array(rootField(world), { minLength: 1, maxLength: 3 }), {
              minLength: 1,
              maxLength: 6,
            }),
          }),
        ),
      async ({ world, ids, operations }) => {
        const check = async (full: GatewayUnderTest, reduced: GatewayUnderTest) => {
          for (const fields of operations) {
            const query = `{ ${fields.map((field, index) => `field${index}: ${field}`).join('\n')} }`;
            const expected = await reduced.queryText(query);
            // Another caller's rows and response are cached.
            await full.queryText(query, {}, asAll);
            const seen = await full.queryText(query, {}, asTheirs);
            expect(seen.data).toEqual(expected.data);
            expect((seen.errors ?? []).map(({ path }) => path)).toEqual(
              (expected.errors ?? []).map(({ path }) => path),
            );
            // From the response cache.
            expect((await full.queryText(query, {}, asTheirs)).data).toEqual(expected.data);
            // The audit names only customers that the caller may see.
            await until(() => full.audit.length === 3);
            for (const { caller, customers: read } of full.audit.splice(0)) {
              if (caller !== 'key theirs') continue;
              expect(read.filter((id) => !ids.includes(id))).toEqual([]);
              const shown = JSON.stringify(seen.data).match(/"customerId":"[^"]+"/g) ?? [];
              const names = shown.map((text) => text.slice('"customerId":"'.length, -1));
              expect(names.filter((id) => !read.includes(id))).toEqual([]);
            }
          }
          expect([...full.reported, ...reduced.reported]).toEqual([]);
        };
        await withGateway(optionsFor(world, ids), (full) =>
          withGateway({ world: only(world, ids) }, (reduced) => check(full, reduced)),
        );
      },
    ),
    { numRuns: stormSize(60, 15) },
  );
});

test('another caller’s cursors show only the caller’s own rows', async () => {
  const lists = [
    'customers(first: 1 AFTER) { pageInfo { endCursor } nodes { customerId } }',
    'customers(first: 1 orderBy: ORGANIZATION_DESC AFTER) { pageInfo { endCursor } nodes { customerId } }',
    'users(first: 2 AFTER) { pageInfo { endCursor } nodes { tenant { customer { customerId } } } }',
    'users(first: 2 orderBy: MAIL_ASC AFTER) { pageInfo { endCursor } nodes { tenant { customer { customerId } } } }',
    'users(first: 2 filter: { protection: { state: NOT_IN_BACKUP } } AFTER) { pageInfo { endCursor } nodes { tenant { customer { customerId } } } }',
    'protectionStatuses(first: 2 AFTER) { pageInfo { endCursor } nodes { tenant { customer { customerId } } } }',
    'protectionStatuses(first: 2 filter: { hasUser: true } orderBy: EMAIL_DESC AFTER) { pageInfo { endCursor } nodes { tenant { customer { customerId } } } }',
  ];
  await fc.assert(
    fc.asyncProperty(
      randomWorld({ customers: 5, users: 6 })
        .filter(({ customers }) => customers.length > 0)
        .chain((world) => fc.tuple(fc.constant(world), fc.subarray(world.customers.map(({ id }) => id)))),
      async ([world, ids]) => {
        await withGateway(optionsFor(world, ids), async (gateway) => {
          for (const list of lists) {
            const { data } = await gateway.queryText(`{ list: ${list.replace('AFTER', '')} }`, {}, asAll);
            const cursor = (data?.['list'] as { pageInfo: { endCursor: string | null } }).pageInfo.endCursor;
            if (cursor === null) continue;
            const after = `after: ${JSON.stringify(cursor)}`;
            const seen = await gateway.queryText(`{ list: ${list.replace('AFTER', after)} }`, {}, asTheirs);
            expect(seen.errors).toBeUndefined();
            const shown = JSON.stringify(seen.data).match(/customer-\d+/g) ?? [];
            expect(shown.filter((id) => !ids.includes(id))).toEqual([]);
          }
        });
      },
    ),
    { numRuns: stormSize(40, 10) },
  );
});

test('a report speaks of the caller’s customers alone', async () => {
  const world: WorldData = {
    customers: ['mine', 'other'].map((id) => ({
      id,
      organization: id,
      ownerEmail: null,
      jobStatus: 1,
      countryOrRegion: null,
      managementMode: 1,
      tenants: [{ id: `tenant-of-${id}`, name: id }],
    })),
    directory: [],
    tenants: {
      'mine/tenant-of-mine': { users: [], protection: [] },
      'other/tenant-of-other': { users: [], protection: [] },
    },
  };
  const gateway = await start(optionsFor(world, ['mine']));
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-api-key': 'theirs' },
    body: JSON.stringify({
      query:
        'subscription { protectionReport { progress { customersTotal tenantsTotal } tenant { customerId } totals { isComplete } } }',
    }),
  });
  const text = await response.text();
  expect(text).toContain('"customersTotal":1,"tenantsTotal":1');
  expect(text).toContain('"customerId":"mine"');
  expect(text).not.toContain('other');
  expect(gateway.calls.filter(({ path }) => path.includes('other'))).toEqual([]);
});

describe('a tenant that does not stand in the row of its customer', () => {
  const rowOf = (id: string) => customerRow({ id, tenants: [{ id: `tenant-of-${id}`, name: id }] });
  const tenantOf = (id: string) => ({
    users: [userRow({ id: `user-of-${id}`, mail: `${id}@example.com` })],
    protection: [protectionRow(`${id}@example.com`)],
  });
  const world: WorldData = {
    customers: ['mine', 'other'].map(rowOf),
    directory: [],
    tenants: { 'mine/tenant-of-mine': tenantOf('mine'), 'other/tenant-of-other': tenantOf('other') },
  };
  const key = 'customerId: "mine", tenantId: "tenant-of-other"';
  const globalId = (...parts: string[]) =>
    JSON.stringify(Buffer.from(JSON.stringify(parts)).toString('base64url'));
  const fields = [
    `tenant(${key}) { tenantId }`,
    `tenant(${key}) { name customer { customerId } }`,
    `tenant(${key}) { users { totalCount } }`,
    `tenant(${key}) { users(filter: { protection: { state: PROTECTED } }) { nodes { userId } } }`,
    `tenant(${key}) { users(userIds: ["user-of-other"]) { nodes { userId } } }`,
    `tenant(${key}) { user(email: "other@example.com") { userId } }`,
    `tenant(${key}) { protectionStatuses { nodes { email } } }`,
    `tenant(${key}) { protectionStatuses(emails: ["other@example.com"]) { nodes { email user { userId } } } }`,
    `tenant(${key}) { protectionSummary { userCount } }`,
    `user(${key}, userId: "user-of-other") { userId protection { email } }`,
    `node(id: ${globalId('Tenant', 'mine', 'tenant-of-other')}) { ... on Tenant { users { totalCount } } }`,
    `node(id: ${globalId('User', 'mine', 'tenant-of-other', 'user-of-other')}) { ... on User { mail } }`,
  ];
  const nothing = (field: string, index: number) => `field${index}: ${field}`;

  test.each(fields)('is not asked for, and looks like one that does not exist: %s', async (field) => {
    const gateway = await start(optionsFor(world, ['mine']));
    expect(await gateway.queryText(`{ field: ${field} }`, {}, asTheirs)).toEqual({ data: { field: null } });
    expect(gateway.calls.map(({ path }) => path)).toEqual(['/partner/external/v3/general/customers/batch']);
  });

  test('costs one call however often it is requested, and none if the row is cached', async () => {
    const gateway = await start(optionsFor(world, ['mine']));
    const query = `{ ${fields.map(nothing).join(' ')}
      _entities(representations: [{ __typename: "Tenant", ${key} }, { __typename: "User", ${key}, userId: "user-of-other" }]) { __typename }
      customer(customerId: "mine") { tenant(tenantId: "tenant-of-other") { tenantId } } }`;
    for (const calls of [1, 1, 1]) {
      const { data, errors } = await gateway.queryText(query, {}, asTheirs);
      expect(errors).toBeUndefined();
      expect(data).toEqual({
        ...Object.fromEntries(fields.map((_field, index) => [`field${index}`, null])),
        _entities: [null, null],
        customer: { tenant: null },
      });
      expect(gateway.calls).toHaveLength(calls);
    }
  });

  test('costs a field the error of the row, if that can’t be read', async () => {
    const gateway = await start(
      optionsFor(world, ['mine'], ({ path }) =>
        path.endsWith('/general/customers/batch') ? { status: 500, body: '' } : undefined,
      ),
    );
    const { data, errors } = await gateway.queryText(
      `{ a: user(${key}, userId: "user-of-other") { userId } b: tenant(${key}) { users { totalCount } } }`,
      {},
      asTheirs,
    );
    expect(data).toEqual({ a: null, b: null });
    expect(errors?.map(({ extensions }) => [extensions['code'], extensions['paths']])).toEqual([
      ['UPSTREAM_UNAVAILABLE', [['a'], ['b']]],
    ]);
    expect(gateway.calls).toHaveLength(1);
  });

  test('is another one than a tenant whose id is written in other letters', async () => {
    const gateway = await start(optionsFor(world, ['mine']));
    const { data } = await gateway.queryText(
      '{ tenant(customerId: "MINE", tenantId: "Tenant-of-Mine") { name } }',
      {},
      asTheirs,
    );
    expect(data).toEqual({ tenant: { name: 'mine' } });
  });

  test('is asked for by callers that see all customers', async () => {
    const gateway = await start(optionsFor(world, ['mine']));
    const { data } = await gateway.queryText(`{ tenant(${key}) { users { totalCount } } }`, {}, asAll);
    expect(data).toEqual({ tenant: { users: { totalCount: 1 } } });
    expect(gateway.calls).toHaveLength(1);
  });
});

test.each(['idle', 'busy'])(
  'the rows of several customers that decide are read by one call, %s',
  async (how) => {
    const ids = Array.from({ length: 5 }, (_, index) => `c${index}`);
    const gateway = await start(
      optionsFor(
        {
          customers: ids.map((id) => customerRow({ id, tenants: [{ id: `t-${id}`, name: id }] })),
          directory: [],
          tenants: Object.fromEntries(ids.map((id) => [`${id}/t-${id}`, { users: [], protection: [] }])),
        },
        ids,
      ),
    );
    const now = performance.now.bind(performance);
    try {
      const lists = ids.map(
        (id) => `${id}: tenant(customerId: "${id}", tenantId: "t-${id}") { users { totalCount } }`,
      );
      // For a while, each task takes longer than a slice of the event loop.
      let aheadMs = 0;
      if (how === 'busy') performance.now = () => now() + (aheadMs = Math.min(aheadMs + 11, 3000));
      const { errors } = await gateway.queryText(
        `{ ${lists.join(' ')} c: customer(customerId: "c0") { organization } }`,
        {},
        asTheirs,
      );
      expect(errors).toBeUndefined();
      const rows = gateway.calls.filter(({ path }) => path.endsWith('/general/customers/batch'));
      expect(rows.map(({ body }) => body)).toEqual([JSON.stringify({ customerIds: ids })]);
      expect(gateway.calls).toHaveLength(6);
    } finally {
      performance.now = now;
    }
  },
);
