/** The report command: asks a gateway for a report, shows its progress, and prints it. */
import { createClient } from 'graphql-sse';
import { startFault } from '../command/start-fault.ts';
import { ConfigError, readConfig, type Config } from '../config/config.ts';
import { startGateway } from '../gateway.ts';
import { exportRows } from './export-rows.ts';
import { errorOf, failureOf, refusalOf, shown } from './gateway-answers.ts';
import type { ReportSubscription } from './generated/operations.ts';
import { compareFile, isFile } from './compare.ts';
import { ProgressBar } from './progress-bar.ts';
import { formatReport, type ReportedTenant, type ReportTotals } from './report-formats.ts';
import {
  filterInWords,
  parseReportOptions,
  ReportOptionsError,
  reportUsage,
  type ReportFilter,
  type ReportOptions,
} from './report-options.ts';
import { exitCodes, ReportError } from './report-outcome.ts';
import { columnsOf, plainText } from './text-width.ts';

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
      organization
      tenantId
      name
      reason
      message
      retryable
    }
  }
`;

// If the reader has gone, as after `head`, the exit code is still that of the report.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code !== 'EPIPE') process.exitCode = exitCodes.failed;
});

try {
  const options = parseReportOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(`${reportUsage}\n`);
  else process.exitCode = await report(options);
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  if (error instanceof ReportOptionsError) process.stderr.write('See npm run -s report -- --help.\n');
  process.exitCode =
    error instanceof ReportOptionsError
      ? exitCodes.usage
      : error instanceof ReportError
        ? error.exitCode
        : exitCodes.failed;
}

/** In one line, but for several settings at fault, which have a line each. */
function reasonOf(error: unknown): string {
  if (error instanceof ReportOptionsError || error instanceof ReportError) return error.message;
  if (error instanceof ConfigError && error.mistakes.length === 1)
    return `The settings are not usable: ${error.mistakes.join()}`;
  const reason = startFault(error);
  const isUnexpected = error instanceof Error && reason !== error.message;
  return isUnexpected ? `The report can't be made: ${plainText(error.message)}` : reason;
}

async function report(options: ReportOptions): Promise<number> {
  const { compare } = options;
  if (compare !== null && !isFile(compare))
    throw new ReportOptionsError(`--compare: there is no file ${JSON.stringify(compare)}`);
  const ask = options.rows === null ? reportFrom : exportRows;
  if (options.url !== null) return ask(options.url, options);
  // No other process is to find it.
  const config = readConfig(process.env, true);
  const upstream = profileOf(config.upstream, options.profile);
  const faults = new Set<string>();
  const gateway = await startGateway(
    { ...config, host: '127.0.0.1', port: 0, upstream, endpoint: { ...config.endpoint, exports: 'all' } },
    {
      report: (error) =>
        process.stderr.write(`${String(error)}
`),
      log: { info: () => undefined, warn: (fault: unknown) => faults.add(String(fault)) },
    },
  );
  try {
    return await ask(new URL('/graphql', gateway.url), options);
  } catch (error) {
    throw error instanceof ReportError && error.exitCode === exitCodes.notConnected
      ? explained(error, faults, upstream)
      : error;
  } finally {
    await gateway.stop();
  }
}

/** The gateway is this process: its faults name the host and the setting, which its answers to callers must not. */
function explained(
  error: ReportError,
  faults: ReadonlySet<string>,
  upstream: Config['upstream'],
): ReportError {
  const ownUrl =
    upstream.kind === 'remote' ? `${error.message} The API's URL is AVEPOINT_API_URL.` : error.message;
  const text = faults.size === 0 ? ownUrl : [...faults].join('\n');
  return new ReportError(text, error.exitCode);
}

function profileOf(upstream: Config['upstream'], profile: string | null): Config['upstream'] {
  const profiles = upstream.kind === 'profiles' ? upstream.profiles : new Map<string, never>();
  if (profile === null && upstream.kind !== 'profiles') return upstream;
  const chosen = profiles.get(profile ?? '');
  if (chosen !== undefined) return chosen;
  const known = profiles.size === 0 ? 'AVEPOINT_PROFILES, which names none' : [...profiles.keys()].join(', ');
  throw new ReportOptionsError(`--profile: expected one of ${known}`);
}

/** The exit code, when the report has been printed. */
async function reportFrom(url: URL, options: ReportOptions): Promise<number> {
  const { filter, format, headers, compare } = options;
  if (compare !== null) return compareFrom(url, compare, options);
  const { tenants, totals } = await readReport(url, filter, headers);
  const isNothing = tenants.length === 0 && totals.isComplete;
  // A program that reads JSON or CSV finds an empty report; a reader of tables, a sentence.
  if (!isNothing || format !== 'table')
    process.stdout.write(formatReport(format, tenants, totals, columnsOf(process.stdout)));
  if (!isNothing) return totals.isComplete ? exitCodes.complete : exitCodes.incomplete;
  process.stderr.write(`${nothingOf(filter)}\n`);
  return exitCodes.nothing;
}

/** The exit code, when what changed has been printed. */
async function compareFrom(url: URL, file: string, { format, headers }: ReportOptions): Promise<number> {
  const columns = columnsOf(process.stdout);
  const { text, isComplete } = await compareFile(url, file, { format, headers, columns });
  process.stdout.write(text);
  return isComplete ? exitCodes.complete : exitCodes.incomplete;
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
  filter: ReportFilter | null,
  headers: Readonly<Record<string, string>>,
): Promise<ReadReport> {
  // The client's own errors lack the cause, and what a refusal says.
  let failure: unknown = null;
  const client = createClient({
    url: url.href,
    headers,
    retryAttempts: 0,
    fetchFn: async (...args: Parameters<typeof fetch>) => {
      try {
        const response = await fetch(...args);
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
  // Leaving the loop would end the report; the process ends it as well.
  for (const [signal, exitCode] of [
    ['SIGINT', exitCodes.interrupted],
    ['SIGTERM', exitCodes.terminated],
  ] as const) {
    process.once(signal, () => {
      bar.clear();
      process.exit(exitCode);
    });
  }
  try {
    const asked = { query, variables: { filter } };
    for await (const { data, errors } of client.iterate<ReportSubscription>(asked)) {
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
