import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nearestName, suggestion } from '../src/nearest-name.ts';

/** The least number of edits, by trying all of them. */
function edits(one: string, other: string): number {
  if (one === '' || other === '') return one.length + other.length;
  const [first, second] = one;
  const swapped = one.length > 1 && other.startsWith(`${second}${first}`);
  return Math.min(
    edits(one.slice(1), other.slice(1)) + (other.startsWith(first ?? '') ? 0 : 1),
    1 + edits(one.slice(1), other),
    1 + edits(one, other.slice(1)),
    swapped ? 1 + edits(one.slice(2), other.slice(2)) : Infinity,
  );
}

describe('the nearest name', () => {
  test('is the one that takes the fewest edits', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });
    fc.assert(
      fc.property(word, fc.array(word, { maxLength: 5 }), fc.nat(5), (name, known, maxEdits) => {
        const fewest = Math.min(Infinity, ...known.map((each) => edits(name, each)));
        const nearest = nearestName(name, known, maxEdits);
        expect(nearest === null ? null : edits(name, nearest)).toBe(fewest <= maxEdits ? fewest : null);
      }),
    );
  });

  test('ignores case, and is none for a text that is no name', () => {
    expect(suggestion('EXPIRES_AT', ['name', 'expires'])).toBe('; did you mean "expires"?');
    expect(suggestion('note', ['name', 'expires'])).toBe('');
    expect(nearestName('x'.repeat(1_000_000), ['x'.repeat(999_999)], 10)).toBeNull();
  });
});
