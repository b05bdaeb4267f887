/**
 * Ids and addresses as callers give them: each resolver that takes one asserts it here before it reads anything. A test
 * walks the schema for arguments that are not asserted.
 */
import { hasControls, isId, maxIdLength } from '../endpoint/id.ts';
import { CallerError } from '../errors.ts';
import { foldAddress, foldName } from '../fold.ts';
import { maxWindow } from './connection.ts';

/** In UTF-16 code units; RFC 5321 allows 64 for the local part, 255 for the domain and one for the sign between them. */
const maxAddressLength = 320;
const maxQuoted = 100;

/** The upstream's own ids, by the names of their arguments. */
interface KeyArgument {
  readonly customerId?: string;
  readonly tenantId?: string;
  readonly userId?: string;
}

const keyNames = ['customerId', 'tenantId', 'userId'] as const;

/** @throws CallerError naming `name` for what can't be an id of the upstream's */
export function assertId(name: string, id: string): void {
  if (isId(id)) return;
  throw new CallerError(
    `${name}: expected an id of 1 to ${maxIdLength} characters without / \\ % ? # and control characters, but got ${quote(id)}.`,
  );
}

/**
 * Asserts each id of a key that is there.
 *
 * @param prefix of the ids' names in errors
 * @throws CallerError
 */
export function assertKey(key: KeyArgument, prefix = ''): void {
  for (const name of keyNames) {
    const id = key[name];
    if (id !== undefined) assertId(`${prefix}${name}`, id);
  }
}

/** @throws CallerError naming `name` for more ids than one window may hold, and for each that can't be an id */
export function assertIds(name: string, ids: readonly string[]): void {
  assertCount(name, ids);
  for (const id of ids) assertId(name, id);
}

/** Each id once, folded. */
export function distinctIds(ids: readonly string[]): string[] {
  return [...new Set(ids.map(foldName))];
}

/** Each address once, as it was first spelled. */
export function distinctAddresses(addresses: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (const address of addresses) {
    const name = foldAddress(address);
    if (!byName.has(name)) byName.set(name, address);
  }
  return [...byName.values()];
}

export function isAddress(text: string): boolean {
  return text.trim() !== '' && text.length <= maxAddressLength && !hasControls(text);
}

/** @throws CallerError naming `name` for what can't be an e-mail address or a user principal name */
export function assertAddress(name: string, address: string): void {
  if (isAddress(address)) return;
  throw new CallerError(
    `${name}: expected an address of 1 to ${maxAddressLength} characters without control characters, but got ${quote(address)}.`,
  );
}

/** @throws CallerError as `assertIds` */
export function assertAddresses(name: string, addresses: readonly string[]): void {
  assertCount(name, addresses);
  for (const address of addresses) assertAddress(name, address);
}

/** @throws CallerError naming `name` when more ids are asked for than one window may hold */
export function assertCount(name: string, ids: readonly unknown[]): void {
  if (ids.length <= maxWindow) return;
  throw new CallerError(`${name}: expected ${maxWindow} ids at most, but got ${ids.length}.`);
}

/** The beginning of a value as JSON, for an error. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, maxQuoted));
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, maxQuoted);
}
