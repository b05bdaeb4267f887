/**
 * How a list that no cursor continues is continued: the call is repeated with the list's path and the number of its rows that
 * the caller has had, and the answer begins behind them.
 */
import { isObject, type JsonObject } from '../json.ts';
import { isHidden, rowsPrefix } from './hidden-names.ts';
import type { JsonSchema } from './json-schema.ts';

/** The argument of tools that takes a place. */
export const placeArgument = 'listAfter';

export const placeSchema: JsonSchema = {
  type: ['string', 'null'],
  description: 'Continues a list without a cursor: as next has it.',
};

/** A row of a list, by keys and indexes in a whole answer. */
interface ListPlace {
  readonly keys: readonly string[];
  /** Rows before it. */
  readonly count: number;
}

/** Rows that were left out at the starts of lists, by their paths in the answer that is shown. */
export type SkippedRows = ReadonlyMap<string, number>;

const placeForm = /^(.+):(\d{1,9})$/s;

export function parsePlace(text: string): ListPlace | null {
  const [, path, count] = placeForm.exec(text) ?? [];
  return path === undefined ? null : { keys: path.split('.'), count: Number(count) };
}

/** The value of the argument that continues a list behind the rows that are shown. */
export function placeAfter(path: string, shown: number, skipped: SkippedRows): string {
  let at = '';
  const keys = path.split('.').map((key) => {
    const own = String(Number(key) + (skipped.get(at) ?? 0));
    const isIndex = skipped.has(at);
    at = at === '' ? key : `${at}.${key}`;
    return isIndex ? own : key;
  });
  return `${keys.join('.')}:${(skipped.get(path) ?? 0) + shown}`;
}

/**
 * Takes rows out of an answer's data, in place: those before a place, and before the rows that it is in.
 *
 * @param data with its hidden fields
 * @returns null if the answer has no such list
 */
export function skipRows(data: unknown, { keys, count }: ListPlace): SkippedRows | null {
  const skipped = new Map<string, number>();
  let value = data;
  let holder: Record<string, unknown> = {};
  let name = '';
  const path: string[] = [];
  const skip = (rows: number) => {
    skipped.set(path.join('.'), rows);
    cut(holder, name, rows);
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
    if (!isObject(value) || !Object.hasOwn(value, key) || isHidden(key)) return null;
    holder = value;
    name = key;
    path.push(key);
    value = value[key];
  }
  if (!Array.isArray(value)) return null;
  skip(count);
  return skipped;
}

/** `nodes` and `edges` of a connection lose the same rows, and their cursors. */
function cut(holder: Record<string, unknown>, name: string, rows: number): void {
  const hasRows = (key: string) => Object.hasOwn(holder, `${rowsPrefix}${key}`);
  const names = hasRows(name) ? Object.keys(holder).filter(hasRows) : [name];
  for (const key of names.flatMap((each) => [each, `${rowsPrefix}${each}`])) {
    const list: unknown = holder[key];
    if (Array.isArray(list)) holder[key] = list.slice(rows);
  }
}

/** Splits the arguments of a call into its variables and its place; the place is null if absent or empty. */
export function splitPlace({ [placeArgument]: place, ...variables }: JsonObject): {
  readonly variables: JsonObject;
  readonly place: string | null;
} {
  return { variables, place: typeof place === 'string' && place !== '' ? place : null };
}
