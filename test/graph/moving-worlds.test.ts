/** Walks through every connection of worlds that change between any two calls: what stays is shown once. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stormSize } from '../storms.ts';
import { listNames, walks, walkThrough, type QueryKind, type Walk } from './moving-world.ts';

/** Other worlds each time; MOVING_WORLDS_SEED repeats those of a run that failed, whose error has the seed. */
const seed = Number(process.env['MOVING_WORLDS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const connections = listNames.flatMap((list) =>
  (['plain', 'filtered', 'ordered'] as QueryKind[]).map((queryKind) => [queryKind, list] as const),
);

/** Walks through all connections: their runs are too few for a share of each. */
const walked = { certain: 0, uncertain: 0 };

/** Walks through a world, and returns whether a window said that the list had changed. Rejects if one should have. */
async function check(walk: Walk): Promise<boolean> {
  const { shown, stayed, hasSaidChanged, repeated, windows, events } = await walkThrough(walk);
  for (const size of windows) expect(size).toBeLessThanOrEqual(walk.size);
  if (hasSaidChanged) return true;
  const staying = new Set(stayed);
  // What the upstream lists twice may be shown for each of its places, on pages that were not read together.
  const once = shown.filter((id) => staying.has(id) && !repeated.has(id));
  const missing = stayed.filter((id) => !shown.includes(id));
  const twice = once.filter((id, index) => once.indexOf(id) !== index);
  if (missing.length + twice.length === 0) return false;
  throw new Error(['missing:', ...missing, 'twice:', ...twice, ...events].join('\n'));
}

test.each(connections)(
  'a %s walk through %s leaves out no row that stays, and shows none twice, unless it says so',
  async (queryKind, list) => {
    let running: Promise<unknown> = Promise.resolve();
    const checkAndCount = async (walk: Walk) => {
      walked[(await check(walk)) ? 'uncertain' : 'certain'] += 1;
    };
    const property = fc.asyncProperty(walks(list, queryKind), (walk) => {
      const run = checkAndCount(walk);
      running = run.catch(() => undefined);
      return run;
    });
    try {
      await fc.assert(property, { seed, numRuns: stormSize(40, 15), interruptAfterTimeLimit: 10_000 });
    } finally {
      await running;
    }
  },
);

test('a walk seldom says that the list has changed', () => {
  expect({ seed, ...walked, isSeldom: walked.uncertain <= walked.certain }).toMatchObject({ isSeldom: true });
});

/** Worlds through which a walk has gone wrong. */
const wrongOnce: [string, Walk][] = [
  [
    "the cursor's row moves behind rows that were behind it, while others go",
    {
      dialect: 'singular',
      list: 'users',
      queryKind: 'plain',
      isForward: true,
      size: 6,
      cap: 12,
      counts: [81],
      repeats: [],
      changes: [{ list: 0, calls: 3, at: 24, gone: 18, come: 0, comeAt: 160, moved: [[87, 27]] }],
      pauses: [70],
    },
  ],
  [
    "the cursor's row moves, while rows come at the end and go there",
    {
      dialect: 'singular',
      list: 'protectionStatuses',
      queryKind: 'plain',
      isForward: true,
      size: 6,
      cap: 12,
      counts: [81],
      repeats: [],
      changes: [{ list: 0, calls: 3, at: 63, gone: 18, come: 50, comeAt: 160, moved: [[87, 27]] }],
      pauses: [70],
    },
  ],
  [
    'rows that were listed twice go while a window is read again for them',
    {
      dialect: 'singular',
      list: 'customers',
      queryKind: 'plain',
      isForward: true,
      size: 119,
      cap: 40,
      counts: [119],
      repeats: [
        [0, 0],
        [0, 0],
      ],
      changes: [
        { list: 0, calls: 3, at: 0, gone: 18, come: 84, comeAt: 139, moved: [] },
        { list: 0, calls: 1, at: 166, gone: 3, come: 2, comeAt: 72, moved: [] },
        {
          list: 3,
          calls: 2,
          at: 109,
          gone: 1,
          come: 83,
          comeAt: 40,
          moved: [
            [53, 148],
            [54, 205],
          ],
        },
      ],
      pauses: [70, 0, null, null],
    },
  ],
];

test.each(wrongOnce)('a walk leaves out no row and shows none twice if %s', async (_world, walk) => {
  await check(walk);
});
