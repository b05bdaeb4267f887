/** Reads NDJSON with its end, and CSV by a parser of RFC 4180. */
import type { ExportEnd } from '../../src/exports/cells.ts';
import type { Exchange } from '../http-exchange.ts';

export type ExportedRow = Readonly<Record<string, unknown>>;

export interface Exported {
  readonly rows: readonly ExportedRow[];
  readonly end: ExportEnd;
}

/** @throws Error for an export without an end */
export function readNdjson(text: string): Exported {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('The last line has no end.');
  const { end } = JSON.parse(lines.pop() ?? '{}') as { end?: ExportEnd };
  if (end === undefined) throw new Error('The export has no end.');
  return { rows: lines.map((line) => JSON.parse(line) as ExportedRow), end };
}

const byteOrderMark = '\ufeff';

/** Records of cells. */
export function readCsv(text: string): readonly (readonly string[])[] {
  if (!text.startsWith(byteOrderMark)) throw new Error('There is no byte order mark.');
  const records: string[][] = [];
  let record: string[] = [];
  const cells = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  cells.lastIndex = 1;
  while (cells.lastIndex < text.length) {
    const at = cells.lastIndex;
    const [, quoted, plain = '', end] = cells.exec(text) ?? [];
    if (end === undefined) throw new Error(`No cell at ${at}: ${JSON.stringify(text.slice(at, at + 80))}`);
    record.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}

/** Blanks, quotes and what readers do not show. */
const ignored = String.raw`[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800"＂]*`;
const addedApostrophe = new RegExp(String.raw`(?<=(?:^|[;|\t\r\n\v\f\u0085\u2028\u2029])${ignored})'`, 'gu');

/** The start of a formula, but for a minus, with which numbers begin. */
export const formulaStart = new RegExp(`^${ignored}[=+@＝＋－＠]`, 'u');

/** The text of a CSV cell before it was made harmless, by the rule of docs/exports.md. */
export function restoredText(cell: string): string {
  const text = /^'[\t\r\n#]/.test(cell) ? cell.slice(1) : cell;
  return text.replace(addedApostrophe, '');
}

export const getOf = (target: string, headers: Exchange['headers'] = {}): Exchange => ({
  method: 'GET',
  target,
  headers,
});
export const postOf = (target: string, body: unknown): Exchange => ({
  target,
  headers: { 'content-type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

export function errorsOf(text: string): readonly string[] {
  const { errors } = JSON.parse(text) as {
    errors: readonly { message: string; extensions: { code: string } }[];
  };
  return errors.map(({ message, extensions }) => `${extensions.code}: ${message}`);
}
