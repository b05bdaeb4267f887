/**
 * OAuth 2.0 client credentials: one token for all waiters, renewed in the background before it expires, and once if the
 * upstream refuses it earlier. A permission that the identity service does not grant affects only its own endpoints.
 */
import { createHash, randomUUID, type KeyObject, type X509Certificate } from 'node:crypto';
import { SignJWT } from 'jose';
import { monotonicClock } from '../clock.ts';
import { UpstreamError } from '../errors.ts';
import { createScope, type Scope } from '../scope.ts';
import type { Secret } from '../secret.ts';
import { CircuitBreakers, denialPolicy } from './circuit-breaker.ts';
import type { Retry } from './retry.ts';
import { SingleFlight } from './single-flight.ts';
import {
  cancelledError,
  detailsOf,
  isHtml,
  asNotSent,
  type Transport,
  type TransportResponse,
} from './transport.ts';

/** Credential of the app registration: a secret, or an assertion signed with a certificate's key. */
export type ClientCredential =
  | { readonly kind: 'secret'; readonly secret: Secret }
  | { readonly kind: 'certificate'; readonly certificate: X509Certificate; readonly privateKey: KeyObject };

export interface TokenOptions {
  readonly tokenUrl: URL;
  readonly clientId: string;
  readonly credential: ClientCredential;
  /** Space-separated. */
  readonly scope: string;
}

/** Endpoint name in errors of token calls. */
export const tokenEndpoint = 'POST token';
const assertionLifeSeconds = 300;
/** Assumed lifetime of a token without one: a longer token might be refused, a shorter one costs calls. */
const shortLifeSeconds = 300;
/** Minimum lifetime, unless the API refuses the token. */
const minLifeSeconds = 10;
/** Minimum age of a refused replacement before it is replaced again. */
const minReplacementMs = 5000;
/** A token is renewed this long before it expires, or after nine tenths of its lifetime if that is later. */
const renewalMarginMs = 60_000;
/** Permissions that were not granted are requested again after this time. */
const ungrantedMs = 5 * 60_000;

interface AccessToken {
  readonly value: string;
  readonly renewAt: number;
  readonly expiresAt: number;
  readonly requestedAt: number;
  /** Requested permissions that were not granted. */
  readonly ungranted: ReadonlySet<string>;
}

export interface TokenPolicy {
  /** Retries the token call, once for all waiters. */
  readonly retry?: Retry;
  /**
   * Milliseconds since the epoch. By default the system clock for the identity service, and a monotonic clock for token
   * lifetimes.
   */
  readonly clock?: () => number;
  /** Called with each failure to get a token, and with null on recovery. */
  readonly onFault?: (error: UpstreamError | null) => void;
  /** Called with the permissions that each new token lacks. */
  readonly onUngranted?: (permissions: readonly string[]) => void;
}

/** A request cut off after this time counts as a timeout. */
const hangingMs = 3000;

const once: Retry = (_key, attempt) => attempt();

/**
 * Sends each request with a valid token. Rejects with the identity service's UpstreamError if there is none.
 *
 * @param next sends to the API
 * @param sendToIdentityService sends to the origin of the token URL
 */
