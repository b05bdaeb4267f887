/** The process: environment in, signals handled, an exit code out. */
/* eslint-disable no-console -- the console is what a process speaks through */
import { ConfigError, readConfig } from './config.ts';
import { startGateway } from './gateway.ts';
import type { Shutdown } from './server/http.ts';

/** Before the process must be gone, operations answer with what they have. */
const lastAnswersMs = 500;

try {
  const config = readConfig(process.env);
  const gateway = await startGateway(config, {
    report: (error) => {
      console.error(error);
    },
  });
  const upstream =
    config.upstream.kind === 'embedded' ? 'the embedded simulation' : config.upstream.apiUrl.origin;
  console.log(`Elements Graph over ${upstream} is ready: ${gateway.url}/graphql`);
  const { delayMs, limitMs } = config.shutdown;
  const stop = (shutdown: Partial<Shutdown>) => {
    const limit = setTimeout(() => {
      console.error('Shutting down took too long.');
      process.exit(1);
    }, limitMs);
    limit.unref();
    gateway.stop({ ...shutdown, limitMs: limitMs - lastAnswersMs }).catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  };
  process.once('SIGTERM', () => {
    stop({ delayMs });
  });
  // From a terminal: nobody balances load there.
  process.once('SIGINT', () => {
    stop({ delayMs: 0 });
  });
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
}
