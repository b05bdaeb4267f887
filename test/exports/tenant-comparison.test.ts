/** Comparison of one tenant's users: its changes in batches, however many users have none. */
import { expect, test } from '@jest/globals';
import { TenantComparison, type UserBefore, type UserNow } from '../../src/exports/changes.ts';
import { EarlierRows, ComparisonMemory } from '../../src/exports/earlier-rows.ts';

function userOf(userId: string, more: Partial<UserNow> = {}): UserNow {
  return {
    ...{ userId, displayName: `Name of ${userId}`, userPrincipalName: null, mail: `${userId}@example.com` },
    ...{ state: 'PROTECTED', isBlocked: false, isListed: true },
    ...more,
  };
}

function comparisonWith(before: readonly UserBefore[]): TenantComparison {
  const rows = new EarlierRows(new ComparisonMemory(Infinity));
  for (const user of before)
    rows.add({ customerId: 'c', organization: null, tenantId: 't', name: null, ...user });
  const [tenant] = rows.tenants.values();
  if (tenant === undefined) throw new Error('There is no tenant.');
  return new TenantComparison(tenant.users);
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => `u${index}`);

test.each([
  ['all there', 0],
  ['some gone', 7],
  ['all gone', 5000],
])('the changes of many users come a few users at a time: %s', (_name, gone) => {
  const users = ids(5000);
  const comparison = comparisonWith(users.map((id) => userOf(id)));
  for (const id of users.slice(gone)) comparison.add(id, () => userOf(id));
  const { counts, changes } = comparison.finish();
  expect(counts).toMatchObject({ usersBefore: 5000, usersNow: 5000 - gone, gone });
  const batches = [...changes];
  expect(batches.length).toBeGreaterThanOrEqual(25);
  expect(Math.max(...batches.map(({ length }) => length))).toBeLessThanOrEqual(200);
  expect(batches.flat().map(({ userId }) => userId)).toEqual(users.slice(0, gone));
});

test('a change has the texts of now, whether they are as before or not', () => {
  const comparison = comparisonWith([
    userOf('Ann'),
    userOf('Ben', { isBlocked: true }),
    userOf('Cleo', { state: 'UNPROTECTED' }),
    userOf('Dan'),
  ]);
  const now = [
    userOf('Ann', { state: 'NOT_IN_BACKUP' }),
    userOf('Ben', { isBlocked: true }),
    userOf('CLEO', { state: 'PROTECTED', displayName: 'New name', isBlocked: true }),
    userOf('Eve', { state: 'PARTIALLY_PROTECTED' }),
  ];
  for (const user of [...now, ...now]) comparison.add(user.userId, () => user);
  const { counts, changes } = comparison.finish();
  const lines = [...changes].flat();
  const shown = ({ userId, displayName, userPrincipalName, mail }: UserBefore) => ({
    ...{ userId, displayName, userPrincipalName, mail },
  });
  const [ann, ben, cleo, eve] = now.map(shown);
  expect(lines).toEqual([
    { change: 'LESS_PROTECTED', isNew: null, ...ann, before: 'PROTECTED', now: 'NOT_IN_BACKUP' },
    { change: 'BLOCKED_BUT_PROTECTED', isNew: false, ...ben, before: 'PROTECTED', now: 'PROTECTED' },
    { change: 'MORE_PROTECTED', isNew: null, ...cleo, before: 'UNPROTECTED', now: 'PROTECTED' },
    { change: 'BLOCKED_BUT_PROTECTED', isNew: true, ...cleo, before: 'UNPROTECTED', now: 'PROTECTED' },
    { change: 'APPEARED', isNew: null, ...eve, before: null, now: 'PARTIALLY_PROTECTED' },
    { change: 'GONE', isNew: null, ...shown(userOf('Dan')), before: 'PROTECTED', now: null },
  ]);
  expect(counts).toMatchObject({ usersBefore: 4, usersNow: 4, appeared: 1, gone: 1 });
});
