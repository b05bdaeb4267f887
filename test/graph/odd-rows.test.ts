/** Malformed upstream values: each costs its own field at most. */
import { describe, expect, test } from '@jest/globals';
import { withGateway } from '../use-gateway.ts';
import { customerRow, protectionRow, userRow, worldOfTenant, type WorldData } from '../world-of.ts';
import type { CustomerRow, DirectoryRow, ProtectionRow, UserRow } from '../../src/simulator/world.ts';

function odd<Row>(row: Row, values: object): Row {
  return { ...row, ...values };
}

const users = Array.from({ length: 230 }, (_, index) => userRow({ id: `u${index}`, employeeId: `${index}` }));
const protection = users.map(({ mail }) => protectionRow(mail));
const usersRoute = 'POST /partner/external/v3/um/customers/{customerId}/tenants/{tenantId}/users/batch';

/** 230 users, of whom one has these values. */
function tenantWithOdd(values: object, at = 57): WorldData {
  const rows = users.map((user, index): UserRow => (index === at ? odd(user, values) : user));
  return worldOfTenant({ users: rows, protection });
}

const everything = `query {
  tenant(customerId: "c", tenantId: "t") {
    users(first: 230) {
      totalCount
      nodes {
        userId employeeId passwordAge isTestUser startDate endDate department status statusCodes
        protection { state }
      }
    }
    protectionSummary { userCount protectedCount isComplete missing { code } }
  }
}`;

interface Everything {
  readonly tenant: {
    readonly users: { readonly totalCount: number; readonly nodes: readonly Record<string, unknown>[] };
    readonly protectionSummary: object;
  };
}

const wholeSummary = { userCount: 230, protectedCount: 230, isComplete: true, missing: [] };

describe('a value with a plain meaning is corrected', () => {
  test.each([
    [
      { startDate: '2024-02-29T12:30:00Z', endDate: '2027-01-01T00:00:00Z' },
      { startDate: '2024-02-29T12:30:00Z', endDate: '2027-01-01T00:00:00Z' },
    ],
    [{ employeeId: 1205 }, { employeeId: '1205' }],
    [{ age: '12' }, { passwordAge: 12 }],
    [{ isTestUser: 'false' }, { isTestUser: false }],
    [{ isTestUser: 1 }, { isTestUser: true }],
    [{ status: [null] }, { status: [], statusCodes: [] }],
    [{ status: ['3'] }, { status: ['HIGH_RISK'], statusCodes: [3] }],
    [{ status: '3' }, { status: ['HIGH_RISK'], statusCodes: [3] }],
    [{ status: ['High', 4_294_967_295, 2] }, { statusCodes: [-1, -1, 2] }],
    [{ status: [{}] }, { status: ['UNKNOWN'], statusCodes: [-1] }],
    [{ startDate: '/Date(1700000000000)/' }, { startDate: '2023-11-14T22:13:20.000Z' }],
    [{ startDate: '/Date(1700000000000+0000)/' }, { startDate: '2023-11-14T22:13:20.000Z' }],
    [{ startDate: '0001-01-01T00:00:00' }, { startDate: null }],
    [{ endDate: '9999-12-31T23:59:59.9999999Z' }, { endDate: null }],
  ])('%j', async (values, expected) => {
    await withGateway({ world: tenantWithOdd(values) }, async (gateway) => {
      const { data, errors } = await gateway.queryText(everything);
      expect(errors).toBeUndefined();
      const { tenant } = data as unknown as Everything;
      expect(tenant.users.nodes).toHaveLength(230);
      expect(tenant.users.nodes[57]).toMatchObject(expected);
      expect(tenant.protectionSummary).toEqual(wholeSummary);
    });
  });
});

