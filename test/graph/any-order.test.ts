/** Answers are right whatever was queried before and whatever is cached. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { withGateway } from '../use-gateway.ts';
import type { ProtectionRow, UserRow } from '../../src/simulator/world.ts';
import { worldOfTenant, type TenantData } from '../world-of.ts';
import { protectionOf, randomTenant, shown } from './random-world.ts';
import { stormSize } from '../storms.ts';

/** A query of the tenant, and its result from the tenant's rows. */
interface TenantQuery {
  readonly document: string;
  readonly variables: Record<string, unknown>;
  readonly expected: (tenant: TenantData) => unknown;
}

const tenantField = (fields: string) => `tenant(customerId: "c", tenantId: "t") { ${fields} }`;
const userFields = 'userId protection { email }';

function shownUser(user: UserRow, tenant: TenantData): object {
  const row = protectionOf(user, tenant);
  return { userId: user.id, protection: row === null ? null : { email: row.email } };
}

function userOfRow({ email }: ProtectionRow, { users }: TenantData): object | null {
  const isNamed = (address: string | null) => shown(address)?.toLowerCase() === email?.toLowerCase();
  const user = users.find(({ mail }) => isNamed(mail)) ?? users.find((it) => isNamed(it.userPrincipalName));
  return user === undefined ? null : { userId: user.id };
}

const tenantQuery: fc.Arbitrary<TenantQuery> = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 260 }), fc.boolean()).map(([size, isForward]): TenantQuery => ({
    document: `query ($size: Int) { ${tenantField(`users(${isForward ? 'first' : 'last'}: $size) { totalCount nodes { ${userFields} } }`)} }`,
    variables: { size },
    expected: (tenant) => ({
      tenant: {
        users: {
          totalCount: tenant.users.length,
          nodes: (isForward
            ? tenant.users.slice(0, size)
            : tenant.users.slice(Math.max(0, tenant.users.length - size))
          ).map((user) => shownUser(user, tenant)),
        },
      },
    }),
  })),
  fc.integer({ min: 0, max: 200 }).map((size): TenantQuery => ({
    document: `query ($size: Int) { ${tenantField('protectionStatuses(first: $size) { totalCount nodes { email user { userId } } }')} }`,
    variables: { size },
    expected: (tenant) => ({
      tenant: {
        protectionStatuses: {
          totalCount: tenant.protection.length,
          nodes: tenant.protection
            .slice(0, size)
            .map((row) => ({ email: row.email, user: userOfRow(row, tenant) })),
        },
      },
    }),
  })),
  fc.uniqueArray(fc.nat(270), { minLength: 1, maxLength: 130, size: 'max' }).map((numbers): TenantQuery => ({
    document: `query ($ids: [ID!]) { ${tenantField(`users(userIds: $ids, first: 1000) { totalCount nodes { ${userFields} } }`)} }`,
    variables: { ids: numbers.map((number) => `t-user-${number}`) },
    expected: (tenant) => {
      const users = numbers.flatMap((number) => tenant.users[number] ?? []);
      return {
        tenant: {
          users: { totalCount: users.length, nodes: users.map((user) => shownUser(user, tenant)) },
        },
      };
    },
  })),
  fc.nat(270).map((number): TenantQuery => ({
    document: `query ($id: ID!) { user(customerId: "c", tenantId: "t", userId: $id) { ${userFields} } }`,
    variables: { id: `t-user-${number}` },
    expected: (tenant) => {
      const user = tenant.users[number];
      return { user: user === undefined ? null : shownUser(user, tenant) };
    },
  })),
  fc.tuple(fc.nat(270), fc.boolean()).map(([number, isMail]): TenantQuery => ({
    document: `query ($email: String!) { ${tenantField(`user(email: $email) { ${userFields} }`)} }`,
    variables: { email: isMail ? `PERSON${number}@T.example` : `p${number}@t.cloud.EXAMPLE` },
    expected: (tenant) => {
      const address = isMail ? `person${number}@t.example` : `p${number}@t.cloud.example`;
      const user = tenant.users.find((it) =>
        [it.mail, it.userPrincipalName].some((own) => own?.toLowerCase() === address),
      );
      return { tenant: { user: user === undefined ? null : shownUser(user, tenant) } };
    },
  })),
  fc.constant<TenantQuery>({
    document: `{ ${tenantField('users { totalCount } protectionStatuses { totalCount }')} }`,
    variables: {},
    expected: ({ users, protection }) => ({
      tenant: { users: { totalCount: users.length }, protectionStatuses: { totalCount: protection.length } },
    }),
  }),
);

const round = fc.record({
  queries: fc.array(tenantQuery, { minLength: 1, maxLength: 4 }),
  cacheControl: fc.constantFrom('', '', '', 'no-cache', 'max-age=20'),
  seconds: fc.constantFrom(0, 0, 10, 35, 61, 150, 800),
});

describe.each(['singular', 'plural'] as const)('in the %s dialect', (dialect) => {
  test('each answer is right', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomTenant('t', 260),
        fc.array(round, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(0, 60_000, 64_000_000),
        async (tenant, rounds, maxCacheBytes) => {
          let now = 0;
          await withGateway(
            {
              world: worldOfTenant(tenant),
              dialect,
              maxCacheBytes,
              clock: () => now,
            },
            async (gateway) => {
              for (const { queries, cacheControl, seconds } of rounds) {
                now += seconds * 1000;
                await Promise.all(
                  queries.map(async ({ document, variables, expected }) => {
                    const { data, errors } = await gateway.queryText(document, variables, {
                      headers: { 'cache-control': cacheControl },
                    });
                    expect(errors).toBeUndefined();
                    expect(data).toEqual(expected(tenant));
                  }),
                );
              }
            },
          );
        },
      ),
      { numRuns: stormSize(40, 10) },
    );
  });
});
