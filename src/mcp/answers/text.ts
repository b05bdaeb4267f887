/** Text of an answer: JSON that shows every character to a person who reads it. */

/** Length of an escaped UTF-16 code unit. */
const escapeLength = 6;
const invisible = /[\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u007f-\u009f]/gu;
const lowSurrogate = /[\udc00-\udfff]/;

/** Escapes invisible characters of JSON: names come from customers, and could hide a text. */
export function visible(json: string): string {
  return json.replaceAll(invisible, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

/** Length of a value's text by `visible`, without creating it. */
export function lengthOf(value: unknown): number {
  const json = JSON.stringify(value);
  let { length } = json;
  // Creates no object for each of maybe a million matches.
  invisible.lastIndex = 0;
  while (invisible.test(json)) {
    const isPair = lowSurrogate.test(json.charAt(invisible.lastIndex - 1));
    length += (isPair ? 2 : 1) * (escapeLength - 1);
  }
  return length;
}

/** Maximum characters of a name beside the data. */
const maxNameCharacters = 500;

/** Truncates an item's names: they come from customers, and must leave room for what an answer lacks. */
export function withShortTexts<Item extends object>(item: Item): Item {
  const short = (value: unknown) =>
    typeof value === 'string' && value.length > maxNameCharacters
      ? `${value.slice(0, maxNameCharacters).replace(/[\ud800-\udbff]$/, '')}…`
      : value;
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, short(value)]),
  ) as unknown as Item;
}
