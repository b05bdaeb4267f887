/** Which demands a look-up's keys answer. */
import type { Filter } from '../endpoint/collection.ts';
import { foldName } from '../fold.ts';
import type { OpenDemands } from './settlement.ts';
import type { Demand, Match } from './want.ts';

/** Demands, each with the matches that are left to try for it. */
export type Asking = readonly (readonly [Demand, readonly Match[]])[];

/** Open demands by the keys that are left to try for them, so that each look-up finds its own without a look at all. */
export class DemandIndex {
  readonly #byKey = new Map<string, number[]>();
  readonly #entries: Asking;

  constructor(open: OpenDemands) {
    this.#entries = [...open];
    for (const [position, [, matches]] of this.#entries.entries()) {
      for (const { filterKey } of matches) {
        if (filterKey === undefined) continue;
        const key = foldName(filterKey);
        const positions = this.#byKey.get(key);
        if (positions === undefined) this.#byKey.set(key, [position]);
        else positions.push(position);
      }
    }
  }

  /** The demands that have some, or every one, of the names that are left to try among the keys of a look-up. */
  asking({ keys: asked }: Filter, how: 'some' | 'every'): Asking {
    const keys = new Set(asked.map((key) => foldName(key)));
    const positions = new Set([...keys].flatMap((key) => this.#byKey.get(key) ?? []));
    const some = [...positions]
      .sort((left, right) => left - right)
      .flatMap((at) => this.#entries.slice(at, at + 1));
    return how === 'some'
      ? some
      : some.filter(([, matches]) =>
          matches.every(({ filterKey }) => filterKey !== undefined && keys.has(foldName(filterKey))),
        );
  }
}
