/**
 * Drains the server without losing a request. Requests are first answered with `Connection: close`, while load balancers
 * notice that the instance is not ready; then refused until none has arrived for a while. The port closes once all
 * responses are sent.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Pipeline } from './pipeline/pipeline.ts';

/** Times of a shutdown, in milliseconds. */
export interface Shutdown {
  /** Time in which requests are still answered, and then the quiet time required before the port closes. */
  readonly delayMs: number;
  /** Time after which operations in flight return partial results. */
  readonly limitMs: number;
}

/** Limits the wait for load balancers that never notice. */
const maxDelays = 4;

/** Event loop rounds in which pending connections may be accepted before the port closes. */
const maxAcceptRounds = 100;
const writingPollMs = 10;
/** Time for the first request of a connection accepted last. */
const lastRequestMs = 100;

/** Creates the drain; call it before the server listens. The drain runs once, and resolves when the server may close. */
export function createDrain(
  server: FastifyInstance,
  pipeline: Pick<Pipeline, 'drain' | 'refuseRequests' | 'refuseBodies' | 'lastArrivedAt'>,
): (shutdown: Shutdown) => Promise<void> {
  const connections = watchConnections(server.server);
  let patienceMs = 0;
  server.addHook('preClose', (done) => {
    setImmediate(beforeClosing, connections, () => {
      for (const [socket, openedAt] of connections.unused()) destroyUnused(socket, openedAt + patienceMs);
      // Clients may open connections in advance until the port is closed.
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

/** Sleeps until a time by `performance.now()`. Resolves to false at once if it has passed. */
async function sleepUntil(time: number): Promise<boolean> {
  const leftMs = time - performance.now();
  if (leftMs <= 0) return false;
  await new Promise((resolve) => setTimeout(resolve, leftMs));
  return true;
}

/** Destroys a connection at the given time if no byte has arrived by then; a request may be in transit. */
function destroyUnused(socket: Socket, time: number): void {
  const destroy = () => {
    if (socket.bytesRead === 0) socket.destroy();
  };
  const leftMs = time - performance.now();
  if (leftMs <= 0) destroy();
  else setTimeout(destroy, leftMs).unref();
}

/**
 * Calls back when closing the port is safe. Closing resets connections that are not yet accepted, with their requests, and
 * those with unsent responses.
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
    /** Connections without any request, neither busy nor idle to Node, with their opening times, newest last. */
    unused: () => [...openedAt].filter(([socket]) => socket.bytesRead === 0),
    isWriting: () => [...openedAt.keys()].some(({ writableLength }) => writableLength > 0),
  };
}
