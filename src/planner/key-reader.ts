/**
 * Looks rows of one list up by keys for one operation. A filter is never trusted to have been applied: the rows that
 * come back tell, and what they tell of the deployment is learned.
 */
import { lengthOf, type Filter, type Page, type PageRequest } from '../endpoint/collection.ts';
import { UpstreamError } from '../errors.ts';
import { foldName } from '../fold.ts';
import type { FieldPath } from '../scope.ts';
import { SupersededError } from '../transport/transport.ts';
import { mayRefuseSize, type FetchOptions } from './list-source.ts';
import type { ListView } from './list-view.ts';
import type { Dialect, Plan } from './choose.ts';
import type { ListAnswer, PageNumber } from './list-cache.ts';
import { placeOf } from './page-buffer.ts';
import type { Asking } from './request-index.ts';

type Probe = Extract<Plan, { kind: 'probe' }>;

export class KeyReader<Row> {
  readonly #view: ListView<Row>;
  /** Forms of the filter that were refused: because the deployment does not know them, or for the sake of the keys. */
  readonly #refused = new Set<Filter['dialect']>();
  #keysPerCall: number;

  constructor(view: ListView<Row>) {
    this.#view = view;
    this.#keysPerCall = view.source.knowledge.keysPerCall;
  }

  get keysPerCall(): number {
    return Math.min(this.#keysPerCall, this.#view.source.knowledge.keysPerCall);
  }

  get takesBothNames(): boolean {
    return !this.#refused.has('either');
  }

  /** The filters of the look-ups of several keys that others are making at the moment. */
  airborne(): readonly Filter[] {
    const { source, shelf } = this.#view;
    return source.airborne().flatMap(({ filter, pageIndex, pageSize }) => {
      const isLookUp = filter !== null && filter.dialect !== 'singular' && pageIndex === 1;
      return isLookUp && pageSize === shelf.pageSize ? [filter] : [];
    });
  }

  /** Finds the dialect out with a page that is to be read anyway. */
  async probe({ filter, pageIndex }: Probe, causes: readonly FieldPath[]): Promise<void> {
    const { pageSize, length } = this.#view.shelf;
    const answer = await this.#fetchFiltered({ pageIndex, pageSize, filter }, causes);
    this.#view.advance();
    if (answer === null) return;
    // A list that a filter has not made shorter was not filtered.
    if (answer.totalCount === length) this.#absorbUnfiltered(filter, { pageIndex, pageSize }, answer);
    else this.#view.source.knowledge.learnDialect('plural');
  }

  /**
   * Makes the look-up, and remembers which of the requests that ask for its keys have no row under them.
   *
   * @param isResolved whether all of them are resolved by now, without it
   */
  async lookUp(wanted: Filter, asking: Asking, isResolved: () => boolean): Promise<void> {
    const { source } = this.#view;
    const { knowledge, isObserved } = source;
    const { pageSize } = this.#view.shelf;
    const causes = asking.flatMap(([request]) => request.causes);
    const options = { isResolved, keys: isObserved ? keysOf(asking, wanted) : undefined };
    let filter = wanted;
    let asked: ReadonlyMap<string, number> = new Map();
    const answers: ListAnswer<Row>[] = [];
    let answer: ListAnswer<Row> | null;
    let own: ListAnswer<Row>;
    const seen = new Set<string>();
    let received = 0;
    for (let pageIndex = 1; ; pageIndex++) {
      answer = await this.#fetchFiltered({ pageIndex, pageSize, filter }, causes, options);
      if (answer === null) return;
      if (pageIndex === 1) {
        filter = answer.filter ?? wanted;
        asked = new Map(filter.keys.map((key, position) => [foldName(key), position]));
      }
      if (!this.#looksFiltered(answer, asked)) {
        this.#absorbUnfiltered(filter, { pageIndex, pageSize }, answer);
        return;
      }
      // Another operation may have made the call of this page, for the same keys.
      own = answer.filter === filter ? answer : { ...answer, filter };
      answers.push(own);
      const before = seen.size;
      for (const row of answer.rows) seen.add(this.#view.source.traits.identityOf(row));
      received += lengthOf(answer);
      // Without a length, there may be a row for each key.
      const isLast = received >= (answer.totalCount ?? asked.size);
      if (seen.size === before || isLast) break;
    }
    for (const page of answers) this.#view.absorbRows(page);
    const rows = answers.flatMap((page) => page.rows);
    const positions = rows.flatMap((row) => asked.get(this.#filterKeyOf(row)) ?? []);
    knowledge.learnHonoured(filter, positions, asking.length);
    // It honours the one name and has refused the other, which it may have known before.
    if (positions.length > 0 && filter.dialect !== 'either' && this.#refused.has(otherThan(filter.dialect)))
      knowledge.replaceDialect(filter.dialect);
    const tested = new Set(this.#testedKeys(filter, positions).map((key) => foldName(key)));
    const present = new Set(rows.flatMap((row) => this.#view.source.traits.indexKeysOf(row)));
    const absent = asking
      .flatMap(([, rowKeys]) => rowKeys)
      .filter(({ index, filterKey }) => tested.has(foldName(filterKey ?? '')) && !present.has(index))
      .map(({ index }) => index);
    this.#view.rows.keepAbsences(absent, own);
    source.keepAbsences(absent, answer);
  }

  /** Null if the deployment refuses this form of the filter and another one is worth a try, and if superseded. */
  async #fetchFiltered(
    request: PageRequest & { readonly filter: Filter },
    causes: readonly FieldPath[],
    options?: FetchOptions,
  ): Promise<ListAnswer<Row> | null> {
    const { knowledge } = this.#view.source;
    const { dialect, keys } = request.filter;
    try {
      const answer = await this.#view.source.fetch(request, causes, options);
      // It was not the keys that it refused.
      if (dialect === 'plural' && this.#refused.has('either')) knowledge.learnDialect('plural');
      if (dialect === 'singular' && this.#refused.has('plural')) knowledge.learnDialect('singular');
      return answer;
    } catch (error) {
      if (error instanceof SupersededError) {
        this.#view.advance();
        return null;
      }
      if (!(error instanceof UpstreamError) || error.code !== 'UPSTREAM_REFUSED') throw error;
      this.#view.advance();
      if (knowledge.learnRefused(keys.length)) {
        this.#keysPerCall = knowledge.keysPerCall;
        return null;
      }
      // Another operation may have learned meanwhile which form the deployment knows.
      if (this.dialect !== 'unknown' && this.dialect !== dialect) return null;
      if (this.#hasAnotherForm(dialect)) {
        this.#refused.add(dialect);
        return null;
      }
      if (!mayRefuseSize(error)) throw error;
      await this.#view.fitPageSize(error, { pageSize: request.pageSize, isPage: false }, causes);
      // It was not the filter that was refused.
      this.#refused.clear();
      return null;
    }
  }

  /** What is known of the deployment, or else what is left to try: it may have changed since. */
  get dialect(): Dialect {
    const { dialect } = this.#view.source.knowledge;
    if (dialect === 'none') return dialect;
    if (this.#refused.has('plural')) return 'singular';
    return this.#refused.has('singular') ? 'plural' : dialect;
  }

  /** Whether a look-up that was refused in this form is worth a try in another one. */
  #hasAnotherForm(refused: Filter['dialect']): boolean {
    if (this.#refused.has(refused)) return false;
    if (refused === 'either') return true;
    return this.#view.source.knowledge.hasSingular && !this.#refused.has(otherThan(refused));
  }

  /**
   * Whether the deployment has applied the filter: every row was asked for. A deployment may also find a row by another
   * of its user's addresses, so a few rows that were not asked for do not yet make it the whole list.
   */
  #looksFiltered({ rows, totalCount }: Page<Row>, asked: ReadonlyMap<string, number>): boolean {
    if (rows.every((row) => asked.has(this.#filterKeyOf(row)))) return true;
    if ((totalCount ?? rows.length) > asked.size) return false;
    return asked.size === 1 || (this.#view.shelf.length ?? 0) > asked.size;
  }

  /** The keys that this look-up has shown to be absent where they did not come back. */
  #testedKeys({ dialect, keys }: Filter, positions: readonly number[]): readonly string[] {
    const { knowledge } = this.#view.source;
    const isPlural =
      dialect === 'plural' || knowledge.dialect === 'plural' || positions.some((position) => position > 0);
    if (!isPlural) return keys.slice(0, 1);
    const tested = knowledge.trustedKeys(keys);
    // The others are asked for again, few enough at a time to be believed.
    if (tested.length < keys.length) this.#keysPerCall = tested.length;
    return tested;
  }

  #filterKeyOf(row: Row): string {
    return foldName(this.#view.source.traits.filterKeyOf(row) ?? '');
  }

  /** A page of the whole list, though a part of it was asked for. */
  #absorbUnfiltered(filter: Filter, page: PageNumber, answer: ListAnswer<Row>): void {
    const { knowledge, memory } = this.#view.source;
    knowledge.learnIgnored(filter);
    memory.place(answer, placeOf(page.pageIndex, page.pageSize, answer));
    this.#view.absorbPage(page, answer);
  }
}

function otherThan(dialect: 'plural' | 'singular'): 'plural' | 'singular' {
  return dialect === 'plural' ? 'singular' : 'plural';
}

/** Those of a filter's keys that are looked for: it may be another operation's, with keys of its own. */
function keysOf(asking: Asking, { keys }: Filter): readonly string[] {
  const wanted = new Set(
    asking.flatMap(([, rowKeys]) =>
      rowKeys.flatMap(({ filterKey }) => (filterKey === undefined ? [] : foldName(filterKey))),
    ),
  );
  return keys.filter((key) => wanted.has(foldName(key)));
}
