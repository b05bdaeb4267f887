/** HTTP exchanges through one keep-alive pool per origin, each with a timeout. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
// The package's index also loads fetch, WebSocket and mocks, which takes a tenth of the time to start. The path is not
// documented: check it with each version of undici.
import Pool from 'undici/lib/dispatcher/pool.js';
import { isLoopback } from '../addresses.ts';
import { UpstreamError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import { acceptedEncodings, decodeContent, encodingsOf, UnknownEncodingError } from './content-encoding.ts';
import { ProxyError } from './proxy-error.ts';
import { cancelledError, type Transport, type TransportResponse } from './transport.ts';

export interface PooledTransport {
  readonly send: Transport;
  /** Aborts exchanges in flight, so that a hanging exchange does not delay the end of the process. */
  readonly close: () => Promise<void>;
}

/** Proxies between the gateway and the services it calls. */
export interface ProxyOptions {
  /** For services with http URLs; may contain a password. */
  readonly http: Secret | null;
  /** For services with https URLs. */
  readonly https: Secret | null;
  /** Hosts called directly, in the form of NO_PROXY. */
  readonly except: string;
}

export interface PoolOptions {
  readonly baseUrl: URL;
  /** For a whole exchange, from the first byte sent to the last received. */
  readonly timeoutMs: number;
  /** Longer responses, compressed or not, are aborted. */
  readonly maxResponseBytes: number;
  /** Maximum connections; further exchanges wait in the pool's queue, within their timeout. */
  readonly connections: number;
  /** Null calls every service directly. */
  readonly proxy?: ProxyOptions | null;
}

/** Redirects are not followed: tokens are sent only to configured origins. */
export async function createUndiciTransport({
  baseUrl,
  timeoutMs,
  maxResponseBytes,
  connections,
  proxy = null,
}: PoolOptions): Promise<PooledTransport> {
  const pool = await createDispatcher(baseUrl, proxy, {
    connections,
    keepAliveTimeout: 30_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: timeoutMs },
    maxResponseSize: maxResponseBytes,
  });
  const prefix = baseUrl.pathname.replace(/\/+$/, '');

  const send: Transport = ({ endpoint, method, path, headers, body }, scope) =>
    new Promise((resolve, reject) => {
      let isOverTime = false;
      const exchange = new Exchange(
        maxResponseBytes,
        (response) => {
          settle();
          resolve(response);
        },
        (cause) => {
          settle();
          const cancelled = scope.signal.aborted;
          reject(failedExchange(endpoint, cause, { cancelled, timedOut: isOverTime }));
        },
      );
      const cancel = () => {
        exchange.cancel();
      };
      const timeout = setTimeout(() => {
        isOverTime = true;
        cancel();
      }, timeoutMs);
      const settle = () => {
        clearTimeout(timeout);
        scope.signal.removeEventListener('abort', cancel);
      };
      if (scope.signal.aborted) {
        cancel();
        return;
      }
      scope.signal.addEventListener('abort', cancel, { once: true });
      try {
        const allHeaders = {
          accept: 'application/json',
          'accept-encoding': acceptedEncodings,
          ...headers,
        };
        const { origin } = baseUrl;
        const request = { origin, method, path: prefix + path, headers: allHeaders, body: body?.() ?? null };
        pool.dispatch(request, exchange);
      } catch (cause) {
        exchange.onResponseError(null, cause);
      }
    });

  return { send, close: () => pool.destroy() };
}

/** A pool of connections, direct or through the proxy for this URL. Loopback hosts are called directly. */
async function createDispatcher(
  baseUrl: URL,
  proxy: ProxyOptions | null,
  options: Pool.Options & { readonly connections: number },
): Promise<Dispatcher> {
  const isSecure = baseUrl.protocol === 'https:';
  const url = (isSecure ? proxy?.https : proxy?.http)?.reveal();
  if (proxy === null || url === undefined || isLoopback(baseUrl.hostname))
    return new Pool(baseUrl.origin, options);
  const named = {
    url: new URL(url),
    setting: isSecure ? 'HTTPS_PROXY' : 'HTTP_PROXY',
    target: baseUrl.hostname,
  };
  const { createProxyDispatcher } = await import('./proxy-dispatcher.ts');
  return createProxyDispatcher(named, proxy.except, options);
}

