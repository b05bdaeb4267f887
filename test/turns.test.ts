import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { nextTurn, takeTurn, turnDelayMs } from '../src/turns.ts';

function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('a crowd of tasks', () => {
  test('is worked through in the order it came, and lets timers in', async () => {
    const done: number[] = [];
    const all = Array.from({ length: 60 }, (_, task) => task);
    const longestWaits: number[] = [];
    const ticking = new AbortController();
    const ticks = (async () => {
      while (!ticking.signal.aborted) {
        longestWaits.push(turnDelayMs());
        await sleep(1);
      }
    })();
    await Promise.all(
      all.map(
        (task) =>
          new Promise<void>((resolve) => {
            takeTurn(() => {
              work(3);
              done.push(task);
              resolve();
            });
          }),
      ),
    );
    ticking.abort();
    await ticks;
    expect(done).toEqual(all);
    // A task takes 3 ms, and a slice is 10 ms: a timer of 1 ms comes between any two slices.
    expect(longestWaits.length).toBeGreaterThan(5);
    expect(Math.max(...longestWaits)).toBeGreaterThan(10);
    expect(turnDelayMs()).toBe(0);
  });

  test('does not hold up what comes alone', () => {
    let isDone = false;
    takeTurn(() => (isDone = true));
    expect(isDone).toBe(true);
  });

  test('is not waited for by whom nobody waits for', async () => {
    const order: string[] = [];
    takeTurn(() => {
      work(20);
    });
    const leaving = new AbortController();
    const waiting = nextTurn(new AbortController().signal).then(() => order.push('in turn'));
    const left = nextTurn(leaving.signal).then(() => order.push('at once'));
    leaving.abort();
    await Promise.all([waiting, left]);
    expect(order).toEqual(['at once', 'in turn']);
  });
});
