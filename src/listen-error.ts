/** Explains why an address can't be listened on. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { hostAndPort } from './addresses.ts';

/** The message names the address and the setting to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  /** Whether another process uses the port. */
  readonly isInUse: boolean;

  constructor(message: string, isInUse: boolean) {
    super(message);
    this.isInUse = isInUse;
  }
}

/** A listener and the settings of its address. */
export interface Listener {
  /** Start of a sentence, such as "The gateway". */
  readonly name: string;
  readonly portSetting: string;
  /** Null if the host is fixed. */
  readonly hostSetting: string | null;
}

export const gatewayListener: Listener = { name: 'The gateway', portSetting: 'PORT', hostSetting: 'HOST' };
export const simulationListener: Listener = {
  name: 'The embedded simulation',
  portSetting: 'SIMULATOR_PORT',
  hostSetting: null,
};

interface AddressError extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly hostname?: string;
  readonly port?: number;
}

/** Reasons that no other port would change. */
const hostReasons: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'this machine does not have the address',
  ENOTFOUND: 'the host is unknown',
  EAI_AGAIN: "the host can't be looked up",
};

const portReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use',
  EACCES: 'the user of the process may not',
  EPERM: 'the user of the process may not',
};

/** A ListenError if the address is the cause, else the error itself. */
export function listenError(error: unknown, { name, portSetting, hostSetting }: Listener): unknown {
  const { code = '', syscall = '', address, hostname, port } = error as AddressError;
  const isOfHost = syscall === 'getaddrinfo' || hostReasons[code] !== undefined;
  const reason = hostReasons[code] ?? portReasons[code] ?? 'the system refuses it';
  if (!['getaddrinfo', 'bind', 'listen'].includes(syscall)) return error;
  const host = address ?? hostname ?? '';
  const place = port === undefined ? host : hostAndPort(host, port);
  const settings =
    hostSetting === null ? portSetting : isOfHost ? hostSetting : `${portSetting} or ${hostSetting}`;
  return new ListenError(
    `${name} can't listen on ${place}, since ${reason} (${code}): set ${settings}.`,
    code === 'EADDRINUSE',
  );
}

/** Listens briefly. Returns the reason if that fails, else null. */
export async function tryToListen(
  listener: Listener,
  address: { readonly host: string; readonly port: number },
): Promise<ListenError | null> {
  const server = createServer();
  try {
    const listening = once(server, 'listening');
    server.listen(address);
    await listening;
    return null;
  } catch (error) {
    const fault = listenError(error, listener);
    if (fault instanceof ListenError) return fault;
    throw fault;
  } finally {
    server.close();
  }
}
