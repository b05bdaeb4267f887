/** The gateway as its own process, built as `npm run build` builds it, so that what crashes it is seen. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'undici';
import type { Simulator } from '../src/simulator/simulator.ts';

export interface GatewayProcess {
  readonly url: string;
  readonly pid: number;
  /** What it wrote to its standard error. */
  readonly complaints: () => string;
  /** Bytes of its heap that are in use after a garbage collection. */
  readonly heapUsed: () => Promise<number>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Null where a signal ended it. */
  readonly exitCode: Promise<number | null>;
}

const root = fileURLToPath(new URL('..', import.meta.url));
let isBuilt = false;

/** @param settings beside those that name the upstream */
export async function startGatewayProcess(
  { credentials }: Simulator,
  settings: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess> {
  if (!isBuilt) execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { cwd: root });
  isBuilt = true;
  const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', 'dist/main.js'], {
    cwd: root,
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: '0',
      AVEPOINT_API_URL: credentials.apiUrl.href,
      AVEPOINT_TOKEN_URL: credentials.tokenUrl.href,
      AVEPOINT_CLIENT_ID: credentials.clientId,
      AVEPOINT_CLIENT_SECRET: credentials.credential.secret.reveal(),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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
    complaints: () => complaints.replace(/^(Debugger |For help).*\n/gm, ''),
    heapUsed: () => heapUsed(inspector),
    kill: (signal) => child.kill(signal),
    exitCode,
  };
}

/** Ends a process that a test has left running. */
export async function endProcess(gateway: GatewayProcess | undefined): Promise<void> {
  gateway?.kill('SIGKILL');
  await gateway?.exitCode;
}

async function heapUsed(inspector: string): Promise<number> {
  const socket = new WebSocket(inspector);
  await once(socket, 'open');
  const call = async (id: number, method: string): Promise<unknown> => {
    socket.send(JSON.stringify({ id, method }));
    for (;;) {
      const [{ data }] = (await once(socket, 'message')) as [{ data: string }];
      const answer = JSON.parse(data) as { id?: number; result?: unknown };
      if (answer.id === id) return answer.result;
    }
  };
  await call(1, 'HeapProfiler.collectGarbage');
  const { usedSize } = (await call(2, 'Runtime.getHeapUsage')) as { usedSize: number };
  socket.close();
  return usedSize;
}
