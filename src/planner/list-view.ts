/** What one operation has of one list: the pages and rows that it read, from the cache or from the upstream. */
import { lengthRequest } from '../endpoint/collection.ts';
import type { UpstreamError } from '../errors.ts';
import type { FieldPath } from '../scope.ts';
import type { ReadMode, UsableFreshness } from './freshness.ts';
import { ListCache, type ListAnswer, type PageNumber } from './list-cache.ts';
import { mayRefuseSize, type ListSource } from './list-source.ts';
import { PageBuffer, placeOf } from './page-buffer.ts';
import type { Precedence } from './precedence.ts';

/** Smaller pages are not asked for: what refuses them refuses something else. */
const minPageSize = 10;

export class ListView<Row> {
  readonly source: ListSource<Row>;
  /** The pages that were read, in their places. */
  readonly shelf: PageBuffer<Row>;
  /** The rows of those pages, and those that were looked up, whatever the cache has room for. */
  readonly rows: ListCache<Row>;
  readonly #pages = new Map<number, ListAnswer<Row>>();
  /** How the length was taken from the cache; null if it was not. */
  #cachedLength: {
    readonly sentAt: number;
    readonly freshness: UsableFreshness;
    readonly occasion: ReadMode;
  } | null = null;
  #oldestSentAt = Infinity;
  #expectsLookUps = false;
  #steps = 0;
  #caughtUp: Promise<void> | null = null;
  #fitting: Promise<void> | null = null;

  constructor(source: ListSource<Row>) {
    this.source = source;
    this.shelf = new PageBuffer(source.traits.identityOf, source.knowledge.pageSize);
    this.rows = new ListCache(source.traits);
    this.takeLength('normal');
    const { contradictedAt } = source.memory;
    const isContradicted =
      contradictedAt !== null && source.freshnessOf(contradictedAt, 'present', 'normal') !== 'expired';
    if (isContradicted) this.shelf.ignoreLength();
  }

  /** Whether anything was read for the operation, so that `row` may find it. */
  get hasRead(): boolean {
    return this.#steps > 0;
  }

  /** When the oldest of the pages was asked for, or the length if there are none. */
  get oldestSentAt(): number {
    return this.#oldestSentAt === Infinity
      ? (this.source.memory.length?.sentAt ?? this.#oldestSentAt)
      : this.#oldestSentAt;
  }

  /** Counts what has come, so that waiting for nothing is noticed. */
  get steps(): number {
    return this.#steps;
  }

  advance(): void {
    this.#steps += 1;
  }

  /** Takes into the cache what other instances had read until the operation came to this list; null if there are none. */
  catchUp(): Promise<void> | null {
    const { catchUp, knowledge } = this.source;
    if (catchUp === null) return null;
    return (this.#caughtUp ??= catchUp().then(() => {
      this.shelf.expectPageSize(knowledge.pageSize);
      this.takeLength('normal');
    }));
  }

  /** Takes the length of the list from the cache; whether it has one that may be used. */
  takeLength(occasion: ReadMode): boolean {
    const { length } = this.source.memory;
    if (length === null) return false;
    const freshness = this.source.freshnessOf(length.sentAt, 'present', occasion);
    if (freshness === 'expired') return false;
    this.#cachedLength = { sentAt: length.sentAt, freshness, occasion };
    this.shelf.expectLength(length.totalCount);
    return true;
  }

  /** Records that the operation's answer depends on the length, if that is from the cache and no page shows it. */
  useLength(causes: readonly FieldPath[]): void {
    if (this.#cachedLength === null || this.shelf.hasPages) return;
    const { pageIndex, pageSize } = lengthRequest;
    this.source.use({
      ...this.#cachedLength,
      answer: null,
      kind: 'present',
      count: 1,
      causes,
      of: { page: { pageIndex, pageSize } },
    });
  }

  /** Names will be looked for: from now on they are indexed while calls are waited for, and not at the end. */
  expectLookUps(): void {
    this.#expectsLookUps = true;
    this.rows.index();
  }

  /** Takes in a page, fetched or from the cache. */
  absorbPage({ pageIndex, pageSize }: PageNumber, answer: ListAnswer<Row>): void {
    const { shelf, source } = this;
    const place = placeOf(pageIndex, pageSize, answer);
    if (place.isRegular) source.knowledge.learnPageSize(place.pageSize, answer);
    this.#oldestSentAt = Math.min(this.#oldestSentAt, answer.sentAt);
    this.#pages.set(pageIndex, answer);
    shelf.absorb(pageIndex, pageSize, answer);
    if (shelf.contradictsLength) source.memory.contradictLength(answer);
    this.rows.keep(answer, place, false);
    this.#absorbed();
  }

  /** Takes in rows that were looked up. */
  absorbRows(answer: ListAnswer<Row>): void {
    this.rows.keep(answer, null, false);
    this.#absorbed();
  }

  /** Drops the pages that were read before the list was last seen to change. Whether there were any. */
  dropStalePages(): boolean {
    if (!this.shelf.dropStalePages()) return false;
    for (const [pageIndex, answer] of this.#pages) {
      if (this.shelf.holds(pageIndex, answer)) continue;
      this.#pages.delete(pageIndex);
      this.rows.forget(answer);
    }
    return true;
  }

  /**
   * The row of this name among those that were read, or on a fresh cached page before it; undefined if none is known to
   * be the first.
   */
  row(name: string, precedence: Precedence<Row>): Row | undefined {
    const { isComplete } = this.shelf;
    const mayCount = (answer: ListAnswer<Row>) => precedence.firstSince(answer, name) !== null;
    const own = isComplete ? this.rows.row(name) : this.rows.goodRow(name, mayCount);
    if (own === undefined) return undefined;
    const page = this.rows.pageIndexOf(own.answer);
    if (page === null || page === 1 || isComplete) return own.row;
    const { memory } = this.source;
    const cached = memory.row(name);
    const cachedPage = cached === undefined ? null : memory.pageIndexOf(cached.answer);
    const sentAt = cached?.answer.sentAt ?? -Infinity;
    const isBefore = cachedPage !== null && cachedPage < page;
    const isFirst = isBefore && this.source.freshnessOf(sentAt, 'present', 'normal') !== 'expired';
    const since = Math.min(precedence.firstSince(own.answer, name) ?? Infinity, isFirst ? sentAt : Infinity);
    if (since < Infinity) this.source.dateBy(since);
    return isFirst && cached !== undefined ? cached.row : own.row;
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

  #absorbed(): void {
    if (this.#expectsLookUps) this.rows.index();
    this.advance();
  }
}
