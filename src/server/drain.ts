/**
 * Drains the server without losing a request: requests are answered while balancers see that the instance is not ready and
 * callers leave by `Connection: close`, then refused until none has arrived for a while; the port closes when
 * what was written is sent.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Pipeline } from './pipeline/pipeline.ts';

/** In milliseconds. */
export interface Shutdown {
  /** Time in which requests are still answered; after it, the required time without a request. */
  readonly delayMs: number;
  /** Time after which running operations are answered with partial results. */
  readonly limitMs: number;
}

/** Some load balancers never notice. */
const maxDelays = 4;

/** Rounds of the event loop in which connections may be accepted before the port closes. */
const maxAcceptRounds = 100;
const writingPollMs = 10;
/** For the request of a connection that was accepted last. */
const lastRequestMs = 100;

/** To be called before the server listens; the returned function, once. It resolves when the server may be closed. */
export function createDrain(
  server: FastifyInstance,
  pipeline: Pick<Pipeline, 'drain' | 'refuseRequests' | 'refuseBodies' | 'lastArrivedAt'>,
): (shutdown: Shutdown) => Promise<void> {
  const connections = watchConnections(server.server);
  let patienceMs = 0;
  server.addHook('preClose', (done) => {
    setImmediate(beforeClosing, connections, () => {
      for (const [socket, openedAt] of connections.unused()) destroyUnused(socket, openedAt + patienceMs);
      // Until the port is closed, clients may connect in advance of a request.
      server.server.on('connection', (socket: Socket) => {
        destroyUnused(socket, performance.now() + Math.max(patienceMs, lastRequestMs));
      });
      done();
    });
  });
  return async ({ delayMs, limitMs }) => {
    patienceMs = delayMs;
    const startedAt = performance.now();
    const latest = startedAt + Math.max(delayMs, Math.min(maxDelays * delayMs, limitMs / 2));
    const lastArrivedAt = () =>
      Math.max(startedAt, pipeline.lastArrivedAt, connections.unused().at(-1)?.[1] ?? startedAt);
    pipeline.drain();
    await sleepUntil(startedAt + delayMs);
    pipeline.refuseRequests();
    while (await sleepUntil(Math.min(lastArrivedAt() + delayMs, latest)));
    pipeline.refuseBodies();
  };
}

/** Resolves at a time by `performance.now()`; to false, at once, if it has passed. */
async function sleepUntil(time: number): Promise<boolean> {
  const leftMs = time - performance.now();
  if (leftMs <= 0) return false;
  await new Promise((resolve) => setTimeout(resolve, leftMs));
  return true;
}

/** Destroys a connection that has brought no request until then: one may be in transit. */
function destroyUnused(socket: Socket, time: number): void {
  const destroy = () => {
    if (socket.bytesRead === 0) socket.destroy();
  };
  const leftMs = time - performance.now();
  if (leftMs <= 0) destroy();
  else setTimeout(destroy, leftMs).unref();
}

/**
 * Calls back when closing the port loses nothing: it resets connections that are established and not yet accepted, with the
 * requests that they bring, and those whose response has been written, sent or not.
 */
function beforeClosing(
  connections: ReturnType<typeof watchConnections>,
  done: () => void,
  rounds = maxAcceptRounds,
  before = -1,
): void {
  const count = connections.accepted();
  if (connections.isWriting()) setTimeout(beforeClosing, writingPollMs, connections, done, rounds);
  else if (count === before || rounds === 0) done();
  else setImmediate(beforeClosing, connections, done, rounds - 1, count);
}

function watchConnections(server: Server) {
  let accepted = 0;
  const openedAt = new Map<Socket, number>();
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    openedAt.set(socket, performance.now());
    socket.once('close', () => openedAt.delete(socket));
  });
  return {
    accepted: () => accepted,
    /** Those without any request, to Node neither busy nor idle, and when each was opened, the newest last. */
    unused: () => [...openedAt].filter(([socket]) => socket.bytesRead === 0),
    isWriting: () => [...openedAt.keys()].some(({ writableLength }) => writableLength > 0),
  };
}
