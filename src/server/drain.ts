/**
 * Drains the server: requests are refused with an error until none has arrived for a while. Closing connections earlier
 * would lose requests in transit.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Pipeline } from './pipeline/pipeline.ts';

/** In milliseconds. */
export interface Shutdown {
  /** Required time without a request: until then, a load balancer may not have noticed. */
  readonly delayMs: number;
  /** Time after which running operations are answered with partial results. */
  readonly limitMs: number;
}

/** Some load balancers never notice. */
const maxDelays = 4;

/**
 * Closes the pipeline, and resolves when the server may be closed.
 *
 * To be called before the server listens; what it returns, once.
 */
export function createDrain(
  server: FastifyInstance,
  pipeline: Pick<Pipeline, 'close' | 'lastRefusedAt'>,
): (shutdown: Shutdown) => Promise<void> {
  const unused = watchUnusedConnections(server.server);
  server.addHook('preClose', (done) => {
    for (const [socket] of unused()) socket.destroy();
    done();
  });
  return async ({ delayMs, limitMs }) => {
    pipeline.close();
    const closedAt = performance.now();
    const latest = closedAt + Math.max(delayMs, Math.min(maxDelays * delayMs, limitMs / 2));
    const lastAskedAt = () => Math.max(closedAt, pipeline.lastRefusedAt, unused().at(-1)?.[1] ?? closedAt);
    for (;;) {
      const leftMs = Math.min(lastAskedAt() + delayMs, latest) - performance.now();
      if (leftMs <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, leftMs));
    }
  };
}

/**
 * Connections without any request so far, with the time at which each was opened (by `performance.now()`), the newest
 * last. They are neither busy nor, to Node, idle: they would delay the server's close.
 */
function watchUnusedConnections(server: Server): () => (readonly [Socket, number])[] {
  const openedAt = new Map<Socket, number>();
  server.on('connection', (socket: Socket) => {
    openedAt.set(socket, performance.now());
    socket.once('close', () => openedAt.delete(socket));
  });
  return () => [...openedAt].filter(([socket]) => socket.bytesRead === 0);
}
