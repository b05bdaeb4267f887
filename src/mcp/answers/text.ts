/** The text of an answer: JSON that shows every character to the person who reads along. */

/** Length of an escaped UTF-16 code unit. */
const escapeLength = 6;
const invisible = /[\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u007f-\u009f]/gu;
const lowSurrogate = /[\udc00-\udfff]/;

/** JSON whose invisible characters are written as escapes: names come from customers, and could hide a text. */
export function visible(json: string): string {
  return json.replaceAll(invisible, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

/** Characters of a value's text: as those of `visible`, without writing it. */
export function lengthOf(value: unknown): number {
  const json = JSON.stringify(value);
  let { length } = json;
  // Without an object for each match, of which there may be a million.
  invisible.lastIndex = 0;
  while (invisible.test(json)) {
    const isPair = lowSurrogate.test(json.charAt(invisible.lastIndex - 1));
    length += (isPair ? 2 : 1) * (escapeLength - 1);
  }
  return length;
}

/** Maximum characters of a name beside the data. */
const maxNameCharacters = 500;

/** An item whose names are cut: they come from customers, and must not keep an answer from saying what it lacks. */
export function withShortTexts<Item extends object>(item: Item): Item {
  const short = (value: unknown) =>
    typeof value === 'string' && value.length > maxNameCharacters
      ? `${value.slice(0, maxNameCharacters).replace(/[\ud800-\udbff]$/, '')}…`
      : value;
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, short(value)]),
  ) as unknown as Item;
}
