import { describe, expect, test } from '@jest/globals';
import { UpstreamError } from '../../src/errors.ts';
import { createScope, type Scope } from '../../src/scope.ts';
import {
  ConcurrencyLimiter,
  withConcurrencyLimit,
  type ConcurrencyLimiterOptions,
} from '../../src/transport/concurrency-limiter.ts';
import { cancelledError, SupersededError, type TransportResponse } from '../../src/transport/transport.ts';

/** An upstream with manual answers and a manual clock. */
function setUp(options: Partial<ConcurrencyLimiterOptions> = {}) {
  let now = 0;
  let tasks: { at: number; task: () => void }[] = [];
  const underWay: { path: string; settle: (outcome: TransportResponse | UpstreamError) => void }[] = [];
  const limiter = new ConcurrencyLimiter({
    maxConcurrency: 4,
    callsPerSecond: null,
    now: () => now,
    schedule: (task, delayMs) => tasks.push({ at: now + delayMs, task }),
    ...options,
  });
  const send = withConcurrencyLimit(
    ({ path }) =>
      new Promise((resolve, reject) => {
        underWay.push({
          path,
          settle: (outcome) => {
            if (outcome instanceof UpstreamError) reject(outcome);
            else resolve(outcome);
          },
        });
      }),
    limiter,
  );
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    limiter,
    underWay,
    call: (path: string, scope: Scope = createScope().scope, superseded?: AbortSignal) => {
      const request = { endpoint: 'POST /rows', method: 'POST', path } as const;
      const answer = send(superseded === undefined ? request : { ...request, superseded }, scope);
      answer.catch(() => undefined);
      return answer;
    },
    paths: async () => {
      await settle();
      return underWay.map(({ path }) => path);
    },
    answer: async (path: string, outcome: TransportResponse | UpstreamError = ok) => {
      await settle();
      const index = underWay.findIndex((call) => call.path === path);
      expect(index).toBeGreaterThanOrEqual(0);
      underWay.splice(index, 1)[0]?.settle(outcome);
      await settle();
    },
    advance: async (milliseconds: number) => {
      now += milliseconds;
      const due = tasks.filter(({ at }) => at <= now);
      tasks = tasks.filter(({ at }) => at > now);
      for (const { task } of due) task();
      await settle();
    },
  };
}

const ok: TransportResponse = { status: 200, headers: {}, body: '' };
const refusal = (status: number, headers: Record<string, string> = {}): TransportResponse => ({
  status,
  headers,
  body: '',
});
const timeout = new UpstreamError('UPSTREAM_TIMEOUT', 'It took too long.', { endpoint: 'POST /rows' });

describe('a call that is superseded', () => {
  test('leaves the queue and is not sent', async () => {
    const { call, paths, answer } = setUp({ maxConcurrency: 1 });
    const { scope } = createScope();
    const [waiting, latest] = [new AbortController(), new AbortController()];
    const first = call('/first', scope);
    const second = call('/second', scope, waiting.signal);
    const third = call('/third', scope, latest.signal);
    waiting.abort();
    await expect(second).rejects.toThrow(SupersededError);
    await answer('/first');
    expect(await paths()).toEqual(['/third']);
    // In flight by now.
    latest.abort();
    await answer('/third');
    await expect(Promise.all([first, third])).resolves.toEqual([ok, ok]);
    await expect(call('/fourth', scope, waiting.signal)).rejects.toThrow(SupersededError);
    expect(await paths()).toEqual([]);
  });
});

