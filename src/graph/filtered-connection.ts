/**
 * Connections over rows in memory: filtered, sorted, or looked up by key. Joined rows are looked up only if they decide
 * whether or where a row is shown.
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
  type MissingOfRows,
} from './connection.ts';

/** Filter, order and join of a list. */
export interface RowQuery<Row, Joined = unknown> {
  /** Null if every row matches. */
  readonly predicate: Predicate<Row, Joined> | null;
  /** Null for the upstream's order. */
  readonly order: Order<Row, Joined> | null;
  /** Joined rows in the order of the argument: null if a row has none, an Error if the look-up failed. */
  readonly join: (rows: readonly Row[]) => MaybePromise<readonly (Joined | null | Error)[]>;
  /** List that `join` reads; null if no joined row is needed. */
  readonly joined: Pick<RowReader<Joined>, 'isCached'> | null;
  readonly planner: Pick<Planner, 'pace' | 'withRowLimit'>;
}

interface LoadedRows<Row> {
  readonly rows: readonly Row[];
  readonly identityOf: (row: Row) => string;
  readonly changedWhileRead?: boolean;
}

/** Identifies a list with its filter and order in cursors. */
export interface QueryName {
  readonly list: readonly string[];
  readonly filter?: unknown;
  readonly orderBy?: readonly string[] | null | undefined;
}

/** Receives a matching row, its position in the list, and its joined row if it was looked up. */
type Visit<Row, Joined> = (row: Row, position: number, joined: Joined | null) => void;

interface ListQuery<Row, Joined> {
  readonly reader: RowReader<Row>;
  readonly name: QueryName;
  readonly query: RowQuery<Row, Joined>;
  /** Distinct keys of the rows to look up, in their order; null for the whole list. */
  readonly keys: {
    readonly names: readonly string[];
    readonly find: (keys: readonly string[]) => MaybePromise<readonly (Row | null | Error)[]>;
  } | null;
  readonly prefetchJoin?: WindowRequest['prefetchJoin'];
  readonly missingOf?: (joined: Joined) => readonly MissingTenantRecord[];
  readonly missingOfRows?: MissingOfRows<Row>;
}

/**
 * Window of a list: by look-ups if keys are given, from the upstream's pages without filter and order, else from the
 * whole list. Fails with CallerError and UpstreamError.
 */
export function connectList<Row, Joined>(
  list: ListQuery<Row, Joined>,
  windowArguments: ConnectionArguments,
  info: GraphQLResolveInfo,
): MaybePromise<Connection<Row>> {
  // Assembling a cached list blocks the event loop, and an operation may select thousands.
  const pace = list.query.planner.pace(1);
  const connectNow = () => connectQuery(list, windowArguments, info);
  return pace.shouldYield ? pace.yield().then(connectNow) : connectNow();
}

function connectQuery<Row, Joined>(
  {
    reader,
    name,
    query,
    keys,
    prefetchJoin = null,
    missingOf = () => [],
    missingOfRows = () => [],
  }: ListQuery<Row, Joined>,
  windowArguments: ConnectionArguments,
  info: GraphQLResolveInfo,
): MaybePromise<Connection<Row>> {
  const identityOf = (row: Row) => reader.identityOf(row);
  if (keys !== null) {
    const read = () => chain(keys.find(keys.names), (found) => ({ rows: rowsFound(found), identityOf }));
    const list = [...name.list, ...keys.names.map(foldAddress)];
    return connectRows(read, { ...name, list }, query, windowArguments, { missingOf, missingOfRows });
  }
  const { pace } = query.planner;
  if (isPlain(query))
    return connect(reader, name.list, windowArguments, info, { pace, prefetchJoin, missingOfRows });
  const read = async () => ({ ...(await readWhole(reader, info.path, prefetchJoin)), identityOf });
  const size = () => sizeBeforeWhole(reader, query.joined, info.path, prefetchJoin);
  return connectRows(read, name, query, windowArguments, { missingOf, missingOfRows, size });
}

/** Whether the query keeps all rows in the upstream's order. */
export function isPlain<Row, Joined>({ predicate, order }: RowQuery<Row, Joined>): boolean {
  return predicate === null && order === null;
}

/**
 * Window of the rows that match a query. Rejects with CallerError, and with the first error of a joined row.
 *
 * @param read reads the list's rows; called once the arguments are valid
 * @param missingOf tenants that a joined row lacks
 * @param size of the list, to limit the long lists in memory
 */
export async function connectRows<Row, Joined>(
  read: () => MaybePromise<LoadedRows<Row>>,
  name: QueryName,
  query: RowQuery<Row, Joined>,
  windowArguments: ConnectionArguments,
  {
    missingOf = () => [],
    missingOfRows = () => [],
    size = () => ({ rows: 0, isCached: false }),
  }: Pick<ListQuery<Row, Joined>, 'missingOf' | 'missingOfRows'> & {
    readonly size?: () => MaybePromise<WholeSize>;
  } = {},
): Promise<Connection<Row>> {
  const { order } = query;
  const codec = cursorCodecOf(name);
  const buildWindow: WindowBuilder<Row, Joined> =
    order === null
      ? windowInListOrder(parseWindow(windowArguments, codec, decodeAnchor), codec)
      : windowByOrder(order, windowArguments, codec);
  return query.planner.withRowLimit(await size(), async () => {
    const list = await read();
    const { add, finish } = buildWindow(list);
    const missing: MissingTenantRecord[] = [];
    // Excluded rows count too: with the missing tenants, they might match.
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
      missing: () => [...missing, ...missingOfRows(parts.rows, list.rows)],
    });
  });
}

