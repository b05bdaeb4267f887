/** The process: environment in, signals handled, an exit code out. */
/* eslint-disable no-console -- the console is what a process speaks through */
import cluster from 'node:cluster';
import { setFlagsFromString } from 'node:v8';
import { ConfigError, readConfig, type Config } from './config.ts';
import { findUpstream, startGateway } from './gateway.ts';
import type { Shutdown } from './server/http.ts';
import { startWorkers, tellReady } from './workers.ts';

// By itself, V8 lets garbage grow to several times what is in use before it collects it (docs/decisions/0012).
setFlagsFromString('--heap-growing-percent=75');

/** Before the process must be gone, operations answer with what they have. */
const lastAnswersMs = 500;

try {
  const config = readConfig(process.env);
  if (config.workers > 1 && cluster.isPrimary) await runWorkers(config);
  else await runGateway(config);
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
}

async function runGateway(config: Config): Promise<void> {
  const gateway = await startGateway(config, {
    report: (error) => {
      console.error(error);
    },
  });
  if (cluster.isWorker) tellReady(gateway.url);
  else announce(config, gateway.url);
  const { delayMs, limitMs } = config.shutdown;
  const stop = (shutdown: Partial<Shutdown>) => {
    const limit = setTimeout(() => {
      console.error('Shutting down took too long.');
      process.exit(1);
    }, limitMs);
    limit.unref();
    gateway
      .stop({ ...shutdown, limitMs: limitMs - lastAnswersMs })
      .catch((error: unknown) => {
        console.error(error);
        process.exitCode = 1;
      })
      .finally(() => {
        // The channel to the primary would hold the process.
        if (process.connected) process.disconnect();
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

async function runWorkers(config: Config): Promise<void> {
  // One simulation for all of them.
  const { upstream, stop: stopUpstream } = await findUpstream(config);
  const { credential } = upstream;
  const workers = startWorkers({
    count: config.workers,
    environment: {
      ...(config.callsPerSecond === null
        ? {}
        : {
            AVEPOINT_CALLS_PER_SECOND: String(
              Math.max(1, Math.floor(config.callsPerSecond / config.workers)),
            ),
          }),
      ...(config.upstream.kind === 'remote' || credential.kind !== 'secret'
        ? {}
        : {
            AVEPOINT_API_URL: upstream.apiUrl.href,
            AVEPOINT_TOKEN_URL: upstream.tokenUrl.href,
            AVEPOINT_CLIENT_ID: upstream.clientId,
            AVEPOINT_CLIENT_SECRET: credential.secret.reveal(),
            AVEPOINT_SCOPE: upstream.scope,
          }),
    },
    report: console.error,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      // A terminal's SIGINT reaches the workers by itself, and a second one would end them at once.
      workers.stop('SIGTERM');
    });
  }
  workers.url.then(
    (url) => {
      announce(config, url);
    },
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
    },
  );
  process.exitCode = await workers.exitCode;
  await stopUpstream();
}

function announce({ upstream }: Config, url: string): void {
  const over = upstream.kind === 'embedded' ? 'the embedded simulation' : upstream.apiUrl.origin;
  console.log(`Elements Graph over ${over} is ready: ${url}/graphql`);
}
