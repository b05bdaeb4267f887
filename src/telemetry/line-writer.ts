/**
 * Writes lines to a file descriptor, even if the disk is full or slow. The queue is bounded: lines beyond it are
 * dropped and counted. Failed writes are retried at intervals, and never keep the process alive.
 */
import { close, closeSync, write, writeSync } from 'node:fs';

export interface LineWriterOptions {
  /** Opens the output and returns its descriptor. */
  readonly open: () => number;
  /** Called once when lines can't be written, with the reason, or with null if writes do not complete. */
  readonly onFailure: (error: Error | null) => void;
  /** Called when lines are written again, with the number of dropped ones. */
  readonly onRecovery: (dropped: number) => void;
}

/** Maximum characters of queued lines. */
export const maxWaitingLength = 4 * 1024 * 1024;
/** Maximum characters of one write. */
const maxBatchLength = 64 * 1024;
const retryMs = 1000;
/** Delay before the next write to a full pipe. */
const pauseMs = 20;
/** Limits reports of a nearly full disk, which fails and recovers repeatedly. */
const minMsBetweenReports = 60_000;

/** Lines of one incomplete write. */
interface PendingWrite {
  bytes: Buffer;
  /** Whether a part of the lines is written. */
  isBegun: boolean;
}

/** Appends lines to a descriptor without blocking the event loop. */
export class LineWriter {
  readonly #options: LineWriterOptions;
  #descriptor: number;
  /** Replaces the descriptor once the write in flight has ended. */
  #nextDescriptor: number | null = null;
  #waiting: string[] = [];
  #waitingLength = 0;
  #batch: PendingWrite | null = null;
  #isWriting = false;
  /** Whether the exit handler is registered; it is while lines are queued. */
  #isWatching = false;
  /** Timer of the next attempt to reopen the output. */
  #reopening: NodeJS.Timeout | null = null;
  #retry: NodeJS.Timeout | null = null;
  #isFailing = false;
  #isReported = false;
  #reportedAt = -Infinity;
  #dropped = 0;
  #droppedBefore = 0;
  #onWritten: ((isFailed: boolean) => void) | null = null;

  /** @throws Error of `open` */
  constructor(options: LineWriterOptions) {
    this.#options = options;
    this.#descriptor = options.open();
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** @param line line with its newline */
  readonly write = (line: string): void => {
    if (this.#waitingLength + line.length > maxWaitingLength) {
      this.#dropped += 1;
      this.#fail(null);
      return;
    }
    this.#waiting.push(line);
    this.#waitingLength += line.length;
    if (!this.#isWatching) {
      this.#isWatching = true;
      process.on('exit', this.#writeLast);
    }
    // Batches the lines of one tick.
    if (this.#waiting.length === 1 && !this.#isWriting && this.#retry === null) setImmediate(this.#run);
  };

  /** Switches to a newly opened file; keeps the old file until that succeeds. */
  readonly reopen = (): void => {
    if (this.#reopening !== null) clearTimeout(this.#reopening);
    this.#reopening = null;
    let opened: number;
    try {
      opened = this.#options.open();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      this.#reopening = setTimeout(this.reopen, retryMs).unref();
      return;
    }
    if (this.#nextDescriptor !== null) closeSync(this.#nextDescriptor);
    this.#nextDescriptor = opened;
    if (!this.#isWriting) this.#run();
  };

  /** Flushes the queue. Resolves when all is written, a write fails, or the time limit is reached. */
  async end(limitMs: number): Promise<void> {
    const isDone = () => !this.#isWriting && this.#isEmpty;
    if (!isDone()) {
      await new Promise<void>((resolve) => {
        const limit = setTimeout(resolve, limitMs);
        this.#onWritten = (isFailed) => {
          if (!isFailed && !isDone()) return;
          clearTimeout(limit);
          resolve();
        };
        this.#run();
      });
    }
    this.#onWritten = null;
    this.#cancelRetry();
    if (!isDone()) return;
    this.#isWatching = false;
    process.off('exit', this.#writeLast);
  }

  get #isEmpty(): boolean {
    return this.#batch === null && this.#waiting.length === 0;
  }

  readonly #run = (): void => {
    if (this.#isWriting) return;
    this.#cancelRetry();
    this.#changeDescriptor();
    this.#batch ??= this.#takeBatch();
    if (this.#batch === null) return;
    this.#isWriting = true;
    write(this.#descriptor, this.#batch.bytes, 0, this.#batch.bytes.length, null, this.#wrote);
  };

  readonly #wrote = (error: NodeJS.ErrnoException | null, written: number): void => {
    this.#isWriting = false;
    if (error === null) {
      this.#advance(written);
      if (this.#isFailing && this.#reopening === null && this.#isEmpty) this.#recover();
      this.#onWritten?.(false);
      this.#run();
      return;
    }
    // The pipe is full, which is no failure.
    const isBehind = error.code === 'EAGAIN';
    if (!isBehind) {
      this.#fail(error);
      this.#onWritten?.(true);
    }
    this.#retry = setTimeout(this.#run, isBehind ? pauseMs : retryMs);
    if (!isBehind || this.#onWritten === null) this.#retry.unref();
  };

  #takeBatch(): PendingWrite | null {
    if (this.#waiting.length === 0) return null;
    let length = 0;
    let count = 0;
    for (const line of this.#waiting) {
      if (count > 0 && length + line.length > maxBatchLength) break;
      length += line.length;
      count += 1;
    }
    const text = this.#waiting.splice(0, count).join('');
    this.#waitingLength -= length;
    return { bytes: Buffer.from(text), isBegun: false };
  }

  #advance(written: number): void {
    if (this.#batch === null) return;
    this.#batch =
      written < this.#batch.bytes.length
        ? { bytes: this.#batch.bytes.subarray(written), isBegun: true }
        : null;
  }

  #changeDescriptor(): void {
    if (this.#nextDescriptor === null) return;
    close(this.#descriptor, () => undefined);
    this.#descriptor = this.#nextDescriptor;
    this.#nextDescriptor = null;
    if (this.#batch?.isBegun !== true) return;
    // The old file has the start of the first line.
    const rest = this.#batch.bytes.subarray(this.#batch.bytes.indexOf('\n') + 1);
    this.#batch = rest.length === 0 ? null : { bytes: rest, isBegun: false };
    this.#dropped += 1;
  }

  #cancelRetry(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }

  #fail(error: Error | null): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const now = performance.now();
    if (now - this.#reportedAt < minMsBetweenReports) return;
    this.#reportedAt = now;
    this.#isReported = true;
    this.#options.onFailure(error);
  }

  #recover(): void {
    this.#isFailing = false;
    if (!this.#isReported) return;
    this.#isReported = false;
    const dropped = this.#dropped - this.#droppedBefore;
    this.#droppedBefore = this.#dropped;
    this.#options.onRecovery(dropped);
  }

  /** Writes the queue synchronously at the end of the process. */
  readonly #writeLast = (): void => {
    const begun = this.#isWriting || this.#batch === null ? [] : [this.#batch.bytes];
    try {
      for (const bytes of [...begun, Buffer.from(this.#waiting.join(''))]) {
        if (bytes.length > 0) writeSync(this.#descriptor, bytes);
      }
    } catch {
      // The lines are lost.
    }
  };
}
