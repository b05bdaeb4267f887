/** What shutdown does when, and how long the port stays open, by a clock of the test's own. */
import { EventEmitter, once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createDrain, type Shutdown } from '../../src/server/drain.ts';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
});
afterEach(() => {
  jest.useRealTimers();
});

function startDrain(shutdown: Shutdown) {
  const server = Fastify();
  const steps: [step: string, at: number][] = [];
  const startedAt = performance.now();
  const note = (step: string) => () => void steps.push([step, performance.now() - startedAt]);
  const pipeline = {
    lastArrivedAt: -Infinity,
    drain: note('drain'),
    refuseRequests: note('refuse requests'),
    refuseBodies: note('refuse bodies'),
    holdRefusals: note('hold refusals'),
  };
  const drain = createDrain(server, pipeline);
  let endedAt: number | null = null;
  const ended = drain(shutdown).then(() => (endedAt = performance.now() - startedAt));
  return {
    steps,
    arrive: () => (pipeline.lastArrivedAt = performance.now()),
    connect: (bytesRead: number) => {
      const socket = Object.assign(new EventEmitter(), { bytesRead, destroy: note('destroy') });
      server.server.emit('connection', socket);
    },
    pass: async (milliseconds: number) => {
      await jest.advanceTimersByTimeAsync(milliseconds);
      // What has arrived meanwhile is looked for once more.
      await new Promise(setImmediate);
    },
    endedAt: () => endedAt,
    ended,
    close: () => server.close(),
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

test('requests are answered for the delay, refused until none has arrived for as long, and bodies last', async () => {
  const drain = startDrain({ delayMs: 1000, limitMs: 20_000 });
  expect(drain.steps).toEqual([['drain', 0]]);
  await drain.pass(999);
  drain.arrive();
  expect(drain.steps).toHaveLength(1);
  await drain.pass(1);
  expect(drain.steps.slice(1)).toEqual([['refuse requests', 1000]]);
  await drain.pass(5000);
  expect(drain.steps.slice(2)).toEqual([['refuse bodies', 1999]]);
  expect(drain.endedAt()).toBe(1999);
});

test('each request extends it, whether it was answered or refused', async () => {
  const drain = startDrain({ delayMs: 1000, limitMs: 20_000 });
  for (let request = 0; request < 3; request++) {
    await drain.pass(700);
    drain.arrive();
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
    drain.arrive();
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

describe('when the port closes', () => {
  test.each([
    ['that was just opened is kept for the delay', 3900, 4900],
    ['that was opened long ago is closed with it', 0, 4051],
  ])('a connection without a request %s', async (_what, openedAt, destroyedAt) => {
    const drain = startDrain({ delayMs: 1000, limitMs: 20_000 });
    for (let round = 0; round < 40; round++) {
      if (round * 100 === openedAt) drain.connect(0);
      drain.arrive();
      await drain.pass(100);
    }
    expect(drain.endedAt()).toBe(4000);
    const closed = drain.close();
    await drain.pass(50);
    await closed;
    await drain.pass(5000);
    expect(drain.steps.at(-1)).toEqual(['destroy', destroyedAt]);
  });

  test.each([
    ['and then', 0],
    ['as it is closed', 1],
  ])('a connection that a client opens in advance %s is closed too', async (_when, rounds) => {
    const drain = startDrain({ delayMs: 0, limitMs: 20_000 });
    await drain.ended;
    const closed = drain.close();
    for (let round = 0; round < rounds; round++) await new Promise(setImmediate);
    drain.connect(0);
    for (let round = 0; round < 3; round++) await drain.pass(1);
    await closed;
    await drain.pass(200);
    expect(drain.steps.at(-1)?.[0]).toBe('destroy');
  });
});

test('a response that a slow client has not accepted yet is sent whole before the port closes', async () => {
  jest.useRealTimers();
  const server = Fastify();
  const body = Buffer.alloc(32 * 1024 * 1024, 'x');
  server.get('/', () => body);
  const nothing = () => undefined;
  let isHeld = false;
  const holdRefusals = (until: Promise<void>) => {
    isHeld = true;
    void until.then(() => (isHeld = false));
  };
  const steps = { drain: nothing, refuseRequests: nothing, refuseBodies: nothing, holdRefusals };
  const pipeline = { lastArrivedAt: 0, ...steps };
  const drain = createDrain(server, pipeline);
  await server.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await once(socket, 'readable');
  const closed = drain({ delayMs: 0, limitMs: 60_000 }).then(() => server.close());
  await sleep(200);
  // Meanwhile requests are refused at once.
  expect(isHeld).toBe(false);
  const received = await buffer(socket);
  expect(received.length - received.indexOf('\r\n\r\n') - 4).toBe(body.length);
  await closed;
});
