/** Disconnects clients that stop reading their responses. */
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

/** Number of checks within READER_TIMEOUT_MS. */
const readerChecks = 4;

/** Closes the connection of a client that reads nothing of its response for this time, whatever it sends. */
export function disconnectStalledReader({ raw, request }: FastifyReply, timeoutMs: number): void {
  let unsent = 0;
  let stalledChecks = 0;
  const check = setInterval(() => {
    const before = unsent;
    unsent = unsentBytesOf(raw.socket);
    stalledChecks = unsent > 0 && before > 0 && unsent >= before ? stalledChecks + 1 : 0;
    if (stalledChecks === readerChecks) raw.destroy();
  }, timeoutMs / readerChecks);
  // Not by the response's own event: a pipelined response that waits behind another has none.
  request.state.whenClosed(() => {
    clearInterval(check);
  });
}

/**
 * Returns the bytes that the system has not accepted yet. Node exposes those of a partly sent chunk only on the private
 * `_handle`; if it is absent, the whole chunk counts.
 */
function unsentBytesOf(socket: Socket | null): number {
  if (socket === null) return 0;
  const { _handle: handle } = socket as { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return socket.writableLength > 0 ? (handle?.writeQueueSize ?? socket.writableLength) : 0;
}
