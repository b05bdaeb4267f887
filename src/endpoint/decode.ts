/**
 * Untrusted JSON to values, once per row. Lenient if the upstream is known to vary (absent values, the letter case of a
 * field's first letter) or the meaning is plain (a number in quotes). Of anything else, a field of a row is null and one
 * of its object's faults; what a row or a page can't do without, such as an id, is a DecodeError that names its place.
 */
import { noCode, type Faults } from '../model.ts';

/** The place in the body that could not be understood, such as `data[3].id`. */
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
  /** Names of its fields that could not be understood; null as long as there are none. */
  faults: string[] | null;
}

export function decodeObject(value: unknown, place: Place | null): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongAt(place);
  return { fields: value, place, faults: null };
}

/** An object that may be absent. */
export function decodeOptionalObject(parent: JsonObject, name: string): JsonObject | null {
  const value = read(parent, name);
  return isAbsent(value) ? null : decodeObject(value, placeOf(parent, name));
}

/** The objects of a list that must be there, no more of them than any page can have; null is none of them. */
export function decodeObjects<Item>(
  parent: JsonObject,
  name: string,
  decode: (object: JsonObject) => Item,
): Item[] {
  const above = placeOf(parent, name);
  const list = listAt(read(parent, name), above);
  const items: Item[] = [];
  for (let step = 0; step < list.length; step++) {
    const item: unknown = list[step];
    if (item !== null) items.push(decode(decodeObject(item, { above, step })));
  }
  return items;
}

/** The objects of a list that may be absent. */
export function decodeOptionalObjects<Item>(
  parent: JsonObject,
  name: string,
  decode: (object: JsonObject) => Item,
): Item[] {
  return isAbsent(read(parent, name)) ? [] : decodeObjects(parent, name, decode);
}

/**
 * The items of a list that may be absent, or stand there as the only item; null is none of them.
 *
 * @param decode is given null in place of what is no object
 */
export function decodeItems<Item>(
  parent: JsonObject,
  name: string,
  decode: (object: JsonObject | null) => Item,
): Item[] {
  const value = read(parent, name);
  if (isAbsent(value)) return [];
  const above = placeOf(parent, name);
  const list = Array.isArray(value) ? listAt(value, above) : [value];
  const items: Item[] = [];
  for (let step = 0; step < list.length; step++) {
    const item: unknown = list[step];
    if (item === null) continue;
    const isObject = typeof item === 'object' && !Array.isArray(item);
    items.push(decode(isObject ? decodeObject(item, { above, step }) : null));
  }
  return items;
}

/** A text; numbers are taken as their digits. */
export function decodeText(parent: JsonObject, name: string): string | null {
  const value = read(parent, name);
  if (typeof value === 'string') return isAbsent(value) ? null : value;
  if (value === null || value === undefined) return null;
  return isExact(value) ? String(value) : fault(parent, name);
}

/** A text that is more than blanks. */
export function decodeName(parent: JsonObject, name: string): string | null {
  const value = decodeText(parent, name);
  return value === null || value.trim() === '' ? null : value;
}

/** An id that identifies its row: text, as the upstream's ids are. */
export function decodeId(parent: JsonObject, name: string): string {
  const value = decodeOptionalId(parent, name);
  if (value === null) throw wrongAt(placeOf(parent, name));
  return value;
}

/** An id that may be absent, and is text if it is there. */
export function decodeOptionalId(parent: JsonObject, name: string): string | null {
  const value = read(parent, name);
  if (!isAbsent(value) && typeof value !== 'string') throw wrongAt(placeOf(parent, name));
  return decodeName(parent, name);
}

