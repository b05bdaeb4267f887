/**
 * Reads an uploaded NDJSON export of users line by line. Each line is validated, and only what a comparison needs
 * stays in memory.
 */
import { maxIdLength } from '../endpoint/id.ts';
import { CallerError, UnavailableError } from '../errors.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import type { ProtectionState, TenantKey } from '../model.ts';
import { Pace } from '../scheduler.ts';
import { isBlockedBy } from './changes.ts';
import { EarlierRows, protectionStates, type EarlierRow, type ComparisonMemory } from './earlier-rows.ts';
import { endStart, parseEndLine } from './earlier-end-line.ts';
import { bytesOfEndEntry, endEntryOf, readEnd, type EarlierEnd } from './earlier-end.ts';
import { isIdText, isTexts, isTooDeep, maxLevels, neededColumns, optionalText } from './earlier-values.ts';

export const fileLimits = {
  bytes: 1024 ** 3,
  rows: 1_000_000,
  lineBytes: 64 * 1024,
  /** For the last line, which names missing tenants. */
  endBytes: 4 * 1024 * 1024,
};

export type FileLimits = typeof fileLimits;

export interface EarlierFile {
  readonly rows: EarlierRows;
  readonly end: EarlierEnd;
}

/**
 * Rejects with CallerError for an invalid file or one above the limits, with UnavailableError if other comparisons
 * use too much memory, and with errors of `chunks`. The caller releases the rows.
 */
export async function readEarlierFile(
  chunks: AsyncIterable<Uint8Array>,
  memory: ComparisonMemory,
  limits: FileLimits = fileLimits,
): Promise<EarlierFile> {
  const rows = new EarlierRows(memory);
  const reader = new FileReader(rows, memory, limits);
  try {
    // A line may have 64 kB.
    const pace = new Pace(1);
    for await (const line of linesOf(chunks, limits)) {
      await reader.read(line, pace);
      if (pace.shouldYield) await pace.yield();
    }
    return { rows, end: reader.finish() };
  } catch (error) {
    rows.release();
    throw error;
  }
}

const lineFeed = 10;
const sendUnmodified =
  'Send it as it is: by curl with --data-binary @users.ndjson or -T users.ndjson, since -d takes its line breaks away.';
/** Buffers of a line before they are joined, if it arrives byte by byte. */
const maxPieces = 1000;

interface Line {
  readonly number: number;
  readonly text: string;
}

/** @throws CallerError for a line that is too long or not UTF-8 */
async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  { bytes: maxBytes, lineBytes, endBytes }: FileLimits,
): AsyncGenerator<Line, void, undefined> {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let number = 1;
  let bytes = 0;
  let pieces: Buffer[] = [];
  let pending = 0;
  const take = (piece: Buffer) => {
    pieces.push(piece);
    if (pieces.length > maxPieces) pieces = [Buffer.concat(pieces)];
    pending += piece.length;
    if (pending <= lineBytes) return;
    const start = Buffer.concat(pieces.slice(0, endStart.length)).toString('latin1', 0, endStart.length);
    const max = start === endStart ? endBytes : lineBytes;
    if (pending > max)
      throw new CallerError(
        `Line ${number} of the file is longer than ${max} bytes.${number === 1 ? ` ${sendUnmodified}` : ''}`,
      );
  };
  const finish = (): Line => {
    const [only] = pieces;
    const line = only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
    pieces = [];
    pending = 0;
    try {
      const text = utf8.decode(line);
      return { number, text: number === 1 ? text.replace(/^\ufeff/, '') : text };
    } catch {
      throw new CallerError(`Line ${number} of the file is not UTF-8${compressed(line)}.`);
    }
  };
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new CallerError(`The file is larger than ${maxBytes} bytes.`);
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let start = 0;
    for (let at = buffer.indexOf(lineFeed); at >= 0; at = buffer.indexOf(lineFeed, start)) {
      take(buffer.subarray(start, at));
      yield finish();
      number += 1;
      start = at + 1;
    }
    // Copied, so that the chunk can be freed.
    if (start < buffer.length) take(Buffer.from(buffer.subarray(start)));
  }
  if (pending > 0) yield finish();
}

/** Advice for bytes that look compressed. */
function compressed(bytes: Buffer): string {
  const isCompressed = [
    [0x1f, 0x8b],
    [0x50, 0x4b],
    [0x28, 0xb5],
  ].some(([first, second]) => bytes[0] === first && bytes[1] === second);
  return isCompressed ? ', but compressed: send it uncompressed' : '';
}

class FileReader {
  readonly #rows: EarlierRows;
  readonly #memory: ComparisonMemory;
  readonly #limits: FileLimits;
  #count = 0;
  #end: EarlierEnd | null = null;

  constructor(rows: EarlierRows, memory: ComparisonMemory, limits: FileLimits) {
    this.#rows = rows;
    this.#memory = memory;
    this.#limits = limits;
  }

