/**
 * What the rejected look-ups of one operation show about one list. A deployment may reject a filter name that it does not
 * know, or a key under any name; keys that are looked up alone show which.
 */
import type { Filter } from '../endpoint/collection.ts';
import type { UpstreamError } from '../errors.ts';
import { foldName } from '../fold.ts';
import type { Dialect, OpenKeys } from './choose.ts';
import type { DeploymentCapabilities } from './deployment-capabilities.ts';
import type { OpenRequests } from './lookup.ts';
import type { RowKeys } from './row-keys.ts';

export interface Rejection {
  readonly filter: Filter;
  readonly pageSize: number;
  readonly error: UpstreamError;
}

const filterNames = ['plural', 'singular'] as const;
type FilterName = (typeof filterNames)[number];

/** Many rejected keys are not isolated: parts of a look-up that are rejected after so many others count as a whole. */
const maxRejectedParts = 40;

export class RejectedLookUps {
  readonly #capabilities: DeploymentCapabilities;
  /** Names under which a look-up was accepted: a rejection under them is due to a key. */
  readonly #accepted = new Set<FilterName>();
  /** Keys that were rejected alone. */
  readonly #alone = { plural: new Set<string>(), singular: new Set<string>() };
  /** The keys of rejected look-ups that can't be divided further. */
  readonly #final = { plural: new Map<string, UpstreamError>(), singular: new Map<string, UpstreamError>() };
  /** Number of keys in the smallest rejected look-up of several. */
  #size = Infinity;
  #parts = 0;
  #takesBothNames = true;
  #readsPages = false;
  #latest: Rejection | null = null;

  constructor(capabilities: DeploymentCapabilities) {
    this.#capabilities = capabilities;
  }

  /** Whether a look-up may be sent under both names. */
  get takesBothNames(): boolean {
    return this.#takesBothNames;
  }

  get latest(): Rejection | null {
    return this.#latest;
  }

  /** Whether look-ups were rejected, none was accepted, and `nextTest` must show why. */
  get isInDoubt(): boolean {
    return this.#isNameRejected && this.#acceptedName === null && !this.#readsPages;
  }

  /** The name that this operation uses. */
  get dialect(): Dialect {
    const { dialect } = this.#capabilities;
    return this.#isNameRejected ? (this.#acceptedName ?? (this.#readsPages ? 'none' : dialect)) : dialect;
  }

  /** Maximum number of keys per call: a rejected look-up is repeated in halves until a key is alone. */
  get keysPerCall(): number {
    return this.#accepts('plural') ? Math.max(1, Math.floor(this.#size / 2)) : Infinity;
  }

  /** Call before a search, which is for other keys. */
  restart(): void {
    this.#size = Infinity;
    this.#readsPages = false;
  }

  /** Call when all tests are rejected: only pages can show the rows of this search. */
  readPages(): void {
    this.#readsPages = true;
  }

  /** Forgets all rejections: they had another reason. */
  forget(): void {
    this.restart();
    this.#takesBothNames = true;
    for (const keys of [...Object.values(this.#alone), ...Object.values(this.#final)]) keys.clear();
    this.#latest = null;
  }

  add(rejection: Rejection): void {
    const { dialect, keys } = rejection.filter;
    this.#latest = rejection;
    if (dialect === 'either') {
      this.#takesBothNames = false;
      return;
    }
    const names = keys.map((key) => foldName(key));
    const isAlone = names.length === 1;
    if (!isAlone) this.#parts += 1;
    for (const name of names) {
      if (isAlone) this.#alone[dialect].add(name);
      if (isAlone || this.#parts > maxRejectedParts) this.#final[dialect].set(name, rejection.error);
    }
    if (!isAlone) this.#size = Math.min(this.#size, names.length);
  }

  /** @param keys those that returned a row */
  accept({ dialect }: Filter, keys: readonly string[]): void {
    if (dialect === 'either') return;
    this.#accepted.add(dialect);
    const isRejectedByOther = keys.some((key) => this.#alone[otherThan(dialect)].has(foldName(key)));
    if (isRejectedByOther) this.#capabilities.replaceDialect(dialect);
  }

  /**
   * A look-up of one key that shows whether a name is rejected: with the first row's key and, since that key may be the
   * reason, with the last row's. The known name is tested first. Null if all were tried.
   */
  nextTest(open: readonly OpenKeys[]): Filter | null {
    const { dialect: known, hasSingular } = this.#capabilities;
    const [[first = ''] = []] = open;
    const [last = ''] = open.at(-1) ?? [];
    for (const dialect of known === 'singular' ? filterNames.toReversed() : filterNames) {
      if (this.#capabilities.ignores(dialect) || (dialect === 'singular' && !hasSingular)) continue;
      const rejected = this.#alone[dialect];
      if (rejected.size === 0) return { dialect, keys: [first] };
      if (rejected.size === 1 && !rejected.has(foldName(last))) return { dialect, keys: [last] };
    }
    return null;
  }

  /** The requests without those that have a key with an error, see `errorOf`. */
  withoutRejected(open: OpenRequests): OpenRequests {
    if (this.#rejectedKeys === null) return open;
    return new Map([...open].filter(([, rowKeys]) => this.errorOf(rowKeys) === null));
  }

  /** The error of a key that the deployment rejects, although it accepts others; null if there is none. */
  errorOf(rowKeys: RowKeys): UpstreamError | null {
    for (const { filterKey } of rowKeys) {
      const error = filterKey === undefined ? undefined : this.#rejectedKeys?.get(foldName(filterKey));
      if (error !== undefined) return error;
    }
    return null;
  }

  get #rejectedKeys(): ReadonlyMap<string, UpstreamError> | null {
    const name = this.#isNameRejected ? this.#acceptedName : null;
    return name === null ? null : this.#final[name];
  }

  /** Whether the known name was rejected, or any while none is known. */
  get #isNameRejected(): boolean {
    const { dialect } = this.#capabilities;
    if (dialect === 'none') return false;
    return dialect === 'unknown'
      ? this.#rejects('plural') || this.#rejects('singular')
      : this.#rejects(dialect);
  }

  get #acceptedName(): FilterName | null {
    return filterNames.find((name) => this.#accepts(name)) ?? null;
  }

  #rejects(name: FilterName): boolean {
    return this.#alone[name].size > 0 || (name === 'plural' && this.#size < Infinity);
  }

  #accepts(name: FilterName): boolean {
    return this.#accepted.has(name) && !this.#capabilities.ignores(name);
  }
}

function otherThan(name: FilterName): FilterName {
  return name === 'plural' ? 'singular' : 'plural';
}
