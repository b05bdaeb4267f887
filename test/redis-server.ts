/** A Redis server of its own, on loopback, that a test may kill and start again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { freePort } from './free-port.ts';

const executable = process.env['REDIS_SERVER_PATH'] ?? '/usr/bin/redis-server';

/** Without Redis, the tests that need it are skipped, except in CI, which has it. */
export const hasRedis = existsSync(executable) || process.env['CI'] !== undefined;

export interface RedisServer {
  readonly url: string;
  /** At once, as a crash does: it forgets everything. */
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** Resolves when what this process has to say to it has been said: a busy machine makes that later, and no more. */
  readonly settled: () => Promise<void>;
  /** It stays connected and answers nothing until it is resumed. */
  readonly hang: () => void;
  readonly goOn: () => void;
}

/** @param settings words of its command line, beside those that every test needs */
export async function startRedisServer(settings: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort();
  let child: ChildProcess | null = null;
  const start = async () => {
    const started = spawn(
      executable,
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...settings],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    child = started;
    await new Promise<void>((resolve, reject) => {
      started.stdout.on('data', (data: Buffer) => {
        if (data.includes('Ready to accept connections')) resolve();
      });
      started.once('error', reject);
      started.once('exit', () => {
        reject(new Error('The Redis server did not start.'));
      });
    });
  };
  // Kept while the server runs: a connection for each question takes longer than the question.
  let watch: ReturnType<typeof createClient> | null = null;
  const kill = async () => {
    watch?.destroy();
    watch = null;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  await start();
  const url = `redis://127.0.0.1:${port}`;
  return {
    url,
    start,
    kill,
    settled: async () => {
      if (watch === null) {
        watch = createClient({ url });
        await watch.connect();
      }
      await settled(watch);
    },
    hang: () => child?.kill('SIGSTOP'),
    goOn: () => child?.kill('SIGCONT'),
  };
}

/** Looks in which nothing but themselves was asked. Each takes as long as an exchange of this process with the server. */
const quietLooks = 12;

async function settled(client: ReturnType<typeof createClient>): Promise<void> {
  const countCommands = async () =>
    Number(/^total_commands_processed:(\d+)/m.exec(await client.info('stats'))?.[1]);
  let before = await countCommands();
  for (let quiet = 0; quiet < quietLooks;) {
    await sleep(2);
    const now = await countCommands();
    quiet = now === before + 1 ? quiet + 1 : 0;
    before = now;
  }
}
