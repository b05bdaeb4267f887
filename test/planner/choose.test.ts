import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { choose, planLookUps, type OpenKeys, type Situation } from '../../src/planner/choose.ts';

const keys = (count: number) => Array.from({ length: count }, (_, index) => [`key-${index}`]);
const pages = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const situation: Situation = {
  takesBothNames: true,
  open: keys(1),
  dialect: 'plural',
  unread: null,
  rowsPerCall: 100,
  keysPerCall: 200,
};

function callsOf(changes: Partial<Situation>): string[] | 'scan' {
  const plan = choose({ ...situation, ...changes });
  if (plan.kind === 'scan') return 'scan';
  if (plan.kind === 'probe') return [`probe of page ${plan.pageIndex} with ${plan.filter.keys.length}`];
  return plan.filters.map((filter) => `${filter.dialect} ${filter.keys.length}`);
}

describe('the choice between look-ups and pages', () => {
  test.each<[string, Partial<Situation>, string[] | 'scan']>([
    ['one key in an unknown dialect goes out under both names', { dialect: 'unknown' }, ['either 1']],
    ['many keys in an unknown dialect find it out', { dialect: 'unknown', open: keys(140) }, ['plural 100']],
    ['plural keys go out by the hundred', { open: keys(201) }, ['plural 100', 'plural 100', 'plural 1']],
    [
      'singular keys go out one by one',
      { dialect: 'singular', open: keys(2), unread: pages(3) },
      ['singular 1', 'singular 1'],
    ],
    [
      'an unknown dialect is found out by a page that is to be read anyway',
      { dialect: 'unknown', open: keys(30), unread: [2, 3, 4, 5] },
      ['probe of page 2 with 30'],
    ],
    [
      'or by a key that is to be looked up anyway',
      { dialect: 'unknown', open: keys(3), unread: [2, 3, 4, 5] },
      ['either 3'],
    ],
    [
      'where both names are refused together, the one for lists is tried alone',
      { dialect: 'unknown', takesBothNames: false },
      ['plural 1'],
    ],
    ['many singular keys first ask how long the list is', { dialect: 'singular', open: keys(2) }, 'scan'],
    ['fewer pages win', { dialect: 'singular', open: keys(4), unread: pages(3) }, 'scan'],
    ['as many pages win', { open: keys(50), unread: pages(1) }, 'scan'],
    ['fewer look-ups win', { open: keys(50), unread: pages(2) }, ['plural 50']],
    ['without a filter only pages are left', { dialect: 'none', unread: pages(50) }, 'scan'],
    ['what has no key needs pages', { open: [...keys(1), []], unread: pages(50) }, 'scan'],
    ['all addresses of a user go out in one plural call', { open: [['a@x', 'b@x'], ['A@X']] }, ['plural 2']],
    [
      'the first address of a user goes out in the singular',
      { dialect: 'singular', open: [['a@x', 'b@x']] },
      ['singular 1'],
    ],
    [
      'both names win only if each key alone costs less than the pages',
      { dialect: 'unknown', open: keys(2), unread: pages(2) },
      ['plural 2'],
    ],
    [
      'a page tells the dialect only if that and the look-ups cost less than all pages',
      { dialect: 'unknown', open: keys(9), unread: [2, 3] },
      'scan',
    ],
    [
      'and if they do, however little less',
      { dialect: 'unknown', open: keys(9), unread: [2, 3, 4] },
      ['probe of page 2 with 9'],
    ],
    [
      'a key in another letter case is none more in a call',
      { open: [['a'], ['A'], ['b']], rowsPerCall: 1 },
      ['plural 1', 'plural 1'],
    ],
    ['nor in the singular', { dialect: 'singular', open: [['a'], ['A']], unread: pages(9) }, ['singular 1']],
    [
      'a call has no more keys than it may',
      { open: ['a', 'b', 'c'].map((key) => [`${key}1`, `${key}2`]), keysPerCall: 5 },
      ['plural 4', 'plural 2'],
    ],
  ])('%s', (_rule, changes, expected) => {
    expect(callsOf(changes)).toEqual(expected);
  });
});