/** True or false, which may stand in quotes or come as 1 or 0. */
export function decodeBoolean(parent: JsonObject, name: string): boolean | null {
  const value = read(parent, name);
  if (typeof value === 'boolean') return value;
  if (isAbsent(value)) return null;
  if (typeof value !== 'string' && typeof value !== 'number') return fault(parent, name);
  return booleans.get(String(value).trim().toLowerCase()) ?? fault(parent, name);
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** A whole number that GraphQL's Int can carry; it may stand in quotes. */
export function decodeInteger(parent: JsonObject, name: string): number | null {
  const value = read(parent, name);
  return isAbsent(value) ? null : (integerOf(value) ?? fault(parent, name));
}

/** A code; `noCode` if it is none, or absent. */
export function decodeCode(parent: JsonObject, name: string): number {
  return integerOf(read(parent, name)) ?? noCode;
}

/** Codes that may come as one bare code, or be absent; `noCode` in place of each that is none. */
export function decodeCodes(parent: JsonObject, name: string): readonly number[] {
  const value = read(parent, name);
  if (isAbsent(value)) return noCodes;
  if (!Array.isArray(value)) return [integerOf(value) ?? noCode];
  const codes: number[] = [];
  for (const item of listAt(value, placeOf(parent, name))) {
    if (!isAbsent(item)) codes.push(integerOf(item) ?? noCode);
  }
  return codes;
}

const noCodes: readonly number[] = [];

/** A code that may come as its text. */
export function decodeIntegerOrText(parent: JsonObject, name: string): number | string | null {
  const value = read(parent, name);
  if (value === null || value === undefined || value === '') return null;
  return typeof value === 'string' ? value : (integerOf(value) ?? fault(parent, name));
}

/** @throws DecodeError if a field of the object could not be understood */
export function requireSound(object: JsonObject): void {
  const [name] = object.faults ?? [];
  if (name !== undefined) throw wrongAt(placeOf(object, name));
}

/**
 * What could not be understood of a row, in the terms of its record.
 *
 * @param names of the record's fields, for those that are named differently there
 */
export function faultsOf(
  { place, faults }: JsonObject,
  endpoint: string,
  names: Readonly<Record<string, readonly string[]>> = {},
): Faults {
  const fields = (faults ?? []).flatMap((name) =>
    (names[name] ?? [name]).map((field) => [field, anyPlace({ above: place, step: name })]),
  );
  return { endpoint, fields: Object.fromEntries(fields) as Faults['fields'] };
}

/** As the reference pages' samples have it: there is nothing to mend, nor to work out. */
const usualInstantPattern =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z$/;
const epoch = '1970-01-01T00:00:00';
/** The first and the last day that .NET has: its least and greatest instants stand for none. */
const noDayPattern = /^(?:0001-01-01|9999-12-31)/;
const instantPattern =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/i;
/** Milliseconds since the epoch; the offset is that of the writer's clock. */
const dotNetInstantPattern = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/;

/**
 * An instant as RFC 3339 text, its digits as the upstream sent them; UTC if it named no offset. `null` for the epoch and
 * for the first and last day of a calendar, which the upstream means as "not set".
 */
export function decodeInstant(parent: JsonObject, name: string): string | null {
  const value = read(parent, name);
  if (isAbsent(value)) return null;
  if (typeof value !== 'string') return fault(parent, name);
  const isUsual = usualInstantPattern.test(value);
  if (isUsual && !value.startsWith(epoch) && !noDayPattern.test(value)) return value;
  const instant = mendedInstant(value.trim());
  const milliseconds = instant === null ? NaN : Date.parse(instant);
  if (instant === null || Number.isNaN(milliseconds)) return fault(parent, name);
  return milliseconds === 0 || noDayPattern.test(instant) ? null : instant;
}

function mendedInstant(text: string): string | null {
  const [, milliseconds] = dotNetInstantPattern.exec(text) ?? [];
  if (milliseconds !== undefined) {
    const instant = new Date(Number(milliseconds));
    // RFC 3339 has years of four digits.
    const year = instant.getUTCFullYear();
    return year >= 0 && year <= 9999 ? instant.toISOString() : null;
  }
  const [, date, time = '00:00:00', offset = 'Z'] = instantPattern.exec(text) ?? [];
  if (date === undefined) return null;
  return `${date}T${time.length === 5 ? `${time}:00` : time}${offset.toUpperCase()}`;
}

/** A whole number of 32 bits, also in quotes; null for anything else. */
function integerOf(value: unknown): number | null {
  const number = typeof value === 'string' && /^\s*-?\d{1,10}\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && Math.abs(number) <= 0x7fff_ffff
    ? number
    : null;
}

/** Whether a value is a number that has lost no digit. */
function isExact(value: unknown): value is number {
  return typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value));
}

function listAt(value: unknown, place: Place): readonly unknown[] {
  if (!Array.isArray(value) || value.length > mostItems) throw wrongAt(place);
  return value;
}

/** Notes that a field could not be understood. */
function fault(object: JsonObject, name: string): null {
  (object.faults ??= []).push(name);
  return null;
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
  return new DecodeError(placeText(place, String));
}

/** A place in any row: a position would be of no use later, and is not for every caller. */
function anyPlace(place: Place): string {
  return placeText(place, () => '');
}

function placeText(place: Place | null, indexText: (index: number) => string): string {
  let text = '';
  for (let at = place; at !== null; at = at.above) {
    const isFirst = at.above === null;
    text =
      (typeof at.step === 'number' ? `[${indexText(at.step)}]` : `${isFirst ? '' : '.'}${at.step}`) + text;
  }
  return text;
}
