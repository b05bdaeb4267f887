/**
 * Writes lines to a file descriptor, whatever happens to the disk behind it: what waits is bounded, lines beyond that are
 * dropped and counted, a failing write is repeated at intervals, and neither holds the process.
 */
import { close, closeSync, write, writeSync } from 'node:fs';

export interface LineWriterOptions {
  /** Opens what is written to; its descriptor. */
  readonly open: () => number;
  /** Called once when lines can't be written, with the reason; null if writes only don't end. */
  readonly onFailure: (error: Error | null) => void;
  /** Called when lines are written again, with the number of those that were dropped. */
  readonly onRecovery: (dropped: number) => void;
}

/** Characters of lines that wait. */
export const maxWaitingLength = 4 * 1024 * 1024;
/** Characters of one write. */
const maxBatchLength = 64 * 1024;
const retryMs = 1000;
/** For a reader that is behind. */
const pauseMs = 20;
/** A disk that is nearly full fails and recovers all the time. */
const minMsBetweenReports = 60_000;

/** Lines of one write that is not complete yet. */
interface Batch {
  bytes: Buffer;
  /** Whether the descriptor has a part of it. */
  isBegun: boolean;
}

/** Appends lines to a descriptor without blocking the event loop. */
export class LineWriter {
  readonly #options: LineWriterOptions;
  #descriptor: number;
  /** Replaces the descriptor when the write in flight has ended. */
  #nextDescriptor: number | null = null;
  #waiting: string[] = [];
  #waitingLength = 0;
  #batch: Batch | null = null;
  #isWriting = false;
  /** Whether the end of the process is watched, since lines wait. */
  #isWatching = false;
  /** Until the descriptor is opened anew, which has failed. */
  #reopening: NodeJS.Timeout | null = null;
  #retry: NodeJS.Timeout | null = null;
  #isFailing = false;
  #isReported = false;
  #reportedAt = -Infinity;
  #dropped = 0;
  #droppedBefore = 0;
  /** Called after each write. */
  #onWritten: ((isFailed: boolean) => void) | null = null;

  /** @throws Error what `open` throws */
  constructor(options: LineWriterOptions) {
    this.#options = options;
    this.#descriptor = options.open();
  }

  /** Lines that were dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @param line with its newline */
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
    // Lines of the same tick are one write.
    if (this.#waiting.length === 1 && !this.#isWriting && this.#retry === null) setImmediate(this.#run);
  };

  /** Continues in a newly opened file; in the old one as long as it can't be opened. */
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

  /** Writes what waits. Resolves when all is written, a write fails, or the time is over. */
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
    // The reader of a pipe is behind: no failure.
    const isBehind = error.code === 'EAGAIN';
    if (!isBehind) {
      this.#fail(error);
      this.#onWritten?.(true);
    }
    this.#retry = setTimeout(this.#run, isBehind ? pauseMs : retryMs);
    if (!isBehind || this.#onWritten === null) this.#retry.unref();
  };

  #takeBatch(): Batch | null {
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
    // The beginning of its first line is in the old file.
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

  /** At the end of the process, which nothing asynchronous survives. */
  readonly #writeLast = (): void => {
    const begun = this.#isWriting || this.#batch === null ? [] : [this.#batch.bytes];
    try {
      for (const bytes of [...begun, Buffer.from(this.#waiting.join(''))]) {
        if (bytes.length > 0) writeSync(this.#descriptor, bytes);
      }
    } catch {
      // They are lost.
    }
  };
}
