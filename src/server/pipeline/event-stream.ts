/**
 * Results as server-sent events, by graphql-sse's protocol with a connection for each operation: `next` with a result's
 * JSON, and `complete`. Headers and a first comment are sent before there is any result, so that a proxy or a client
 * need not guess whether the operation was accepted.
 */
import type { FastifyReply } from 'fastify';

export const eventStreamType = 'text/event-stream';

/** Comments that keep proxies from closing a connection on which nothing happens. */
const pingMs = 12_000;

/**
 * Sends each result as soon as the one before has left, so that a slow reader slows down what it reads. Resolves when the
 * stream has ended, or its reader has gone.
 */
export async function sendEvents(
  results: AsyncIterable<string> | Iterable<string>,
  reply: FastifyReply,
): Promise<void> {
  const { raw } = reply.hijack();
  reply.headers({
    'content-type': `${eventStreamType}; charset=utf-8`,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value);
  }
  raw.writeHead(200);
  const send = (text: string) =>
    new Promise<void>((resolve) => {
      const done = () => {
        raw.off('close', done);
        resolve();
      };
      raw.once('close', done);
      raw.write(text, done);
    });
  await send(':\n\n');
  const ping = setInterval(() => {
    if (raw.writableLength === 0) raw.write(':\n\n');
  }, pingMs);
  try {
    for await (const result of results) {
      await send(`event: next\ndata: ${result}\n\n`);
      if (raw.destroyed) return;
    }
    raw.end('event: complete\ndata:\n\n');
  } finally {
    clearInterval(ping);
  }
}
