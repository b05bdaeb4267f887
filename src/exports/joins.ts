/** The other list of a tenant by what joins it to the rows that are exported. Nothing else of its rows is kept. */
import { users } from '../endpoint/users.ts';
import type { ModuleStatusRecord, ProtectionStatusRecord, UserRecord } from '../model.ts';
import { userJoin } from '../planner/row-keys.ts';
import { ProtectionIndex } from '../survey/protection-index.ts';
import { protectionStateOf } from '../survey/protection-state.ts';
import type { Protection, UserNames } from './columns.ts';

/** Protection of users. */
export class ProtectionKinds {
  readonly #index = new ProtectionIndex((row) => this.#kindOf(row.modules));
  readonly #known = new Map<string, Protection>();

  readonly add = (row: ProtectionStatusRecord): void => {
    this.#index.add(row);
  };

  readonly match = (user: UserRecord): Protection | null => this.#index.match(user);

  #kindOf(modules: readonly ModuleStatusRecord[]): Protection {
    let key = '';
    for (const { moduleCode, isProtected } of modules) key += `${moduleCode}${String(isProtected)} `;
    let kind = this.#known.get(key);
    if (kind === undefined) this.#known.set(key, (kind = { modules, state: protectionStateOf({ modules }) }));
    return kind;
  }
}

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
