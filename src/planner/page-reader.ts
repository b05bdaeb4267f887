/** Reads pages of one list for one operation: those that memory has are taken from there, each other one once. */
import { lengthRequest, type PageRequest } from '../endpoint/collection.ts';
import { UpstreamError } from '../errors.ts';
import type { FieldPath } from '../scope.ts';
import { SupersededCall } from '../transport/transport.ts';
import { mayRefuseSize, type AtHand, type UsableFreshness } from './at-hand.ts';
import type { Occasion } from './freshness.ts';
import type { ListAnswer } from './list-memory.ts';
import type { Range } from './page-shelf.ts';

interface PageRead {
  readonly landing: Promise<void>;
  readonly causes: FieldPath[];
}

export const wholeList: Range = { start: 0, end: Infinity };

export class PageReader<Row> {
  readonly #atHand: AtHand<Row>;
  readonly #recalled = new Set<number>();
  readonly #reads = new Map<number, PageRead>();
  #lengthRead: Promise<number | null> | null = null;

  constructor(atHand: AtHand<Row>) {
    this.#atHand = atHand;
  }

  /** The numbers of the pages that neither this operation nor memory has. */
  unread(): number[] {
    return this.#atHand.shelf.missing(wholeList).filter((page) => this.#remembered(page, 'usual') === null);
  }

  /** Takes those of the pages that memory has; returns the others. */
  recall(
    pages: readonly number[],
    causes: readonly FieldPath[],
    occasion: Occasion = 'usual',
  ): readonly number[] {
    const { shelf, source } = this.#atHand;
    const { pageSize } = shelf;
    return pages.filter((pageIndex) => {
      const remembered = this.#remembered(pageIndex, occasion);
      if (remembered === null) return true;
      source.freshnessOf(remembered.answer.sentAt, 'present', occasion);
      this.#recalled.add(pageIndex);
      this.#atHand.absorbRecalled({ pageIndex, pageSize }, remembered.answer);
      source.onRecall({ ...remembered, page: { pageIndex, pageSize }, occasion, causes });
      return false;
    });
  }

  /** Fetches pages, unless they are on their way. Rejects with the UpstreamError of the first that failed. */
  async read(pages: readonly number[], causes: readonly FieldPath[]): Promise<void> {
    await Promise.all(
      pages.map((pageIndex) => {
        const read = this.#reads.get(pageIndex) ?? this.#startRead(pageIndex);
        read.causes.push(...causes);
        return read.landing;
      }),
    );
  }

  /** Asks for the length of the list alone, unless a page is already being read, which tells it as well. */
  async readLength(cause: FieldPath): Promise<void> {
    const { shelf } = this.#atHand;
    await this.settle();
    if (shelf.extent !== null || shelf.hasNoLength) return;
    this.#lengthRead ??= this.#fetchLength(cause);
    if ((await this.#lengthRead) === null) await this.read([1], [cause]);
  }

  /** Tells that a length from memory was used where no page stands for it. */
  observeLength(cause: FieldPath): void {
    const { lengthFreshness, shelf, source } = this.#atHand;
    if (lengthFreshness === null || shelf.hasPages) return;
    this.#atHand.useLength();
    const { pageIndex, pageSize } = lengthRequest;
    source.onRecall({
      answer: null,
      freshness: lengthFreshness,
      occasion: this.#lengthRead === null ? 'usual' : 'last-resort',
      page: { pageIndex, pageSize },
      causes: [cause],
    });
  }

  /** Reads along with others what they are reading of the list, unless those are more pages than `most`. */
  join(most: number, causes: readonly FieldPath[]): void {
    const pages = this.#airbornePages().map(({ pageIndex }) => pageIndex);
    // Whether one of them fails is told where it is needed.
    if (pages.length <= most) this.read(pages, causes).catch(() => undefined);
  }

  /** Resolves when the reads that were started until the end of this tick have come to an end, whatever that is. */
  async settle(): Promise<void> {
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    await Promise.allSettled([...this.#reads.values()].map(({ landing }) => landing));
  }

  /** The pages that others are reading at the moment. */
  #airbornePages(): readonly PageRequest[] {
    const { shelf, source } = this.#atHand;
    return source.airborne().filter(({ filter, pageSize }) => filter === null && pageSize === shelf.pageSize);
  }

  async #fetchLength(cause: FieldPath): Promise<number | null> {
    const { shelf, source } = this.#atHand;
    const isKnown = (occasion: Occasion = 'usual') => this.#atHand.recallLength(occasion);
    try {
      // Any page tells it as well; others wait for that one, whatever is known of the length meanwhile.
      const [page] = this.#airbornePages();
      const request = page ?? lengthRequest;
      const { totalCount } = await source.fetch(request, [cause], {
        isSettled: page === undefined ? isKnown : undefined,
      });
      if (totalCount !== null) shelf.expectLength(totalCount);
      return totalCount;
    } catch (error) {
      // Whoever had made the call had less use for it than this operation.
      if (error instanceof SupersededCall && !isKnown()) return this.#fetchLength(cause);
      const isReplaced =
        error instanceof SupersededCall ||
        (error instanceof UpstreamError && error.retryable && isKnown('last-resort'));
      if (!isReplaced) throw error;
      return shelf.extent;
    }
  }

  #remembered(
    pageIndex: number,
    occasion: Occasion,
  ): { answer: ListAnswer<Row>; freshness: UsableFreshness } | null {
    // What was taken from memory once and taken off again has become outdated.
    if (occasion === 'usual' && this.#recalled.has(pageIndex)) return null;
    const { shelf, source } = this.#atHand;
    const answer = source.memory.page({ pageIndex, pageSize: shelf.pageSize });
    const freshness =
      answer === undefined ? 'expired' : source.peekFreshness(answer.sentAt, 'present', occasion);
    return answer === undefined || freshness === 'expired' ? null : { answer, freshness };
  }

  /** A page that could not be read is not tried again by the same operation. */
  #startRead(pageIndex: number): PageRead {
    const causes: FieldPath[] = [];
    const landing = this.#fetch(pageIndex, causes).then(() => {
      this.#reads.delete(pageIndex);
    });
    const read = { landing, causes };
    this.#reads.set(pageIndex, read);
    return read;
  }

  async #fetch(pageIndex: number, causes: readonly FieldPath[]): Promise<void> {
    const { pageSize } = this.#atHand.shelf;
    try {
      const answer = await this.#atHand.source.fetch({ pageIndex, pageSize, filter: null }, causes);
      this.#atHand.absorbPage({ pageIndex, pageSize }, answer);
    } catch (error) {
      // What is missing then is another page.
      if (mayRefuseSize(error)) return this.#atHand.fitPageSize(error, { pageSize, isPage: true }, causes);
      const isReplaced =
        error instanceof UpstreamError &&
        error.retryable &&
        this.recall([pageIndex], causes, 'last-resort').length === 0;
      if (!isReplaced) throw error;
    }
  }
}
