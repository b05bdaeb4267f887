/** Ranges in filters: their bounds, what is in none of them, and how those that make no sense are refused. */
import { describe, expect, test } from '@jest/globals';
import type { UserRow } from '../../src/simulator/world.ts';
import { useGateway } from '../use-gateway.ts';
import { customerRow, userRow } from '../world-of.ts';

const odd = (id: string, values: object): UserRow => ({ ...userRow({ id }), ...values });

const gateway = useGateway({
  world: {
    customers: [
      customerRow({ id: 'c', tenants: [{ id: 't', name: 'Straße 7' }] }),
      customerRow({
        id: 'd',
        tenants: [
          { id: 'u', name: 'One' },
          { id: 'v', name: null },
        ],
      }),
      customerRow({ id: 'e', tenants: null }),
    ],
    directory: [],
    tenants: {
      'c/t': {
        users: [
          odd('a', { age: 0, startDate: '2026-01-31T00:00:00Z' }),
          odd('b', { age: '41', startDate: '2026-01-31T23:59:59.9999999Z' }),
          odd('c', { age: 'old', startDate: 'soon' }),
          odd('d', { age: null, startDate: '1970-01-01T00:00:00Z' }),
          odd('e', { age: 2_147_483_647, startDate: '2026-02-01T01:30:00+02:00' }),
          odd('f', { age: -1, startDate: '/Date(1769904000000)/', mail: null }),
        ],
        protection: [],
      },
      'd/u': { users: [], protection: [] },
      'd/v': { users: [], protection: [] },
    },
  },
});

async function found(filter: string): Promise<string> {
  const { data, errors } = await gateway.queryText(
    `{ users(filter: ${filter}) { nodes { userId } }
       tenant(tenantId: "t") { users(filter: ${filter}) { nodes { userId } } }
       customer(customerId: "c") { users(filter: ${filter}) { nodes { userId } } } }`,
  );
  expect(errors).toBeUndefined();
  const { users, tenant, customer } = data as Record<'users' | 'tenant' | 'customer', object>;
  expect([tenant, customer]).toEqual([{ users }, { users }]);
  return (users as { nodes: { userId: string }[] }).nodes.map(({ userId }) => userId).join('');
}

describe('a range of numbers', () => {
  test.each([
    ['{ min: 0 }', 'abe'],
    ['{ max: 0 }', 'af'],
    ['{ min: 41, max: 41 }', 'b'],
    ['{ min: 42, max: null }', 'e'],
    ['{ min: 2147483647 }', 'e'],
    ['{}', 'abcdef'],
    ['{ min: null, max: null }', 'abcdef'],
    ['null', 'abcdef'],
  ])('has both bounds, and no value that is not known: %s', async (range, expected) => {
    expect(await found(`{ passwordAge: ${range} }`)).toBe(expected);
  });

  test('can be combined like any predicate', async () => {
    expect(await found('{ not: { passwordAge: { min: 0 } } }')).toBe('cdf');
    expect(await found('{ or: [{ passwordAge: { max: -1 } }, { passwordAge: { min: 100 } }] }')).toBe('ef');
    expect(await found('{ and: [{ passwordAge: { min: 0 } }, { not: { passwordAge: { min: 41 } } }] }')).toBe(
      'a',
    );
  });
});

describe('a range of instants', () => {
  test.each([
    ['{ from: "2026-01-31", to: "2026-01-31" }', 'abe'],
    ['{ from: "2026-02-01" }', 'f'],
    ['{ to: "2026-01-30" }', ''],
    ['{ from: "2026-02-01T00:00:00Z", to: "2026-02-01T00:00:00.000+00:00" }', 'f'],
    ['{ from: "2026-02-01T01:30:00+02:00", to: "2026-01-31t23:30:00z" }', 'e'],
    ['{ from: "2026-01-31T00:00:00.001Z", to: "2026-02-01" }', 'bef'],
    ['{}', 'abcdef'],
    ['{ from: null }', 'abcdef'],
  ])(
    'has both bounds, a day alone is all of it, and what is no date is in none: %s',
    async (range, expected) => {
      expect(await found(`{ startDate: ${range} }`)).toBe(expected);
    },
  );

  test('leaves to `not` what has no date', async () => {
    expect(await found('{ not: { startDate: { from: "0001-01-01" } } }')).toBe('cd');
    expect(await found('{ endDate: { to: "9999-12-31" } }')).toBe('');
  });
});

