/** The values of an exported row, and what every format of them has in common. */
import type { TenantKey } from '../model.ts';
import { yieldIfDue } from '../scheduler.ts';

export type Cell = string | number | boolean | null | readonly string[];

export type Cells = readonly Cell[];

/** What an export is of, by which it can be compared later. */
export interface ExportSubject {
  /** The list by the name that its file has. */
  readonly of: string;
  readonly filter: object | null;
  readonly customers: object | null;
  readonly columns: readonly string[];
  /** Tenants whose lists went on changing while they were read. */
  readonly changed: readonly TenantKey[];
  /** Whether the customers' list did, so that tenants may be missing. */
  readonly customersChanged: boolean;
}

/** The end of an export: what it has, and what it lacks. */
export interface ExportEnd extends Partial<ExportSubject> {
  readonly rows: number;
  /** Whether every tenant was read to its end. */
  readonly isComplete: boolean;
  /** Whether a list went on changing while it was read, so that rows may be missing. */
  readonly changedWhileRead: boolean;
  /** When the oldest of the data was read; null if there is none. */
  readonly asOf: string | null;
  /** Values of the upstream that could not be understood, whose cells are empty. */
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
  /** Rows of the tenant that the export has all the same. */
  readonly rows: number;
}

/** Batches of rows, and then the end. */
export type ExportRows = AsyncGenerator<readonly Cells[], ExportEnd, undefined>;

export interface ExportFormat {
  readonly contentType: string;
  /** The export as it goes to its reader, a batch of rows at a time at most. */
  readonly write: (
    columns: readonly string[],
    rows: ExportRows,
    title: string,
  ) => AsyncGenerator<string | Uint8Array, void, undefined>;
}

/** A cell that is a text in formats without lists. */
export function plainCell(cell: Cell): string | number | boolean | null {
  return typeof cell === 'object' && cell !== null ? cell.join(' ') : cell;
}

/** What the export lacks, in sentences; nothing if it lacks nothing. */
export function* shortcomingsOf(end: ExportEnd): Generator<string> {
  for (const { reason, message, rows, ...tenant } of end.missing)
    yield `Not read: ${inWords(tenant)}: ${reason}: ${message}${rows === 0 ? '' : ` ${rows} of its rows are above.`}`;
  yield* notesOf(end);
}

/** A tenant as the notes of a file name it. */
export function inWords({
  customerId,
  organization,
  tenantId,
  name,
}: Pick<MissingRows, 'customerId' | 'organization' | 'tenantId' | 'name'>): string {
  return `tenant ${name ?? 'without a name'} (${tenantId}) of ${organization ?? 'a customer without a name'} (${customerId})`;
}

const chunkSize = 200;

/** The same in lists of a few: at a shutdown, thousands of tenants may be missing. */
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

/** A list as JSON, a few of its items at a time. */
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

/** The same without the tenants that could not be read. */
export function notesOf({ changedWhileRead, unreadableValues }: ExportEnd): string[] {
  return [
    ...(changedWhileRead ? ['Changed while it was read: rows may be missing. Export again.'] : []),
    ...(unreadableValues > 0
      ? [`Values that could not be understood, whose cells are empty: ${unreadableValues}.`]
      : []),
  ];
}

/** Characters of what is made of rows at once: a page of the upstream may have thousands of rows of long texts. */
const charactersAtOnce = 1 << 18;

/** Parts of a batch of about so many characters. */
function* partsOf(batch: readonly Cells[]): Generator<readonly Cells[]> {
  let start = 0;
  let characters = 0;
  for (const [index, cells] of batch.entries()) {
    for (const cell of cells) if (typeof cell === 'string') characters += cell.length;
    if (characters < charactersAtOnce) continue;
    yield batch.slice(start, index + 1);
    start = index + 1;
    characters = 0;
  }
  if (start < batch.length) yield start === 0 ? batch : batch.slice(start);
}

/** The same export with something done to each batch, or to parts of a long one; its end stays. */
export async function* mapBatches<Value>(
  rows: ExportRows,
  map: (batch: readonly Cells[]) => Value,
): AsyncGenerator<Value, ExportEnd, undefined> {
  try {
    for (;;) {
      const next = await rows.next();
      if (next.done === true) return next.value;
      for (const part of partsOf(next.value)) {
        yield map(part);
        await yieldIfDue();
      }
    }
  } finally {
    // Of a reader that leaves; after the end, it has no effect.
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
