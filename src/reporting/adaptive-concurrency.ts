/**
 * Concurrency of a long report: raised while the event loop is idle, as with a slow upstream, and lowered while it is
 * busy, so that small operations are not delayed.
 */
import { performance, type EventLoopUtilization } from 'node:perf_hooks';

const min = 2;
const initial = 4;
const max = 16;
/** Event loop utilization below and above which the limit is changed. */
const spare = 0.8;
const busy = 0.92;
const minSampleMs = 50;

export class AdaptiveConcurrency {
  #limit = initial;
  #since: EventLoopUtilization = performance.eventLoopUtilization();

  /** Updates and returns the limit. */
  adjust(): number {
    const { utilization, active, idle } = performance.eventLoopUtilization(this.#since);
    if (active + idle < minSampleMs) return this.#limit;
    this.#since = performance.eventLoopUtilization();
    if (utilization > busy) this.#limit = Math.max(min, this.#limit - 1);
    else if (utilization < spare) this.#limit = Math.min(max, this.#limit + 1);
    return this.#limit;
  }
}
