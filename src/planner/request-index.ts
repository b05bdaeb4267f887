/** Which requests the keys of a look-up answer. */
import type { Filter } from '../endpoint/collection.ts';
import { foldName } from '../fold.ts';
import type { OpenRequests } from './lookup.ts';
import type { RowKeys, RowRequest } from './row-keys.ts';

/** Requests, each with the keys that are left to try for it. */
export type Asking = readonly (readonly [RowRequest, RowKeys])[];

/** Open requests by the keys that are left to try for them, so that each look-up finds its own without a scan. */
export class RequestIndex {
  readonly #byKey = new Map<string, number[]>();
  readonly #entries: Asking;

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

  /** The requests that have some, or every one, of the keys that are left to try among those of a look-up. */
  asking({ keys: asked }: Filter, how: 'some' | 'every'): Asking {
    const keys = new Set(asked.map((key) => foldName(key)));
    const positions = new Set([...keys].flatMap((key) => this.#byKey.get(key) ?? []));
    const some = [...positions]
      .sort((left, right) => left - right)
      .flatMap((at) => this.#entries.slice(at, at + 1));
    return how === 'some'
      ? some
      : some.filter(([, rowKeys]) =>
          rowKeys.every(({ filterKey }) => filterKey !== undefined && keys.has(foldName(filterKey))),
        );
  }
}
