/** Filters, orders, windows and cursors against their definitions. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  compileFilter,
  contains,
  isText,
  isValue,
  type Combinable,
  type Predicate,
  type Ternary,
} from '../../src/list-query/predicate.ts';
import { CursorCodec } from '../../src/list-query/cursor.ts';
import {
  compareSortKeys,
  decodeSortKey,
  encodeSortKey,
  orderOf,
  sortKeyOf,
  type SortKey,
} from '../../src/list-query/order.ts';
import { TopKWindow } from '../../src/list-query/top-k-window.ts';

interface Tree extends Combinable<Tree> {
  /** Whether the bit of this number is set; of those from 4 on, the joined row has them. */
  readonly bit?: number;
}

const trees: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.record({ bit: fc.nat(7) }, { requiredKeys: [] }),
    fc.record(
      {
        bit: fc.nat(7),
        and: fc.array(tie('tree'), { maxLength: 2 }),
        or: fc.array(tie('tree'), { maxLength: 2 }),
        not: tie('tree'),
      },
      { requiredKeys: [] },
    ),
  ),
})).tree;

const has = (bits: number, bit: number) => (bits & (1 << bit)) !== 0;

function holds({ bit, and, or, not }: Tree, bits: number): boolean {
  return (
    (bit === undefined || has(bits, bit)) &&
    (and ?? []).every((each) => holds(each, bits)) &&
    (!or || or.some((each) => holds(each, bits))) &&
    !(not && holds(not, bits))
  );
}

