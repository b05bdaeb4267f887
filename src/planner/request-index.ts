/** Matches look-ups with the requests that their keys answer. */
import type { Filter } from '../endpoint/collection.ts';
import { foldName } from '../fold.ts';
import type { OpenRequests } from './lookup.ts';
import type { RowKeys, RowRequest } from './row-keys.ts';

export type MatchedRequests = readonly (readonly [RowRequest, RowKeys])[];

/** Open requests by their untried keys, so that each look-up finds its requests without a scan. */
export class RequestIndex {
  readonly #byKey = new Map<string, number[]>();
  readonly #entries: MatchedRequests;

  constructor(open: OpenRequests) {
    this.#entries = [...open];
    for (const [position, [, rowKeys]] of this.#entries.entries()) {
      for (const { filterKey } of rowKeys) {
        if (filterKey === undefined) continue;
        const key = foldName(filterKey);
        const positions = this.#byKey.get(key);
        if (positions === undefined) this.#byKey.set(key, [position]);
        else positions.push(position);
      }
    }
  }

  /** Requests with some, or all, of their untried keys in a look-up. */
  matching({ keys: lookedUp }: Filter, match: 'some' | 'every'): MatchedRequests {
    const keys = new Set(lookedUp.map((key) => foldName(key)));
    const positions = new Set([...keys].flatMap((key) => this.#byKey.get(key) ?? []));
    const some = [...positions]
      .sort((left, right) => left - right)
      .flatMap((at) => this.#entries.slice(at, at + 1));
    return match === 'some'
      ? some
      : some.filter(([, rowKeys]) =>
          rowKeys.every(({ filterKey }) => filterKey !== undefined && keys.has(foldName(filterKey))),
        );
  }
}
