/**
 * Decides which rows are known to be the first of their name in the list: rows that were looked up, and rows of a page
 * with no missing page before it. An id names one row, at any position.
 */
import type { ReadMode } from './freshness.ts';
import type { ListAnswer, ListCache } from './list-cache.ts';
import type { ListSource } from './list-source.ts';
import { isIdName } from './row-keys.ts';

interface View<Row> {
  readonly rows: ListCache<Row>;
  readonly source: Pick<ListSource<Row>, 'cache' | 'freshnessOf'>;
}

export class Precedence<Row> {
  readonly #view: View<Row>;
  readonly #readMode: ReadMode;
  readonly #known = new Map<ListAnswer<Row>, number | null>();
  /** Consecutive pages from the first that are loaded, and when the oldest cached one was requested. */
  #pages = 0;
  #since = Infinity;

  constructor(view: View<Row>, readMode: ReadMode) {
    this.#view = view;
    this.#readMode = readMode;
  }

  /**
   * Request time of the oldest cached page that shows an answer's row to be the first of its name; Infinity if no page
   * is needed, null if the row may not be the first.
   */
  firstSince(answer: ListAnswer<Row>, name: string): number | null {
    if (isIdName(name)) return Infinity;
    let since = this.#known.get(answer);
    if (since === undefined) this.#known.set(answer, (since = this.#sinceOf(answer)));
    return since;
  }

  /** Call when cached entries may have been evicted. */
  reset(): void {
    this.#known.clear();
    this.#pages = 0;
    this.#since = Infinity;
  }

  #sinceOf(answer: ListAnswer<Row>): number | null {
    const { rows, source } = this.#view;
    const before = rows.before(answer) ?? source.cache.before(answer);
    if (before === null || !this.#isUsable(before.since)) return null;
    if (before.pages > 0 && !this.#isOfOneSize()) return null;
    while (this.#pages < before.pages && this.#hasPage(this.#pages + 1)) this.#pages += 1;
    if (this.#pages < before.pages) return null;
    return before.pages === 0 ? before.since : this.#since;
  }

  #hasPage(pageIndex: number): boolean {
    const { rows, source } = this.#view;
    if (rows.pageAt(pageIndex) !== undefined) return true;
    const cached = source.cache.pageAt(pageIndex);
    if (cached === undefined || !this.#isUsable(cached.sentAt)) return false;
    this.#since = Math.min(this.#since, cached.sentAt);
    return true;
  }

  /** Whether own and cached pages have one page size, or either has no pages. */
  #isOfOneSize(): boolean {
    const [own, cached] = [this.#view.rows.pageSize, this.#view.source.cache.pageSize];
    return own === cached || own === 0 || cached === 0;
  }

  #isUsable(sentAt: number): boolean {
    return this.#view.source.freshnessOf(sentAt, 'present', this.#readMode) !== 'expired';
  }
}
