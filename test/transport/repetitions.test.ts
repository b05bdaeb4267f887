/**
 * Callers that accept nothing cached, over an upstream that spoils a share of its answers: how many come back whole, and
 * what that costs, by a clock of its own.
 */
import { expect, test } from '@jest/globals';
import { UpstreamError } from '../../src/errors.ts';
import { createScope } from '../../src/scope.ts';
import { ConcurrencyLimiter, withConcurrencyLimit } from '../../src/transport/concurrency-limiter.ts';
import { createRetry } from '../../src/transport/retry.ts';
import { attemptStartedAt, SingleFlight } from '../../src/transport/single-flight.ts';
import { cancelledError, detailsOf, type Transport } from '../../src/transport/transport.ts';

/** Time that passes when no other work is left. */
class Timeline {
  now = 0;
  readonly #timers: { readonly at: number; readonly run: () => void }[] = [];

  schedule(run: () => void, delayMs: number): void {
    this.#timers.push({ at: this.now + delayMs, run });
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.schedule(resolve, delayMs);
    });
  }

  async runUntil(end: number): Promise<void> {
    for (;;) {
      await new Promise(setImmediate);
      this.#timers.sort((left, right) => left.at - right.at);
      const next = this.#timers[0];
      if (next === undefined || next.at > end) return;
      this.now = Math.max(this.now, next.at);
      while (this.#timers[0] !== undefined && this.#timers[0].at <= this.now) this.#timers.shift()?.run();
    }
  }
}

/** Seeded numbers from 0 up to but not including 1. */
function randomOf(seed: number): () => number {
  let state = (seed * 0x9e37_79b9) | 0;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const seconds = 15;
const keys = ['customers', 'users', 'users', 'protection'];

interface LoadCounts {
  operations: number;
  failed: number;
  /** Operations whose answer is older than their request. */
  outdated: number;
  calls: number;
  shared: number;
}

interface LoadOptions {
  readonly seed: number;
  readonly clients: number;
  /** Share of spoiled answers. */
  readonly rate: number;
}

async function load({ seed, clients, rate }: LoadOptions): Promise<LoadCounts> {
  const time = new Timeline();
  const random = randomOf(seed);
  const counts = { operations: 0, failed: 0, outdated: 0, calls: 0, shared: 0 };
  const endpoint = 'POST rows';
  const upstream: Transport = async () => {
    counts.calls += 1;
    const luck = random();
    await time.sleep(5 + 20 * random());
    const good = { status: 200, headers: {}, body: '{}' };
    if (luck >= rate) return good;
    if (luck < rate / 3) throw new UpstreamError('UPSTREAM_UNAVAILABLE', 'It was reset.', { endpoint });
    return { ...good, status: luck < (2 * rate) / 3 ? 429 : 503 };
  };
  const now = () => time.now;
  const limiter = new ConcurrencyLimiter({
    maxConcurrency: 128,
    callsPerSecond: null,
    now,
    schedule: (task, delayMs) => {
      time.schedule(task, delayMs);
    },
  });
  const transport = withConcurrencyLimit(upstream, limiter);
  const retry = createRetry({ maxRetries: 3, random, now, sleep: (delayMs) => time.sleep(delayMs) });
  const singleFlight = new SingleFlight<number>(now);

  async function operate(key: string): Promise<void> {
    const { scope } = createScope(time.now + 30_000);
    const startedAt = time.now;
    const waiter = { ...scope, abortError: () => cancelledError(endpoint), notBefore: startedAt };
    counts.operations += 1;
    try {
      const { result } = singleFlight.join(key, waiter, (shared) => {
        counts.shared += 1;
        const attempt = async () => {
          const sentAt = attemptStartedAt(shared) ?? NaN;
          const response = await transport({ endpoint, method: 'POST', path: `/${key}` }, shared);
          if (response.status === 200) return sentAt;
          const code = response.status === 429 ? 'UPSTREAM_RATE_LIMITED' : 'UPSTREAM_UNAVAILABLE';
          throw new UpstreamError(code, 'It failed.', detailsOf(endpoint, response));
        };
        return retry(key, attempt, shared, () => true);
      });
      if (!((await result) >= startedAt)) counts.outdated += 1;
    } catch {
      counts.failed += 1;
    }
  }

  async function client(): Promise<void> {
    while (time.now < seconds * 1000) {
      await operate(keys[Math.floor(random() * keys.length)] ?? '');
      await time.sleep(random() * 5);
    }
  }
  const all = Promise.all(Array.from({ length: clients }, client));
  await time.runUntil(Infinity);
  await all;
  return counts;
}

async function loadAll(clients: number, rate: number) {
  const total = { operations: 0, failed: 0, outdated: 0, calls: 0, shared: 0 };
  for (let seed = 1; seed <= 3; seed++) {
    const counts = await load({ seed, clients, rate });
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += counts[name];
  }
  return total;
}

/** Calls per operation, relative to those without spoiled answers. */
async function amplificationOf({ operations, calls }: LoadCounts, clients: number): Promise<number> {
  const whole = await load({ seed: 1, clients, rate: 0 });
  return calls / operations / (whole.calls / whole.operations);
}

test.each([16, 64])(
  'with 5 %% of the answers spoiled, 99.9 %% of the operations of %i callers come back whole',
  async (clients) => {
    const counts = await loadAll(clients, 0.05);
    expect(counts).toMatchObject({ outdated: 0 });
    expect(counts.operations).toBeGreaterThan(10_000);
    expect(counts.failed / counts.operations).toBeLessThanOrEqual(0.001);
    // Each spoiled answer is retried once.
    expect(counts.calls / counts.shared).toBeLessThanOrEqual(1.055);
    expect(await amplificationOf(counts, clients)).toBeLessThanOrEqual(1.05);
  },
  60_000,
);

test.each([16, 64])(
  'with 20 %% of the answers spoiled, %i callers cost a quarter more calls at most',
  async (clients) => {
    const counts = await loadAll(clients, 0.2);
    expect(counts).toMatchObject({ outdated: 0 });
    expect(counts.calls / counts.shared).toBeLessThanOrEqual(1.25);
    expect(await amplificationOf(counts, clients)).toBeLessThanOrEqual(1.25);
  },
  60_000,
);
