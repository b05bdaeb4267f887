/**
 * How the server leaves: whoever still asks is told so in words, until nobody has asked for a while. A connection that
 * was closed before that would take with it a request that is on its way.
 */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Admission } from './admission.ts';

/** In milliseconds. */
export interface Shutdown {
  /** How long nobody must have asked: until then, whoever balances load may not have noticed. */
  readonly delayMs: number;
  /** How long operations have until they must answer with what they have. */
  readonly limitMs: number;
}

/** There may be some who never notice. */
const mostDelays = 4;

/**
 * Lets nobody in any more, and resolves when the server may be closed.
 *
 * To be called before the server listens; what it returns, once.
 */
export function prepareShutdown(
  server: FastifyInstance,
  admission: Admission,
): (shutdown: Shutdown) => Promise<void> {
  const unused = watchUnusedConnections(server);
  return async ({ delayMs, limitMs }) => {
    admission.close();
    const toldAt = performance.now();
    const latest = toldAt + Math.max(delayMs, Math.min(mostDelays * delayMs, limitMs / 2));
    const lastAskedAt = () =>
      Math.max(toldAt, admission.lastTurnedAwayAt, [...unused.values()].at(-1) ?? toldAt);
    for (;;) {
      const leftMs = Math.min(lastAskedAt() + delayMs, latest) - performance.now();
      if (leftMs <= 0) return;
      await sleep(leftMs);
    }
  };
}

/**
 * Connections that nothing was ever sent on, with when they were opened, the last one last. They are neither busy nor,
 * to Node, idle: they would hold the server's close.
 */
function watchUnusedConnections(server: FastifyInstance): ReadonlyMap<Socket, number> {
  const unused = new Map<Socket, number>();
  server.server.on('connection', (socket: Socket) => {
    unused.set(socket, performance.now());
    socket.once('close', () => unused.delete(socket));
  });
  server.addHook('onRequest', (request, _reply, done) => {
    unused.delete(request.raw.socket);
    done();
  });
  server.addHook('preClose', (done) => {
    for (const socket of unused.keys()) socket.destroy();
    done();
  });
  return unused;
}
