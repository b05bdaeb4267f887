import { describe, expect, jest, test } from '@jest/globals';
import { UpstreamError, type UpstreamErrorCode, type UpstreamErrorDetails } from '../../src/errors.ts';
import { createScope } from '../../src/scope.ts';
import { createRetry } from '../../src/transport/retry.ts';
import { retryAfterOf } from '../../src/transport/transport.ts';

const failure = (code: UpstreamErrorCode, details: Partial<UpstreamErrorDetails> = {}) =>
  new UpstreamError(code, 'It failed.', { endpoint: 'POST /rows', ...details });

function setUp({ maxRetries = 3, random = (): number => 0.5 } = {}) {
  const slept: number[] = [];
  let now = 0;
  const retry = createRetry({
    maxRetries,
    random,
    now: () => now,
    sleep: (milliseconds, signal) => {
      slept.push(milliseconds);
      now += milliseconds;
      return signal.aborted ? Promise.reject(new Error('aborted')) : Promise.resolve();
    },
  });
  /** Fails with each of the failures, then succeeds. */
  const attempt = (failures: readonly UpstreamError[]) => {
    let attempts = 0;
    return () => {
      const error = failures[attempts];
      attempts += 1;
      return error === undefined ? Promise.resolve(`after ${attempts}`) : Promise.reject(error);
    };
  };
  return { retry, attempt, slept, advance: (milliseconds: number) => (now += milliseconds) };
}

const always = () => true;
const { scope } = createScope();

describe('a call that failed for a transient reason', () => {
  test.each<UpstreamErrorCode>([
    'UPSTREAM_UNAVAILABLE',
    'UPSTREAM_TIMEOUT',
    'UPSTREAM_RATE_LIMITED',
    'UPSTREAM_INVALID_RESPONSE',
  ])('is repeated: %s', async (code) => {
    const { retry, attempt } = setUp();
    expect(await retry('key', attempt([failure(code)]), scope, always)).toBe('after 2');
  });

  test.each<UpstreamErrorCode>([
    'UPSTREAM_FORBIDDEN',
    'UPSTREAM_NOT_FOUND',
    'UPSTREAM_REFUSED',
    'UPSTREAM_UNAUTHENTICATED',
    'REQUEST_CANCELLED',
    'UPSTREAM_BUDGET_EXCEEDED',
  ])('is not repeated for another reason: %s', async (code) => {
    const { retry, attempt, slept } = setUp();
    await expect(retry('key', attempt([failure(code)]), scope, always)).rejects.toMatchObject({ code });
    expect(slept).toEqual([]);
  });

  test('is retried with exponential backoff and jitter', async () => {
    const rolls = [0.1, 0.9, 0.5];
    const { retry, attempt, slept } = setUp({ random: () => rolls.shift() ?? 0 });
    const errors = [1, 2, 3].map(() => failure('UPSTREAM_UNAVAILABLE'));
    expect(await retry('key', attempt(errors), scope, always)).toBe('after 4');
    expect(slept).toEqual([10, 180, 200]);
  });

  test('fails with the last error after the maximum number of retries', async () => {
    const { retry, attempt, slept } = setUp({ maxRetries: 2 });
    const errors = [1, 2, 3].map((status) => failure('UPSTREAM_UNAVAILABLE', { status }));
    await expect(retry('key', attempt(errors), scope, always)).rejects.toBe(errors[2]);
    expect(slept).toHaveLength(2);
  });

  test('is never retried before Retry-After', async () => {
    const { retry, attempt, slept } = setUp();
    await retry('key', attempt([failure('UPSTREAM_RATE_LIMITED', { retryAfterMs: 3000 })]), scope, always);
    expect(slept).toEqual([3050]);
  });

  test.each([
    [999_999_999_000, 60_050],
    [Infinity, 60_050],
    [NaN, 50],
    [-5000, 50],
  ])(
    'waits no longer than a minute, and never less than its own pause, for %p',
    async (retryAfterMs, waitMs) => {
      const { retry, attempt, slept } = setUp();
      await retry('key', attempt([failure('UPSTREAM_RATE_LIMITED', { retryAfterMs })]), scope, always);
      expect(slept).toEqual([waitMs]);
    },
  );

  test('is not retried after the deadline', async () => {
    const { retry, attempt, slept } = setUp();
    const error = failure('UPSTREAM_RATE_LIMITED', { retryAfterMs: 3000 });
    await expect(retry('key', attempt([error]), createScope(3000).scope, always)).rejects.toBe(error);
    expect(slept).toEqual([]);
    expect(await retry('key', attempt([error]), createScope(3100).scope, always)).toBe('after 2');
  });

  test('is not retried once cancelled, or if `mayRetry` refuses', async () => {
    const { retry, attempt } = setUp();
    const error = failure('UPSTREAM_UNAVAILABLE');
    const cancelled = createScope();
    cancelled.end();
    await expect(retry('key', attempt([error]), cancelled.scope, always)).rejects.toBe(error);
    await expect(retry('key', attempt([error]), scope, () => false)).rejects.toBe(error);
  });

  test('is retried in an outage for a fifth of the calls, plus the saved budget', async () => {
    const { retry, slept } = setUp();
    const error = failure('UPSTREAM_UNAVAILABLE');
    for (let call = 0; call < 1000; call++) {
      await expect(retry(`key ${call}`, () => Promise.reject(error), scope, always)).rejects.toBe(error);
    }
    expect(slept.length).toBeGreaterThan(190);
    expect(slept.length).toBeLessThanOrEqual(210);
  });
});

