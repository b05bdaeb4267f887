/**
 * What the rows of a deployment have shown of one of its collections. It holds for all lists of the collection and
 * outlives every operation: what one of them learned serves the next.
 */
import { lengthOf, maxPageSize, type Filter, type Page } from '../endpoint/collection.ts';
import type { Dialect } from './choose.ts';

/** A key beyond this position is only believed to have been looked at when a later one has brought a row. */
const maxTrustedPosition = maxPageSize;

/** What makes everything dearer (no filter, small pages) is put to the test again after this time. */
const doubtMs = 15 * 60_000;

/** What one instance of the gateway tells another one. */
export interface CapabilitiesState {
  readonly dialect: Dialect;
  readonly ignored: { readonly plural: boolean; readonly singular: boolean };
  readonly pageSize: number;
  readonly keysPerCall: number;
  readonly takesManyKeys: boolean;
}

export class DeploymentCapabilities {
  /** Whether one revision of the reference page filters by one key. */
  readonly hasSingular: boolean;
  readonly #clock: () => number;
  #dialect: Dialect;
  #ignored = { plural: false, singular: false };
  #dialectDoubtedAt = 0;
  #pageSize = maxPageSize;
  #pageSizeLearnedAt = 0;
  #acceptedPageSize = 0;
  #pageSizeAcceptedAt = 0;
  // Two names for each row of a page.
  #keysPerCall = 2 * maxPageSize;
  #takesManyKeys = false;
  #jointRefusedAt = -Infinity;

  /** Tells the collection, as one credential sees it, from all others. */
  readonly name: string;
  readonly #onLearned: (state: CapabilitiesState) => void;
  #told = '';

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
    if (this.#dialect === 'none' && this.#clock() - this.#dialectDoubtedAt > doubtMs) {
      this.#ignored = { plural: false, singular: false };
      this.#dialect = this.hasSingular ? 'unknown' : 'plural';
    }
    return this.#dialect;
  }

  /** The page size that the upstream really gives. */
  get pageSize(): number {
    if (this.#clock() - this.#pageSizeLearnedAt > doubtMs) this.#pageSize = maxPageSize;
    return this.#pageSize;
  }

  get keysPerCall(): number {
    return this.#keysPerCall;
  }

  get state(): CapabilitiesState {
    const ignored = { ...this.#ignored };
    const [dialect, pageSize] = [this.dialect, this.pageSize];
    return { dialect, ignored, pageSize, keysPerCall: this.#keysPerCall, takesManyKeys: this.#takesManyKeys };
  }

  /** Takes what another instance has learned, where nothing is known yet. */
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
    this.#keysPerCall = Math.min(this.#keysPerCall, keysPerCall);
    this.#takesManyKeys ||= takesManyKeys;
  }

  /** Whether look-ups of several operations may go out as one. */
  get takesJointLookUps(): boolean {
    return this.#dialect === 'plural' && this.#clock() - this.#jointRefusedAt > doubtMs;
  }

  /** A look-up for several operations was refused: perhaps for the sake of one of them. */
  learnJointRefused(): void {
    this.#jointRefusedAt = this.#clock();
  }

  /** A page of a whole list came, `served` rows to a page. */
  learnPageSize(served: number, page: Page<unknown>): void {
    const { totalCount } = page;
    // A list that ends within the page says nothing of how long a page may be.
    if (lengthOf(page) !== served || totalCount === null || totalCount <= served) return;
    if (served === this.#pageSize) return;
    this.#pageSizeLearnedAt = this.#clock();
    this.#pageSize = served;
    this.#tell();
  }

  /** A call with this page size was answered. */
  learnAcceptedPageSize(pageSize: number): void {
    if (this.acceptsPageSize(pageSize) && pageSize < this.#acceptedPageSize) return;
    this.#acceptedPageSize = pageSize;
    this.#pageSizeAcceptedAt = this.#clock();
  }

  /** Whether the deployment has answered a page size of late: if it refuses a call with it, the size is not to blame. */
  acceptsPageSize(pageSize: number): boolean {
    return pageSize <= this.#acceptedPageSize && this.#clock() - this.#pageSizeAcceptedAt <= doubtMs;
  }

  /** The deployment refuses larger pages than this. */
  learnLargestPageSize(pageSize: number): void {
    this.#pageSizeLearnedAt = this.#clock();
    this.#pageSize = pageSize;
    this.#tell();
  }

  /** Rows came that nobody had asked for. */
  learnIgnored({ dialect }: Filter): void {
    if (dialect !== 'singular') this.#ignored.plural = true;
    if (dialect !== 'plural') this.#ignored.singular = true;
    const { plural, singular } = this.#ignored;
    if (!plural) this.#dialect = 'plural';
    else if (!singular && this.hasSingular) this.#dialect = 'singular';
    else {
      this.#dialect = 'none';
      this.#dialectDoubtedAt = this.#clock();
    }
    this.#tell();
  }

  /** The deployment is seen to know the name that takes a list, or the one that takes one key, and it alone. */
  learnDialect(dialect: 'plural' | 'singular'): void {
    if (this.#dialect === 'unknown') this.#dialect = dialect;
    this.#tell();
  }

  /** The deployment has changed: it refuses the name that it knew, and knows this one. */
  replaceDialect(dialect: 'plural' | 'singular'): void {
    this.#ignored = { plural: false, singular: false };
    this.#dialect = dialect;
    this.#tell();
  }

  /**
   * Only rows came that had been asked for.
   *
   * @param positions of the keys that brought a row, from 0
   * @param wants how many rows the keys stand for
   */
  learnHonoured(filter: Filter, positions: readonly number[], wants: number): void {
    if (positions.some((position) => position >= maxTrustedPosition)) this.#takesManyKeys = true;
    const isPlural = positions.some((position) => filter.dialect === 'plural' || position > 0);
    // Of the keys of several rows only the first one brought anything: it seems to be the only one that was looked at.
    // If that is wrong, the next look-up brings rows that were not asked for, which show the truth.
    const seemsSingular = filter.dialect === 'either' && wants > 2;
    if (isPlural) this.learnDialect('plural');
    else if (seemsSingular) this.learnDialect('singular');
    else this.#tell();
  }

  /** The keys of a call in the plural that the deployment is believed to have looked at. */
  trustedKeys(keys: readonly string[]): readonly string[] {
    return this.#takesManyKeys ? keys : keys.slice(0, maxTrustedPosition);
  }

  /** A call with this many keys was refused; whether fewer are worth a try. */
  learnRefused(keys: number): boolean {
    if (keys <= maxTrustedPosition) return false;
    this.#keysPerCall = maxTrustedPosition;
    this.#tell();
    return true;
  }

  #tell(): void {
    const state = this.state;
    const { dialect, pageSize, keysPerCall, takesManyKeys } = state;
    const summary = [dialect, pageSize, keysPerCall, takesManyKeys].join();
    if (summary === this.#told) return;
    this.#told = summary;
    this.#onLearned(state);
  }
}
