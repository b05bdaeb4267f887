/** Walks through every connection of worlds that change between any two calls: what stays is shown once. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { walks, walkThrough, type ListName, type Question } from './moving-world.ts';

const connections = (['customers', 'users', 'protectionStatuses', 'estate'] as ListName[]).flatMap((list) =>
  (['plain', 'filtered', 'ordered'] as Question[]).map((question) => [question, list] as const),
);

test.each(connections)(
  'a %s walk through %s leaves no row out that stays, and shows none twice',
  async (question, list) => {
    let told = 0;
    let silent = 0;
    await fc.assert(
      fc.asyncProperty(walks(list, question), async (walk) => {
        const { shown, stayed, hasSaidChanged, repeated, windows, calls } = await walkThrough(walk);
        for (const size of windows) expect(size).toBeLessThanOrEqual(walk.size);
        if (hasSaidChanged) {
          told += 1;
          return;
        }
        silent += 1;
        const staying = new Set(stayed);
        const seen = shown.filter((id) => staying.has(id));
        // The upstream lists some of them twice: as often as that, on pages that were not read together, they may come.
        const once = seen.filter((id) => !repeated.has(id));
        try {
          expect(new Set(seen)).toEqual(staying);
          expect(once).toHaveLength(new Set(once).size);
        } catch (error) {
          const missing = stayed.filter((id) => !shown.includes(id));
          const twice = once.filter((id, index) => once.indexOf(id) !== index);
          throw new Error(`missing: ${missing.join()}; twice: ${twice.join()}\n${calls.join('\n')}`, {
            cause: error,
          });
        }
      }),
      { numRuns: 60, interruptAfterTimeLimit: 15_000 },
    );
    // A gateway that says so every time would be of no use.
    expect(silent).toBeGreaterThan(told);
  },
);
