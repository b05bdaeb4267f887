/** Index of a tenant's users by the names that join them to protection rows. */
import { users } from '../endpoint/users.ts';
import type { ProtectionStatusRecord, UserRecord } from '../model.ts';
import { userJoin } from '../planner/row-keys.ts';
import type { UserNames } from './columns.ts';

export class UserIndex {
  readonly #byName = new Map<string, UserNames>();

  /** The first of several users with one name counts. Returns false for a user already added. */
  readonly add = (user: UserRecord): boolean => {
    const { userId, displayName, userPrincipalName, mail } = user;
    const names = { userId, displayName, userPrincipalName, mail };
    const [id = '', ...others] = users.indexKeysOf(user);
    if (this.#byName.has(id)) return false;
    for (const name of [id, ...others]) if (!this.#byName.has(name)) this.#byName.set(name, names);
    return true;
  };

  readonly match = (row: ProtectionStatusRecord): UserNames | null => {
    for (const { index } of userJoin.rowKeysOf(row)) {
      const user = this.#byName.get(index);
      if (user !== undefined) return user;
    }
    return null;
  };
}
