import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeBoolean,
  decodeCodes,
  DecodeError,
  decodeId,
  decodeOptionalId,
  decodeInstant,
  decodeInteger,
  decodeItems,
  decodeObject,
  decodeObjects,
  decodeText,
  faultsOf,
  parseBody,
  requireSound,
} from '../../src/endpoint/decode.ts';

const row = (value: unknown) =>
  decodeObject({ field: value }, { above: { above: null, step: 'data' }, step: 0 });
const absents = [null, undefined, '', 'N/A'];

describe('a body', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

  test('is JSON like any other, whatever its strings hold', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 10 }), (text) => {
        expect(parseBody(text)).toEqual(JSON.parse(text));
      }),
    );
    const brackets = JSON.stringify([nested(100), '\\"[', { '{"\\': '\\\\' }]);
    for (const text of [brackets, brackets + ' '.repeat(300_000)]) {
      expect(parseBody(text)).toEqual(JSON.parse(text));
    }
  });

  test('is refused where it is nested deeper than any answer, or is none', () => {
    const padding = ' '.repeat(300_000);
    for (const allowed of [nested(32), nested(32) + padding, '{"a":'.repeat(32) + '1' + '}'.repeat(32)]) {
      expect(parseBody(allowed)).toBeInstanceOf(Object);
    }
    const tooDeep = [
      nested(33),
      nested(33) + padding,
      nested(1_000_000),
      '{"a":'.repeat(33) + '1' + '}'.repeat(33),
    ];
    for (const text of tooDeep) expect(() => parseBody(text)).toThrow(new DecodeError('body'));
    expect(() => parseBody('{"a": "\\')).toThrow(SyntaxError);
    expect(() => parseBody('"')).toThrow(SyntaxError);
  });

  test('is refused where a list has more items than any page', () => {
    const list = (length: number) => decodeObject({ data: Array.from({ length }, () => ({})) }, null);
    expect(decodeObjects(list(10_000), 'data', () => 1)).toHaveLength(10_000);
    expect(() => decodeObjects(list(10_001), 'data', () => 1)).toThrow(new DecodeError('data'));
  });
});

describe('decoding', () => {
  test.each(absents)('takes %j for an absent value', (absent) => {
    expect(decodeText(row(absent), 'field')).toBeNull();
    expect(decodeInteger(row(absent), 'field')).toBeNull();
    expect(decodeBoolean(row(absent), 'field')).toBeNull();
    expect(decodeInstant(row(absent), 'field')).toBeNull();
    expect(decodeCodes(row(absent), 'field')).toEqual([]);
    expect(decodeItems(row(absent), 'field', (item) => item)).toEqual([]);
    expect(() => decodeId(row(absent), 'field')).toThrow(new DecodeError('data[0].field'));
  });

  test('reads a field in camel case or in Pascal case, and no inherited one', () => {
    expect(decodeText(decodeObject({ Field: 'x' }, null), 'field')).toBe('x');
    expect(decodeText(decodeObject({}, null), 'toString')).toBeNull();
    expect(decodeText(decodeObject(JSON.parse('{"__proto__": {"field": "x"}}'), null), 'field')).toBeNull();
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
  ])('reads the instant %s as %s', (text, expected) => {
    expect(decodeInstant(row(text), 'field')).toBe(expected);
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
  ])('has a fault in place of the instant %j', (value) => {
    const odd = row(value);
    expect(decodeInstant(odd, 'field')).toBeNull();
    expect(odd.faults).toEqual(['field']);
  });

  test('takes no number for an id, which identifies its row', () => {
    expect(() => decodeId(row(1205), 'field')).toThrow(new DecodeError('data[0].field'));
    expect(() => decodeOptionalId(row(1205), 'field')).toThrow(new DecodeError('data[0].field'));
    expect(decodeOptionalId(row(null), 'field')).toBeNull();
  });

  test.each([
    [decodeText, 1205, '1205'],
    [decodeText, 0, '0'],
    [decodeText, 1.5, '1.5'],
    [decodeInteger, '12', 12],
    [decodeInteger, ' -3 ', -3],
    [decodeBoolean, 'false', false],
    [decodeBoolean, 'True', true],
    [decodeBoolean, 0, false],
    [decodeBoolean, 1, true],
    [decodeBoolean, '1', true],
    [decodeCodes, '3', [3]],
    [decodeCodes, [null, 2, '', 'N/A', '4'], [2, 4]],
    [decodeCodes, ['High', {}, 4294967295], [-1, -1, -1]],
    [decodeCodes, {}, [-1]],
  ] as const)('by %p reads %j as %j', (decode, value, expected) => {
    const plain = row(value);
    expect(decode(plain, 'field')).toEqual(expected);
    expect(plain.faults).toBeNull();
  });

  test.each([
    [decodeText, true],
    [decodeText, {}],
    [decodeText, ['x']],
    [decodeText, 1e21],
    [decodeInteger, 4294967295],
    [decodeInteger, '4294967295'],
    [decodeInteger, 1.5],
    [decodeInteger, 'many'],
    [decodeInteger, true],
    [decodeBoolean, 2],
    [decodeBoolean, 'yes'],
    [decodeBoolean, []],
  ])('by %p has a fault in place of %j, and goes on', (decode, value) => {
    const odd = decodeObject({ field: value, other: 'x' }, { above: { above: null, step: 'data' }, step: 7 });
    expect(decode(odd, 'field')).toBeNull();
    expect(decodeText(odd, 'other')).toBe('x');
    expect(faultsOf(odd, 'POST rows', { field: ['one', 'two'] })).toEqual({
      endpoint: 'POST rows',
      fields: { one: 'data[].field', two: 'data[].field' },
    });
    expect(() => {
      requireSound(odd);
    }).toThrow(new DecodeError('data[7].field'));
  });

  test('gives a value of the kind asked for, or null with a fault unless it is absent', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const [decode, type] of [
          [decodeText, 'string'],
          [decodeInteger, 'number'],
          [decodeBoolean, 'boolean'],
        ] as const) {
          const object = row(value);
          const decoded = decode(object, 'field');
          if (decoded !== null) expect(typeof decoded).toBe(type);
          else if (!absents.includes(value as null)) expect(object.faults).toEqual(['field']);
          if (object.faults !== null && type !== 'number') expect(typeof value).not.toBe(type);
          if (typeof value === type && object.faults === null && decoded !== null)
            expect(decoded).toBe(value);
        }
      }),
    );
  });

  test('skips nulls in lists, and takes a lone item for a list', () => {
    expect(decodeObjects(row([null, {}, null]), 'field', () => 1)).toEqual([1]);
    expect(decodeItems(row([null, {}, 7]), 'field', (item) => item !== null)).toEqual([true, false]);
    expect(decodeItems(row({}), 'field', (item) => item !== null)).toEqual([true]);
    expect(decodeItems(row('x'), 'field', (item) => item)).toEqual([null]);
  });

  test('names the item of a list that can’t be understood', () => {
    expect(() => decodeObjects(row([{}, 7]), 'field', (item) => item)).toThrow(
      new DecodeError('data[0].field[1]'),
    );
  });
});
