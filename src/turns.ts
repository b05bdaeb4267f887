/**
 * Turns at the event loop: work that comes in crowds (a burst of requests, a call that hundreds of operations wait for)
 * is done a slice at a time, in the order it came. In between, sockets, timers and health checks get their turn, so that
 * a busy gateway does not take its own delay for the upstream's.
 */

interface WaitingTask {
  readonly run: () => void;
  /** By `performance.now()`. */
  readonly since: number;
}

const sliceMs = 10;
const mostTasksPerSlice = 64;
/** Turns of the event loop in which nothing came: then there is nothing more to let in for the moment. */
const quietTurns = 3;

const waiting: WaitingTask[] = [];
let tasksSoFar = 0;
let sliceStartedAt: number | null = null;

/** Runs a task at once where the current slice has time left and nobody waits, and otherwise when its turn comes. */
export function takeTurn(run: () => void): void {
  tasksSoFar += 1;
  const now = performance.now();
  if (sliceStartedAt === null) {
    sliceStartedAt = now;
    setImmediate(endSlice);
  }
  if (waiting.length === 0 && now - sliceStartedAt < sliceMs) run();
  else waiting.push({ run, since: now });
}

/** Resolves when its turn comes, and at once when the signal aborts. */
export function nextTurn(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      signal.removeEventListener('abort', go);
      resolve();
    };
    signal.addEventListener('abort', go, { once: true });
    takeTurn(go);
  });
}

/** How long, in milliseconds, the task that is next has been waiting; 0 where none waits. */
export function turnDelayMs(): number {
  const [next] = waiting;
  return next === undefined ? 0 : performance.now() - next.since;
}

function endSlice(): void {
  if (waiting.length === 0) sliceStartedAt = null;
  else letIn(performance.now(), tasksSoFar, 0);
}

/**
 * Lets the event loop go round for as long as that brings more, up to the length of a slice: it accepts one connection
 * a round, so that with a slice in each of them a burst would take seconds to be so much as noticed.
 */
function letIn(since: number, tasksUntilThen: number, quiet: number): void {
  setImmediate(() => {
    const stillQuiet = tasksSoFar === tasksUntilThen ? quiet + 1 : 0;
    if (stillQuiet === quietTurns || performance.now() - since > sliceMs) startSlice();
    else letIn(since, tasksSoFar, stillQuiet);
  });
}

function startSlice(): void {
  sliceStartedAt = performance.now();
  // Each in an immediate of its own, since what a task sets off runs between two of them.
  for (let task = 0; task < Math.min(waiting.length, mostTasksPerSlice); task++) setImmediate(runNext);
  setImmediate(endSlice);
}

function runNext(): void {
  if (performance.now() - (sliceStartedAt ?? 0) < sliceMs) waiting.shift()?.run();
}
