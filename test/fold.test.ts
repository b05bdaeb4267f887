import { describe, expect, test } from '@jest/globals';
import { foldAddress, foldName, foldText } from '../src/fold.ts';
import { compareSortKeys, orderOf, sortKeyOf } from '../src/list-query/order.ts';
import { cpuMsOf } from './cpu-time.ts';
import { foldNaively } from './graph/naive-queries.ts';

const nfd = (text: string) => text.normalize('NFD');
const allCharacters = Array.from({ length: 0x2_0000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));

describe('names', () => {
  test.each([
    ['ABC-1', 'abc-1'],
    ['José@x.example', nfd('JOSÉ@x.example')],
    ['ΟΔΟΣ', 'οδος'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['ẞ@x', 'ß@x'],
    ['İ@x', nfd('İ@x')],
    ['J\u030c', '\u01f0'],
  ])('are the same if they are %s and %s', (left, right) => {
    expect(foldName(left)).toBe(foldName(right));
  });

  test.each([
    ['\u212aim@x.example', 'kim@x.example'],
    ['straße@x.example', 'strasse@x.example'],
    ['İ@x', 'i@x'],
    ['ı@x', 'i@x'],
    ['ſ@x', 's@x'],
    ['ﬁ@x', 'fi@x'],
    ['ａ@x', 'a@x'],
    ['a\u037e@x', 'a;@x'],
    ['a\u1fef@x', 'a`@x'],
    [' a', 'a'],
  ])('differ if they are %s and %s', (left, right) => {
    expect(foldName(left)).not.toBe(foldName(right));
  });

  test('that are not ASCII never become ASCII', () => {
    const beyond = allCharacters.filter((character) => character > '\u007f');
    expect(beyond.filter((character) => !/[\u0080-\uffff]/.test(foldName(character)))).toEqual([]);
  });

  test('keep the form they were folded to, whatever the character and its spelling', () => {
    const unstable = allCharacters.filter((character) => {
      const folded = foldName(character);
      return foldName(folded) !== folded || foldName(character.toLowerCase()) !== folded;
    });
    // The small letter of the Kelvin sign is the letter k.
    expect(unstable).toEqual(['\u212a']);
  });

  test('of addresses have no blanks around them', () => {
    expect(foldAddress(' Anna@X.example\u00a0')).toBe('anna@x.example');
  });
});

describe('texts', () => {
  test.each([
    ['Müller', nfd('MÜLLER')],
    ['STRASSE', 'straße'],
    ['STRAẞE', 'strasse'],
    ['İzmir', 'izmir'],
    ['IZMIR', 'izmır'],
    ['\u212aim', 'kim'],
    ['ﬁne', 'FINE'],
    ['ΟΔΟΣ', 'οδος'],
  ])('are the same if they are %s and %s', (left, right) => {
    expect(foldText(left)).toBe(foldText(right));
  });

  test('are found within longer ones', () => {
    expect(foldText('ΟΔΟΣΠΑ')).toContain(foldText('ΟΔΟΣ'));
    expect(foldText('οδοσπα')).toContain(foldText('οδος'));
    expect(foldText('e\u0301t')).not.toContain(foldText('e'));
  });

  // Of the last ones, the capital has no composed form.
  test.each(['é', 'ñ', 'ẖ', 'ǰ', 'ὒ', 'ῢ'])('with the letter %s are not found by a part of it', (letter) => {
    for (const text of [letter, nfd(letter), letter.toUpperCase()]) {
      expect(foldText(text)).toBe(foldText(letter));
      for (const part of nfd(letter)) expect(foldText(text)).not.toContain(foldText(part));
    }
  });

  test('are the same, and found, as by the oracle of the random filters, whatever the character', () => {
    const byFolded = new Map<string, string>();
    const differing = allCharacters.filter((character) => {
      const [folded, naive] = [foldText(character), foldNaively(character)];
      const first = byFolded.get(folded) ?? naive;
      byFolded.set(folded, first);
      const parts = [nfd(character), character.toUpperCase(), character.toLowerCase()].flatMap((text) =>
        Array.from(text),
      );
      return (
        naive !== first ||
        foldText(naive) !== folded ||
        parts.some((part) => folded.includes(foldText(part)) !== naive.includes(foldNaively(part)))
      );
    });
    expect(differing).toEqual([]);
  });

  test('keep the form they were folded to', () => {
    expect(allCharacters.filter((text) => foldText(foldText(text)) !== foldText(text))).toEqual([]);
  });
});

describe('a text with a great many combining marks in a row', () => {
  // Their order is part of no form: each normalization sorts them.
  const marks = (count: number) => `a${'\u0301\u0323'.repeat(count)}`;

  test.each([
    ['foldText', (text: string) => foldText(text)],
    ['foldName', (text: string) => foldName(text)],
    [
      'an order',
      (text: string) => {
        const order = orderOf<'NAME_ASC', string, never>(['NAME_ASC'], { NAME: (row) => row }, []) ?? [];
        const rank = (row: string) => sortKeyOf(order, row, row, null);
        return compareSortKeys(order, rank(`${text}x`), rank(`${text}y`));
      },
    ],
  ])('takes %s as long as the same marks in eight texts, not eight times as long', (_name, fold) => {
    const [whole, eighth] = [marks(640_000), marks(80_000)];
    const inParts = cpuMsOf(() => {
      for (let part = 0; part < 8; part++) fold(eighth);
    });
    const inOne = cpuMsOf(() => fold(whole));
    expect(inOne).toBeLessThan(3 * inParts);
  });

  test('stays what it is', () => {
    expect(foldText(marks(14))).toBe(foldText(marks(14).normalize('NFD')));
    expect(foldName(marks(200))).not.toBe(foldName(marks(201)));
    expect(foldText(marks(14))).toBe(foldText(marks(14).normalize('NFC')));
  });
});
