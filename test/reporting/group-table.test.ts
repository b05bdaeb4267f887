/** Groups of users whose modules an upstream makes up: any integer is the code of one. */
import { expect, test } from '@jest/globals';
import type { GroupsRecord, ProtectionSummaryRecord } from '../../src/model.ts';
import { allUsers } from '../../src/reporting/population.ts';
import { emptySummary, SummaryAccumulator, SummaryBuilder } from '../../src/reporting/summarize.ts';
import { Pace } from '../../src/scheduler.ts';
import { protectionStatusRecord, userRecord } from '../records-of.ts';

const byDepartment = { ...allUsers, groupings: new Set(['DEPARTMENT'] as const) };

/** A tenant whose users have each a department, and a module, of their own. */
function tenantOfModules(users: number): ProtectionSummaryRecord {
  const builder = new SummaryBuilder([byDepartment]);
  for (let user = 0; user < users; user++)
    builder.addStatus(
      protectionStatusRecord({
        email: `${user}@e`,
        moduleStatus: [{ module: 1000 + user, isProtected: true }],
      }),
    );
  for (let user = 0; user < users; user++)
    builder.addUser(userRecord({ id: `${user}`, mail: `${user}@e`, department: `${user}` }));
  return builder.summaries.get('') ?? emptySummary;
}

/** Numbers in memory, of users by module. */
function numbersOf({ modules, unknownModules }: GroupsRecord): number {
  let numbers = 0;
  for (const columns of modules.values())
    numbers += columns.protectedCount.length + columns.unprotectedCount.length;
  for (const { size } of unknownModules.values()) numbers += 2 * size;
  return numbers;
}

test('modules of any number take memory for those that users have, not for each in each group', async () => {
  const users = 500;
  const summary = tenantOfModules(users);
  const totals = new SummaryAccumulator();
  await totals.addWithGroups(summary, new Pace());
  for (const { groups, modules, protectedCount } of [summary, totals.all]) {
    expect({ modules: modules.length, protectedCount }).toEqual({ modules: users, protectedCount: users });
    const records = groups.get('DEPARTMENT');
    expect(typeof records === 'object' ? numbersOf(records) : records).toBe(2 * users);
  }
});
