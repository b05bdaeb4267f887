/** One thing under several spellings: letter case of ids, and what Unicode has for one address or text. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hashKey } from '../../src/callers/api-keys.ts';
import { withGateway } from '../use-gateway.ts';
import { customerRow, protectionRow, userRow, worldOfTenant, type WorldData } from '../world-of.ts';

const nfd = (text: string) => text.normalize('NFD');

const small: WorldData = {
  customers: [
    customerRow({ id: 'c', tenants: [{ id: 't', name: 'Tenant' }] }),
    customerRow({ id: 'd', tenants: [] }),
  ],
  directory: [],
  tenants: {
    'c/t': {
      users: [userRow({ id: 'u0' }), userRow({ id: 'u1' })],
      protection: [protectionRow('u0@example.com'), protectionRow('u1@example.com')],
    },
  },
};

const byIds = (customerId: string, tenantId: string, userId: string) => `query {
  customer(customerId: "${customerId}") { id customerId tenant(tenantId: "${tenantId}") { id tenantId } }
  tenant(customerId: "${customerId}", tenantId: "${tenantId}") {
    id customerId tenantId
    users(userIds: ["${userId}"]) { edges { cursor node { id userId customerId tenantId } } }
    statuses: protectionStatuses(emails: ["${userId}@example.com"]) { edges { cursor } }
    all: users { edges { cursor } }
  }
  user(customerId: "${customerId}", tenantId: "${tenantId}", userId: "${userId}") { id userId tenant { id } }
}`;

test('rows that came before their customer take the spelling of its row, as it is everywhere else', async () => {
  const world: WorldData = {
    customers: [customerRow({ id: 'CuSt', tenants: [{ id: 'TeN', name: 'Tenant' }] })],
    directory: [],
    tenants: {
      'CuSt/TeN': { users: [userRow({ id: 'u0' })], protection: [protectionRow('u0@example.com')] },
    },
  };
  const ids = 'customerId tenantId';
  const tenant = (fields: string) => `tenant(customerId: "CuSt", tenantId: "TeN") { ${fields} }`;
  await withGateway({ world }, async ({ queryText }) => {
    await queryText(`{ ${tenant('users { nodes { userId } } protectionStatuses { nodes { email } }')} }`);
    await queryText('{ customers { nodes { customerId } } }');
    const rows = `users { nodes { ${ids} tenant { ${ids} } } } protectionStatuses { nodes { tenant { ${ids} } } }`;
    const { data } = await queryText(`{ ${tenant(`${ids} ${rows}`)} }`);
    const spelled = { customerId: 'CuSt', tenantId: 'TeN' };
    expect(data).toEqual({
      tenant: {
        ...spelled,
        users: { nodes: [{ ...spelled, tenant: spelled }] },
        protectionStatuses: { nodes: [{ tenant: spelled }] },
      },
    });
  });
});

describe('ids', () => {
  test('give the same objects, global ids and cursors in any letter case, on a cold cache and on a warm one', async () => {
    const answers: unknown[] = [];
    for (const ids of [
      { customerId: 'c', tenantId: 't', userId: 'u1' },
      { customerId: 'C', tenantId: 'T', userId: 'U1' },
    ]) {
      await withGateway({ world: small }, async (gateway) => {
        answers.push((await gateway.queryText(byIds(ids.customerId, ids.tenantId, ids.userId))).data);
        const made = gateway.calls.length;
        expect(gateway.calls.map(({ path }) => path)).toEqual(
          gateway.calls.map(({ path }) => path.replace('/C/', '/c/').replace('/T/', '/t/')),
        );
        answers.push((await gateway.queryText(byIds('c', 'T', 'U1'))).data);
        answers.push((await gateway.queryText(byIds('C', 't', 'u1'))).data);
        expect(gateway.calls).toHaveLength(made);
      });
    }
    expect(answers[0]).toMatchObject({ user: { userId: 'u1' }, tenant: { customerId: 'c', tenantId: 't' } });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test('of one thing in a list of arguments give one row', async () => {
    await withGateway({ world: small }, async (gateway) => {
      const { data, errors } = await gateway.queryText(`query {
        customers(customerIds: ["c", "C", "d", "c"]) { totalCount nodes { customerId } }
        tenant(customerId: "C", tenantId: "t") {
          users(userIds: ["U1", "u1"]) { totalCount nodes { userId } }
          protectionStatuses(emails: ["U1@example.com", "u1@EXAMPLE.com", " u1@example.com"]) {
            totalCount
            nodes { email }
          }
        }
      }`);
      expect(errors).toBeUndefined();
      expect(data).toEqual({
        customers: { totalCount: 2, nodes: [{ customerId: 'c' }, { customerId: 'd' }] },
        tenant: {
          users: { totalCount: 1, nodes: [{ userId: 'u1' }] },
          protectionStatuses: { totalCount: 1, nodes: [{ email: 'u1@example.com' }] },
        },
      });
    });
  });

  test('that the upstream spells in capitals go to it as it spells them once a row shows that', async () => {
    const world: WorldData = {
      customers: [customerRow({ id: 'C9', tenants: [{ id: 'T9', name: 'Tenant' }] })],
      directory: [],
      tenants: { 'C9/T9': { users: [userRow({ id: 'U9' })], protection: [protectionRow('U9@example.com')] } },
    };
    await withGateway({ world }, async (gateway) => {
      const estate = await gateway.queryText(
        '{ customers { nodes { id customerId tenants { id tenantId users { nodes { id userId tenantId } } } } } }',
      );
      expect(estate.errors).toBeUndefined();
      const asked = await gateway.queryText(
        '{ user(customerId: "c9", tenantId: "t9", userId: "u9") { id userId tenantId } }',
      );
      expect(asked.data).toEqual({ user: { id: expect.any(String), userId: 'U9', tenantId: 'T9' } });
      expect(JSON.stringify(estate.data)).toContain(JSON.stringify(asked.data?.['user']));
      const { id } = asked.data?.['user'] as { id: string };
      const again = await gateway.queryText(
        'query ($id: ID!) { node(id: $id) { ... on User { id userId } } }',
        {
          id,
        },
      );
      expect(again.data).toEqual({ node: { id, userId: 'U9' } });
      expect(gateway.calls).toHaveLength(2);
    });
  });

  test('of a row that comes again in capitals count once, in lists, summaries and everywhere', async () => {
    const users = Array.from({ length: 130 }, (_, index) => userRow({ id: `u${index}` }));
    users[120] = userRow({ id: 'U5' });
    const world = worldOfTenant({
      users,
      protection: [protectionRow('u5@example.com'), protectionRow('U5@EXAMPLE.com', { moduleStatus: [] })],
    });
    const customers = [...world.customers, customerRow({ id: 'C', organization: 'Again' })];
    await withGateway({ world: { ...world, customers } }, async (gateway) => {
      const { data, errors } = await gateway.queryText(`query {
        customers(first: 10) { totalCount nodes { organization } }
        ordered: customers(orderBy: [ORGANIZATION_ASC]) { totalCount }
        users(first: 1000) { totalCount nodes { userId } }
        protectionSummary { userCount protectedCount unmatchedStatusCount }
        tenant(customerId: "c", tenantId: "t") {
          users(first: 1000) { totalCount nodes { userId } }
          ordered: users(orderBy: [MAIL_ASC], first: 0) { totalCount }
          protectionStatuses { totalCount nodes { state } }
          protectionSummary { userCount protectedCount unmatchedStatusCount }
        }
      }`);
      expect(errors).toBeUndefined();
      const summary = { userCount: 129, protectedCount: 1, unmatchedStatusCount: 0 };
      const nodes = users.filter((_, index) => index !== 120).map(({ id }) => ({ userId: id }));
      expect(data).toEqual({
        customers: { totalCount: 1, nodes: [{ organization: 'Organization' }] },
        ordered: { totalCount: 1 },
        users: { totalCount: 129, nodes },
        protectionSummary: summary,
        tenant: {
          users: { totalCount: 129, nodes },
          ordered: { totalCount: 129 },
          protectionStatuses: { totalCount: 1, nodes: [{ state: 'PROTECTED' }] },
          protectionSummary: summary,
        },
      });
    });
  });

  const folder = mkdtempSync(join(tmpdir(), 'spellings-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('of a caller’s customers are theirs in any letter case, and look-alikes are not', async () => {
    const file = join(folder, 'keys.json');
    const key = 'key-for-the-customer-k-0123456789';
    writeFileSync(file, JSON.stringify({ keys: [{ name: 'one', sha256: hashKey(key), customers: ['K'] }] }));
    const world = {
      ...worldOfTenant({ users: [userRow({ id: 'u' })], protection: [] }),
      customers: [customerRow({ id: 'k', tenants: [{ id: 't', name: 'Tenant' }] })],
    };
    await withGateway(
      {
        world: { ...world, tenants: { 'k/t': { users: [userRow({ id: 'u' })], protection: [] } } },
        callers: { kind: 'known', keysFile: file, tokens: null },
      },
      async (gateway) => {
        const ask = (id: string) =>
          gateway.queryText(
            `{ tenant(customerId: "${id}", tenantId: "T") { users { nodes { userId customerId } } } }`,
            {},
            { headers: { 'x-api-key': key } },
          );
        const own = { data: { tenant: { users: { nodes: [{ userId: 'u', customerId: 'k' }] } } } };
        expect(await ask('K')).toEqual(own);
        expect(await ask('k')).toEqual(own);
        expect((await ask('\u212a')).data?.['tenant'] ?? null).toBeNull();
      },
    );
  });
});

describe('addresses', () => {
  test.each([
    ['José@example.com', nfd('JOSÉ@example.com')],
    ['ΟΔΟΣ@example.com', 'οδος@example.com'],
    [' anna@example.com ', 'Anna@example.com'],
    ['anna@example.com', 'Anna@example.com\u00a0'],
    ['ẞen@example.com', 'ßen@example.com'],
  ])('join if they are %j and %j', async (mail, email) => {
    await withGateway(
      { world: worldOfTenant({ users: [userRow({ id: 'u', mail })], protection: [protectionRow(email)] }) },
      async (gateway) => {
        const { data, errors } = await gateway.queryText(joins);
        expect(errors).toBeUndefined();
        expect(data).toEqual(joined(1));
      },
    );
  });

  test.each([
    ['\u212aim@example.com', 'kim@example.com'],
    ['strasse@example.com', 'straße@example.com'],
    ['i@example.com', 'İ@example.com'],
    [' ', ' '],
  ])('do not join if they are %j and %j', async (mail, email) => {
    await withGateway(
      { world: worldOfTenant({ users: [userRow({ id: 'u', mail })], protection: [protectionRow(email)] }) },
      async (gateway) => {
        const { data, errors } = await gateway.queryText(joins);
        expect(errors).toBeUndefined();
        expect(data).toEqual(joined(0));
      },
    );
  });

  const joins = `query {
    tenant(customerId: "c", tenantId: "t") {
      users { nodes { protection { state } } }
      protectionStatuses { nodes { user { userId } } }
      withUser: protectionStatuses(filter: { hasUser: true }) { totalCount }
      protected: users(filter: { protection: { isProtected: true } }) { totalCount }
      protectionSummary { protectedCount notInBackupCount unmatchedStatusCount }
    }
  }`;
  const joined = (count: 0 | 1) => ({
    tenant: {
      users: { nodes: [{ protection: count === 1 ? { state: 'PROTECTED' } : null }] },
      protectionStatuses: { nodes: [{ user: count === 1 ? { userId: 'u' } : null }] },
      withUser: { totalCount: count },
      protected: { totalCount: count },
      protectionSummary: {
        protectedCount: count,
        notInBackupCount: 1 - count,
        unmatchedStatusCount: 1 - count,
      },
    },
  });
});

test.each([
  ['Müller', nfd('MÜLLER')],
  [nfd('Müller'), 'ü'],
  ['Große Straße', 'STRASSE'],
  ['GROẞ', 'groß'],
  ['İzmir', 'izmir'],
  ['ΟΔΟΣΠΑ', 'ΟΔΟΣ'],
  ['\u212aelvin', 'kelvin'],
])('%j is found by %j', async (displayName, search) => {
  const users = [userRow({ id: 'u', displayName, department: displayName }), userRow({ id: 'x' })];
  const protection = [protectionRow('u@example.com', { displayName })];
  await withGateway({ world: worldOfTenant({ users, protection }) }, async (gateway) => {
    const { data, errors } = await gateway.queryText(
      `query ($search: String!, $same: String!) {
        tenant(customerId: "c", tenantId: "t") {
          users(filter: { search: $search }) { nodes { userId } }
          same: users(filter: { department: $same }) { nodes { userId } }
          protectionStatuses(filter: { search: $search }) { totalCount }
        }
      }`,
      { search, same: nfd(displayName.toUpperCase()) },
    );
    expect(errors).toBeUndefined();
    const found = { nodes: [{ userId: 'u' }] };
    expect(data).toEqual({ tenant: { users: found, same: found, protectionStatuses: { totalCount: 1 } } });
  });
});

test('rows without id and address are distinguished alike by lists and summaries', async () => {
  const nameless = (displayName: string | null, isProtected: boolean) =>
    protectionRow(null, { displayName, moduleStatus: [{ module: 0, isProtected }] });
  const protection = [
    nameless('Room', true),
    nameless('Room', false),
    nameless('Room', true),
    nameless(null, true),
    nameless(null, true),
    nameless('Hall', true),
  ];
  await withGateway({ world: worldOfTenant({ users: [], protection }) }, async (gateway) => {
    const { data } = await gateway.queryText(`query {
      tenant(customerId: "c", tenantId: "t") {
        protectionStatuses { totalCount nodes { displayName } }
        without: protectionStatuses(filter: { hasUser: false }) { totalCount }
        protectionSummary { unmatchedStatusCount }
      }
    }`);
    expect(data).toEqual({
      tenant: {
        protectionStatuses: {
          totalCount: 4,
          nodes: ['Room', 'Room', null, 'Hall'].map((displayName) => ({ displayName })),
        },
        without: { totalCount: 4 },
        protectionSummary: { unmatchedStatusCount: 4 },
      },
    });
  });
});
