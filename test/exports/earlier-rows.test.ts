/** Memory of an earlier export's users, as it is counted for the limit that all comparisons share. */
import { expect, test } from '@jest/globals';
import { EarlierRows, ComparisonMemory, type EarlierRow } from '../../src/exports/earlier-rows.ts';

const rowOf = (row: Partial<EarlierRow>): EarlierRow => ({
  ...{ customerId: 'c', organization: null, tenantId: 't', name: null, userId: 'u', displayName: null },
  ...{ userPrincipalName: null, mail: null, state: 'PROTECTED', isBlocked: false },
  ...row,
});

function stored(rows: Iterable<EarlierRow>): EarlierRows {
  const all = new EarlierRows(new ComparisonMemory(Infinity));
  for (const row of rows) all.add(row);
  return all;
}

test.each(['a', 'é', '株', '👍'])('texts of %s count with the bytes that are stored', (character) => {
  const displayName = character.repeat(1000);
  const rows = stored(
    Array.from({ length: 5000 }, (_, index) => rowOf({ userId: `u${index}`, displayName })),
  );
  const bytes = 5000 * Buffer.byteLength(displayName);
  expect(rows.used).toBeGreaterThanOrEqual(bytes);
  expect(rows.used).toBeLessThan(1.2 * bytes + 5000 * 200);
  const [tenant] = rows.tenants.values();
  expect(tenant?.users.at(tenant.users.positionOf('u7') ?? -1)?.displayName).toBe(displayName);
});

test('names of tenants count', () => {
  const name = '株'.repeat(10_000);
  const rows = stored(
    Array.from({ length: 100 }, (_, index) => rowOf({ tenantId: `t${index}`, name, organization: name })),
  );
  expect(rows.used).toBeGreaterThan(100 * 40_000);
});

test('the memory is free again after the release', () => {
  const memory = new ComparisonMemory(Infinity);
  const rows = new EarlierRows(memory);
  rows.add(rowOf({ displayName: '株', name: '株' }));
  expect(memory.used).toBe(rows.used);
  rows.release();
  expect(memory.used).toBe(0);
});
