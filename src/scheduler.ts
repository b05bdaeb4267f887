/**
 * Cooperative scheduling of the event loop: bursts of work run in FIFO order in slices of 10 ms. Sockets, timers and
 * health checks run between slices, so that a busy gateway does not mistake its own delay for the upstream's.
 */

interface WaitingTask {
  readonly run: () => void;
  /** By `performance.now()`. */
  readonly since: number;
}

const sliceMs = 10;
const maxTasksPerSlice = 64;
/** After this many rounds of the event loop without a new task, no more input is expected. */
const maxQuietRounds = 3;

const waiting: WaitingTask[] = [];
/** Tasks ahead of all queues. Otherwise operations would send calls for rows of an undecoded response. */
const urgent: WaitingTask[] = [];
let tasksSoFar = 0;
let sliceStartedAt: number | null = null;
/** Whether the slice has not run a task yet: input accepted before does not count as its time. */
let isSliceNew = false;

/** Runs a task at once if the current slice has time left and no task waits, else in a later slice. */
export function schedule(run: () => void): void {
  tasksSoFar += 1;
  if (waiting.length === 0 && urgent.length === 0 && !shouldYield()) run();
  else waiting.push({ run, since: performance.now() });
}

/** Runs a task after pending input is accepted, so that equal requests that arrive together are coalesced. */
export function scheduleAfterInput(run: () => void): void {
  tasksSoFar += 1;
  const since = performance.now();
  beginSlice(since);
  waiting.push({ run, since });
}

let nextRound: Promise<void> | null = null;

/**
 * Resolves after pending input is accepted. Responses that wait for it are sent together, which wakes their readers
 * together.
 */
export function afterInput(): Promise<void> {
  return (nextRound ??= new Promise((resolve) => {
    setImmediate(() => {
      nextRound = null;
      resolve();
    });
  }));
}

/** Resolves at once if the current slice has time left, else in a later slice. */
export async function yieldIfDue(): Promise<void> {
  if (shouldYield()) await new Promise<void>(schedule);
}

/** Resolves at once if the current slice has time left, else at the start of the next slice. */
export async function yieldUrgent(): Promise<void> {
  if (!shouldYield()) return;
  await new Promise<void>((run) => {
    urgent.push({ run, since: performance.now() });
  });
}

/** Slice length for work that is nearly done, which would cost more to resume than to end. */
export const maxSliceMs = 3 * sliceMs;

/** Whether the event loop has been blocked for this long since its last round. */
export function shouldYield(lengthMs = sliceMs): boolean {
  const now = performance.now();
  return now - beginSlice(now) >= lengthMs;
}

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

/** Waits for a slice, possibly after other loops have had theirs. */
export type WaitInTurn = (wait: () => Promise<void>) => Promise<void>;

/** Yield points of a long loop. All loops share one slice, since many short loops may follow each other. */
export class Pace {
  readonly #stepsPerCheck: number;
  readonly #ended: () => Error | null;
  readonly #inTurn: WaitInTurn;
  #steps = 0;

  /**
   * @param stepsPerCheck steps between two checks of the clock
   * @param ended returns why the loop's result is no longer needed; null if it is
   * @param inTurn calls its argument, and resolves when the loop may continue
   */
  constructor(
    stepsPerCheck = 64,
    ended: () => Error | null = () => null,
    inTurn: WaitInTurn = (wait) => wait(),
  ) {
    this.#stepsPerCheck = stepsPerCheck;
    this.#ended = ended;
    this.#inTurn = inTurn;
  }

  /** Whether to yield now; read once a step. */
  get shouldYield(): boolean {
    this.#steps += 1;
    return this.#steps % this.#stepsPerCheck === 0 && shouldYield();
  }

  /**
   * Resolves when the loop may continue.
   *
   * @throws the reason that `ended` returns
   */
  async yield(): Promise<void> {
    await this.#inTurn(() => new Promise(schedule));
    this.throwIfEnded();
  }

  /** @throws the reason that `ended` returns */
  throwIfEnded(): void {
    const reason = this.#ended();
    if (reason !== null) throw reason;
  }
}

/** Items of a long loop, with yield points between them. */
export async function* paced<Item>(items: Iterable<Item>, pace: Pace): AsyncGenerator<Item, void, undefined> {
  for (const item of items) {
    yield item;
    if (pace.shouldYield) await pace.yield();
  }
}

interface WaitingWork {
  readonly size: number;
  readonly go: () => void;
}

/** Weighted semaphore, round-robin over owners; bounds the memory of work on long lists. */
export class FairSemaphore {
  readonly #capacity: number;
  /** By owner, in round-robin order. */
  readonly #waiting = new Map<object, WaitingWork[]>();
  #taken = 0;

  /** @param capacity in the unit of the sizes passed to `run` */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /**
   * Runs work once there is capacity, or when its signal aborts so that the work can reject. Work larger than the
   * capacity runs alone.
   */
  async run<Value>(
    size: number,
    { owner, signal }: { readonly owner: object; readonly signal: AbortSignal },
    work: () => Promise<Value>,
  ): Promise<Value> {
    const isFree = this.#waiting.size === 0 && this.#hasCapacityFor(size);
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
      const onAbort = () => {
        const rest = (this.#waiting.get(owner) ?? []).filter((each) => each !== waiting);
        if (rest.length > 0) this.#waiting.set(owner, rest);
        else this.#waiting.delete(owner);
        resolve(false);
        this.#admit();
      };
      const waiting = {
        size,
        go: () => {
          signal.removeEventListener('abort', onAbort);
          resolve(true);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const queue = this.#waiting.get(owner);
      if (queue === undefined) this.#waiting.set(owner, [waiting]);
      else queue.push(waiting);
    });
  }

  #admit(): void {
    for (const [owner, queue] of this.#waiting) {
      const [next] = queue;
      if (next === undefined || !this.#hasCapacityFor(next.size)) return;
      queue.shift();
      this.#waiting.delete(owner);
      // Moves the owner to the end of the round.
      if (queue.length > 0) this.#waiting.set(owner, queue);
      this.#taken += next.size;
      next.go();
    }
  }

  #hasCapacityFor(size: number): boolean {
    return this.#taken === 0 || this.#taken + size <= this.#capacity;
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
 * Runs rounds of the event loop while they bring new tasks, for at most a slice. A round accepts only one connection:
 * with a slice of work in each round, a burst would take seconds to be noticed.
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
  // In separate immediates, so that work started by a task runs in between.
  for (let task = 0; task < Math.min(urgent.length + waiting.length, maxTasksPerSlice); task++)
    setImmediate(runNext);
  setImmediate(endSlice);
}

function runNext(): void {
  if (isSliceNew) sliceStartedAt = performance.now();
  isSliceNew = false;
  if (performance.now() - (sliceStartedAt ?? 0) < sliceMs) (urgent.shift() ?? waiting.shift())?.run();
}