describe('a concurrency limiter', () => {
  test('admits calls up to its limit, and the next one when one ends', async () => {
    const { call, paths, answer } = setUp();
    const all = [1, 2, 3, 4, 5, 6].map((number) => call(`/${number}`));
    expect(await paths()).toEqual(['/1', '/2', '/3', '/4']);
    await answer('/2');
    expect(await paths()).toEqual(['/1', '/3', '/4', '/5']);
    for (const path of ['/1', '/3', '/4', '/5', '/6']) await answer(path);
    expect(await Promise.all(all)).toEqual(Array.from({ length: 6 }, () => ok));
  });

  test('serves operations round-robin, so that a small one does not wait for a large one', async () => {
    const { call, paths, answer } = setUp({ maxConcurrency: 1 });
    const [large, small, other] = [createScope().scope, createScope().scope, createScope().scope];
    for (let page = 1; page <= 100; page++) void call(`/large/${page}`, large);
    void call('/small', small);
    void call('/other/1', other);
    void call('/other/2', other);
    const order: string[] = [];
    for (let turn = 0; turn < 7; turn++) {
      const [path = ''] = await paths();
      order.push(path);
      await answer(path);
    }
    expect(order).toEqual(['/large/1', '/large/2', '/small', '/other/1', '/large/3', '/other/2', '/large/4']);
  });

  test.each([
    ['a 429', refusal(429, { 'retry-after': '0' })],
    ['a 503', refusal(503)],
    ['a timeout', timeout],
  ])('decreases the limit after %s, once for all calls in flight', async (_what, outcome) => {
    const { call, paths, answer, advance } = setUp({ maxConcurrency: 10 });
    for (let number = 1; number <= 30; number++) void call(`/${number}`);
    await paths();
    await advance(5);
    await answer('/1', outcome);
    await answer('/2', outcome);
    await answer('/3', outcome);
    expect(await paths()).toHaveLength(7);
  });

  test('increases the limit by one for each full round of successes', async () => {
    const { call, paths, answer, advance } = setUp({ maxConcurrency: 10 });
    for (let number = 1; number <= 200; number++) void call(`/${number}`);
    await advance(5);
    await answer('/1', refusal(503));
    await advance(5);
    const sizes: number[] = [];
    for (let round = 0; round < 6; round++) {
      const round = await paths();
      for (const path of round) await answer(path);
      sizes.push((await paths()).length);
    }
    expect(sizes).toEqual([8, 9, 10, 10, 10, 10]);
  });

  test('starts slowly, and admits one more for each needed success until the first refusal', async () => {
    const { call, paths, answer, advance } = setUp({ maxConcurrency: 20, firstCalls: 2 });
    for (let number = 1; number <= 200; number++) void call(`/${number}`);
    const sizes: number[] = [];
    for (let round = 0; round < 5; round++) {
      const round = await paths();
      sizes.push(round.length);
      for (const path of round) await answer(path);
    }
    expect(sizes).toEqual([2, 4, 8, 16, 20]);
    await advance(5);
    const [first = '', ...others] = await paths();
    await answer(first, refusal(503));
    await advance(5);
    for (const path of others) await answer(path);
    expect(await paths()).toHaveLength(15);
  });

  test('does not increase a limit that is not needed', async () => {
    const { call, paths, answer } = setUp({ maxConcurrency: 20, firstCalls: 4 });
    for (let number = 1; number <= 100; number++) {
      void call(`/${number}`);
      await answer(`/${number}`);
    }
    for (let number = 101; number <= 150; number++) void call(`/${number}`);
    expect(await paths()).toHaveLength(4);
  });

  test('pauses all calls for as long as a 429 says', async () => {
    const { call, paths, answer, advance } = setUp();
    void call('/1');
    await answer('/1', refusal(429, { 'retry-after': '2' }));
    void call('/2');
    void call('/3');
    await advance(1999);
    expect(await paths()).toEqual([]);
    await advance(1);
    expect(await paths()).toEqual(['/2', '/3']);
  });

  test.each([
    ['999999999', refusal(429, { 'retry-after': '999999999' })],
    ['a longer number than any', refusal(429, { 'retry-after': '9'.repeat(400) })],
    ['a date in a thousand years', refusal(429, { 'retry-after': 'Fri, 01 Jan 3027 00:00:00 GMT' })],
  ])('pauses at most a minute for %s, then sends a single probe', async (_what, requested) => {
    const { limiter, call, paths, answer, advance } = setUp();
    void call('/1');
    await answer('/1', requested);
    expect(limiter.state.pausedMs).toBe(60_000);
    for (const path of ['/2', '/3', '/4', '/5']) void call(path);
    await advance(59_999);
    expect(await paths()).toEqual([]);
    await advance(1);
    expect(await paths()).toEqual(['/2']);
    // Another 429.
    await answer('/2', requested);
    await advance(60_000);
    expect(await paths()).toEqual(['/3']);
    await answer('/3', refusal(429, { 'retry-after': '1' }));
    await advance(1000);
    expect(await paths()).toEqual(['/4']);
    // Recovered.
    await answer('/4');
    void call('/6');
    expect(await paths()).toEqual(['/5', '/6']);
  });

  test('sends another probe if the probe is cancelled, and none if it has failed', async () => {
    const { call, paths, answer, advance, limiter } = setUp();
    limiter.pause(Infinity);
    const leaving = createScope();
    void call('/1', leaving.scope);
    void call('/2');
    void call('/3');
    await advance(60_000);
    expect(await paths()).toEqual(['/1']);
    await answer('/1', cancelledError('POST /rows'));
    expect(await paths()).toEqual(['/2']);
    await answer('/2', timeout);
    void call('/4');
    expect(await paths()).toEqual(['/3', '/4']);
  });

  test('sends another probe if the probe was not sent', async () => {
    const { limiter, advance } = setUp();
    limiter.pause(60_000);
    await advance(60_000);
    const request = { endpoint: 'POST /rows', method: 'POST', path: '/' } as const;
    const gone: string[] = [];
    for (const name of ['/1', '/2', '/3']) {
      void limiter.acquire(request, createScope().scope).then(() => gone.push(name));
    }
    await advance(1);
    expect(gone).toEqual(['/1']);
    limiter.release(limiter.now(), null);
    await advance(1);
    expect(gone).toEqual(['/1', '/2']);
    limiter.release(limiter.now(), ok);
    await advance(1);
    expect(gone).toEqual(['/1', '/2', '/3']);
  });

  test('does not take an earlier call for the probe', async () => {
    const { limiter, call, paths, answer, advance } = setUp();
    void call('/old');
    await paths();
    await advance(1);
    limiter.pause(60_000);
    for (const path of ['/1', '/2']) void call(path);
    await advance(60_000);
    expect(await paths()).toEqual(['/old', '/1']);
    await answer('/old');
    expect(await paths()).toEqual(['/1']);
    await answer('/1');
    expect(await paths()).toEqual(['/2']);
  });

  test.each([NaN, -1, -Infinity, 0])('is not held up by a pause of %p', async (milliseconds) => {
    const { limiter, call, paths } = setUp();
    limiter.pause(milliseconds);
    void call('/1');
    expect(await paths()).toEqual(['/1']);
  });

  test('rejects calls at once that would wait past their deadline', async () => {
    const { call, answer } = setUp();
    void call('/1');
    await answer('/1', refusal(429, { 'retry-after': '60' }));
    await expect(call('/2', createScope(30_000).scope)).rejects.toMatchObject({
      code: 'UPSTREAM_RATE_LIMITED',
      details: { retryAfterMs: 60_000 },
    });
  });

  test('keeps a configured rate', async () => {
    const { call, paths, answer, advance } = setUp({ maxConcurrency: 100, callsPerSecond: 10 });
    for (let number = 1; number <= 40; number++) void call(`/${number}`);
    expect(await paths()).toHaveLength(10);
    for (let tenth = 1; tenth <= 20; tenth++) await advance(100);
    expect((await paths()).length).toBe(30);
    await answer('/1');
    expect((await paths()).length).toBe(29);
  });

  test('removes cancelled calls from the queue', async () => {
    const { call, paths, answer } = setUp({ maxConcurrency: 1 });
    const leaving = createScope();
    void call('/1');
    const cancelled = call('/2', leaving.scope);
    void call('/3');
    await paths();
    leaving.end();
    await expect(cancelled).rejects.toMatchObject({ code: 'REQUEST_CANCELLED' });
    await answer('/1');
    expect(await paths()).toEqual(['/3']);
  });
});

