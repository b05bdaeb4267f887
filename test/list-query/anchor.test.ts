/** Places in changing lists: found again, or reported as uncertain. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeAnchor,
  encodeAnchor,
  estimatedLocation,
  fingerprintOf,
  Fingerprints,
  type Anchor,
} from '../../src/list-query/anchor.ts';

/** Noted rows that are assumed not to move together. */
const enough = 4;

const namesUpTo = (count: number) => Array.from({ length: count }, (_, index) => `row ${index}`);

/** The fingerprints of a list's rows from `start` up to but not including `end`. */
function marksOf(rows: readonly string[], start = 0, end = rows.length): Fingerprints {
  return new Fingerprints(
    { start, end },
    (position) => fingerprintOf(rows[position] ?? ''),
    end === rows.length,
  );
}

/** As a cursor carries it. */
function sent(anchor: Anchor): Anchor {
  const read = decodeAnchor(JSON.parse(JSON.stringify(encodeAnchor(anchor))));
  if (read === null) throw new Error('A written anchor can be read.');
  return read;
}

describe('an anchor', () => {
  const notedOf = (rows: readonly string[], position: number, start = 0, end = rows.length) => {
    const { fingerprints, own } = marksOf(rows, start, end).anchor(position);
    const names = new Map(rows.map((row) => [fingerprintOf(row), row]));
    return [own, ...fingerprints.map((fingerprint) => names.get(fingerprint) ?? 'end')];
  };

  test('notes four rows on either side, or nine on its page, and the ends of the list', () => {
    const rows = namesUpTo(30);
    expect(notedOf(rows, 10)).toEqual([4, ...rows.slice(6, 15)]);
    expect(notedOf(rows, 2)).toEqual([3, 'end', ...rows.slice(0, 9)]);
    expect(notedOf(rows, 5)).toEqual([4, ...rows.slice(1, 10)]);
    expect(notedOf(rows, 28)).toEqual([7, ...rows.slice(21), 'end']);
    expect(notedOf(rows, 24)).toEqual([4, ...rows.slice(20, 29)]);
    expect(notedOf(rows, 10, 10, 20)).toEqual([0, ...rows.slice(10, 19)]);
    expect(notedOf(rows, 19, 10, 20)).toEqual([8, ...rows.slice(11, 20)]);
    expect(notedOf(rows.slice(0, 2), 1)).toEqual([2, 'end', 'row 0', 'row 1', 'end']);
  });

  test('belongs to a whole list by default', () => {
    const rows = namesUpTo(3);
    const fingerprints = new Fingerprints({ start: 0, end: 3 }, (position) =>
      fingerprintOf(rows[position] ?? ''),
    );
    expect(fingerprints.anchor(1)).toEqual(marksOf(rows).anchor(1));
    expect(fingerprints.length).toBe(3);
    expect(new Fingerprints({ start: 2, end: 3 }, String).length).toBe(1);
  });

  test('is decoded as it was encoded, and nothing else is', () => {
    const anchor = marksOf(namesUpTo(30)).anchor(29);
    const [position, own, text] = encodeAnchor(anchor);
    expect(decodeAnchor([position, own, text])).toEqual(anchor);
    const longest = 'abcdef'.repeat(11);
    expect(decodeAnchor([0, 10, longest])?.fingerprints).toHaveLength(11);
    const none = [
      null,
      [position, own],
      [position, own, text, 0],
      [-1, own, text],
      [0.5, own, text],
      ['0', own, text],
      [position, -1, text],
      [position, 11, longest],
      [position, own, longest + 'abcdef'],
      [position, 0, ''],
      [position, 0, 7],
    ];
    for (const each of none) expect(decodeAnchor(each)).toBeNull();
  });

  test('without remaining rows stays in its position, or at the end of a shorter list', () => {
    const anchor = marksOf(namesUpTo(30)).anchor(20);
    expect(marksOf(['new']).find(anchor, 'after')).toBeNull();
    expect(estimatedLocation(anchor, 25)).toEqual({ cut: 20, isPresent: false, isCertain: false });
    expect(estimatedLocation(anchor, 5)).toEqual({ cut: 5, isPresent: false, isCertain: false });
  });

  test('of another page does not count as moved', () => {
    const rows = namesUpTo(30);
    const anchor = marksOf(rows).anchor(12);
    for (const [start, end] of [
      [0, 12],
      [9, 13],
      [13, 30],
      [20, 25],
      [0, 0],
    ] as const) {
      expect([start, marksOf(rows, start, end).hasMoved(anchor)]).toEqual([start, false]);
    }
    const changed = rows.with(9, 'new').with(15, 'new');
    const seen = (
      [
        [9, 11],
        [15, 16],
        [10, 15],
        [0, 9],
      ] as const
    ).map(([start, end]) => marksOf(changed, start, end).hasMoved(anchor));
    expect(seen).toEqual([true, true, false, false]);
    expect(marksOf(namesUpTo(16)).hasMoved(marksOf(namesUpTo(15)).anchor(12))).toBe(true);
  });

  test('has moved itself if it has passed four of its rows', () => {
    const rows = namesUpTo(30);
    const anchor = marksOf(rows).anchor(10);
    const moved = (to: number) =>
      marksOf(rows.toSpliced(10, 1).toSpliced(to, 0, 'row 10')).find(anchor, 'after');
    expect(moved(14)).toEqual({ cut: 10, isPresent: false, isCertain: true });
    expect(moved(13)).toEqual({ cut: 14, isPresent: true, isCertain: false });
  });

  test('is found before what has come instead of it and of all that stood behind', () => {
    const rows = namesUpTo(30);
    const anchor = marksOf(rows).anchor(10);
    const now = marksOf(rows.toSpliced(10, 5, 'new'));
    expect(now.find(anchor, 'after')).toEqual({ cut: 10, isPresent: false, isCertain: true });
  });

  test('is never beyond an end of the list', () => {
    const rows = namesUpTo(30);
    const first = marksOf(rows).anchor(2);
    const last = marksOf(rows).anchor(28);
    const lost = { cut: 0, isPresent: false, isCertain: false };
    expect(marksOf(rows, 20, 25).find(first, 'after')).toEqual(lost);
    expect(marksOf(rows, 0, 5).find(last, 'before')).toBeNull();
    expect(marksOf(['new']).find(last, 'before')).toEqual({ cut: 1, isPresent: false, isCertain: true });
    expect(marksOf(['new']).find(first, 'after')).toEqual({ cut: 0, isPresent: false, isCertain: true });
  });

  test('whose row is listed twice is the one that has moved least', () => {
    for (const [again, position] of [
      [20, 10],
      [5, 11],
      [12, 10],
    ] as const) {
      const rows = namesUpTo(30).toSpliced(again, 0, 'row 10');
      const anchor = marksOf(rows).anchor(position);
      const cut = position + 2;
      expect(marksOf(['new', ...rows]).find(anchor, 'after')).toEqual({
        cut,
        isPresent: true,
        isCertain: true,
      });
    }
  });

  test('is uncertain if its row may stand out of sight, behind what has come', () => {
    const rows = namesUpTo(30);
    const anchor = marksOf(rows).anchor(2);
    const come = Array.from({ length: 10 }, (_, index) => `new ${index}`);
    const now = rows.toSpliced(2, 0, ...come);
    expect(marksOf(now, 0, 6).find(anchor, 'after')?.isCertain).toBe(false);
    expect(marksOf(now).find(anchor, 'after')).toEqual({ cut: 13, isPresent: true, isCertain: true });
    // Three rows do not speak for its having gone, and four do.
    const gone = rows.toSpliced(2, 1);
    expect(marksOf(gone, 0, 5).find(anchor, 'after')?.isCertain).toBe(false);
    expect(marksOf(gone, 0, 6).find(anchor, 'after')?.isCertain).toBe(true);
  });

  test('is certain on a page that has all of its rows, whatever else is out of sight', () => {
    const rows = namesUpTo(60);
    const anchor = marksOf(rows).anchor(30);
    const now = marksOf(rows.toSpliced(31, 0, 'new'), 20, 40);
    expect(now.find(anchor, 'after')).toEqual({ cut: 31, isPresent: true, isCertain: true });
  });

  test('shows what has come between its rows after one of them has gone', () => {
    const rows = namesUpTo(30);
    const anchor = marksOf(rows).anchor(10);
    rows.splice(10, 1, 'new 1', 'new 2');
    const fingerprints = marksOf(rows);
    expect(fingerprints.find(anchor, 'after')).toEqual({ cut: 10, isPresent: false, isCertain: true });
    expect(fingerprints.find(anchor, 'before')).toEqual({ cut: 12, isPresent: false, isCertain: true });
  });
});

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
          const fingerprints = marksOf(before, start, Math.min(start + page, before.length));
          const anchor = sent(fingerprints.anchor(position));
          const noted = new Set(
            anchor.fingerprints.map((_mark, index) => before[position - anchor.own + index] ?? ''),
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
          expect(marksOf(rows).find(anchor, side)).toEqual({ cut, isPresent: true, isCertain: true });
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
          expect(found.isPresent).toBe(rows.includes(row));
          // Of the nine noted rows, enough are left on each side of what has come between them.
          const come = changes.filter(([, comes]) => comes).length;
          const isSmall =
            changes.length <= 2 || come === changes.length || (come === 0 && changes.length <= 4);
          if (isSmall && length >= 9) expect(found.isCertain).toBe(true);
          const position = found.cut - 1;
          // No row repeats, and none is skipped.
          expect(rows.slice(position + 1).filter((each) => before.has(each))).toEqual([]);
          expect(rows.slice(0, position + 1).filter((each) => after.has(each))).toEqual([]);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
