/** Clocks in milliseconds since the epoch. */

/** Monotonic time for durations, since the epoch as known at the start. */
export const monotonicClock = () => performance.timeOrigin + performance.now();

/** Smaller differences result from reading two clocks. */
const minShiftMs = 1000;

/**
 * Offset of the time of day from `monotonicClock` after the clock was set or the machine was suspended; else 0. Dates
 * that leave the process use the time of day.
 */
export function clockShiftMs(): number {
  const shiftMs = Date.now() - monotonicClock();
  return Math.abs(shiftMs) < minShiftMs ? 0 : shiftMs;
}

/** Formats a time of `monotonicClock` as a time of day. */
export function instantOf(milliseconds: number): string {
  return new Date(milliseconds + clockShiftMs()).toISOString();
}
