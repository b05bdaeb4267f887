/** Permissions of a caller, decoded from a key's entry or a token's claims. */
import { foldName } from '../fold.ts';

/** Callers with more customers need "all". */
const maxCustomers = 100_000;
const maxIdLength = 200;

/** Null for "all"; undefined if malformed. */
export function decodeCustomers(customers: unknown): ReadonlySet<string> | null | undefined {
  if (customers === 'all') return null;
  if (!Array.isArray(customers) || customers.length > maxCustomers) return undefined;
  const ids: readonly unknown[] = customers;
  return ids.every(isId) ? new Set(ids.map(foldName)) : undefined;
}

function isId(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id.length <= maxIdLength;
}

/** Names of the gateway's profiles; null if it has one credential for all callers. */
export type ProfileNames = ReadonlySet<string> | null;

/** Null if there is one credential for all callers; undefined for an unknown profile. */
export function decodeProfile(profile: unknown, profiles: ProfileNames): string | null | undefined {
  if (profiles === null) return null;
  return typeof profile === 'string' && profiles.has(profile) ? profile : undefined;
}