export function withAccessToken(
  next: Transport,
  sendToIdentityService: Transport,
  options: TokenOptions,
  { retry = once, clock, onFault = () => undefined, onUngranted = () => undefined }: TokenPolicy = {},
): Transport {
  const now = clock ?? monotonicClock;
  const clocks = { now, wall: clock ?? Date.now };
  const singleFlight = new SingleFlight<AccessToken>(now);
  const circuit = new CircuitBreakers({ policy: denialPolicy, now }).circuitOf(tokenEndpoint);
  const background = createScope().scope;
  let current: AccessToken | null = null;
  /** Whether the current token has replaced a refused one and is not accepted by the API yet. */
  let isInDoubt = false;
  let lastError: UpstreamError | null = null;
  let hasFault = false;
  let nothingGrantedAt = -Infinity;

  function renew(scope: Scope): Promise<AccessToken> {
    const waiter = { ...scope, abortError: () => cancelledError(tokenEndpoint), notBefore: -Infinity };
    return singleFlight.join('token', waiter, fetchToken).result;
  }

  /** Rejects with the last error, without a call, while the circuit is open. */
  async function fetchToken(scope: Scope): Promise<AccessToken> {
    const { retryAfterMs, isProbe } = circuit.enter();
    if (retryAfterMs > 0 && lastError !== null) throw lastError;
    const request = () => reporting(() => requestGranted(scope));
    try {
      current = isProbe ? await request() : await retry('token', request, scope, () => true);
    } catch (error) {
      if (!(error instanceof UpstreamError) || error.code === 'REQUEST_CANCELLED') {
        circuit.record(isProbe, null);
        throw error;
      }
      // The request that needs the token was not sent, and retrying it would not help.
      lastError = asNotSent(error);
      circuit.record(isProbe, false);
      report(error);
      throw lastError;
    }
    circuit.record(isProbe, true);
    if (hasFault) report(null);
    onUngranted([...current.ungranted]);
    lastError = null;
    return current;
  }

  function report(error: UpstreamError | null): void {
    hasFault = error !== null;
    onFault(error);
  }

  /** Reports timeouts before the retries end, even if all waiting operations end first. */
  async function reporting(request: () => Promise<AccessToken>): Promise<AccessToken> {
    const startedAt = now();
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      const isCutOff = error.code === 'REQUEST_CANCELLED' && now() - startedAt >= hangingMs;
      if (isCutOff)
        report(
          new UpstreamError('UPSTREAM_TIMEOUT', 'The upstream did not answer in time.', {
            endpoint: tokenEndpoint,
          }),
        );
      else if (error.code === 'UPSTREAM_TIMEOUT') report(error);
      throw error;
    }
  }

  /** A token for all permissions or, if not all are granted together, for those granted separately. */
  async function requestGranted(scope: Scope): Promise<AccessToken> {
    const request = (permissions: string) =>
      requestToken(sendToIdentityService, { ...options, scope: permissions }, clocks, scope);
    try {
      return await request(options.scope);
    } catch (error) {
      const permissions = options.scope.split(/\s+/);
      const isWorthTrying = permissions.length > 1 && now() - nothingGrantedAt > ungrantedMs;
      if (!(error instanceof InvalidScopeError) || !isWorthTrying) throw error;
      const ungranted = new Set<string>();
      for (const permission of permissions) {
        try {
          await request(permission);
        } catch (reason) {
          if (!(reason instanceof InvalidScopeError)) throw reason;
          ungranted.add(permission);
        }
      }
      const granted = permissions.filter((permission) => !ungranted.has(permission));
      if (granted.length === 0 || ungranted.size === 0) {
        nothingGrantedAt = now();
        throw error;
      }
      const given = await request(granted.join(' '));
      return { ...given, ungranted, renewAt: Math.min(given.renewAt, now() + ungrantedMs) };
    }
  }

  async function token(scope: Scope): Promise<AccessToken> {
    if (current === null || now() >= current.expiresAt) return renew(scope);
    // A failed renewal fails no call: the current token is valid until it expires.
    if (now() >= current.renewAt) renew(background).catch(() => undefined);
    return current;
  }

  return async (request, scope) => {
    // The refused token would be refused again, so fetching a new one saves a call.
    if (isInDoubt && current !== null && now() - current.requestedAt >= minReplacementMs) current = null;
    const first = await token(scope);
    const send = ({ value, ungranted }: AccessToken) => {
      const { permission } = request;
      if (permission !== undefined && ungranted.has(permission))
        throw ungrantedPermission(request.endpoint, permission);
      return next({ ...request, headers: { ...request.headers, authorization: `Bearer ${value}` } }, scope);
    };
    const response = await send(first);
    if (response.status !== 401) {
      if (current === first) isInDoubt = false;
      return response;
    }
    if (current === first) {
      // A further token would be refused too: the API or its settings are at fault.
      if (isInDoubt && now() - first.requestedAt < minReplacementMs) return response;
      current = null;
      isInDoubt = true;
    }
    const second = await token(scope);
    const repeated = await send(second);
    if (repeated.status !== 401 && current === second) isInDoubt = false;
    return repeated;
  };
}

async function requestToken(
  send: Transport,
  options: TokenOptions,
  { now, wall }: { readonly now: () => number; readonly wall: () => number },
  scope: Scope,
): Promise<AccessToken> {
  const requestedAt = now();
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: options.clientId,
    scope: options.scope,
    ...(await proof(options, wall())),
  });
  const response = await send(
    {
      endpoint: tokenEndpoint,
      method: 'POST',
      path: options.tokenUrl.pathname + options.tokenUrl.search,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: () => form.toString(),
    },
    scope,
  );
  if (response.status !== 200) throw tokenRequestError(response);
  const { value, lifeMs } = decodeToken(response);
  return {
    value,
    requestedAt,
    expiresAt: requestedAt + lifeMs,
    renewAt: requestedAt + lifeMs - Math.min(renewalMarginMs, lifeMs / 10),
    ungranted: new Set(),
  };
}

