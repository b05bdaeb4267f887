/** Lists of which the upstream leaves rows out of pages: windows are whole, and an edge has one cursor in all of them. */
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
import type { ListReader, Window } from '../../src/planner/list-reader.ts';
import { Pace } from '../../src/scheduler.ts';
import { cause, rowsUpTo, serveList, type Row } from '../planner/served-list.ts';

const pageSize = 10;

const world = fc.record({
  /** Rows of each page that it leaves out. */
  lacks: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: pageSize - 1 })), {
    minLength: 1,
    maxLength: 7,
  }),
  lastPage: fc.integer({ min: 1, max: pageSize }),
  counts: fc.boolean(),
});

const steps = fc.array(
  fc.record({
    at: fc.nat(70),
    size: fc.integer({ min: 1, max: 30 }),
    isBackward: fc.boolean(),
    /** Whether what was read before is too old by then. */
    isExpired: fc.boolean(),
  }),
  { minLength: 5, maxLength: 12 },
);

function cursorsOf(reader: ListReader<Row>, window: Window<Row>): string[] {
  const placeAt = placesOf(reader, window);
  return window.rows.map((_row, index) => JSON.stringify(encodeListedPlace(placeAt(index))));
}

test('windows are whole, and an edge has the same cursor in each of them', async () => {
  await fc.assert(
    fc.asyncProperty(world, steps, async ({ lacks, lastPage, counts }, windows) => {
      const rows = rowsUpTo((lacks.length - 1) * pageSize + lastPage);
      const ids = new Set(
        lacks.flatMap((lacking, page) =>
          // A page without rows is taken for the end of the list.
          rows
            .slice(page * pageSize, Math.min(page * pageSize + lacking, rows.length - 1))
            .map(({ id }) => id),
        ),
      );
      const shown = rows.filter(({ id }) => !ids.has(id));
      const lengthOf = (page: number) =>
        shown.filter(({ id }) => Math.floor(Number(id.slice(4)) / pageSize) === page).length;
      // Then pages are taken for smaller ones.
      const [first, second] = [lengthOf(0), lengthOf(1)];
      const stated = counts ? rows.length : shown.length;
      // Without the rows that are left out, a length may name the end of another page than the last.
      fc.pre(lacks.slice(1).every((_lack, page) => counts || page * pageSize + lengthOf(page) !== stated));
      fc.pre(first === pageSize || (first !== second && first + second !== stated));
      let now = 0;
      const list = () =>
        serveList(
          { rows, cap: pageSize, metadata: 'honest', filters: 'none', omits: { ids, counts } },
          { clock: () => now, caches: true },
        );
      const request = { needsTotalCount: false, cause, pace: () => new Pace() };
      const whole: CursorRange<ListedPlace> = { size: 1000, isBackward: false, after: null, before: null };
      const other = list().createReader();
      const all = await readCursorRange(other, whole, request);
      expect(all.rows).toEqual(shown);
      expect(all.changedWhileRead).toBe(counts && ids.size > 0);
      const cursors = cursorsOf(other, all);
      expect(new Set(cursors).size).toBe(shown.length);
      const { createReader } = list();
      for (const { at, size, isBackward, isExpired } of windows) {
        if (isExpired) now += 1_000_000;
        const position = at % (shown.length + 1);
        const cursor = cursors[isBackward ? position : position - 1];
        const place = cursor === undefined ? null : decodeListedPlace(JSON.parse(cursor));
        const span = {
          size,
          isBackward,
          after: isBackward ? null : place,
          before: isBackward ? place : null,
        };
        const reader = createReader();
        const window = await readCursorRange(reader, span, request);
        const [start, end] = isBackward
          ? [Math.max(0, position - size), position]
          : [position, Math.min(shown.length, position + size)];
        expect(window.rows.map(({ id }) => id)).toEqual(shown.slice(start, end).map(({ id }) => id));
        expect(cursorsOf(reader, window)).toEqual(cursors.slice(start, end));
        // Rows that the length counts are missing for certain only when the list has ended.
        if (!counts || ids.size === 0) expect(window.changedWhileRead).toBe(false);
      }
    }),
    { numRuns: 200 },
  );
});
