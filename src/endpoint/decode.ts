/**
 * Decodes bodies: bounded JSON with lists of objects. A missing required part is a DecodeError with its position;
 * fields of a row are decoded when they are read (row.ts).
 */

import { isObject, type JsonObject } from '../json.ts';
import { idOf } from './values.ts';

/** A position in the body that is invalid, such as `data[3].id`; empty for the body itself. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly field: string;

  constructor(field: string) {
    super(`can't be understood at ${field}`);
    this.field = field;
  }
}

/** The reference pages describe at maxDepth six levels. */
const maxNesting = 32;
/** The reference pages allow at maxDepth 100 rows; a deployment may send more. */
const maxItems = 10_000;
/** Shorter bodies are parsed fast whatever they contain; pages of 100 rows are shorter. */
const shortText = 256 * 1024;

/**
 * The JSON of a body.
 *
 * @throws SyntaxError for invalid JSON
 * @throws DecodeError for nesting deeper than in any response
 */
export function parseBody(text: string): unknown {
  // Checking values is much cheaper than checking the text, but a long and deep text takes seconds to parse.
  if (text.length > shortText && isTextDeeper(text, maxNesting)) throw new DecodeError('body');
  const value: unknown = JSON.parse(text);
  if (text.length <= shortText && isValueDeeper(value, maxNesting)) throw new DecodeError('body');
  return value;
}

function isValueDeeper(value: unknown, maxDepth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (maxDepth === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && isValueDeeper(item, maxDepth - 1)) return true;
    return false;
  }
  for (const name in value) {
    const inner = (value as JsonObject)[name];
    if (typeof inner === 'object' && isValueDeeper(inner, maxDepth - 1)) return true;
  }
  return false;
}

function isTextDeeper(text: string, maxDepth: number): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === quote) isInString = !isInString;
    else if (isInString) {
      if (code === backslash) index += 1;
    } else if (code === openBrace || code === openBracket) {
      depth += 1;
      if (depth > maxDepth) return true;
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

/** @throws DecodeError with the position of a value that is no object */
export function requireObject(value: unknown, place: string): JsonObject {
  if (!isObject(value)) throw new DecodeError(place);
  return value;
}

/**
 * Rows of a list of objects; null items are skipped.
 *
 * @param name name of the list
 * @param decode throws DecodeError with the name of a required field
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

/** @throws DecodeError for a list longer than any valid one */
export function checkLength(value: unknown, name: string, maxLength = maxItems): void {
  if (Array.isArray(value) && value.length > maxLength) throw new DecodeError(name);
}

/** @throws DecodeError for a row without an id */
export function checkId({ Id, id = Id }: JsonObject): void {
  if (!idOf(id)) throw new DecodeError('id');
}