test("uses the fleet's rate if it is available, and its own otherwise", async () => {
  const requested: number[] = [];
  const grants = [{ granted: 1, waitMs: 0 }, { granted: 0, waitMs: 300 }, { granted: 2, waitMs: 0 }, null];
  const { call, paths, advance } = setUp({
    callsPerSecond: 10,
    requestGrant: (wanted) => {
      requested.push(wanted);
      return Promise.resolve(grants.shift() ?? null);
    },
  });
  for (const path of ['/1', '/2', '/3', '/4']) void call(path);
  await advance(0);
  await advance(0);
  expect(await paths()).toEqual(['/1']);
  await advance(299);
  expect(await paths()).toEqual(['/1']);
  await advance(1);
  await advance(0);
  expect(await paths()).toEqual(['/1', '/2', '/3']);
  // The fleet's rate is not available.
  await advance(0);
  await advance(100);
  expect(await paths()).toEqual(['/1', '/2', '/3', '/4']);
  expect(requested).toHaveLength(4);
});

test('pauses when another instance was requested to wait', async () => {
  const { limiter, call, paths, advance } = setUp();
  limiter.pause(500);
  void call('/1');
  expect(await paths()).toEqual([]);
  expect(limiter.state).toEqual({ inFlight: 0, waiting: 1, limit: 4, pausedMs: 500 });
  await advance(500);
  expect(await paths()).toEqual(['/1']);
});
