/**
 * What the rejected look-ups of one operation show about one list. A deployment may reject a filter name that it does
 * not know, or a key under any name; look-ups of one key show which.
 */
import { maxPageSize, type Filter } from '../endpoint/collection.ts';
import type { UpstreamError } from '../errors.ts';
import { foldName } from '../fold.ts';
import type { Dialect } from './choose.ts';
import type { DeploymentCapabilities } from './deployment-capabilities.ts';
import type { OpenRequests } from './lookup.ts';
import type { RowKeys } from './row-keys.ts';

const filterNames = ['plural', 'singular'] as const;
type FilterName = (typeof filterNames)[number];

export class RejectedLookUps {
  readonly #capabilities: DeploymentCapabilities;
  /** Names under which a look-up was accepted: a rejection under them is due to a key. */
  readonly #accepted = new Set<FilterName>();
  /** By key, the errors of look-ups of one key. */
  readonly #errors = {
    plural: new Map<string, UpstreamError>(),
    singular: new Map<string, UpstreamError>(),
  };
  /** Whether a look-up may be sent under both names. */
  takesBothNames = true;
  /** Whether a page other than the first may be requested with a filter. */
  canDetectDialect = true;

  // For one search:
  /** Whether look-ups of other operations are joined. */
  joinsOthers = true;
  #readsPages = false;
  #keysPerCall = Infinity;
  /** Number of keys in the largest look-up of several that was rejected since the last choice. */
  #largest = 0;
  #hasRejectedMany = false;
  #hasRejectedFew = false;

  constructor(capabilities: DeploymentCapabilities) {
    this.#capabilities = capabilities;
  }

  /** Whether look-ups were rejected and none was accepted, so that `nextTest` must show why. */
  get isInDoubt(): boolean {
    return this.#isNameRejected && this.#acceptedName === null && !this.#readsPages;
  }

  /** The dialect that this operation uses; `none` if no look-up is accepted and pages are read. */
  get dialect(): Dialect {
    const { dialect } = this.#capabilities;
    return this.#isNameRejected ? (this.#acceptedName ?? (this.#readsPages ? 'none' : dialect)) : dialect;
  }

  /** Call before a choice: what was rejected since the last one is repeated in halves, until a key is alone. */
  divide(): void {
    if (this.#largest > 0) this.#keysPerCall = Math.max(1, Math.floor(this.#largest / 2));
    this.#largest = 0;
  }

  get keysPerCall(): number {
    const few = this.#accepts('plural') ? this.#keysPerCall : Infinity;
    return Math.min(few, this.#hasRejectedMany ? maxPageSize : Infinity);
  }

  /** Records a rejected look-up of this operation's own keys. */
  add({ dialect, keys }: Filter, error: UpstreamError): void {
    if (dialect === 'either') {
      this.takesBothNames = false;
      return;
    }
    if (keys.length > maxPageSize) {
      this.#hasRejectedMany = true;
      return;
    }
    this.#hasRejectedFew = true;
    if (keys.length > 1) this.#largest = Math.max(this.#largest, keys.length);
    else for (const key of keys) this.#errors[dialect].set(foldName(key), error);
  }

  /** @param keys those that returned a row */
  accept({ dialect }: Filter, keys: readonly string[]): void {
    if (dialect === 'either') return;
    this.#accepted.add(dialect);
    const other = dialect === 'plural' ? 'singular' : 'plural';
    if (keys.some((key) => this.#errors[other].has(foldName(key))))
      this.#capabilities.replaceDialect(dialect);
  }

  /** A look-up of this key under a name for which it was not rejected yet; null if there is none. */
  nextTest(key: string): Filter | null {
    const { dialect: known, hasSingular } = this.#capabilities;
    const names = known === 'singular' ? filterNames.toReversed() : filterNames;
    const dialect = names.find((name) => {
      if (this.#capabilities.ignores(name) || (name === 'singular' && !hasSingular)) return false;
      return !this.#errors[name].has(foldName(key));
    });
    return dialect === undefined ? null : { dialect, keys: [key] };
  }

  /** Whether a look-up of this key alone was rejected, under any name. */
  hasRejected(key: string): boolean {
    return filterNames.some((name) => this.#errors[name].has(foldName(key)));
  }

  /** Call when no test is left: only pages can show the rows of this search. */
  readPages(): void {
    this.#readsPages = true;
  }

  /** Forgets all rejections: the page size was the reason. */
  forget(): void {
    for (const keys of Object.values(this.#errors)) keys.clear();
    this.takesBothNames = true;
    this.canDetectDialect = true;
    this.#reset();
  }

  /** Call after a search: the next one is for other keys. */
  finish(): void {
    // If only look-ups of more than a page of keys were rejected, they had too many.
    const hadTooMany = this.#hasRejectedMany && !this.#hasRejectedFew && this.#accepted.has('plural');
    if (hadTooMany) this.#capabilities.learnKeysPerCall(maxPageSize);
    this.#reset();
  }

  /** The requests without those whose next key is rejected. */
  withoutRejected(open: OpenRequests): OpenRequests {
    if (this.#keyErrors.size === 0) return open;
    return new Map([...open].filter(([, rowKeys]) => this.errorOf(rowKeys) === null));
  }

  /** The error of a row's next key, if the deployment rejects it, although it accepts others; else null. */
  errorOf([next]: RowKeys): UpstreamError | null {
    if (next?.filterKey === undefined) return null;
    return this.#keyErrors.get(foldName(next.filterKey)) ?? null;
  }

  /** A row's filter keys before the first that is rejected. */
  acceptedKeys(rowKeys: RowKeys): readonly string[] {
    const keys = rowKeys.flatMap(({ filterKey }) => filterKey ?? []);
    const errors = this.#keyErrors;
    if (errors.size === 0) return keys;
    const end = keys.findIndex((key) => errors.has(foldName(key)));
    return end === -1 ? keys : keys.slice(0, end);
  }

  #reset(): void {
    this.joinsOthers = true;
    this.#readsPages = false;
    this.#keysPerCall = Infinity;
    this.#largest = 0;
    this.#hasRejectedMany = false;
    this.#hasRejectedFew = false;
  }

  /** Errors that are due to their keys, since the name is accepted. */
  get #keyErrors(): ReadonlyMap<string, UpstreamError> {
    const name = this.#isNameRejected ? this.#acceptedName : null;
    return name === null ? noErrors : this.#errors[name];
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
    const hasRejectedSeveral = this.#largest > 0 || this.#keysPerCall < Infinity;
    return this.#errors[name].size > 0 || (name === 'plural' && hasRejectedSeveral);
  }

  #accepts(name: FilterName): boolean {
    return this.#accepted.has(name) && !this.#capabilities.ignores(name);
  }
}

const noErrors: ReadonlyMap<string, UpstreamError> = new Map();
