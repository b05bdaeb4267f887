/** Joining of protection rows to users: as a search through all rows finds them, in time that grows with their number. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ProtectionStatusRecord, UserRecord } from '../../src/model.ts';
import { ProtectionKinds } from '../../src/reporting/protection-kinds.ts';
import { cpuMsOf } from '../cpu-time.ts';

interface Row {
  readonly userId: string | null;
  readonly email: string | null;
}

interface User {
  readonly userId: string;
  readonly mail: string | null;
  readonly userPrincipalName: string | null;
}

/** The index of a row is the code of its module. */
const statusOf = (row: Row, index: number) =>
  ({
    kind: 'ProtectionStatus',
    displayName: `Row ${index}`,
    modules: [{ moduleCode: index, isProtected: true }],
    ...row,
  }) as unknown as ProtectionStatusRecord;
const userOf = (user: User) => user as unknown as UserRecord;

function kindsOf(rows: readonly Row[]): ProtectionKinds {
  const kinds = new ProtectionKinds();
  for (const [index, row] of rows.entries()) kinds.add(statusOf(row, index));
  return kinds;
}

test('rows and users are joined as by a search through all rows', () => {
  const id = fc.constantFrom('a', 'b', 'A');
  const address = fc.constantFrom('x@e', 'X@e', 'y@e', 'z@e');
  const orNull = (text: fc.Arbitrary<string>) => fc.option(text, { nil: null });
  const rows = fc.array(fc.record({ userId: orNull(id), email: orNull(address) }), { maxLength: 20 });
  const users = fc.array(
    fc.record({ userId: id, mail: orNull(address), userPrincipalName: orNull(address) }),
    { maxLength: 6 },
  );
  const fold = (text: string | null) => text?.toLowerCase() ?? null;
  fc.assert(
    fc.property(rows, users, (all, asked) => {
      const kinds = kindsOf(all);
      const distinct = all.flatMap((row, index) => {
        const isNamed = row.userId !== null || row.email !== null;
        const isRepeat = all
          .slice(0, index)
          .some((each) => fold(each.userId) === fold(row.userId) && fold(each.email) === fold(row.email));
        return isNamed && isRepeat ? [] : [{ index, userId: fold(row.userId), email: fold(row.email) }];
      });
      const matched = new Set<number>();
      for (const user of asked) {
        const [userId, ...addresses] = [user.userId, user.mail, user.userPrincipalName].map(fold);
        const found = addresses.map((each) =>
          distinct.filter(({ email }) => each !== null && email === each),
        );
        for (const row of [...distinct.filter((each) => each.userId === userId), ...found.flat()])
          matched.add(row.index);
        const kind = kinds.match(userOf(user));
        expect(kind?.modules[0]?.moduleCode ?? null).toBe(found.flat()[0]?.index ?? null);
      }
      expect(kinds.unmatchedCount).toBe(distinct.length - matched.size);
    }),
  );
});

describe('the time grows with the number of rows and users', () => {
  const index = (count: number) => Array.from({ length: count }, (_, number) => number);
  const shapes: Readonly<Record<string, (count: number) => Row[]>> = {
    'that share one address': (count) =>
      index(count).map((number) => ({ userId: `u${number}`, email: 'shared@e' })),
    'that share one id': (count) => index(count).map((number) => ({ userId: 'u0', email: `m${number}@e` })),
    'that share both by turns': (count) =>
      index(count).map((number) =>
        number % 2 === 0 ? { userId: `u${number}`, email: 'shared@e' } : { userId: null, email: 'shared@e' },
      ),
    'that are repeated behind others': (count) =>
      index(count).map((number) =>
        number < count / 2
          ? { userId: `u${number}`, email: 'shared@e' }
          : { userId: `u${count / 2 - 1}`, email: 'shared@e' },
      ),
  };
  test.each(Object.entries(shapes))('%s', (_, rowsOf) => {
    const work = (count: number) => {
      const rows = rowsOf(count).map(statusOf);
      const users = index(count).map((number) =>
        userOf({ userId: `u${number}`, mail: 'shared@e', userPrincipalName: null }),
      );
      return cpuMsOf(() => {
        const kinds = new ProtectionKinds();
        for (const row of rows) kinds.add(row);
        for (const user of users) kinds.match(user);
      });
    };
    const [few, many] = [work(4000), work(32_000)];
    // 64 times as long if each row is compared with all others.
    expect(many).toBeLessThan(24 * Math.max(few, 10));
  });
});
