/**
 * Decoders of values: the value, null if absent, undefined if invalid. Lenient if the upstream varies or the meaning is
 * clear, as for a number in quotes.
 */
import { noCode } from '../model.ts';

/** The limit of a spreadsheet's cell; longer texts would be folded and copied for each row. */
const maxTextLength = 32_767;

/** A text of limited length; numbers become their digits. */
export function textOf(value: unknown): string | null | undefined {
  if (isAbsent(value)) return null;
  if (typeof value === 'string') return value.length <= maxTextLength ? value : undefined;
  return isExact(value) ? String(value) : undefined;
}

/** A text that is not blank. */
export function filledTextOf(value: unknown): string | null | undefined {
  const text = textOf(value);
  return typeof text === 'string' && text.trim() === '' ? null : text;
}

/** An id, which must be a text. */
export function idOf(value: unknown): string | null | undefined {
  return typeof value === 'string' || isAbsent(value) ? filledTextOf(value) : undefined;
}

/** True or false, also in quotes or as 1 or 0. */
export function booleanOf(value: unknown): boolean | null | undefined {
  if (typeof value === 'boolean') return value;
  if (isAbsent(value)) return null;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return booleans.get(String(value).trim().toLowerCase());
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** A whole number within GraphQL's Int, also in quotes. */
export function integerOf(value: unknown): number | null | undefined {
  if (isAbsent(value)) return null;
  const number = typeof value === 'string' && /^\s*-?\d{1,10}\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && Math.abs(number) <= 0x7fff_ffff
    ? number
    : undefined;
}

/** A code; `noCode` if absent or invalid. */
export function codeOf(value: unknown): number {
  return integerOf(value) ?? noCode;
}

/** Codes from a list, a single code, or none; a valid list is returned as is. */
export function codesOf(value: unknown): readonly number[] {
  return areCodes(value) ? value : listOf(value).flatMap((item) => (isAbsent(item) ? [] : codeOf(item)));
}

function areCodes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number' && codeOf(item) === item);
}

/** The name of a code; null and undefined are returned as is. */
export function namedBy<Name extends string>(
  names: readonly Name[],
  code: number | null | undefined,
): Name | 'UNKNOWN' | null | undefined {
  return typeof code === 'number' ? (names[code] ?? 'UNKNOWN') : code;
}

/** Items of a list, a single item, or none; null items are skipped. */
export function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return isAbsent(value) ? [] : [value];
  return value.filter((item) => item !== null);
}

/** The common form in the samples, which needs no correction. */
const commonInstantPattern =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z$/;
const epoch = '1970-01-01T00:00:00';
/** First and last day of .NET, which mean "not set". */
const noDayPattern = /^(?:0001-01-01|9999-12-31)/;
const instantPattern =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/i;
/** Milliseconds since the epoch, with an offset that does not change them. */
const dotNetInstantPattern = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/;

/**
 * An instant as RFC 3339 text with the upstream's digits, in UTC without an offset; null for the epoch and the first
 * and last day, which mean "not set".
 */
export function instantOf(value: unknown): string | null | undefined {
  if (isAbsent(value)) return null;
  if (typeof value !== 'string') return undefined;
  const isCommon = commonInstantPattern.test(value) && hasDay(value);
  if (isCommon && !value.startsWith(epoch) && !noDayPattern.test(value)) return value;
  const instant = correctedInstant(value.trim());
  const milliseconds = instant === null ? NaN : Date.parse(instant);
  if (instant === null || Number.isNaN(milliseconds)) return undefined;
  return milliseconds === 0 || noDayPattern.test(instant) ? null : instant;
}

/** Whether a date's month has its day: `Date.parse` takes 30 February for 1 March. */
function hasDay(date: string): boolean {
  const day = Number(date.slice(8, 10));
  return day <= 28 || new Date(`${date.slice(0, 10)}T00:00:00Z`).getUTCDate() === day;
}

function correctedInstant(text: string): string | null {
  const [, milliseconds] = dotNetInstantPattern.exec(text) ?? [];
  if (milliseconds !== undefined) {
    const instant = new Date(Number(milliseconds));
    // RFC 3339 requires years of four digits.
    const year = instant.getUTCFullYear();
    return year >= 0 && year <= 9999 ? instant.toISOString() : null;
  }
  const [, date, time = '00:00:00', offset = 'Z'] = instantPattern.exec(text) ?? [];
  if (date === undefined || !hasDay(date)) return null;
  return `${date}T${time.length === 5 ? `${time}:00` : time}${offset.toUpperCase()}`;
}

/** Whether a value means absence. */
export function isAbsent(value: unknown): value is null | undefined | '' | 'N/A' {
  return value === null || value === undefined || value === '' || value === 'N/A';
}

/** Whether a number has lost no digits. */
function isExact(value: unknown): value is number {
  return typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value));
}
