/**
 * What a caller sees who may not see all: exactly what everybody would see of an upstream that has their customers alone.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hashKey } from '../../src/callers/api-keys.ts';
import { globalIdOf } from '../../src/graph/node-id.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { until } from '../until.ts';
import type { WorldData } from '../world-of.ts';
import { randomWorld } from './random-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'visibility-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const user =
  'userId mail protection { email user { userId } } tenant { tenantId name customer { customerId } }';
const summary = `userCount protectedCount noRowCount statusesWithoutUser coverage isComplete
  missing { customerId tenantId } modules { moduleCode protectedCount }`;
const tenantFields = `tenantId name customer { customerId directoryEntry { organization } } protectionSummary { ${summary} }
  users(first: 5) { totalCount nodes { ${user} } } protectionStatuses(first: 5) { totalCount nodes { email user { userId } } }`;
const customer = `customerId organization directoryEntry { customerId } protectionSummary { ${summary} } tenants { ${tenantFields} }`;

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
  const customerId = fc.constantFrom(...customers, 'nobody');
  const tenant = fc.constantFrom(...tenants, { customerId: 'nobody', tenantId: 'nothing' });
  const someUser = fc.constantFrom(...users, {
    ...tenants[0],
    customerId: 'x',
    tenantId: 'y',
    userId: 'z',
    mail: null,
  });
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
        `tenant(customerId: ${text(key.customerId)}, tenantId: ${text(key.tenantId)}) { user(email: ${text(key.mail ?? 'nobody')}) { ${user} } users(userIds: [${text(key.userId)}]) { nodes { ${user} } } }`,
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
        fc.constantFrom('', 'filter: { protection: { state: NO_ROW } }', 'customers: { hasTenants: true }'),
        fc.constantFrom('', 'orderBy: MAIL_DESC', 'orderBy: PROTECTION_ASC'),
        size,
      )
      .map(
        (args) =>
          `users(${args.join(' ')}) { totalCount isComplete missing { customerId } nodes { ${user} } }`,
      ),
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

/** A gateway whose caller "theirs" sees these customers, and whose caller "all" sees all. */
function startFor(world: WorldData, ids: readonly string[]): Promise<GatewayUnderTest> {
  const file = join(folder, `keys-${files++}.json`);
  const keys = [
    { name: 'theirs', sha256: hashKey('theirs'), customers: ids },
    { name: 'all', sha256: hashKey('all'), customers: 'all' },
  ];
  writeFileSync(file, JSON.stringify({ keys }));
  return startGatewayUnderTest({ world, callers: { kind: 'known', keysFile: file, tokens: null } });
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
        const [full, reduced] = await Promise.all([
          startFor(world, ids),
          startGatewayUnderTest({ world: only(world, ids) }),
        ]);
        try {
          for (const fields of operations) {
            const query = `{ ${fields.map((field, index) => `field${index}: ${field}`).join('\n')} }`;
            const expected = await reduced.queryText(query);
            // Another caller's answer, and the rows it was made of, are at hand.
            await full.queryText(query, {}, asAll);
            const seen = await full.queryText(query, {}, asTheirs);
            expect(seen.data).toEqual(expected.data);
            expect((seen.errors ?? []).map(({ path }) => path)).toEqual(
              (expected.errors ?? []).map(({ path }) => path),
            );
            // From whatever is kept of answers.
            expect((await full.queryText(query, {}, asTheirs)).data).toEqual(expected.data);
            // What is written down of it names whom it shows, and nobody whom it may not.
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
        } finally {
          await Promise.all([full.stop(), reduced.stop()]);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("somebody else's cursors show nobody's rows but one's own", async () => {
  const lists = [
    'customers(first: 1 AFTER) { pageInfo { endCursor } nodes { customerId } }',
    'customers(first: 1 orderBy: ORGANIZATION_DESC AFTER) { pageInfo { endCursor } nodes { customerId } }',
    'users(first: 2 AFTER) { pageInfo { endCursor } nodes { tenant { customer { customerId } } } }',
    'users(first: 2 orderBy: MAIL_ASC AFTER) { pageInfo { endCursor } nodes { tenant { customer { customerId } } } }',
    'users(first: 2 filter: { protection: { state: NO_ROW } } AFTER) { pageInfo { endCursor } nodes { tenant { customer { customerId } } } }',
  ];
  await fc.assert(
    fc.asyncProperty(
      randomWorld({ customers: 5, users: 6 })
        .filter(({ customers }) => customers.length > 0)
        .chain((world) => fc.tuple(fc.constant(world), fc.subarray(world.customers.map(({ id }) => id)))),
      async ([world, ids]) => {
        const gateway = await startFor(world, ids);
        try {
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
        } finally {
          await gateway.stop();
        }
      },
    ),
    { numRuns: 40 },
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
  const gateway = await startFor(world, ['mine']);
  try {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-api-key': 'theirs' },
      body: JSON.stringify({
        query:
          'subscription { protectionReport { progress { tenantsTotal } tenant { customerId } totals { isComplete } } }',
      }),
    });
    const text = await response.text();
    expect(text).toContain('"tenantsTotal":1');
    expect(text).toContain('"customerId":"mine"');
    expect(text).not.toContain('other');
    expect(gateway.calls.filter(({ path }) => path.includes('other'))).toEqual([]);
  } finally {
    await gateway.stop();
  }
});
