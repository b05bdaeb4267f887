/** One HTTP exchange sent as given: any header, any target and any bytes, which fetch would correct or refuse. */
import { createHash } from 'node:crypto';
import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';

/** An exchange without an answer after this time counts as unanswered: long, since it only reports what hangs. */
export const livenessMs = 240_000;

export interface Exchange {
  readonly method?: string;
  /** The request target as it goes over the wire: a path with a query, or an absolute URL. */
  readonly target?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  /** False sends no Host header but one that `headers` has. */
  readonly setHost?: boolean;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a request on a connection of its own; rejects if no answer comes, and names the request then. */
export function exchange(url: string, sent: Exchange): Promise<ExchangeAnswer> {
  const { method = 'POST', target = '/graphql', headers = {}, body, setHost = true } = sent;
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const fail = (reason: string) => {
      reject(new Error(`${reason}: ${method} ${target.slice(0, 300)} ${JSON.stringify(headers)}`));
    };
    const outgoing = request({ hostname, port, method, path: target, headers, setHost, agent: false });
    const timer = setTimeout(() => {
      fail(`No answer within ${livenessMs} ms`);
      outgoing.destroy();
    }, livenessMs);
    outgoing.on('response', (response) => {
      isAnswered = true;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', (error) => {
        fail(`The answer broke off (${error.message})`);
      });
      response.on('end', () => {
        clearTimeout(timer);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        });
      });
    });
    // A server that answers before the body has come may close the connection under the rest of it.
    outgoing.on('error', (error) => {
      if (isAnswered) return;
      clearTimeout(timer);
      fail(`The connection failed (${error.message})`);
    });
    outgoing.end(body);
  });
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