describe('a filter', () => {
  test('follows logic, and decides early only what the joined row can’t change', () => {
    fc.assert(
      fc.property(trees, fc.nat(15), fc.nat(15), (tree, own, joined) => {
        const predicate = compileFilter<Tree, number, number>('filter', tree, {
          bit: (bit) => {
            if (bit === undefined) return [];
            if (bit < 4) return [(row) => has(row, bit)];
            return [(_row, other) => (typeof other === 'number' ? has(other, bit - 4) : null)];
          },
        });
        const judge = (other: number | undefined): Ternary =>
          predicate === null ? true : predicate(own, other);
        const expected = (other: number) => holds(tree, own | (other << 4));
        expect(judge(joined)).toBe(expected(joined));
        const early = judge(undefined);
        if (early !== null) {
          for (let other = 0; other < 16; other++) expect(expected(other)).toBe(early);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('may combine a hundred filters, and no more', () => {
    const compile = (count: number) =>
      compileFilter<Tree, number, number>(
        'filter',
        { and: Array.from({ length: count - 1 }, () => ({})) },
        { bit: () => [] },
      );
    expect(compile(100)).toBeNull();
    expect(() => compile(101)).toThrow('filter: expected 100 filters at most in and, or and not together.');
  });
});

describe('a predicate of a field', () => {
  interface Named {
    readonly name: string | null;
    readonly other: string | null;
  }
  const rows: Named[] = [
    { name: 'Anna', other: null },
    { name: null, other: 'anna' },
    { name: 'Joanna', other: 'Ben' },
  ];
  const holding = (predicates: readonly Predicate<Named>[]) =>
    rows.map((row) => predicates.every((predicate) => predicate(row, undefined) === true));

  test('on a text matches any letter case, and on blanks rows without one', () => {
    expect(holding(isText('ANNA', ({ name }) => name))).toEqual([true, false, false]);
    for (const blanks of ['', ' '])
      expect(holding(isText(blanks, ({ name }) => name))).toEqual([false, true, false]);
    for (const none of [null, undefined]) expect(isText<Named>(none, ({ name }) => name)).toEqual([]);
  });

  test('on a value matches that value only', () => {
    expect(holding(isValue('Anna', ({ name }) => name))).toEqual([true, false, false]);
    expect(holding(isValue('anna', ({ name }) => name))).toEqual([false, false, false]);
    for (const none of [null, undefined]) {
      expect(isValue<Named, string>(none, ({ name }) => name)).toEqual([]);
    }
  });

  test('on a part matches if one of the texts contains it, and all rows if it is blank', () => {
    const textsOf = ({ name, other }: Named) => [name, other];
    expect(holding(contains(' ann ', textsOf))).toEqual([true, true, true]);
    expect(holding(contains('joan', textsOf))).toEqual([false, false, true]);
    expect(holding(contains('c', textsOf))).toEqual([false, false, false]);
    for (const none of [null, undefined, ' ']) expect(contains(none, textsOf)).toEqual([]);
  });
});

const values = fc.oneof(
  fc.constant(null),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom('a', 'A', 'b', 'ä', 'a2', 'a10', ''),
);

describe('an order', () => {
  const order =
    orderOf<'ONE_ASC' | 'ONE_DESC' | 'TWO_ASC' | 'TWO_DESC', never, never>(
      ['ONE_DESC', 'TWO_ASC'],
      { ONE: () => null, TWO: () => null },
      [],
    ) ?? [];
  const ranks: fc.Arbitrary<SortKey> = fc.record({
    values: fc.tuple(values, values),
    identity: fc.constantFrom('x', 'y', 'z'),
  });

  test('compares any two rows consistently', () => {
    fc.assert(
      fc.property(ranks, ranks, ranks, (a, b, c) => {
        const [ab, ba, bc, ac] = [
          compareSortKeys(order, a, b),
          compareSortKeys(order, b, a),
          compareSortKeys(order, b, c),
          compareSortKeys(order, a, c),
        ];
        expect(Math.sign(ab)).toBe(-Math.sign(ba) || 0);
        if (ab <= 0 && bc <= 0) expect(ac).toBeLessThanOrEqual(0);
        expect(compareSortKeys(order, a, a)).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  test('is one of numbers by size, of texts by their letters, and of nothing at the end', () => {
    const texts = ['a10', 'B', null, 'a2', 'A', 'ä', 'b'];
    const sorted = (isDescending: boolean) =>
      texts
        .map((text, index) => ({ values: [text], identity: String(index) }))
        .sort((left, right) =>
          compareSortKeys([{ valueOf: () => null, isDescending, needsJoin: false }], left, right),
        )
        .map(({ values: [text] }) => text);
    expect(sorted(false)).toEqual(['A', 'ä', 'a2', 'a10', 'b', 'B', null]);
    expect(sorted(true)).toEqual(['B', 'b', 'a10', 'a2', 'ä', 'A', null]);
  });

  test('compares by the first key that differs, however many there are', () => {
    const three =
      orderOf<'ONE_ASC' | 'TWO_ASC' | 'TWO_DESC' | 'THREE_ASC', readonly number[], null>(
        ['ONE_ASC', 'TWO_DESC', 'THREE_ASC', 'ONE_ASC'],
        {
          ONE: ([one = null]) => one,
          TWO: ([, two = null]) => two,
          THREE: ([, , third = null]) => third,
        },
        ['TWO', 'THREE'],
      ) ?? [];
    expect(three.map(({ isDescending, needsJoin }) => [isDescending, needsJoin])).toEqual([
      [false, false],
      [true, true],
      [false, true],
    ]);
    const rows = [
      [1, 3, 1],
      [1, 2, 1],
      [1, 2, 2],
      [2, 9, 0],
    ];
    const ranks = rows.map((row, index) => sortKeyOf(three, String(9 - index), row, null));
    const sorted = ranks.toReversed().sort((left, right) => compareSortKeys(three, left, right));
    expect(sorted).toEqual(ranks);
  });

  test('is none without names', () => {
    for (const none of [null, undefined, []])
      expect(orderOf<'ONE_ASC', never, never>(none, { ONE: () => null }, [])).toBeNull();
  });

  test('makes sort keys that a cursor carries', () => {
    fc.assert(
      fc.property(ranks, (rank) => {
        expect(decodeSortKey(order, JSON.parse(JSON.stringify(encodeSortKey(rank))))).toEqual(rank);
      }),
    );
    for (const none of [null, 1, [], ['x'], [1, 2, 3], [{}, 1, 'x']])
      expect(decodeSortKey(order, none)).toBeNull();
  });
});

describe('a window of rows added in any order', () => {
  test('is the one that a sorted list has', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(200), { maxLength: 80 }),
        fc.nat(12),
        fc.boolean(),
        fc.option(fc.nat(200)),
        fc.option(fc.nat(200)),
        (rows, size, isBackward, after, before) => {
          const window = new TopKWindow<number, number>((left, right) => left - right, {
            size,
            isBackward,
            after,
            before,
          });
          for (const row of rows) window.add(row, row);
          const sorted = [...rows].sort((left, right) => left - right);
          // What is behind both ends counts once, as what stands before the span.
          const within = sorted.filter(
            (row) => (after === null || row > after) && (before === null || row < before),
          );
          const expected = isBackward
            ? within.slice(Math.max(0, within.length - size))
            : within.slice(0, size);
          const found = window.finish();
          expect(found.rows.map(({ row }) => row)).toEqual(expected);
          expect(found.totalCount).toBe(rows.length);
          const [first, last] = [expected[0], expected.at(-1)];
          if (first !== undefined && last !== undefined) {
            expect(found.hasPrevious).toBe(sorted.some((row) => row < first));
            expect(found.hasNext).toBe(sorted.some((row) => row > last));
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('a cursor', () => {
  test('is decoded for its own list and query only', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (place) => {
        fc.pre(place !== null);
        const seal = new CursorCodec(['list'], [{ search: 'a' }]);
        const cursor = seal.write(place);
        const decode = (value: unknown) => JSON.stringify(value);
        expect(seal.read('after', cursor, decode)).toBe(JSON.stringify(JSON.parse(JSON.stringify(place))));
        expect(() => new CursorCodec(['list'], [{ search: 'b' }]).read('after', cursor, decode)).toThrow(
          /^after: expected a cursor of this filter and order/,
        );
        expect(() => new CursorCodec(['other'], [{ search: 'a' }]).read('before', cursor, decode)).toThrow(
          /^before: expected a cursor of this list/,
        );
      }),
    );
  });

  test('is none if it is null, undefined or empty', () => {
    for (const none of [null, undefined, '']) {
      expect(new CursorCodec(['list']).read('after', none, (place) => place)).toBeNull();
    }
  });
});
