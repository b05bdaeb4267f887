import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { withGateway } from '../use-gateway.ts';
import {
  DashboardDocument,
  StatusWindowDocument,
  UsersByIdDocument,
  UserWindowDocument,
  type UserWindowQueryVariables,
} from '../generated/operations.ts';
import { worldOfTenant } from '../world-of.ts';
import { protectionOf, randomTenant, randomWorld, shown, shownCustomer, shownUser } from './random-world.ts';
import { stormSize } from '../storms.ts';

const runs = { numRuns: stormSize(25, 8) };

describe.each(['singular', 'plural'] as const)('a random world in the %s dialect', (dialect) => {
  test('comes back whole through the dashboard', async () => {
    await fc.assert(
      fc.asyncProperty(randomWorld({ customers: 4, users: 60 }), async (world) => {
        await withGateway({ world, dialect }, async (gateway) => {
          const { data, errors } = await gateway.query(DashboardDocument, {});
          expect(errors).toBeUndefined();
          expect(data?.customers?.totalCount).toBe(world.customers.length);
          const seen = data?.customers?.nodes.map(({ id, tenants, ...customer }) => ({
            ...customer,
            tenants: tenants.map(({ tenantId, name, users }) => ({
              tenantId,
              name,
              totalCount: users?.totalCount,
              users: users?.nodes.map(({ id: userNode, ...user }) => {
                expect(userNode).not.toBe(id);
                return user;
              }),
            })),
          }));
          expect(seen).toEqual(
            world.customers.map((customer) => ({
              ...shownCustomer(customer),
              tenants: (customer.tenants ?? []).map((tenant) => {
                const data = world.tenants[`${customer.id}/${tenant.id}`] ?? { users: [], protection: [] };
                return {
                  tenantId: tenant.id,
                  name: tenant.name,
                  totalCount: data.users.length,
                  users: data.users.slice(0, 50).map((user) => shownUser(user, data)),
                };
              }),
            })),
          );
        });
      }),
      runs,
    );
  });

  test('comes back exactly in windows of every size, forward and backward', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomTenant('t', 330),
        fc.integer({ min: 1, max: 220 }),
        fc.boolean(),
        async (tenant, size, isForward) => {
          await withGateway({ world: worldOfTenant(tenant), dialect }, async (gateway) => {
            const ids: string[] = [];
            let cursor: string | null = null;
            for (let round = 0; ; round++) {
              expect(round).toBeLessThanOrEqual(tenant.users.length);
              const variables: UserWindowQueryVariables = isForward
                ? { first: size, after: cursor }
                : { last: size, before: cursor };
              const { data, errors } = await gateway.query(UserWindowDocument, variables);
              expect(errors).toBeUndefined();
              const users = data?.tenant?.users;
              expect(users?.totalCount).toBe(tenant.users.length);
              expect(users?.edges.map(({ node }) => node.userId)).toEqual(
                users?.nodes.map(({ userId }) => userId),
              );
              for (const { userId, protection } of users?.nodes ?? []) {
                const user = tenant.users.find(({ id }) => id === userId);
                expect(user).toBeDefined();
                if (user) expect(protection?.email).toBe(protectionOf(user, tenant)?.email);
              }
              const page = users?.nodes.map(({ userId }) => userId) ?? [];
              if (isForward) ids.push(...page);
              else ids.unshift(...page);
              expect(users?.pageInfo.startCursor).toBe(users?.edges.at(0)?.cursor ?? null);
              const isMore = isForward ? users?.pageInfo.hasNextPage : users?.pageInfo.hasPreviousPage;
              cursor = (isForward ? users?.pageInfo.endCursor : users?.pageInfo.startCursor) ?? null;
              if (isMore !== true) break;
            }
            expect(ids).toEqual(tenant.users.map(({ id }) => id));
          });
        },
      ),
      runs,
    );
  });

  test('knows the user of each protection row, and each user by id and by address', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomTenant('t', 240),
        fc.integer({ min: 1, max: 150 }),
        fc.nat(),
        async (tenant, size, pick) => {
          await withGateway({ world: worldOfTenant(tenant), dialect }, async (gateway) => {
            const rows = await gateway.query(StatusWindowDocument, { first: size });
            expect(rows.errors).toBeUndefined();
            expect(rows.data?.tenant?.protectionStatuses?.totalCount).toBe(tenant.protection.length);
            expect(rows.data?.tenant?.protectionStatuses?.nodes).toEqual(
              tenant.protection.slice(0, size).map(({ email }) => {
                const user = tenant.users.find((candidate) => isAddressOf(email, candidate));
                return { email, user: user === undefined ? null : { userId: user.id } };
              }),
            );

            const wanted = tenant.users.filter((_, index) => index % 3 === pick % 3).reverse();
            const someone = tenant.users[tenant.users.length === 0 ? 0 : pick % tenant.users.length];
            const byId = await gateway.query(UsersByIdDocument, {
              ids: [...wanted.map(({ id }) => id), 'absent'],
              address: someone?.userPrincipalName?.toUpperCase() ?? 'absent@example.com',
            });
            expect(byId.errors).toBeUndefined();
            expect(byId.data?.tenant?.users?.totalCount).toBe(wanted.length);
            expect(byId.data?.tenant?.users?.nodes).toEqual(
              wanted.map((user) => {
                const row = protectionOf(user, tenant);
                return { userId: user.id, protection: row === null ? null : { email: row.email } };
              }),
            );
            expect(byId.data?.tenant?.user).toEqual(someone === undefined ? null : { userId: someone.id });
          });
        },
      ),
      runs,
    );
  });
});

function isAddressOf(
  email: string | null,
  user: { mail: string | null; userPrincipalName: string | null },
): boolean {
  return [shown(user.mail), shown(user.userPrincipalName)].some(
    (address) => address !== null && address.toLowerCase() === email?.toLowerCase(),
  );
}