async function proof(
  { tokenUrl, clientId, credential }: TokenOptions,
  now: number,
): Promise<Record<string, string>> {
  if (credential.kind === 'secret') return { client_secret: credential.secret.reveal() };
  const thumbprint = createHash('sha1').update(credential.certificate.raw).digest();
  const issuedAt = Math.floor(now / 1000);
  const assertion = await new SignJWT()
    .setProtectedHeader({
      alg: 'RS256',
      typ: 'JWT',
      x5t: thumbprint.toString('base64url'),
      kid: thumbprint.toString('hex').toUpperCase(),
    })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(tokenUrl.href)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(issuedAt + assertionLifeSeconds)
    .sign(credential.privateKey);
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  };
}

function tokenRequestError(response: TransportResponse): UpstreamError {
  const details = detailsOf(tokenEndpoint, response);
  if (response.status === 429) {
    return new UpstreamError(
      'UPSTREAM_RATE_LIMITED',
      'The identity service is throttling calls. Try again later.',
      details,
    );
  }
  if (response.status >= 500 || response.status === 408) {
    return new UpstreamError(
      'UPSTREAM_UNAVAILABLE',
      'The identity service is unavailable. Try again later.',
      details,
    );
  }
  if (response.status >= 300 && response.status < 400) {
    return new UpstreamError(
      'UPSTREAM_REFUSED',
      'The identity service answers with a redirect, which is not followed.',
      details,
    );
  }
  const reason = oauthError(response.body);
  const TokenError = reason === 'invalid_scope' ? InvalidScopeError : UpstreamError;
  return new TokenError(
    'UPSTREAM_UNAUTHENTICATED',
    `The identity service refused the gateway's credential${reason === null ? '' : ` (${reason})`}. The operator must check the gateway's AVEPOINT_ settings.`,
    details,
  );
}

class InvalidScopeError extends UpstreamError {}

function ungrantedPermission(endpoint: string, permission: string): UpstreamError {
  return asNotSent(
    new UpstreamError(
      'UPSTREAM_FORBIDDEN',
      `The identity service does not grant the permission ${permission}, which the app registration needs for this call.`,
      { endpoint, permission },
    ),
  );
}

/** Quotes only error codes of OAuth 2.0 (RFC 6749, 5.2): the rest of the body is untrusted. */
function oauthError(body: string): string | null {
  const [, reason = null] =
    /"error"\s*:\s*"(invalid_request|invalid_client|invalid_grant|unauthorized_client|unsupported_grant_type|invalid_scope)"/.exec(
      body,
    ) ?? [];
  return reason;
}

function decodeToken(response: TransportResponse): { value: string; lifeMs: number } {
  let body: unknown;
  try {
    body = JSON.parse(response.body);
  } catch {
    throw isHtml(response) ? htmlInsteadOfToken() : invalidToken('body');
  }
  if (typeof body !== 'object' || body === null) throw invalidToken('body');
  // Only visible ASCII fits into a header; other characters would fail every later request.
  if (
    !('access_token' in body) ||
    typeof body.access_token !== 'string' ||
    !/^[!-~]+$/.test(body.access_token)
  ) {
    throw invalidToken('access_token');
  }
  const lifeSeconds = 'expires_in' in body ? Number(body.expires_in) : 0;
  if (!Number.isFinite(lifeSeconds) || lifeSeconds < 0) throw invalidToken('expires_in');
  const usedSeconds = lifeSeconds === 0 ? shortLifeSeconds : Math.max(minLifeSeconds, lifeSeconds);
  return { value: body.access_token, lifeMs: usedSeconds * 1000 };
}

function htmlInsteadOfToken(): UpstreamError {
  return new UpstreamError(
    'UPSTREAM_INVALID_RESPONSE',
    'The identity service answers with a page of HTML instead of a token.',
    { endpoint: tokenEndpoint, field: 'body' },
  );
}

function invalidToken(field: string): UpstreamError {
  return new UpstreamError(
    'UPSTREAM_INVALID_RESPONSE',
    `The identity service's answer can't be understood at ${field}.`,
    { endpoint: tokenEndpoint, field },
  );
}
