/**
 * CPU time of a process's main thread: what a piece of work costs the event loop. Unlike the wall clock's time, it does
 * not grow while other processes have the processor.
 */
import { readFileSync } from 'node:fs';

/** CPU milliseconds that the main thread of a process has used since it started; up to a tick (10 ms) less while it runs. */
export function threadCpuMs(pid = process.pid): number {
  const [nanoseconds = ''] = readFileSync(fileOf(pid), 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
}

/**
 * Milliseconds that the main thread of a process was busy since it started: those that it has used, and those that it has
 * waited for a processor. In all others it waits for timers and sockets.
 */
export function threadBusyMs(pid: number): number {
  const [used = '', waited = ''] = readFileSync(fileOf(pid), 'utf8').split(' ');
  return (Number(used) + Number(waited)) / 1e6;
}

/** CPU milliseconds that a synchronous function takes: the least of five, since a collection may fall into any. */
export function cpuMsOf(act: () => unknown): number {
  const measure = () => {
    const before = threadCpuMs();
    act();
    return threadCpuMs() - before;
  };
  return Math.min(...Array.from({ length: 5 }, measure));
}

/** How much slower this machine is than the one on which tests' limits were set; never less than one. */
export function slownessOfMachine(): number {
  const rows = Array.from({ length: 20_000 }, (_, id) => ({ id, name: `row ${id}`, isThere: true }));
  const cpuMs = cpuMsOf(() => {
    for (let round = 0; round < 10; round++) JSON.parse(JSON.stringify(rows));
  });
  return Math.max(1, cpuMs / referenceMs);
}

const referenceMs = 170;

export interface EventLoopWatch {
  /** CPU milliseconds of the longest that the event loop was held since the last call. */
  readonly takeHeldMs: () => Promise<number>;
}

/**
 * Watches the event loop of another process by a timer of 1 ms. The CPU time between two of its ticks is that of one turn
 * of the loop, with a millisecond's work at most beside it.
 *
 * @param process evaluates an expression in it
 */
export async function watchEventLoop(process: {
  readonly pid: number;
  readonly evaluate: (expression: string) => Promise<unknown>;
}): Promise<EventLoopWatch> {
  await process.evaluate(`(() => {
    const { readFileSync } = process.getBuiltinModule('node:fs');
    const read = () => parseInt(readFileSync('${fileOf(process.pid)}', 'utf8'), 10) / 1e6;
    let before = read();
    globalThis.heldCpuMs = 0;
    setInterval(() => {
      const now = read();
      globalThis.heldCpuMs = Math.max(globalThis.heldCpuMs, now - before);
      before = now;
    }, 1);
  })()`);
  return {
    takeHeldMs: async () => {
      const held = await process.evaluate('(() => { const it = heldCpuMs; heldCpuMs = 0; return it; })()');
      return Number(held);
    },
  };
}

/** Starts with the nanoseconds that the main thread, whose id is the process's, has been running. */
const fileOf = (pid: number): string => `/proc/${pid}/task/${pid}/schedstat`;