describe('any other value costs its own field alone', () => {
  test.each([
    [{ age: 4_294_967_295 }, 'passwordAge', 'age'],
    [{ age: 'old' }, 'passwordAge', 'age'],
    [{ employeeId: { value: 7 } }, 'employeeId', 'employeeId'],
    [{ employeeId: 1e21 }, 'employeeId', 'employeeId'],
    [{ department: ['Sales'] }, 'department', 'department'],
    [{ isTestUser: 'maybe' }, 'isTestUser', 'isTestUser'],
    [{ startDate: 'soon' }, 'startDate', 'startDate'],
    [{ endDate: 1_700_000_000_000 }, 'endDate', 'endDate'],
  ])('%j', async (values, name, upstreamName) => {
    await withGateway({ world: tenantWithOdd(values) }, async (gateway) => {
      // The second time from cached rows and texts.
      for (const round of [1, 2]) {
        const { data, errors } = await gateway.queryText(everything);
        expect(errors).toEqual([
          expect.objectContaining({
            message: `The upstream's value of data[].${upstreamName} can't be understood.`,
            path: ['tenant', 'users', 'nodes', 57, name],
            extensions: {
              code: 'UPSTREAM_INVALID_RESPONSE',
              retryable: false,
              endpoint: usersRoute,
              field: `data[].${upstreamName}`,
            },
          }),
        ]);
        const { tenant } = data as unknown as Everything;
        expect(tenant.users.nodes).toHaveLength(230);
        expect(tenant.users.nodes.map(({ userId }) => userId)).toEqual(users.map(({ id }) => id));
        expect(tenant.users.nodes[57]?.[name]).toBeNull();
        expect(tenant.protectionSummary).toEqual(wholeSummary);
        expect([round, gateway.calls.length]).toEqual([round, 7]);
      }
      const others = await gateway.queryText(everything.replace(name, ''));
      expect(others.errors).toBeUndefined();
    });
  });

  test('is null in filters and orders', async () => {
    await withGateway({ world: tenantWithOdd({ department: {}, age: 'old' }) }, async (gateway) => {
      const { data, errors } = await gateway.queryText(`query {
        tenant(customerId: "c", tenantId: "t") {
          none: users(filter: { department: "Sales" }) { totalCount }
          last: users(orderBy: [PASSWORD_AGE_ASC], last: 1) { nodes { userId } }
        }
      }`);
      expect(errors).toBeUndefined();
      expect(data).toEqual({ tenant: { none: { totalCount: 0 }, last: { nodes: [{ userId: 'u57' }] } } });
    });
  });

  test('one entry for all rows that have it', async () => {
    const rows = users.map((user): UserRow => odd(user, { age: [] }));
    await withGateway({ world: worldOfTenant({ users: rows, protection }) }, async (gateway) => {
      const { errors } = await gateway.queryText(
        '{ tenant(customerId: "c", tenantId: "t") { users(first: 230) { nodes { passwordAge } } } }',
      );
      expect(errors).toHaveLength(1);
      expect(errors?.[0]?.extensions['paths']).toHaveLength(230);
    });
  });
});

test('a row that is null is skipped, and one without an id costs its list', async () => {
  const rows = users.map((user, index): UserRow | null => (index === 57 ? null : user));
  await withGateway({ world: worldOfTenant({ users: rows as UserRow[], protection }) }, async (gateway) => {
    const { data, errors } = await gateway.queryText(everything);
    expect(errors).toBeUndefined();
    const { tenant } = data as unknown as Everything;
    expect(tenant.users.nodes.map(({ userId }) => userId)).toEqual(
      users.map(({ id }) => id).filter((id) => id !== 'u57'),
    );
    expect(tenant.protectionSummary).toMatchObject({ userCount: 229, isComplete: true });
  });
  await withGateway({ world: tenantWithOdd({ id: ' ' }) }, async (gateway) => {
    const { errors } = await gateway.queryText(everything);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'UPSTREAM_INVALID_RESPONSE',
      field: 'data[57].id',
    });
  });
});