test('equal demands make equal calls, in whatever order they come', () => {
  const filters = (open: readonly OpenKeys[]) => choose({ ...situation, open });
  expect(filters([['b'], ['c'], ['a']])).toEqual(filters([['a'], ['b'], ['c']]));
});

test('the fewest look-ups are none for no rows, one a row in the singular, and one a page full in the plural', () => {
  const fewest = (rows: number) =>
    (['plural', 'unknown', 'singular', 'none'] as const).map((dialect) =>
      planLookUps(rows, { dialect, rowsPerCall: 100 }),
    );
  expect(fewest(0)).toEqual([0, 0, 0, 0]);
  expect(fewest(101)).toEqual([2, 2, 101, Infinity]);
});

/**
 * Looking rows up as a game: a call asks for some keys or reads a page, and an adversary decides whether a row is found.
 * What a plan costs is what the worst adversary makes of it.
 */
interface Game {
  readonly dialect: 'plural' | 'singular';
  readonly rowsPerCall: number;
  readonly keysPerCall: number;
}

/** The fewest calls in which any way of asking at all is sure to come to an end. */
function leastWorstCase(open: readonly OpenKeys[], unread: number, game: Game): number {
  const memo = new Map<string, number>();
  const play = (wants: readonly OpenKeys[], pages: number): number => {
    if (wants.length === 0 || pages === 0) return 0;
    const state = JSON.stringify([wants, pages]);
    const known = memo.get(state);
    if (known !== undefined) return known;
    let least = 1 + play(wants, pages - 1);
    for (const keys of askable(wants, game)) {
      least = Math.min(least, 1 + Math.max(...outcomes(wants, keys).map((rest) => play(rest, pages))));
    }
    memo.set(state, least);
    return least;
  };
  return play(open, unread);
}

/** What following `choose` to the end costs at most. */
function worstCaseOfChoice(open: readonly OpenKeys[], unread: number, game: Game): number {
  if (open.length === 0) return 0;
  const plan = choose({ ...situation, ...game, open, unread: pages(unread) });
  if (plan.kind === 'scan') return unread;
  if (plan.kind === 'probe') throw new Error('Nothing is to be found out in a dialect that is known.');
  const asked = new Set(plan.filters.flatMap((filter) => filter.keys));
  const rest = outcomes(open, asked).map((left) => worstCaseOfChoice(left, unread, game));
  return plan.filters.length + Math.max(...rest);
}

function askable(wants: readonly OpenKeys[], { dialect, rowsPerCall, keysPerCall }: Game): Set<string>[] {
  const all = [...new Set(wants.flat())];
  if (dialect === 'singular') return all.map((key) => new Set([key]));
  return Array.from({ length: 2 ** all.length - 1 }, (_, bits) => {
    return new Set(all.filter((_key, index) => (((bits + 1) >> index) & 1) === 1));
  }).filter((keys) => {
    const rows = wants.filter((want) => want.some((key) => keys.has(key))).length;
    return keys.size <= keysPerCall && rows <= rowsPerCall;
  });
}

/** Every way in which the wants that were asked for may be found or not. */
function outcomes(wants: readonly OpenKeys[], asked: ReadonlySet<string>): OpenKeys[][] {
  const touched = wants.filter((want) => want.some((key) => asked.has(key)));
  return Array.from({ length: 2 ** touched.length }, (_, bits) =>
    wants.flatMap((want) => {
      const index = touched.indexOf(want);
      if (index < 0) return [want];
      const left = want.filter((key) => !asked.has(key));
      return ((bits >> index) & 1) === 1 || left.length === 0 ? [] : [left];
    }),
  );
}

test('what is chosen never costs more than the best way of asking that there is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom('plural' as const, 'singular' as const),
      fc.integer({ min: 1, max: 3 }),
      (names, unread, dialect, rowsPerCall) => {
        const open = names.map((count, want) =>
          Array.from({ length: count }, (_, index) => `want-${want}-${index}`),
        );
        const game: Game = { dialect, rowsPerCall, keysPerCall: 2 * rowsPerCall };
        expect(worstCaseOfChoice(open, unread, game)).toBe(leastWorstCase(open, unread, game));
      },
    ),
    { numRuns: 300 },
  );
});
