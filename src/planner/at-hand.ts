/** What one operation has of one list: what it may take from memory, and what it has fetched itself. */
import type { Collection, PageRequest } from '../endpoint/collection.ts';
import { UpstreamError } from '../errors.ts';
import type { FieldPath } from '../scope.ts';
import type { Freshness, Occasion } from './freshness.ts';
import type { Knowledge } from './knowledge.ts';
import {
  ListMemory,
  type ListAnswer,
  type PageNumber,
  type Place,
  type RememberedRow,
} from './list-memory.ts';
import { PageShelf, placeOf } from './page-shelf.ts';
import type { Pace } from '../scheduler.ts';
import type { Want } from './want.ts';

/** What a reader needs of its list and of its operation. */
export interface ListSource<Row> {
  readonly traits: Pick<Collection<never, Row>, 'identityOf' | 'filterKeyOf' | 'indexKeysOf'>;
  readonly knowledge: Knowledge;
  /** Of this list, shared by all operations of one credential. */
  readonly memory: ListMemory<Row>;
  /**
   * Rejects with UpstreamError, and with SupersededCall. `causes` may grow until the answer is here.
   */
  readonly fetch: (
    request: PageRequest,
    causes: readonly FieldPath[],
    options?: FetchOptions,
  ) => Promise<ListAnswer<Row>>;
  /** What others are fetching of this list at the moment, as far as it is fresh enough: to fetch it is to share it. */
  readonly airborne: () => readonly PageRequest[];
  /** Of something that is then used, so that the answer is as old: if it only decides what to read, `peekFreshness`. */
  readonly freshnessOf: (sentAt: number, kind: 'present' | 'absent', occasion: Occasion) => Freshness;
  readonly peekFreshness: ListSource<Row>['freshnessOf'];
  /** Resolves when the operation may go on with what has been read: many may have waited for it. */
  readonly nextSlice: () => Promise<void>;
  /** Of long loops; rejects with UpstreamError when the operation has ended. */
  readonly pace: () => Pace;
  /** Whether somebody wants to know where each row came from. */
  readonly isObserved: boolean;
  /** Told that an answer from memory was of use, where nobody wants to know more. */
  readonly touch: (answer: ListAnswer<Row>) => void;
  /** Remembers that this answer would have brought rows of these names, and has brought none. */
  readonly keepAbsences: (names: readonly string[], answer: ListAnswer<Row>) => void;
  /** Takes into memory what other instances have read of the list; null where there are none. */
  readonly catchUp: (() => Promise<void>) | null;
  /** Told of whatever is taken from memory. */
  readonly onRecall: (recall: Recall<Row>) => void;
}

export interface FetchOptions {
  /** Whether what the call would bring is at hand by now; asked until its turn has come. */
  readonly isSettled?: (() => boolean) | undefined;
  /** Those of the filter's keys that this operation looks for; all of them by default. */
  readonly keys?: readonly string[] | undefined;
}

/** Smaller pages are not asked for: what refuses them refuses something else. */
const minPageSize = 10;

/** Whether the upstream may have refused a call for the size of its page. */
export function mayRefuseSize(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && error.code === 'UPSTREAM_REFUSED' && error.details.status === 400;
}

/** No version of a shelf. */
const outdated = -1;

/** What memory had: a page, or what answers a want, under these of its names. */
export type Recall<Row> = Remembered<Row> & {
  readonly occasion: Occasion;
  readonly causes: readonly FieldPath[];
} & ({ readonly page: PageNumber } | { readonly want: Want; readonly names: readonly string[] });

export interface Remembered<Row> {
  /** Null where it is a whole list that lacks the row. */
  readonly answer: ListAnswer<Row> | null;
  readonly freshness: UsableFreshness;
}

export type UsableFreshness = Exclude<Freshness, 'expired'>;

export class AtHand<Row> {
  readonly source: ListSource<Row>;
  /** The pages that were read or taken from memory, in their places. */
  readonly shelf: PageShelf<Row>;
  /** The rows that were fetched, whatever room there is for them in the memory of all. */
  readonly fetched: ListMemory<Row>;
  /** Pages from memory, by number; the rows of those that were fetched are under their names in `fetched`. */
  readonly #recalled = new Map<number, ListAnswer<Row>>();
  /** The rows of those that stood when the shelf had this version, by their names. */
  #recalledRows: ListMemory<Row>;
  #recalledVersion: number;
  #lengthFreshness: UsableFreshness | null = null;
  /** How memory's length was recalled; null if it was not. */
  #lengthUse: { readonly sentAt: number; readonly occasion: Occasion } | null = null;
  #oldestSentAt = Infinity;
  #expectsLookUps = false;
  #steps = 0;
  #caughtUp: Promise<void> | null = null;
  #fitting: Promise<void> | null = null;

