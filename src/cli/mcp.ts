/**
 * Connects assistants on this computer: forwards each message of the Model Context Protocol from the standard input to
 * a gateway's endpoint, with the checks, limits and audit lines of any other caller.
 */
import { randomBytes } from 'node:crypto';
import { onStopSignal } from '../stop-signals.ts';
import { startFault } from '../command/start-fault.ts';
import { readConfig, type Config } from '../config/config.ts';
import { Secret } from '../secret.ts';
import { createAuditLog } from '../telemetry/log.ts';
import { mcpUsage, parseMcpOptions } from './mcp-options.ts';
import { MessageBridge } from './message-bridge.ts';
import { OptionsError } from './option-values.ts';
import { exitCodes } from './report-outcome.ts';

const keyBytes = 32;
/** Twice the default of READER_TIMEOUT_MS. */
const readerTimeoutMs = 60_000;
/** Time for answers pending when the input ends, as with messages from a pipe. */
const drainMs = 60_000;
/** Time to write the last audit lines after the client has disconnected. */
const lastLinesMs = 1000;

const log = (text: unknown) => {
  process.stderr.write(`${String(text)}\n`);
};

run().catch((error: unknown) => {
  const isOfOptions = error instanceof OptionsError;
  log(isOfOptions ? `${error.message}\nSee npm run -s mcp -- --help.` : startFault(error));
  process.exitCode = isOfOptions ? exitCodes.usage : exitCodes.failed;
});

async function run(): Promise<void> {
  const options = parseMcpOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(`${mcpUsage}\n`);
    return;
  }
  const { url, key, stop } = options.url === null ? await startOwn(options.profile) : remote(options.url);
  const bridge = new MessageBridge({
    url,
    headers: key === null ? {} : { 'x-api-key': key.reveal() },
    log,
    input: process.stdin,
    output: process.stdout,
    readerTimeoutMs,
    drainMs,
  });
  // The client may have exited.
  process.stderr.on('error', () => undefined);
  const end = (exitCode: number) => {
    process.exitCode = exitCode;
    bridge.close();
    stop()
      .catch(log)
      .finally(() => process.exit());
  };
  onStopSignal(() => {
    end(exitCodes.complete);
  });
  bridge.start(end);
}

interface Endpoint {
  readonly url: URL;
  readonly key: Secret | null;
  readonly stop: () => Promise<void>;
}

function remote(url: URL): Endpoint {
  const key = process.env['GRAPH_KEY'] ?? '';
  return { url, key: key === '' ? null : new Secret(key), stop: () => Promise.resolve() };
}

/** Starts a gateway that answers only this process: other processes on this computer don't have its key. */
async function startOwn(profile: string | null): Promise<Endpoint> {
  const config = readConfig({ ...process.env, MCP: 'on' }, true);
  const key = new Secret(randomBytes(keyBytes).toString('base64url'));
  const warn = (...texts: unknown[]) => {
    log(texts.at(-1));
  };
  const audit = createAuditLog(
    { info: () => undefined, warn, error: warn },
    { ...config.log, level: 'silent' },
  );
  // Loaded only here, since it takes most of the start time.
  const { startGateway } = await import('../gateway.ts');
  const gateway = await startGateway(
    {
      ...config,
      host: '127.0.0.1',
      port: 0,
      callers: { kind: 'secret', key, name: 'stdio', requestsPerMinute: null },
      upstream: upstreamOf(config, profile),
      endpoint: { ...config.endpoint, hasExplorer: false, exports: 'off' },
    },
    { report: log, writeAudit: audit.write, log: { info: () => undefined, warn: log } },
  );
  return {
    url: new URL('/mcp', gateway.url),
    key,
    stop: async () => {
      await gateway.stop();
      await audit.end(lastLinesMs);
    },
  };
}

function upstreamOf({ upstream }: Config, profile: string | null): Config['upstream'] {
  if (profile === null && upstream.kind !== 'profiles') return upstream;
  const profiles = upstream.kind === 'profiles' ? upstream.profiles : new Map<string, never>();
  const chosen = profiles.get(profile ?? '');
  if (chosen !== undefined) return chosen;
  const known = profiles.size === 0 ? 'AVEPOINT_PROFILES, which names none' : [...profiles.keys()].join(', ');
  throw new OptionsError(`--profile: expected one of ${known}`);
}
