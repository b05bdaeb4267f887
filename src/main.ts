/** The process: environment in, signals handled, an exit code out. */
import { onStopSignal } from './stop-signals.ts';
import { setFlagsFromString } from 'node:v8';
import { parseCommandLine } from './command/command-line.ts';
import { readConfig, type Config } from './config/config.ts';
import type { Shutdown } from './server/drain.ts';
import { startFault } from './command/start-fault.ts';
import { createAuditLog, createLog, type Log } from './telemetry/log.ts';

// By itself, V8 lets garbage grow to several times what is in use before it collects it (docs/decisions/0012).
setFlagsFromString('--heap-growing-percent=75');

/**
 * How long running operations may go on after SIGTERM, in milliseconds: what is left of the time to shut down is for the
 * last responses, spans and lines, and for the process to end.
 */
const answeringMs = (limitMs: number) => 0.83 * limitMs - 400;
/** How long lines of the log, and of the audit, may take to be written. */
const lastLinesMs = (limitMs: number) => Math.min(1000, 0.04 * limitMs);
/** After the gateway has stopped, how long the process may take to end by itself. */
const lastMomentMs = (limitMs: number) => Math.min(250, 0.02 * limitMs);
/** Time to write the reason to the standard error before the process exits: a full pipe may never be read. */
const faultReadMs = 2000;

try {
  const command = parseCommandLine(process.argv.slice(2));
  if (command.kind === 'run') await run();
  else process.exitCode = await (await import('./command/command.ts')).runCommand(command);
  if (process.exitCode === 1) setTimeout(() => process.exit(), faultReadMs).unref();
} catch (error) {
  // What was opened before may hold the process.
  setTimeout(() => process.exit(1), faultReadMs);
  process.stderr.write(`${startFault(error)}\n`, () => process.exit(1));
}

async function run(): Promise<void> {
  const config = readConfig(process.env);
  const processLog = createLog(config.log, process.stdout.isTTY);
  const { log } = processLog;
  const report = (error: unknown) => {
    log.error({ err: error }, 'a fault of the gateway or of what it runs on');
  };
  const audit = createAuditLog(log, config.log);
  // As tools that rotate files request it; without a file, the end of a terminal is that of the gateway.
  if (config.log.auditFile !== null) process.on('SIGHUP', audit.reopen);
  // Loaded when signals are handled, since it takes most of the time to start.
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
        // What still holds it then, such as a collector of traces that does not answer, is not waited for.
        setTimeout(() => process.exit(), lastMomentMs(limitMs)).unref();
      });
  };
  onStopSignal((signal) => {
    // SIGINT is from a terminal, where no load is balanced.
    stop({ delayMs: signal === 'SIGINT' ? 0 : delayMs });
  });
}

function announce({ upstream, callers }: Config, url: string, log: Log): void {
  if (upstream.kind === 'remote' && callers.kind === 'open') {
    log.warn(
      'Every client that reaches this gateway sees all customers, since CALLERS=open requires no credential: set CALLERS_KEYS_FILE or CALLERS_JWT_ISSUER to authenticate callers.',
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
