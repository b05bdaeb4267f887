/** The wire itself: one keep-alive pool to one origin, with a timeout on every exchange. */
import { Pool } from 'undici';
import { UpstreamError } from '../errors.ts';
import { cancelledCall, type Transport } from './transport.ts';

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

  const send: Transport = async (request, scope) => {
    // One signal for both ways to end early: to combine two of them costs more than all else of a call.
    const exchange = new AbortController();
    const cancel = () => {
      exchange.abort();
    };
    let isOverTime = false;
    const timeout = setTimeout(() => {
      isOverTime = true;
      cancel();
    }, timeoutMs);
    if (scope.signal.aborted) cancel();
    scope.signal.addEventListener('abort', cancel, { once: true });
    try {
      const response = await pool.request({
        method: request.method,
        path: prefix + request.path,
        headers: { accept: 'application/json', ...request.headers },
        body: request.body?.() ?? null,
        signal: exchange.signal,
      });
      const body = await response.body.text();
      const headers = Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? value[0] : value,
        ]),
      );
      return { status: response.statusCode, headers, body };
    } catch (cause) {
      throw failedExchange(request.endpoint, cause, {
        cancelled: scope.signal.aborted,
        timedOut: isOverTime,
      });
    } finally {
      clearTimeout(timeout);
      scope.signal.removeEventListener('abort', cancel);
    }
  };

  return { send, close: () => pool.close() };
}

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
