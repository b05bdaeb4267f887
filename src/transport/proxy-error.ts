/** Errors of calls through a proxy. */

/** A proxy, and the service called through it. */
export interface NamedProxy {
  readonly url: URL;
  /** Setting that has the URL. */
  readonly setting: string;
  /** Host of the service. */
  readonly target: string;
}

/** The proxy can't be called, or refuses the call. Contains no password. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly proxy: NamedProxy;
  /** Status of the response to CONNECT; null if there was none. */
  readonly status: number | null;

  constructor({ url, ...others }: NamedProxy, status: number | null, cause?: unknown) {
    super('The call did not pass the proxy.', { cause });
    // The URL may contain a user name and a password.
    this.proxy = { ...others, url: new URL(url.origin) };
    this.status = status;
  }
}

/** The ProxyError among an error's causes, or null. */
export function proxyErrorOf(error: unknown, depth = 5): ProxyError | null {
  if (error instanceof ProxyError) return error;
  if (depth === 0 || typeof error !== 'object' || error === null || !('cause' in error)) return null;
  return proxyErrorOf(error.cause, depth - 1);
}
