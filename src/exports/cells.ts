/** Values of an exported row, and helpers of all formats. */
import { rowsMayBeMissing, type TenantKey } from '../model.ts';
import { yieldIfDue } from '../scheduler.ts';

export type Cell = string | number | boolean | null | readonly string[];

export type Cells = readonly Cell[];

/** Subject of an export, which a later comparison needs. */
export interface ExportSubject {
  /** Name of the list as in the file's name. */
  readonly of: string;
  readonly filter: object | null;
  readonly customers: object | null;
  readonly columns: readonly string[];
  /** Tenants whose lists kept changing while they were read. */
  readonly changed: readonly TenantKey[];
  /** Whether tenants may be missing: the list of customers kept changing, or has fewer than it states. */
  readonly customersChanged: boolean;
}

/** End of an export: what it contains and what it lacks. */
export interface ExportEnd extends Partial<ExportSubject> {
  readonly rows: number;
  readonly isComplete: boolean;
  /** Whether rows may be missing: a list kept changing while being read, or has fewer rows than it states. */
  readonly changedWhileRead: boolean;
  /** Time of the oldest data; null if there is none. */
  readonly asOf: string | null;
  /** Malformed values of the upstream, whose cells are empty. */
  readonly unreadableValues: number;
  readonly missing: readonly MissingRows[];
}

export interface MissingRows {
  readonly customerId: string;
  readonly organization: string | null;
  readonly tenantId: string;
  readonly name: string | null;
  readonly reason: string;
  readonly message: string;
  readonly retryable: boolean;
  /** Number of the tenant's rows that the export contains anyway. */
  readonly rows: number;
}

export type ExportRows = AsyncGenerator<readonly Cells[], ExportEnd, undefined>;

export interface ExportFormat {
  readonly contentType: string;
  /** Serializes the export, at most one batch of rows at a time. */
  readonly write: (
    columns: readonly string[],
    rows: ExportRows,
    title: string,
  ) => AsyncGenerator<string | Uint8Array, void, undefined>;
}

/** Character class of what a spreadsheet may skip before a formula's sign: blanks, quotes and invisible characters. */
export const skippedBeforeSign = String.raw`\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800"＂`;

/** Cell for formats without lists. */
export function plainCell(cell: Cell): string | number | boolean | null {
  return typeof cell === 'object' && cell !== null ? cell.join(' ') : cell;
}

/** Sentences on what the export lacks. */
export function* warningsOf(end: ExportEnd): Generator<string> {
  for (const { reason, message, rows, ...tenant } of end.missing)
    yield `Not read: ${describeTenant(tenant)}: ${reason}: ${message}${rows === 0 ? '' : ` ${rows} of its rows are above.`}`;
  yield* notesOf(end);
}

/** Description of a tenant in the notes of a file. */
export function describeTenant({
  customerId,
  organization,
  tenantId,
  name,
}: Pick<MissingRows, 'customerId' | 'organization' | 'tenantId' | 'name'>): string {
  const tenant = tenantId === '' ? 'tenants' : `tenant ${name ?? 'without a name'} (${tenantId})`;
  return `${tenant} of ${organization ?? 'a customer without a name'} (${customerId})`;
}

const chunkSize = 200;

/** Splits into chunks: at a shutdown, thousands of tenants may be missing. */
export function* chunksOf<Item>(items: Iterable<Item>): Generator<readonly Item[]> {
  let chunk: Item[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < chunkSize) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** JSON array in chunks. */
export async function* jsonList(items: Iterable<unknown>): AsyncGenerator<string, void, undefined> {
  yield '[';
  let separator = '';
  for (const chunk of chunksOf(items)) {
    yield separator + JSON.stringify(chunk).slice(1, -1);
    separator = ',';
    await yieldIfDue();
  }
  yield ']';
}

export const mayLackRows = `${rowsMayBeMissing} Export again.`;

/** Sentences on what the export lacks other than tenants. */
export function notesOf({ changedWhileRead, unreadableValues }: ExportEnd): string[] {
  return [
    ...(changedWhileRead ? [mayLackRows] : []),
    ...(unreadableValues > 0
      ? [`Values that could not be understood, whose cells are empty: ${unreadableValues}.`]
      : []),
  ];
}

/** Characters serialized in one step: a page may have thousands of rows of long texts. */
const charactersPerStep = 1 << 18;

function* partsOf(batch: readonly Cells[]): Generator<readonly Cells[]> {
  let start = 0;
  let characters = 0;
  for (const [index, cells] of batch.entries()) {
    for (const cell of cells) if (typeof cell === 'string') characters += cell.length;
    if (characters < charactersPerStep) continue;
    yield batch.slice(start, index + 1);
    start = index + 1;
    characters = 0;
  }
  if (start < batch.length) yield start === 0 ? batch : batch.slice(start);
}

/** Maps each batch, or parts of a long one; the end is unchanged. */
export async function* mapBatches<Value>(
  rows: ExportRows,
  map: (batch: readonly Cells[]) => Value | Promise<Value>,
): AsyncGenerator<Value, ExportEnd, undefined> {
  try {
    for (;;) {
      const next = await rows.next();
      if (next.done === true) return next.value;
      for (const part of partsOf(next.value)) {
        yield await map(part);
        await yieldIfDue();
      }
    }
  } finally {
    // Ends the source if the consumer leaves early.
    await rows.return(noEnd);
  }
}

const noEnd: ExportEnd = {
  rows: 0,
  isComplete: false,
  changedWhileRead: false,
  asOf: null,
  unreadableValues: 0,
  missing: [],
};