test.each([
  ['in the middle', [57, 150]],
  ['at the ends of pages', [0, 99, 100, 229]],
  ['on all of a page', Array.from({ length: 100 }, (_, index) => 100 + index)],
])('an edge has one cursor, whatever is and was read, with rows that are null %s', async (_where, nulls) => {
  const rows = users.map((user, index): UserRow | null => (nulls.includes(index) ? null : user));
  const world = worldOfTenant({ users: rows as UserRow[], protection });
  const cursors = new Map<string, string>();
  for (const before of ['first: 1', 'first: 1000', 'last: 20', 'last: 1000']) {
    await withGateway({ world }, async (gateway) => {
      const ask = async (window: string) => {
        const { data, errors } = await gateway.queryText(
          `{ tenant(customerId: "c", tenantId: "t") { users(${window}) { edges { cursor node { userId } } } } }`,
        );
        expect(errors).toBeUndefined();
        const { tenant } = data as {
          tenant: { users: { edges: { cursor: string; node: { userId: string } }[] } };
        };
        const { edges } = tenant.users;
        for (const { cursor, node } of edges) {
          const known = cursors.get(node.userId) ?? cursor;
          cursors.set(node.userId, known);
          expect([before, window, node.userId, cursor]).toEqual([before, window, node.userId, known]);
        }
        return edges;
      };
      await ask(before);
      const walked: string[] = [];
      for (let after = ''; ;) {
        const edges = await ask(`first: 40, after: "${after}"`);
        walked.push(...edges.map(({ node }) => node.userId));
        after = edges.at(-1)?.cursor ?? '';
        if (edges.length < 40) break;
      }
      expect(walked).toEqual(rows.flatMap((row) => row?.id ?? []));
      await ask('last: 70');
      await ask('first: 1000');
      expect(gateway.calls.length).toBeLessThanOrEqual(4);
    });
  }
});

test('odd protection rows and modules', async () => {
  const rows = [
    odd(protectionRow('u0@example.com'), { moduleStatus: [{ module: 0, isProtected: 1 }] }),
    odd(protectionRow('u1@example.com'), { moduleStatus: [{ module: null, isProtected: true }] }),
    odd(protectionRow('u2@example.com'), { moduleStatus: [{ module: 0, isProtected: 'perhaps' }] }),
    odd(protectionRow('u3@example.com'), { moduleStatus: [null, { module: '2', isProtected: 'TRUE' }] }),
    odd(protectionRow('u4@example.com'), { moduleStatus: { module: 0, isProtected: true } }),
    odd(protectionRow('u5@example.com'), { moduleStatus: 'all' }),
    odd(protectionRow('u6@example.com'), { displayName: 6, id: {} }),
    odd(protectionRow('u7@example.com'), { email: 7 }),
    odd(protectionRow(null), { email: {} }),
  ] as ProtectionRow[];
  const world = worldOfTenant({ users: users.slice(0, 7), protection: rows });
  await withGateway({ world }, async (gateway) => {
    const { data, errors } = await gateway.queryText(`query {
      tenant(customerId: "c", tenantId: "t") {
        protectionStatuses {
          totalCount
          nodes { email displayName userId state modules { module moduleCode isProtected } }
        }
        users { nodes { protection { state } } }
        protectionSummary {
          userCount protectedCount unprotectedCount isComplete
          modules { module moduleCode protectedCount unprotectedCount }
        }
      }
    }`);
    const at = ['tenant', 'protectionStatuses', 'nodes'];
    const field = (name: string) => ({ code: 'UPSTREAM_INVALID_RESPONSE', retryable: false, field: name });
    expect(errors).toHaveLength(4);
    expect(errors).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          path: [...at, 2, 'modules', 0, 'isProtected'],
          extensions: expect.objectContaining(field('data[].moduleStatus[].isProtected')),
        }),
        expect.objectContaining({
          path: [...at, 5, 'modules', 0, 'isProtected'],
          extensions: expect.objectContaining(field('data[].moduleStatus[]')),
        }),
        expect.objectContaining({
          path: [...at, 6, 'userId'],
          extensions: expect.objectContaining(field('data[].id')),
        }),
        expect.objectContaining({
          path: [...at, 8, 'email'],
          extensions: expect.objectContaining(field('data[].email')),
        }),
      ]),
    );
    const module = (name: string, moduleCode: number, isProtected: boolean | null) => [
      { module: name, moduleCode, isProtected },
    ];
    const shown = data as unknown as {
      tenant: {
        protectionStatuses: { totalCount: number; nodes: Record<string, unknown>[] };
        users: { nodes: { protection: { state: string } | null }[] };
        protectionSummary: object;
      };
    };
    const { nodes } = shown.tenant.protectionStatuses;
    expect(nodes.map(({ modules }) => modules)).toEqual([
      module('MAILBOX', 0, true),
      module('UNKNOWN', -1, true),
      module('MAILBOX', 0, null),
      module('ONEDRIVE', 2, true),
      module('MAILBOX', 0, true),
      module('UNKNOWN', -1, null),
      module('MAILBOX', 0, true),
      module('MAILBOX', 0, true),
      module('MAILBOX', 0, true),
    ]);
    expect(nodes[6]?.['displayName']).toBe('6');
    expect(nodes[7]?.['email']).toBe('7');
    const states = shown.tenant.users.nodes.map(({ protection: row }) => row?.state);
    expect(states).toEqual(nodes.slice(0, 7).map(({ state }) => state));
    expect(states).toEqual([
      'PROTECTED',
      'PROTECTED',
      'UNPROTECTED',
      'PROTECTED',
      'PROTECTED',
      'UNPROTECTED',
      'PROTECTED',
    ]);
    expect(shown.tenant.protectionSummary).toEqual({
      userCount: 7,
      protectedCount: 5,
      unprotectedCount: 2,
      isComplete: true,
      modules: [
        { module: 'UNKNOWN', moduleCode: -1, protectedCount: 1, unprotectedCount: 1 },
        { module: 'MAILBOX', moduleCode: 0, protectedCount: 3, unprotectedCount: 1 },
        { module: 'ONEDRIVE', moduleCode: 2, protectedCount: 1, unprotectedCount: 0 },
      ],
    });
  });
});

