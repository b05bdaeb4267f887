/** Summaries against a count that compares every row with every user. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ProtectionStatusRecord, ProtectionSummaryRecord, UserRecord } from '../../src/model.ts';
import { allUsers, maxGroups } from '../../src/reporting/population.ts';
import {
  coverageOf,
  emptySummary,
  SummaryAccumulator,
  SummaryBuilder,
} from '../../src/reporting/summarize.ts';
import { protectionStatusRecord, userRecord } from '../records-of.ts';

/** Their order by code is neither that of their names nor that of the codes as text. */
const moduleNames = { 9: 'VIVA_ENGAGE', 10: 'TEAMS_CHAT' } as const;

const ids = fc.constantFrom('a', 'A', 'b', 'c');
const addresses = fc.constantFrom(null, 'x@e', 'X@e ', 'y@e', 'z@e');

/** As the upstream sends them. */
const statuses = fc.array(
  fc.record({
    id: fc.option(ids),
    email: addresses,
    displayName: fc.constantFrom(null, 'name'),
    moduleStatus: fc.array(
      fc.record({ module: fc.constantFrom(9, 10), isProtected: fc.constantFrom(true, false, null) }),
      { maxLength: 3 },
    ),
  }),
  { maxLength: 8 },
);

const users = fc.array(fc.record({ id: ids, mail: addresses, userPrincipalName: addresses }), {
  maxLength: 6,
});

const fold = (text: string | null) => text?.trim().toLowerCase() ?? null;
const isSame = (left: ProtectionStatusRecord, right: ProtectionStatusRecord) =>
  fold(left.userId) === fold(right.userId) &&
  fold(left.email) === fold(right.email) &&
  // What goes by no name is the same if all of it is.
  (left.userId !== null ||
    left.email !== null ||
    JSON.stringify([left.displayName, left.modules]) === JSON.stringify([right.displayName, right.modules]));

/** Unlike the rows that are counted, each is compared with each. */
function countNaively(
  rows: readonly ProtectionStatusRecord[],
  all: readonly UserRecord[],
): ProtectionSummaryRecord {
  const distinct = rows.filter((row, index) => rows.findIndex((other) => isSame(row, other)) === index);
  const once = all.filter(
    ({ userId }, index) => all.findIndex((other) => fold(other.userId) === fold(userId)) === index,
  );
  const ofUser = once.map(({ userId, mail, userPrincipalName }) => [
    ...distinct.filter((row) => fold(row.userId) === fold(userId)),
    ...[mail, userPrincipalName].flatMap((address) =>
      distinct.filter((row) => address !== null && fold(row.email) === fold(address)),
    ),
  ]);
  const statesOf = (row: ProtectionStatusRecord) =>
    row.modules.map(({ isProtected }) => isProtected === true);
  // An id makes a row that of a user, and yet does not decide the user's state.
  const first = once.map(({ mail, userPrincipalName }) =>
    [mail, userPrincipalName]
      .map((address) => distinct.find((row) => address !== null && fold(row.email) === fold(address)))
      .find((row) => row !== undefined),
  );
  const known = first.filter((row) => row !== undefined);
  const counts = ([9, 10] as const).flatMap((moduleCode) => {
    const having = known
      .map((row) => row.modules.filter((status) => status.moduleCode === moduleCode))
      .filter((some) => some.length > 0);
    const protectedCount = having.filter((some) =>
      some.every(({ isProtected }) => isProtected === true),
    ).length;
    return having.length === 0
      ? []
      : [
          {
            module: moduleNames[moduleCode],
            moduleCode,
            protectedCount,
            unprotectedCount: having.length - protectedCount,
          },
        ];
  });
  return {
    ...emptySummary,
    userCount: once.length,
    protectedCount: known.filter((row) => statesOf(row).length > 0 && !statesOf(row).includes(false)).length,
    partiallyProtectedCount: known.filter(
      (row) => statesOf(row).includes(true) && statesOf(row).includes(false),
    ).length,
    unprotectedCount: known.filter((row) => !statesOf(row).includes(true)).length,
    notInBackupCount: first.length - known.length,
    unmatchedStatusCount: distinct.filter((row) => !ofUser.some((some) => some.includes(row))).length,
    modules: counts,
  };
}

function count(rows: readonly ProtectionStatusRecord[], all: readonly UserRecord[]): ProtectionSummaryRecord {
  const tenant = new SummaryBuilder([allUsers]);
  for (const row of rows) tenant.addStatus(row);
  for (const user of all) tenant.addUser(user);
  return tenant.summaries.get(allUsers.name) ?? emptySummary;
}

