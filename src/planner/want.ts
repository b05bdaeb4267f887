/**
 * What a look-up wants: the names a row may go by, best first. The joins of the graph are the functions below, and
 * nothing else knows them.
 */
import { foldAddress, foldName } from '../fold.ts';
import type { ProtectionStatusRecord, UserRecord } from '../model.ts';
import type { FieldPath } from '../scope.ts';

export interface Match {
  /** A name of the collection's `indexKeysOf`. */
  readonly index: string;
  /** The key by which the upstream's filter can be asked for it; absent where only a scan can tell. */
  readonly filterKey?: string;
  /** Taken where it is at hand, but never worth a call of its own. */
  readonly opportunistic?: true;
}

export type Want = readonly Match[];

/** A want, and the fields that have it. */
export interface Demand {
  /** The first name of the want, where it is worked out with less effort than the want. */
  readonly firstName?: string;
  readonly want: Want;
  readonly causes: readonly FieldPath[];
}

/** How the rows of one list are found from those of another. */
export interface Join<Key> {
  readonly wantOf: (key: Key) => Want;
  /** The first name of the want. */
  readonly firstNameOf: (key: Key) => string;
}

/** A demand of many: most are met by their first name, and have no other worked out. */
export class JoinDemand<Key> implements Demand {
  readonly firstName: string;
  readonly causes: readonly FieldPath[];
  readonly #key: Key;
  readonly #wantOf: (key: Key) => Want;
  #want: Want | null = null;

  constructor(key: Key, { firstNameOf, wantOf }: Join<Key>, causes: readonly FieldPath[]) {
    this.firstName = firstNameOf(key);
    this.causes = causes;
    this.#key = key;
    this.#wantOf = wantOf;
  }

  get want(): Want {
    return (this.#want ??= this.#wantOf(this.#key));
  }
}

export function byId(id: string): Want {
  return [{ index: `id:${foldName(id)}`, filterKey: id }];
}

/** The user whose mail is the address, or else whose user principal name is. */
export function userByAddress(address: string): Want {
  const folded = foldAddress(address);
  return [{ index: `mail:${folded}` }, { index: `upn:${folded}` }];
}

/** The protection row of the address. */
export function protectionByAddress(address: string): Want {
  return [{ index: `email:${foldAddress(address)}`, filterKey: address.trim() }];
}

/** A user's row is the one with the user's id, else the one of the user's mail, else of the user principal name. */
export function protectionOf({ userId, mail, userPrincipalName }: UserRecord): Want {
  const addresses = [mail, userPrincipalName].filter((address) => address !== null);
  const matches = addresses.map((address) => ({
    index: `email:${foldAddress(address)}`,
    filterKey: address.trim(),
  }));
  const [first, second] = matches;
  return [
    { index: `id:${foldName(userId)}`, opportunistic: true },
    // Mail and principal name are often the same.
    ...(first?.index === second?.index ? matches.slice(0, 1) : matches),
  ];
}

/** The same join from the other side. */
export function userOf({ userId, email }: ProtectionStatusRecord): Want {
  return [...(userId === null ? [] : byId(userId)), ...(email === null ? [] : userByAddress(email))];
}

/** From ids to the rows they name. */
export const customerJoin: Join<string> = {
  firstNameOf: (id) => `id:${foldName(id)}`,
  wantOf: byId,
};

/** From users to their protection rows. */
export const protectionJoin: Join<UserRecord> = {
  firstNameOf: ({ userId }) => `id:${foldName(userId)}`,
  wantOf: protectionOf,
};

/** From protection rows to their users. */
export const userJoin: Join<ProtectionStatusRecord> = {
  // Where it has none, one that nobody goes by.
  firstNameOf: ({ userId }) => (userId === null ? '' : `id:${foldName(userId)}`),
  wantOf: userOf,
};
