/** The wire itself: one keep-alive pool to one origin, with a timeout on every exchange. */
import type { IncomingHttpHeaders } from 'node:http';
import { Pool, type Dispatcher } from 'undici';
import { UpstreamError } from '../errors.ts';
import { cancelledCall, type Transport, type TransportResponse } from './transport.ts';

export interface PooledTransport {
  readonly send: Transport;
  readonly close: () => Promise<void>;
}

export interface PoolOptions {
  readonly baseUrl: URL;
  /** For one whole exchange, from the first byte sent to the last received. */
  readonly timeoutMs: number;
  /** A longer answer is refused while it is being read. */
  readonly maxResponseBytes: number;
  /** Connections at most; more exchanges than that wait in the pool's queue, and their timeout runs meanwhile. */
  readonly connections: number;
}

/** Redirects are not followed: a token must not travel where the configuration did not say. */
export function createUndiciTransport({
  baseUrl,
  timeoutMs,
  maxResponseBytes,
  connections,
}: PoolOptions): PooledTransport {
  const pool = new Pool(baseUrl.origin, {
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
        const allHeaders = { accept: 'application/json', ...headers };
        pool.dispatch({ method, path: prefix + path, headers: allHeaders, body: body?.() ?? null }, exchange);
      } catch (cause) {
        exchange.onResponseError(null, cause);
      }
    });

  return { send, close: () => pool.close() };
}

/** One exchange, its answer collected without a stream: every call is read whole. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #resolve: (response: TransportResponse) => void;
  readonly #reject: (cause: unknown) => void;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | null = null;
  #cancelled: Error | null = null;
  #status = 0;
  #headers: Record<string, string | undefined> = {};

  constructor(resolve: (response: TransportResponse) => void, reject: (cause: unknown) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Rejects at once, whether the exchange has begun or still waits for a connection. */
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
    // Informational responses may come first.
    this.#status = status;
    this.#headers = {};
    for (const name of Object.keys(headers)) {
      const value = headers[name];
      this.#headers[name] = Array.isArray(value) ? value[0] : value;
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const body = utf8.decode(this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks));
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, cause: unknown): void {
    this.#reject(cause);
  }
}

const utf8 = new TextDecoder();

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
  if (cancelled) {
    return cancelledCall(endpoint, cause);
  }
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
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
      { endpoint, field: 'body', cause },
    );
  }
  return new UpstreamError('UPSTREAM_UNAVAILABLE', 'The upstream could not be reached. Try again later.', {
    endpoint,
    cause,
  });
}
