/**
 * Streams results in the form that the client accepts. Headers and a ping are sent before the first result, to show
 * clients and proxies that the operation was accepted.
 */
import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';

export interface StreamForm<Result = string> {
  readonly contentType: string;
  /** Additional headers. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly opening: string;
  /** Keeps proxies from closing an idle connection; null if the form has no neutral part. */
  readonly ping: string | null;
  readonly partOf: (result: Result) => string | Uint8Array;
  readonly ending: string;
}

/** Server-sent events, by graphql-sse's distinct connections mode. */
export const eventStream: StreamForm = {
  contentType: 'text/event-stream; charset=utf-8',
  opening: '',
  ping: ':\n\n',
  partOf: (result) => `event: next\ndata: ${result}\n\n`,
  ending: 'event: complete\ndata:\n\n',
};

/** Formats a part with the boundary behind it, which clients wait for. */
const part = (json: string) => `\r\nContent-Type: application/json\r\n\r\n${json}\r\n--graphql`;

/** Apollo's multipart protocol of subscriptions over HTTP, version 1.0. */
export const multipartStream: StreamForm = {
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
  opening: '\r\n--graphql',
  ping: part('{}'),
  partOf: (result) => part(`{"payload":${result}}`),
  ending: '--\r\n',
};

const pingMs = 12_000;

/** Sends each result after the previous one is written, so that a slow reader slows down the operation. */
export async function sendStream<Result>(
  results: AsyncIterable<Result> | Iterable<Result>,
  form: StreamForm<Result>,
  reply: FastifyReply,
): Promise<void> {
  const { raw } = reply.hijack();
  reply.headers({
    'content-type': form.contentType,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    ...form.headers,
  });
  raw.writeHead(200, reply.getHeaders() as OutgoingHttpHeaders);
  const { state } = reply.request;
  let endSend = (): void => undefined;
  state.whenClosed(() => {
    endSend();
  });
  const send = (text: string | Uint8Array) =>
    new Promise<void>((resolve) => {
      endSend = resolve;
      if (state.isClosed) resolve();
      else
        raw.write(text, () => {
          resolve();
        });
    });
  const { opening, ping } = form;
  if (ping === null) raw.flushHeaders();
  else await send(opening + ping);
  const pinging =
    ping === null
      ? undefined
      : setInterval(() => {
          if (raw.writableLength === 0) raw.write(ping);
        }, pingMs);
  try {
    for await (const result of results) {
      const part = form.partOf(result);
      if (part.length > 0) await send(part);
      if (state.isClosed) return;
    }
    raw.end(form.ending);
  } finally {
    clearInterval(pinging);
  }
}
