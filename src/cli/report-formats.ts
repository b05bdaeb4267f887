/** Formats a complete report, the worst coverage first. */
import { namedModules } from '../endpoint/protection-statuses.ts';
import type { Cells } from '../exports/cells.ts';
import { csvHeader, csvLines } from '../exports/csv.ts';
import type { ReportFormat } from './report-options.ts';
import { tableOf, type ReportedTenant, type ReportTotals } from './report-table.ts';
import { defaultColumns } from './text-width.ts';

export type { ReportedTenant, ReportTotals };

/**
 * Formats a report, with a line break at its end.
 *
 * @param columns columns of the terminal, which a table does not exceed
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
  // Tenants without users last; ties by name.
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

type ModuleCounts = ReportedTenant['summary']['modules'][number];

function moduleNameOf({ module, moduleCode }: ModuleCounts): string {
  return module === 'UNKNOWN' ? `MODULE_${moduleCode}` : module;
}

function csvOf(tenants: readonly ReportedTenant[]): string {
  const counted = tenants.flatMap(({ summary }) => summary.modules);
  const unknown = counted
    .filter(({ module }) => module === 'UNKNOWN')
    .sort((left, right) => left.moduleCode - right.moduleCode);
  // All named modules, so that every report has the same columns.
  const modules = [...new Set([...namedModules, ...unknown.map(moduleNameOf)])];
  const columns = [
    ...['customerId', 'organization', 'tenantId', 'tenant', 'coverage', 'users', 'protected'],
    ...['partiallyProtected', 'unprotected', 'notInBackup', 'unmatchedStatusCount'],
    ...modules.flatMap((module) => [`${module}_protected`, `${module}_unprotected`]),
    ...['asOf', 'missing'],
  ];
  const rows = tenants.map(({ customerId, organization, tenantId, name, summary }): Cells => {
    const countsOf = new Map(summary.modules.map((counts) => [moduleNameOf(counts), counts]));
    return [
      customerId,
      organization,
      tenantId,
      name,
      summary.coverage,
      summary.userCount,
      summary.protectedCount,
      summary.partiallyProtectedCount,
      summary.unprotectedCount,
      summary.notInBackupCount,
      summary.unmatchedStatusCount,
      ...modules.flatMap((module) => {
        const counts = countsOf.get(module);
        return [counts?.protectedCount ?? 0, counts?.unprotectedCount ?? 0];
      }),
      summary.asOf,
      summary.missing.map(({ reason }) => reason),
    ];
  });
  return csvHeader(columns) + csvLines(rows);
}