  constructor(source: ListSource<Row>) {
    this.source = source;
    this.shelf = new PageShelf(source.traits.identityOf, source.knowledge.pageSize);
    this.fetched = new ListMemory(source.traits);
    this.#recalledRows = new ListMemory(source.traits);
    this.#recalledVersion = this.shelf.version;
    this.recallLength('usual');
    const { contradictedAt } = source.memory;
    const isContradicted =
      contradictedAt !== null && source.peekFreshness(contradictedAt, 'present', 'usual') !== 'expired';
    if (isContradicted) this.shelf.ignoreLength();
  }

  /** How fresh the length is that memory has told; null where it has told none. */
  get lengthFreshness(): UsableFreshness | null {
    return this.#lengthFreshness;
  }

  /** When the oldest of the pages was asked for, or the length where there are none. */
  get oldestSentAt(): number {
    return this.#oldestSentAt === Infinity
      ? (this.source.memory.length?.sentAt ?? this.#oldestSentAt)
      : this.#oldestSentAt;
  }

  /** Memory has what other instances have read until the operation came to this list; null where there are none. */
  catchUp(): Promise<void> | null {
    const { catchUp, knowledge } = this.source;
    if (catchUp === null) return null;
    return (this.#caughtUp ??= catchUp().then(() => {
      this.shelf.expectPageSize(knowledge.pageSize);
      this.recallLength('usual');
    }));
  }

  /** Takes the length of the list from memory; whether it has one that may be used. */
  recallLength(occasion: Occasion): boolean {
    const { length } = this.source.memory;
    if (length === null) return false;
    const freshness = this.source.peekFreshness(length.sentAt, 'present', occasion);
    if (freshness === 'expired') return false;
    this.#lengthUse = { sentAt: length.sentAt, occasion };
    this.#lengthFreshness = freshness;
    this.shelf.expectLength(length.totalCount);
    return true;
  }

  /** The answer depends on the length, which may be from memory. */
  useLength(): void {
    if (this.#lengthUse === null || this.shelf.hasPages) return;
    this.source.freshnessOf(this.#lengthUse.sentAt, 'present', this.#lengthUse.occasion);
  }

  /** Whether every row of the list has been fetched, so that a name that is not in `fetched` does not exist. */
  get isFetched(): boolean {
    // That there is nothing to fetch may be known from memory alone, which may know better by now.
    return this.shelf.hasPages && this.shelf.isComplete && this.#recalled.size === 0;
  }

  /** Names will be looked for: from now on they are put in order while calls are waited for, and not in the end. */
  expectLookUps(): void {
    this.#expectsLookUps = true;
    this.fetched.index();
  }

  /** Counts what has come, so that waiting for nothing is noticed. */
  get steps(): number {
    return this.#steps;
  }

  advance(): void {
    this.#steps += 1;
  }

  /**
   * Finds the page size that the upstream accepts, after it has refused a call. Rejects with the refusal if it was not the
   * size that was refused.
   *
   * @param isPage whether the call was for a page of the whole list, without a filter that may be refused as well
   */
  fitPageSize(
    refusal: UpstreamError,
    { pageSize, isPage }: { readonly pageSize: number; readonly isPage: boolean },
    causes: readonly FieldPath[],
  ): Promise<void> {
    this.#fitting ??= this.#fitPageSize(refusal, pageSize, isPage, causes).finally(() => {
      this.#fitting = null;
      this.advance();
    });
    return this.#fitting;
  }

  /** Takes in a page that was fetched. */
  absorbPage({ pageIndex, pageSize }: PageNumber, answer: ListAnswer<Row>): void {
    const place = placeOf(pageIndex, pageSize, answer);
    if (place.isRegular) this.source.knowledge.learnPageSize(place.pageSize, answer);
    if (this.#recalled.has(pageIndex)) this.#recalledVersion = outdated;
    this.#absorb({ pageIndex, pageSize }, answer);
    this.#keepRows(answer, place);
  }

  /** Takes in a page from memory. */
  absorbRecalled({ pageIndex, pageSize }: PageNumber, answer: ListAnswer<Row>): void {
    this.#absorb({ pageIndex, pageSize }, answer);
    this.#recalled.set(pageIndex, answer);
    if (this.#recalledVersion === this.shelf.version)
      this.#recalledRows.keep(answer, placeOf(pageIndex, pageSize, answer), true);
    this.advance();
  }

  /** Takes in rows that were looked up. */
  absorbRows(answer: ListAnswer<Row>): void {
    this.#keepRows(answer, null);
  }

  #keepRows(answer: ListAnswer<Row>, place: Place | null): void {
    this.fetched.keep(answer, place, false);
    if (this.#expectsLookUps) this.fetched.index();
    this.advance();
  }

  /** The row of this name among those that were fetched, unless a page at hand that stands before it has one. */
  row(name: string): Row | undefined {
    const own = this.fetched.row(name);
    if (own === undefined) return undefined;
    const page = this.fetched.pageIndexOf(own.answer);
    if (page === null || page === 1) return own.row;
    const { memory, peekFreshness, freshnessOf } = this.source;
    const kept = memory.row(name);
    const keptPage =
      kept === undefined || kept.answer === own.answer ? null : memory.pageIndexOf(kept.answer);
    if (kept !== undefined && keptPage !== null && keptPage < page) {
      const isFresh = peekFreshness(kept.answer.sentAt, 'present', 'usual') === 'fresh';
      if (isFresh && freshnessOf(kept.answer.sentAt, 'present', 'usual') === 'fresh') return kept.row;
    }
    const recalled = this.#recalledRow(name);
    const recalledPage = recalled === undefined ? null : this.#recalledRows.pageIndexOf(recalled.answer);
    return recalled !== undefined && recalledPage !== null && recalledPage < page ? recalled.row : own.row;
  }

  /** The row of this name on the pages from memory that still stand, the first of the list if several have it. */
  recalledRow(name: string): Row | undefined {
    return this.#recalledRow(name)?.row;
  }

  #recalledRow(name: string): RememberedRow<Row> | undefined {
    if (this.#recalled.size === 0) return undefined;
    if (this.#recalledVersion !== this.shelf.version) {
      this.#recalledVersion = this.shelf.version;
      this.#recalledRows = new ListMemory(this.source.traits);
      for (const [pageIndex, page] of this.#recalled) {
        if (this.shelf.holds(pageIndex, page))
          this.#recalledRows.keep(page, placeOf(pageIndex, this.shelf.pageSize, page), true);
      }
    }
    return this.#recalledRows.row(name);
  }

  async #fitPageSize(
    refusal: UpstreamError,
    refused: number,
    isPage: boolean,
    causes: readonly FieldPath[],
  ): Promise<void> {
    const { shelf, source } = this;
    const { knowledge } = source;
    if (shelf.pageSize < refused) return;
    if (knowledge.acceptsPageSize(refused) || shelf.hasPages) throw refusal;
    if (knowledge.pageSize < refused) {
      shelf.expectPageSize(knowledge.pageSize);
      return;
    }
    let size = isPage ? Math.floor(refused / 2) : refused;
    for (; size >= minPageSize; size = Math.floor(size / 2)) {
      const page = { pageIndex: 1, pageSize: size };
      try {
        const answer = await source.fetch({ ...page, filter: null }, causes);
        if (size < refused) knowledge.learnLargestPageSize(size);
        shelf.expectPageSize(size);
        this.absorbPage(page, answer);
        if (size < refused) return;
        break;
      } catch (error) {
        if (!mayRefuseSize(error)) throw error;
      }
    }
    throw refusal;
  }

  #absorb({ pageIndex, pageSize }: PageNumber, answer: ListAnswer<Row>): void {
    this.#oldestSentAt = Math.min(this.#oldestSentAt, answer.sentAt);
    const { shelf } = this;
    shelf.absorb(pageIndex, pageSize, answer);
    if (shelf.contradictsLength) this.source.memory.contradictLength(answer);
  }

  freshnessOf(
    answer: ListAnswer<Row> | undefined,
    kind: 'present' | 'absent',
    occasion: Occasion,
  ): Freshness {
    return answer === undefined ? 'expired' : this.source.freshnessOf(answer.sentAt, kind, occasion);
  }
}
