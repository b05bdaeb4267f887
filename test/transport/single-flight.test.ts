import { describe, expect, test } from '@jest/globals';
import { createScope, type Scope } from '../../src/scope.ts';
import { cancelledError } from '../../src/transport/transport.ts';
import { attemptStartedAt, awaitRepetition, SingleFlight } from '../../src/transport/single-flight.ts';

function setUp() {
  let now = 0;
  const started: {
    scope: Scope;
    signal: AbortSignal;
    resolve: (value: string) => void;
    reject: (error: Error) => void;
  }[] = [];
  const singleFlight = new SingleFlight<string>(() => now);
  const join = (signal: AbortSignal, { key = 'key', notBefore = -Infinity } = {}) =>
    singleFlight.join(
      key,
      { signal, deadlineAt: Infinity, owner: signal, abortError, notBefore },
      (scope) =>
        new Promise((resolve, reject) => started.push({ scope, signal: scope.signal, resolve, reject })),
    );
  return { join, started, advance: (milliseconds: number) => (now += milliseconds) };
}

const cancelled = { code: 'REQUEST_CANCELLED' };
const abortError = () => cancelledError('POST /rows');

describe('a shared call', () => {
  test('is one for equal keys, and another for other keys', async () => {
    const { join, started } = setUp();
    const { scope } = createScope();
    const [first, second, other] = [
      join(scope.signal),
      join(scope.signal),
      join(scope.signal, { key: 'other' }),
    ];
    expect([first.isShared, second.isShared, other.isShared]).toEqual([false, true, false]);
    started[0]?.resolve('rows');
    started[1]?.resolve('others');
    expect(await Promise.all([first.result, second.result, other.result])).toEqual([
      'rows',
      'rows',
      'others',
    ]);
  });

  test('goes on when one of its waiters cancels', async () => {
    const { join, started } = setUp();
    const [leaving, staying] = [createScope(), createScope()];
    const left = join(leaving.scope.signal).result;
    const stayed = join(staying.scope.signal).result;
    leaving.end();
    await expect(left).rejects.toMatchObject(cancelled);
    expect(started[0]?.signal.aborted).toBe(false);
    started[0]?.resolve('rows');
    expect(await stayed).toBe('rows');
  });

  test('ends when the last waiter cancels, and is not joined afterwards', async () => {
    const { join, started } = setUp();
    const [first, second, third] = [createScope(), createScope(), createScope()];
    const left = [join(first.scope.signal).result, join(second.scope.signal).result];
    first.end();
    second.end();
    expect(started[0]?.signal.aborted).toBe(true);
    const next = join(third.scope.signal);
    expect(next.isShared).toBe(false);
    started[0]?.reject(new Error('aborted'));
    started[1]?.resolve('rows');
    expect(await next.result).toBe('rows');
    for (const result of left) await expect(result).rejects.toMatchObject(cancelled);
  });

  test('is not joined by a waiter that needs a newer one', () => {
    const { join, started, advance } = setUp();
    const { scope } = createScope();
    join(scope.signal);
    advance(10);
    expect(join(scope.signal, { notBefore: 5 }).isShared).toBe(false);
    expect(join(scope.signal, { notBefore: 10 }).isShared).toBe(true);
    expect(join(scope.signal).isShared).toBe(true);
    expect(started).toHaveLength(2);
  });

  test('that waits for its retry is joined by every new waiter, and dated by its last attempt', () => {
    const { join, started, advance } = setUp();
    const { scope } = createScope();
    join(scope.signal);
    const [call] = started;
    if (call === undefined) throw new Error('Expected a call.');
    expect(attemptStartedAt(call.scope)).toBe(0);
    const start = awaitRepetition(call.scope);
    advance(10);
    expect(join(scope.signal, { notBefore: 10 }).isShared).toBe(true);
    advance(10);
    start();
    expect(attemptStartedAt(call.scope)).toBe(20);
    expect(join(scope.signal, { notBefore: 20 }).isShared).toBe(true);
    advance(10);
    expect(join(scope.signal, { notBefore: 21 }).isShared).toBe(false);
    expect(started).toHaveLength(2);
  });

  test('has no attempts in another scope', () => {
    const { scope } = createScope();
    awaitRepetition(scope)();
    expect(attemptStartedAt(scope)).toBeNull();
  });

  test('does not start for a cancelled waiter', async () => {
    const { join, started } = setUp();
    const { scope, end } = createScope();
    end();
    await expect(join(scope.signal).result).rejects.toMatchObject(cancelled);
    expect(started).toEqual([]);
  });

  test('that could not start is not joined', async () => {
    const { scope } = createScope();
    const singleFlight = new SingleFlight<string>(() => 0);
    const waiter = { ...scope, abortError, notBefore: -Infinity };
    expect(() =>
      singleFlight.join('key', waiter, () => {
        throw new Error('not now');
      }),
    ).toThrow('not now');
    const { result, isShared } = singleFlight.join('key', waiter, () => Promise.resolve('rows'));
    expect([await result, isShared]).toEqual(['rows', false]);
  });

  test('that fails rejects for all waiters, and the next one starts anew', async () => {
    const { join, started } = setUp();
    const { scope } = createScope();
    const results = [join(scope.signal).result, join(scope.signal).result];
    started[0]?.reject(new Error('torn'));
    for (const result of results) await expect(result).rejects.toThrow('torn');
    expect(join(scope.signal).isShared).toBe(false);
  });
});
