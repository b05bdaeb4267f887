/** Starts the servers of the bench, each in its own process group, pinned to a core if `taskset` is available. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
/** Clock ticks of /proc a second, on Linux. */
const ticksPerSecond = 100;

export const serverCore = 0;
/** Core of the upstream and the load. */
export const otherCore = 1;
export const canPin =
  availableParallelism() > 1 && spawnSync('taskset', ['-c', String(serverCore), 'true']).status === 0;

/** Pins a running process with all its threads. */
export function pin(pid, core) {
  if (canPin) spawnSync('taskset', ['-acp', String(core), String(pid)]);
}

const running = new Set();
const killGroup = ({ pid }) => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The process has ended.
  }
};
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.once('exit', () => running.forEach(killGroup));

/**
 * @param file a server that prints `ready: <url>` when it is ready, and `pid: <pid>` if another process answers; a
 *   gateway is ready when its health check is
 */
export async function start(file, env, { core, flags = [] }) {
  const command = [process.execPath, ...flags, file];
  const [program, ...args] = canPin ? ['taskset', '-c', String(core), ...command] : command;
  const child = spawn(program, args, {
    cwd: here,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  running.add(child);
  const ended = new Promise((resolve) => child.once('exit', resolve)).then(() => running.delete(child));
  const failed = ended.then(() => Promise.reject(new Error(`${file} ended.`)));
  failed.catch(() => undefined);
  const line = await Promise.race([
    env.PORT === undefined ? firstLine(child) : untilHealthy(env.PORT),
    failed,
  ]);
  // Later output, such as the gateway's log, is read and dropped.
  child.stdout.resume();
  const pid = Number(/pid: (\d+)/.exec(line)?.[1] ?? child.pid);
  return {
    pid,
    line,
    url: /ready: (\S+)/.exec(line)?.[1],
    residentMiB: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024,
    /** Processor time of all threads so far. */
    cpuSeconds: () => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ');
      return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    },
    stop: () => {
      killGroup(child);
      return ended;
    },
  };
}

function firstLine({ stdout }) {
  let output = '';
  return new Promise((resolve) => {
    stdout.on('data', (data) => {
      output += data;
      if (output.includes('\n')) resolve(output.trim());
    });
  });
}

async function untilHealthy(port) {
  const origin = `http://127.0.0.1:${port}`;
  for (;;) {
    const response = await fetch(`${origin}/health/ready`).catch(() => null);
    if (response?.ok) return `ready: ${origin}/graphql`;
    await sleep(5);
  }
}
