/**
 * Reads tenants concurrently, no faster than their events are consumed. Failed tenants can be retried; tenants not
 * begun at the deadline remain.
 */
import { deadlineExceeded } from '../errors.ts';
import { Pace } from '../scheduler.ts';
import { isAbandoned } from '../scope.ts';
import { RetryQueue, type RetryQueueOptions } from './retry-queue.ts';
import { AdaptiveConcurrency } from './adaptive-concurrency.ts';

/** Part of a tenant's data, or the end of a tenant. */
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
  readonly #retryQueue: RetryQueue<Task>;
  readonly #concurrency = new AdaptiveConcurrency();
  readonly #events: QueueEvent<Task, Result, Part>[] = [];
  /** Callbacks of parts not consumed yet. */
  readonly #pending = new Set<() => void>();
  #wake: () => void = () => undefined;
  #inFlight = 0;
  #isClosed = false;

  constructor(tasks: Iterable<Task>, { signal, read, ...options }: QueueOptions<Task, Result>) {
    this.#signal = signal;
    this.#read = read;
    this.#retryQueue = new RetryQueue(tasks, options);
  }

  /** Whether the consumer is gone. */
  get isAbandoned(): boolean {
    return isAbandoned(this.#signal);
  }

  /** Yields events, once; null if none arrives before the timeout or the abort. */
  async *events(
    timeoutMs = Infinity,
  ): AsyncGenerator<QueueEvent<Task, Result, Part> | null, void, undefined> {
    try {
      while (this.#inFlight > 0 || !(this.#retryQueue.isEmpty || this.#signal.aborted)) {
        if (this.isAbandoned) return;
        const limit = this.#concurrency.adjust();
        if (!this.#signal.aborted) this.#startTasks(limit);
        const waitMs = this.#inFlight < limit ? this.#retryQueue.waitMs(performance.now()) : Infinity;
        const event = await this.#next(Math.min(timeoutMs, waitMs));
        if (event === null) {
          if (waitMs > timeoutMs) yield null;
        } else if ('part' in event) {
          yield event;
          event.resume();
        } else {
          this.#inFlight -= 1;
          yield event;
        }
      }
    } finally {
      this.#isClosed = true;
      this.#events.length = 0;
      for (const resume of this.#pending) resume();
    }
  }

  /** Tasks not begun, with the error; none if the consumer is gone. */
  async *rest(): AsyncGenerator<{ readonly task: Task; readonly error: Error }, void, undefined> {
    const error = deadlineExceeded('none');
    const pace = new Pace();
    for (const task of this.isAbandoned ? [] : this.#retryQueue.rest()) {
      yield { task, error };
      if (pace.shouldYield) await pace.yield();
    }
  }

  succeed(task: Task): void {
    this.#retryQueue.succeed(task);
  }

  /** Records a failure; returns whether the task will be retried. */
  retry(task: Task): boolean {
    return !this.#signal.aborted && this.#retryQueue.fail(task, performance.now());
  }

  /** Resolves once the part is consumed. Rejects with UpstreamError if reading must stop. */
  async emit(part: Part): Promise<void> {
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

  #startTasks(limit: number): void {
    while (this.#inFlight < limit) {
      const task = this.#retryQueue.take(performance.now());
      if (task === null) return;
      this.#inFlight += 1;
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

  /** Null at the timeout or when the signal aborts. */
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
