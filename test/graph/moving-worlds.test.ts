/** Walks through every connection of worlds that change between any two calls: what stays is shown once. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { walks, walkThrough, type ListName, type Question } from './moving-world.ts';

/** MOVING_WORLDS_SEED walks through other worlds; in some (2), most rows around a cursor go, and rows are left out. */
const seed = Number(process.env['MOVING_WORLDS_SEED'] ?? 18);

const connections = (['customers', 'users', 'protectionStatuses', 'estate'] as ListName[]).flatMap((list) =>
  (['plain', 'filtered', 'ordered'] as Question[]).map((question) => [question, list] as const),
);

test.each(connections)(
  'a %s walk through %s leaves out no row that stays, and shows none twice, unless it says so',
  async (question, list) => {
    let uncertain = 0;
    let certain = 0;
    let running: Promise<unknown> = Promise.resolve();
    const walked = async (walk: Parameters<typeof walkThrough>[0]) => {
      const { shown, stayed, hasSaidChanged, repeated, windows, events } = await walkThrough(walk);
      for (const size of windows) expect(size).toBeLessThanOrEqual(walk.size);
      if (hasSaidChanged) {
        uncertain += 1;
        return;
      }
      certain += 1;
      const staying = new Set(stayed);
      // What the upstream lists twice may be shown for each of its places, on pages that were not read together.
      const once = shown.filter((id) => staying.has(id) && !repeated.has(id));
      const missing = stayed.filter((id) => !shown.includes(id));
      const twice = once.filter((id, index) => once.indexOf(id) !== index);
      if (missing.length + twice.length === 0) return;
      throw new Error(['missing:', ...missing, 'twice:', ...twice, ...events].join('\n'));
    };
    const property = fc.asyncProperty(walks(list, question), (walk) => {
      const run = walked(walk);
      running = run.catch(() => undefined);
      return run;
    });
    try {
      await fc.assert(property, { seed, numRuns: 40, interruptAfterTimeLimit: 10_000 });
    } finally {
      await running;
    }
    // A gateway that is never certain would be of no use.
    expect(certain).toBeGreaterThan(uncertain);
  },
);
