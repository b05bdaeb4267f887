/** The pages and rows of one list that one operation has loaded, from the cache or the upstream. */
import { lengthRequest } from '../endpoint/collection.ts';
import type { UpstreamError } from '../errors.ts';
import type { FieldPath } from '../scope.ts';
import type { ReadMode, UsableFreshness } from './freshness.ts';
import { ListCache, type ListAnswer, type PageNumber } from './list-cache.ts';
import { mayRejectSize, type ListSource } from './list-source.ts';
import { PageBuffer, placeOf } from './page-buffer.ts';
import type { Precedence } from './precedence.ts';

/** Smaller page sizes are not tried: the rejection then has another reason. */
const minPageSize = 10;

export class ListView<Row> {
  readonly source: ListSource<Row>;
  readonly buffer: PageBuffer<Row>;
  /** The rows of loaded pages and of look-ups, independent of the cache's limit. */
  readonly rows: ListCache<Row>;
  readonly #pages = new Map<number, ListAnswer<Row>>();
  /** Use of the cached length; null if it was not used. */
  #cachedLength: {
    readonly sentAt: number;
    readonly freshness: UsableFreshness;
    readonly readMode: ReadMode;
  } | null = null;
  #oldestSentAt = Infinity;
  #expectsLookUps = false;
  #steps = 0;
  #synced: Promise<void> | null = null;
  #fitting: Promise<void> | null = null;

  constructor(source: ListSource<Row>) {
    this.source = source;
    this.buffer = new PageBuffer(source.traits.identityOf, source.capabilities.pageSize);
    this.rows = new ListCache(source.traits);
    this.loadLength('normal');
    const { contradictedAt } = source.cache;
    const isContradicted =
      contradictedAt !== null && source.freshnessOf(contradictedAt, 'present', 'normal') !== 'expired';
    if (isContradicted) this.buffer.ignoreLength();
  }

  get hasRead(): boolean {
    return this.#steps > 0;
  }

  /** Request time of the oldest page, or of the length if no page is loaded. */
  get oldestSentAt(): number {
    return this.#oldestSentAt === Infinity
      ? (this.source.cache.length?.sentAt ?? this.#oldestSentAt)
      : this.#oldestSentAt;
  }

  /** Incremented with each change, to detect a search without progress. */
  get steps(): number {
    return this.#steps;
  }

  advance(): void {
    this.#steps += 1;
  }

  /** Adds to the cache what other instances have read, once per operation; null without other instances. */
  syncFromPeers(): Promise<void> | null {
    const { syncFromPeers, capabilities } = this.source;
    if (syncFromPeers === null) return null;
    return (this.#synced ??= syncFromPeers().then(() => {
      this.buffer.expectPageSize(capabilities.pageSize);
      this.loadLength('normal');
    }));
  }

  /** Loads the length from the cache; returns whether a usable one is cached. */
  loadLength(readMode: ReadMode): boolean {
    const { length } = this.source.cache;
    if (length === null) return false;
    const freshness = this.source.freshnessOf(length.sentAt, 'present', readMode);
    if (freshness === 'expired') return false;
    this.#cachedLength = { sentAt: length.sentAt, freshness, readMode };
    this.buffer.expectLength(length.totalCount);
    return true;
  }

  /** Records a use of the cached length, unless loaded pages state the length. */
  useLength(causes: readonly FieldPath[]): void {
    if (this.#cachedLength === null || this.buffer.hasPages) return;
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

  /** From now on, indexes names during waiting times. */
  expectLookUps(): void {
    this.#expectsLookUps = true;
    this.rows.index();
  }

  /** Adds a page, fetched or cached. */
  absorbPage({ pageIndex, pageSize }: PageNumber, answer: ListAnswer<Row>): void {
    const { buffer, source } = this;
    const place = placeOf(pageIndex, pageSize, answer);
    if (place.isRegular) source.capabilities.learnPageSize(place.pageSize, answer);
    this.#oldestSentAt = Math.min(this.#oldestSentAt, answer.sentAt);
    this.#pages.set(pageIndex, answer);
    buffer.absorb(pageIndex, pageSize, answer);
    if (buffer.contradictsLength) source.cache.contradictLength(answer);
    this.rows.add(answer, place, false);
    this.#absorbed();
  }

  absorbRows(answer: ListAnswer<Row>): void {
    this.rows.add(answer, null, false);
    this.#absorbed();
  }

  dropStalePages(): boolean {
    if (!this.buffer.dropStalePages()) return false;
    for (const [pageIndex, answer] of this.#pages) {
      if (this.buffer.holds(pageIndex, answer)) continue;
      this.#pages.delete(pageIndex);
      this.rows.remove(answer);
    }
    return true;
  }

  /**
   * The row of a name among loaded rows, or on an earlier page that is cached and fresh; undefined if none is known to
   * be the first.
   */
  row(name: string, precedence: Precedence<Row>): Row | undefined {
    const { isComplete } = this.buffer;
    const mayCount = (answer: ListAnswer<Row>) => precedence.firstSince(answer, name) !== null;
    const own = isComplete ? this.rows.row(name) : this.rows.goodRow(name, mayCount);
    if (own === undefined) return undefined;
    const page = this.rows.pageIndexOf(own.answer);
    if (page === null || page === 1 || isComplete) return own.row;
    const { cache } = this.source;
    const cached = cache.row(name);
    const cachedPage = cached === undefined ? null : cache.pageIndexOf(cached.answer);
    const sentAt = cached?.answer.sentAt ?? -Infinity;
    const isBefore = cachedPage !== null && cachedPage < page;
    const isFirst = isBefore && this.source.freshnessOf(sentAt, 'present', 'normal') !== 'expired';
    const since = Math.min(precedence.firstSince(own.answer, name) ?? Infinity, isFirst ? sentAt : Infinity);
    if (since < Infinity) this.source.dateBy(since);
    return isFirst && cached !== undefined ? cached.row : own.row;
  }

  /**
   * Finds a page size that the upstream accepts after a rejected page. Rejects with its error if the size was not the
   * reason.
   */
  fitPageSize(rejection: UpstreamError, page: PageNumber, causes: readonly FieldPath[]): Promise<void> {
    this.#fitting ??= this.#fitPageSize(rejection, page, causes).finally(() => {
      this.#fitting = null;
      this.advance();
    });
    return this.#fitting;
  }

  async #fitPageSize(
    rejection: UpstreamError,
    { pageIndex, pageSize: rejected }: PageNumber,
    causes: readonly FieldPath[],
  ): Promise<void> {
    const { buffer, source } = this;
    const { capabilities } = source;
    if (buffer.pageSize < rejected) return;
    if (capabilities.acceptsPageSize(rejected) || buffer.hasPages) throw rejection;
    if (capabilities.pageSize < rejected) {
      buffer.expectPageSize(capabilities.pageSize);
      return;
    }
    // A row of the page may be the reason: then another page of this size is accepted, also one after the list's end.
    const other = { pageIndex: pageIndex === 1 ? 2 : 1, pageSize: rejected };
    if ((await this.#acceptedPage(other, causes)) !== null) throw rejection;
    for (let size = Math.floor(rejected / 2); size >= minPageSize; size = Math.floor(size / 2)) {
      const page = { pageIndex: 1, pageSize: size };
      const answer = await this.#acceptedPage(page, causes);
      if (answer === null) continue;
      capabilities.learnLargestPageSize(size);
      buffer.expectPageSize(size);
      this.absorbPage(page, answer);
      return;
    }
    throw rejection;
  }

  async #acceptedPage(page: PageNumber, causes: readonly FieldPath[]): Promise<ListAnswer<Row> | null> {
    try {
      return await this.source.fetch({ ...page, filter: null }, causes);
    } catch (error) {
      if (!mayRejectSize(error)) throw error;
      return null;
    }
  }

  #absorbed(): void {
    if (this.#expectsLookUps) this.rows.index();
    this.advance();
  }
}
