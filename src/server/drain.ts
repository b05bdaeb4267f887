/**
 * Drains the server without losing a request. Requests are first answered with `Connection: close`, while load
 * balancers notice that the instance is not ready; then refused until none has arrived for a while. If they never stop,
 * the last refusals are held back: a balancer that counts each instance's requests then sends no more to this one, and
 * the port closes when no request is in transit.
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

/** Time without a new connection before the port closes, and the number of attempts. */
const maxQuietMs = 50;
const quietRounds = 10;
/** Time for the first request of a connection accepted last. */
const lastRequestMs = 100;

/** Creates the drain; call it before the server listens. The drain runs once, and resolves when the server may close. */
export function createDrain(
  server: FastifyInstance,
  pipeline: Pick<Pipeline, 'drain' | 'refuseRequests' | 'refuseBodies' | 'holdRefusals' | 'lastArrivedAt'>,
): (shutdown: Shutdown) => Promise<void> {
  const connections = watchConnections(server.server);
  let patienceMs = 0;
  server.addHook('preClose', (done) => {
    let releaseRefusals = (): void => undefined;
    pipeline.holdRefusals(new Promise((resolve) => (releaseRefusals = resolve)));
    const quietMs = Math.min(maxQuietMs, patienceMs / 10);
    // A slow reader of an earlier response may keep the port open for long.
    setTimeout(releaseRefusals, quietMs * (quietRounds + 1)).unref();
    closeSafely(connections, quietMs, () => {
      // At once: connections made since the last check are reset.
      server.server.close(() => {
        done();
      });
      releaseRefusals();
      for (const [socket, openedAt] of connections.unused()) {
        destroyUnused(socket, openedAt + Math.max(patienceMs, lastRequestMs));
      }
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

/**
 * Sleeps until a time by `performance.now()`, then until input that arrived by then is read, since a late event loop
 * may run timers first. Resolves to false at once if the time has passed.
 */
async function sleepUntil(time: number): Promise<boolean> {
  const leftMs = time - performance.now();
  if (leftMs <= 0) return false;
  await new Promise((resolve) => setTimeout(setImmediate, leftMs, resolve));
  return true;
}

/** Destroys a connection at the given time if no byte has arrived by then; a request may be in transit. */
function destroyUnused(socket: Socket, time: number): void {
  const destroy = () => {
    if (socket.bytesRead === 0) socket.destroy();
  };
  setTimeout(setImmediate, time - performance.now(), destroy).unref();
}

/**
 * Calls `close` when no connection has been made for a while. Closing resets connections that are not yet accepted,
 * with their requests, and those with unsent responses.
 */
function closeSafely(
  connections: ReturnType<typeof watchConnections>,
  quietMs: number,
  close: () => void,
  rounds = quietRounds,
): void {
  const before = connections.accepted();
  const look = () => {
    const isQuiet = rounds === 0 || connections.accepted() === before;
    if (connections.isWriting()) closeSafely(connections, quietMs, close, rounds);
    else if (isQuiet) close();
    else closeSafely(connections, quietMs, close, rounds - 1);
  };
  // After the event loop has accepted connections: if it is late, the timer comes first.
  setTimeout(setImmediate, quietMs, look);
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
    /** Connections that have sent nothing, neither busy nor idle to Node, with their opening times, newest last. */
    unused: () => [...openedAt].filter(([socket]) => socket.bytesRead === 0),
    isWriting: () => [...openedAt.keys()].some(({ writableLength }) => writableLength > 0),
  };
}
