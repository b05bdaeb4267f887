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
/** What others may be waiting for goes first: until an answer is read, more would be asked for that it has. */
const urgent: WaitingTask[] = [];
let tasksSoFar = 0;
let sliceStartedAt: number | null = null;

/** Runs a task at once where the current slice has time left and nobody waits, and otherwise when its turn comes. */
export function takeTurn(run: () => void): void {
  tasksSoFar += 1;
  if (waiting.length === 0 && urgent.length === 0 && !isSliceOver()) run();
  else waiting.push({ run, since: performance.now() });
}

/** Resolves at once where the current slice has time left, and otherwise when its turn comes. */
export async function restIfDue(): Promise<void> {
  if (isSliceOver()) await new Promise<void>(takeTurn);
}

/** Resolves at once where the current slice has time left, and otherwise as one of the first in the next one. */
export async function nextUrgentTurn(): Promise<void> {
  if (!isSliceOver()) return;
  await new Promise<void>((run) => {
    urgent.push({ run, since: performance.now() });
  });
}

/** What has begun, and will be done soon, is not interrupted before this: to go on later costs more than to end it. */
export const longestSliceMs = 3 * sliceMs;

/** Whether the event loop has been held for this long, by whoever worked since it last went round. */
export function isSliceOver(lengthMs = sliceMs): boolean {
  const now = performance.now();
  if (sliceStartedAt === null) {
    sliceStartedAt = now;
    setImmediate(endSlice);
  }
  return now - sliceStartedAt >= lengthMs;
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

/**
 * Of a long loop: whether it must let others go on. It is the slice of all that counts, since many loops that are short
 * may follow each other at once.
 */
export class Pace {
  readonly #stepsPerLook: number;
  readonly #ended: () => Error | null;
  #steps = 0;

  /**
   * @param stepsPerLook where steps are so short that the clock is not to be looked at for each
   * @param ended why nobody waits for the loop any more; null while somebody does
   */
  constructor(stepsPerLook = 64, ended: () => Error | null = () => null) {
    this.#stepsPerLook = stepsPerLook;
    this.#ended = ended;
  }

  /** Asked once a step. */
  get isDue(): boolean {
    this.#steps += 1;
    return this.#steps % this.#stepsPerLook === 0 && isSliceOver();
  }

  /** Resolves when the loop may go on; rejects where it need not. */
  async rest(): Promise<void> {
    await new Promise<void>(takeTurn);
    const reason = this.#ended();
    if (reason !== null) throw reason;
  }
}

/** How long, in milliseconds, the task that is next has been waiting; 0 where none waits. */
export function turnDelayMs(): number {
  const [next] = waiting;
  return next === undefined ? 0 : performance.now() - next.since;
}

function endSlice(): void {
  if (waiting.length === 0 && urgent.length === 0) sliceStartedAt = null;
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
  for (let task = 0; task < Math.min(urgent.length + waiting.length, mostTasksPerSlice); task++)
    setImmediate(runNext);
  setImmediate(endSlice);
}

function runNext(): void {
  if (performance.now() - (sliceStartedAt ?? 0) < sliceMs) (urgent.shift() ?? waiting.shift())?.run();
}
