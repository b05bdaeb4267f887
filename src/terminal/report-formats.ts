/** A finished report as text: the worst covered tenants first. */
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import { stringify } from 'csv-stringify/sync';
import type { ReportSubscription } from './generated/operations.ts';
import type { ReportFormat } from './report-options.ts';

type Report = ReportSubscription['protectionReport'];
export type ReportedTenant = NonNullable<Report['tenant']>;
export type ReportTotals = NonNullable<Report['totals']>;

/** With a line break at its end. */
export function formatReport(
  format: ReportFormat,
  tenants: readonly ReportedTenant[],
  totals: ReportTotals,
): string {
  const inOrder = [...tenants].sort(byCoverage);
  switch (format) {
    case 'table':
      return tableOf(inOrder, totals);
    case 'json':
      return `${JSON.stringify({ tenants: inOrder, totals }, null, 2)}\n`;
    case 'csv':
      return csvOf(inOrder);
  }
}

function byCoverage(left: ReportedTenant, right: ReportedTenant): number {
  // Tenants without users last, and of those that are alike, in the order of their names.
  const [one, other] = [left.summary.coverage ?? 2, right.summary.coverage ?? 2];
  return (
    one - other ||
    nameOf(left).localeCompare(nameOf(right), 'en') ||
    (left.tenantId < right.tenantId ? -1 : 1)
  );
}

function nameOf({ organization, name }: ReportedTenant): string {
  return `${organization ?? ''} ${name ?? ''}`;
}

function tableOf(tenants: readonly ReportedTenant[], totals: ReportTotals): string {
  const table = new Table({
    head: ['Customer', 'Tenant', 'Coverage', 'Users', 'Protected', 'Partially', 'Unprotected', 'No row', ''],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
    wordWrap: false,
  });
  for (const { organization, name, tenantId, summary } of tenants) {
    table.push([shown(organization), shown(name ?? tenantId), ...numbersOf(summary), noteOf(summary)]);
  }
  const { length } = tenants;
  table.push([
    'All',
    `${length.toLocaleString('en')} ${length === 1 ? 'tenant' : 'tenants'}`,
    ...numbersOf(totals),
    noteOf(totals),
  ]);
  const reasons = totals.missing.map(
    ({ customerId, tenantId, code, message }) =>
      `Missing: tenant ${shown(tenantId)} of customer ${shown(customerId)}: ${code}: ${message}\n`,
  );
  return `${table.toString()}\n${reasons.join('')}`;
}

function numbersOf(summary: ReportTotals | ReportedTenant['summary']): string[] {
  const { coverage, userCount, protectedCount, partiallyProtectedCount, unprotectedCount, notInBackupCount } =
    summary;
  return [
    coverage === null ? '' : `${(coverage * 100).toFixed(1)} %`,
    ...[userCount, protectedCount, partiallyProtectedCount, unprotectedCount, notInBackupCount].map(
      (number) => number.toLocaleString('en'),
    ),
  ];
}

function noteOf({ isComplete, changedWhileRead }: ReportTotals | ReportedTenant['summary']): string {
  if (!isComplete) return 'incomplete';
  return changedWhileRead ? 'changed while it was read' : '';
}

/** What the upstream names a thing is no command for the reader's terminal. */
function shown(text: string | null): string {
  return stripVTControlCharacters(text ?? '').replace(/\p{Cc}/gu, ' ');
}

function csvOf(tenants: readonly ReportedTenant[]): string {
  const modules = new Map(
    tenants
      .flatMap(({ summary }) => summary.modules)
      .map(
        ({ module, moduleCode }) =>
          [moduleCode, module === 'UNKNOWN' ? `MODULE_${moduleCode}` : module] as const,
      )
      .sort(([left], [right]) => left - right),
  );
  const rows = tenants.map(({ customerId, organization, tenantId, name, summary }) => ({
    customerId,
    organization,
    tenantId,
    tenant: name,
    coverage: summary.coverage,
    users: summary.userCount,
    protected: summary.protectedCount,
    partiallyProtected: summary.partiallyProtectedCount,
    unprotected: summary.unprotectedCount,
    notInBackup: summary.notInBackupCount,
    unmatchedStatusCount: summary.unmatchedStatusCount,
    ...Object.fromEntries(
      [...modules].flatMap(([code, module]) => {
        const counts = summary.modules.find(({ moduleCode }) => moduleCode === code);
        return [
          [`${module}_protected`, counts?.protectedCount ?? 0],
          [`${module}_unprotected`, counts?.unprotectedCount ?? 0],
        ];
      }),
    ),
    asOf: summary.asOf,
    missing: summary.missing.map(({ code }) => code).join(' '),
  }));
  const [first] = rows;
  return stringify(rows, {
    header: true,
    columns: first === undefined ? ['customerId', 'organization', 'tenantId', 'tenant'] : Object.keys(first),
    record_delimiter: 'windows',
    // No text becomes a formula in a spreadsheet, or a cell or a row of its own in any reader.
    quote_record_delimiter: true,
    quoted_match: /[;|\t\v\f\u0085\u2028\u2029]|^\s|\s$/,
    escape_formulas: true,
    cast: { string: withoutFormulas },
  });
}

/**
 * Puts an apostrophe before what could be taken for a formula where csv-stringify does not: after white space, control
 * characters and quotes, and after a separator of another kind of CSV, at which a reader that expects it begins a cell.
 */
function withoutFormulas(text: string): string {
  const escaped = text.replace(
    /(?:^[\s\p{Cc}\p{Cf}"]+|[;|\t\r\n\v\f\u0085\u2028\u2029,][\s\p{Cc}\p{Cf}"]*)(?=[=+\-@＝＋－＠])/gu,
    "$&'",
  );
  return escaped.startsWith('\n') ? `'${escaped}` : escaped;
}
