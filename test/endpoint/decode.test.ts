import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  checkId,
  checkLength,
  DecodeError,
  decodeRows,
  parseBody,
  requireObject,
} from '../../src/endpoint/decode.ts';

describe('a body', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

  test('is JSON with any strings', () => {
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

  test('is refused if it is nested too deep or is no JSON', () => {
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
});

describe('rows', () => {
  const list = (length: number) => Array.from({ length }, () => ({}));

  test('are the objects of a list in order, without null', () => {
    expect(decodeRows([null, { id: 'a' }, null, { id: 'b' }], 'data', ({ id }) => id)).toEqual(['a', 'b']);
    expect(decodeRows([], 'data', () => 1)).toEqual([]);
  });

  test.each([null, undefined, 'x', 7, {}, { length: 1 }])('are not %j', (value) => {
    expect(() => decodeRows(value, 'data', () => 1)).toThrow(new DecodeError('data'));
  });

  test('are refused if there are more than on any valid page', () => {
    expect(decodeRows(list(10_000), 'data', () => 1)).toHaveLength(10_000);
    expect(() => decodeRows(list(10_001), 'data', () => 1)).toThrow(new DecodeError('data'));
    expect(decodeRows(list(10_001), 'value', () => 1, 10_001)).toHaveLength(10_001);
    checkLength(list(10_000), 'status');
    checkLength({ length: 10_001 }, 'status');
    expect(() => {
      checkLength(list(10_001), 'status');
    }).toThrow(new DecodeError('status'));
  });

  test.each([7, 'x', [], true])('name the item that is %j', (item) => {
    expect(() => decodeRows([{}, item], 'data', () => 1)).toThrow(new DecodeError('data[1]'));
    expect(() => requireObject(item, 'metadata')).toThrow(new DecodeError('metadata'));
  });

  test.each([null, undefined, '', 'N/A', ' ', 1205, {}, true])('name the row whose id is %j', (id) => {
    expect(() => decodeRows([{ id: 'a' }, { id }], 'data', checkId)).toThrow(new DecodeError('data[1].id'));
    expect(() => decodeRows([{ Id: id }], 'value', checkId)).toThrow(new DecodeError('value[0].id'));
  });

  test('rethrow other errors', () => {
    const error = new Error('no fault of a row');
    const fail = () => {
      throw error;
    };
    expect(() => decodeRows([{}], 'data', fail)).toThrow(error);
  });
});
