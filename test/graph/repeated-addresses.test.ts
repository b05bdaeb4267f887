/** Protection rows with one address: the first in the upstream's order counts, whatever was read before. */
import { describe, expect, test } from '@jest/globals';
import { useGateways, withGateway } from '../use-gateway.ts';
import { protectionRow, userRow, worldOfTenant, type TenantData } from '../world-of.ts';

const start = useGateways();

const users = Array.from({ length: 230 }, (_, index) => userRow({ id: `u${index}` }));

/** Protected rows, but for a second row of u7's address, which is not. */
function tenantWith(
  first: number,
  second: number,
  idsOf: readonly [string | null, string | null],
  letterCase = 'lower',
): TenantData {
  const others = users.filter(({ id }) => id !== 'u7').map(({ mail }) => protectionRow(mail));
  const email = 'u7@example.com';
  const rows = [
    ...others.slice(0, first),
    protectionRow(email, { id: idsOf[0] }),
    ...others.slice(first, second - 1),
    protectionRow(letterCase === 'lower' ? email : email.toUpperCase(), {
      id: idsOf[1],
      moduleStatus: [{ module: 0, isProtected: false }],
    }),
    ...others.slice(second - 1),
  ];
  return { users, protection: rows };
}

const looks = {
  users: 'users(first: 1000) { nodes { userId protection { state } } }',
  some: 'users(userIds: ["u7"]) { nodes { userId protection { state } } }',
  byAddress: 'user(email: "u7@example.com") { protection { state } }',
  byEmail: 'protectionStatuses(emails: ["u7@example.com"]) { nodes { state } }',
  filtered: 'users(filter: { protection: { isProtected: false } }) { totalCount }',
  ordered: 'users(orderBy: [PROTECTION_ASC], first: 1) { nodes { userId } }',
  summary: 'protectionSummary { protectedCount unprotectedCount notInBackupCount unmatchedStatusCount }',
  rows: 'protectionStatuses(first: 1000) { nodes { email state user { userId } } }',
};

/** What may have been read before. */
const reads = {
  nothing: null,
  'the end of the list': 'protectionStatuses(last: 1) { nodes { state } }',
  'all of the list': looks.rows,
  'all of it in an order': 'protectionStatuses(orderBy: [EMAIL_DESC]) { nodes { state } }',
  'the row by its address': looks.byEmail,
  'the user by id': looks.some,
  'a summary': looks.summary,
};

const arrangements = [
  { at: [10, 20], ids: [null, null] },
  { at: [10, 150], ids: [null, null] },
  { at: [10, 150], ids: ['u7', 'u7'] },
  { at: [10, 230], ids: ['u7', null] },
  { at: [150, 230], ids: [null, null] },
] as const;

describe.each(['singular', 'plural'] as const)('in the %s dialect', (dialect) => {
  test.each(arrangements)('with rows at $at of the ids $ids', async ({ at: [first, second], ids }) => {
    for (const [name, read] of Object.entries(reads)) {
      for (const letterCase of ['lower', 'upper']) {
        const world = worldOfTenant(tenantWith(first, second, ids, letterCase));
        await withGateway({ world, dialect }, async (gateway) => {
          const ask = (fields: string) =>
            gateway.queryText(`{ tenant(customerId: "c", tenantId: "t") { ${fields} } }`);
          if (read !== null) await ask(read);
          for (const fields of [looks.some, looks.byAddress, looks.byEmail, looks.summary]) {
            expect(`${name}: ${JSON.stringify((await ask(fields)).data)}`).not.toContain('"UNPROTECTED"');
          }
          const { data, errors } = await ask(
            Object.entries(looks)
              .map(([alias, fields]) => `${alias}: ${fields}`)
              .join(' '),
          );
          expect(errors).toBeUndefined();
          const protectedUser = { userId: 'u7', protection: { state: 'PROTECTED' } };
          const { tenant } = data as { tenant: Record<string, { nodes: { userId: string }[] }> };
          expect(tenant).toMatchObject({
            some: { nodes: [protectedUser] },
            byAddress: { protection: { state: 'PROTECTED' } },
            byEmail: { nodes: [{ state: 'PROTECTED' }] },
            filtered: { totalCount: 0 },
            ordered: { nodes: [{ userId: 'u0' }] },
            summary: {
              protectedCount: 230,
              unprotectedCount: 0,
              notInBackupCount: 0,
              unmatchedStatusCount: 0,
            },
          });
          expect(tenant['users']?.nodes[7]).toEqual(protectedUser);
        });
      }
    }
  });
});

