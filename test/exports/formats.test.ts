/** Any text in the formats of exports. */
import { expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import papaparse from 'papaparse';
import type { Cells, ExportEnd, ExportRows } from '../../src/exports/cells.ts';
import { csv, csvLines, withoutFormulas } from '../../src/exports/csv.ts';
import { ndjson } from '../../src/exports/ndjson.ts';
import { xlsx } from '../../src/exports/xlsx.ts';
import { formulaStart, readCsv, readNdjson, restoredText } from './exported.ts';
import { complete, nastyText, written } from './written.ts';

test('a text is restored from its form without formulas', () => {
  fc.assert(
    fc.property(nastyText, (text) => {
      expect(restoredText(withoutFormulas(text))).toBe(text);
    }),
    { numRuns: 3000 },
  );
});

test('no cell begins a formula for a reader of any kind of CSV', () => {
  fc.assert(
    fc.property(nastyText, (text) => {
      for (const cell of withoutFormulas(text).split(/[;|\t\r\n\v\f\u0085\u2028\u2029]/))
        expect(cell.replaceAll('-', '=')).not.toMatch(formulaStart);
    }),
    { numRuns: 3000 },
  );
});

test('a long text takes time in proportion to its length', () => {
  const startedAt = performance.now();
  for (const piece of ['\t', ' ', ';', "'", '=', ';=', 'a ']) withoutFormulas(piece.repeat(300_000));
  expect(performance.now() - startedAt).toBeLessThan(5000);
});

test('CSV contains the texts as in RFC 4180', async () => {
  const cells = fc.array(fc.tuple(nastyText, nastyText), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(cells, async (rows) => {
      const bytes = await written(csv, ['one', 'two'], rows.length === 0 ? [] : [rows]);
      const [header, ...records] = readCsv(bytes.toString('utf8'));
      expect(header).toEqual(['one', 'two']);
      expect(records.map((record) => record.map(restoredText))).toEqual(rows);
      expect(records.some(([first = '']) => first.startsWith('#'))).toBe(false);
    }),
    { numRuns: 500 },
  );
});

/** Characters that decide how a text is written, and letters of several scripts. */
const decisive = fc.constantFrom(
  ...Array.from(
    `aÉßяЖ山田ガ（）、ـعשकิ👍é\u0301\u200d\u200b\u00ad\u3000\u00a0\u2007\ufeff\u0000\u0085\u2028\ud800 \t\v\f\r\n`,
  ),
  ...Array.from(`.,;|"'@=+-＝＋－＠#_1٣＂\u034f\u115f\u3164\u17b4\u180b\u2065\u2800\ufe0f\uffa0\u{e0100}`),
);
const anyText = fc.oneof(
  fc.string({ unit: decisive, maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom('', 'Екатерина Иванова', '山田　太郎', '営業部・第一課（東京）'),
);

test('texts are written as the library writes them, of any script', () => {
  const quotes = (value: unknown) =>
    typeof value === 'string' && /[;|\t\v\f\u0085\u2028\u2029\r\n]|^\s|\s$/.test(value);
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 1, maxLength: 3 }), (cells) => {
      const [first = '', ...others] = cells.map(withoutFormulas);
      const safe = [first.startsWith('#') ? `'${first}` : first, ...others];
      const alone = papaparse.unparse([safe], { newline: '\r\n', quotes });
      expect(csvLines([cells])).toBe(`${alone}\r\n`);
    }),
    { numRuns: 5000 },
  );
});

test('names of any script do not need the library', () => {
  const unparse = jest.spyOn(papaparse, 'unparse');
  const rows = [
    ['Jane Smith-Jones', 'jane@example.com', 'R&D (Zürich)'],
    ['Екатерина Иванова', 'Отдел маркетинга', 'Старший вице-президент'],
    ['山田　太郎', '営業部・第一課', '部長代理（兼務）'],
    ['محمد علي', 'קבוצת פיתוח', 'अनिता शर्मा'],
  ];
  expect(csvLines(rows)).toBe(rows.map((cells) => `${cells.join(',')}\r\n`).join(''));
  expect(unparse).not.toHaveBeenCalled();
  unparse.mockRestore();
});

test('other values keep their kind', async () => {
  const row: Cells = [-5, true, false, null, ['A', 'B'], [], '007'];
  const columns = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const { rows } = readNdjson((await written(ndjson, columns, [[row]])).toString());
  expect(rows).toEqual([Object.fromEntries(columns.map((column, index) => [column, row[index]]))]);
  expect(readCsv((await written(csv, columns, [[row]])).toString('utf8'))[1]).toEqual([
    '-5',
    'true',
    'false',
    '',
    'A B',
    '',
    '007',
  ]);
});

test('CSV notes below the rows what it lacks, if anything', async () => {
  const end: ExportEnd = {
    ...complete,
    isComplete: false,
    changedWhileRead: true,
    unreadableValues: 3,
    missing: [
      {
        customerId: 'c',
        organization: null,
        tenantId: 't',
        name: 'A "name", quoted\r\n=1',
        reason: 'UPSTREAM_TIMEOUT',
        message: 'Late.',
        retryable: true,
        rows: 0,
      },
    ],
  };
  expect(
    readCsv((await written(csv, ['one', 'two'], [[['x', 'y']]], end)).toString('utf8')).slice(1),
  ).toEqual([
    ['x', 'y'],
    [
      '# Not read: tenant A "name", quoted =1 (t) of a customer without a name (c): UPSTREAM_TIMEOUT: Late.',
      '',
    ],
    [
      '# Rows may be missing: a list changed while it was read, or has fewer rows than it states. Export again.',
      '',
    ],
    ['# Values that could not be understood, whose cells are empty: 3.', ''],
  ]);
  expect(readCsv((await written(csv, ['one'], [[['x']]])).toString('utf8'))).toEqual([['one'], ['x']]);
});

test('the rows end when the reader leaves', async () => {
  for (const format of [csv, ndjson, xlsx]) {
    let hasEnded = false;
    const rows = (async function* (): ExportRows {
      try {
        for (;;) yield await Promise.resolve([['x']]);
      } finally {
        hasEnded = true;
      }
    })();
    let chunks = 0;
    for await (const chunk of format.write(['one'], rows, 'Users')) {
      chunks += chunk.length > 0 ? 1 : 0;
      if (chunks === 2) break;
    }
    expect(hasEnded).toBe(true);
  }
});
