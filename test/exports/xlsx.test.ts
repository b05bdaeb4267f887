/** Workbooks as a reader of another make reads them. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import readWorkbook from 'read-excel-file/node';
import type { Cells, ExportEnd, ExportFormat } from '../../src/exports/cells.ts';
import { createXlsx, xlsx } from '../../src/exports/xlsx.ts';
import { complete, nastyText, written } from './written.ts';

type Sheets = Readonly<Record<string, readonly (readonly unknown[])[]>>;

async function sheetsOf(bytes: Buffer): Promise<Sheets> {
  const sheets = await readWorkbook(bytes, { trim: false });
  return Object.fromEntries(sheets.map(({ sheet, data }) => [sheet, data]));
}

const rowsOf = (sheets: Sheets, name: string) => sheets[name] ?? [];

async function sheetsWritten(
  columns: readonly string[],
  rows: readonly Cells[],
  end: ExportEnd = complete,
  format: ExportFormat = xlsx,
): Promise<Sheets> {
  return sheetsOf(await written(format, columns, [rows], end));
}

test('texts are cells of text, whatever is in them', async () => {
  const cells = fc.array(fc.tuple(nastyText, nastyText), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(cells, async (rows) => {
      const sheets = await sheetsWritten(['one', 'two'], rows);
      const expected = rows.map((row) => row.map((text) => (text === '' ? null : text.toWellFormed())));
      const [header, ...read] = rowsOf(sheets, 'Users');
      expect(header).toEqual(['one', 'two']);
      // Rows and cells without a value may be left out at the end.
      const filled = read.map((row) => ['', ''].map((_cell, index) => row[index] ?? null));
      while (filled.length < expected.length) filled.push([null, null]);
      expect(filled).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test('other values keep their kind', async () => {
  const row: Cells = [-5, true, false, null, ['A', 'B'], '007', '=1+1', 'x_x0041_'];
  const sheets = await sheetsWritten(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], [row]);
  expect(rowsOf(sheets, 'Users')[1]).toEqual([-5, true, false, null, 'A B', '007', '=1+1', 'x_x0041_']);
});

test('more rows than a sheet holds go on on the next', async () => {
  const rows = Array.from({ length: 25 }, (_, index): Cells => [index]);
  const sheets = await sheetsWritten(['number'], rows, complete, createXlsx({ rowsPerSheet: 11 }));
  expect(Object.keys(sheets)).toEqual(['Users', 'Users 2', 'Users 3', 'Not read', 'Export']);
  expect(['Users', 'Users 2', 'Users 3'].map((name) => sheets[name]?.length)).toEqual([11, 11, 6]);
  expect(sheets['Users 3']).toEqual([['number'], ...[20, 21, 22, 23, 24].map((number) => [number])]);
  const byBytes = await sheetsWritten(['number'], rows, complete, createXlsx({ bytesPerSheet: 600 }));
  expect(Object.keys(byBytes).length).toBeGreaterThan(3);
});

test('a text longer than a cell is cut, and that is said', async () => {
  const texts = ['x'.repeat(32_767), 'x'.repeat(32_768), `${'x'.repeat(32_765)}👍👍`];
  const sheets = await sheetsWritten(
    ['a'],
    texts.map((text) => [text]),
  );
  const [, ...read] = rowsOf(sheets, 'Users').map(([cell]) => String(cell));
  expect(read.map(({ length }) => length)).toEqual([32_767, 32_767, 32_766]);
  expect(read.map((text) => text.endsWith('…'))).toEqual([false, true, true]);
  expect(rowsOf(sheets, 'Export')).toContainEqual(['cellsCutTo32767Characters', 2]);
});

test('what is missing has a sheet, and the end another one', async () => {
  const missing = [
    {
      customerId: 'c',
      organization: '=Evil',
      tenantId: 't',
      name: null,
      reason: 'UPSTREAM_TIMEOUT',
      message: 'Late.',
      retryable: true,
      rows: 7,
    },
  ];
  const sheets = await sheetsWritten(['a'], [['x']], {
    ...complete,
    rows: 1,
    isComplete: false,
    changedWhileRead: true,
    missing,
  });
  expect(rowsOf(sheets, 'Not read')).toEqual([
    ['customerId', 'organization', 'tenantId', 'tenant', 'reason', 'message', 'retryable', 'rows'],
    ['c', '=Evil', 't', null, 'UPSTREAM_TIMEOUT', 'Late.', true, 7],
  ]);
  expect(rowsOf(sheets, 'Export')).toEqual([
    ['what', 'value'],
    ['rows', 1],
    ['isComplete', false],
    ['changedWhileRead', true],
    ['asOf', null],
    ['unreadableValues', 0],
    ['notRead', 1],
    ['cellsCutTo32767Characters', 0],
    ['note', 'Changed while it was read: rows may be missing. Export again.'],
  ]);
});

test('a workbook that was cut can’t be opened', async () => {
  const bytes = await written(xlsx, ['a'], [[['x']]]);
  await expect(readWorkbook(bytes.subarray(0, bytes.length - 40))).rejects.toThrow();
});
