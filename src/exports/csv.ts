/**
 * CSV as in RFC 4180, in UTF-8 with a byte order mark for spreadsheets. Texts can't become formulas or additional cells
 * or rows, and can be restored: see `withoutFormulas`.
 */
import papaparse from 'papaparse';
import { yieldIfDue } from '../scheduler.ts';
import {
  chunksOf,
  mapBatches,
  plainCell,
  skippedBeforeSign,
  warningsOf,
  type Cells,
  type ExportFormat,
} from './cells.ts';

/** Texts to quote: separators of other CSV dialects, and blanks that readers may trim. */
const quoted = /[;|\t\v\f\u0085\u2028\u2029\r\n]|^\s|\s$/;

export const csv: ExportFormat = {
  contentType: 'text/csv; charset=utf-8; header=present',
  async *write(columns, rows) {
    yield csvHeader(columns);
    const end = yield* mapBatches(rows, csvLines);
    yield* csvNotes(columns, warningsOf(end));
  },
};

export function csvHeader(columns: readonly string[]): string {
  return `\ufeff${linesOf([columns])}`;
}

export function csvLines(batch: readonly Cells[]): string {
  let lines = '';
  for (const cells of batch) {
    // Most rows have nothing to quote or to escape; joining them takes an eighth of the time.
    const plain = cells.map(plainCell);
    lines += plain.every(isSimple) ? `${plain.join(',')}\r\n` : linesOf([plain.map(csvCell)]);
  }
  return lines;
}

/** Lines for an incomplete export, as wide as its rows. */
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

/** Formats a note on a single line, which begins with its sign. */
function noteCell(note: string): string {
  return `# ${withoutFormulas(note.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' '))}`;
}

type PlainCell = ReturnType<typeof plainCell>;

function csvCell(cell: PlainCell, column: number): PlainCell {
  if (typeof cell !== 'string') return cell;
  const text = withoutFormulas(cell);
  // A row that begins like a note would be taken for one.
  return column === 0 && text.startsWith('#') ? `'${text}` : text;
}

/**
 * Text written unchanged, in any script: no quote, separator or line break, no blank at either end, and no sign of a
 * formula or a note, control or invisible character at the start. The library would take several times as long.
 */
const simple = new RegExp(
  String.raw`^[^#'=+\-@＝＋－＠,;|\p{C}${skippedBeforeSign}][^",;|\t\v\f\r\n\u0085\u2028\u2029\ufeff]*(?<!\s)$`,
  'u',
);

function isSimple(cell: PlainCell): boolean {
  return typeof cell !== 'string' || cell === '' || simple.test(cell);
}

const suspect = /^[\t\r\n]|['=+\-@＝＋－＠]/;

/**
 * Positions before a formula's sign: at the start of the text or behind a separator of any CSV dialect, with blanks,
 * quotes and invisible characters in between.
 */
const beforeSign = new RegExp(
  String.raw`(?=['=+\-@＝＋－＠])(?<=(?:^|[;|\t\r\n\v\f\u0085\u2028\u2029])[${skippedBeforeSign}]*)`,
  'gu',
);

/**
 * Prefixes an apostrophe to each sign of a formula where a cell may begin in any CSV dialect quoted by `"`, to each
 * apostrophe there, and to a text that begins with a tab or a line break. Removing one apostrophe at each of these
 * places restores the text.
 */
export function withoutFormulas(text: string): string {
  if (!suspect.test(text)) return text;
  const escaped = text.replace(beforeSign, "'");
  return /^[\t\r\n]/.test(text) ? `'${escaped}` : escaped;
}
