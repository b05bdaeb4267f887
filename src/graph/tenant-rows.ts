/** Rows of one tenant in a list over many tenants, read by separate readers that are dropped afterwards. */
import type { CursorRange } from '../list-query/top-k-window.ts';
import type { TenantKey } from '../model.ts';
import { readWhole, sizeBeforeWhole, type RowReader } from '../planner/list-reader.ts';
import type { Planner, TenantReaders } from '../planner/planner.ts';
import type { Join } from '../planner/row-keys.ts';
import type { FieldPath } from '../scope.ts';
import { listedWindow, fingerprintsOf, visitMatches, type RowQuery } from './filtered-connection.ts';
import { placesOf, readCursorRange, type ListedPlace } from './listed-window.ts';

/** Collection of each tenant, with its filter and order. */
export interface TenantRowQuery<Row, Joined> extends Pick<RowQuery<Row, Joined>, 'predicate' | 'order'> {
  readonly readerOf: (readers: TenantReaders) => RowReader<Row>;
  /** The joined list; `join` finds rows in it. */
  readonly joinedOf: (readers: TenantReaders) => RowReader<Joined>;
  readonly join: Join<Row>;
  /** Whether the query needs every row's joined row. */
  readonly readsAllJoined: boolean;
  /** Unique within the tenant. */
  readonly identityOf: (row: Row) => string;
}

/** Consecutive matching rows of a tenant. */
export interface Slice<Row> {
  readonly rows: readonly Row[];
  readonly places: readonly ListedPlace[];
  /** Number of matching rows in the tenant. */
  readonly totalCount: number;
  /** Whether the tenant has matching rows before these and behind them. */
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

function countOf(totalCount: number): Slice<never> {
  const hasRows = totalCount > 0;
  return { rows: [], places: [], totalCount, hasPrevious: hasRows, hasNext: hasRows };
}

/** Every method rejects with UpstreamError if the tenant can't be read. */
export class TenantRows<Row, Joined> {
  changedWhileRead = false;
  readonly #query: TenantRowQuery<Row, Joined>;
  readonly #planner: Planner;
  readonly #cause: FieldPath;

  constructor(query: TenantRowQuery<Row, Joined>, planner: Planner, cause: FieldPath) {
    this.#query = query;
    this.#planner = planner;
    this.#cause = cause;
  }

  visit(tenant: TenantKey, take: (row: Row, joined: Joined | null) => void): Promise<void> {
    return this.#withRows(tenant, ({ rows, query }) =>
      visitMatches(rows, query, (row, _position, joined) => {
        take(row, joined);
      }),
    );
  }

  /** Counts the matching rows: a slice without rows. */
  async count(tenant: TenantKey): Promise<Slice<Row>> {
    if (this.#query.predicate !== null) {
      let count = 0;
      await this.visit(tenant, () => {
        count += 1;
      });
      return countOf(count);
    }
    await this.#yieldIfDue();
    const window = await this.#readerOf(tenant).window({
      range: () => ({ start: 0, end: 0 }),
      needsTotalCount: true,
      cause: this.#cause,
    });
    this.changedWhileRead ||= window.changedWhileRead;
    return countOf(window.totalCount ?? 0);
  }

  /** Matching rows in the upstream's order at the start or end of a range. */
  async slice(
    tenant: TenantKey,
    range: CursorRange<ListedPlace>,
    needsTotalCount: boolean,
  ): Promise<Slice<Row>> {
    if (this.#query.predicate === null) return this.#window(tenant, range, needsTotalCount);
    return this.#withRows(tenant, async ({ rows, query, identityOf }) => {
      const fingerprints = fingerprintsOf(rows, identityOf);
      const { window, isCertain } = listedWindow<Row>(fingerprints, {
        ...range,
        after: range.after?.anchor ?? null,
        before: range.before?.anchor ?? null,
      });
      this.changedWhileRead ||= !isCertain;
      await visitMatches(rows, query, (row, position) => {
        window.add(row, position);
      });
      const { rows: shown, ...counts } = window.finish();
      return {
        rows: shown.map(({ row }) => row),
        // Computed now, so that the tenant's other rows can be freed.
        places: shown.map(({ place }) => ({ anchor: fingerprints.anchor(place), length: null })),
        ...counts,
      };
    });
  }

  async #window(
    tenant: TenantKey,
    range: CursorRange<ListedPlace>,
    needsTotalCount: boolean,
  ): Promise<Slice<Row>> {
    await this.#yieldIfDue();
    const reader = this.#readerOf(tenant);
    const { pace } = this.#planner;
    const window = await readCursorRange(reader, range, { needsTotalCount, pace, cause: this.#cause });
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
  async #yieldIfDue(): Promise<void> {
    const pace = this.#planner.pace(1);
    if (pace.shouldYield) await pace.yield();
  }

  #readerOf(tenant: TenantKey): RowReader<Row> {
    return this.#query.readerOf(this.#planner.separateReaders(tenant));
  }

  /** Runs work on all rows of a tenant, without retaining them. */
  async #withRows<Result>(
    tenant: TenantKey,
    work: (read: {
      readonly rows: readonly Row[];
      readonly identityOf: (row: Row) => string;
      readonly query: RowQuery<Row, Joined>;
    }) => Promise<Result>,
  ): Promise<Result> {
    await this.#yieldIfDue();
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
