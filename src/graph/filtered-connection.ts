/**
 * Windows that are chosen among rows at hand: by a filter, in an order, or in the order of the keys they were asked for
 * by. What the filter or the order must know of another list is looked up there for the rows it is open for.
 */
import type { GraphQLResolveInfo } from 'graphql';
import {
  decodeAnchor,
  encodeAnchor,
  fingerprintsAround,
  Fingerprints,
  type Anchor,
} from '../list-query/anchor.ts';
import type { Predicate } from '../list-query/predicate.ts';
import { CursorCodec } from '../list-query/cursor.ts';
import {
  compareSortKeys,
  decodeSortKey,
  encodeSortKey,
  sortKeyOf,
  type Order,
  type SortKey,
} from '../list-query/order.ts';
import { TopKWindow, type CursorRange } from '../list-query/top-k-window.ts';
import { foldAddress } from '../fold.ts';
import { chain, type MaybePromise } from '../maybe-promise.ts';
import type { MissingTenantRecord } from '../model.ts';
import {
  readWhole,
  sizeBeforeWhole,
  type RowReader,
  type WholeSize,
  type WindowRequest,
} from '../planner/list-reader.ts';
import type { Planner } from '../planner/planner.ts';
import { idJoin } from '../planner/row-keys.ts';
import {
  connect,
  Connection,
  parseWindow,
  type ConnectionArguments,
  type ConnectionParts,
} from './connection.ts';

/** Which rows of a list, and in which order. */
export interface RowQuery<Row, Joined = unknown> {
  /** Null where every row is asked for. */
  readonly predicate: Predicate<Row, Joined> | null;
  /** Null for that of the list. */
  readonly order: Order<Row, Joined> | null;
  /** The rows of another list that belong to these, null for each that has none, an Error where it can't be told. */
  readonly join: (rows: readonly Row[]) => MaybePromise<readonly (Joined | null | Error)[]>;
  /** The list that `join` reads; null if it reads none, or `predicate` and `order` need no joined row. */
  readonly joined: Pick<RowReader<Joined>, 'isCached'> | null;
  readonly planner: Pick<Planner, 'pace' | 'withRowLimit'>;
}

interface RowsAtHand<Row> {
  readonly rows: readonly Row[];
  readonly identityOf: (row: Row) => string;
  readonly changedWhileRead?: boolean;
}

/** Tells the list and what is asked of it from all others. */
export interface QueryName {
  readonly list: readonly string[];
  readonly filter?: unknown;
  readonly orderBy?: readonly string[] | null | undefined;
}

/** Takes a row that is asked for, its position in the list, and its joined row if it was looked up. */
type Visit<Row, Joined> = (row: Row, position: number, joined: Joined | null) => void;

/** A list of the upstream, and what is asked of it. */
interface ListQuery<Row, Joined> {
  readonly reader: RowReader<Row>;
  readonly name: QueryName;
  readonly query: RowQuery<Row, Joined>;
  /** The rows that are named one by one, each once, in their order; null where the whole list is meant. */
  readonly keys: {
    readonly names: readonly string[];
    readonly find: (keys: readonly string[]) => MaybePromise<readonly (Row | null | Error)[]>;
  } | null;
  /** See WindowRequest. */
  readonly prefetchJoin?: WindowRequest['prefetchJoin'];
  /** What a joined row lacks. */
  readonly missingOf?: (joined: Joined) => readonly MissingTenantRecord[];
}

/**
 * A window of a list as it is asked for: of rows looked up by their keys, of the upstream's own pages where nothing else
 * is asked, and else of the whole list. Fails with CallerError and UpstreamError.
 */
export function connectList<Row, Joined>(
  list: ListQuery<Row, Joined>,
  windowArguments: ConnectionArguments,
  info: GraphQLResolveInfo,
): MaybePromise<Connection<Row>> {
  // Assembling a cached list blocks the event loop, and an operation may ask for thousands of them.
  const pace = list.query.planner.pace(1);
  const connectNow = () => connectQuery(list, windowArguments, info);
  return pace.shouldYield ? pace.yield().then(connectNow) : connectNow();
}

