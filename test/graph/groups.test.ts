/** Groups of several fields of an operation. */
import { expect, test } from '@jest/globals';
import { connectGroups } from '../../src/graph/groups.ts';
import type { Planner } from '../../src/planner/planner.ts';
import { emptySummary } from '../../src/reporting/summarize.ts';
import { SummaryLoader } from '../../src/reporting/summary-loader.ts';
import { Pace } from '../../src/scheduler.ts';

test('groups of several fields are ordered one after the other', async () => {
  let [ordering, maxOrdering] = [0, 0];
  const planner = {
    paceAfterDeadline: () => new Pace(),
    pace: () => new Pace(),
    withRowLimit: async (_size: unknown, work: () => Promise<unknown>) => {
      maxOrdering = Math.max(maxOrdering, (ordering += 1));
      await new Promise((resolve) => setImmediate(resolve));
      const value = await work();
      ordering -= 1;
      return value;
    },
  } as unknown as Planner;
  const context = { planner, summaryLoader: new SummaryLoader(planner) };
  const fields = Array.from({ length: 5 }, () =>
    connectGroups({ ...emptySummary, id: 's' }, { by: 'STATUS' }, context),
  );
  expect((await Promise.all(fields)).map(({ totalCount }) => totalCount)).toEqual(fields.map(() => 0));
  expect(maxOrdering).toBe(1);
});
