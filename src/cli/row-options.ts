/** Options of the report command that select, filter and format rows. */
import type { ProtectionState, UserStatus } from '../model.ts';
import { exportFormatNames, type ExportFormatName } from '../exports/formats.ts';
import type { ExportList } from '../exports/lists.ts';
import { isObject, type JsonObject } from '../json.ts';
import { choicesOf, chosen, formatOf, OptionsError, shown } from './option-values.ts';

export interface RowExportOptions {
  readonly list: ExportList;
  readonly format: ExportFormatName;
  /** Null for the default columns. */
  readonly columns: readonly string[] | null;
  /** Path of the file; null for the standard output. */
  readonly output: string | null;
  /** Filter of the rows, a type of the schema; null for all. */
  readonly filter: object | null;
}

/** All values of the schema's enums; the compiler checks that none is missing. */
export const states = choicesOf<ProtectionState>({
  PROTECTED: true,
  PARTIALLY_PROTECTED: true,
  UNPROTECTED: true,
  NOT_IN_BACKUP: true,
});
export const statuses = choicesOf<UserStatus>({
  MFA_DISABLED: true,
  SIGN_IN_BLOCKED: true,
  PASSWORD_EXPIRED: true,
  HIGH_RISK: true,
  MEDIUM_RISK: true,
  COMPLIANCE: true,
  INACTIVE: true,
  PENDING_DELETION: true,
  TEST_USER: true,
  UNKNOWN: true,
});

/** Options without a value that select rows. */
export const rowFlags = ['users', 'protection-statuses'] as const;

/** Descriptions of the values of options that require rows, for errors. */
export const rowExpectations = {
  columns: 'names of columns, separated by commas',
  output: 'the name of a file',
  filter: 'a JSON object, as the schema has the filter of these rows',
  find: 'a part of a name or an address',
  state: [...states.keys()].join(', '),
  status: [...statuses.keys()].join(', '),
  department: 'the name of a department',
} as const satisfies Readonly<Record<string, string>>;

type RowOptionName = (typeof rowFlags)[number] | keyof typeof rowExpectations;

export const rowOptionNames = [...rowFlags, ...Object.keys(rowExpectations)] as readonly RowOptionName[];

/** Values of the given options. */
interface OptionValues {
  has(option: RowOptionName): boolean;
  get(option: RowOptionName | 'format'): readonly string[] | undefined;
}

/**
 * Parses the options of rows; null if none are requested.
 *
 * @throws OptionsError
 */
export function parseRows(given: OptionValues): RowExportOptions | null {
  const last = (name: RowOptionName | 'format') => given.get(name)?.at(-1);
  const lists = rowFlags.filter((name) => given.has(name));
  const [list] = lists;
  if (list === undefined) {
    const stray = (['columns', 'output'] as const).find((name) => given.has(name));
    if (stray !== undefined)
      throw new OptionsError(`--${stray}: expected together with --users or --protection-statuses`);
    return null;
  }
  if (lists.length > 1) throw new OptionsError('--users and --protection-statuses: expected one of them');
  const stray = (['status', 'department'] as const).find((name) => list !== 'users' && given.has(name));
  if (stray !== undefined) throw new OptionsError(`--${stray}: expected together with --users`);
  return {
    list,
    format: rowFormat(formatOf(last('format'), exportFormatNames), last('output')),
    columns: last('columns')?.split(',') ?? null,
    output: last('output') ?? null,
    filter: parseRowFilter(list, given),
  };
}

/**
 * Chooses the format: the given one, or that of the file name.
 *
 * @throws OptionsError
 */
function rowFormat(format: ExportFormatName | undefined, output: string | undefined): ExportFormatName {
  const [, ending] = /[^/\\]\.(\w+)$/.exec(output ?? '') ?? [];
  if (output === undefined || ending === undefined) return format ?? 'csv';
  const named = exportFormatNames.find((each) => each === ending.toLowerCase());
  if (format === undefined && named === undefined)
    throw new OptionsError(
      `--output: ${shown(output)} does not end with .${exportFormatNames.join(', .')}; add --format to write it all the same`,
    );
  if (format !== undefined && named !== undefined && named !== format)
    throw new OptionsError(`--output: ${shown(output)} ends with .${ending}, but --format is ${format}`);
  return format ?? named ?? 'csv';
}

/**
 * Combines the options that select rows to a filter of the schema; null if none is given.
 *
 * @throws OptionsError
 */
export function parseRowFilter(list: ExportList, given: OptionValues): object | null {
  const last = (name: RowOptionName) => given.get(name)?.at(-1);
  return rowFilter(list, {
    find: last('find'),
    state: chosen('state', last('state'), states),
    status: chosen('status', last('status'), statuses),
    department: last('department'),
    filter: parseFilter(last('filter')),
  });
}

function parseFilter(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  try {
    const filter: unknown = JSON.parse(text);
    if (isObject(filter)) return filter;
  } catch {
    // Reported like JSON other than an object.
  }
  throw new OptionsError(`--filter: expected ${rowExpectations.filter}, but got ${shown(text)}`);
}

/** Rephrases a gateway's refusal of rows, or of users to count, in terms of the faulty option. */
export function inWordsOfRowOptions(message: string): string {
  const [, path, fault] =
    /^Variable "\$(?:filter|users)" got invalid value .* at "(?:filter|users)\.([^"]*)"; (.*)$/s.exec(
      message,
    ) ?? [];
  if (path !== undefined && fault !== undefined) return `--filter: ${path}: ${fault}`;
  const [, ofAll] = /^Variable "\$(?:filter|users)" got invalid value .*; (.*)$/s.exec(message) ?? [];
  if (ofAll !== undefined) return `--filter: ${ofAll}`;
  return message.replace(/^columns: /, '--columns: ').replace(/^(?:filter|users)(?:\.|: )/, '--filter: ');
}

/** Options that make up a filter. */
interface RowChoices {
  readonly find: string | undefined;
  readonly state: ProtectionState | undefined;
  readonly status: UserStatus | undefined;
  readonly department: string | undefined;
  readonly filter: JsonObject | undefined;
}

/** Builds the list's filter; null if nothing is set. */
function rowFilter(list: ExportList, { find, state, status, department, filter }: RowChoices): object | null {
  const ofUsers = {
    ...(state === undefined ? {} : { protection: { state } }),
    ...(status === undefined ? {} : { status: { any: [status] } }),
    ...(department === undefined ? {} : { department }),
  };
  const fields = {
    ...(find === undefined ? {} : { search: find }),
    ...(list === 'users' ? ofUsers : state === undefined ? {} : { state }),
  };
  if (Object.keys(fields).length === 0) return filter ?? null;
  // Added to `and`, so that paths in the gateway's errors stay those of --filter.
  const and: unknown = filter?.['and'] ?? [];
  return filter === undefined
    ? fields
    : { ...filter, and: [...(Array.isArray(and) ? (and as readonly unknown[]) : [and]), fields] };
}
