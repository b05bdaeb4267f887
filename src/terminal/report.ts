/** The report command: asks a gateway for a report, shows its progress, and prints it. */
import { createClient } from 'graphql-sse';
import { startFault } from '../command/start-fault.ts';
import { readConfig, type Config } from '../config/config.ts';
import { startGateway } from '../gateway.ts';
import { errorCodeOf, explainFailure } from '../transport/failure-cause.ts';
import type { ReportSubscription } from './generated/operations.ts';
import { ProgressBar } from './progress-bar.ts';
import { formatReport, type ReportedTenant, type ReportTotals } from './report-formats.ts';
import { parseReportOptions, ReportOptionsError, reportUsage, type ReportOptions } from './report-options.ts';

const query = /* GraphQL */ `
  subscription Report($filter: CustomerFilter) {
    protectionReport(filter: $filter) {
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
      tenantId
      code
      message
      retryable
    }
  }
`;

/** The gateway has answered with errors, or not to the end. */
class ReportError extends Error {
  override readonly name = 'ReportError';
}

try {
  const options = parseReportOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(`${reportUsage}\n`);
  else process.exitCode = await report(options);
} catch (error) {
  const isOwn = error instanceof ReportOptionsError || error instanceof ReportError;
  process.stderr.write(`${isOwn ? error.message : startFault(error)}\n`);
  if (error instanceof ReportOptionsError) process.stderr.write('See npm run report -- --help.\n');
  process.exitCode = 1;
}

async function report(options: ReportOptions): Promise<number> {
  if (options.url !== null) return reportFrom(options.url, options);
  // Nobody else is to find it.
  const config = readConfig(process.env, true);
  const upstream = profileOf(config.upstream, options.profile);
  const gateway = await startGateway(
    { ...config, host: '127.0.0.1', port: 0, upstream },
    { report: (error) => process.stderr.write(`${String(error)}\n`) },
  );
  try {
    return await reportFrom(new URL('/graphql', gateway.url), options);
  } finally {
    await gateway.stop();
  }
}

function profileOf(upstream: Config['upstream'], profile: string | null): Config['upstream'] {
  const profiles = upstream.kind === 'profiles' ? upstream.profiles : new Map<string, never>();
  if (profile === null && upstream.kind !== 'profiles') return upstream;
  const chosen = profiles.get(profile ?? '');
  if (chosen !== undefined) return chosen;
  const known = profiles.size === 0 ? 'AVEPOINT_PROFILES, which names none' : [...profiles.keys()].join(', ');
  throw new ReportOptionsError(`--profile: expected one of ${known}`);
}

async function reportFrom(url: URL, { filter, format, headers }: ReportOptions): Promise<number> {
  let connectionError: unknown = null;
  const client = createClient({
    url: url.href,
    headers,
    retryAttempts: 0,
    // The client's own error does not have the cause.
    fetchFn: (...args: Parameters<typeof fetch>) =>
      fetch(...args).catch((error: unknown) => {
        connectionError = error;
        throw error;
      }),
  });
  const bar = new ProgressBar(process.stderr);
  const tenants: ReportedTenant[] = [];
  let totals: ReportTotals | null = null;
  // Leaving the loop would end the report; the process ends it as well.
  process.once('SIGINT', () => {
    bar.clear();
    process.exit(130);
  });
  try {
    const asked = { query, variables: { filter } };
    for await (const { data, errors } of client.iterate<ReportSubscription>(asked)) {
      if (errors !== undefined) throw new ReportError(errors.map(({ message }) => message).join('\n'));
      if (!data) continue;
      const { progress, tenant, totals: all } = data.protectionReport;
      bar.show(progress);
      if (tenant !== null) tenants.push(tenant);
      totals = all;
    }
  } catch (error) {
    if (error instanceof ReportError) throw error;
    throw new ReportError(failureOf(url, connectionError ?? error));
  } finally {
    bar.clear();
    client.dispose();
  }
  if (totals === null) throw new ReportError(`${shown(url)} ended the report before its end.`);
  process.stdout.write(formatReport(format, tenants, totals));
  return totals.isComplete ? 0 : 2;
}

/** Without the URL's user, password and query. */
function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

function failureOf(url: URL, error: unknown): string {
  // The client's own errors say what was answered; those of the connection have a code.
  if (errorCodeOf(error) !== '')
    return explainFailure(error, { name: 'The gateway', url, setting: '--url' }).text;
  // Of a request that was not made, such as one to a port that `fetch` blocks, the cause alone says why.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return `${shown(url)} did not answer to the end: ${reason}`;
}
