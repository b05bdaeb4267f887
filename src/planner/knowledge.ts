/**
 * What the rows of a deployment have shown of one of its collections. It holds for all lists of the collection and
 * outlives every operation: what one of them learned serves the next.
 */
import { maxPageSize, type Filter, type Page } from '../endpoint/collection.ts';
import type { Dialect } from './choose.ts';

/** A key beyond this position is only believed to have been looked at when a later one has brought a row. */
const trustedKeys = maxPageSize;

/** What makes everything dearer (no filter, small pages) is put to the test again after this time. */
const doubtMs = 15 * 60_000;

export class Knowledge {
  readonly #hasSingular: boolean;
  readonly #clock: () => number;
  #dialect: Dialect;
  #ignored = { plural: false, singular: false };
  #dialectDoubtedAt = 0;
  #pageSize = maxPageSize;
  #pageSizeLearnedAt = 0;
  // Two names for each row of a page.
  #keysPerCall = 2 * maxPageSize;
  #takesManyKeys = false;
  #jointRefusedAt = -Infinity;

  /** @param hasSingular whether one revision of the reference page filters by one key */
  constructor(hasSingular: boolean, clock: () => number) {
    this.#hasSingular = hasSingular;
    this.#clock = clock;
    this.#dialect = hasSingular ? 'unknown' : 'plural';
  }

  get dialect(): Dialect {
    if (this.#dialect === 'none' && this.#clock() - this.#dialectDoubtedAt > doubtMs) {
      this.#ignored = { plural: false, singular: false };
      this.#dialect = this.#hasSingular ? 'unknown' : 'plural';
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

  /** Whether look-ups of several operations may go out as one. */
  get takesJointLookUps(): boolean {
    return this.#dialect === 'plural' && this.#clock() - this.#jointRefusedAt > doubtMs;
  }

  /** A look-up for several operations was refused: perhaps for the sake of one of them. */
  learnJointRefused(): void {
    this.#jointRefusedAt = this.#clock();
  }

  /** A page of a whole list came, `served` rows to a page. */
  learnPageSize(served: number, { rows, totalCount }: Page<unknown>): void {
    // A list that ends within the page says nothing of how long a page may be.
    if (rows.length !== served || totalCount === null || totalCount <= served) return;
    if (served !== this.#pageSize) this.#pageSizeLearnedAt = this.#clock();
    this.#pageSize = served;
  }

  /** Rows came that nobody had asked for. */
  learnIgnored({ dialect }: Filter): void {
    if (dialect !== 'singular') this.#ignored.plural = true;
    if (dialect !== 'plural') this.#ignored.singular = true;
    const { plural, singular } = this.#ignored;
    if (!plural) this.#dialect = 'plural';
    else if (!singular && this.#hasSingular) this.#dialect = 'singular';
    else {
      this.#dialect = 'none';
      this.#dialectDoubtedAt = this.#clock();
    }
  }

  /** The deployment is seen to know the name that takes a list, and it alone. */
  learnPlural(): void {
    if (this.#dialect === 'unknown') this.#dialect = 'plural';
  }

  /** The deployment is seen to know the name that takes one key, and it alone. */
  learnSingular(): void {
    if (this.#dialect === 'unknown') this.#dialect = 'singular';
  }

  /**
   * Only rows came that had been asked for.
   *
   * @param positions of the keys that brought a row, from 0
   * @param wants how many rows the keys stand for
   */
  learnHonoured(filter: Filter, positions: readonly number[], wants: number): void {
    if (positions.some((position) => position >= trustedKeys)) this.#takesManyKeys = true;
    if (this.#dialect !== 'unknown') return;
    const isPlural = positions.some((position) => filter.dialect === 'plural' || position > 0);
    // Of the keys of several rows only the first one brought anything: it seems to be the only one that was looked at.
    // Should that be wrong, the next look-up brings rows that nobody asked for, and the truth is learned from these.
    const seemsSingular = filter.dialect === 'either' && wants > 2;
    if (isPlural) this.#dialect = 'plural';
    else if (seemsSingular) this.#dialect = 'singular';
  }

  /** The keys of a call in the plural that the deployment is believed to have looked at. */
  believedKeys(keys: readonly string[]): readonly string[] {
    return this.#takesManyKeys ? keys : keys.slice(0, trustedKeys);
  }

  /** A call with this many keys was refused; whether fewer are worth a try. */
  learnRefused(keys: number): boolean {
    if (keys <= trustedKeys) return false;
    this.#keysPerCall = trustedKeys;
    return true;
  }
}
