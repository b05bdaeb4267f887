/** Exports of given rows in a format, and texts to write. */
import fc from 'fast-check';
import type { Cells, ExportEnd, ExportFormat, ExportRows } from '../../src/exports/cells.ts';

export const complete: ExportEnd = {
  rows: 0,
  isComplete: true,
  changedWhileRead: false,
  asOf: null,
  unreadableValues: 0,
  missing: [],
};

async function* exportOf(batches: readonly (readonly Cells[])[], end: ExportEnd): ExportRows {
  yield* batches;
  return await Promise.resolve(end);
}

export async function written(
  format: ExportFormat,
  columns: readonly string[],
  batches: readonly (readonly Cells[])[],
  end = complete,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of format.write(columns, exportOf(batches, end), 'Users'))
    chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

const pieces = fc.constantFrom(
  ...[
    '=',
    '+',
    '-',
    '@',
    '＝',
    '＋',
    '－',
    '＠',
    "'",
    '"',
    '""',
    ' ',
    '\t',
    '\r',
    '\n',
    '\r\n',
    ';',
    '|',
    ',',
  ],
  ...[
    '\u00a0',
    '\u200b',
    '\ufeff',
    '\u202e',
    '\u0000',
    '\u0001',
    '\u0085',
    '\u2028',
    '\u3000',
    '\u115f',
    '\ufe0f',
    '\u2800',
    '＂',
    '#',
    'a',
    '1',
    'é',
    '👩‍👩‍👧',
  ],
);
export const nastyText = fc.oneof(
  fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme' }),
);
