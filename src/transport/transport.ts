/**
 * One HTTP exchange: the interface between endpoints and the network. Policies are functions from Transport to
 * Transport. Any status is a response; only an exchange without a response is an error.
 */
import { UpstreamError, type UpstreamErrorDetails } from '../errors.ts';
import type { Scope } from '../scope.ts';

export interface TransportRequest {
  /** Route name for errors. */
  readonly endpoint: string;
  readonly method: 'GET' | 'POST';
  /** Permission that the token must have; without it the request is not sent. */
  readonly permission?: string;
  /** Below the base URL, with a leading slash, encoded segments and the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called when the call leaves its queue; later calls return the same body. */
  readonly body?: () => string;
  /** Aborts if the call is no longer needed while it is queued. */
  readonly superseded?: AbortSignal;
}

export interface TransportResponse {
  readonly status: number;
  /** By lower-case name; for repeated headers, the first value. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/**
 * Rejects with UpstreamError (UPSTREAM_UNAVAILABLE, UPSTREAM_TIMEOUT, UPSTREAM_INVALID_RESPONSE, REQUEST_CANCELLED) or
 * SupersededError.
 */
export type Transport = (request: TransportRequest, scope: Scope) => Promise<TransportResponse>;

/** The call was not made because another call returns its rows. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

/** The same error, for a call that was not made because it would fail in the same way. */
export function asNotSent({ code, message, details }: UpstreamError): UpstreamError {
  return new UpstreamError(code, message, { ...details, notSent: true });
}

export function cancelledError(endpoint: string, cause?: unknown): UpstreamError {
  return new UpstreamError('REQUEST_CANCELLED', 'The request was cancelled before the upstream answered.', {
    endpoint,
    cause,
  });
}

/** The upstream's request id, in any spelling of its header (`request-id` in the vendor's documentation). */
export function requestIdOf(response: TransportResponse): string | undefined {
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined && /^(x-)?(ms-)?(request|correlation)-?id$/.test(name)) {
      return value.replace(/[^\w.:-]/g, '').slice(0, 128);
    }
  }
  return undefined;
}

/** Whether a body is an HTML page; proxies and login pages send one with any status. */
export function isHtml({ headers, body }: TransportResponse): boolean {
  return (headers['content-type'] ?? '').includes('html') || /^\s*<(!doctype|html)/i.test(body.slice(0, 200));
}

/** Error details of a response. */
export function detailsOf(
  endpoint: string,
  response: TransportResponse,
): UpstreamErrorDetails & { readonly status: number } {
  const requestId = requestIdOf(response);
  const retryAfterMs = retryAfterOf(response);
  return {
    endpoint,
    status: response.status,
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/**
 * Maximum wait after one response, even if the upstream asks for more, since it may recover earlier. A single call then
 * probes it.
 */
export const maxRetryAfterMs = 60_000;

/**
 * Wait requested by a response in seconds or as a date (RFC 9110, 10.2.3), up to `maxRetryAfterMs`; undefined if absent
 * or invalid.
 */
export function retryAfterOf({ headers }: TransportResponse): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return boundedWait(Number(value) * 1000);
  // `Date.parse` also accepts other text, such as a negative number.
  if (!/^[a-z]{3,9},? /i.test(value)) return undefined;
  // By the upstream's clock, since this machine's clock may be wrong.
  const sentAt = Date.parse(headers['date'] ?? '');
  return boundedWait(Date.parse(value) - (Number.isNaN(sentAt) ? Date.now() : sentAt));
}

/** A requested wait within limits; undefined for NaN. */
export function boundedWait(milliseconds: number): number | undefined {
  return Number.isNaN(milliseconds) ? undefined : Math.min(maxRetryAfterMs, Math.max(0, milliseconds));
}
