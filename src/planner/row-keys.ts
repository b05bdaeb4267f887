/**
 * The names a row may be found by, best first. The joins of the graph are the constants below, and no other file knows
 * them.
 */
import { foldAddress, foldName } from '../fold.ts';
import type { ProtectionStatusRecord, TenantKey, UserRecord } from '../model.ts';
import type { FieldPath } from '../scope.ts';

export interface CandidateKey {
  /** A name of the collection's `indexKeysOf`. */
  readonly index: string;
  /** The key by which the upstream's filter can be asked for it; absent if only a scan can tell. */
  readonly filterKey?: string;
  /** The page at hand that has a row of the name, before which the first of them may stand; absent if none has. */
  readonly page?: number;
}

/** Candidate keys of one row, best first. */
export type RowKeys = readonly CandidateKey[];

/** How the rows of one list are found from keys, or from the rows of another list. */
export interface Join<Key> {
  readonly rowKeysOf: (key: Key) => RowKeys;
  /** The first name of the row's keys, without the others. */
  readonly firstNameOf: (key: Key) => string;
  /** The row of another list that a key is; absent if keys are something else. */
  readonly rowOf?: (key: Key) => object;
}

/** One row that is looked for, and the fields that need it. */
export interface RowRequest {
  readonly firstName: string;
  readonly rowKeys: RowKeys;
  readonly causes: readonly FieldPath[];
}

/** A request whose keys are worked out when they are needed: of many, only the first name ever is. */
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

/** From row requests, and from keys that are worked out already, to their rows. */
export const requestJoin: Join<RowRequest> = {
  firstNameOf: ({ firstName }) => firstName,
  rowKeysOf: ({ rowKeys }) => rowKeys,
};

export const rowKeysJoin: Join<RowKeys> = {
  firstNameOf: ([first]) => first?.index ?? '',
  rowKeysOf: (rowKeys) => rowKeys,
};

const idPrefix = 'id:';

/** Whether a name is an id: its rows are repeats of one row. */
export function isIdName(name: string): boolean {
  return name.startsWith(idPrefix);
}

/** From ids to the rows they name. */
export const idJoin: Join<string> = {
  firstNameOf: (id) => idPrefix + foldName(id),
  rowKeysOf: (id) => [{ index: idPrefix + foldName(id), filterKey: id }],
};

/** From the ids of users to their rows. */
export const userIdJoin: Join<{ readonly userId: string }> = {
  firstNameOf: ({ userId }) => idJoin.firstNameOf(userId),
  rowKeysOf: ({ userId }) => idJoin.rowKeysOf(userId),
};

export interface AddressKey extends TenantKey {
  readonly address: string;
}

/** From an address to the user whose mail it is, or else whose user principal name. */
export const userAddressJoin: Join<Pick<AddressKey, 'address'>> = {
  firstNameOf: ({ address }) => `mail:${foldAddress(address)}`,
  rowKeysOf: ({ address }) => {
    const folded = foldAddress(address);
    return [{ index: `mail:${folded}` }, { index: `upn:${folded}` }];
  },
};

/** From an address to its protection row. */
export const protectionAddressJoin: Join<Pick<AddressKey, 'address'>> = {
  firstNameOf: ({ address }) => `email:${foldAddress(address)}`,
  rowKeysOf: ({ address }) => [addressKey(address)],
};

/**
 * From users to their protection rows: the one of the mail, else of the principal name. A row's id does not count: no
 * filter finds a row by it, so that a user's state would depend on what is at hand.
 */
export const protectionJoin: Join<UserRecord> = {
  rowOf: (user) => user,
  firstNameOf: ({ mail, userPrincipalName }) => {
    const first = mail ?? userPrincipalName;
    return first === null ? '' : addressKey(first).index;
  },
  rowKeysOf: ({ mail, userPrincipalName }) => {
    const keys = mail === null ? [] : [addressKey(mail)];
    // Mail and principal name are often the same.
    const second =
      userPrincipalName === null || userPrincipalName === mail ? null : addressKey(userPrincipalName);
    if (second !== null && second.index !== keys[0]?.index) keys.push(second);
    return keys;
  },
};

/** From protection rows to their users: the one with the row's id, else of its address. */
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
