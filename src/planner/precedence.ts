/**
 * Which rows are known to be the first of their name in the list's order, so that they count: those that were looked up,
 * and those of a page before which no page is missing. An id names one row, wherever it stands.
 */
import type { ReadMode } from './freshness.ts';
import type { ListAnswer, ListCache } from './list-cache.ts';
import type { ListSource } from './list-source.ts';
import { isIdName } from './row-keys.ts';

/** A list as one operation has it: what it has read, and what is cached. */
interface View<Row> {
  readonly rows: ListCache<Row>;
  readonly source: Pick<ListSource<Row>, 'memory' | 'freshnessOf'>;
}

export class Precedence<Row> {
  readonly #view: View<Row>;
  readonly #occasion: ReadMode;
  readonly #known = new Map<ListAnswer<Row>, number | null>();
  /** Pages that are at hand from the first on, and when the oldest cached one of them was asked for. */
  #pages = 0;
  #since = Infinity;

  constructor(view: View<Row>, occasion: ReadMode) {
    this.#view = view;
    this.#occasion = occasion;
  }

  /**
   * When the oldest of the cached pages was asked for that show an answer's row to be the first of its name; Infinity if
   * that takes none, and null if it may not be the first.
   */
  firstSince(answer: ListAnswer<Row>, name: string): number | null {
    if (isIdName(name)) return Infinity;
    let since = this.#known.get(answer);
    if (since === undefined) this.#known.set(answer, (since = this.#sinceOf(answer)));
    return since;
  }

  /** What was cached may have gone. */
  forget(): void {
    this.#known.clear();
    this.#pages = 0;
    this.#since = Infinity;
  }

  #sinceOf(answer: ListAnswer<Row>): number | null {
    const { rows, source } = this.#view;
    const before = rows.before(answer) ?? source.memory.before(answer);
    if (before === null || !this.#isUsable(before.since)) return null;
    if (before.pages > 0 && !this.#isOfOneSize()) return null;
    while (this.#pages < before.pages && this.#takePage(this.#pages + 1)) this.#pages += 1;
    if (this.#pages < before.pages) return null;
    return before.pages === 0 ? before.since : this.#since;
  }

  #takePage(pageIndex: number): boolean {
    const { rows, source } = this.#view;
    if (rows.pageAt(pageIndex) !== undefined) return true;
    const cached = source.memory.pageAt(pageIndex);
    if (cached === undefined || !this.#isUsable(cached.sentAt)) return false;
    this.#since = Math.min(this.#since, cached.sentAt);
    return true;
  }

  /** Whether the pages that were read and those that are cached, as far as there are both, are pages of one size. */
  #isOfOneSize(): boolean {
    const [own, cached] = [this.#view.rows.pageSize, this.#view.source.memory.pageSize];
    return own === cached || own === 0 || cached === 0;
  }

  #isUsable(sentAt: number): boolean {
    return this.#view.source.freshnessOf(sentAt, 'present', this.#occasion) !== 'expired';
  }
}
