/** Whether a page of another site may have sent a request without a preflight request, and whether it is for this host. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isLoopback } from '../../addresses.ts';

/** Headers that another site's page can't send without a preflight request, and that following a link never sends. */
export const preflightedHeaders = ['apollo-require-preflight', 'x-apollo-operation-name'];

/**
 * Whether a GET can't be from a page of another site, except those of allowed origins. Browsers send Sec-Fetch-Site
 * except over plain HTTP, which then requires a preflighted header. No page can change its Origin, User-Agent or
 * Sec-Fetch-Site, and a redirect by another site makes the Origin `null`.
 */
export function isSafeGet(headers: IncomingHttpHeaders, allowedOrigins: ReadonlySet<string>): boolean {
  if (headers.origin !== undefined && allowedOrigins.has(headers.origin)) return true;
  const preflighted = preflightedHeaders.map((name) => headers[name]).find((value) => value !== undefined);
  if (preflighted !== undefined) return preflighted !== '';
  const site = headers['sec-fetch-site'];
  const isBrowser = headers['user-agent']?.startsWith('Mozilla/') ?? false;
  return site === undefined ? !isBrowser : site === 'same-origin' || site === 'none';
}

/** Whether a request's Origin is absent (as from programs), allowed, or the gateway's own. */
export function isAllowedOrigin(
  { origin, host }: IncomingHttpHeaders,
  allowedOrigins: ReadonlySet<string>,
): boolean {
  if (origin === undefined || allowedOrigins.has(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];

interface HostOptions {
  /** Address that the gateway listens on. */
  readonly host: string;
  /** Whether callers need no credential. */
  readonly isOpen: boolean;
  /** Hosts of ALLOWED_HOSTS. */
  readonly named: readonly string[];
}

/**
 * Returns the hosts that requests may name, in lower case and without ports; null for any. Prevents DNS rebinding: a page
 * could otherwise reach an open gateway on loopback by a name that resolves to it.
 */
export function allowedHostsOf({ host, isOpen, named }: HostOptions): ReadonlySet<string> | null {
  if (named.length === 0 && !(isLoopback(host) && isOpen)) return null;
  return new Set(
    [...loopbackHosts, ...named, ...(isLoopback(host) ? [host] : [])].map((each) => each.toLowerCase()),
  );
}

const hostForm = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(:\d*)?$/i;

/** Whether a request names one well-formed host, which Node does not check (RFC 9112, 3.2); HTTP/1.0 may name none. */
export function hasOneHost({ headers: { host }, headersDistinct, httpVersion }: IncomingMessage): boolean {
  if (host === undefined) return httpVersion === '1.0';
  return hostForm.test(host) && headersDistinct['host']?.length === 1;
}

/** Returns a Host header's name in lower case, without port and trailing dot. */
export function hostNameOf(host: string | undefined): string {
  return (host ?? '').toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}
