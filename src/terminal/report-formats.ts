/** A finished report as text: the worst covered tenants first. */
import { stringify } from 'csv-stringify/sync';
import type { ProtectionModule } from './generated/operations.ts';
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

/** Named modules, in the order of their codes: each has its columns, so that every report has the same header. */
const namedModules = [
  'MAILBOX',
  'SHAREPOINT',
  'ONEDRIVE',
  'MICROSOFT_365_GROUPS',
  'PROJECT',
  'PUBLIC_FOLDERS',
  'TEAMS',
  'VIVA_ENGAGE',
  'TEAMS_CHAT',
  'POWER_BI',
  'POWER_AUTOMATE',
  'POWER_APPS',
  'COPILOT_STUDIO',
] as const satisfies readonly ProtectionModule[];

type ModuleCounts = ReportedTenant['summary']['modules'][number];

function moduleNameOf({ module, moduleCode }: ModuleCounts): string {
  return module === 'UNKNOWN' ? `MODULE_${moduleCode}` : module;
}

function csvOf(tenants: readonly ReportedTenant[]): string {
  const counted = tenants.flatMap(({ summary }) => summary.modules);
  const unknown = counted
    .filter(({ module }) => module === 'UNKNOWN')
    .sort((left, right) => left.moduleCode - right.moduleCode);
  const modules = [...new Set([...namedModules, ...unknown.map(moduleNameOf)])];
  const columns = [
    ...['customerId', 'organization', 'tenantId', 'tenant', 'coverage', 'users', 'protected'],
    ...['partiallyProtected', 'unprotected', 'notInBackup', 'unmatchedStatusCount'],
    ...modules.flatMap((module) => [`${module}_protected`, `${module}_unprotected`]),
    ...['asOf', 'missing'],
  ];
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
      modules.flatMap((module) => [
        [`${module}_protected`, 0],
        [`${module}_unprotected`, 0],
      ]),
    ),
    ...Object.fromEntries(
      summary.modules.flatMap((counts) => [
        [`${moduleNameOf(counts)}_protected`, counts.protectedCount],
        [`${moduleNameOf(counts)}_unprotected`, counts.unprotectedCount],
      ]),
    ),
    asOf: summary.asOf,
    missing: summary.missing.map(({ reason }) => reason).join(' '),
  }));
  return stringify(rows, {
    header: true,
    columns,
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
