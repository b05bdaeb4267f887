/** Entry point: command line, environment, signals and exit code. */
import { onStopSignal } from './stop-signals.ts';
import { parseCommandLine } from './command/command-line.ts';
import { readConfig, type Config } from './config/config.ts';
import type { Shutdown } from './server/drain.ts';
import { startFault } from './command/start-fault.ts';
import { createAuditLog, createLog, type Log } from './telemetry/log.ts';

/**
 * Time for running operations after SIGTERM, in milliseconds. The last responses, spans and log lines use the rest of
 * the shutdown time.
 */
const answeringMs = (limitMs: number) => 0.7 * limitMs - 400;
/** Time to write the last lines of log and audit. */
const lastLinesMs = (limitMs: number) => Math.min(1000, 0.04 * limitMs);
/** Time for the process to end without `process.exit` after the gateway has stopped. */
const lastMomentMs = (limitMs: number) => Math.min(250, 0.02 * limitMs);
/** Maximum time to write the reason to standard error before the exit: a full pipe may never be read. */
const faultReadMs = 2000;

void main();

async function main(): Promise<void> {
  try {
    const command = parseCommandLine(process.argv.slice(2));
    if (command.kind === 'run') await run();
    else process.exitCode = await (await import('./command/command.ts')).runCommand(command);
    if (process.exitCode === 1) setTimeout(() => process.exit(), faultReadMs).unref();
  } catch (error) {
    // Open handles may keep the process alive.
    setTimeout(() => process.exit(1), faultReadMs);
    process.stderr.write(`${startFault(error)}\n`, () => process.exit(1));
  }
}

async function run(): Promise<void> {
  const config = readConfig(process.env);
  const processLog = createLog(config.log, process.stdout.isTTY);
  const { log } = processLog;
  const report = (error: unknown) => {
    log.error({ err: error }, 'unexpected error');
  };
  const audit = createAuditLog(log, config.log);
  // Log rotation sends it. Without a file, SIGHUP from a closed terminal ends the process.
  if (config.log.auditFile !== null) process.on('SIGHUP', audit.reopen);
  // Loaded after signal handlers are set, because loading takes most of the start time.
  const { startGateway } = await import('./gateway.ts');
  const gateway = await startGateway(config, {
    report,
    writeAudit: audit.write,
    log,
    droppedLines: () => ({ log: processLog.dropped, audit: audit.dropped }),
  });
  announce(config, gateway.url, log);
  const { delayMs, limitMs } = config.shutdown;
  const stop = (shutdown: Partial<Shutdown>) => {
    const limit = setTimeout(() => {
      log.error('Shutting down took too long.');
      process.exit(1);
    }, limitMs);
    limit.unref();
    gateway
      .stop({ ...shutdown, limitMs: answeringMs(limitMs) })
      .catch((error: unknown) => {
        report(error);
        process.exitCode = 1;
      })
      .finally(async () => {
        const linesMs = lastLinesMs(limitMs);
        await Promise.all([audit.end(linesMs), processLog.end(linesMs)]);
        // Does not wait for open handles, such as those of an unresponsive trace collector.
        setTimeout(() => process.exit(), lastMomentMs(limitMs)).unref();
      });
  };
  onStopSignal((signal) => {
    // SIGINT comes from a terminal; no load balancer has to notice.
    stop({ delayMs: signal === 'SIGINT' ? 0 : delayMs });
  });
}

function announce({ upstream, callers }: Config, url: string, log: Log): void {
  if (upstream.kind === 'remote' && callers.kind === 'open') {
    log.warn(
      'CALLERS=open: every client that reaches this gateway sees all customers. Set CALLERS_KEYS_FILE or CALLERS_JWT_ISSUER to authenticate callers.',
    );
  }
  const over =
    upstream.kind === 'embedded'
      ? 'the embedded simulation'
      : upstream.kind === 'remote'
        ? upstream.apiUrl.origin
        : `the profiles ${[...upstream.profiles.keys()].join(', ')}`;
  log.info(`Elements Graph over ${over} is ready: ${url}/graphql`);
}
