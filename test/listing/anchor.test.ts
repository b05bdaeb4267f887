/** Places in lists whose rows come, go and move: found where they are, or said to be uncertain. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeAnchor, encodeAnchor, Marks, type Anchor } from '../../src/listing/anchor.ts';

/** Noted rows that do not all move. */
const enough = 4;

const namesUpTo = (count: number) => Array.from({ length: count }, (_, index) => `row ${index}`);

/** The marks of a list's rows from `start` up to but not including `end`. */
function marksOf(rows: readonly string[], start = 0, end = rows.length): Marks {
  return new Marks({ start, end }, (position) => rows[position] ?? '', end === rows.length);
}

/** As a cursor carries it. */
function sent(anchor: Anchor): Anchor {
  const read = decodeAnchor(JSON.parse(JSON.stringify(encodeAnchor(anchor))));
  if (read === null) throw new Error('A written anchor can be read.');
  return read;
}

describe('a place', () => {
  const sides = fc.constantFrom('after' as const, 'before' as const);
  const spots = fc.integer({ min: 0, max: 60 });
  const changes = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('gone' as const), at: spots, count: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ kind: fc.constant('come' as const), at: spots, count: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ kind: fc.constant('moved' as const), at: spots, to: spots }),
    ),
    { maxLength: 8 },
  );

  test('that is certain has each row that stayed on its side, unless four noted rows have moved', () => {
    fc.assert(
      fc.property(
        fc.record({
          length: fc.integer({ min: 1, max: 60 }),
          own: fc.nat(59),
          page: fc.integer({ min: 1, max: 60 }),
          repeats: fc.array(fc.tuple(spots, spots), { maxLength: 2 }),
          changes,
          side: sides,
          view: fc.oneof(fc.constant([0, 1000] as const), fc.tuple(spots, spots)),
        }),
        ({ length, own, page, repeats, changes: all, side, view }) => {
          const before = namesUpTo(length);
          for (const [which, to] of repeats) before.splice(to % length, 0, before[which % length] ?? '');
          const position = own % before.length;
          const start = position - (position % page);
          const marks = marksOf(before, start, Math.min(start + page, before.length));
          const anchor = sent(marks.anchor(position));
          const noted = new Set(
            anchor.marks.map((_mark, index) => before[position - anchor.own + index] ?? ''),
          );
          const now = [...before];
          const stayed = new Set(before.filter((row, index) => before.indexOf(row) === index));
          const moved = new Set(before.filter((row, index) => before.indexOf(row) !== index));
          for (const row of moved) stayed.delete(row);
          let come = 0;
          for (const change of all) {
            const at = change.at % (now.length + 1);
            if (change.kind === 'come') {
              now.splice(at, 0, ...Array.from({ length: change.count }, () => `new ${(come += 1)}`));
            } else if (change.kind === 'gone') {
              for (const row of now.splice(at, change.count)) stayed.delete(row);
            } else {
              const [row] = now.slice(at, at + 1);
              if (row === undefined) continue;
              if ([...moved, row].filter((each) => noted.has(each)).length >= enough) continue;
              now.splice(at, 1);
              now.splice(change.to % (now.length + 1), 0, row);
              moved.add(row);
              stayed.delete(row);
            }
          }
          fc.pre([...moved].filter((row) => noted.has(row)).length < enough);
          const from = Math.min(view[0], now.length);
          const found = marksOf(now, from, Math.min(now.length, from + view[1])).find(anchor, side);
          if (found?.isCertain !== true) return;
          const firstBehind = side === 'after' ? position + 1 : position;
          const wrong = [...stayed].filter(
            (row) => now.indexOf(row) < found.cut !== before.indexOf(row) < firstBehind,
          );
          expect(wrong).toEqual([]);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('is certain in a list that has not changed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.tuple(spots, spots), { maxLength: 60 }),
        fc.nat(),
        sides,
        (length, repeats, own, side) => {
          const rows = namesUpTo(length);
          for (const [which, to] of repeats) rows.splice(to % length, 0, rows[which % length] ?? '');
          const position = own % rows.length;
          const anchor = sent(marksOf(rows).anchor(position));
          expect(marksOf(rows).hasMoved(anchor)).toBe(false);
          const cut = side === 'after' ? position + 1 : position;
          expect(marksOf(rows).find(anchor, side)).toEqual({ cut, isThere: true, isCertain: true });
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('is found behind all that is left of what stood before it, whatever has come and gone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.nat(),
        fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 7 }),
        (length, pick, changes) => {
          const rows = namesUpTo(length);
          const at = pick % length;
          const anchor = sent(marksOf(rows).anchor(at));
          const before = new Set(rows.slice(0, at + 1));
          const after = new Set(rows.slice(at + 1));
          const row = rows[at] ?? '';
          changes.forEach(([place, comes], index) => {
            if (comes) rows.splice(place % (rows.length + 1), 0, `new ${index}`);
            else if (rows.length > 0) rows.splice(place % rows.length, 1);
          });
          const found = marksOf(rows).find(anchor, 'after');
          if (found === null) {
            expect(rows).not.toContain(row);
            return;
          }
          expect(found.isThere).toBe(rows.includes(row));
          // Of the nine noted rows, enough are left on each side of what has come between them.
          const come = changes.filter(([, comes]) => comes).length;
          const isSmall =
            changes.length <= 2 || come === changes.length || (come === 0 && changes.length <= 4);
          if (isSmall && length >= 9) expect(found.isCertain).toBe(true);
          const position = found.cut - 1;
          // Nothing that was shown comes again, and nothing that stood behind is skipped.
          expect(rows.slice(position + 1).filter((each) => before.has(each))).toEqual([]);
          expect(rows.slice(0, position + 1).filter((each) => after.has(each))).toEqual([]);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