describe('a call that has just failed', () => {
  const error = failure('UPSTREAM_UNAVAILABLE', { status: 500 });
  const fails = () => Promise.reject(error);

  test('counts as a retry for any caller, and is not made if the budget is exhausted', async () => {
    const { retry, attempt } = setUp({ maxRetries: 0 });
    let attempts = 0;
    const counted = () => {
      attempts += 1;
      return fails();
    };
    for (let call = 0; call < 50; call++) {
      await expect(retry('key', counted, scope, always)).rejects.toMatchObject({ details: { status: 500 } });
    }
    expect(attempts).toBeLessThanOrEqual(11);
    await expect(retry('key', attempt([]), scope, always)).rejects.toMatchObject({
      details: { notSent: true },
    });
    expect(await retry('another key', attempt([]), scope, always)).toBe('after 1');
  });

  test('charges one retry for any number of later calls', async () => {
    const { retry, attempt, slept } = setUp({ maxRetries: 1 });
    await expect(retry('key', fails, scope, always)).rejects.toBe(error);
    const release: (() => void)[] = [];
    const held = () =>
      new Promise<string>((resolve) =>
        release.push(() => {
          resolve('late');
        }),
      );
    const newcomers = Array.from({ length: 50 }, () => retry('key', held, scope, always));
    // One retry of the first call and one for all later callers: eight of ten are left.
    for (let call = 0; call < 8; call++) {
      await retry(`key ${call}`, attempt([error]), scope, always);
    }
    for (const each of release) each();
    expect(await Promise.all(newcomers)).toEqual(new Array(50).fill('late'));
    expect(slept).toHaveLength(9);
  });

  test('counts as a new call after a while', async () => {
    const { retry, attempt, advance } = setUp({ maxRetries: 0 });
    for (let call = 0; call < 50; call++) {
      await expect(retry('key', fails, scope, always)).rejects.toMatchObject({ code: error.code });
    }
    advance(3000);
    expect(await retry('key', attempt([]), scope, always)).toBe('after 1');
    expect(await retry('key', attempt([]), scope, always)).toBe('after 1');
  });
});

describe('Retry-After', () => {
  const of = (value: string | undefined) =>
    retryAfterOf({ status: 429, headers: { 'retry-after': value }, body: '' });

  test('is a number of seconds', () => {
    expect(of('7')).toBe(7000);
    expect(of(' 0 ')).toBe(0);
  });

  test('is a date', () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.UTC(2026, 0, 1));
    try {
      expect(of('Thu, 01 Jan 2026 00:00:10 GMT')).toBe(10_000);
      expect(of('Wed, 21 Oct 2015 07:28:00 GMT')).toBe(0);
    } finally {
      now.mockRestore();
    }
  });

  test.each([
    ['Thu, 01 Jan 2026 00:00:00 GMT', 10_000],
    ['Thu, 01 Jan 2026 00:00:20 GMT', 0],
    ['of another form', 0],
  ])('is a date by the clock of the upstream: %s', (date, waitMs) => {
    const headers = { 'retry-after': 'Thu, 01 Jan 2026 00:00:10 GMT', date };
    expect(retryAfterOf({ status: 429, headers, body: '' })).toBe(waitMs);
  });

  test('is at most a minute', () => {
    for (const value of ['60', '61', '999999999', '9'.repeat(400), 'Fri, 01 Jan 3027 00:00:00 GMT']) {
      expect(of(value)).toBe(60_000);
    }
    expect(of('1.5')).toBe(1500);
  });

  test.each([undefined, '', 'soon', '-1', '-999999999', 'NaN', 'Infinity', '1e9', '0x10', '+5', 'Fri'])(
    'is not known from %j',
    (value) => {
      expect(of(value)).toBeUndefined();
    },
  );
});
