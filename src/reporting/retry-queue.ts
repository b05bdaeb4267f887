/**
 * Tenants that a report has yet to read. A transient failure is retried later; several in a row pause the whole
 * queue, since the upstream itself is failing.
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
  #again: QueuedTask<Task>[] = [];
  readonly #tries = new Map<Task, number>();
  #failuresInARow = 0;
  #pausedUntil = -Infinity;

  constructor(tasks: Iterable<Task>, { retryMs = defaultRetryMs }: RetryQueueOptions = {}) {
    this.#fresh = tasks[Symbol.iterator]();
    this.#retryMs = retryMs;
    this.#advance();
  }

  get isEmpty(): boolean {
    return this.#next === null && this.#again.length === 0;
  }

  /** Next task; null if none is due. */
  take(now: number): Task | null {
    if (now < this.#pausedUntil) return null;
    const task = this.#next;
    if (task !== null) {
      this.#advance();
      return task;
    }
    const entry = this.#again.find(({ notBefore }) => notBefore <= now);
    if (entry === undefined) return null;
    this.#again = this.#again.filter((each) => each !== entry);
    return entry.task;
  }

  /** Removes and yields all remaining tasks, due or not. */
  *rest(): Generator<Task> {
    for (let task = this.#next; task !== null; task = this.#next) {
      this.#advance();
      yield task;
    }
    for (const { task } of this.#again.splice(0)) yield task;
  }

  /** Milliseconds until `take` may return a task; Infinity if the queue is empty. */
  waitMs(now: number): number {
    if (this.isEmpty) return Infinity;
    const earliest = this.#next === null ? Math.min(...this.#again.map(({ notBefore }) => notBefore)) : now;
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
    this.#again.push({ task, notBefore: now + this.#delayMs(tries) });
    return true;
  }

  #delayMs(time: number): number {
    return Math.min(maxRetryMs, this.#retryMs * 2 ** (time - 1));
  }

  #advance(): void {
    const next = this.#fresh.next();
    this.#next = next.done === true ? null : next.value;
  }
}