test('odd customers, tenants and directory entries', async () => {
  const customers = [
    odd(customerRow({ id: 'a' }), { organization: 7, jobStatus: true, managementMode: 'x', ownerEmail: [] }),
    odd(customerRow({ id: 'b' }), {
      jobStatus: 4_294_967_295,
      managementMode: '1',
      tenants: [
        null,
        { name: 'no id' },
        { id: 7, name: 7 },
        { id: 'T', name: {} },
        { id: 't', name: 'again' },
        3,
      ],
    }),
    odd(customerRow({ id: 'c' }), { tenants: 'none' }),
  ] as CustomerRow[];
  const directory = [
    { id: 'a', organization: {}, ownerEmail: null, jobStatus: 'Working', countryOrRegion: null },
    { id: 'A', organization: 'again', ownerEmail: null, jobStatus: null, countryOrRegion: null },
  ] as unknown as DirectoryRow[];
  await withGateway({ world: { customers, directory, tenants: {} } }, async (gateway) => {
    const { data, errors } = await gateway.queryText(`query {
      customers {
        nodes {
          organization jobStatus jobStatusCode managementMode managementModeCode ownerEmail
          tenants { tenantId name }
        }
      }
      directory { customerId organization jobStatus }
    }`);
    expect(data).toEqual({
      customers: {
        nodes: [
          {
            organization: '7',
            jobStatus: null,
            jobStatusCode: null,
            managementMode: null,
            managementModeCode: null,
            ownerEmail: null,
            tenants: [],
          },
          {
            organization: 'Organization',
            jobStatus: null,
            jobStatusCode: null,
            managementMode: 'PARTNER',
            managementModeCode: 1,
            ownerEmail: 'owner@example.com',
            tenants: [
              { tenantId: '7', name: '7' },
              { tenantId: 'T', name: null },
            ],
          },
          expect.objectContaining({ tenants: [] }),
        ],
      },
      directory: [{ customerId: 'a', organization: null, jobStatus: 'WORKING' }],
    });
    const paths = errors?.map(({ path, extensions }) => [
      extensions['field'],
      extensions['paths'] ?? [path],
      extensions['retryable'],
    ]);
    const customer = (index: number, ...rest: (string | number)[]) => ['customers', 'nodes', index, ...rest];
    expect(paths).toHaveLength(5);
    expect(paths).toEqual(
      expect.arrayContaining([
        [
          'data[].jobStatus',
          [
            customer(0, 'jobStatus'),
            customer(0, 'jobStatusCode'),
            customer(1, 'jobStatus'),
            customer(1, 'jobStatusCode'),
          ],
          false,
        ],
        ['data[].managementMode', [customer(0, 'managementMode'), customer(0, 'managementModeCode')], false],
        ['data[].ownerEmail', [customer(0, 'ownerEmail')], false],
        ['data[].tenants[].name', [customer(1, 'tenants', 1, 'name')], false],
        ['value[].organization', [['directory', 0, 'organization']], false],
      ]),
    );
  });
});
