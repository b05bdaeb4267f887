/** Clocks by which the gateway dates what it reads, in milliseconds since the epoch. */

/** Time that never goes back, on which durations are measured: since the epoch as the machine knew it at the start. */
export const monotonicClock = () => performance.timeOrigin + performance.now();

/** A smaller difference is that of two ways to read one clock. */
const minShiftMs = 1000;

/**
 * How much later the time of day is than `monotonicClock` says, since the machine's clock has been set or the machine was
 * suspended; 0 if it was not. What leaves the process is dated by the time of day.
 */
export function clockShiftMs(): number {
  const shiftMs = Date.now() - monotonicClock();
  return Math.abs(shiftMs) < minShiftMs ? 0 : shiftMs;
}
