/**
 * Cooperative scheduling of the event loop. Work that arrives in bursts (requests, calls that hundreds of operations wait
 * for) runs in slices of 10 ms, first in, first out. Sockets, timers and health checks run between two slices, so that a
 * busy gateway does not take its own delay for the upstream's.
 */

interface WaitingTask {
  readonly run: () => void;
  /** By `performance.now()`. */
  readonly since: number;
}

const sliceMs = 10;
const maxTasksPerSlice = 64;
/** Rounds of the event loop without a new task, after which no more input is expected for the moment. */
const maxQuietRounds = 3;

const waiting: WaitingTask[] = [];
/** First in line: until a response is read, operations send calls for rows that it has. */
const urgent: WaitingTask[] = [];
let tasksSoFar = 0;
let sliceStartedAt: number | null = null;
/** Whether no task of the slice has run: input that comes before it is none of its time. */
let isSliceNew = false;

/** Runs a task at once if the current slice has time left and no task waits, and otherwise in a later slice. */
export function schedule(run: () => void): void {
  tasksSoFar += 1;
  if (waiting.length === 0 && urgent.length === 0 && !shouldYield()) run();
  else waiting.push({ run, since: performance.now() });
}

/** Runs a task when the input that has arrived is accepted, so that equal requests that arrive together are coalesced. */
export function scheduleAfterInput(run: () => void): void {
  tasksSoFar += 1;
  const since = performance.now();
  beginSlice(since);
  waiting.push({ run, since });
}

let nextRound: Promise<void> | null = null;

/**
 * Resolves when the input that is there by now has been accepted, for all at once. Responses that wait for it are sent one
 * right after the other, which wakes up their readers together.
 */
export function afterInput(): Promise<void> {
  return (nextRound ??= new Promise((resolve) => {
    setImmediate(() => {
      nextRound = null;
      resolve();
    });
  }));
}

/** Resolves at once if the current slice has time left, and otherwise in a later slice. */
export async function yieldIfDue(): Promise<void> {
  if (shouldYield()) await new Promise<void>(schedule);
}

/** Resolves at once if the current slice has time left, and otherwise first in the next slice. */
export async function yieldUrgent(): Promise<void> {
  if (!shouldYield()) return;
  await new Promise<void>((run) => {
    urgent.push({ run, since: performance.now() });
  });
}

/** Slice of work that is nearly done: resuming it later costs more than ending it. */
export const maxSliceMs = 3 * sliceMs;

/** Whether the event loop has been blocked for this long since its last round, by all work together. */
export function shouldYield(lengthMs = sliceMs): boolean {
  const now = performance.now();
  return now - beginSlice(now) >= lengthMs;
}

/** When the slice began: now, if none has. */
function beginSlice(now: number): number {
  if (sliceStartedAt === null) setImmediate(endSlice);
  return (sliceStartedAt ??= now);
}

/** Resolves in a later slice, or at once when the signal aborts. */
export function nextSlice(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      signal.removeEventListener('abort', go);
      resolve();
    };
    signal.addEventListener('abort', go, { once: true });
    schedule(go);
  });
}

/** Yield points of a long loop. The slice counts for all loops together, since many short ones may follow each other. */
export class Pace {
  readonly #stepsPerCheck: number;
  readonly #ended: () => Error | null;
  #steps = 0;

  /**
   * @param stepsPerLook steps between two looks at the clock
   * @param ended the reason why the loop's result is no longer needed; null while it is
   */
  constructor(stepsPerLook = 64, ended: () => Error | null = () => null) {
    this.#stepsPerCheck = stepsPerLook;
    this.#ended = ended;
  }

  /** Whether to yield now; to be read once a step. */
  get shouldYield(): boolean {
    this.#steps += 1;
    return this.#steps % this.#stepsPerCheck === 0 && shouldYield();
  }

