/**
 * One list of a tenant as a part of those of many: by readers of its own, which are dropped with what they have read.
 */
import type { CursorRange } from '../list-query/top-k-window.ts';
import type { TenantKey } from '../model.ts';
import { readWhole, sizeBeforeWhole, type RowReader } from '../planner/list-reader.ts';
import type { Planner, TenantReaders } from '../planner/planner.ts';
import type { Join } from '../planner/row-keys.ts';
import type { FieldPath } from '../scope.ts';
import { listedWindow, fingerprintsOf, visitMatches, type RowQuery } from './filtered-connection.ts';
import { placesOf, readSpan, type ListedPlace } from './listed-window.ts';

/** A list that each tenant has, and what is asked of it. */
export interface TenantRowQuery<Row, Joined> extends Pick<RowQuery<Row, Joined>, 'predicate' | 'order'> {
  readonly readerOf: (readers: TenantReaders) => RowReader<Row>;
  /** The list whose rows decide with those of this one, and how they are found there. */
  readonly joinedOf: (readers: TenantReaders) => RowReader<Joined>;
  readonly join: Join<Row>;
  /** Whether the joined row of every row is looked at, whatever else the row is like. */
  readonly readsAllJoined: boolean;
  /** What distinguishes a row from all others of its tenant. */
  readonly identityOf: (row: Row) => string;
}

/** Rows that follow each other among those that are asked for. */
export interface Slice<Row> {
  readonly rows: readonly Row[];
  readonly places: readonly ListedPlace[];
  /** Of all that are asked for in the tenant. */
  readonly totalCount: number;
  /** Whether the tenant has one of them before these rows, and behind them. */
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

/** A tenant's rows by their number alone. */
function countOf(totalCount: number): Slice<never> {
  const hasRows = totalCount > 0;
  return { rows: [], places: [], totalCount, hasPrevious: hasRows, hasNext: hasRows };
}

/** All of it rejects with the UpstreamError that costs the tenant. */
export class TenantRows<Row, Joined> {
  /** Whether a list went on changing while it was read. */
  changedWhileRead = false;
  readonly #query: TenantRowQuery<Row, Joined>;
  readonly #planner: Planner;
  readonly #cause: FieldPath;

  constructor(query: TenantRowQuery<Row, Joined>, planner: Planner, cause: FieldPath) {
    this.#query = query;
    this.#planner = planner;
    this.#cause = cause;
  }

  /** Visits the rows that are asked for. */
  visit(tenant: TenantKey, take: (row: Row, joined: Joined | null) => void): Promise<void> {
    return this.#withRows(tenant, ({ rows, query }) =>
      visitMatches(rows, query, (row, _position, joined) => {
        take(row, joined);
      }),
    );
  }

  /** Their number alone, as a slice without rows. */
  async count(tenant: TenantKey): Promise<Slice<Row>> {
    if (this.#query.predicate !== null) {
      let count = 0;
      await this.visit(tenant, () => {
        count += 1;
      });
      return countOf(count);
    }
    await this.#giveWay();
    const window = await this.#readerOf(tenant).window({
      range: () => ({ start: 0, end: 0 }),
      needsTotalCount: true,
      cause: this.#cause,
    });
    this.changedWhileRead ||= window.changedWhileRead;
    return countOf(window.totalCount ?? 0);
  }

  /** Those of them, in the list's order, that stand at the beginning of a span, or at its end. */
  async slice(
    tenant: TenantKey,
    span: CursorRange<ListedPlace>,
    needsTotalCount: boolean,
  ): Promise<Slice<Row>> {
    if (this.#query.predicate === null) return this.#window(tenant, span, needsTotalCount);
    return this.#withRows(tenant, async ({ rows, query, identityOf }) => {
      const marks = fingerprintsOf(rows, identityOf);
      const { window, isCertain } = listedWindow<Row>(marks, {
        ...span,
        after: span.after?.anchor ?? null,
        before: span.before?.anchor ?? null,
      });
      this.changedWhileRead ||= !isCertain;
      await visitMatches(rows, query, (row, position) => {
        window.add(row, position);
      });
      const { rows: shown, ...counts } = window.finish();
      return {
        rows: shown.map(({ row }) => row),
        // At once, so that nothing holds the tenant's other rows.
        places: shown.map(({ place }) => ({ anchor: marks.anchor(place), length: null })),
        ...counts,
      };
    });
  }

  async #window(
    tenant: TenantKey,
    span: CursorRange<ListedPlace>,
    needsTotalCount: boolean,
  ): Promise<Slice<Row>> {
    await this.#giveWay();
    const reader = this.#readerOf(tenant);
    const { pace } = this.#planner;
    const window = await readSpan(reader, span, { needsTotalCount, pace, cause: this.#cause });
    this.changedWhileRead ||= window.changedWhileRead;
    const placeAt = placesOf(reader, window);
    const places = window.rows.map((_row, index) => placeAt(index));
    return {
      rows: window.rows,
      places,
      totalCount: window.totalCount ?? window.range.end,
      hasPrevious: window.range.start > 0,
      hasNext: window.hasMore,
    };
  }

  /** Assembling a cached list blocks the event loop, and many tenants may start at once. */
  async #giveWay(): Promise<void> {
    const pace = this.#planner.pace(1);
    if (pace.shouldYield) await pace.yield();
  }

  #readerOf(tenant: TenantKey): RowReader<Row> {
    return this.#query.readerOf(this.#planner.separateReaders(tenant));
  }

  /** Reads all of a tenant's rows for some work, after which nothing holds them. */
  async #withRows<Result>(
    tenant: TenantKey,
    work: (read: {
      readonly rows: readonly Row[];
      readonly identityOf: (row: Row) => string;
      readonly query: RowQuery<Row, Joined>;
    }) => Promise<Result>,
  ): Promise<Result> {
    await this.#giveWay();
    const { predicate, order, join, readerOf, joinedOf, readsAllJoined } = this.#query;
    const readers = this.#planner.separateReaders(tenant);
    const reader = readerOf(readers);
    const joined = joinedOf(readers);
    const ahead = readsAllJoined ? joined : null;
    const size = await sizeBeforeWhole(reader, joined, this.#cause, ahead);
    return this.#planner.withRowLimit(size, async () => {
      const { rows, changedWhileRead } = await readWhole(reader, this.#cause, ahead);
      this.changedWhileRead ||= changedWhileRead;
      const query = {
        predicate,
        order,
        join: (some: readonly Row[]) => joined.find(some, join, () => [this.#cause]),
        joined,
        planner: this.#planner,
      };
      return work({ rows, identityOf: (row) => reader.identityOf(row), query });
    });
  }
}
