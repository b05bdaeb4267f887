/**
 * How many tenants a long report reads at once: more while the process has time to spare, as it has when the upstream is
 * slow, and fewer when it is busy, so that whoever asks for something small meanwhile is answered as if there were none.
 */
import { performance, type EventLoopUtilization } from 'node:perf_hooks';

const min = 2;
const initial = 4;
const max = 16;
/** Shares of the event loop's time. */
const spare = 0.8;
const busy = 0.92;
/** Milliseconds that tell of how busy the process is. */
const minSampleMs = 50;

export class AdaptiveConcurrency {
  #limit = initial;
  #since: EventLoopUtilization = performance.eventLoopUtilization();

  /** How many may be under way from now on. */
  adjust(): number {
    const { utilization, active, idle } = performance.eventLoopUtilization(this.#since);
    if (active + idle < minSampleMs) return this.#limit;
    this.#since = performance.eventLoopUtilization();
    if (utilization > busy) this.#limit = Math.max(min, this.#limit - 1);
    else if (utilization < spare) this.#limit = Math.min(max, this.#limit + 1);
    return this.#limit;
  }
}
