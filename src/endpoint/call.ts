/** Sends a call of a route, and maps failures and invalid responses to UpstreamError. */
import { UpstreamError, type UpstreamErrorCode, type UpstreamErrorDetails } from '../errors.ts';
import type { TenantKey } from '../model.ts';
import type { Scope } from '../scope.ts';
import { yieldUrgent } from '../scheduler.ts';
import { detailsOf, type Transport, type TransportRequest } from '../transport/transport.ts';
import type { JsonObject } from '../json.ts';
import { DecodeError, parseBody, requireObject } from './decode.ts';
import { pathSegmentOf } from './id.ts';

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Path with `{customerId}` and `{tenantId}` in place of ids. */
  readonly template: string;
  /** Permission that the route's reference page requires. */
  readonly permission: string;
}

/** Ids of a route's template. */
export type PathIds = Partial<TenantKey>;

/** A route's name in errors. */
export function nameOf({ method, template }: Route): string {
  return `${method} ${template}`;
}

/**
 * Returns the route's path for these ids.
 *
 * @throws UpstreamError UPSTREAM_NOT_FOUND, without a call, for invalid ids of rows; those of callers are refused
 *   earlier
 */
export function pathOf(route: Route, ids: PathIds): string {
  return (['customerId', 'tenantId'] as const).reduce((path, name) => {
    const segment = pathSegmentOf(ids[name] ?? '');
    if (segment !== null) return path.replace(`{${name}}`, () => segment);
    if (!path.includes(`{${name}}`)) return path;
    throw new UpstreamError('UPSTREAM_NOT_FOUND', `The upstream has nothing under this ${name}.`, {
      endpoint: nameOf(route),
    });
  }, route.template);
}

export interface Call {
  readonly path: string;
  /** Returns the JSON when the call leaves its queue; null for a call without a body. */
  readonly body: (() => string) | null;
  /** Aborts when the call is no longer needed. */
  readonly superseded?: AbortSignal;
}

const noContent = 204;

/** A decoded response, with its size. */
export interface Answer<Content> {
  readonly content: Content;
  readonly status: number;
  /** Length of the body as text. */
  readonly bytes: number;
}

/**
 * Sends one call and decodes its response.
 *
 * @param decode decodes the body; null for a response without content
 */
export async function call<Content>(
  transport: Transport,
  route: Route,
  { path, body, superseded }: Call,
  decode: (body: JsonObject | null) => Content,
  scope: Scope,
): Promise<Answer<Content>> {
  const endpoint = nameOf(route);
  const request: TransportRequest = {
    endpoint,
    method: route.method,
    permission: route.permission,
    path,
    ...(body === null ? {} : { headers: { 'content-type': 'application/json' }, body }),
    ...(superseded === undefined ? {} : { superseded }),
  };
  const response = await transport(request, scope);
  const details = detailsOf(endpoint, response);
  if (response.status < 200 || response.status > 299) throw failedCall(route, details);
  // Many responses may arrive at once.
  await yieldUrgent();
  try {
    const isEmpty = response.status === noContent && response.body.trim() === '';
    const content = decode(isEmpty ? null : requireObject(parseBody(response.body), ''));
    return { content, status: response.status, bytes: response.body.length };
  } catch (cause) {
    if (!(cause instanceof DecodeError) && !(cause instanceof SyntaxError)) throw cause;
    const field = cause instanceof DecodeError && cause.field !== '' ? cause.field : 'body';
    throw new UpstreamError(
      'UPSTREAM_INVALID_RESPONSE',
      `The upstream's answer can't be understood at ${field}.`,
      { ...details, field, cause },
    );
  }
}

function failedCall(route: Route, details: UpstreamErrorDetails & { status: number }): UpstreamError {
  const failed = (code: UpstreamErrorCode, message: string, more: Partial<UpstreamErrorDetails> = {}) =>
    new UpstreamError(code, message, { ...details, ...more });
  switch (details.status) {
    case 401:
      return failed('UPSTREAM_UNAUTHENTICATED', "The upstream refused the gateway's access token.");
    case 403:
      return failed(
        'UPSTREAM_FORBIDDEN',
        `The upstream forbids this call. The app registration needs the permission ${route.permission}, and the customer must be in its scope.`,
        { permission: route.permission },
      );
    case 404:
      return failed('UPSTREAM_NOT_FOUND', 'The upstream has nothing under these ids.');
    case 408:
    case 504:
      return failed('UPSTREAM_TIMEOUT', 'The upstream did not answer in time. Try again later.');
    case 429:
      return failed('UPSTREAM_RATE_LIMITED', 'The upstream is throttling calls. Try again later.');
  }
  if (details.status >= 500) {
    return failed(
      'UPSTREAM_UNAVAILABLE',
      `The upstream failed with status ${details.status}. Try again later.`,
    );
  }
  return failed('UPSTREAM_REFUSED', `The upstream refused the call with status ${details.status}.`);
}
