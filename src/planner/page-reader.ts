/** Reads pages of one list for one operation: from the cache, else by one call each. */
import { lengthRequest, type PageRequest } from '../endpoint/collection.ts';
import type { FieldPath } from '../scope.ts';
import { SupersededError } from '../transport/transport.ts';
import type { ListAnswer } from './list-cache.ts';
import { cachedPage, mayRejectSize, orCached, useCachedPage } from './list-source.ts';
import type { ListView } from './list-view.ts';
import type { Range } from './page-buffer.ts';

interface PageRead {
  readonly done: Promise<void>;
  readonly causes: FieldPath[];
}

export const wholeList: Range = { start: 0, end: Infinity };

export class PageReader<Row> {
  readonly #view: ListView<Row>;
  /** Pages loaded from the cache. If one was dropped afterwards, its cached copy is outdated. */
  readonly #absorbed = new Set<number>();
  readonly #reads = new Map<number, PageRead>();
  #lengthRead: Promise<void> | null = null;

  constructor(view: ListView<Row>) {
    this.#view = view;
  }

  unread(): number[] {
    const { buffer, source } = this.#view;
    const { pageSize } = buffer;
    return buffer
      .missing(wholeList)
      .filter(
        (pageIndex) =>
          this.#absorbed.has(pageIndex) || cachedPage(source, { pageIndex, pageSize }, 'normal') === null,
      );
  }

  /** Loads the cached pages among these; returns the others. */
  absorbCached(pages: readonly number[], causes: readonly FieldPath[]): readonly number[] {
    const { buffer, source } = this.#view;
    const { pageSize } = buffer;
    return pages.filter((pageIndex) => {
      if (this.#absorbed.has(pageIndex)) return true;
      const answer = useCachedPage(source, { pageIndex, pageSize }, 'normal', causes);
      if (answer === null) return true;
      this.#absorbed.add(pageIndex);
      this.#view.absorbPage({ pageIndex, pageSize }, answer);
      return false;
    });
  }

  /** Fetches pages, joining reads in progress. Rejects with the first UpstreamError. */
  async read(pages: readonly number[], causes: readonly FieldPath[]): Promise<void> {
    await Promise.all(
      pages.map((pageIndex) => {
        const read = this.#reads.get(pageIndex) ?? this.#startRead(pageIndex);
        read.causes.push(...causes);
        return read.done;
      }),
    );
  }

  /** Fetches only the length of the list, unless a page in flight states it. */
  async readLength(cause: FieldPath): Promise<void> {
    const { buffer } = this.#view;
    const isKnown = () => buffer.length !== null || buffer.hasNoLength;
    await this.finishReads();
    if (isKnown()) return;
    const { source } = this.#view;
    // The first page shows whether the upstream sends metadata.
    const first = cachedPage(source, { pageIndex: 1, pageSize: buffer.pageSize }, 'normal');
    if (first?.answer.totalCount !== null) {
      await (this.#lengthRead ??= this.#fetchLength(cause));
      if (isKnown()) return;
    }
    await this.read(this.absorbCached([1], [cause]), [cause]);
  }

  /** Joins the list's pages in flight, unless there are more than `maxPages`. */
  joinInFlight(maxPages: number, causes: readonly FieldPath[]): void {
    const pages = this.#pagesInFlight().map(({ pageIndex }) => pageIndex);
    // A failure is reported when the rows are read.
    if (pages.length <= maxPages) this.read(pages, causes).catch(() => undefined);
  }

  /** Resolves when all reads that start before the end of this tick have ended, with or without an error. */
  async finishReads(): Promise<void> {
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    await Promise.allSettled([...this.#reads.values()].map(({ done }) => done));
  }

  #pagesInFlight(): readonly PageRequest[] {
    const { buffer, source } = this.#view;
    return source
      .requestsInFlight()
      .filter(({ filter, pageSize }) => filter === null && pageSize === buffer.pageSize);
  }

  async #fetchLength(cause: FieldPath): Promise<void> {
    const { buffer, source } = this.#view;
    const isCached = () => this.#view.loadLength('normal');
    // A page in flight states the length too, and is waited for even if the length becomes known meanwhile.
    const [page] = this.#pagesInFlight();
    const isResolved = page === undefined ? isCached : undefined;
    const fetching = source.fetch(page ?? lengthRequest, [cause], { isResolved }).then(({ totalCount }) => {
      if (totalCount !== null) buffer.expectLength(totalCount);
    });
    try {
      await orCached(fetching, () => (this.#view.loadLength('if-error') ? undefined : null));
    } catch (error) {
      if (!(error instanceof SupersededError)) throw error;
      // The operation that made the call no longer needed it.
      if (!isCached()) await this.#fetchLength(cause);
    }
  }

  /** A failed page is not read again by the same operation. */
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
    const { buffer, source } = this.#view;
    const page = { pageIndex, pageSize: buffer.pageSize };
    let answer: ListAnswer<Row>;
    try {
      answer = await orCached(source.fetch({ ...page, filter: null }, causes), () =>
        useCachedPage(source, page, 'if-error', causes),
      );
    } catch (error) {
      if (!mayRejectSize(error)) throw error;
      // Another page size changes which page is missing.
      return this.#view.fitPageSize(error, page, causes);
    }
    this.#view.absorbPage(page, answer);
  }
}
