/** Host addresses. */

/** Whether a host is this machine; an IPv6 address may be in brackets. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);
}

/** Host and port in the form of URLs: an IPv6 address is in brackets. */
export function hostAndPort(host: string, port: number | string): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
