import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeBoolean,
  DecodeError,
  decodeId,
  decodeInstant,
  decodeInteger,
  decodeIntegers,
  decodeObject,
  decodeObjects,
  decodeText,
  parseBody,
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
    expect(decodeIntegers(row(absent), 'field')).toEqual([]);
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
  ])('reads the instant %s as %s', (text, expected) => {
    expect(decodeInstant(row(text), 'field')).toBe(expected);
  });

  test.each(['soon', '2024-13-01T00:00:00Z', '29.02.2024', 7])('refuses %j as an instant', (value) => {
    expect(() => decodeInstant(row(value), 'field')).toThrow(new DecodeError('data[0].field'));
  });

  test('gives a value of the kind asked for, or an error with its place', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const [decode, type] of [
          [decodeText, 'string'],
          [decodeInteger, 'number'],
          [decodeBoolean, 'boolean'],
        ] as const) {
          try {
            const decoded = decode(row(value), 'field');
            if (decoded !== null) expect(decoded).toBe(value);
            else expect(absents).toContain(value);
          } catch (error) {
            expect(error).toEqual(new DecodeError('data[0].field'));
            if (type !== 'number') expect(typeof value).not.toBe(type);
          }
        }
      }),
    );
  });

  test('names the item of a list that can’t be understood', () => {
    expect(() => decodeObjects(row([{}, 7]), 'field', (item) => item)).toThrow(
      new DecodeError('data[0].field[1]'),
    );
  });
});
