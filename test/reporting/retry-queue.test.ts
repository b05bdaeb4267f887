import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RetryQueue } from '../../src/reporting/retry-queue.ts';
import { cpuMsOf } from '../cpu-time.ts';

describe('a retry queue', () => {
  test('returns each task once if nothing fails', () => {
    const backlog = new RetryQueue(['a', 'b', 'c']);
    expect([0, 0, 0, 0].map((now) => backlog.take(now))).toEqual(['a', 'b', 'c', null]);
    expect(backlog.isEmpty).toBe(true);
    expect(backlog.waitMs(0)).toBe(Infinity);
  });

  test('returns a failed task twice more, later each time, and others meanwhile', () => {
    const backlog = new RetryQueue(['a', 'b'], { retryMs: 100 });
    expect(backlog.take(0)).toBe('a');
    expect(backlog.fail('a', 0)).toBe(true);
    expect(backlog.take(0)).toBe('b');
    backlog.succeed('b');
    expect([backlog.take(99), backlog.waitMs(40)]).toEqual([null, 60]);
    expect(backlog.take(100)).toBe('a');
    expect(backlog.fail('a', 100)).toBe(true);
    expect([backlog.take(299), backlog.take(300)]).toEqual([null, 'a']);
    expect(backlog.fail('a', 300)).toBe(false);
    expect(backlog.isEmpty).toBe(true);
  });

  test('pauses after failures in a row, ever longer until one succeeds', () => {
    const backlog = new RetryQueue(
      Array.from({ length: 20 }, (_, index) => index),
      { retryMs: 100 },
    );
    const failThree = (now: number) => {
      for (let round = 0; round < 3; round++) {
        const task = backlog.take(now);
        if (task === null) throw new Error('There is a task to take.');
        backlog.fail(task, now);
      }
    };
    failThree(0);
    expect([backlog.take(99), backlog.waitMs(0)]).toEqual([null, 100]);
    failThree(100);
    expect([backlog.take(299), backlog.waitMs(100)]).toEqual([null, 200]);
    const task = backlog.take(300);
    expect(task).toBe(6);
    backlog.succeed(6);
    failThree(300);
    expect(backlog.waitMs(300)).toBe(100);
  });

  test('waits for any number of tasks, in time that grows with it', () => {
    const work = (count: number) => {
      const tasks = Array.from({ length: count }, (_, index) => index);
      return cpuMsOf(() => {
        const queue = new RetryQueue(tasks);
        for (const task of tasks) {
          queue.take(Infinity);
          queue.fail(task, 0);
        }
        expect(queue.waitMs(0)).toBeGreaterThan(0);
        for (const task of tasks) {
          if (queue.waitMs(Infinity) > 0 || queue.take(Infinity) !== task)
            throw new Error('The first to fail is retried first.');
        }
        expect(queue.isEmpty).toBe(true);
      });
    };
    const [few, many] = [work(4000), work(32_000)];
    expect(many).toBeLessThan(24 * Math.max(few, 10));
    work(200_000);
  });

  test('ends, whatever fails', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), fc.infiniteStream(fc.boolean()), (count, fates) => {
        const backlog = new RetryQueue(Array.from({ length: count }, (_, index) => index));
        const done: number[] = [];
        for (let now = 0; !backlog.isEmpty;) {
          now += backlog.waitMs(now);
          const task = backlog.take(now);
          if (task === null) throw new Error('It said that there would be one.');
          if (fates.next().value) backlog.succeed(task);
          else if (backlog.fail(task, now)) continue;
          done.push(task);
        }
        expect(done.sort((left, right) => left - right)).toEqual(
          Array.from({ length: count }, (_, index) => index),
        );
      }),
    );
  });
});
