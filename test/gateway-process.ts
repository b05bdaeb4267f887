/** The gateway as its own process, as build.js has built it, so that what crashes it is seen. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'undici';
import type { Simulator } from '../src/simulator/simulator.ts';

export interface GatewayProcess {
  readonly url: string;
  readonly pid: number;
  /** What it wrote to its standard error, and what its log has beside information. */
  readonly complaints: () => string;
  /** Mebibytes of memory that it holds, by the system's own count. */
  readonly residentMebibytes: () => number;
  /** Bytes of its heap that are in use after a garbage collection. */
  readonly heapUsed: () => Promise<number>;
  /** CPU milliseconds that all its threads have used. */
  readonly cpuMs: () => Promise<number>;
  /** What an expression comes to within it; JSON. */
  readonly evaluate: (expression: string) => Promise<unknown>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Null where a signal ended it. */
  readonly exitCode: Promise<number | null>;
}

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * @param upstream null for the embedded simulation, in the same process
 * @param settings beside those that name the upstream
 * @param folder of the project whose build is started
 */
export async function startGatewayProcess(
  upstream: Simulator | null,
  settings: Readonly<Record<string, string>> = {},
  folder = root,
): Promise<GatewayProcess> {
  const child = spawn(
    process.execPath,
    ['--inspect=127.0.0.1:0', '--max-semi-space-size=24', 'dist/main.js'],
    {
      cwd: folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        PORT: '0',
        ...patience,
        ...(upstream === null ? {} : settingsOf(upstream)),
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const exitCode = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  let output = '';
  let complaints = '';
  child.stderr.on('data', (data: Buffer) => (complaints += data.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
      const found = /is ready: (\S+)\/graphql/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => {
      reject(new Error(`The gateway did not start: ${complaints}`));
    });
  });
  const inspector = /ws:\/\/\S+/.exec(complaints)?.[0] ?? '';
  return {
    url,
    pid: child.pid ?? 0,
    complaints: () =>
      complaints.replace(/^(Debugger |For help).*\n/gm, '') +
      output
        .split('\n')
        .filter((line) => line !== '' && !/"level":"info"|"msg":"CALLERS=open: /.test(line))
        .join('\n'),
    residentMebibytes: () => {
      const status = readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
    },
    heapUsed: () => heapUsed(inspector),
    cpuMs: async () => Number(await evaluate(inspector, cpuMsExpression)),
    evaluate: (expression) => evaluate(inspector, expression),
    kill: (signal) => child.kill(signal),
    exitCode,
  };
}

/** What the gateway has complained of, but for the upstream, if that fails on purpose. */
export function complaintsOfItself(gateway: GatewayProcess | undefined): string[] {
  const lines = (gateway?.complaints() ?? '').split('\n').filter(Boolean);
  return lines.filter((line) => !/"level":"warn".*"msg":"The (API|identity service) /.test(line));
}

/** Time limits that a busy machine does not reach: a test of one sets its own. */
export const patience = {
  AVEPOINT_TIMEOUT_MS: '600000',
  OPERATION_TIMEOUT_MS: '600000',
  MAX_EVENT_LOOP_DELAY_MS: '600000',
};

export function settingsOf({ credentials }: Simulator): Readonly<Record<string, string>> {
  return {
    CALLERS: 'open',
    AVEPOINT_API_URL: credentials.apiUrl.href,
    AVEPOINT_TOKEN_URL: credentials.tokenUrl.href,
    AVEPOINT_CLIENT_ID: credentials.clientId,
    AVEPOINT_CLIENT_SECRET: credentials.credential.secret.reveal(),
  };
}

/** Ends a process that a test has left running. */
export async function endProcess(gateway: GatewayProcess | undefined): Promise<void> {
  gateway?.kill('SIGKILL');
  await gateway?.exitCode;
}

const cpuMsExpression =
  '(() => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; })()';

async function heapUsed(inspector: string): Promise<number> {
  const { usedSize } = (await callInspector(inspector, [
    ['HeapProfiler.collectGarbage'],
    ['Runtime.getHeapUsage'],
  ])) as { usedSize: number };
  return usedSize;
}

async function evaluate(inspector: string, expression: string): Promise<unknown> {
  const { result } = (await callInspector(inspector, [
    ['Runtime.evaluate', { expression, returnByValue: true }],
  ])) as { result: { value?: unknown } };
  return result.value;
}

/** What the last of some calls has given. */
async function callInspector(
  inspector: string,
  calls: readonly (readonly [method: string, params?: object])[],
): Promise<unknown> {
  const socket = new WebSocket(inspector);
  await once(socket, 'open');
  let result: unknown;
  for (const [id, [method, params]] of calls.entries()) {
    const answered = new Promise<unknown>((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        const answer = JSON.parse(String(data)) as { id?: number; result?: unknown };
        if (answer.id === id) resolve(answer.result);
      });
    });
    socket.send(JSON.stringify({ id, method, params }));
    result = await answered;
  }
  socket.close();
  return result;
}
