/** How long the port stays open at shutdown, by a clock of the test's own. */
import { EventEmitter } from 'node:events';
import Fastify from 'fastify';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createDrain, type Shutdown } from '../../src/server/drain.ts';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
});
afterEach(() => {
  jest.useRealTimers();
});

function startDrain(shutdown: Shutdown) {
  const server = Fastify();
  const pipeline = {
    isClosed: false,
    lastRefusedAt: -Infinity,
    close: () => void (pipeline.isClosed = true),
  };
  const drain = createDrain(server, pipeline);
  const startedAt = performance.now();
  let endedAt: number | null = null;
  const ended = drain(shutdown).then(() => (endedAt = performance.now() - startedAt));
  expect(pipeline.isClosed).toBe(true);
  return {
    refuse: () => (pipeline.lastRefusedAt = performance.now()),
    connect: (bytesRead: number) =>
      server.server.emit('connection', Object.assign(new EventEmitter(), { bytesRead })),
    pass: (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds),
    endedAt: () => endedAt,
    ended,
  };
}

test('without a request it lasts for the delay, and not at all if that is none', async () => {
  const drain = startDrain({ delayMs: 1000, limitMs: 20_000 });
  await drain.pass(999);
  expect(drain.endedAt()).toBeNull();
  await drain.pass(1);
  expect(drain.endedAt()).toBe(1000);
  expect(await startDrain({ delayMs: 0, limitMs: 20_000 }).ended).toBe(0);
});

test('each refused request extends it', async () => {
  const drain = startDrain({ delayMs: 1000, limitMs: 20_000 });
  for (let request = 0; request < 3; request++) {
    await drain.pass(700);
    drain.refuse();
  }
  await drain.pass(5000);
  expect(drain.endedAt()).toBe(3100);
});

test.each([
  [{ delayMs: 1000, limitMs: 20_000 }, 4000],
  [{ delayMs: 1000, limitMs: 5000 }, 2500],
  [{ delayMs: 1000, limitMs: 1000 }, 1000],
])('a client that never notices does not extend it for ever: %p', async (shutdown, expected) => {
  const drain = startDrain(shutdown);
  for (let request = 0; request < 100; request++) {
    await drain.pass(100);
    drain.refuse();
  }
  expect(drain.endedAt()).toBe(expected);
});

test.each([
  ['without', 0, 1600],
  ['with', 100, 1000],
])('a connection that was just opened, %s a request so far', async (_name, bytesRead, expected) => {
  const drain = startDrain({ delayMs: 1000, limitMs: 20_000 });
  await drain.pass(600);
  drain.connect(bytesRead);
  await drain.pass(5000);
  expect(drain.endedAt()).toBe(expected);
});