function connectQuery<Row, Joined>(
  { reader, name, query, keys, prefetchJoin = null, missingOf }: ListQuery<Row, Joined>,
  windowArguments: ConnectionArguments,
  info: GraphQLResolveInfo,
): MaybePromise<Connection<Row>> {
  const identityOf = (row: Row) => reader.identityOf(row);
  if (keys !== null) {
    const read = () => chain(keys.find(keys.names), (found) => ({ rows: rowsFound(found), identityOf }));
    const list = [...name.list, ...keys.names.map(foldAddress)];
    return connectRows(read, { ...name, list }, query, windowArguments, missingOf);
  }
  const { pace } = query.planner;
  if (isPlain(query)) return connect(reader, name.list, windowArguments, info, { pace, prefetchJoin });
  const read = async () => ({ ...(await readWhole(reader, info.path, prefetchJoin)), identityOf });
  const size = () => sizeBeforeWhole(reader, query.joined, info.path, prefetchJoin);
  return connectRows(read, name, query, windowArguments, missingOf, size);
}

/** Whether all rows are asked for, in the order of their list. */
export function isPlain<Row, Joined>({ predicate, order }: RowQuery<Row, Joined>): boolean {
  return predicate === null && order === null;
}

/**
 * A window of the rows that a query asks for. Fails with CallerError, and with the first error of a joined row.
 *
 * @param read the list's rows; not asked for where the arguments make no sense
 * @param missingOf what a joined row lacks
 * @param size of a list that may be long
 */
export async function connectRows<Row, Joined>(
  read: () => MaybePromise<RowsAtHand<Row>>,
  name: QueryName,
  query: RowQuery<Row, Joined>,
  windowArguments: ConnectionArguments,
  missingOf: (joined: Joined) => readonly MissingTenantRecord[] = () => [],
  size: () => MaybePromise<WholeSize> = () => ({ rows: 0, isCached: false }),
): Promise<Connection<Row>> {
  const { order } = query;
  const seal = cursorCodecOf(name);
  const show: Show<Row, Joined> =
    order === null
      ? showInListOrder(parseWindow(windowArguments, seal, decodeAnchor), seal)
      : showInOrder(order, windowArguments, seal);
  return query.planner.withRowLimit(await size(), async () => {
    const list = await read();
    const { add, finish } = show(list);
    const missing: MissingTenantRecord[] = [];
    // Also of rows that are left out: with what they lack, they might be there.
    const join = async (rows: readonly Row[]) => {
      const found = await query.join(rows);
      for (const joined of found) {
        if (joined !== null && !(joined instanceof Error)) missing.push(...missingOf(joined));
      }
      return found;
    };
    await visitMatches(list.rows, { ...query, join }, add);
    const { isCertain = true, ...parts } = finish();
    return new Connection({
      ...parts,
      changedWhileRead: list.changedWhileRead === true || !isCertain,
      missing,
    });
  });
}

/** Visits a list's rows that are asked for, in its order. Rejects with the first error of a joined row. */
export async function visitMatches<Row, Joined>(
  rows: readonly Row[],
  { predicate, order, join, planner }: RowQuery<Row, Joined>,
  visit: Visit<Row, Joined>,
): Promise<void> {
  const pace = planner.pace();
  const ordersByJoin = order?.some(({ needsJoin }) => needsJoin) ?? false;
  /** Rows that their joined rows decide on, and their positions. */
  const open: Row[] = [];
  const openPositions: number[] = [];
  /** Positions of these rows and of those behind the first of them, which have to wait. */
  const waiting: number[] = [];
  for (const [position, row] of rows.entries()) {
    if (pace.shouldYield) await pace.yield();
    const verdict = predicate === null ? true : predicate(row, undefined);
    if (verdict === false) continue;
    if (verdict === null || ordersByJoin) {
      open.push(row);
      openPositions.push(position);
    }
    if (open.length === 0) visit(row, position, null);
    else waiting.push(position);
  }
  if (open.length === 0) return;
  const found = await join(open);
  let next = 0;
  for (const position of waiting) {
    if (pace.shouldYield) await pace.yield();
    const row = rows[position];
    if (row === undefined) continue;
    const isOpen = openPositions[next] === position;
    const joined = isOpen ? (found[next++] ?? null) : null;
    if (joined instanceof Error) throw joined;
    if (!isOpen || predicate === null || predicate(row, joined) === true) visit(row, position, joined);
  }
}

