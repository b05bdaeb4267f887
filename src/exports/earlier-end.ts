/** End of an earlier export: its subject and what it lacks. */
import { CallerError, errorCodes } from '../errors.ts';
import { isObject } from '../json.ts';
import type { TenantKey } from '../model.ts';
import type { MissingRows } from './cells.ts';
import { isIdText, isTexts, neededColumns, optionalText } from './earlier-values.ts';

export interface EarlierEnd {
  readonly rows: number;
  /** Unvalidated JSON of limited depth. */
  readonly filter: unknown;
  readonly customers: unknown;
  readonly columns: readonly string[];
  readonly asOf: string | null;
  readonly changedWhileRead: boolean;
  readonly changed: readonly TenantKey[];
  readonly customersChanged: boolean;
  readonly missing: readonly MissingRows[];
}

/** Above the depth of a valid filter, which is validated later like a variable. */
const maxLevels = 100;

/**
 * Limits the depth before parsing, since nested values take much memory.
 *
 * @throws CallerError
 */
export function checkLevels(text: string): void {
  if (levelsOf(text) > maxLevels) throw endError(`it has more than ${maxLevels} levels`);
}

/** @throws CallerError */
export function readEnd(value: unknown): EarlierEnd {
  if (!isObject(value)) throw endError('it is no object');
  const { of, filter = null, customers = null, columns, missing, changed = [], rows, asOf } = value;
  if (of === undefined || columns === undefined)
    throw endError('it does not say what was exported, as an earlier version did not. Export again');
  if (of !== 'users') throw endError(`it is an export of ${String(optionalText(of))}, not of users`);
  if (!isTexts(columns)) throw endError('columns is no list of names');
  const lacking = neededColumns.filter((column) => !columns.includes(column));
  if (lacking.length > 0) throw endError(`the export has no column ${lacking.join(', ')}`);
  if (!Number.isSafeInteger(rows)) throw endError('rows is no number');
  if (!Array.isArray(missing)) throw endError('missing is no list');
  if (!Array.isArray(changed)) throw endError('changed is no list');
  return {
    rows: Number(rows),
    filter,
    customers,
    columns,
    asOf: optionalText(asOf),
    changedWhileRead: value['changedWhileRead'] === true,
    changed: changed.map((each) => tenantOf(each, 'changed')),
    customersChanged: value['customersChanged'] === true,
    missing: missing.map(missingOf),
  };
}

function missingOf(value: unknown): MissingRows {
  const key = tenantOf(value, 'missing');
  const { organization, name, reason, retryable, rows } = value as Readonly<Record<string, unknown>>;
  return {
    ...key,
    organization: optionalText(organization),
    name: optionalText(name),
    // The file's own words would be the caller's, in the answer and in the audit.
    reason: typeof reason === 'string' && Object.hasOwn(errorCodes, reason) ? reason : 'UNKNOWN',
    message: 'The earlier export could not read it.',
    retryable: retryable === true,
    rows: Number.isSafeInteger(rows) ? Number(rows) : 0,
  };
}

function tenantOf(value: unknown, list: string): TenantKey {
  if (isObject(value)) {
    const { customerId, tenantId } = value;
    const isTenant = isIdText(tenantId) || (list === 'missing' && tenantId === '');
    if (isIdText(customerId) && isTenant) return { customerId, tenantId };
  }
  throw endError(`${list} has an entry without ids`);
}

function levelsOf(text: string): number {
  let [level, deepest] = [0, 0];
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isText) {
      if (character === '\\') at += 1;
      else if (character === '"') isText = false;
    } else if (character === '"') isText = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, (level += 1));
    else if (character === '}' || character === ']') level -= 1;
  }
  return deepest;
}

function endError(fault: string): CallerError {
  return new CallerError(`The end of the file can't be used: ${fault}.`);
}
