/**
 * One tenant's users as a part of those of many: by readers of its own, which are dropped with what they have read.
 */
import type { Condition } from '../listing/condition.ts';
import type { Order } from '../listing/order.ts';
import type { Span } from '../listing/ranked-window.ts';
import type { ProtectionStatusRecord, TenantKey, UserRecord } from '../model.ts';
import { readWhole, sizeBeforeWhole } from '../planner/list-reader.ts';
import type { Planner } from '../planner/planner.ts';
import { protectionJoin } from '../planner/row-keys.ts';
import type { FieldPath } from '../scope.ts';
import { listedWindow, marksOf, visitMatches, type Question } from './filtered-connection.ts';
import type { UserFilter, UserOrder } from './generated/resolvers.ts';
import { placesOf, readSpan, type ListedPlace } from './listed-window.ts';
import { looksAtAllProtection, userCondition, userOrder } from './user-question.ts';

interface UserQuestion {
  readonly filter?: UserFilter | null | undefined;
  readonly orderBy?: readonly UserOrder[] | null | undefined;
}

/** Rows that follow each other among those that are asked for. */
export interface Slice {
  readonly rows: readonly UserRecord[];
  readonly places: readonly ListedPlace[];
  /** Of all that are asked for in the tenant. */
  readonly totalCount: number;
  /** Whether the tenant has one of them before these rows, and behind them. */
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

/** A tenant's users by their number alone. */
function countOf(totalCount: number): Slice {
  const hasRows = totalCount > 0;
  return { rows: [], places: [], totalCount, hasPrevious: hasRows, hasNext: hasRows };
}

/** All of it rejects with the UpstreamError that costs the tenant. */
export class TenantUsers {
  readonly order: Order<UserRecord, ProtectionStatusRecord> | null;
  /** Whether a list went on changing while it was read. */
  changedWhileRead = false;
  readonly #condition: Condition<UserRecord, ProtectionStatusRecord> | null;
  readonly #looksAtAllProtection: boolean;
  readonly #planner: Planner;
  readonly #cause: FieldPath;

  /** @throws CallerError */
  constructor({ filter, orderBy }: UserQuestion, planner: Planner, cause: FieldPath) {
    this.order = userOrder(orderBy);
    this.#condition = userCondition(filter);
    this.#looksAtAllProtection = looksAtAllProtection(filter, orderBy);
    this.#planner = planner;
    this.#cause = cause;
  }

  /** Visits the users that are asked for. */
  visit(
    tenant: TenantKey,
    take: (user: UserRecord, protection: ProtectionStatusRecord | null) => void,
  ): Promise<void> {
    return this.#withRows(tenant, ({ rows, question }) =>
      visitMatches(rows, question, (row, _position, joined) => {
        take(row, joined);
      }),
    );
  }

  /** Their number alone, as a slice without rows. */
  async count(tenant: TenantKey): Promise<Slice> {
    if (this.#condition !== null) {
      let count = 0;
      await this.visit(tenant, () => {
        count += 1;
      });
      return countOf(count);
    }
    await this.#giveWay();
    const window = await this.#planner.separateReaders(tenant).users.window({
      range: () => ({ start: 0, end: 0 }),
      needsTotalCount: true,
      cause: this.#cause,
    });
    this.changedWhileRead ||= window.changedWhileRead;
    return countOf(window.totalCount ?? 0);
  }

  /** Those of them, in the list's order, that stand at the beginning of a span, or at its end. */
  async slice(tenant: TenantKey, span: Span<ListedPlace>, needsTotalCount: boolean): Promise<Slice> {
    if (this.#condition === null) return this.#window(tenant, span, needsTotalCount);
    return this.#withRows(tenant, async ({ rows, question, identityOf }) => {
      const marks = marksOf(rows, identityOf);
      const { window, isCertain } = listedWindow<UserRecord>(marks, {
        ...span,
        after: span.after?.anchor ?? null,
        before: span.before?.anchor ?? null,
      });
      this.changedWhileRead ||= !isCertain;
      await visitMatches(rows, question, (row, position) => {
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

  async #window(tenant: TenantKey, span: Span<ListedPlace>, needsTotalCount: boolean): Promise<Slice> {
    await this.#giveWay();
    const { users } = this.#planner.separateReaders(tenant);
    const { pace } = this.#planner;
    const window = await readSpan(users, span, { needsTotalCount, pace, cause: this.#cause });
    this.changedWhileRead ||= window.changedWhileRead;
    const placeAt = placesOf(users, window);
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

  /** Reads all of a tenant's users for some work, after which nothing holds them. */
  async #withRows<Result>(
    tenant: TenantKey,
    work: (read: {
      readonly rows: readonly UserRecord[];
      readonly identityOf: (row: UserRecord) => string;
      readonly question: Question<UserRecord, ProtectionStatusRecord>;
    }) => Promise<Result>,
  ): Promise<Result> {
    await this.#giveWay();
    const { users, protectionStatuses } = this.#planner.separateReaders(tenant);
    const ahead = this.#looksAtAllProtection ? protectionStatuses : null;
    const joined = protectionStatuses;
    const size = await sizeBeforeWhole(users, joined, this.#cause, ahead);
    return this.#planner.inTurn(size, async () => {
      const { rows, changedWhileRead } = await readWhole(users, this.#cause, ahead);
      this.changedWhileRead ||= changedWhileRead;
      const question = {
        condition: this.#condition,
        order: this.order,
        join: (some: readonly UserRecord[]) =>
          protectionStatuses.find(some, protectionJoin, () => [this.#cause]),
        joined,
        planner: this.#planner,
      };
      return work({ rows, identityOf: (row) => users.identityOf(row), question });
    });
  }
}
