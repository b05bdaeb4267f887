/**
 * Reads tenants, several at once, and no faster than their events are taken. One that could not be read can be tried again;
 * at the deadline, those that were not begun are left.
 */
import { deadlineExceeded } from '../errors.ts';
import { Pace } from '../scheduler.ts';
import { deadlineReached } from '../scope.ts';
import { RetryQueue, type RetryQueueOptions } from './retry-queue.ts';
import { AdaptiveConcurrency } from './adaptive-concurrency.ts';

/** A part of what a tenant has, or the end of a tenant that was read. */
export type QueueEvent<Task, Result, Part> =
  | { readonly part: Part; readonly resume: () => void }
  | { readonly task: Task; readonly result: Result }
  | { readonly task: Task; readonly error: unknown };

interface QueueOptions<Task, Result> extends RetryQueueOptions {
  readonly signal: AbortSignal;
  readonly read: (task: Task) => Promise<Result>;
}

export class TenantQueue<Task, Result, Part = never> {
  readonly #signal: AbortSignal;
  readonly #read: (task: Task) => Promise<Result>;
  readonly #backlog: RetryQueue<Task>;
  readonly #crowd = new AdaptiveConcurrency();
  readonly #events: QueueEvent<Task, Result, Part>[] = [];
  /** Of parts that were not taken. */
  readonly #pending = new Set<() => void>();
  #wake: () => void = () => undefined;
  #underWay = 0;
  #isClosed = false;

  constructor(tasks: Iterable<Task>, { signal, read, ...options }: QueueOptions<Task, Result>) {
    this.#signal = signal;
    this.#read = read;
    this.#backlog = new RetryQueue(tasks, options);
  }

  /** Whether the reader has gone, so that nothing more is asked for. */
  get isAbandoned(): boolean {
    return this.#signal.aborted && this.#signal.reason !== deadlineReached;
  }

  /** To be taken once. An event is null if none came in so many milliseconds, or before the signal aborted. */
  async *events(
    timeoutMs = Infinity,
  ): AsyncGenerator<QueueEvent<Task, Result, Part> | null, void, undefined> {
    try {
      while (this.#underWay > 0 || !(this.#backlog.isEmpty || this.#signal.aborted)) {
        if (this.isAbandoned) return;
        const limit = this.#crowd.adjust();
        if (!this.#signal.aborted) this.#fillUp(limit);
        const waitMs = this.#underWay < limit ? this.#backlog.waitMs(performance.now()) : Infinity;
        const event = await this.#next(Math.min(timeoutMs, waitMs));
        if (event === null) {
          if (waitMs > timeoutMs) yield null;
        } else if ('part' in event) {
          yield event;
          event.resume();
        } else {
          this.#underWay -= 1;
          yield event;
        }
      }
    } finally {
      this.#isClosed = true;
      this.#events.length = 0;
      for (const resume of this.#pending) resume();
    }
  }

  /** Those that the events have left, and why; none if the reader has gone. */
  async *rest(): AsyncGenerator<{ readonly task: Task; readonly error: Error }, void, undefined> {
    const error = deadlineExceeded('none');
    const pace = new Pace();
    for (const task of this.isAbandoned ? [] : this.#backlog.rest()) {
      yield { task, error };
      if (pace.shouldYield) await pace.yield();
    }
  }

  succeed(task: Task): void {
    this.#backlog.succeed(task);
  }

  /** Whether the task that has failed will be tried again. */
  retry(task: Task): boolean {
    return !this.#signal.aborted && this.#backlog.fail(task, performance.now());
  }

  /** Resolves when the part was taken. Rejects with UpstreamError if no more may be read. */
  async give(part: Part): Promise<void> {
    if (!this.#isClosed) {
      await new Promise<void>((resolve) => {
        const resume = () => {
          this.#pending.delete(resume);
          resolve();
        };
        this.#pending.add(resume);
        this.#put({ part, resume });
      });
    }
    if (this.#isClosed || this.#signal.aborted) throw deadlineExceeded('none');
  }

  #fillUp(limit: number): void {
    while (this.#underWay < limit) {
      const task = this.#backlog.take(performance.now());
      if (task === null) return;
      this.#underWay += 1;
      this.#read(task).then(
        (result) => {
          this.#put({ task, result });
        },
        (error: unknown) => {
          this.#put({ task, error });
        },
      );
    }
  }

  #put(event: QueueEvent<Task, Result, Part>): void {
    this.#events.push(event);
    this.#wake();
  }

  /** Null if none comes in time, or before the signal aborts. */
  async #next(timeoutMs: number): Promise<QueueEvent<Task, Result, Part> | null> {
    if (this.#events.length === 0) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          this.#signal.removeEventListener('abort', wake);
          this.#wake = () => undefined;
          resolve();
        };
        const timer = timeoutMs === Infinity ? undefined : setTimeout(wake, timeoutMs);
        this.#wake = wake;
        if (!this.#signal.aborted) this.#signal.addEventListener('abort', wake);
      });
    }
    return this.#events.shift() ?? null;
  }
}
