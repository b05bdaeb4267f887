import { stat } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  nextSlice,
  yieldUrgent,
  Pace,
  schedule,
  scheduleAfterInput,
  schedulerDelayMs,
  FairSemaphore,
} from '../src/scheduler.ts';

function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('a crowd of tasks', () => {
  test('is worked through in the order it came, and lets timers in', async () => {
    const done: number[] = [];
    const all = Array.from({ length: 60 }, (_, task) => task);
    const delays: number[] = [];
    const ticking = new AbortController();
    const ticks = (async () => {
      while (!ticking.signal.aborted) {
        delays.push(schedulerDelayMs());
        await sleep(1);
      }
    })();
    await Promise.all(
      all.map(
        (task) =>
          new Promise<void>((resolve) => {
            schedule(() => {
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
    expect(delays.length).toBeGreaterThan(5);
    expect(Math.max(...delays)).toBeGreaterThan(10);
    expect(schedulerDelayMs()).toBe(0);
  });

  test('does not hold up what comes alone', () => {
    let isDone = false;
    schedule(() => (isDone = true));
    expect(isDone).toBe(true);
  });

  test('lets what others wait for go first', async () => {
    const order: string[] = [];
    schedule(() => {
      work(20);
    });
    const usual = nextSlice(new AbortController().signal).then(() => order.push('in turn'));
    const urgent = yieldUrgent().then(() => order.push('first'));
    await Promise.all([usual, urgent]);
    expect(order).toEqual(['first', 'in turn']);
    await yieldUrgent();
  });

  test('of loops that follow each other share one slice', async () => {
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 1);
    const loop = async () => {
      const pace = new Pace(1);
      for (let step = 0; step < 3; step++) {
        if (pace.shouldYield) await pace.yield();
        work(2);
      }
    };
    // None of them takes as long as a slice.
    await Promise.all(Array.from({ length: 30 }, loop));
    clearInterval(ticking);
    expect(ticks).toBeGreaterThan(8);
  });

  test('of loops that never rest gives each its slice, and runs the event loop between any two', async () => {
    let rounds = 0;
    let isOver = false;
    const turn = () => {
      rounds += 1;
      if (!isOver) setImmediate(turn);
    };
    turn();
    const slices: { readonly loop: number; readonly round: number }[] = [];
    const loops = Array.from({ length: 8 }, (_, loop) => loop);
    schedule(() => {
      work(20);
    });
    await Promise.all(
      loops.map(async (loop) => {
        const pace = new Pace(1);
        await pace.yield();
        for (let slice = 0; slice < 4; slice++) {
          slices.push({ loop, round: rounds });
          while (!pace.shouldYield) work(1);
          await pace.yield();
        }
      }),
    );
    isOver = true;
    expect(slices.map(({ loop }) => loop)).toEqual([...loops, ...loops, ...loops, ...loops]);
    expect(new Set(slices.map(({ round }) => round)).size).toBe(slices.length);
  });

  test('ends an aborted wait at once', async () => {
    const order: string[] = [];
    schedule(() => {
      work(20);
    });
    const leaving = new AbortController();
    const waiting = nextSlice(new AbortController().signal).then(() => order.push('in turn'));
    const left = nextSlice(leaving.signal).then(() => order.push('at once'));
    leaving.abort();
    await Promise.all([waiting, left]);
    expect(order).toEqual(['at once', 'in turn']);
  });
});

describe('turns', () => {
  const unending = new AbortController().signal;

  /** Runs work of these sizes at once, for owners by name; in which order, and what was going on together. */
  async function play(room: number, works: readonly { readonly size: number; readonly owner: string }[]) {
    const turns = new FairSemaphore(room);
    const owners = new Map(works.map(({ owner }) => [owner, {}]));
    const goingOn = new Map<number, number>();
    const order: number[] = [];
    let most = 0;
    let largestCrowd = 0;
    await Promise.all(
      works.map(({ size, owner }, index) =>
        turns.run(size, { owner: owners.get(owner) ?? {}, signal: unending }, async () => {
          order.push(index);
          goingOn.set(index, size);
          most = Math.max(most, goingOn.size);
          const crowd = [...goingOn.values()].reduce((sum, each) => sum + each, 0);
          if (goingOn.size > 1) largestCrowd = Math.max(largestCrowd, crowd);
          await sleep(1);
          goingOn.delete(index);
        }),
      ),
    );
    return { order, most, largestCrowd };
  }

  test('go first come, first served for an owner, as far as there is room for all, and one that is larger goes alone', async () => {
    const work = fc.record({ size: fc.integer({ min: 1, max: 12 }), owner: fc.constantFrom('a', 'b', 'c') });
    await fc.assert(
      fc.asyncProperty(fc.array(work, { maxLength: 12 }), async (works) => {
        const { order, largestCrowd } = await play(10, works);
        for (const owner of ['a', 'b', 'c']) {
          const own = order.filter((index) => works[index]?.owner === owner);
          expect(own).toEqual(own.toSorted((left, right) => left - right));
        }
        expect(order).toHaveLength(works.length);
        expect(largestCrowd).toBeLessThanOrEqual(10);
      }),
      { numRuns: 50 },
    );
  });

  test('go from owner to owner, so that one with much work does not delay another', async () => {
    const much = Array.from({ length: 10 }, () => ({ size: 10, owner: 'much' }));
    const { order } = await play(10, [...much, { size: 10, owner: 'little' }]);
    expect(order.indexOf(10)).toBeLessThanOrEqual(2);
  });

  test('use the room that there is', async () => {
    const sized = (...sizes: readonly number[]) => sizes.map((size) => ({ size, owner: 'a' }));
    expect((await play(10, sized(5, 5, 5, 5))).most).toBe(2);
    expect((await play(10, sized(1, 2, 3, 4))).most).toBe(4);
  });

  test('go on when work fails, or ends while it waits', async () => {
    const turns = new FairSemaphore(1);
    const leaving = new AbortController();
    const scope = { owner: {}, signal: unending };
    let fail: () => void = () => undefined;
    const failing = turns.run(
      1,
      scope,
      () =>
        new Promise((_resolve, reject) => {
          fail = () => {
            reject(new Error('failed'));
          };
        }),
    );
    const left = turns.run(5, { owner: {}, signal: leaving.signal }, () => Promise.resolve('left'));
    const next = turns.run(1, scope, () => Promise.resolve('done'));
    leaving.abort();
    expect(await left).toBe('left');
    fail();
    await expect(failing).rejects.toThrow('failed');
    expect(await next).toBe('done');
    expect(await turns.run(1, { owner: {}, signal: leaving.signal }, () => Promise.resolve('late'))).toBe(
      'late',
    );
  });
});

test('input that takes longer than a slice in each round does not starve tasks', async () => {
  let rounds = 0;
  let done = 0;
  const tasks = 20;
  for (let task = 0; task < tasks; task++) {
    scheduleAfterInput(() => {
      done += 1;
    });
  }
  await new Promise<void>((resolve) => {
    const read = () => {
      stat('.', () => {
        work(15);
        rounds += 1;
        if (done === tasks || rounds === 100) resolve();
        else read();
      });
    };
    read();
  });
  expect({ done, isStarved: rounds === 100 }).toEqual({ done: tasks, isStarved: false });
});
