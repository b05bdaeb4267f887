import { describe, expect, test } from '@jest/globals';
import { choose, type Situation } from '../../src/planner/choose.ts';

const keys = (count: number) => Array.from({ length: count }, (_, index) => [`key-${index}`]);
const situation: Situation = {
  open: keys(1),
  dialect: 'plural',
  unreadPages: null,
  rowsPerCall: 100,
  keysPerCall: 200,
};

function callsOf(changes: Partial<Situation>): string[] | 'scan' {
  const plan = choose({ ...situation, ...changes });
  return plan.kind === 'scan'
    ? 'scan'
    : plan.filters.map((filter) => `${filter.dialect} ${filter.keys.length}`);
}

describe('the choice between look-ups and pages', () => {
  test.each<[string, Partial<Situation>, string[] | 'scan']>([
    ['one key in an unknown dialect goes out under both names', { dialect: 'unknown' }, ['either 1']],
    ['many keys in an unknown dialect find it out', { dialect: 'unknown', open: keys(140) }, ['plural 100']],
    ['plural keys go out by the hundred', { open: keys(201) }, ['plural 100', 'plural 100', 'plural 1']],
    [
      'singular keys go out one by one',
      { dialect: 'singular', open: keys(2), unreadPages: 3 },
      ['singular 1', 'singular 1'],
    ],
    ['many singular keys first ask how long the list is', { dialect: 'singular', open: keys(2) }, 'scan'],
    ['fewer pages win', { dialect: 'singular', open: keys(4), unreadPages: 3 }, 'scan'],
    ['as many pages win', { open: keys(50), unreadPages: 1 }, 'scan'],
    ['fewer look-ups win', { open: keys(50), unreadPages: 2 }, ['plural 50']],
    ['without a filter only pages are left', { dialect: 'none', unreadPages: 50 }, 'scan'],
    ['what has no key needs pages', { open: [...keys(1), []], unreadPages: 50 }, 'scan'],
    ['all addresses of a user go out in one plural call', { open: [['a@x', 'b@x'], ['A@X']] }, ['plural 2']],
    [
      'the first address of a user goes out in the singular',
      { dialect: 'singular', open: [['a@x', 'b@x']] },
      ['singular 1'],
    ],
  ])('%s', (_rule, changes, expected) => {
    expect(callsOf(changes)).toEqual(expected);
  });
});
