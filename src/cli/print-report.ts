/** Prints a gateway's report, and its progress meanwhile. */
import { createClient } from 'graphql-sse';
import { errorOf, failureOf, refusalOf, shown } from './gateway-answers.ts';
import { fetchGateway } from './gateway-fetch.ts';
import type { ReportSubscription } from './generated/operations.ts';
import { ProgressBar } from './progress-bar.ts';
import { formatReport, type ReportedTenant, type ReportTotals } from './report-formats.ts';
import { filterInWords, type ReportFilter, type ReportCommandOptions } from './report-options.ts';
import { exitCodes, onStop, ReportError } from './report-outcome.ts';
import { columnsOf } from './text-width.ts';

const query = /* GraphQL */ `
  subscription Report($filter: CustomerFilter, $users: UserFilter) {
    protectionReport(filter: $filter, users: $users) {
      progress {
        tenantsDone
        tenantsTotal
        usersDone
        usersTotal
        calls
        secondsElapsed
        secondsLeft
      }
      tenant {
        customerId
        organization
        tenantId
        name
        summary {
          ...ReportSummary
        }
      }
      totals {
        ...ReportSummary
      }
    }
  }

  fragment ReportSummary on ProtectionSummary {
    coverage
    userCount
    protectedCount
    partiallyProtectedCount
    unprotectedCount
    notInBackupCount
    unmatchedStatusCount
    modules {
      module
      moduleCode
      protectedCount
      unprotectedCount
    }
    asOf
    changedWhileRead
    isComplete
    missing {
      customerId
      organization
      tenantId
      name
      reason
      message
      retryable
    }
  }
`;

// A closed pipe, as after `head`, keeps the exit code of the report.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code !== 'EPIPE') process.exitCode = exitCodes.failed;
});

/** Prints the report and resolves to the exit code. */
export async function printReport(
  url: URL,
  { filter, users, format, headers }: Pick<ReportCommandOptions, 'filter' | 'users' | 'format' | 'headers'>,
): Promise<number> {
  const { tenants, totals } = await readReport(url, { filter, users }, headers);
  const isNothing = tenants.length === 0 && totals.isComplete;
  // For programs, an empty report; for people, a sentence.
  if (!isNothing || format !== 'table')
    process.stdout.write(formatReport(format, tenants, totals, columnsOf(process.stdout)));
  if (!isNothing) return totals.isComplete ? exitCodes.complete : exitCodes.incomplete;
  process.stderr.write(`${nothingOf(filter)}\n`);
  return exitCodes.nothing;
}

function nothingOf(filter: ReportFilter | null): string {
  return filter === null
    ? 'There is nothing to report: the credential has no customer with a tenant.'
    : `No tenant matches: no customer with a tenant is one of ${filterInWords(filter)}.`;
}

interface ReadReport {
  readonly tenants: readonly ReportedTenant[];
  readonly totals: ReportTotals;
}

/** @throws ReportError */
async function readReport(
  url: URL,
  variables: Pick<ReportCommandOptions, 'filter' | 'users'>,
  headers: Readonly<Record<string, string>>,
): Promise<ReadReport> {
  // graphql-sse's errors lack the cause and the response's errors.
  let failure: unknown = null;
  const client = createClient({
    url: url.href,
    headers,
    retryAttempts: 0,
    fetchFn: async (...args: Parameters<typeof fetch>) => {
      try {
        const response = await fetchGateway(...args);
        if (!response.ok) throw await refusalOf(url, response);
        return response;
      } catch (error) {
        failure = error;
        throw error;
      }
    },
  });
  const bar = new ProgressBar(process.stderr);
  const tenants: ReportedTenant[] = [];
  let totals: ReportTotals | null = null;
  onStop(() => {
    bar.clear();
  });
  try {
    for await (const { data, errors } of client.iterate<ReportSubscription>({ query, variables })) {
      if (errors !== undefined) throw errorOf(errors);
      if (!data) continue;
      const { progress, tenant, totals: all } = data.protectionReport;
      bar.show(progress);
      if (tenant !== null) tenants.push(tenant);
      totals = all;
    }
  } catch (error) {
    if (error instanceof ReportError) throw error;
    throw failure instanceof ReportError ? failure : failureOf(url, failure, error);
  } finally {
    bar.clear();
    client.dispose();
  }
  if (totals === null)
    throw new ReportError(`${shown(url)} ended the report before its end.`, exitCodes.notConnected);
  return { tenants, totals };
}