/** Visits the matching rows in list order. Rejects with the first error of a joined row. */
export async function visitMatches<Row, Joined>(
  rows: readonly Row[],
  { predicate, order, join, planner }: RowQuery<Row, Joined>,
  visit: Visit<Row, Joined>,
): Promise<void> {
  const pace = planner.pace();
  const ordersByJoin = order?.some(({ needsJoin }) => needsJoin) ?? false;
  /** Rows whose joined rows are looked up, and their positions. */
  const open: Row[] = [];
  const openPositions: number[] = [];
  /** Positions to visit after the look-up: the first undecided row and all behind it. */
  const waiting: number[] = [];
  for (const [position, row] of rows.entries()) {
    if (pace.shouldYield) await pace.yield();
    const result = predicate === null ? true : predicate(row, undefined);
    if (result === false) continue;
    if (result === null || ordersByJoin) {
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

/** Looks up rows by id, all in one batch. */
export function findById<Row>(
  reader: RowReader<Row>,
  cause: GraphQLResolveInfo['path'],
): (ids: readonly string[]) => MaybePromise<readonly (Row | null | Error)[]> {
  return (ids) => reader.find(ids, idJoin, () => [cause]);
}

function rowsFound<Row>(found: readonly (Row | null | Error)[]): Row[] {
  const rows: Row[] = [];
  for (const row of found) {
    if (row instanceof Error) throw row;
    if (row !== null) rows.push(row);
  }
  return rows;
}

export function cursorCodecOf({ list, filter, orderBy }: QueryName): CursorCodec {
  return new CursorCodec(list, filter || orderBy ? [filter ?? null, orderBy ?? []] : null);
}

/** Adds matching rows in list order, and finishes with their window. */
type WindowBuilder<Row, Joined> = (list: LoadedRows<Row>) => {
  readonly add: Visit<Row, Joined>;
  readonly finish: () => Omit<ConnectionParts<Row>, 'changedWhileRead' | 'missing'> & {
    /** False if a cursor's place was not found again. */
    readonly isCertain?: boolean;
  };
};

function windowInListOrder<Row, Joined>(
  range: CursorRange<Anchor>,
  codec: CursorCodec,
): WindowBuilder<Row, Joined> {
  return ({ rows, identityOf }) => {
    const fingerprints = fingerprintsOf(rows, identityOf);
    const { window, isCertain } = listedWindow<Row>(fingerprints, range);
    return {
      add: (row, position) => {
        window.add(row, position);
      },
      finish: () => {
        const { rows: shown, ...counts } = window.finish();
        return {
          rows: shown.map(({ row }) => row),
          cursorAt: (index) => codec.write(encodeAnchor(fingerprints.anchor(shown[index]?.place ?? 0))),
          ...counts,
          isCertain,
        };
      },
    };
  };
}

export function windowByOrder<Row, Joined>(
  order: Order<Row, Joined>,
  windowArguments: ConnectionArguments,
  codec: CursorCodec,
): WindowBuilder<Row, Joined> {
  const range = parseWindow(windowArguments, codec, (place) => decodeSortKey(order, place));
  return ({ identityOf }) => {
    const window = new TopKWindow<Row, SortKey>((left, right) => compareSortKeys(order, left, right), range);
    return {
      add: (row, _position, joined) => {
        window.add(row, sortKeyOf(order, identityOf(row), row, joined));
      },
      finish: () => {
        const { rows, ...counts } = window.finish();
        return {
          rows: rows.map(({ row }) => row),
          cursorAt: (index) =>
            codec.write(rows[index] === undefined ? null : encodeSortKey(rows[index].place)),
          ...counts,
        };
      },
    };
  };
}

/** Window over the positions of a whole list, and whether the cursors were found again. */
export function listedWindow<Row>(
  fingerprints: Fingerprints,
  range: CursorRange<Anchor>,
): { readonly window: TopKWindow<Row, number>; readonly isCertain: boolean } {
  const start = range.after === null ? null : fingerprints.findInWhole(range.after, 'after');
  const end = range.before === null ? null : fingerprints.findInWhole(range.before, 'before');
  const window = new TopKWindow<Row, number>((left, right) => left - right, {
    ...range,
    after: start === null ? null : start.cut - 1,
    before: end === null ? null : end.cut,
  });
  return { window, isCertain: (start?.isCertain ?? true) && (end?.isCertain ?? true) };
}

export function fingerprintsOf<Row>(rows: readonly Row[], identityOf: (row: Row) => string): Fingerprints {
  return new Fingerprints({ start: 0, end: rows.length }, fingerprintsAround(rows, identityOf));
}