  /** Rejects with CallerError and UnavailableError. */
  read(line: Line, pace: Pace): MaybePromise<void> {
    const { number, text } = line;
    if (this.#end !== null) throw new CallerError(`Line ${number} of the file follows its end.`);
    if (text.startsWith(endStart)) return this.#readEnd(line, pace);
    if (isTooDeep(text))
      throw new CallerError(`Line ${number} of the file has more than ${maxLevels} levels.`);
    const value = objectOf(line, parsed(text));
    if (Object.hasOwn(value, 'end')) return this.#readEnd(line, pace);
    this.#addRow(number, value);
  }

  async #readEnd(line: Line, pace: Pace): Promise<void> {
    const value = await parseEndLine(line.text, pace, this.#readEntry).catch((error: unknown) => {
      if (error instanceof SyntaxError) return null;
      throw error;
    });
    this.#end = await readEnd(objectOf(line, value)['end'], pace);
  }

  readonly #readEntry = (list: string, value: unknown) => {
    const entry = endEntryOf(list, value);
    if (entry === undefined) return undefined;
    this.#rows.addBytes(bytesOfEndEntry(entry));
    this.#checkMemory();
    return entry;
  };

  #addRow(number: number, row: JsonObject): void {
    this.#count += 1;
    if (this.#count > this.#limits.rows)
      throw new CallerError(
        `The file has more than ${this.#limits.rows} rows. Compare customer by customer.`,
      );
    this.#rows.add(rowOf(number, row));
    this.#checkMemory();
  }

  /** @throws CallerError and UnavailableError */
  #checkMemory(): void {
    const { used, max } = this.#memory;
    if (this.#rows.used > max)
      throw new CallerError(
        'The file is too large for the memory of comparisons. Export fewer columns, or customer by customer.',
      );
    if (used > max)
      throw new UnavailableError('OVERLOADED', 'Other files are being compared; retry after 1 s.');
  }

  /** @throws CallerError */
  finish(): EarlierEnd {
    if (this.#end === null)
      throw new CallerError(
        this.#count === 0
          ? 'The body is empty. Send an exported users.ndjson, unmodified.'
          : 'The file is truncated: its end line is missing. Send the complete users.ndjson.',
      );
    if (this.#end.rows !== this.#count)
      throw new CallerError(
        `The file has ${this.#count} rows, but its end says ${this.#end.rows}: rows were added or removed.`,
      );
    return this.#end;
  }
}

/** Null for text that is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @throws CallerError for a value that is no object */
function objectOf({ number, text }: Line, value: unknown): JsonObject {
  if (isObject(value)) {
    if (number === 1 && Array.isArray(value['errors'])) throw new CallerError(savedError(value['errors']));
    return value;
  }
  const start = JSON.stringify(text.slice(0, shownCharacters));
  const fault = `Line ${number} of the file is not a JSON object; it begins with ${start}.`;
  if (number > 1) throw new CallerError(fault);
  const isJoined = /^\{.*\}\{"/s.test(text);
  throw new CallerError(
    `${fault} ${isJoined ? sendUnmodified : 'Send users.ndjson as exported, not a CSV file or a web page.'}`,
  );
}

const shownCharacters = 40;

/** Message for an error response saved instead of an export. */
function savedError([error]: readonly unknown[]): string {
  const message = isObject(error) && typeof error['message'] === 'string' ? error['message'] : '';
  const quoted = message === '' ? '' : `: ${JSON.stringify(message.slice(0, 200))}`;
  return `The file is a saved error response, not an export${quoted}. Export users.ndjson again.`;
}

/** @throws CallerError */
function rowOf(number: number, row: JsonObject): EarlierRow {
  const lacking = neededColumns.filter((column) => !Object.hasOwn(row, column));
  if (lacking.length > 0)
    throw new CallerError(
      `Line ${number} of the file lacks ${lacking.join(', ')}. Only users.ndjson with the columns ${neededColumns.join(', ')} can be compared.`,
    );
  const { status } = row;
  if (!isTexts(status)) throw new CallerError(`Line ${number} of the file: status is not a list of strings.`);
  return {
    ...idsOf(number, row),
    userId: idOf(number, row, 'userId'),
    organization: optionalText(row['organization']),
    name: optionalText(row['tenant']),
    displayName: optionalText(row['displayName']),
    userPrincipalName: optionalText(row['userPrincipalName']),
    mail: optionalText(row['mail']),
    state: stateOf(number, row['protectionState']),
    isBlocked: isBlockedBy(status),
  };
}

function idsOf(number: number, row: JsonObject): TenantKey {
  return { customerId: idOf(number, row, 'customerId'), tenantId: idOf(number, row, 'tenantId') };
}

function idOf(number: number, row: JsonObject, column: string): string {
  const id = row[column];
  if (isIdText(id)) return id;
  throw new CallerError(
    `Line ${number} of the file: ${column} is not a string of 1 to ${maxIdLength} characters.`,
  );
}

function stateOf(number: number, value: unknown): ProtectionState {
  const state = protectionStates.find((each) => each === value);
  if (state !== undefined) return state;
  throw new CallerError(
    `Line ${number} of the file: protectionState is not one of ${protectionStates.join(', ')}.`,
  );
}
