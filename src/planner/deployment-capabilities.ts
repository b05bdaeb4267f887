/**
 * What a deployment supports in one collection, learned from its rows. Shared by all lists of the collection and all
 * operations.
 */
import { lengthOf, maxPageSize, type Filter, type Page } from '../endpoint/collection.ts';
import type { Dialect } from './choose.ts';

/** Keys beyond this position count as tested only after one of them has returned a row. */
const maxTrustedPosition = maxPageSize;

/** Two names for each row of a page. */
const maxKeysPerCall = 2 * maxPageSize;

/** Limits that cost calls are tested again after this time. */
const retestMs = 15 * 60_000;

/** Look-ups are joined again after this time: one operation's key is the likely reason of a rejection. */
const jointRetestMs = 60_000;

export interface CapabilitiesState {
  readonly dialect: Dialect;
  readonly ignored: { readonly plural: boolean; readonly singular: boolean };
  readonly pageSize: number;
  readonly keysPerCall: number;
  readonly takesManyKeys: boolean;
}

export class DeploymentCapabilities {
  readonly hasSingular: boolean;
  readonly #clock: () => number;
  #dialect: Dialect;
  #ignored = { plural: false, singular: false };
  #isSingularShown = false;
  #dialectDoubtedAt = 0;
  #pageSize = maxPageSize;
  #pageSizeLearnedAt = 0;
  #acceptedPageSize = 0;
  #pageSizeAcceptedAt = 0;
  #keysPerCall = maxKeysPerCall;
  #keysPerCallLearnedAt = 0;
  #takesManyKeys = false;
  #jointRejectedAt = -Infinity;

  /** Unique for each collection and credential. */
  readonly name: string;
  readonly #onLearned: (state: CapabilitiesState) => void;
  #published = '';

  /** @param hasSingular whether one revision of the reference page filters by one key */
  constructor(
    hasSingular: boolean,
    clock: () => number,
    {
      name = '',
      onLearned = () => undefined,
    }: { readonly name?: string; readonly onLearned?: (state: CapabilitiesState) => void } = {},
  ) {
    this.hasSingular = hasSingular;
    this.#clock = clock;
    this.#dialect = hasSingular ? 'unknown' : 'plural';
    this.name = name;
    this.#onLearned = onLearned;
  }

  get dialect(): Dialect {
    if (this.#dialect === 'none' && this.#clock() - this.#dialectDoubtedAt > retestMs) {
      this.#ignored = { plural: false, singular: false };
      this.#dialect = this.hasSingular ? 'unknown' : 'plural';
    }
    return this.#dialect;
  }

