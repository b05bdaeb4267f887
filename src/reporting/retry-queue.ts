/**
 * Tenants that a report has yet to read. A transient failure is retried later; several in a row pause the whole queue,
 * since the upstream itself is then failing.
 */

export interface RetryQueueOptions {
  /** Milliseconds before the first retry; doubled for each further one. */
  readonly retryMs?: number;
}

interface QueuedTask<Task> {
  readonly task: Task;
  readonly notBefore: number;
}

const defaultRetryMs = 1000;
const maxRetryMs = 30_000;
const maxTries = 3;
const failuresBeforePause = 3;

export class RetryQueue<Task> {
  readonly #fresh: Iterator<Task>;
  readonly #retryMs: number;
  #next: Task | null = null;
  /** Failed tasks by their number of failures. */
  readonly #failed = Array.from({ length: maxTries - 1 }, () => new WaitingTasks<Task>());
  readonly #tries = new Map<Task, number>();
  #failuresInARow = 0;
  #pausedUntil = -Infinity;

  constructor(tasks: Iterable<Task>, { retryMs = defaultRetryMs }: RetryQueueOptions = {}) {
    this.#fresh = tasks[Symbol.iterator]();
    this.#retryMs = retryMs;
    this.#advance();
  }

  get isEmpty(): boolean {
    return this.#next === null && this.#earliest().isEmpty;
  }

  /** Next task; null if none is due. */
  take(now: number): Task | null {
    if (now < this.#pausedUntil) return null;
    const task = this.#next;
    if (task !== null) {
      this.#advance();
      return task;
    }
    const tasks = this.#earliest();
    return tasks.dueAt <= now ? tasks.take() : null;
  }

  /** Removes and yields all remaining tasks, due or not. */
  *rest(): Generator<Task> {
    for (let task = this.#next; task !== null; task = this.#next) {
      this.#advance();
      yield task;
    }
    for (const tasks of this.#failed)
      for (let task = tasks.take(); task !== null; task = tasks.take()) yield task;
  }

  /** Milliseconds until `take` may return a task; Infinity if the queue is empty. */
  waitMs(now: number): number {
    if (this.isEmpty) return Infinity;
    const earliest = this.#next === null ? this.#earliest().dueAt : now;
    return Math.max(0, Math.max(earliest, this.#pausedUntil) - now);
  }

  succeed(task: Task): void {
    this.#tries.delete(task);
    this.#failuresInARow = 0;
  }

  /** Records a failure; returns whether the task will be retried. */
  fail(task: Task, now: number): boolean {
    const tries = (this.#tries.get(task) ?? 0) + 1;
    this.#failuresInARow += 1;
    if (this.#failuresInARow % failuresBeforePause === 0) {
      this.#pausedUntil = now + this.#delayMs(this.#failuresInARow / failuresBeforePause);
    }
    this.#tries.set(task, tries);
    if (tries >= maxTries) return false;
    this.#failed[tries - 1]?.add({ task, notBefore: now + this.#delayMs(tries) });
    return true;
  }

  #earliest(): WaitingTasks<Task> {
    return this.#failed.reduce((one, other) => (other.dueAt < one.dueAt ? other : one));
  }

  #delayMs(time: number): number {
    return Math.min(maxRetryMs, this.#retryMs * 2 ** (time - 1));
  }

  #advance(): void {
    const next = this.#fresh.next();
    this.#next = next.done === true ? null : next.value;
  }
}

/** Tasks in the order of their failures, which is also the order of their retries, since all wait equally long. */
class WaitingTasks<Task> {
  readonly #tasks: QueuedTask<Task>[] = [];
  /** Tasks before this index are taken. */
  #start = 0;

  get isEmpty(): boolean {
    return this.#tasks.length === 0;
  }

  /** When the first task is due; Infinity if there is none. */
  get dueAt(): number {
    return this.#tasks[this.#start]?.notBefore ?? Infinity;
  }

  add(task: QueuedTask<Task>): void {
    this.#tasks.push(task);
  }

  take(): Task | null {
    const first = this.#tasks[this.#start];
    if (first === undefined) return null;
    this.#start += 1;
    if (this.#start === this.#tasks.length) this.#start = this.#tasks.length = 0;
    return first.task;
  }
}
