/** A report's table in terminals of several widths, with names in all scripts. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { formatReport, type ReportedTenant, type ReportTotals } from '../../src/cli/report-formats.ts';
import { shorten, shortenApart, wrap } from '../../src/cli/text-width.ts';

const summary: ReportTotals = {
  coverage: 0.5,
  userCount: 200_000,
  protectedCount: 100_000,
  partiallyProtectedCount: 12_345,
  unprotectedCount: 80_000,
  notInBackupCount: 7655,
  unmatchedStatusCount: 0,
  modules: [],
  asOf: null,
  changedWhileRead: false,
  isComplete: true,
  missing: [],
};

function tenant(organization: string, name: string, changes: Partial<ReportTotals> = {}): ReportedTenant {
  return { customerId: 'c', organization, tenantId: 't', name, summary: { ...summary, ...changes } };
}

function linesOf(tenants: readonly ReportedTenant[], columns: number, totals = summary): string[] {
  return formatReport('table', tenants, totals, columns).trimEnd().split('\n');
}

const family = '👨‍👩‍👧‍👦';
const names = [
  'Contoso',
  '株式会社日本語の会社名が長い場合',
  '한국어로 된 아주 긴 회사 이름입니다 그렇지요',
  `${family.repeat(12)} Family`,
  '🇸🇮🇯🇵🇩🇪 Flags ☺️ and ☎️ of a company with a long name',
  'Cafe\u0301 Zu\u0308rich e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301',
  'क्षत्रिय उद्योग प्राइवेट लिमिटेड कंपनी',
  'บริษัทที่มีชื่อยาวมากกก',
  'شركة ذات اسم طويل جدا جدا',
  'Donaudampfschifffahrtsgesellschaftskapitän & Söhne Holding GmbH',
];
const numbers = /50\.0 % +200,000 +100,000 +12,345 +80,000 +7,655$/;

describe.each([80, 120])('in a terminal of %i columns', (columns) => {
  test('each tenant has one line, with all numbers, and none is wider', () => {
    const tenants = names.flatMap((one) => names.map((other) => tenant(one, other)));
    const lines = linesOf(tenants, columns);
    // Heading, two rules, and the line of all.
    expect(lines).toHaveLength(tenants.length + 4);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    const rows = lines.filter((line) => !/^─+$|^Customer /.test(line));
    for (const row of rows) expect(row).toMatch(numbers);
    // Numbers end in the same column, however wide the names.
    expect(new Set(rows.map((row) => stringWidth(row))).size).toBe(1);
    for (const line of lines) expect(line).not.toMatch(/\u200d…|�/);
  });

  test('notes are wrapped, and marks of rows take no room of the numbers', () => {
    const missing = {
      customerId: 'c',
      organization: 'C',
      tenantId: 't',
      name: '7'.repeat(150),
      reason: 'UPSTREAM_FORBIDDEN' as const,
      message: `The upstream forbids the call. ${'日本語'.repeat(40)} ${family.repeat(60)}`,
      retryable: false,
    };
    const totals = { ...summary, isComplete: false, missing: [missing] };
    const tenants = [
      tenant('日本', 'One', { isComplete: false }),
      tenant('Two', names[3] ?? '', { changedWhileRead: true }),
      tenant('Three', 'Three'),
    ];
    const lines = linesOf(tenants, columns, totals);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    expect(lines.filter((line) => line.endsWith(' 7,655 !'))).toHaveLength(2);
    expect(lines.filter((line) => line.endsWith(' 7,655 ~'))).toHaveLength(1);
    expect(lines).toContain('! incomplete; what is missing is named below');
    expect(lines).toContain('~ rows may be missing');
    expect(lines.join('').replaceAll(' ', '')).toContain(`Missing:${'7'.repeat(150)}ofC`);
  });
});

test('names that fit are whole, and headings are long if there is room', () => {
  expect(linesOf([tenant('Contoso', '日本')], 80)).toEqual([
    'Customer  Tenant    Coverage    Users  Protected  Partly     Not  No backup',
    '─'.repeat(75),
    'Contoso   日本        50.0 %  200,000    100,000  12,345  80,000      7,655',
    '─'.repeat(75),
    'All       1 tenant    50.0 %  200,000    100,000  12,345  80,000      7,655',
  ]);
  expect(linesOf([tenant('Contoso', '日本')], 120)[0]).toMatch(/Partially +Unprotected +Not in backup$/);
});

test('a terminal that is too narrow for all numbers has the first ones, and names the others', () => {
  for (let columns = 30; columns < 140; columns++) {
    const lines = linesOf([tenant('Contoso', names[9] ?? ''), tenant('株式会社日本語', 'b')], columns);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    expect(lines[2]).toContain('50.0 %');
  }
  const lines = linesOf([tenant('Contoso', names[9] ?? '')], 50).join('\n');
  expect(lines).toMatch(/There is no room for: Partially, Unprotected, Not\n {2}in backup\.$/);
});

test('text is cut between characters, with an ellipsis, and never wider than its place', () => {
  expect(shorten('日本語', 6)).toBe('日本語');
  expect(shorten('日本語', 5)).toBe('日本…');
  expect(shorten('日本語', 4)).toBe('日…');
  expect(shorten(family.repeat(2), 3)).toBe(`${family}…`);
  expect(shorten('e\u0301e\u0301e\u0301', 2)).toBe('e\u0301…');
  expect(shorten('abc', 0)).toBe('');
  const part = fc.constantFrom('a', ' ', '日', 'e\u0301', family, '🇸🇮', 'क्षि', '☺️', '\u0301', '\u200d');
  const text = fc.array(part, { maxLength: 40 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.integer({ min: 4, max: 30 }), (whole, columns) => {
      const short = shorten(whole, columns);
      expect(stringWidth(short)).toBeLessThanOrEqual(columns);
      expect(whole.startsWith(short.replace(/…$/, ''))).toBe(true);
      const lines = wrap(whole, columns);
      for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      expect(lines.join('').replaceAll(' ', '')).toBe(whole.replaceAll(' ', ''));
    }),
  );
});

test('tenants of one customer that begin alike stay apart at 80 columns, and so do customers', () => {
  const lines = linesOf(
    [
      tenant('Alpine Robotics Holding', 'Alpine Robotics Holding Ljubljana'),
      tenant('Alpine Robotics Holding', 'Alpine Robotics Holding Maribor'),
      tenant('Alpine Robotics Trading', 'Alpine Robotics Holding Maribor'),
    ],
    80,
  );
  expect(lines.slice(2, 5).map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
    ['Alpi…lding', 'Alpin…ljana'],
    ['Alpi…lding', 'Alpin…ribor'],
    ['Alpi…ading', 'Alpine Rob…'],
  ]);
});

test('texts that differ have short forms that differ and fit, wherever they differ', () => {
  const part = fc.constantFrom('a', 'b', ' ', '日', family);
  const text = fc.array(part, { minLength: 1, maxLength: 40 }).map((parts) => parts.join('').trim());
  fc.assert(
    fc.property(fc.array(text, { maxLength: 12 }), fc.integer({ min: 4, max: 30 }), (texts, columns) => {
      const short = shortenApart(texts, columns);
      for (const form of short.values()) expect(stringWidth(form)).toBeLessThanOrEqual(columns);
      const begunAlike = new Set(texts.map((each) => shorten(each, columns))).size < new Set(texts).size;
      if (begunAlike) expect(short.size).toBe(new Set(texts).size);
    }),
  );
  const middle = ['2022', '2023', '2024'].map(
    (year) => `A long name${'-'.repeat(40)}${year}${'-'.repeat(40)}`,
  );
  expect([...shortenApart(middle, 12).values()]).toEqual(['A long nam…1', 'A long nam…2', 'A long nam…3']);
});
