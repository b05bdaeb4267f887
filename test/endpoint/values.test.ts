import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  booleanOf,
  codeOf,
  codesOf,
  filledTextOf,
  idOf,
  instantOf,
  integerOf,
  listOf,
  textOf,
} from '../../src/endpoint/values.ts';

const absents = [null, undefined, '', 'N/A'];

describe('a value', () => {
  test.each(absents)('is absent if it is %j', (absent) => {
    for (const valueOf of [textOf, filledTextOf, idOf, integerOf, booleanOf, instantOf]) {
      expect(valueOf(absent)).toBeNull();
    }
    expect(codeOf(absent)).toBe(-1);
    expect(codesOf(absent)).toEqual([]);
    expect(listOf(absent)).toEqual([]);
  });

  test.each([
    ['1970-01-01T00:00:00Z', null],
    ['1970-01-01T00:00:00.0000000Z', null],
    ['1970-01-01T01:00:00+01:00', null],
    ['2024-02-29T12:30:00Z', '2024-02-29T12:30:00Z'],
    ['2024-02-29T12:30:00.1234567+02:00', '2024-02-29T12:30:00.1234567+02:00'],
    ['2024-02-29T12:30:00', '2024-02-29T12:30:00Z'],
    ['2024-02-29', '2024-02-29T00:00:00Z'],
    ['0001-01-01T00:00:00', null],
    ['0001-01-01T00:00:00Z', null],
    ['9999-12-31T23:59:59.9999999Z', null],
    ['9999-12-31', null],
    ['9999-12-30T00:00:00Z', '9999-12-30T00:00:00Z'],
    ['/Date(1700000000000)/', '2023-11-14T22:13:20.000Z'],
    ['/Date(1700000000000+0200)/', '2023-11-14T22:13:20.000Z'],
    ['/Date(-1000)/', '1969-12-31T23:59:59.000Z'],
    ['/Date(0)/', null],
    ['/Date(-62135596800000)/', null],
    ['/Date(253402300799999)/', null],
  ])('is the instant of %s, which is %s', (text, expected) => {
    expect(instantOf(text)).toBe(expected);
  });

  test.each([
    'soon',
    '2024-13-01T00:00:00Z',
    '29.02.2024',
    7,
    1_700_000_000_000,
    '/Date(99999999999999999)/',
    '/Date(8640000000000001)/',
    '/Date(253402300800000)/',
    '/Date(now)/',
    '2024-02-30T00:00:00Z',
    '2023-02-29',
    '2024-06-31T00:00:00+02:00',
  ])('is no instant if it is %j', (value) => {
    expect(instantOf(value)).toBeUndefined();
  });

  test.each([
    [textOf, 'x'.repeat(32_767), 'x'.repeat(32_767)],
    [textOf, 'x'.repeat(32_768), undefined],
    [textOf, 1205, '1205'],
    [textOf, 0, '0'],
    [textOf, 1.5, '1.5'],
    [textOf, ' ', ' '],
    [filledTextOf, ' ', null],
    [filledTextOf, ' x ', ' x '],
    [filledTextOf, 7, '7'],
    [idOf, 'a', 'a'],
    [idOf, ' ', null],
    [integerOf, '12', 12],
    [integerOf, ' -3 ', -3],
    [booleanOf, 'false', false],
    [booleanOf, 'True', true],
    [booleanOf, 0, false],
    [booleanOf, 1, true],
    [booleanOf, '1', true],
    [codeOf, '4', 4],
    [codeOf, 'High', -1],
    [codesOf, '3', [3]],
    [codesOf, [null, 2, '', 'N/A', '4'], [2, 4]],
    [codesOf, ['High', {}, 4294967295], [-1, -1, -1]],
    [codesOf, [0, 1.5], [0, -1]],
    [codesOf, {}, [-1]],
    [listOf, [null, 1, ''], [1, '']],
    [listOf, 'x', ['x']],
    [listOf, {}, [{}]],
  ] as const)('by %p is, of %j, %j', (valueOf, value, expected) => {
    expect(valueOf(value)).toEqual(expected);
  });

  test.each([
    [textOf, true],
    [textOf, {}],
    [textOf, ['x']],
    [textOf, 1e21],
    [idOf, 1205],
    [idOf, {}],
    [integerOf, 4294967295],
    [integerOf, '4294967295'],
    [integerOf, 1.5],
    [integerOf, 'many'],
    [integerOf, true],
    [booleanOf, 2],
    [booleanOf, 'yes'],
    [booleanOf, []],
  ])('by %p is invalid if it is %j', (valueOf, value) => {
    expect(valueOf(value)).toBeUndefined();
  });

  test('has the requested type, or is null if absent, or invalid', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const [valueOf, type] of [
          [textOf, 'string'],
          [integerOf, 'number'],
          [booleanOf, 'boolean'],
        ] as const) {
          const decoded = valueOf(value);
          if (decoded === undefined) expect(absents).not.toContain(value);
          else if (decoded === null) expect(absents).toContain(value);
          else expect(typeof decoded).toBe(type);
          if (typeof value === type && type !== 'number' && !absents.includes(value as null)) {
            expect(decoded).toBe(value);
          }
        }
      }),
    );
  });

  test('that is a list of codes only is not copied', () => {
    const codes = [0, 8, 100];
    expect(codesOf(codes)).toBe(codes);
  });
});
