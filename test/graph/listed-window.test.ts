/** moving-worlds.test.ts for plain lists without a gateway, which allows many more worlds. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeListedPlace,
  encodeListedPlace,
  placesOf,
  readCursorRange,
  type ListedPlace,
} from '../../src/graph/listed-window.ts';
import type { CursorRange } from '../../src/list-query/top-k-window.ts';
import { Pace } from '../../src/scheduler.ts';
import { cause, rowsUpTo, serveList, type Row } from '../planner/served-list.ts';
import { MovingList, walks, withRepeats, type Walk } from './moving-world.ts';

interface Shown {
  readonly ids: readonly string[];
  readonly stayed: readonly string[];
  readonly hasSaidChanged: boolean;
  readonly hasChanged: boolean;
  readonly windows: readonly number[];
}

async function walkThrough({ isForward, size, cap, counts, repeats, changes, pauses }: Walk): Promise<Shown> {
  const rows = withRepeats(rowsUpTo(counts[0] ?? 0), repeats);
  const repeated = new Set(rows.filter((row, index) => rows.indexOf(row) !== index).map(({ id }) => id));
  const list = new MovingList<Row>(
    rows,
    ({ id }) => id,
    (id) => ({ id }),
  );
  const waiting = [...changes];
  let sinceChange = 0;
  let now = 0;
  const served = serveList(
    { rows, cap, metadata: 'honest', filters: 'none' },
    {
      clock: () => now,
      caches: true,
      intercept: () => {
        for (let [next] = waiting; next !== undefined && sinceChange >= next.calls; [next] = waiting) {
          waiting.shift();
          sinceChange = 0;
          list.change(next);
        }
        sinceChange += 1;
      },
    },
  );
  const ids: string[] = [];
  const windows: number[] = [];
  let hasSaidChanged = false;
  let place: ListedPlace | null = null;
  for (let number = 0; number < 400; number++) {
    const pause = pauses[number % pauses.length] ?? null;
    now += (pause ?? 0) * 1000;
    const reader = served.createReader({ maxAgeMs: pause === null ? 0 : null });
    const span: CursorRange<ListedPlace> = {
      size,
      isBackward: !isForward,
      after: isForward ? place : null,
      before: isForward ? null : place,
    };
    const window = await readCursorRange(reader, span, {
      needsTotalCount: false,
      cause,
      pace: () => new Pace(),
    });
    windows.push(window.rows.length);
    if (isForward) ids.push(...window.rows.map(({ id }) => id));
    else ids.unshift(...window.rows.map(({ id }) => id));
    hasSaidChanged ||= window.changedWhileRead;
    const hasMore = isForward ? window.hasMore : window.range.start > 0;
    if (!hasMore || window.rows.length === 0) {
      const once = (id: string) => !repeated.has(id);
      return {
        ids: ids.filter((id) => list.stayed.has(id) && once(id)),
        stayed: [...list.stayed].filter(once),
        hasSaidChanged,
        hasChanged: waiting.length < changes.length,
        windows,
      };
    }
    const edge = placesOf(reader, window)(isForward ? window.rows.length - 1 : 0);
    place = decodeListedPlace(JSON.parse(JSON.stringify(encodeListedPlace(edge))));
  }
  throw new Error('The walk does not end.');
}

test('a walk shows each row that stays once, in order, unless it says so', async () => {
  const said = { changed: 0, nothing: 0 };
  await fc.assert(
    fc.asyncProperty(walks('users', 'plain'), async (walk) => {
      const { ids, stayed, hasSaidChanged, hasChanged, windows } = await walkThrough(walk);
      expect(Math.max(...windows)).toBeLessThanOrEqual(walk.size);
      said[hasSaidChanged ? 'changed' : 'nothing'] += 1;
      // A row that comes again looks like one that has moved.
      if (hasSaidChanged) expect(hasChanged || walk.repeats.length > 0).toBe(true);
      else expect(ids).toEqual(stayed);
    }),
    { numRuns: 300 },
  );
  expect(said.nothing).toBeGreaterThan(said.changed);
});
