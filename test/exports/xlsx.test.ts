/** Workbooks, read by another library. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { strFromU8, unzipSync } from 'fflate';
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

test('instants are dates in columns of dates, and texts elsewhere or where spreadsheets disagree', async () => {
  const instants = ['2026-11-27T08:16:02.123Z', '2026-11-27T08:16:02.123Z', '1900-03-01T00:00:00Z'];
  const others = ['1900-02-28T23:59:59Z', '10000-01-01', 'soon', '', null];
  const rows = [...instants, ...others].map((value): Cells => [value, value]);
  const [, ...read] = rowsOf(await sheetsWritten(['endDate', 'mail'], rows), 'Users');
  // In days, of which a reader makes milliseconds.
  const secondsOf = (date: unknown) => (date instanceof Date ? Math.round(date.getTime() / 1000) : date);
  expect(read.map(([date]) => secondsOf(date))).toEqual([
    ...instants.map((instant) => secondsOf(new Date(instant))),
    ...['1900-02-28T23:59:59Z', '10000-01-01', 'soon'],
  ]);
  expect(read.map(([, text]) => text)).toEqual([...instants, ...others.slice(0, 3)]);
});

test('columns have the width of their kind, and a filter that spans all rows', async () => {
  const names = ['userId', 'mail', 'startDate', 'isTestUser', 'PUBLIC_FOLDERS'];
  const rows = Array.from({ length: 12 }, (_, index): Cells => [`id ${index}`, 'a@b.c', null, true, false]);
  const bytes = await written(createXlsx({ rowsPerSheet: 11 }), names, [rows]);
  const parts = unzipSync(bytes);
  const textOf = (part: string) => strFromU8(parts[`xl/${part}.xml`] ?? new Uint8Array());
  const first = textOf('worksheets/sheet1');
  expect([...first.matchAll(/<col [^>]*width="(\d+)"/g)].map(([, width]) => Number(width))).toEqual([
    ...[38, 38, 22, 14, 18],
  ]);
  expect(first).toContain('</sheetData><autoFilter ref="A1:E11"/></worksheet>');
  expect(textOf('worksheets/sheet2')).toContain('<autoFilter ref="A1:E3"/>');
  expect(textOf('workbook')).toContain(
    '<definedName name="_xlnm._FilterDatabase" localSheetId="1" hidden="1">\'Users 2\'!$A$1:$E$3</definedName>',
  );
});

test('a repeated value is in every row, with empty cells between', async () => {
  const values = ['a', null, 'a', 'a', '', 'b', 'a', 7, 7, true, true, null, false, 'x'.repeat(40_000)];
  const sheets = await sheetsWritten(
    ['one', 'two'],
    [...values, values.at(-1) ?? null].map((value) => [value, 'end']),
  );
  const read = rowsOf(sheets, 'Users').slice(1);
  expect(read.slice(0, 13).map(([value]) => value)).toEqual(
    values.slice(0, 13).map((value) => (value === '' ? null : value)),
  );
  expect(read.every(([, value]) => value === 'end')).toBe(true);
  expect(rowsOf(sheets, 'Export')).toContainEqual(['cellsCutTo32767Characters', 2]);
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

test('the limit of a sheet is in bytes, of which a character may take three', async () => {
  const columns = Array.from({ length: 10 }, (_, index) => `c${index}`);
  const rows = Array.from({ length: 8 }, (_, row) => columns.map(() => `${row}${'株'.repeat(30_000)}`));
  const bytesPerSheet = 3_000_000;
  const parts = unzipSync(await written(createXlsx({ bytesPerSheet }), columns, [rows]));
  const sizes = Object.entries(parts).flatMap(([name, { length }]) => (/sheet\d/.test(name) ? [length] : []));
  expect(Math.max(...sizes)).toBeLessThan(bytesPerSheet + 10 * 100_000);
});

test('a text longer than a cell is cut, and a note reports it', async () => {
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
    [
      'note',
      'Rows may be missing: a list changed while it was read, or has fewer rows than it states. Export again.',
    ],
  ]);
});

test('a workbook that was cut can’t be opened', async () => {
  const bytes = await written(xlsx, ['a'], [[['x']]]);
  await expect(readWorkbook(bytes.subarray(0, bytes.length - 40))).rejects.toThrow();
});
