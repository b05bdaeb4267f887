/**
 * Validation of ids and addresses. Each resolver with such an argument asserts it before it reads anything; a test
 * walks the schema for arguments that are not asserted.
 */
import { hasControls, isId, maxIdLength } from '../endpoint/id.ts';
import { CallerError } from '../errors.ts';
import { foldAddress, foldName } from '../fold.ts';
import { maxWindow } from './connection.ts';

/** In UTF-16 code units. RFC 5321 allows 64 for the local part, 255 for the domain, and one for the @ sign. */
const maxAddressLength = 320;
const maxQuoted = 100;

interface KeyArgument {
  readonly customerId?: string;
  readonly tenantId?: string;
  readonly userId?: string;
}

const keyNames = ['customerId', 'tenantId', 'userId'] as const;

/** @throws CallerError naming `name` if the upstream can't have such an id */
export function assertId(name: string, id: string): void {
  if (isId(id)) return;
  throw new CallerError(
    `${name}: expected an id of 1 to ${maxIdLength} characters without / \\ % ? # and control characters, but got ${quote(id)}.`,
  );
}

/**
 * Asserts the ids in a key.
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

/** @throws CallerError naming `name` for more ids than a window may hold, or for a malformed id */
export function assertIds(name: string, ids: readonly string[]): void {
  assertCount(name, ids);
  for (const id of ids) assertId(name, id);
}

export function distinctIds(ids: readonly string[]): string[] {
  return [...new Set(ids.map(foldName))];
}

/** Distinct addresses in their first spelling. */
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

/** @throws CallerError naming `name` for a malformed e-mail address or user principal name */
export function assertAddress(name: string, address: string): void {
  if (isAddress(address)) return;
  throw new CallerError(
    `${name}: expected an address of 1 to ${maxAddressLength} characters without control characters, but got ${quote(address)}.`,
  );
}

export function assertAddresses(name: string, addresses: readonly string[]): void {
  assertCount(name, addresses);
  for (const address of addresses) assertAddress(name, address);
}

/** @throws CallerError naming `name` for more ids than a window may hold */
export function assertCount(name: string, ids: readonly unknown[]): void {
  if (ids.length <= maxWindow) return;
  throw new CallerError(`${name}: expected ${maxWindow} ids at most, but got ${ids.length}.`);
}

/** Beginning of a value as JSON, for an error. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, maxQuoted));
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, maxQuoted);
}
