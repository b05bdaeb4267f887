/** Candidate names of a row, best first. All joins of the graph are the constants below. */
import { foldAddress, foldName } from '../fold.ts';
import type { ProtectionStatusRecord, TenantKey, UserRecord } from '../model.ts';
import type { FieldPath } from '../scope.ts';

export interface CandidateKey {
  /** A name of the collection's `indexKeysOf`. */
  readonly index: string;
  /** Key for the upstream's filter; absent if only a scan can find the row. */
  readonly filterKey?: string;
  /** Page of a loaded row with this name; earlier pages may have an earlier row. Absent if no row is loaded. */
  readonly page?: number;
}

export type RowKeys = readonly CandidateKey[];

/** Finds rows of a list by keys, or by rows of another list. */
export interface Join<Key> {
  readonly rowKeysOf: (key: Key) => RowKeys;
  /** The first name of `rowKeysOf`, without computing the others. */
  readonly firstNameOf: (key: Key) => string;
  /** The key as a row of another list; absent if keys are not rows. */
  readonly rowOf?: (key: Key) => object;
}

export interface RowRequest {
  readonly firstName: string;
  readonly rowKeys: RowKeys;
  readonly causes: readonly FieldPath[];
}

/** Computes row keys on demand: most requests need only the first name. */
export class LazyRowRequest<Key> implements RowRequest {
  readonly causes: readonly FieldPath[];
  readonly #key: Key;
  readonly #join: Join<Key>;
  #rowKeys: RowKeys | null = null;

  constructor(key: Key, join: Join<Key>, causes: readonly FieldPath[]) {
    this.causes = causes;
    this.#key = key;
    this.#join = join;
  }

  get firstName(): string {
    return this.#join.firstNameOf(this.#key);
  }

  get rowKeys(): RowKeys {
    return (this.#rowKeys ??= this.#join.rowKeysOf(this.#key));
  }
}

/** Joins row requests, and computed row keys, to their rows. */
export const requestJoin: Join<RowRequest> = {
  firstNameOf: ({ firstName }) => firstName,
  rowKeysOf: ({ rowKeys }) => rowKeys,
};

export const rowKeysJoin: Join<RowKeys> = {
  firstNameOf: ([first]) => first?.index ?? '',
  rowKeysOf: (rowKeys) => rowKeys,
};

const idPrefix = 'id:';

/** Whether a name is an id. Rows with equal ids are repeats of one row. */
export function isIdName(name: string): boolean {
  return name.startsWith(idPrefix);
}

export const idJoin: Join<string> = {
  firstNameOf: (id) => idPrefix + foldName(id),
  rowKeysOf: (id) => [{ index: idPrefix + foldName(id), filterKey: id }],
};

export const userIdJoin: Join<{ readonly userId: string }> = {
  firstNameOf: ({ userId }) => idJoin.firstNameOf(userId),
  rowKeysOf: ({ userId }) => idJoin.rowKeysOf(userId),
};

export interface AddressKey extends TenantKey {
  readonly address: string;
}

/** Joins an address to the user with that mail, or else that user principal name. */
export const userAddressJoin: Join<Pick<AddressKey, 'address'>> = {
  firstNameOf: ({ address }) => `mail:${foldAddress(address)}`,
  rowKeysOf: ({ address }) => {
    const folded = foldAddress(address);
    return [{ index: `mail:${folded}` }, { index: `upn:${folded}` }];
  },
};

export const protectionAddressJoin: Join<Pick<AddressKey, 'address'>> = {
  firstNameOf: ({ address }) => `email:${foldAddress(address)}`,
  rowKeysOf: ({ address }) => [addressKey(address)],
};

/**
 * Joins users to the protection row of their mail, else of their principal name. Row ids do not count: no filter finds
 * a row by id, so a user's state would depend on which rows are loaded.
 */
export const protectionJoin: Join<UserRecord> = {
  rowOf: (user) => user,
  firstNameOf: ({ mail, userPrincipalName }) => {
    const first = mail ?? userPrincipalName;
    return first === null ? '' : addressKey(first).index;
  },
  rowKeysOf: ({ mail, userPrincipalName }) => {
    const keys = mail === null ? [] : [addressKey(mail)];
    // Mail and principal name are often equal.
    const second =
      userPrincipalName === null || userPrincipalName === mail ? null : addressKey(userPrincipalName);
    if (second !== null && second.index !== keys[0]?.index) keys.push(second);
    return keys;
  },
};

/** Joins protection rows to the user with the row's id, else of its address. */
export const userJoin: Join<ProtectionStatusRecord> = {
  rowOf: (protection) => protection,
  firstNameOf: ({ userId, email }) => {
    if (userId !== null) return idJoin.firstNameOf(userId);
    return email === null ? '' : userAddressJoin.firstNameOf({ address: email });
  },
  rowKeysOf: ({ userId, email }) => [
    ...(userId === null ? [] : idJoin.rowKeysOf(userId)),
    ...(email === null ? [] : userAddressJoin.rowKeysOf({ address: email })),
  ],
};

function addressKey(address: string): CandidateKey {
  return { index: `email:${foldAddress(address)}`, filterKey: address.trim() };
}
