/** Protection of a tenant's users where rows are not kept: of the many protection rows there are few kinds. */
import type { ModuleStatusRecord, ProtectionState, ProtectionStatusRecord, UserRecord } from '../model.ts';
import { ProtectionIndex } from './protection-index.ts';
import { protectionStateOf } from './protection-state.ts';

/** All that rows of one kind have in common. */
export interface ProtectionKind {
  readonly modules: readonly ModuleStatusRecord[];
  readonly state: ProtectionState;
}

/** Takes all of a tenant's protection rows first, and then finds those of its users. */
export class ProtectionKinds {
  readonly #index = new ProtectionIndex((row) => this.#kindOf(row.modules));
  readonly #known = new Map<string, ProtectionKind>();

  readonly add = (row: ProtectionStatusRecord): void => {
    this.#index.add(row);
  };

  /** Null for a user without a row. */
  readonly match = (user: UserRecord): ProtectionKind | null => this.#index.match(user);

  /** Rows that no user has matched yet. */
  get unmatchedCount(): number {
    return this.#index.unmatchedCount;
  }

  #kindOf(modules: readonly ModuleStatusRecord[]): ProtectionKind {
    let key = '';
    for (const { moduleCode, isProtected } of modules) key += `${moduleCode}${String(isProtected)} `;
    let kind = this.#known.get(key);
    if (kind === undefined) this.#known.set(key, (kind = { modules, state: protectionStateOf({ modules }) }));
    return kind;
  }
}
