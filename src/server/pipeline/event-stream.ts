/**
 * Results as server-sent events, by graphql-sse's protocol with a connection for each operation. Headers and a comment are
 * sent before there is any result, so that a proxy or a client can see that the operation was accepted.
 */
import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';

export const eventStreamType = 'text/event-stream';

/** Comments that keep proxies from closing a connection on which nothing happens. */
const pingMs = 12_000;

/** Sends each result after the previous one was written: a slow reader slows down the operation. Resolves at the end. */
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
  raw.writeHead(200, reply.getHeaders() as OutgoingHttpHeaders);
  const { state } = reply.request;
  let endSend = (): void => undefined;
  state.whenClosed(() => {
    endSend();
  });
  const send = (text: string) =>
    new Promise<void>((resolve) => {
      endSend = resolve;
      if (state.isClosed) resolve();
      else
        raw.write(text, () => {
          resolve();
        });
    });
  await send(':\n\n');
  const ping = setInterval(() => {
    if (raw.writableLength === 0) raw.write(':\n\n');
  }, pingMs);
  try {
    for await (const result of results) {
      await send(`event: next\ndata: ${result}\n\n`);
      if (state.isClosed) return;
    }
    raw.end('event: complete\ndata:\n\n');
  } finally {
    clearInterval(ping);
  }
}
