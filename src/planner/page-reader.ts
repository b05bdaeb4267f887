/** Reads pages of one list for one operation: those that are cached are taken from there, each other one once. */
import { lengthRequest, type PageRequest } from '../endpoint/collection.ts';
import type { FieldPath } from '../scope.ts';
import { SupersededError } from '../transport/transport.ts';
import type { ListAnswer } from './list-cache.ts';
import { cachedPage, mayRefuseSize, orCached, useCachedPage } from './list-source.ts';
import type { ListView } from './list-view.ts';
import type { Range } from './page-buffer.ts';

interface PageRead {
  readonly done: Promise<void>;
  readonly causes: FieldPath[];
}

export const wholeList: Range = { start: 0, end: Infinity };

export class PageReader<Row> {
  readonly #view: ListView<Row>;
  /** Pages that were taken from the cache: one that is taken off again is outdated. */
  readonly #taken = new Set<number>();
  readonly #reads = new Map<number, PageRead>();
  #lengthRead: Promise<void> | null = null;

  constructor(view: ListView<Row>) {
    this.#view = view;
  }

  /** The numbers of the pages that neither this operation nor the cache has. */
  unread(): number[] {
    const { shelf, source } = this.#view;
    const { pageSize } = shelf;
    return shelf
      .missing(wholeList)
      .filter(
        (pageIndex) =>
          this.#taken.has(pageIndex) || cachedPage(source, { pageIndex, pageSize }, 'normal') === null,
      );
  }

  /** Takes those of the pages that are cached; returns the others. */
  takeCached(pages: readonly number[], causes: readonly FieldPath[]): readonly number[] {
    const { shelf, source } = this.#view;
    const { pageSize } = shelf;
    return pages.filter((pageIndex) => {
      if (this.#taken.has(pageIndex)) return true;
      const answer = useCachedPage(source, { pageIndex, pageSize }, 'normal', causes);
      if (answer === null) return true;
      this.#taken.add(pageIndex);
      this.#view.absorbPage({ pageIndex, pageSize }, answer);
      return false;
    });
  }

  /** Fetches pages, unless they are on their way. Rejects with the UpstreamError of the first that failed. */
  async read(pages: readonly number[], causes: readonly FieldPath[]): Promise<void> {
    await Promise.all(
      pages.map((pageIndex) => {
        const read = this.#reads.get(pageIndex) ?? this.#startRead(pageIndex);
        read.causes.push(...causes);
        return read.done;
      }),
    );
  }

  /** Asks for the length of the list alone, unless a page is already being read, which brings it as well. */
  async readLength(cause: FieldPath): Promise<void> {
    const { shelf } = this.#view;
    const isKnown = () => shelf.length !== null || shelf.hasNoLength;
    await this.finishReads();
    if (isKnown()) return;
    const { source } = this.#view;
    // The first page shows whether the list has metadata at all.
    const first = cachedPage(source, { pageIndex: 1, pageSize: shelf.pageSize }, 'normal');
    if (first?.answer.totalCount !== null) {
      await (this.#lengthRead ??= this.#fetchLength(cause));
      if (isKnown()) return;
    }
    await this.read(this.takeCached([1], [cause]), [cause]);
  }

  /** Reads along with others what they are reading of the list, unless those are more pages than `most`. */
  join(most: number, causes: readonly FieldPath[]): void {
    const pages = this.#pagesInFlight().map(({ pageIndex }) => pageIndex);
    // If one of them fails, the error is reported where its rows are needed.
    if (pages.length <= most) this.read(pages, causes).catch(() => undefined);
  }

  /** Resolves when the reads that were started until the end of this tick have come to an end, whatever that is. */
  async finishReads(): Promise<void> {
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    await Promise.allSettled([...this.#reads.values()].map(({ done }) => done));
  }

  #pagesInFlight(): readonly PageRequest[] {
    const { shelf, source } = this.#view;
    return source.airborne().filter(({ filter, pageSize }) => filter === null && pageSize === shelf.pageSize);
  }

  async #fetchLength(cause: FieldPath): Promise<void> {
    const { shelf, source } = this.#view;
    const isCached = () => this.#view.takeLength('normal');
    // A page in flight brings it as well, and is waited for even if the length becomes known meanwhile.
    const [page] = this.#pagesInFlight();
    const isResolved = page === undefined ? isCached : undefined;
    const fetching = source.fetch(page ?? lengthRequest, [cause], { isResolved }).then(({ totalCount }) => {
      if (totalCount !== null) shelf.expectLength(totalCount);
    });
    try {
      await orCached(fetching, () => (this.#view.takeLength('if-error') ? undefined : null));
    } catch (error) {
      if (!(error instanceof SupersededError)) throw error;
      // The operation that had made the call needed it less than this one.
      if (!isCached()) await this.#fetchLength(cause);
    }
  }

  /** A page that could not be read is not tried again by the same operation. */
  #startRead(pageIndex: number): PageRead {
    const causes: FieldPath[] = [];
    const done = this.#fetch(pageIndex, causes).then(() => {
      this.#reads.delete(pageIndex);
    });
    const read = { done, causes };
    this.#reads.set(pageIndex, read);
    return read;
  }

  async #fetch(pageIndex: number, causes: readonly FieldPath[]): Promise<void> {
    const { shelf, source } = this.#view;
    const page = { pageIndex, pageSize: shelf.pageSize };
    let answer: ListAnswer<Row>;
    try {
      answer = await orCached(source.fetch({ ...page, filter: null }, causes), () =>
        useCachedPage(source, page, 'if-error', causes),
      );
    } catch (error) {
      if (!mayRefuseSize(error)) throw error;
      // What is missing then is another page.
      return this.#view.fitPageSize(error, { pageSize: page.pageSize, isPage: true }, causes);
    }
    this.#view.absorbPage(page, answer);
  }
}
