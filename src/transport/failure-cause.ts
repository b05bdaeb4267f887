/**
 * Why calls of a service fail, in words for its operator: what failed, at which host, and the setting to look at. Never
 * with a secret, a path or anything of a body.
 */
import { UpstreamError } from '../errors.ts';
import type { Scope } from '../scope.ts';
import { proxyErrorOf, type ProxyError } from './proxy-error.ts';
import { isHtml, type Transport, type TransportRequest, type TransportResponse } from './transport.ts';

/** A service that is called, as its operator knows it. */
export interface Service {
  /** At the beginning of a sentence, such as "The API". */
  readonly name: string;
  readonly url: URL;
  /** The setting that has the URL. */
  readonly setting: string;
  /** The setting that bounds the length of an answer; absent if none does. */
  readonly lengthSetting?: string;
  /** The setting that names authorities that its certificate may be of; absent if it is that of all services. */
  readonly authoritySetting?: string;
}

type Called = Pick<Service, 'url' | 'setting' | 'lengthSetting' | 'authoritySetting'>;

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
]);

/** A reason that lasts until something is mended, not one that a single call meets. */
function lastingReason(code: string, called: Called, host: string): string | null {
  const { setting, authoritySetting = 'NODE_EXTRA_CA_CERTS' } = called;
  if (untrusted.has(code))
    return `the certificate of ${host} is not trusted (${code}): check ${setting}, or name its authority by ${authoritySetting}`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return `the certificate of ${host} is not valid at this time (${code}): check the certificate, and this machine's clock`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `the certificate of ${host} is for another host (${code}): check ${setting}`;
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_'))
    return `no TLS connection to ${host} can be made (${code}): check ${setting}, and whether the port expects https`;
  if (code === 'ECONNREFUSED') return `${host} refuses connections (${code}): check ${setting}`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `the name of ${host} is unknown (${code}): check ${setting}, and this machine's DNS`;
  if (['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EACCES', 'EPERM'].includes(code))
    return `there is no way to ${host} (${code}): check ${setting}, and the network's rules`;
  return null;
}

/** A reason that a single call may meet as well. */
function transientReason(error: unknown, code: string, { lengthSetting }: Called, host: string): string {
  const isTimeout =
    (error instanceof UpstreamError && error.code === 'UPSTREAM_TIMEOUT') ||
    code.endsWith('TIMEOUT') ||
    (typeof error === 'object' && error !== null && 'name' in error && error.name === 'TimeoutError');
  if (isTimeout || code === 'ETIMEDOUT') return `${host} does not answer in time`;
  if (error instanceof UpstreamError && error.details.status !== undefined)
    return `${host} answers with status ${error.details.status}`;
  if (error instanceof UpstreamError && error.code === 'UPSTREAM_INVALID_RESPONSE') {
    const { field, isLasting } = error.details;
    const limit = lengthSetting === undefined ? '' : ` (${lengthSetting})`;
    if (field !== 'content-encoding') return `${host} answers with a body that is too long${limit}`;
    return isLasting === true
      ? `${host} answers with a Content-Encoding that was not asked for`
      : `${host} answers with a body that can't be decompressed as its Content-Encoding says`;
  }
  return `${host} ends connections without an answer${/^[A-Z][A-Z_]{2,40}$/.test(code) ? ` (${code})` : ''}`;
}

/** What a call's error says of the service. */
export function explainFailure(
  error: unknown,
  service: Service,
): { readonly text: string; readonly isLasting: boolean } {
  const proxy = proxyErrorOf(error);
  const { reason, isLasting } = proxy === null ? reasonOf(error, service) : proxyReason(proxy);
  const setting = isLasting ? '' : ` Its URL is ${(proxy?.proxy ?? service).setting}.`;
  return { text: `${service.name} can't be called: ${reason}.${setting}`, isLasting };
}

