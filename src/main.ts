/** The process: environment in, signals handled, an exit code out. */
import cluster from 'node:cluster';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { KeyFileError } from './callers/api-keys.ts';
import { ConfigError, readConfig, type Config } from './config/config.ts';
import type { UpstreamConfig } from './config/upstream.ts';
import { findUpstream, startGateway } from './gateway.ts';
import type { Shutdown } from './server/drain.ts';
import { ManifestError } from './server/pipeline/trusted-documents.ts';
import { createAuditLog, createLog, type Log } from './telemetry/log.ts';
import { answerWorkers, shareWithAll } from './telemetry/worker-metrics.ts';
import { countRatesOfWorkers, countRatesTogether } from './worker-rates.ts';
import { startWorkers, reportReady } from './workers.ts';

// By itself, V8 lets garbage grow to several times what is in use before it collects it (docs/decisions/0012).
setFlagsFromString('--heap-growing-percent=75');

/** Share of the time to shut down after which operations are answered with what they have; the rest is for closing. */
const answeringShare = 0.85;

/** After the gateway has stopped, the process may take so long to end by itself. */
const lastMomentMs = 250;

try {
  const config = readConfig(process.env);
  const log = createLog(config.log, process.stdout.isTTY);
  if (config.workers > 1 && cluster.isPrimary) await runWorkers(config, log);
  else await runGateway(config, log);
} catch (error) {
  process.stderr.write(`${startFault(error)}\n`);
  process.exitCode = 1;
  // A worker's channel to the primary would hold the process.
  if (process.connected) process.disconnect();
}

/** Why the process can't start: in words if the settings, a file or the port are at fault, and else with a stack. */
function startFault(error: unknown): string {
  const isExpected =
    error instanceof ConfigError || error instanceof KeyFileError || error instanceof ManifestError;
  if (isExpected) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  const isOfAddress = ['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES', 'ENOTFOUND'].includes(code ?? '');
  return isOfAddress ? `The gateway can't listen: ${message}. Set PORT or HOST.` : inspect(error);
}

async function runGateway(config: Config, log: Log): Promise<void> {
  const report = (error: unknown) => {
    log.error({ err: error }, 'a fault of the gateway or of what it runs on');
  };
  const audit = createAuditLog(log, config.log);
  // As tools that rotate files tell of it; without a file, the end of a terminal is that of the gateway.
  if (config.log.auditFile !== null) process.on('SIGHUP', audit.reopen);
  const gateway = await startGateway(config, {
    report,
    writeAudit: audit.write,
    log,
    shareMetrics: cluster.isWorker ? shareWithAll : null,
    takeOfWorkers: cluster.isWorker ? countRatesTogether() : null,
  });
  if (cluster.isWorker) reportReady(gateway.url);
  else announce(config, gateway.url, log);
  const { delayMs, limitMs } = config.shutdown;
  const stop = (shutdown: Partial<Shutdown>) => {
    const limit = setTimeout(() => {
      log.error('Shutting down took too long.');
      process.exit(1);
    }, limitMs);
    limit.unref();
    gateway
      .stop({ ...shutdown, limitMs: Math.min(limitMs - 500, answeringShare * limitMs) })
      .catch((error: unknown) => {
        report(error);
        process.exitCode = 1;
      })
      .finally(() => {
        // The channel to the primary would hold the process.
        if (process.connected) process.disconnect();
        // What still holds it then, such as a collector of traces that does not answer, is not waited for.
        setTimeout(() => process.exit(), lastMomentMs).unref();
      });
  };
  process.once('SIGTERM', () => {
    stop({ delayMs });
  });
  // From a terminal: nobody balances load there.
  process.once('SIGINT', () => {
    stop({ delayMs: 0 });
  });
}

async function runWorkers(config: Config, log: Log): Promise<void> {
  // One simulation for all of them.
  const { profiles, stop: stopUpstream } = await findUpstream(config);
  answerWorkers();
  countRatesOfWorkers();
  const workers = startWorkers({
    count: config.workers,
    environment: {
      ...(config.upstream.kind === 'embedded' ? settingsOf(profiles.get(null)) : {}),
      // As the simulation itself is, where nothing else is said.
      ...(config.upstream.kind === 'embedded' && config.callers.kind === 'open' ? { CALLERS: 'open' } : {}),
    },
    report: (message) => {
      log.error(message);
    },
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      // A terminal's SIGINT reaches the workers by itself, and a second one would end them at once.
      workers.stop('SIGTERM');
    });
  }
  if (config.log.auditFile !== null) {
    process.on('SIGHUP', () => {
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGHUP');
    });
  }
  workers.url.then(
    (url) => {
      announce(config, url, log);
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : inspect(error)}\n`);
    },
  );
  process.exitCode = await workers.exitCode;
  await stopUpstream();
}

/** The simulation, as a worker's settings name it. */
function settingsOf(simulation: UpstreamConfig | undefined): Readonly<Record<string, string>> {
  if (simulation?.credential.kind !== 'secret') return {};
  return {
    AVEPOINT_API_URL: simulation.apiUrl.href,
    AVEPOINT_TOKEN_URL: simulation.tokenUrl.href,
    AVEPOINT_CLIENT_ID: simulation.clientId,
    AVEPOINT_CLIENT_SECRET: simulation.credential.secret.reveal(),
    AVEPOINT_SCOPE: simulation.scope,
  };
}

function announce({ upstream, callers }: Config, url: string, log: Log): void {
  if (upstream.kind === 'remote' && callers.kind === 'open') {
    log.warn(
      'Whoever reaches this gateway sees all customers, as CALLERS=open says: set CALLERS_KEYS_FILE or CALLERS_JWT_ISSUER to let in only whom you know.',
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
