/** The other list of a tenant by what joins it to the rows that are exported. Nothing else of its rows is kept. */
import { users } from '../endpoint/users.ts';
import type { ProtectionStatusRecord, UserRecord } from '../model.ts';
import { userJoin } from '../planner/row-keys.ts';
import type { UserNames } from './columns.ts';

/** Users of protection rows. */
export class UserIndex {
  readonly #byName = new Map<string, UserNames>();

  /** Of several users of one address, the first in the list's order counts. */
  readonly add = (user: UserRecord): void => {
    const { userId, displayName, userPrincipalName, mail } = user;
    const names = { userId, displayName, userPrincipalName, mail };
    for (const name of users.indexKeysOf(user)) if (!this.#byName.has(name)) this.#byName.set(name, names);
  };

  readonly match = (row: ProtectionStatusRecord): UserNames | null => {
    for (const { index } of userJoin.rowKeysOf(row)) {
      const user = this.#byName.get(index);
      if (user !== undefined) return user;
    }
    return null;
  };
}
