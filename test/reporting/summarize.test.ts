/** Summaries against a count that compares every row with every user. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ProtectionStatusRecord, ProtectionSummaryRecord, UserRecord } from '../../src/model.ts';
import { GroupRow } from '../../src/reporting/group-table.ts';
import { allUsers, groupKeyOf, maxGroups } from '../../src/reporting/population.ts';
import {
  coverageOf,
  emptySummary,
  SummaryAccumulator,
  SummaryBuilder,
} from '../../src/reporting/summarize.ts';
import { Pace } from '../../src/scheduler.ts';
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

test('a tenant above the limit of groups has none, but its other counts', async () => {
  const groupings = new Set(['DEPARTMENT', 'COMPANY'] as const);
  const tenant = new SummaryBuilder([{ ...allUsers, groupings }]);
  const users = Array.from({ length: maxGroups + 1 }, (_, index) =>
    userRecord({ id: `${index}`, department: `d${index}`, company: `c${index % 3}` }),
  );
  for (const user of users) tenant.addUser(user);
  const summary = tenant.summaries.get(allUsers.name) ?? emptySummary;
  expect(summary.userCount).toBe(users.length);
  expect(summary.groups.get('DEPARTMENT')).toBe('TOO_MANY');
  expect(sizeOf(summary.groups.get('COMPANY'))).toBe(3);
  const sum = new SummaryAccumulator();
  await sum.addWithGroups(summary, new Pace());
  expect(sum.all.groups.get('DEPARTMENT')).toBe('TOO_MANY');
  expect(sizeOf(sum.all.groups.get('COMPANY'))).toBe(3);
});

/** A tenant whose users each have a department of their own. */
function tenantOfDepartments(name: string, departments: number): ProtectionSummaryRecord {
  const count = new SummaryBuilder([{ ...allUsers, groupings: new Set(['DEPARTMENT'] as const) }]);
  for (let user = 0; user < departments; user++)
    count.addUser(userRecord({ id: `${user}`, department: `${name} d${user}` }));
  return count.summaries.get(allUsers.name) ?? emptySummary;
}

function sizeOf(groups: ReturnType<ProtectionSummaryRecord['groups']['get']>): number | string | undefined {
  return typeof groups === 'object' ? groups.indexes.size : groups;
}

test('totals have no more groups than the limit', async () => {
  const sum = new SummaryAccumulator();
  for (let tenant = 0; tenant < 3; tenant++) {
    await sum.addWithGroups(tenantOfDepartments(`t${tenant}`, 0.4 * maxGroups), new Pace());
    const kept = sizeOf(sum.all.groups.get('DEPARTMENT'));
    expect(kept).toBe(tenant < 2 ? (tenant + 1) * 0.4 * maxGroups : 'TOO_MANY');
  }
});

test('groups of a tenant are added to the totals in slices, between which the event loop goes on', async () => {
  const summary = tenantOfDepartments('t', 5000);
  let turns = 0;
  const pace = new Pace(1);
  // As if each group took a slice.
  Object.defineProperty(pace, 'shouldYield', { get: () => true });
  pace.yield = () =>
    new Promise((resolve) => {
      setImmediate(() => {
        turns += 1;
        resolve();
      });
    });
  await new SummaryAccumulator().addWithGroups(summary, pace);
  expect(turns).toBe(5000);
});

const words = fc.constantFrom(null, '', 'Sales', 'SALES', 'sales', 'Straße', 'STRASSE', 'IT');
const groupedUsers = fc.array(fc.record({ department: words, row: fc.constantFrom(0, 1, 2, 3) }), {
  maxLength: 12,
});

test('groups of several tenants are as counted user by user', async () => {
  const rowsOf = [
    [],
    [{ module: 9, isProtected: true }],
    [
      { module: 9, isProtected: false },
      { module: 10, isProtected: true },
    ],
    [{ module: 77, isProtected: false }],
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(groupedUsers, { maxLength: 4 }), async (tenants) => {
      const sum = new SummaryAccumulator();
      const groupings = new Set(['DEPARTMENT'] as const);
      for (const users of tenants) {
        const builder = new SummaryBuilder([{ ...allUsers, groupings }]);
        for (const [index, { row }] of users.entries())
          builder.addStatus(
            protectionStatusRecord({ email: `u${index}@e`, moduleStatus: rowsOf[row] ?? [] }),
          );
        for (const [index, { department }] of users.entries())
          builder.addUser(userRecord({ id: `u${index}`, mail: `u${index}@e`, department }));
        await sum.addWithGroups(builder.summaries.get(allUsers.name) ?? emptySummary, new Pace());
      }
      const groups = sum.all.groups.get('DEPARTMENT');
      const found =
        typeof groups === 'object'
          ? [...groups.indexes].map(([key, index]) => {
              const group = new GroupRow('DEPARTMENT', groups, index);
              const { value, userCount, protectedCount, unprotectedCount, modules } = group;
              return [key, { value, userCount, protectedCount, unprotectedCount, modules }];
            })
          : [];
      const users = tenants.flat();
      const keyOf = (text: string | null) => groupKeyOf('DEPARTMENT', text);
      const keys = [...new Set(users.map(({ department }) => keyOf(department)))];
      const expected = keys.map((key) => {
        const own = users.filter(({ department }) => keyOf(department) === key);
        const of = (...rows: number[]) => own.filter(({ row }) => rows.includes(row)).length;
        const spellings = [...new Set(own.map(({ department }) => department))]
          .filter((spelling) => spelling !== null && spelling !== '')
          .map((spelling) => ({ spelling, users: own.filter((user) => user.department === spelling).length }))
          .sort((left, right) => right.users - left.users || (left.spelling < right.spelling ? -1 : 1));
        const modules = [
          { module: 'VIVA_ENGAGE', moduleCode: 9, protectedCount: of(1), unprotectedCount: of(2) },
          { module: 'TEAMS_CHAT', moduleCode: 10, protectedCount: of(2), unprotectedCount: 0 },
          { module: 'UNKNOWN', moduleCode: 77, protectedCount: 0, unprotectedCount: of(3) },
        ].filter((module) => module.protectedCount + module.unprotectedCount > 0);
        return [
          key,
          {
            value: spellings[0]?.spelling ?? null,
            userCount: own.length,
            protectedCount: of(1),
            unprotectedCount: of(0, 3),
            modules,
          },
        ];
      });
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    }),
    { numRuns: 500 },
  );
});

test('coverage is the share of the users that are protected, and none without users', () => {
  expect(coverageOf({ ...emptySummary, userCount: 4, protectedCount: 1 })).toBe(0.25);
  expect(coverageOf(emptySummary)).toBeNull();
});
