/**
 * Drains the server without losing a request: requests are answered while balancers see that the instance is not ready and
 * callers leave by `Connection: close`, then refused until none has arrived for a while; then the port closes.
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

/** To be called before the server listens; the returned function, once. It resolves when the server may be closed. */
export function createDrain(
  server: FastifyInstance,
  pipeline: Pick<Pipeline, 'drain' | 'refuseRequests' | 'refuseBodies' | 'lastArrivedAt'>,
): (shutdown: Shutdown) => Promise<void> {
  const { accepted, unused } = watchConnections(server.server);
  let patienceMs = 0;
  server.addHook('preClose', (done) => {
    for (const [socket, openedAt] of unused()) destroyUnused(socket, openedAt + patienceMs);
    setImmediate(afterAccepting, accepted, done);
  });
  return async ({ delayMs, limitMs }) => {
    patienceMs = delayMs;
    const startedAt = performance.now();
    const latest = startedAt + Math.max(delayMs, Math.min(maxDelays * delayMs, limitMs / 2));
    const lastArrivedAt = () =>
      Math.max(startedAt, pipeline.lastArrivedAt, unused().at(-1)?.[1] ?? startedAt);
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
 * Calls back right after a round of the event loop that has brought no connection: closing the port resets those that are
 * established and not yet accepted, with the requests that they bring.
 */
function afterAccepting(
  accepted: () => number,
  done: () => void,
  rounds = maxAcceptRounds,
  before = -1,
): void {
  const count = accepted();
  if (count === before || rounds === 0) done();
  else setImmediate(afterAccepting, accepted, done, rounds - 1, count);
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
    /**
     * Those without any request, and when each was opened (by `performance.now()`), the newest last. They are neither busy
     * nor, to Node, idle: they would delay the server's close.
     */
    unused: () => [...openedAt].filter(([socket]) => socket.bytesRead === 0),
  };
}