/** One exchange. Every response is read whole, so the body is collected without a stream. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #maxBytes: number;
  readonly #resolve: (response: TransportResponse) => void;
  readonly #reject: (cause: unknown) => void;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | null = null;
  #cancelled: Error | null = null;
  #status = 0;
  #bytes = 0;
  #headers: Record<string, string | undefined> = {};

  constructor(
    maxBytes: number,
    resolve: (response: TransportResponse) => void,
    reject: (cause: unknown) => void,
  ) {
    this.#maxBytes = maxBytes;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Rejects at once, whether the exchange has started or waits for a connection. */
  cancel(): void {
    this.#cancelled = new Error('The exchange was cancelled.');
    this.#controller?.abort(this.#cancelled);
    this.#reject(this.#cancelled);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#cancelled !== null) controller.abort(this.#cancelled);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    // Informational responses may arrive first.
    this.#status = status;
    this.#headers = {};
    for (const name of Object.keys(headers)) {
      const value = headers[name];
      this.#headers[name] = Array.isArray(value) ? value[0] : value;
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    // Connections through a proxy do not enforce `maxResponseSize`.
    if (this.#bytes > this.#maxBytes) controller.abort(new TooLongError());
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [only] = this.#chunks;
    const body = only !== undefined && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks);
    const encodings = encodingsOf(this.#headers['content-encoding']);
    if (encodings.length === 0) this.#resolveWith(body);
    else {
      decodeContent(body, encodings, this.#maxBytes).then(
        (decoded) => {
          this.#resolveWith(decoded);
        },
        (cause: unknown) => {
          this.#reject(isTooLong(cause) ? new TooLongError() : new EncodingError(cause));
        },
      );
    }
  }

  #resolveWith(body: Buffer): void {
    this.#resolve({ status: this.#status, headers: this.#headers, body: utf8.decode(body) });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, cause: unknown): void {
    this.#reject(cause);
  }
}

const utf8 = new TextDecoder();

class TooLongError extends Error {
  readonly code = 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
}

/** A compressed response is torn or has an encoding that was not requested. */
class EncodingError extends Error {
  constructor(cause: unknown) {
    super("The answer can't be decompressed.", { cause });
  }
}

function isTooLong(cause: unknown): boolean {
  return (
    typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE'
  );
}

/** The gateway closed its own connections, which shows nothing about the upstream. */
const closedErrorCodes = new Set(['UND_ERR_DESTROYED', 'UND_ERR_CLOSED']);

const timeoutErrorCodes = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

function failedExchange(
  endpoint: string,
  cause: unknown,
  { cancelled, timedOut }: { cancelled: boolean; timedOut: boolean },
): UpstreamError {
  const failure = cause instanceof ProxyError ? cause.cause : cause;
  const code = failure instanceof Error && 'code' in failure ? String(failure.code) : '';
  if (cancelled || closedErrorCodes.has(code)) {
    return cancelledError(endpoint, cause);
  }
  if (timedOut || timeoutErrorCodes.has(code)) {
    return new UpstreamError('UPSTREAM_TIMEOUT', 'The upstream did not answer in time. Try again later.', {
      endpoint,
      cause,
    });
  }
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
    return new UpstreamError(
      'UPSTREAM_INVALID_RESPONSE',
      "The upstream's answer is longer than the gateway reads (AVEPOINT_MAX_RESPONSE_MEBIBYTES).",
      { endpoint, field: 'body', isPermanent: true, cause },
    );
  }
  if (cause instanceof EncodingError) {
    const isUnknown = cause.cause instanceof UnknownEncodingError;
    return new UpstreamError(
      'UPSTREAM_INVALID_RESPONSE',
      isUnknown
        ? "The upstream's answer is encoded in a way that the gateway does not accept."
        : "The upstream's answer can't be decompressed.",
      { endpoint, field: 'content-encoding', ...(isUnknown ? { isPermanent: true } : {}), cause },
    );
  }
  return new UpstreamError('UPSTREAM_UNAVAILABLE', 'The upstream could not be reached. Try again later.', {
    endpoint,
    cause,
  });
}
