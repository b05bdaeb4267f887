import { describe, expect, test } from '@jest/globals';
import { UpstreamError } from '../../src/errors.ts';
import { createScope } from '../../src/scope.ts';
import {
  CircuitBreakers,
  withCircuitBreaker,
  type CircuitChange,
} from '../../src/transport/circuit-breaker.ts';
import { cancelledError, type TransportResponse } from '../../src/transport/transport.ts';

type Outcome = number | UpstreamError | Promise<TransportResponse>;

const { scope } = createScope();
const unreachable = new UpstreamError('UPSTREAM_UNAVAILABLE', 'Unreachable.', { endpoint: 'a' });
const timeout = new UpstreamError('UPSTREAM_TIMEOUT', 'Too long.', { endpoint: 'a' });

function setUp() {
  let now = 0;
  let outcome: Outcome = 200;
  let calls = 0;
  const changes: [string, CircuitChange][] = [];
  const breakers = new CircuitBreakers({ now: () => now, onChange: (...change) => changes.push(change) });
  const send = withCircuitBreaker(() => {
    calls += 1;
    if (outcome instanceof UpstreamError) return Promise.reject(outcome);
    if (outcome instanceof Promise) return outcome;
    return Promise.resolve({ status: outcome, headers: {}, body: '' });
  }, breakers);
  return {
    breakers,
    changes,
    /** Makes calls, and returns how many reached the upstream. */
    make: async (count: number, result: Outcome, endpoint = 'a'): Promise<number> => {
      outcome = result;
      const before = calls;
      for (let call = 0; call < count; call++) {
        await send({ endpoint, method: 'POST', path: '/' }, scope).catch(() => undefined);
      }
      return calls - before;
    },
    send: (result: Outcome) => {
      outcome = result;
      return send({ endpoint: 'a', method: 'POST', path: '/' }, scope);
    },
    advance: (milliseconds: number) => (now += milliseconds),
  };
}

describe('the circuit of an endpoint', () => {
  test.each([
    ['500', 500],
    ['503', 503],
    ['no connection', unreachable],
    ['timeouts', timeout],
  ] as const)('opens when nothing but %s comes', async (_what, outcome) => {
    const { make, send } = setUp();
    expect(await make(30, outcome)).toBe(10);
    await expect(send(200)).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      details: { retryAfterMs: 1000, notSent: true, endpoint: 'a' },
    });
  });

  test.each([
    ['200', 200],
    ['404', 404],
    ['429', 429],
    ['cancelled calls', cancelledError('a')],
  ] as const)('is not for %s', async (_what, outcome) => {
    const { make } = setUp();
    expect(await make(50, outcome)).toBe(50);
  });

  test('stays closed at one fault in two', async () => {
    const { make } = setUp();
    for (let round = 0; round < 100; round++) {
      expect(await make(1, 503)).toBe(1);
      expect(await make(1, 200)).toBe(1);
    }
  });

  test('opens without the others', async () => {
    const { make } = setUp();
    await make(10, 503);
    expect(await make(5, 200, 'b')).toBe(5);
  });

  test('admits three probes after each growing cooldown, and closes when one succeeds', async () => {
    const { make, advance } = setUp();
    await make(10, 503);
    advance(999);
    expect(await make(5, 200)).toBe(0);
    advance(1);
    expect(await make(5, 503)).toBe(3);
    advance(1999);
    expect(await make(5, 200)).toBe(0);
    advance(1);
    expect(await make(2, 503)).toBe(2);
    expect(await make(30, 200)).toBe(30);
    expect(await make(3, 503)).toBe(3);
  });

  test('admits no fourth probe while three are in flight, and closes with the first success', async () => {
    const { make, send, advance } = setUp();
    await make(10, 503);
    advance(1000);
    const answers: ((response: TransportResponse) => void)[] = [];
    const probes = [1, 2, 3].map(() => send(new Promise((resolve) => answers.push(resolve))));
    expect(await make(5, 200)).toBe(0);
    answers[1]?.({ status: 200, headers: {}, body: '' });
    await probes[1];
    expect(await make(5, 200)).toBe(5);
    // Late outcomes change nothing.
    answers[0]?.({ status: 503, headers: {}, body: '' });
    answers[2]?.({ status: 503, headers: {}, body: '' });
    await Promise.all(probes);
    expect(await make(5, 200)).toBe(5);
  });

  test('is not prolonged by cancelled probes', async () => {
    const { make, advance } = setUp();
    await make(10, 503);
    advance(1000);
    expect(await make(5, cancelledError('a'))).toBe(5);
    expect(await make(2, 200)).toBe(2);
  });
});

test('changes are reported, and applied by another instance', async () => {
  const first = setUp();
  const second = setUp();
  await first.make(30, 500);
  expect(first.changes).toEqual([['a', { kind: 'open', cooldownMs: 1000 }]]);
  for (const change of first.changes) second.breakers.applyRemote(...change);
  expect(second.breakers.openEndpoints).toEqual(['a']);
  expect(await second.make(5, 200)).toBe(0);
  first.advance(1000);
  await first.make(1, 200);
  expect(first.changes.slice(1)).toEqual([['a', { kind: 'close' }]]);
  second.breakers.applyRemote('a', { kind: 'close' });
  expect(await second.make(5, 200)).toBe(5);
  // A remote change is not reported again.
  expect(second.changes).toEqual([]);
});

test.each([1e12, Infinity, NaN, -1])(
  'a cooldown of %p from another instance is capped at its own',
  async (cooldownMs) => {
    const { breakers, make, advance } = setUp();
    breakers.applyRemote('a', { kind: 'open', cooldownMs });
    advance(3000);
    expect(await make(1, 200)).toBe(1);
    expect(await make(5, 200)).toBe(5);
  },
);
