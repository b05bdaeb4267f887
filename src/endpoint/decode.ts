/**
 * Untrusted JSON to values, once per row. Lenient where the upstream is known to vary (absent values, the letter case
 * of a field's first letter), strict everywhere else: what can't be understood is a DecodeError that names its place,
 * never a guess.
 */

/** The place in the body that could not be understood, such as `data[3].age`. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly field: string;

  constructor(field: string) {
    super(`can't be understood at ${field}`);
    this.field = field;
  }
}

/** Nothing the reference pages describe is nested deeper than six. */
const deepestNesting = 32;
/** The largest page that a reference page promises is a hundred rows; a deployment may serve more. */
const mostItems = 10_000;
/** What is shorter than this is parsed in a moment even where it is nothing but brackets; no page of a hundred rows is longer. */
const shortText = 256 * 1024;

/**
 * A body's JSON.
 *
 * @throws SyntaxError for what is none
 * @throws DecodeError where it is nested deeper than any answer can be
 */
export function parseBody(text: string): unknown {
  // Looking at the values is much cheaper than looking at the text, but what is long and deep takes seconds to be parsed.
  if (text.length > shortText && isTextDeeper(text, deepestNesting)) throw new DecodeError('body');
  const value: unknown = JSON.parse(text);
  if (text.length <= shortText && isValueDeeper(value, deepestNesting)) throw new DecodeError('body');
  return value;
}

function isValueDeeper(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (most === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && isValueDeeper(item, most - 1)) return true;
    return false;
  }
  for (const name in value) {
    const inner = (value as Record<string, unknown>)[name];
    if (typeof inner === 'object' && isValueDeeper(inner, most - 1)) return true;
  }
  return false;
}

function isTextDeeper(text: string, most: number): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === quote) isInString = !isInString;
    else if (isInString) {
      if (code === backslash) index += 1;
    } else if (code === openBrace || code === openBracket) {
      depth += 1;
      if (depth > most) return true;
    } else if (code === closeBrace || code === closeBracket) depth -= 1;
  }
  return false;
}

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** A place in the body, written out only where something is wrong with it. */
export interface Place {
  /** Null for the body itself. */
  readonly above: Place | null;
  /** A field's name or an item's index. */
  readonly step: string | number;
}

/** A JSON object and where it stands in the body; null for the body itself. */
export interface JsonObject {
  readonly fields: object;
  readonly place: Place | null;
}

export function decodeObject(value: unknown, place: Place | null): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongAt(place);
  return { fields: value, place };
}

/** An object that may be absent. */
export function decodeOptionalObject(parent: JsonObject, name: string): JsonObject | null {
  const value = read(parent, name);
  return isAbsent(value) ? null : decodeObject(value, placeOf(parent, name));
}

/** The objects of a list that must be there, no more of them than any page can have. */
export function decodeObjects<Item>(
  parent: JsonObject,
  name: string,
  decode: (object: JsonObject) => Item,
): Item[] {
  return toList(read(parent, name), placeOf(parent, name), (item, place) =>
    decode(decodeObject(item, place)),
  );
}

/** The objects of a list that may be absent. */
export function decodeOptionalObjects<Item>(
  parent: JsonObject,
  name: string,
  decode: (object: JsonObject) => Item,
): Item[] {
  return isAbsent(read(parent, name)) ? [] : decodeObjects(parent, name, decode);
}

export function decodeText(parent: JsonObject, name: string): string | null {
  const value = read(parent, name);
  if (isAbsent(value)) return null;
  if (typeof value !== 'string') throw wrongAt(placeOf(parent, name));
  return value;
}

/** An id without which the row could not be told from others. */
export function decodeId(parent: JsonObject, name: string): string {
  const value = decodeText(parent, name);
  if (value === null) throw wrongAt(placeOf(parent, name));
  return value;
}

export function decodeBoolean(parent: JsonObject, name: string): boolean | null {
  const value = read(parent, name);
  if (isAbsent(value)) return null;
  if (typeof value !== 'boolean') throw wrongAt(placeOf(parent, name));
  return value;
}