interface Reason {
  /** The middle of a sentence. */
  readonly reason: string;
  readonly isLasting: boolean;
}

function reasonOf(error: unknown, called: Called, host = hostOf(called.url)): Reason {
  const code = errorCodeOf(error);
  const lasting = lastingReason(code, called, host);
  return { reason: lasting ?? transientReason(error, code, called, host), isLasting: lasting !== null };
}

function proxyReason({ proxy, status, cause }: ProxyError): Reason {
  const host = `the proxy ${hostOf(proxy.url)}`;
  if (status === null) return reasonOf(cause, proxy, host);
  const reason =
    status === 407
      ? `${host} wants another user or password (status 407): check ${proxy.setting}`
      : `${host} lets no call through to ${proxy.target} (status ${status}): check ${proxy.setting} and NO_PROXY`;
  return { reason, isLasting: true };
}

/** Failures in a row that no random fault makes: of connections, and spoiled answers, which are rarer. */
const failuresInARow = 8;
const spoiledInARow = 4;

/** What is wrong with an answer that no request to an API can bring about; null if nothing is. */
function oddityOf(response: TransportResponse): string | null {
  const { status, body } = response;
  if (status >= 300 && status < 400)
    return `answers with a redirect, which is not followed (status ${status})`;
  if (status >= 300 || status === noContent) return null;
  if (isHtml(response)) return `answers with a page of HTML instead of JSON (status ${status})`;
  return /^\s{0,100}[[{]/.test(body)
    ? null
    : `answers with a body that is no JSON object or array (status ${status})`;
}

/** The HTTP status of an answer without a body. */
const noContent = 204;

/**
 * Notifies of the reason why calls fail, as soon as it is clear, and of null when one succeeds again. An answer is a
 * success, whatever its status, unless it is a redirect, an HTML page, or neither a JSON object nor an array.
 */
export function withFailureCause(
  next: Transport,
  service: Service,
  onCause: (text: string | null) => void,
): Transport {
  let failures = 0;
  let hasCause = false;
  const fail = (text: string, inARow: number) => {
    failures += 1;
    if (failures < inARow) return;
    hasCause = true;
    onCause(text);
  };
  const succeed = () => {
    failures = 0;
    if (hasCause) onCause(null);
    hasCause = false;
  };
  return async (request: TransportRequest, scope: Scope) => {
    try {
      const response = await next(request, scope);
      const oddity = oddityOf(response);
      if (oddity === null) succeed();
      else
        fail(
          `${service.name} at ${service.url.host} ${oddity}: check ${service.setting}, and whether a proxy or a login page is in between.`,
          spoiledInARow,
        );
      return response;
    } catch (error) {
      if (error instanceof UpstreamError) {
        const { code } = error;
        const saysNothing = error.details.wasNotCalled === true || code === 'REQUEST_CANCELLED';
        if (!saysNothing) {
          const { text, isLasting } = explainFailure(error, service);
          const inARow = code === 'UPSTREAM_INVALID_RESPONSE' ? spoiledInARow : failuresInARow;
          fail(text, isLasting ? 1 : inARow);
        }
      }
      throw error;
    }
  };
}

const defaultPorts: Readonly<Record<string, string>> = {
  'https:': '443',
  'redis:': '6379',
  'rediss:': '6379',
};

function hostOf(url: URL): string {
  return `${url.hostname}:${portOf(url)}`;
}

function portOf({ port, protocol }: URL): string {
  return port || (defaultPorts[protocol] ?? '80');
}

/** The code of the innermost cause that has one, such as ECONNREFUSED; empty if none has. */
export function errorCodeOf(error: unknown, depth = 5): string {
  if (typeof error !== 'object' || error === null || depth === 0) return '';
  const inner = 'cause' in error ? errorCodeOf(error.cause, depth - 1) : '';
  // The gateway's own code says nothing of the wire.
  if (inner !== '' || error instanceof UpstreamError) return inner;
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
