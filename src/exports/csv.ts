/**
 * CSV as RFC 4180 has it, in UTF-8 with a byte order mark, without which spreadsheets take it for another encoding. No text
 * of a cell becomes a formula, or a cell or row of its own, and each can be restored: see `withoutFormulas`.
 */
import papaparse from 'papaparse';
import { yieldIfDue } from '../scheduler.ts';
import {
  chunksOf,
  mapBatches,
  plainCell,
  shortcomingsOf,
  type Cell,
  type Cells,
  type ExportFormat,
} from './cells.ts';

/** Separators of other kinds of CSV, and blanks that readers may trim. */
const quoted = /[;|\t\v\f\u0085\u2028\u2029\r\n]|^\s|\s$/;

export const csv: ExportFormat = {
  contentType: 'text/csv; charset=utf-8; header=present',
  async *write(columns, rows) {
    yield csvHeader(columns);
    const end = yield* mapBatches(rows, csvLines);
    yield* csvNotes(columns, shortcomingsOf(end));
  },
};

export function csvHeader(columns: readonly string[]): string {
  return `\ufeff${linesOf([columns])}`;
}

export function csvLines(batch: readonly Cells[]): string {
  return linesOf(batch.map((cells) => cells.map(csvCell)));
}

/** Lines that a reader of complete files never meets, as wide as the others. */
export async function* csvNotes(
  columns: readonly string[],
  notes: Iterable<string>,
): AsyncGenerator<string, void, undefined> {
  for (const chunk of chunksOf(notes)) {
    yield linesOf(
      chunk.map((note) => columns.map((_column, index) => (index === 0 ? noteCell(note) : null))),
    );
    await yieldIfDue();
  }
}

function linesOf(rows: readonly (readonly (string | number | boolean | null)[])[]): string {
  if (rows.length === 0) return '';
  const text = papaparse.unparse(rows as unknown[][], {
    newline: '\r\n',
    quotes: (value: unknown) => typeof value === 'string' && quoted.test(value),
  });
  return `${text}\r\n`;
}

/** In one line, so that each begins with its sign. */
function noteCell(note: string): string {
  return `# ${withoutFormulas(note.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' '))}`;
}

function csvCell(cell: Cell): string | number | boolean | null {
  const plain = plainCell(cell);
  return typeof plain === 'string' ? withoutFormulas(plain) : plain;
}

const suspect = /^[\t\r\n]|['=+\-@＝＋－＠]/;

/**
 * Before what could be the sign of a formula: the start of the text, or what separates cells or rows in any kind of CSV, and
 * blanks, quotes and characters that are not shown.
 */
const beforeSign = /(?=['=+\-@＝＋－＠])(?<=(?:^|[;|\t\r\n\v\f\u0085\u2028\u2029])[\s\p{Cc}\p{Cf}"]*)/gu;

/**
 * Puts an apostrophe before each sign of a formula at which a cell may begin, for a reader of any kind of CSV that delimits
 * texts by `"`, and before
 * each apostrophe there; and before a text that begins with a tab or a line break. Taking away one apostrophe at each of
 * these places restores the text.
 */
export function withoutFormulas(text: string): string {
  if (!suspect.test(text)) return text;
  const escaped = text.replace(beforeSign, "'");
  return /^[\t\r\n]/.test(text) ? `'${escaped}` : escaped;
}
