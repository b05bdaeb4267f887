/** Addresses that can't be listened on, in words. */
import { hostAndPort } from './addresses.ts';

/** An address can't be listened on; the message says which, and the setting to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

interface AddressError extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly hostname?: string;
  readonly port?: number;
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use',
  EADDRNOTAVAIL: 'this machine does not have the address',
  EACCES: 'the user of the process may not',
  EPERM: 'the user of the process may not',
  ENOTFOUND: 'the host is unknown',
  EAI_AGAIN: "the host can't be looked up",
};

/**
 * A ListenError if an address is at fault, and else the error itself.
 *
 * @param listener the start of the sentence
 * @param settings what to change
 */
export function listenError(error: unknown, listener: string, settings: string): unknown {
  const { code = '', address, hostname, port } = error as AddressError;
  const reason = reasons[code];
  if (reason === undefined) return error;
  const host = address ?? hostname ?? '';
  const place = port === undefined ? host : hostAndPort(host, port);
  return new ListenError(`${listener} can't listen on ${place}, since ${reason} (${code}): set ${settings}.`);
}
