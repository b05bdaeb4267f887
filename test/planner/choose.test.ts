import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { choose, minLookUps, type OpenKeys, type Situation } from '../../src/planner/choose.ts';

const keys = (count: number) => Array.from({ length: count }, (_, index) => [`key-${index}`]);
const pages = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const situation: Situation = {
  isDialectPresumed: false,
  takesBothNames: true,
  canDetectDialect: true,
  open: keys(1),
  dialect: 'plural',
  unread: null,
  rowsPerCall: 100,
  keysPerCall: 200,
};

function callsOf(changes: Partial<Situation>): string[] | 'scan' {
  const choice = choose({ ...situation, ...changes });
  if (choice.kind === 'scan') return 'scan';
  if (choice.kind === 'detect-dialect')
    return [`detection on page ${choice.pageIndex} with ${choice.filter.keys.length}`];
  return choice.filters.map((filter) => `${filter.dialect} ${filter.keys.length}`);
}

describe('the choice between look-ups and pages', () => {
  test.each<[string, Partial<Situation>, string[] | 'scan']>([
    ['one key in an unknown dialect is sent under both names', { dialect: 'unknown' }, ['either 1']],
    ['many keys in an unknown dialect detect it', { dialect: 'unknown', open: keys(140) }, ['plural 100']],
    ['plural keys are sent by the hundred', { open: keys(201) }, ['plural 100', 'plural 100', 'plural 1']],
    [
      'singular keys are sent one by one',
      { dialect: 'singular', open: keys(2), unread: pages(3) },
      ['singular 1', 'singular 1'],
    ],
    [
      'an unknown dialect is detected by a page that must be read anyway',
      { dialect: 'unknown', open: keys(30), unread: [2, 3, 4, 5] },
      ['detection on page 2 with 30'],
    ],
    [
      'or by a key that must be looked up anyway',
      { dialect: 'unknown', open: keys(3), unread: [2, 3, 4, 5] },
      ['either 3'],
    ],
    [
      'if both names are rejected together, the plural one is tried alone',
      { dialect: 'unknown', takesBothNames: false },
      ['plural 1'],
    ],
    [
      'a dialect that only remains is tried with one key',
      { dialect: 'singular', isDialectPresumed: true, open: keys(4), unread: pages(5) },
      ['singular 1'],
    ],
    [
      'if a page with a filter is rejected, the first page is requested with one',
      { dialect: 'unknown', open: keys(30), unread: [2, 3, 4, 5], canDetectDialect: false },
      ['plural 30'],
    ],
    ['many singular keys first read the length of the list', { dialect: 'singular', open: keys(2) }, 'scan'],
    ['fewer pages win', { dialect: 'singular', open: keys(4), unread: pages(3) }, 'scan'],
    ['as many pages win', { open: keys(50), unread: pages(1) }, 'scan'],
    ['fewer look-ups win', { open: keys(50), unread: pages(2) }, ['plural 50']],
    ['without a filter only pages remain', { dialect: 'none', unread: pages(50) }, 'scan'],
    ['a row without a key needs pages', { open: [...keys(1), []], unread: pages(50) }, 'scan'],
    [
      'all addresses of a user are sent in one plural call',
      { open: [['a@x', 'b@x'], ['A@X']] },
      ['plural 2'],
    ],
    [
      'the first address of a user is sent in the singular',
      { dialect: 'singular', open: [['a@x', 'b@x']] },
      ['singular 1'],
    ],
    [
      'both names win only if each key alone costs less than the pages',
      { dialect: 'unknown', open: keys(2), unread: pages(2) },
      ['plural 2'],
    ],
    [
      'a page reveals the dialect only if that and the look-ups cost less than all pages',
      { dialect: 'unknown', open: keys(9), unread: [2, 3] },
      'scan',
    ],
    [
      'and if they do, however little less',
      { dialect: 'unknown', open: keys(9), unread: [2, 3, 4] },
      ['detection on page 2 with 9'],
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

test('equal requests make equal calls, independent of their order', () => {
  const filters = (open: readonly OpenKeys[]) => choose({ ...situation, open });
  expect(filters([['b'], ['c'], ['a']])).toEqual(filters([['a'], ['b'], ['c']]));
});

test('the minimum number of look-ups is one per row in the singular, one per page of rows in the plural', () => {
  const fewest = (rows: number) =>
    (['plural', 'unknown', 'singular', 'none'] as const).map((dialect) =>
      minLookUps(rows, { dialect, rowsPerCall: 100 }),
    );
  expect(fewest(0)).toEqual([0, 0, 0, 0]);
  expect(fewest(101)).toEqual([2, 2, 101, Infinity]);
});

/** Look-ups as a game: a call requests keys or reads a page, and an adversary decides where rows are. */
interface Game {
  readonly dialect: 'plural' | 'singular';
  readonly rowsPerCall: number;
  readonly keysPerCall: number;
}

/** Minimum number of calls that any strategy needs in the worst case. */
function leastWorstCase(open: readonly OpenKeys[], unread: number, game: Game): number {
  const memo = new Map<string, number>();
  const play = (requests: readonly OpenKeys[], pages: number): number => {
    if (requests.length === 0 || pages === 0) return 0;
    const state = JSON.stringify([requests, pages]);
    const known = memo.get(state);
    if (known !== undefined) return known;
    let least = 1 + play(requests, pages - 1);
    for (const keys of askable(requests, game)) {
      least = Math.min(least, 1 + Math.max(...outcomes(requests, keys).map((rest) => play(rest, pages))));
    }
    memo.set(state, least);
    return least;
  };
  return play(open, unread);
}

/** Worst-case number of calls of `choose`. */
function worstCaseOfChoice(open: readonly OpenKeys[], unread: number, game: Game): number {
  if (open.length === 0) return 0;
  const choice = choose({ ...situation, ...game, open, unread: pages(unread) });
  if (choice.kind === 'scan') return unread;
  if (choice.kind === 'detect-dialect')
    throw new Error('Nothing is to be found out in a dialect that is known.');
  const asked = new Set(choice.filters.flatMap((filter) => filter.keys));
  const rest = outcomes(open, asked).map((left) => worstCaseOfChoice(left, unread, game));
  return choice.filters.length + Math.max(...rest);
}

function askable(requests: readonly OpenKeys[], { dialect, rowsPerCall, keysPerCall }: Game): Set<string>[] {
  const all = [...new Set(requests.flat())];
  if (dialect === 'singular') return all.map((key) => new Set([key]));
  return Array.from({ length: 2 ** all.length - 1 }, (_, bits) => {
    return new Set(all.filter((_key, index) => (((bits + 1) >> index) & 1) === 1));
  }).filter((keys) => {
    const rows = requests.filter((want) => want.some((key) => keys.has(key))).length;
    return keys.size <= keysPerCall && rows <= rowsPerCall;
  });
}

/** All outcomes for the requests that were looked up. */
function outcomes(requests: readonly OpenKeys[], asked: ReadonlySet<string>): OpenKeys[][] {
  const touched = requests.filter((want) => want.some((key) => asked.has(key)));
  return Array.from({ length: 2 ** touched.length }, (_, bits) =>
    requests.flatMap((want) => {
      const index = touched.indexOf(want);
      if (index < 0) return [want];
      const left = want.filter((key) => !asked.has(key));
      return ((bits >> index) & 1) === 1 || left.length === 0 ? [] : [left];
    }),
  );
}

test('the worst case of `choose` equals that of the best strategy', () => {
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