test('a tenant is counted as rows compared one by one are', () => {
  fc.assert(
    fc.property(statuses, users, (statusRows, userRows) => {
      const [rows, all] = [statusRows.map(protectionStatusRecord), userRows.map(userRecord)];
      expect(count(rows, all)).toEqual(countNaively(rows, all));
    }),
    { numRuns: 2000 },
  );
});

test('rows without id and address are one row if all of them is alike', () => {
  const row = { displayName: 'name' };
  const rows = [row, row, { displayName: null }].map(protectionStatusRecord);
  expect(count(rows, []).unmatchedStatusCount).toBe(2);
});

test('totals have the counts of all tenants, the oldest time and all missing tenants', () => {
  const tenants = fc.array(
    fc.tuple(statuses, users, fc.option(fc.nat(9)), fc.boolean(), fc.array(fc.constantFrom('A', 'B'))),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(tenants, (some) => {
      const summaries = some.map(([statusRows, userRows, asOfMs, changedWhileRead, codes]) => ({
        ...count(statusRows.map(protectionStatusRecord), userRows.map(userRecord)),
        asOfMs,
        changedWhileRead,
        missing: codes.map((code) => ({
          customerId: 'c',
          tenantId: 't',
          code,
          message: code,
          retryable: false,
        })),
      }));
      const sum = new SummaryAccumulator();
      for (const summary of summaries) sum.add(summary);
      const total = (numberOf: (summary: ProtectionSummaryRecord) => number) =>
        summaries.reduce((all, summary) => all + numberOf(summary), 0);
      const times = summaries.flatMap(({ asOfMs }) => asOfMs ?? []);
      const numbersOf = (code: number) =>
        summaries.flatMap((summary) => summary.modules.filter(({ moduleCode }) => moduleCode === code));
      expect(sum.all).toEqual({
        groups: new Map(),
        userCount: total(({ userCount }) => userCount),
        protectedCount: total(({ protectedCount }) => protectedCount),
        partiallyProtectedCount: total(({ partiallyProtectedCount }) => partiallyProtectedCount),
        unprotectedCount: total(({ unprotectedCount }) => unprotectedCount),
        notInBackupCount: total(({ notInBackupCount }) => notInBackupCount),
        unmatchedStatusCount: total(({ unmatchedStatusCount }) => unmatchedStatusCount),
        modules: [9, 10].flatMap((code) => {
          const [first] = numbersOf(code);
          if (first === undefined) return [];
          const protectedCount = numbersOf(code).reduce((all, each) => all + each.protectedCount, 0);
          const unprotectedCount = numbersOf(code).reduce((all, each) => all + each.unprotectedCount, 0);
          return [{ ...first, protectedCount, unprotectedCount }];
        }),
        asOfMs: times.length === 0 ? null : Math.min(...times),
        changedWhileRead: summaries.some(({ changedWhileRead }) => changedWhileRead),
        missing: summaries.flatMap(({ missing }) => missing),
      });
    }),
    { numRuns: 300 },
  );
});

test('a tenant above the limit of groups has none, but its other counts', () => {
  const groupings = new Set(['DEPARTMENT', 'COMPANY'] as const);
  const tenant = new SummaryBuilder([{ ...allUsers, groupings }]);
  const users = Array.from({ length: maxGroups + 1 }, (_, index) =>
    userRecord({ id: `${index}`, department: `d${index}`, company: `c${index % 3}` }),
  );
  for (const user of users) tenant.addUser(user);
  const summary = tenant.summaries.get(allUsers.name);
  expect(summary?.userCount).toBe(users.length);
  expect(summary?.groups.get('DEPARTMENT')).toBeNull();
  expect(summary?.groups.get('COMPANY')?.size).toBe(3);
  const sum = new SummaryAccumulator();
  if (summary) sum.add(summary);
  expect(sum.all.groups.get('DEPARTMENT')).toBeNull();
});

test('totals have no more groups than the limit', () => {
  const sum = new SummaryAccumulator();
  const groupings = new Set(['DEPARTMENT'] as const);
  for (let tenant = 0; tenant < 3; tenant++) {
    const count = new SummaryBuilder([{ ...allUsers, groupings }]);
    for (let user = 0; user < 0.4 * maxGroups; user++)
      count.addUser(userRecord({ id: `${user}`, department: `t${tenant} d${user}` }));
    sum.add(count.summaries.get(allUsers.name) ?? emptySummary);
    const kept = sum.all.groups.get('DEPARTMENT');
    expect(kept?.size ?? null).toBe(tenant < 2 ? (tenant + 1) * 0.4 * maxGroups : null);
  }
});

test('coverage is the share of the users that are protected, and none without users', () => {
  expect(coverageOf({ ...emptySummary, userCount: 4, protectedCount: 1 })).toBe(0.25);
  expect(coverageOf(emptySummary)).toBeNull();
});
