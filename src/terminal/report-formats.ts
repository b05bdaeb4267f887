/** A finished report as text: the worst covered tenants first. */
import { stringify } from 'csv-stringify/sync';
import type { ReportFormat } from './report-options.ts';
import { tableOf, type ReportedTenant, type ReportTotals } from './report-table.ts';
import { defaultColumns } from './text-width.ts';

export type { ReportedTenant, ReportTotals };

/**
 * With a line break at its end.
 *
 * @param columns of the terminal, which a table does not exceed
 */
export function formatReport(
  format: ReportFormat,
  tenants: readonly ReportedTenant[],
  totals: ReportTotals,
  columns = defaultColumns,
): string {
  const inOrder = [...tenants].sort(byCoverage);
  switch (format) {
    case 'table':
      return tableOf(inOrder, totals, columns);
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
    missing: summary.missing.map(({ reason }) => reason).join(' '),
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