  get pageSize(): number {
    if (this.#clock() - this.#pageSizeLearnedAt > retestMs) this.#pageSize = maxPageSize;
    return this.#pageSize;
  }

  get keysPerCall(): number {
    if (this.#clock() - this.#keysPerCallLearnedAt > retestMs) this.#keysPerCall = maxKeysPerCall;
    return this.#keysPerCall;
  }

  get state(): CapabilitiesState {
    const ignored = { ...this.#ignored };
    const { dialect, pageSize, keysPerCall } = this;
    return { dialect, ignored, pageSize, keysPerCall, takesManyKeys: this.#takesManyKeys };
  }

  /** Adopts what another instance has learned, if this one has not. */
  adopt({ dialect, ignored, pageSize, keysPerCall, takesManyKeys }: CapabilitiesState): void {
    if (this.dialect === 'unknown' && dialect !== 'unknown') {
      this.#dialect = dialect;
      this.#ignored = { ...ignored };
      if (dialect === 'none') this.#dialectDoubtedAt = this.#clock();
    }
    if (this.pageSize === maxPageSize && pageSize !== maxPageSize) {
      this.#pageSize = pageSize;
      this.#pageSizeLearnedAt = this.#clock();
    }
    if (keysPerCall < this.keysPerCall) {
      this.#keysPerCall = keysPerCall;
      this.#keysPerCallLearnedAt = this.#clock();
    }
    this.#takesManyKeys ||= takesManyKeys;
  }

  /** Whether look-ups of several operations may be sent as one. */
  get takesJointLookUps(): boolean {
    return this.#dialect === 'plural' && this.#clock() - this.#jointRejectedAt > jointRetestMs;
  }

  /** Records that a look-up for several operations was rejected. */
  learnJointRejected(): void {
    this.#jointRejectedAt = this.#clock();
  }

  /** False if the singular name is only presumed, because the plural one is ignored. */
  get isSingularShown(): boolean {
    return this.#isSingularShown;
  }

  /** Whether the deployment returned rows that were not requested when it was asked under this name. */
  ignores(name: 'plural' | 'singular'): boolean {
    return this.#ignored[name];
  }

  learnPageSize(served: number, page: Page<unknown>): void {
    const { totalCount } = page;
    // A list that ends within the page shows nothing about longer ones.
    if (lengthOf(page) !== served || totalCount === null || totalCount <= served) return;
    if (served === this.#pageSize) return;
    this.#pageSizeLearnedAt = this.#clock();
    this.#pageSize = served;
    this.#publish();
  }

  learnAcceptedPageSize(pageSize: number): void {
    if (this.acceptsPageSize(pageSize) && pageSize < this.#acceptedPageSize) return;
    this.#acceptedPageSize = pageSize;
    this.#pageSizeAcceptedAt = this.#clock();
  }

  /** Whether the deployment recently answered this page size; a rejection then has another cause. */
  acceptsPageSize(pageSize: number): boolean {
    return pageSize <= this.#acceptedPageSize && this.#clock() - this.#pageSizeAcceptedAt <= retestMs;
  }

  /** Records that larger pages are rejected. */
  learnLargestPageSize(pageSize: number): void {
    this.#pageSizeLearnedAt = this.#clock();
    this.#pageSize = pageSize;
    this.#publish();
  }

  /** Records that the deployment returned rows that were not requested. */
  learnIgnored({ dialect }: Filter): void {
    if (dialect !== 'singular') this.#ignored.plural = true;
    if (dialect !== 'plural') {
      this.#ignored.singular = true;
      this.#isSingularShown = false;
    }
    const { plural, singular } = this.#ignored;
    if (!plural) this.#dialect = 'plural';
    else if (!singular && this.hasSingular) this.#dialect = 'singular';
    else {
      this.#dialect = 'none';
      this.#dialectDoubtedAt = this.#clock();
    }
    this.#publish();
  }

  /** Records the filter name that the deployment supports, if none is known. */
  learnDialect(dialect: 'plural' | 'singular'): void {
    if (this.#dialect === 'unknown') this.#dialect = dialect;
    this.#publish();
  }

  /** Records that the deployment supports this filter name, and rejects the other one. */
  replaceDialect(dialect: 'plural' | 'singular'): void {
    this.#ignored = { plural: false, singular: false };
    this.#isSingularShown = dialect === 'singular';
    this.#dialect = dialect;
    this.#publish();
  }

  /**
   * Records that only requested rows came back.
   *
   * @param positions of the keys that returned a row, from 0
   * @param rowsWanted how many rows the keys are for
   */
  learnHonoured(filter: Filter, positions: readonly number[], rowsWanted: number): void {
    if (positions.some((position) => position >= maxTrustedPosition)) this.#takesManyKeys = true;
    const isPlural = positions.some((position) => filter.dialect === 'plural' || position > 0);
    // If only the first row's keys returned a row, the others were probably ignored. If that is wrong, the next look-up
    // returns rows that were not requested, which corrects it.
    const seemsSingular = filter.dialect === 'either' && rowsWanted > 2;
    if (filter.dialect === 'singular' || seemsSingular) this.#isSingularShown = true;
    if (isPlural) this.learnDialect('plural');
    else if (seemsSingular) this.learnDialect('singular');
    else this.#publish();
  }

  /** Keys of a plural call that the deployment is trusted to have tested. */
  trustedKeys(keys: readonly string[]): readonly string[] {
    return this.#takesManyKeys ? keys : keys.slice(0, maxTrustedPosition);
  }

  /** Records that look-ups with more keys are rejected. */
  learnKeysPerCall(keys: number): void {
    this.#keysPerCall = keys;
    this.#keysPerCallLearnedAt = this.#clock();
    this.#publish();
  }

  #publish(): void {
    const state = this.state;
    const { dialect, pageSize, keysPerCall, takesManyKeys } = state;
    const summary = [dialect, pageSize, keysPerCall, takesManyKeys].join();
    if (summary === this.#published) return;
    this.#published = summary;
    this.#onLearned(state);
  }
}