  /**
   * Resolves when the loop may go on.
   *
   * @throws the reason that `ended` returns
   */
  async yield(): Promise<void> {
    await new Promise<void>(schedule);
    const reason = this.#ended();
    if (reason !== null) throw reason;
  }
}

/** Work that waits for its turn. */
interface WaitingWork {
  readonly size: number;
  readonly go: () => void;
}

/** A weighted semaphore, fair to owners: bounds the memory that work on long lists holds at once. */
export class FairSemaphore {
  readonly #room: number;
  /** The next owner first. */
  readonly #waiting = new Map<object, WaitingWork[]>();
  #taken = 0;

  /** @param room in whatever unit the sizes have */
  constructor(room: number) {
    this.#room = room;
  }

  /**
   * The result of work of this size, begun when there is room for it, or when its signal aborts, so that it can reject. Work
   * that is larger than the room has it alone.
   */
  async run<Value>(
    size: number,
    { owner, signal }: { readonly owner: object; readonly signal: AbortSignal },
    work: () => Promise<Value>,
  ): Promise<Value> {
    const isFree = this.#waiting.size === 0 && this.#hasRoomFor(size);
    if (isFree) this.#taken += size;
    else if (signal.aborted || !(await this.#admission(size, owner, signal))) return work();
    try {
      return await work();
    } finally {
      this.#taken -= size;
      this.#admit();
    }
  }

  #admission(size: number, owner: object, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const leave = () => {
        const left = (this.#waiting.get(owner) ?? []).filter((each) => each !== waiting);
        if (left.length > 0) this.#waiting.set(owner, left);
        else this.#waiting.delete(owner);
        resolve(false);
        this.#admit();
      };
      const waiting = {
        size,
        go: () => {
          signal.removeEventListener('abort', leave);
          resolve(true);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      const others = this.#waiting.get(owner);
      if (others === undefined) this.#waiting.set(owner, [waiting]);
      else others.push(waiting);
    });
  }

  #admit(): void {
    for (const [owner, queue] of this.#waiting) {
      const [next] = queue;
      if (next === undefined || !this.#hasRoomFor(next.size)) return;
      queue.shift();
      this.#waiting.delete(owner);
      // Behind all others that wait.
      if (queue.length > 0) this.#waiting.set(owner, queue);
      this.#taken += next.size;
      next.go();
    }
  }

  #hasRoomFor(size: number): boolean {
    return this.#taken === 0 || this.#taken + size <= this.#room;
  }
}

/** Milliseconds that the next task has been waiting; 0 if none waits. */
export function schedulerDelayMs(): number {
  const [next] = waiting;
  return next === undefined ? 0 : performance.now() - next.since;
}

function endSlice(): void {
  if (waiting.length === 0 && urgent.length === 0) sliceStartedAt = null;
  else acceptInput(performance.now(), tasksSoFar, 0);
}

/**
 * Runs rounds of the event loop while they bring new tasks, for a slice at most. A round accepts one connection; with a
 * slice of work in each, a burst would take seconds to be noticed.
 */
function acceptInput(since: number, tasksUntilThen: number, quiet: number): void {
  setImmediate(() => {
    const quietRounds = tasksSoFar === tasksUntilThen ? quiet + 1 : 0;
    if (quietRounds === maxQuietRounds || performance.now() - since > sliceMs) startSlice();
    else acceptInput(since, tasksSoFar, quietRounds);
  });
}

function startSlice(): void {
  sliceStartedAt = performance.now();
  isSliceNew = true;
  // Each in an immediate of its own: what a task starts runs between two of them.
  for (let task = 0; task < Math.min(urgent.length + waiting.length, maxTasksPerSlice); task++)
    setImmediate(runNext);
  setImmediate(endSlice);
}

function runNext(): void {
  if (isSliceNew) sliceStartedAt = performance.now();
  isSliceNew = false;
  if (performance.now() - (sliceStartedAt ?? 0) < sliceMs) (urgent.shift() ?? waiting.shift())?.run();
}
