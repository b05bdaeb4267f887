import { describe, expect, test } from '@jest/globals';
import { createScope, type Scope } from '../../src/scope.ts';
import { cancelledCall } from '../../src/transport/transport.ts';
import { attemptStartedAt, awaitRepetition, SingleFlight } from '../../src/transport/single-flight.ts';

function setUp() {
  let now = 0;
  const started: {
    scope: Scope;
    signal: AbortSignal;
    land: (value: string) => void;
    crash: (error: Error) => void;
  }[] = [];
  const flights = new SingleFlight<string>(() => now);
  const board = (signal: AbortSignal, { key = 'key', notBefore = -Infinity } = {}) =>
    flights.board(
      key,
      { signal, deadlineAt: Infinity, owner: signal, leave, notBefore },
      (scope) =>
        new Promise((resolve, reject) =>
          started.push({ scope, signal: scope.signal, land: resolve, crash: reject }),
        ),
    );
  return { board, started, advance: (milliseconds: number) => (now += milliseconds) };
}

const cancelled = { code: 'REQUEST_CANCELLED' };
const leave = () => cancelledCall('POST /rows');

describe('a flight', () => {
  test('is one for all who want the same, and another one for others', async () => {
    const { board, started } = setUp();
    const { scope } = createScope();
    const [first, second, other] = [
      board(scope.signal),
      board(scope.signal),
      board(scope.signal, { key: 'other' }),
    ];
    expect([first.isShared, second.isShared, other.isShared]).toEqual([false, true, false]);
    started[0]?.land('rows');
    started[1]?.land('others');
    expect(await Promise.all([first.landing, second.landing, other.landing])).toEqual([
      'rows',
      'rows',
      'others',
    ]);
  });

  test('goes on for the others when one leaves', async () => {
    const { board, started } = setUp();
    const [leaving, staying] = [createScope(), createScope()];
    const left = board(leaving.scope.signal).landing;
    const stayed = board(staying.scope.signal).landing;
    leaving.end();
    await expect(left).rejects.toMatchObject(cancelled);
    expect(started[0]?.signal.aborted).toBe(false);
    started[0]?.land('rows');
    expect(await stayed).toBe('rows');
  });

  test('ends with the last one, and nobody boards it any more', async () => {
    const { board, started } = setUp();
    const [first, second, third] = [createScope(), createScope(), createScope()];
    const left = [board(first.scope.signal).landing, board(second.scope.signal).landing];
    first.end();
    second.end();
    expect(started[0]?.signal.aborted).toBe(true);
    const next = board(third.scope.signal);
    expect(next.isShared).toBe(false);
    started[0]?.crash(new Error('aborted'));
    started[1]?.land('rows');
    expect(await next.landing).toBe('rows');
    for (const landing of left) await expect(landing).rejects.toMatchObject(cancelled);
  });

  test('is not boarded by whom it is too old for', () => {
    const { board, started, advance } = setUp();
    const { scope } = createScope();
    board(scope.signal);
    advance(10);
    expect(board(scope.signal, { notBefore: 5 }).isShared).toBe(false);
    expect(board(scope.signal, { notBefore: 10 }).isShared).toBe(true);
    expect(board(scope.signal).isShared).toBe(true);
    expect(started).toHaveLength(2);
  });

  test('that is about to be repeated is boarded by every newcomer, and dated by its last attempt', () => {
    const { board, started, advance } = setUp();
    const { scope } = createScope();
    board(scope.signal);
    const [flight] = started;
    if (flight === undefined) throw new Error('Expected a call.');
    expect(attemptStartedAt(flight.scope)).toBe(0);
    const start = awaitRepetition(flight.scope);
    advance(10);
    expect(board(scope.signal, { notBefore: 10 }).isShared).toBe(true);
    advance(10);
    start();
    expect(attemptStartedAt(flight.scope)).toBe(20);
    expect(board(scope.signal, { notBefore: 20 }).isShared).toBe(true);
    advance(10);
    expect(board(scope.signal, { notBefore: 21 }).isShared).toBe(false);
    expect(started).toHaveLength(2);
  });

  test('of another kind has no attempts to board', () => {
    const { scope } = createScope();
    awaitRepetition(scope)();
    expect(attemptStartedAt(scope)).toBeNull();
  });

  test('does not start for whom has left already', async () => {
    const { board, started } = setUp();
    const { scope, end } = createScope();
    end();
    await expect(board(scope.signal).landing).rejects.toMatchObject(cancelled);
    expect(started).toEqual([]);
  });

  test('that could not start is nobody else’s', async () => {
    const { scope } = createScope();
    const flights = new SingleFlight<string>(() => 0);
    const passenger = { ...scope, leave, notBefore: -Infinity };
    expect(() =>
      flights.board('key', passenger, () => {
        throw new Error('not now');
      }),
    ).toThrow('not now');
    const { landing, isShared } = flights.board('key', passenger, () => Promise.resolve('rows'));
    expect([await landing, isShared]).toEqual(['rows', false]);
  });

  test('that fails fails for all, and the next one starts anew', async () => {
    const { board, started } = setUp();
    const { scope } = createScope();
    const landings = [board(scope.signal).landing, board(scope.signal).landing];
    started[0]?.crash(new Error('torn'));
    for (const landing of landings) await expect(landing).rejects.toThrow('torn');
    expect(board(scope.signal).isShared).toBe(false);
  });
});