describe.each(['singular', 'plural'] as const)('of users with one address, in the %s dialect', (dialect) => {
  const address = 'same@example.com';
  const twice = users.map((user, index) =>
    index === 3 || index === 150 ? { ...user, mail: address } : { ...user, userPrincipalName: `p${index}@x` },
  );
  const world = worldOfTenant({ users: twice, protection: [protectionRow(address)] });
  const byAddress = `user(email: "${address}") { userId }`;
  const ofRow = `protectionStatuses(emails: ["${address}"]) { nodes { user { userId } } }`;

  test.each([
    ['one of them by its id', 'users(userIds: ["u150"]) { nodes { userId } }'],
    ['its protection', 'users(userIds: ["u150"]) { nodes { protection { state } } }'],
    ['the list', 'users(first: 1000) { nodes { userId } }'],
    ['both by their ids', 'users(userIds: ["u150", "u3"]) { nodes { userId } }'],
  ])('the first counts, also if %s was read before', async (_what, read) => {
    const gateway = await start({ world, dialect });
    const ask = (fields: string) =>
      gateway.queryText(`{ tenant(customerId: "c", tenantId: "t") { ${fields} } }`);
    await ask(read);
    const found = { user: { userId: 'u3' }, protectionStatuses: { nodes: [{ user: { userId: 'u3' } }] } };
    expect(await ask(`${byAddress} ${ofRow}`)).toEqual({ data: { tenant: found } });
    expect(gateway.reported).toEqual([]);
  });

  test('the first counts, also if another one is read by its id along with it', async () => {
    const gateway = await start({ world, dialect });
    const { data } = await gateway.queryText(`{
        tenant(customerId: "c", tenantId: "t") {
          users(userIds: ["u150"]) { nodes { userId protection { user { userId } } } }
          ${byAddress}
        }
      }`);
    expect(data).toEqual({
      tenant: {
        users: { nodes: [{ userId: 'u150', protection: { user: { userId: 'u3' } } }] },
        user: { userId: 'u3' },
      },
    });
  });
});

describe.each(Object.entries(reads))(
  'an id of a row does not join it, if %s was read before',
  (_name, read) => {
    test.each([
      ['and no user has its address', 'alias@example.com', 'NOT_IN_BACKUP'],
      ['and another user has its address', 'u8@example.com', 'NOT_IN_BACKUP'],
      ['and its user has its address', 'u7@example.com', 'PROTECTED'],
    ])('%s', async (_case, email, state) => {
      const others = users.filter(({ id }) => id !== 'u7' && id !== 'u8');
      const world = worldOfTenant({
        users,
        protection: [...others.map(({ mail }) => protectionRow(mail)), protectionRow(email, { id: 'u7' })],
      });
      const gateway = await start({ world });
      const ask = (fields: string) =>
        gateway.queryText(`{ tenant(customerId: "c", tenantId: "t") { ${fields} } }`);
      if (read !== null) await ask(read);
      const protection = state === 'NOT_IN_BACKUP' ? null : { state };
      expect((await ask(looks.some)).data).toEqual({
        tenant: { users: { nodes: [{ userId: 'u7', protection }] } },
      });
      const { data } = await ask(`
        users(filter: { protection: { state: NOT_IN_BACKUP } }) { nodes { userId } }
        protectionStatuses(emails: ["${email}"]) { nodes { user { userId } } }
        without: protectionStatuses(filter: { hasUser: false }) { totalCount }
        protectionSummary { notInBackupCount unmatchedStatusCount }
      `);
      const isOfNone = email === 'alias@example.com';
      const noRow = ['u7', 'u8'].filter((id) => `${id}@example.com` !== email);
      expect(data).toEqual({
        tenant: {
          users: { nodes: noRow.map((userId) => ({ userId })) },
          // A row says itself whose it is, if it has an id.
          protectionStatuses: { nodes: [{ user: { userId: 'u7' } }] },
          without: { totalCount: 0 },
          protectionSummary: { notInBackupCount: isOfNone ? 2 : 1, unmatchedStatusCount: 0 },
        },
      });
    });
  },
);

test('a report counts the first row as well', async () => {
  const gateway = await start({ world: worldOfTenant(tenantWith(10, 150, [null, null])) });
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({
      query: 'subscription { protectionReport { totals { protectedCount unprotectedCount } } }',
    }),
  });
  expect(await response.text()).toContain('"totals":{"protectedCount":230,"unprotectedCount":0}');
});
