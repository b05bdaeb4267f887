/**
 * The shape of an answer: JSON that is bounded, and lists of rows that are objects. What an answer or a row can't do
 * without is a DecodeError that names its place; the fields of a row are decoded when they are read (row.ts).
 */

import { isObject, type JsonObject } from '../json.ts';
import { idOf } from './values.ts';

/** The place in the body that could not be understood, such as `data[3].id`; empty for the body itself. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly field: string;

  constructor(field: string) {
    super(`can't be understood at ${field}`);
    this.field = field;
  }
}

/** Nothing the reference pages describe is nested deeper than six. */
const maxNesting = 32;
/** The largest page that a reference page promises is a hundred rows; a deployment may serve more. */
const maxItems = 10_000;
/** What is shorter than this is parsed in a moment even if it is nothing but brackets; no page of a hundred rows is longer. */
const shortText = 256 * 1024;

/**
 * A body's JSON.
 *
 * @throws SyntaxError for a text that is not JSON
 * @throws DecodeError if it is nested deeper than any answer can be
 */
export function parseBody(text: string): unknown {
  // Looking at the values is much cheaper than looking at the text, but what is long and deep takes seconds to be parsed.
  if (text.length > shortText && isTextDeeper(text, maxNesting)) throw new DecodeError('body');
  const value: unknown = JSON.parse(text);
  if (text.length <= shortText && isValueDeeper(value, maxNesting)) throw new DecodeError('body');
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
    const inner = (value as JsonObject)[name];
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

/** @throws DecodeError that names the place of what is no object */
export function requireObject(value: unknown, place: string): JsonObject {
  if (!isObject(value)) throw new DecodeError(place);
  return value;
}

/**
 * Rows of a list, which must be a list of objects; null is no row.
 *
 * @param name of the list
 * @param decode throws DecodeError with a field's name for a row that can't do without it
 * @param maxRows by default more than any page has
 * @throws DecodeError
 */
export function decodeRows<Row>(
  value: unknown,
  name: string,
  decode: (row: JsonObject) => Row,
  maxRows = maxItems,
): Row[] {
  if (!Array.isArray(value)) throw new DecodeError(name);
  checkLength(value, name, maxRows);
  const rows: Row[] = [];
  for (let index = 0; index < value.length; index++) {
    const item: unknown = value[index];
    if (item === null) continue;
    try {
      rows.push(decode(requireObject(item, '')));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new DecodeError(`${name}[${index}]${error.field === '' ? '' : '.'}${error.field}`);
    }
  }
  return rows;
}

/** @throws DecodeError for a list that is longer than any can be; what is no list has no length */
export function checkLength(value: unknown, name: string, maxLength = maxItems): void {
  if (Array.isArray(value) && value.length > maxLength) throw new DecodeError(name);
}

/** @throws DecodeError for a row without an id */
export function checkId({ Id, id = Id }: JsonObject): void {
  if (!idOf(id)) throw new DecodeError('id');
}
