/** The report command's options of rows: which are exported instead of a report, and how. */
import type { ProtectionState, UserStatus } from '../model.ts';
import type { ExportFormatName } from '../exports/formats.ts';
import type { ExportList } from '../exports/lists.ts';

export interface RowOptions {
  readonly list: ExportList;
  readonly format: ExportFormatName;
  /** Null for the usual ones. */
  readonly columns: readonly string[] | null;
  /** A file; null for the standard output. */
  readonly output: string | null;
  /** Of the rows, as the schema has it; null for all. */
  readonly filter: object | null;
}

/** All names of the schema's enums, by the compiler. */
export const protectionStates: Readonly<Record<ProtectionState, true>> = {
  PROTECTED: true,
  PARTIALLY_PROTECTED: true,
  UNPROTECTED: true,
  NOT_IN_BACKUP: true,
};
export const userStatuses: Readonly<Record<UserStatus, true>> = {
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
};

/** Options that make sense only with rows, as parseArgs has them. */
export const rowOptions = {
  users: { type: 'boolean' },
  'protection-statuses': { type: 'boolean' },
  columns: { type: 'string' },
  output: { type: 'string' },
  filter: { type: 'string' },
  find: { type: 'string' },
  state: { type: 'string' },
  status: { type: 'string' },
  department: { type: 'string' },
} as const;

export type RowOptionName = keyof typeof rowOptions;

/** What the options set of a filter. */
export interface RowChoices {
  readonly find: string | undefined;
  readonly state: ProtectionState | undefined;
  readonly status: UserStatus | undefined;
  readonly department: string | undefined;
  readonly filter: object | undefined;
}

/** The schema's filter of the list; null if nothing is set. */
export function rowFilter(
  list: ExportList,
  { find, state, status, department, filter }: RowChoices,
): object | null {
  const ofUsers = {
    ...(state === undefined ? {} : { protection: { state } }),
    ...(status === undefined ? {} : { status: { any: [status] } }),
    ...(department === undefined ? {} : { department }),
  };
  const fields = {
    ...(find === undefined ? {} : { search: find }),
    ...(list === 'users' ? ofUsers : state === undefined ? {} : { state }),
    ...(filter === undefined ? {} : { and: [filter] }),
  };
  return Object.keys(fields).length === 0 ? null : fields;
}