/** Finds rows of a list by their ids, all of them by one look-up. */
export function findById<Row>(
  reader: RowReader<Row>,
  cause: GraphQLResolveInfo['path'],
): (ids: readonly string[]) => MaybePromise<readonly (Row | null | Error)[]> {
  return (ids) => reader.find(ids, idJoin, () => [cause]);
}

/** @throws the first Error among them */
function rowsFound<Row>(found: readonly (Row | null | Error)[]): Row[] {
  const rows: Row[] = [];
  for (const row of found) {
    if (row instanceof Error) throw row;
    if (row !== null) rows.push(row);
  }
  return rows;
}

/** The seal of a list's cursors under what is asked of it. */
export function cursorCodecOf({ list, filter, orderBy }: QueryName): CursorCodec {
  return new CursorCodec(list, filter || orderBy ? [filter ?? null, orderBy ?? []] : null);
}

/** Takes a list's rows that are asked for, in its order, and makes a window of them. */
type Show<Row, Joined> = (list: RowsAtHand<Row>) => {
  readonly add: Visit<Row, Joined>;
  readonly finish: () => Omit<ConnectionParts<Row>, 'changedWhileRead' | 'missing'> & {
    /** Whether the places of the cursors were found again. */
    readonly isCertain?: boolean;
  };
};

function showInListOrder<Row, Joined>(span: CursorRange<Anchor>, seal: CursorCodec): Show<Row, Joined> {
  return ({ rows, identityOf }) => {
    const marks = fingerprintsOf(rows, identityOf);
    const { window, isCertain } = listedWindow<Row>(marks, span);
    return {
      add: (row, position) => {
        window.add(row, position);
      },
      finish: () => {
        const { rows: shown, ...counts } = window.finish();
        return {
          rows: shown.map(({ row }) => row),
          cursorAt: (index) => seal.write(encodeAnchor(marks.anchor(shown[index]?.place ?? 0))),
          ...counts,
          isCertain,
        };
      },
    };
  };
}

/** Takes rows, each with its joined row, and makes a window of them in an order. */
export function showInOrder<Row, Joined>(
  order: Order<Row, Joined>,
  windowArguments: ConnectionArguments,
  seal: CursorCodec,
): Show<Row, Joined> {
  const span = parseWindow(windowArguments, seal, (place) => decodeSortKey(order, place));
  return ({ identityOf }) => {
    const window = new TopKWindow<Row, SortKey>((left, right) => compareSortKeys(order, left, right), span);
    return {
      add: (row, _position, joined) => {
        window.add(row, sortKeyOf(order, identityOf(row), row, joined));
      },
      finish: () => {
        const { rows, ...counts } = window.finish();
        return {
          rows: rows.map(({ row }) => row),
          cursorAt: (index) =>
            seal.write(rows[index] === undefined ? null : encodeSortKey(rows[index].place)),
          ...counts,
        };
      },
    };
  };
}

/** A window of rows of a whole list by their positions, and whether the anchors of its span were found again. */
export function listedWindow<Row>(
  marks: Fingerprints,
  span: CursorRange<Anchor>,
): { readonly window: TopKWindow<Row, number>; readonly isCertain: boolean } {
  const start = span.after === null ? null : marks.findInWhole(span.after, 'after');
  const end = span.before === null ? null : marks.findInWhole(span.before, 'before');
  const window = new TopKWindow<Row, number>((left, right) => left - right, {
    ...span,
    after: start === null ? null : start.cut - 1,
    before: end === null ? null : end.cut,
  });
  return { window, isCertain: (start?.isCertain ?? true) && (end?.isCertain ?? true) };
}

export function fingerprintsOf<Row>(rows: readonly Row[], identityOf: (row: Row) => string): Fingerprints {
  return new Fingerprints({ start: 0, end: rows.length }, fingerprintsAround(rows, identityOf));
}
