/** Whether a page of another site may have sent a request without a preflight request, and whether it is for this host. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isLoopback } from '../../addresses.ts';

/** Headers that a page of another site can't send without a preflight request, and a browser that opens a link never sends. */
export const preflightedHeaders = ['apollo-require-preflight', 'x-apollo-operation-name'];

/**
 * Whether no page of another site can have sent a GET, but for the pages of allowed origins, which may send any request.
 * Browsers name the site it comes from, except by plain HTTP: they must then send a preflighted header. No page can change its
 * Origin, User-Agent or Sec-Fetch-Site, and a redirect by another site makes the Origin `null`.
 */
export function isSafeGet(headers: IncomingHttpHeaders, allowedOrigins: ReadonlySet<string>): boolean {
  if (headers.origin !== undefined && allowedOrigins.has(headers.origin)) return true;
  const preflighted = preflightedHeaders.map((name) => headers[name]).find((value) => value !== undefined);
  if (preflighted !== undefined) return preflighted !== '';
  const site = headers['sec-fetch-site'];
  const isBrowser = headers['user-agent']?.startsWith('Mozilla/') ?? false;
  return site === undefined ? !isBrowser : site === 'same-origin' || site === 'none';
}

/** Whether a request names no origin, as programs do, or one whose pages may ask: an allowed one, or the gateway's own. */
export function isAllowedOrigin(
  { origin, host }: IncomingHttpHeaders,
  allowedOrigins: ReadonlySet<string>,
): boolean {
  if (origin === undefined || allowedOrigins.has(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];

interface HostOptions {
  /** The address that the gateway listens on. */
  readonly host: string;
  /** Whether callers need no credential. */
  readonly isOpen: boolean;
  /** Hosts that the operator names. */
  readonly named: readonly string[];
}

/**
 * The hosts that a gateway answers to, in lower case and without ports; null for any. On loopback, without credentials, a
 * page could otherwise reach it by a name of its own that resolves to loopback (DNS rebinding).
 */
export function allowedHostsOf({ host, isOpen, named }: HostOptions): ReadonlySet<string> | null {
  if (named.length === 0 && !(isLoopback(host) && isOpen)) return null;
  return new Set(
    [...loopbackHosts, ...named, ...(isLoopback(host) ? [host] : [])].map((each) => each.toLowerCase()),
  );
}

/** A name or an address, and a port. */
const hostForm = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(:\d*)?$/i;

/** Whether a request names one well-formed host, which Node does not check (RFC 9112, 3.2); HTTP/1.0 may name none. */
export function hasOneHost({ headers: { host }, headersDistinct, httpVersion }: IncomingMessage): boolean {
  if (host === undefined) return httpVersion === '1.0';
  return hostForm.test(host) && headersDistinct['host']?.length === 1;
}

/** A Host header's name, without its port, in lower case. */
export function hostNameOf(host: string | undefined): string {
  return (host ?? '').toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}
