/**
 * Explains failed calls of a service to the operator: what failed, at which host, and which setting to check. Never
 * contains a secret, a path or part of a body.
 */
import { UpstreamError } from '../errors.ts';
import { proxyErrorOf, type ProxyError } from './proxy-error.ts';

/** A service that the gateway calls. */
export interface Service {
  /** Start of a sentence, for example "The API". */
  readonly name: string;
  readonly url: URL;
  /** Setting that has the URL. */
  readonly setting: string;
  /** Setting that limits the length of a response; absent if none does. */
  readonly lengthSetting?: string;
  /** Setting that names certificate authorities; absent for the common setting. */
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

/** A cause that lasts until it is fixed. */
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
    return `${host} is not reachable (${code}): check ${setting}, and the network's rules`;
  return null;
}

/** A cause that may also affect a single call. */
function transientReason(error: unknown, code: string, { lengthSetting }: Called, host: string): string {
  const isTimeout =
    (error instanceof UpstreamError && error.code === 'UPSTREAM_TIMEOUT') ||
    code.endsWith('TIMEOUT') ||
    (typeof error === 'object' && error !== null && 'name' in error && error.name === 'TimeoutError');
  if (isTimeout || code === 'ETIMEDOUT') return `${host} does not answer in time`;
  if (error instanceof UpstreamError && error.details.status !== undefined)
    return `${host} answers with status ${error.details.status}`;
  if (error instanceof UpstreamError && error.code === 'UPSTREAM_INVALID_RESPONSE') {
    const { field, isPermanent } = error.details;
    const limit = lengthSetting === undefined ? '' : ` (${lengthSetting})`;
    if (field !== 'content-encoding') return `${host} answers with a body that is too long${limit}`;
    return isPermanent === true
      ? `${host} answers with a Content-Encoding that was not asked for`
      : `${host} answers with a body that can't be decompressed as its Content-Encoding says`;
  }
  return `${host} ends connections without an answer${/^[A-Z][A-Z_]{2,40}$/.test(code) ? ` (${code})` : ''}`;
}

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
  /** Middle part of a sentence. */
  readonly reason: string;
  /** Whether the cause lasts until it is fixed; a single call then shows it. */
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
      ? `${host} requires a valid user and password (status 407): check ${proxy.setting}`
      : `${host} does not connect to ${proxy.target} (status ${status}): check ${proxy.setting} and NO_PROXY`;
  return { reason, isLasting: true };
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

/** Code of the innermost cause with a code, such as ECONNREFUSED; empty if none has one. */
export function errorCodeOf(error: unknown, depth = 5): string {
  if (typeof error !== 'object' || error === null || depth === 0) return '';
  const inner = 'cause' in error ? errorCodeOf(error.cause, depth - 1) : '';
  // The gateway's own code shows nothing about the network.
  if (inner !== '' || error instanceof UpstreamError) return inner;
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
