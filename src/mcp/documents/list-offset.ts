/** Continues lists without a cursor: `listAfter` has a list's path, and the number of its rows already received. */
import { isObject, quoted, type JsonObject } from '../../json.ts';
import { isHidden, rowsPrefix } from './hidden-names.ts';
import type { JsonSchema } from './json-schema.ts';

/** The argument of tools for an offset. */
export const listAfterName = 'listAfter';

export const listAfterSchema: JsonSchema = {
  type: ['string', 'null'],
  description: 'Continues a list that has no cursor, or what is missing; copy the value from next.',
};

/** Path of a list in a whole answer, as keys and indexes, and the number of rows to skip. */
export interface ListOffset {
  readonly keys: readonly string[];
  readonly count: number;
}

/** Rows that an answer skips. */
export interface SkippedRows {
  /** Path of the continued list in the shown answer. */
  readonly continued: string;
  /** Numbers of rows by list path: of the continued list, and of the lists that contain it. */
  readonly counts: ReadonlyMap<string, number>;
}

const offsetForm = /^(.+):(\d{1,9})$/s;

/** Path of `missing`, which is not part of the data: no field has this name. */
const missingKeys = ['(missing)'];

/** Number of entries of `missing` that an offset skips; null if it is another list's. */
export function missingSkipped({ keys, count }: ListOffset): number | null {
  return keys.join('.') === missingKeys.join('.') ? count : null;
}

/** The value of `listAfter` that continues `missing` after a number of entries. */
export function offsetInMissing(count: number): string {
  return formatOffset({ keys: missingKeys, count });
}

function parseOffset(text: string): ListOffset | null {
  const [, path, count] = offsetForm.exec(text) ?? [];
  const keys = path?.split('.') ?? [];
  return keys.length === 0 || keys.some(isHidden) ? null : { keys, count: Number(count) };
}

function formatOffset({ keys, count }: ListOffset): string {
  return `${keys.join('.')}:${count}`;
}

/** The value of `listAfter` that continues a list after the rows shown. */
export function offsetBehind(path: string, shown: number, skipped: SkippedRows | null): string {
  const counts = skipped?.counts ?? new Map<string, number>();
  let at = '';
  const keys = path.split('.').map((key) => {
    const rows = counts.get(at);
    at = at === '' ? key : `${at}.${key}`;
    return rows === undefined ? key : String(Number(key) + rows);
  });
  return formatOffset({ keys, count: (counts.get(path) ?? 0) + shown });
}

/**
 * Removes rows from an answer's data in place: those before an offset, and those before the rows that contain its list.
 *
 * @param data with its hidden fields
 * @returns null if the answer has no such list
 */
export function skipRows(data: unknown, { keys, count }: ListOffset): SkippedRows | null {
  const counts = new Map<string, number>();
  let value = data;
  let holder: Record<string, unknown> = {};
  let name = '';
  let holderPath: readonly string[] = [];
  const path: string[] = [];
  const skip = (rows: number) => {
    for (const each of rowLists(holder, name)) {
      counts.set([...holderPath, each].join('.'), rows);
      cut(holder, each, rows);
      cut(holder, `${rowsPrefix}${each}`, rows);
    }
  };
  for (const key of keys) {
    if (Array.isArray(value)) {
      const rows: readonly unknown[] = value;
      if (!/^\d{1,9}$/.test(key) || !isObject(rows[Number(key)])) return null;
      skip(Number(key));
      value = rows[Number(key)];
      path.push('0');
      continue;
    }
    if (!isObject(value) || !Object.hasOwn(value, key)) return null;
    holder = value;
    name = key;
    holderPath = [...path];
    path.push(key);
    value = value[key];
  }
  if (!Array.isArray(value)) return null;
  skip(count);
  return { continued: path.join('.'), counts };
}

/** Names of the lists of the same rows: a connection's `nodes` and `edges`, under all their aliases. */
function rowLists(holder: JsonObject, name: string): readonly string[] {
  const hasRows = (key: string) => Object.hasOwn(holder, `${rowsPrefix}${key}`);
  return hasRows(name) ? Object.keys(holder).filter(hasRows) : [name];
}

function cut(holder: Record<string, unknown>, key: string, rows: number): void {
  const list: unknown = holder[key];
  if (Array.isArray(list)) holder[key] = list.slice(rows);
}

interface OffsetArguments {
  readonly variables: JsonObject;
  /** Null if absent or empty. */
  readonly listAfter: ListOffset | null;
}

/** Splits a call's arguments into variables and offset, or returns the offset's fault. */
export function splitOffset({
  [listAfterName]: text,
  ...variables
}: JsonObject): OffsetArguments | { readonly fault: string } {
  if (typeof text !== 'string' || text === '') return { variables, listAfter: null };
  const listAfter = parseOffset(text);
  return listAfter === null ? { fault: unexpected(text) } : { variables, listAfter };
}

/** Describes the fault of an offset if the answer lacks its list. */
export function offsetFault(offset: ListOffset): string {
  return unexpected(formatOffset(offset));
}

function unexpected(text: string): string {
  return `${listAfterName}: expected the text of next, of the same call, but got ${quoted(text)}.`;
}