/** A whole number that GraphQL's Int can carry. */
export function decodeInteger(parent: JsonObject, name: string): number | null {
  const value = read(parent, name);
  return isAbsent(value) ? null : toInteger(value, parent, name);
}

/** A whole number without which the row says nothing. */
export function decodeCode(parent: JsonObject, name: string): number {
  const value = decodeInteger(parent, name);
  if (value === null) throw wrongAt(placeOf(parent, name));
  return value;
}

/** A list of whole numbers that may come as one bare number, or be absent. */
export function decodeIntegers(parent: JsonObject, name: string): number[] {
  const value = read(parent, name);
  if (typeof value === 'number') return [toInteger(value, parent, name)];
  if (isAbsent(value)) return [];
  return toList(value, placeOf(parent, name), (item, place) => {
    if (!isInteger(item)) throw wrongAt(place);
    return item;
  });
}

/** A code that may come as its text. */
export function decodeIntegerOrText(parent: JsonObject, name: string): number | string | null {
  const value = read(parent, name);
  if (value === null || value === undefined || value === '') return null;
  return typeof value === 'string' ? value : toInteger(value, parent, name);
}

/** As the reference pages' samples have it: there is nothing to mend, nor to work out. */
const usualInstantPattern =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z$/;
const epoch = '1970-01-01T00:00:00';
const instantPattern =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/i;

/**
 * An instant as RFC 3339 text, its digits as the upstream sent them; UTC where it named no offset. `null` for the
 * epoch, which the upstream means as "not set".
 */
export function decodeInstant(parent: JsonObject, name: string): string | null {
  const text = decodeText(parent, name);
  if (text === null) return null;
  if (usualInstantPattern.test(text) && !text.startsWith(epoch)) return text;
  const instant = mendedInstant(text);
  const milliseconds = instant === null ? NaN : Date.parse(instant);
  if (Number.isNaN(milliseconds)) throw wrongAt(placeOf(parent, name));
  return milliseconds === 0 ? null : instant;
}

function mendedInstant(text: string): string | null {
  const [, date, time = '00:00:00', offset = 'Z'] = instantPattern.exec(text.trim()) ?? [];
  if (date === undefined) return null;
  return `${date}T${time.length === 5 ? `${time}:00` : time}${offset.toUpperCase()}`;
}

function toInteger(value: unknown, parent: JsonObject, name: string): number {
  if (!isInteger(value)) throw wrongAt(placeOf(parent, name));
  return value;
}

function isInteger(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 0x7fff_ffff;
}

function toList<Item>(value: unknown, above: Place, decode: (item: unknown, place: Place) => Item): Item[] {
  if (!Array.isArray(value) || value.length > mostItems) throw wrongAt(above);
  return value.map((item, step) => decode(item, { above, step }));
}

/** The upstream's three ways of saying that there is no value. */
function isAbsent(value: unknown): value is null | undefined | '' | 'N/A' {
  return value === null || value === undefined || value === '' || value === 'N/A';
}

/** A field in camel case, as the samples have it, or in Pascal case, as a table of the reference pages has it. */
function read({ fields }: JsonObject, name: string): unknown {
  if (Object.hasOwn(fields, name)) return (fields as Record<string, unknown>)[name];
  const pascal = pascalOf(name);
  return Object.hasOwn(fields, pascal) ? (fields as Record<string, unknown>)[pascal] : undefined;
}

const pascalNames = new Map<string, string>();

/** Of the few names that this code asks for. */
function pascalOf(name: string): string {
  let pascal = pascalNames.get(name);
  if (pascal === undefined) pascalNames.set(name, (pascal = name.charAt(0).toUpperCase() + name.slice(1)));
  return pascal;
}

function placeOf({ place: above }: JsonObject, step: string): Place {
  return { above, step };
}

function wrongAt(place: Place | null): DecodeError {
  let text = '';
  for (let at = place; at !== null; at = at.above) {
    const isFirst = at.above === null;
    text = (typeof at.step === 'number' ? `[${at.step}]` : `${isFirst ? '' : '.'}${at.step}`) + text;
  }
  return new DecodeError(text);
}
