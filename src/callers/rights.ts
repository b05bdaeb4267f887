/** Permissions of a caller, as decoded from a key's entry or a token's claims. */
import { foldName } from '../fold.ts';

/** More are not one caller's: "all" says so shorter. */
const maxCustomers = 100_000;
const maxIdLength = 200;

/** Null if all customers are the caller's; undefined if the value is neither "all" nor a list of ids. */
export function decodeCustomers(customers: unknown): ReadonlySet<string> | null | undefined {
  if (customers === 'all') return null;
  if (!Array.isArray(customers) || customers.length > maxCustomers) return undefined;
  const ids: readonly unknown[] = customers;
  return ids.every(isId) ? new Set(ids.map(foldName)) : undefined;
}

function isId(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id.length <= maxIdLength;
}

/** The names of the gateway's profiles; null if it has one credential for all callers. */
export type ProfileNames = ReadonlySet<string> | null;

/** Null if there is one credential for all callers; undefined if the value names none of the profiles. */
export function decodeProfile(profile: unknown, profiles: ProfileNames): string | null | undefined {
  if (profiles === null) return null;
  return typeof profile === 'string' && profiles.has(profile) ? profile : undefined;
}
