/** What a key's entry and a token's claims say of a caller in the same words. */

/** Null where all customers are theirs; undefined where it can't be understood. */
export function decodeCustomers(customers: unknown): ReadonlySet<string> | null | undefined {
  if (customers === 'all') return null;
  if (!Array.isArray(customers)) return undefined;
  const ids: readonly unknown[] = customers;
  return ids.every((id) => typeof id === 'string') ? new Set(ids.map((id) => id.toLowerCase())) : undefined;
}

/** The names of the gateway's profiles; null where it has one credential for all. */
export type ProfileNames = ReadonlySet<string> | null;

/** Null where there is one credential for all; undefined where it names none of the profiles. */
export function decodeProfile(profile: unknown, profiles: ProfileNames): string | null | undefined {
  if (profiles === null) return null;
  return typeof profile === 'string' && profiles.has(profile) ? profile : undefined;
}
