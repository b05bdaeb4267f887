/** What a report's CSV is for a reader that knows nothing of how it was written. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatReport, type ReportedTenant } from '../../src/cli/report-formats.ts';

/** RFC 4180: cells with quotes if they need them, and rows that end by CR LF. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let at = 0;
  while (at < text.length) {
    const row = rows.at(-1) ?? [];
    if (text.startsWith('"', at)) {
      let cell = '';
      for (at += 1; ; at++) {
        if (at >= text.length) throw new Error('A quote is open.');
        if (!text.startsWith('"', at)) cell += text.charAt(at);
        else if (text.startsWith('""', at)) {
          cell += '"';
          at += 1;
        } else break;
      }
      at += 1;
      row.push(cell);
    } else {
      const end = /[,\r\n]|$/.exec(text.slice(at))?.index ?? 0;
      const cell = text.slice(at, at + end);
      if (cell.includes('"')) throw new Error('A quote within a cell that has none around it.');
      row.push(cell);
      at += end;
    }
    if (text.startsWith(',', at)) {
      at += 1;
      if (at === text.length) row.push('');
    } else if (text.startsWith('\r\n', at)) {
      at += 2;
      rows.push([]);
    } else if (at < text.length) throw new Error(`Neither a cell nor a row ends at ${at}.`);
  }
  if (rows.pop()?.length !== 0) throw new Error('The last row does not end.');
  return rows;
}

const summary: ReportedTenant['summary'] = {
  coverage: 0.5,
  userCount: 2,
  protectedCount: 1,
  partiallyProtectedCount: 0,
  unprotectedCount: 1,
  notInBackupCount: 0,
  unmatchedStatusCount: -1,
  modules: [],
  asOf: '2026-01-01T00:00:00.000Z',
  changedWhileRead: false,
  isComplete: true,
  missing: [],
};

function csvOf(tenants: readonly Partial<ReportedTenant>[]): string {
  const all = tenants.map((tenant, index) => ({
    customerId: `c${index}`,
    organization: 'o',
    tenantId: `t${index}`,
    name: 'n',
    summary,
    ...tenant,
  }));
  const [mark, ...text] = formatReport('csv', all, summary);
  // Without it, spreadsheets take the text for another encoding.
  expect(mark).toBe('\ufeff');
  return text.join('');
}

const formulaSigns = '=+-@＝＋－＠';

/** Whether the text begins like a formula for a spreadsheet, even for one that drops what can't be seen before it. */
const isFormula = (text: string): boolean => {
  const [first = ''] = text.replace(/^[\s\p{Cc}\p{Cf}"]+/u, '');
  return first !== '' && formulaSigns.includes(first);
};

/** Whether the whole cell may be taken for one. */
const isHostile = (cell: string): boolean => isFormula(cell) || /^[\t\r\n]/.test(cell);

describe('the CSV of a report', () => {
  const hostile = [
    '=cmd()',
    '+1',
    '-1+1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '\r\n=1',
    '＝1',
    '＋1',
    '－1',
    '＠1',
    ' =1',
    '\u00a0=1',
    '\ufeff=1',
    '\u200b=1',
    '\u0000=1',
    '\u0001\u001f=1',
    'a;\u0007=1',
    '"=1',
    '"=1"',
    "'=1",
    'a\n=cmd()',
    'a\r=cmd()',
    'a\r\n=cmd()',
    'a\r\n=cmd(),b\r\nc',
    'a"\r\n=cmd()',
    'a",=cmd()',
    'a,=cmd()',
    'a;=cmd()',
    'a;"=cmd()"',
    'a\t=cmd()',
    'a|=cmd()',
    'a\u2028=cmd()',
    '\n',
    '\r',
    '',
    '"',
    '""',
    ',',
  ];

  test.each(hostile)('keeps %j in its cell, whichever it is, and makes no formula of it', (text) => {
    for (const field of ['customerId', 'organization', 'tenantId', 'name'] as const) {
      const rows = parseCsv(csvOf([{ [field]: text }, {}]));
      expect(rows).toHaveLength(3);
      const [head = [], ...others] = rows;
      for (const row of others) expect(row).toHaveLength(head.length);
      const column = head.indexOf(field === 'name' ? 'tenant' : field);
      const cells = others.map((row) => row[column] ?? '');
      // What was put before it, and nothing else, is not its own.
      expect(cells.map((cell) => cell.replaceAll("'", ''))).toContain(text.replaceAll("'", ''));
      for (const cell of cells) expect(isHostile(cell)).toBe(false);
    }
  });

  test.each([';', '\t', '|', '\n', '\r'])(
    'makes no formula for a reader that parts it at %j',
    (separator) => {
      for (const text of hostile) {
        const cells = csvOf([{ organization: text }]).split(separator);
        for (const cell of cells.slice(1)) expect([text, isFormula(cell)]).toEqual([text, false]);
      }
    },
  );

  test('is read back as it was written, but for apostrophes', () => {
    const part = fc.constantFrom(
      'a',
      'é',
      ' ',
      ',',
      ';',
      '"',
      "'",
      '\r',
      '\n',
      '\t',
      '=',
      '+',
      '-',
      '@',
      '＝',
      '1',
    );
    const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.array(fc.record({ organization: text, name: text }), { minLength: 1, maxLength: 4 }),
        (tenants) => {
          const [head = [], ...rows] = parseCsv(csvOf(tenants));
          const shown = rows.map((row) =>
            [row[head.indexOf('organization')], row[head.indexOf('tenant')]]
              .map((cell = '') => cell.replaceAll("'", ''))
              .join('\0'),
          );
          const expected = tenants.map(({ organization, name }) =>
            `${organization}\0${name}`.replaceAll("'", ''),
          );
          expect(shown.sort()).toEqual(expected.sort());
          for (const cell of rows.flat()) expect(isHostile(cell) && !/^-\d/.test(cell)).toBe(false);
        },
      ),
    );
  });

  test('leaves names alone that are none, and numbers as they are', () => {
    const names = ["O'Neil - Söhne", 'a=b', 'x@example.com', 'C++; C', '1-2', 'A & B, Ltd.'];
    const [head = [], ...rows] = parseCsv(csvOf(names.map((organization) => ({ organization }))));
    expect(rows.map((row) => row[1])).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en')));
    expect(rows[0]?.[head.indexOf('unmatchedStatusCount')]).toBe('-1');
  });
});
