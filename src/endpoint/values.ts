/**
 * The upstream's values: a value, null if it is absent, or undefined if it can't be understood. Lenient if the upstream
 * is known to vary or the meaning is plain (a number in quotes). Each function looks at its value alone.
 */
import { noCode } from '../model.ts';

/** What a spreadsheet's cell holds. Names and places are shorter, and longer ones would be folded and copied for each row. */
const maxTextLength = 32_767;

/** A text of at most this length; numbers are taken as their digits. */
export function textOf(value: unknown): string | null | undefined {
  if (isAbsent(value)) return null;
  if (typeof value === 'string') return value.length <= maxTextLength ? value : undefined;
  return isExact(value) ? String(value) : undefined;
}

/** A text that is more than blanks. */
export function filledTextOf(value: unknown): string | null | undefined {
  const text = textOf(value);
  return typeof text === 'string' && text.trim() === '' ? null : text;
}

/** An id that identifies its row: text, as the upstream's ids are. */
export function idOf(value: unknown): string | null | undefined {
  return typeof value === 'string' || isAbsent(value) ? filledTextOf(value) : undefined;
}

/** True or false, which may stand in quotes or come as 1 or 0. */
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

/** A whole number that GraphQL's Int can carry; it may stand in quotes. */
export function integerOf(value: unknown): number | null | undefined {
  if (isAbsent(value)) return null;
  const number = typeof value === 'string' && /^\s*-?\d{1,10}\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && Math.abs(number) <= 0x7fff_ffff
    ? number
    : undefined;
}

/** A code; `noCode` if it is absent or not understood. */
export function codeOf(value: unknown): number {
  return integerOf(value) ?? noCode;
}

/** Codes that may come as one bare code, or be absent; a list of nothing but codes is returned as it is. */
export function codesOf(value: unknown): readonly number[] {
  return areCodes(value) ? value : listOf(value).flatMap((item) => (isAbsent(item) ? [] : codeOf(item)));
}

function areCodes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number' && codeOf(item) === item);
}

/** The value of a code by a table; null and undefined if the code is that. */
export function namedBy<Name extends string>(
  names: readonly Name[],
  code: number | null | undefined,
): Name | 'UNKNOWN' | null | undefined {
  return typeof code === 'number' ? (names[code] ?? 'UNKNOWN') : code;
}

/** Items of a list, which may be absent, or a single item without a list; null is no item. */
export function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return isAbsent(value) ? [] : [value];
  return value.filter((item) => item !== null);
}

/** As the reference pages' samples have it: there is nothing to correct. */
const commonInstantPattern =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z$/;
const epoch = '1970-01-01T00:00:00';
/** The first and the last day that .NET has: its least and greatest instants mean that there is none. */
const noDayPattern = /^(?:0001-01-01|9999-12-31)/;
const instantPattern =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/i;
/** Milliseconds since the epoch; the offset is that of the writer's clock. */
const dotNetInstantPattern = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/;

/**
 * An instant as RFC 3339 text, its digits as the upstream sent them; UTC if it named no offset. `null` for the epoch and
 * for the first and last day of a calendar, which the upstream means as "not set".
 */
export function instantOf(value: unknown): string | null | undefined {
  if (isAbsent(value)) return null;
  if (typeof value !== 'string') return undefined;
  const isUsual = commonInstantPattern.test(value);
  if (isUsual && !value.startsWith(epoch) && !noDayPattern.test(value)) return value;
  const instant = mendedInstant(value.trim());
  const milliseconds = instant === null ? NaN : Date.parse(instant);
  if (instant === null || Number.isNaN(milliseconds)) return undefined;
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

/** The upstream's ways of saying that there is no value. */
export function isAbsent(value: unknown): value is null | undefined | '' | 'N/A' {
  return value === null || value === undefined || value === '' || value === 'N/A';
}

/** Whether a value is a number that has lost no digit. */
function isExact(value: unknown): value is number {
  return typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value));
}
