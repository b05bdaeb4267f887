/** End of an earlier export: its subject and what it lacks. */
import { errorCodes } from '../errors.ts';
import { isObject } from '../json.ts';
import type { TenantKey } from '../model.ts';
import { paced, type Pace } from '../scheduler.ts';
import type { MissingRows } from './cells.ts';
import { endError, isIdText, isTexts, neededColumns, optionalText } from './earlier-values.ts';

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

/** Rejects with CallerError. */
export async function readEnd(value: unknown, pace: Pace): Promise<EarlierEnd> {
  if (!isObject(value)) throw endError('it is not an object');
  const { of, filter = null, customers = null, columns, missing, changed = [], rows, asOf } = value;
  if (of === undefined || columns === undefined)
    throw endError('it does not say what was exported, as an earlier version did not. Export again');
  if (of !== 'users') throw endError(`it is an export of ${String(optionalText(of))}, not of users`);
  if (!isTexts(columns)) throw endError('columns is not a list of names');
  const lacking = neededColumns.filter((column) => !columns.includes(column));
  if (lacking.length > 0) throw endError(`the export has no column ${lacking.join(', ')}`);
  if (!Number.isSafeInteger(rows)) throw endError('rows is not a number');
  if (!Array.isArray(missing)) throw endError('missing is not a list');
  if (!Array.isArray(changed)) throw endError('changed is not a list');
  return {
    rows: Number(rows),
    filter,
    customers,
    columns,
    asOf: optionalText(asOf),
    changedWhileRead: value['changedWhileRead'] === true,
    changed: await mapPaced(changed, (each) => tenantOf(each, 'changed'), pace),
    customersChanged: value['customersChanged'] === true,
    missing: await mapPaced(missing, missingOf, pace),
  };
}

/**
 * Entry of a list as `readEnd` needs it; undefined for a list that it does not read.
 *
 * @throws CallerError
 */
export function endEntryOf(list: string, value: unknown): TenantKey | MissingRows | undefined {
  return list === 'missing' ? missingOf(value) : list === 'changed' ? tenantOf(value, list) : undefined;
}

/** Measured maximum bytes of an entry. */
export function bytesOfEndEntry(entry: TenantKey | MissingRows): number {
  let bytes = entryBytes;
  for (const value of Object.values(entry)) if (typeof value === 'string') bytes += 2 * value.length;
  return bytes;
}

const entryBytes = 300;

async function mapPaced<Value>(
  list: readonly unknown[],
  map: (each: unknown) => Value,
  pace: Pace,
): Promise<readonly Value[]> {
  const values: Value[] = [];
  for await (const each of paced(list, pace)) values.push(map(each));
  return values;
}

function missingOf(value: unknown): MissingRows {
  const key = tenantOf(value, 'missing');
  const { organization, name, reason, retryable, rows } = value as Readonly<Record<string, unknown>>;
  return {
    ...key,
    organization: optionalText(organization),
    name: optionalText(name),
    // The caller's own words must not reach the answer and the audit.
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
