/** Why the process can't start: in words if its settings, a file or an address are at fault, and else with a stack. */
import { inspect } from 'node:util';
import { KeyFileError } from './callers/api-keys.ts';
import { CommandLineError } from './command-line.ts';
import { ConfigError } from './config/config.ts';
import { ManifestError } from './server/pipeline/trusted-documents.ts';
import { AuditFileError } from './telemetry/outputs.ts';

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
  EAI_AGAIN: 'the host can’t be looked up',
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
  const place = port === undefined ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new ListenError(`${listener} can’t listen on ${place}, since ${reason} (${code}): set ${settings}.`);
}

/** What is printed of a fault that keeps the process from starting. */
export function startFault(error: unknown): string {
  const isExpected = [
    CommandLineError,
    ConfigError,
    KeyFileError,
    ManifestError,
    AuditFileError,
    ListenError,
  ].some((expected) => error instanceof expected);
  return isExpected && error instanceof Error ? error.message : inspect(error);
}
