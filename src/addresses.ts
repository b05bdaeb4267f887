/** Addresses of hosts: which are of this machine, and how they are written. */

/** Whether traffic to a host stays on this machine; an IPv6 address may be in brackets. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);
}

/** A host and a port as URLs have them: an IPv6 address is in brackets. */
export function hostAndPort(host: string, port: number | string): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
