/**
 * The seam between an endpoint and the wire: one HTTP exchange. A policy is a function from Transport to Transport.
 * Whatever status comes back is an answer; only an exchange that brought no answer is an error.
 */
import { UpstreamError, type UpstreamErrorDetails } from '../errors.ts';
import type { Scope } from '../scope.ts';

export interface TransportRequest {
  /** The route by its name, for errors. */
  readonly endpoint: string;
  readonly method: 'GET' | 'POST';
  /** What the token must permit; if it is known not to, the request is not sent. */
  readonly permission?: string;
  /** Below the base URL, with a leading slash, its segments encoded, with the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Asked when the call's turn has come, and the same from then on. */
  readonly body?: () => string;
  /** Aborts when the call need not be made any more, which is heeded until its turn has come. */
  readonly superseded?: AbortSignal;
}

export interface TransportResponse {
  readonly status: number;
  /** By lower-case name; the first value if a header was repeated. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Rejects with UpstreamError: UPSTREAM_UNAVAILABLE, UPSTREAM_TIMEOUT, UPSTREAM_INVALID_RESPONSE or REQUEST_CANCELLED; and with SupersededCall. */
export type Transport = (request: TransportRequest, scope: Scope) => Promise<TransportResponse>;

/** The call was not made: what it would have brought comes another way. */
export class SupersededError extends Error {
  override readonly name = 'SupersededCall';
}

/** The error of a call that was not made, since it would have failed like this one. */
export function asNotSent({ code, message, details }: UpstreamError): UpstreamError {
  return new UpstreamError(code, message, { ...details, notSent: true });
}

/** The error of a call whose caller has gone. */
export function cancelledError(endpoint: string, cause?: unknown): UpstreamError {
  return new UpstreamError('REQUEST_CANCELLED', 'The request was cancelled before the upstream answered.', {
    endpoint,
    cause,
  });
}

/** The upstream's id of a request, whatever the spelling of its header (`request-id` in the vendor's documentation). */
export function requestIdOf(response: TransportResponse): string | undefined {
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined && /^(x-)?(ms-)?(request|correlation)-?id$/.test(name)) {
      return value.replace(/[^\w.:-]/g, '').slice(0, 128);
    }
  }
  return undefined;
}

/** Whether a body is a page for people, as proxies and login pages send it, whatever the status. */
export function isHtml({ headers, body }: TransportResponse): boolean {
  return (headers['content-type'] ?? '').includes('html') || /^\s*<(!doctype|html)/i.test(body.slice(0, 200));
}

/** What an error reports of the response that caused it. */
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
 * The longest wait that one response can impose: an upstream that asks for more may be well long before, or have meant
 * something else. A single call then finds out.
 */
export const maxRetryAfterMs = 60_000;

/**
 * How long a response asks to wait, up to `maxRetryAfterMs`, by a number of seconds or a date (RFC 9110, 10.2.3);
 * undefined if it does not say, or makes no sense.
 */
export function retryAfterOf({ headers }: TransportResponse): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return boundedWait(Number(value) * 1000);
  // Dates alone: what begins otherwise, such as a negative number, is read as a date as well.
  if (!/^[a-z]{3,9},? /i.test(value)) return undefined;
  // By the upstream's clock, since that of this machine may be off.
  const sentAt = Date.parse(headers['date'] ?? '');
  return boundedWait(Date.parse(value) - (Number.isNaN(sentAt) ? Date.now() : sentAt));
}

/** A wait that an upstream, or another instance, has asked for, as it is heeded; undefined for what is no number. */
export function boundedWait(milliseconds: number): number | undefined {
  return Number.isNaN(milliseconds) ? undefined : Math.min(maxRetryAfterMs, Math.max(0, milliseconds));
}
