/** Entry point: reads the environment, handles signals, and sets the exit code. */
import { onStopSignal } from './stop-signals.ts';
import { setFlagsFromString } from 'node:v8';
import { parseCommandLine } from './command/command-line.ts';
import { readConfig, type Config } from './config/config.ts';
import type { Shutdown } from './server/drain.ts';
import { startFault } from './command/start-fault.ts';
import { createAuditLog, createLog, type Log } from './telemetry/log.ts';

// By default, V8 lets garbage grow to several times the live heap (docs/decisions/0012).
setFlagsFromString('--heap-growing-percent=75');

/** Deadline of running operations after SIGTERM. The rest is for the last responses, spans and log lines. */
const operationsMs = (limitMs: number) => 0.83 * limitMs - 400;
/** Time to write the last lines of the log, and of the audit. */
const lastLinesMs = (limitMs: number) => Math.min(1000, 0.04 * limitMs);
/** Time for the process to end by itself after the gateway has stopped. */
const exitMs = (limitMs: number) => Math.min(250, 0.02 * limitMs);
/** Time to write the reason of a failure before the process exits: a full pipe may never be read. */
const faultWriteMs = 2000;

try {
  const command = parseCommandLine(process.argv.slice(2));
  if (command.kind === 'run') await run();
  else process.exitCode = await (await import('./command/command.ts')).runCommand(command);
  if (process.exitCode === 1) setTimeout(() => process.exit(), faultWriteMs).unref();
} catch (error) {
  // Resources opened before may keep the process alive.
  setTimeout(() => process.exit(1), faultWriteMs);
  process.stderr.write(`${startFault(error)}\n`, () => process.exit(1));
}

async function run(): Promise<void> {
  const config = readConfig(process.env);
  const processLog = createLog(config.log, process.stdout.isTTY);
  const { log } = processLog;
  const report = (error: unknown) => {
    log.error({ err: error }, 'unexpected error');
  };
  const audit = createAuditLog(log, config.log);
  // Log rotation sends SIGHUP; without a file, it ends the process, as at the end of a terminal session.
  if (config.log.auditFile !== null) process.on('SIGHUP', audit.reopen);
  // Loaded after the handler above, since loading takes most of the start.
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
      .stop({ ...shutdown, limitMs: operationsMs(limitMs) })
      .catch((error: unknown) => {
        report(error);
        process.exitCode = 1;
      })
      .finally(async () => {
        const linesMs = lastLinesMs(limitMs);
        await Promise.all([audit.end(linesMs), processLog.end(linesMs)]);
        // Open sockets, such as to a trace collector that does not respond, must not delay the exit.
        setTimeout(() => process.exit(), exitMs(limitMs)).unref();
      });
  };
  onStopSignal((signal) => {
    // SIGINT comes from a terminal, without load balancers to wait for.
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