test.each([
  ['{ tenantCount: { min: 1 } }', 'cd'],
  ['{ tenantCount: { max: 0 } }', 'e'],
  ['{ tenantCount: { min: 2, max: 2 } }', 'd'],
  ['{ tenantName: "STRASSE" }', 'c'],
  ['{ tenantName: " " }', 'cde'],
  ['{ not: { tenantName: "o" } }', 'ce'],
  ['{ customerIds: ["E", "c", "none"] }', 'ce'],
  ['{ customerIds: [] }', ''],
  ['{ customerIds: null, tenantName: null, tenantCount: null }', 'cde'],
  ['{ not: { customerIds: ["d"] } }', 'ce'],
])('customers are found by their tenants and ids: %s', async (filter, expected) => {
  const { data, errors } = await gateway.queryText(
    `{ customers(filter: ${filter}) { totalCount nodes { customerId } }
       one: customers(customerIds: ["e", "d", "c"], filter: ${filter}) { nodes { customerId } } }`,
  );
  expect(errors).toBeUndefined();
  const [all, named] = [data?.['customers'], data?.['one']].map((list) =>
    (list as { nodes: { customerId: string }[] }).nodes.map(({ customerId }) => customerId),
  );
  expect(all?.join('')).toBe(expected);
  expect(named?.toReversed()).toEqual(all);
});

describe('a range that makes no sense', () => {
  test.each([
    [
      'customers(users: { passwordAge: { min: 5, max: 4 } }, orderBy: COVERAGE_ASC)',
      'users.passwordAge: expected a min that is not above max, but got 5 and 4.',
    ],
    [
      'users(filter: { passwordAge: { min: 5, max: 4 } })',
      'filter.passwordAge: expected a min that is not above max, but got 5 and 4.',
    ],
    [
      'users(filter: { or: [{ not: { startDate: { from: "2026-02-01", to: "2026-01-31" } } }] })',
      'filter.startDate: expected a from that is not after to, but got 2026-02-01 and 2026-01-31.',
    ],
    [
      'users(customers: { tenantCount: { min: 1, max: 0 } })',
      'customers.tenantCount: expected a min that is not above max, but got 1 and 0.',
    ],
    [
      'customers(filter: { tenantCount: { min: 1, max: 0 } })',
      'filter.tenantCount: expected a min that is not above max, but got 1 and 0.',
    ],
    [
      'protectionStatuses(customers: { tenantCount: { min: 1, max: 0 } })',
      'customers.tenantCount: expected a min that is not above max, but got 1 and 0.',
    ],
    [
      `customers(filter: { customerIds: ${JSON.stringify(Array.from({ length: 1001 }, () => 'c'))} })`,
      'filter.customerIds: expected 1000 ids at most, but got 1001.',
    ],
  ])('is refused by its name, before a call: %#', async (field, message) => {
    gateway.calls.length = 0;
    const { errors } = await gateway.queryText(
      `{ ${field} { totalCount } }`,
      {},
      { headers: { 'cache-control': 'no-cache' } },
    );
    expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(gateway.calls).toEqual([]);
  });

  test.each([
    '"soon"',
    '"2026-02-30"',
    '"2026-13-01"',
    '"2026-02-30T00:00:00Z"',
    '"2026-1-1"',
    '"2026"',
    '""',
    '5',
    '"2026-01-31T09:30:00"',
  ])('is one whose bound is no date: %s', async (date) => {
    const messages = await Promise.all(
      [
        { query: `{ users(filter: { startDate: { from: ${date} } }) { totalCount } }` },
        {
          query: 'query ($to: DateTime) { users(filter: { endDate: { to: $to } }) { totalCount } }',
          to: JSON.parse(date) as unknown,
        },
      ].map(
        async ({ query, ...variables }) => (await gateway.queryText(query, variables)).errors?.[0]?.message,
      ),
    );
    for (const message of messages)
      expect(message).toContain('expected an RFC 3339 text such as "2026-01-31T09:30:00Z", or a day such as');
  });
});
