/**
 * Assistants on this computer: messages of the Model Context Protocol on the standard input and output, each sent on to the
 * endpoint of a gateway, so that the same checks, limits and lines of the audit hold as for any other caller.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { onStopSignal } from '../stop-signals.ts';
import { startFault } from '../command/start-fault.ts';
import { readConfig, type Config } from '../config/config.ts';
import { startGateway, type Gateway } from '../gateway.ts';
import { Secret } from '../secret.ts';
import { createAuditLog } from '../telemetry/log.ts';
import { MessageBridge } from './message-bridge.ts';

const usage = `Lets an assistant on this computer ask, by the Model Context Protocol over the standard input and output.

Usage: npm run -s mcp -- [options]

  --url <url>       ask this gateway, such as https://graph.example.com/mcp; without it, one is started with the
                    settings of the environment, for this assistant alone
  --profile <name>  the upstream's credential, if AVEPOINT_PROFILES names several and there is no --url
  -h, --help        print this

The environment variable GRAPH_KEY is sent along as X-API-Key. Faults go to the standard error.`;

const keyBytes = 32;
/** Twice the default of READER_TIMEOUT_MS. */
const readerTimeoutMs = 60_000;
/** Time to write the last lines of the audit, after the client has disconnected. */
const lastLinesMs = 1000;

const log = (text: unknown) => {
  process.stderr.write(`${String(text)}\n`);
};

try {
  await run();
} catch (error) {
  log(isOfArguments(error) ? `${error.message}\nSee npm run -s mcp -- --help.` : startFault(error));
  process.exitCode = 1;
}

function isOfArguments(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const { url, key, stop } =
    values.url === undefined ? await startOwn(values.profile ?? null) : remote(values.url);
  const bridge = new MessageBridge({
    url,
    headers: key === null ? {} : { 'x-api-key': key.reveal() },
    log,
    input: process.stdin,
    output: process.stdout,
    readerTimeoutMs,
  });
  const end = () => {
    bridge.close();
    stop()
      .catch(log)
      .finally(() => process.exit());
  };
  onStopSignal(end);
  bridge.start(end);
}

interface Endpoint {
  readonly url: URL;
  readonly key: Secret | null;
  readonly stop: () => Promise<void>;
}

function remote(text: string): Endpoint {
  if (!URL.canParse(text) || !/^https?:/.test(text) || text.includes('@'))
    throw Object.assign(new Error('--url: expected an http or https URL without user and password'), {
      code: 'ERR_PARSE_ARGS_URL',
    });
  const key = process.env['GRAPH_KEY'] ?? '';
  return { url: new URL(text), key: key === '' ? null : new Secret(key), stop: () => Promise.resolve() };
}

/** A gateway that answers this process alone: other ones on this computer do not have its key. */
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
  const gateway: Gateway = await startGateway(
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
  throw Object.assign(new Error(`--profile: expected one of ${known}`), { code: 'ERR_PARSE_ARGS_PROFILE' });
}
