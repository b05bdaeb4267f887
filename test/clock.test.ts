import { afterEach, expect, jest, test } from '@jest/globals';
import { clockShiftMs, monotonicClock } from '../src/clock.ts';
import { ProtectionSummary } from '../src/graph/protection.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

const hourMs = 3_600_000;

test.each([hourMs, -hourMs])('the time of day is followed when the clock is set by %d ms', (setMs) => {
  const machine = Date.now;
  expect(clockShiftMs()).toBe(0);
  const before = monotonicClock();
  jest.spyOn(Date, 'now').mockImplementation(() => machine() + setMs);
  expect(monotonicClock()).toBeGreaterThanOrEqual(before);
  expect(Math.round(clockShiftMs() / 1000)).toBe(setMs / 1000);
});

test('a summary says in the time of day when it was read', () => {
  const readAt = monotonicClock();
  const machine = Date.now;
  jest.spyOn(Date, 'now').mockImplementation(() => machine() + hourMs);
  const asOf: unknown = Reflect.apply(ProtectionSummary.asOf, null, [{ asOfMs: readAt }]);
  expect(Math.round((Date.parse(String(asOf)) - readAt) / 1000)).toBe(hourMs / 1000);
});
