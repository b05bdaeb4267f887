/** The report command. Queries a gateway, which it starts itself without --url. */
import { startFault } from '../command/start-fault.ts';
import { ConfigError, readConfig, type Config } from '../config/config.ts';
import { isFile, printChanges } from './compare.ts';
import { exportRows } from './export-rows.ts';
import { OptionsError } from './option-values.ts';
import { printReport } from './print-report.ts';
import { parseReportOptions, reportUsage, type ReportCommandOptions } from './report-options.ts';
import { exitCodes, ReportError } from './report-outcome.ts';
import { plainText } from './text-width.ts';

/** Resolves when the report has been written, or its failure, and the exit code is set. */
export const finished = main().catch((error: unknown) => {
  process.stderr.write(`${reasonOf(error)}\n`);
  if (error instanceof OptionsError) process.stderr.write('See npm run -s report -- --help.\n');
  process.exitCode =
    error instanceof OptionsError
      ? exitCodes.usage
      : error instanceof ReportError
        ? error.exitCode
        : exitCodes.failed;
});

async function main(): Promise<void> {
  // The exit code of a process that ends before its report is written.
  process.exitCode = exitCodes.failed;
  const options = parseReportOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(`${reportUsage}\n`);
  process.exitCode = options === null ? exitCodes.complete : await report(options);
}

/** Returns the reason of a failure: one line, or one for each faulty setting. */
function reasonOf(error: unknown): string {
  if (error instanceof OptionsError || error instanceof ReportError) return error.message;
  if (error instanceof ConfigError && error.mistakes.length === 1)
    return `The settings are not usable: ${error.mistakes.join()}`;
  const reason = startFault(error);
  const isUnexpected = error instanceof Error && reason !== error.message;
  return isUnexpected ? `The report can't be made: ${plainText(error.message)}` : reason;
}

/** Returns the function that queries a gateway, prints, and resolves to the exit code. */
function commandOf(options: ReportCommandOptions): (url: URL) => Promise<number> {
  const { compare, rows } = options;
  if (compare !== null) {
    if (!isFile(compare)) throw new OptionsError(`--compare: there is no file ${JSON.stringify(compare)}`);
    return (url) => printChanges(url, compare, options);
  }
  if (rows !== null) return (url) => exportRows(url, rows, options);
  return (url) => printReport(url, options);
}

async function report(options: ReportCommandOptions): Promise<number> {
  const run = commandOf(options);
  if (options.url !== null) return run(options.url);
  const config = readConfig(process.env, true);
  const upstream = profileOf(config.upstream, options.profile);
  const faults = new Set<string>();
  // Loaded only here, since it takes most of the start time.
  const { startGateway } = await import('../gateway.ts');
  const gateway = await startGateway(
    // Any free port of loopback, unknown to other processes.
    { ...config, host: '127.0.0.1', port: 0, upstream, endpoint: { ...config.endpoint, exports: 'all' } },
    {
      report: (error) => process.stderr.write(`${String(error)}\n`),
      log: { info: () => undefined, warn: (fault: unknown) => faults.add(String(fault)) },
    },
  );
  try {
    return await run(new URL('/graphql', gateway.url));
  } catch (error) {
    throw error instanceof ReportError && error.exitCode === exitCodes.notConnected
      ? explained(error, faults, upstream)
      : error;
  } finally {
    await gateway.stop();
  }
}

/** Adds the faults of the command's own gateway, which name hosts and settings that responses must not reveal. */
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
  throw new OptionsError(`--profile: expected one of ${known}`);
}
