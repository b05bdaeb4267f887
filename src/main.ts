/** The process: environment in, signals handled, an exit code out. */
/* eslint-disable no-console -- the console is what a process speaks through */
import { ConfigError, readConfig } from './config.ts';
import { startGateway } from './gateway.ts';

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
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void gateway.stop();
    });
  }
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
}
