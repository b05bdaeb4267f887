/**
 * Windows that are chosen among rows at hand: by a filter, in an order, or in the order of the keys they were asked for
 * by. What the filter or the order must know of another list is looked up there for the rows it is open for.
 */
import type { GraphQLResolveInfo } from 'graphql';
import { decodeAnchor, encodeAnchor, lostPlace, Marks, type Anchor, type Side } from '../listing/anchor.ts';
import type { Condition } from '../listing/condition.ts';
import { CursorSeal } from '../listing/cursor.ts';
import { compareRanks, decodeRank, encodeRank, rankOf, type Order, type Rank } from '../listing/order.ts';
import { RankedWindow, type Span } from '../listing/ranked-window.ts';
import { foldAddress } from '../fold.ts';
import { chain, type MaybePromise } from '../maybe-promise.ts';
import type { MissingTenantRecord } from '../model.ts';
import { readWhole, type RowReader, type WindowRequest } from '../planner/list-reader.ts';
import { idJoin } from '../planner/row-keys.ts';
import { Pace } from '../scheduler.ts';
import {
  connect,
  connectionOf,
  parseWindow,
  type Connection,
  type ConnectionArguments,
  type ConnectionParts,
} from './connection.ts';

/** Which rows of a list, and in which order. */
export interface Question<Row, Joined = unknown> {
  /** Null where every row is asked for. */
  readonly condition: Condition<Row, Joined> | null;
  /** Null for that of the list. */
  readonly order: Order<Row, Joined> | null;
  /** The rows of another list that belong to these, null for each that has none, an Error where it can't be told. */
  readonly join: (rows: readonly Row[]) => MaybePromise<readonly (Joined | null | Error)[]>;
  /** See Planner. */
  readonly pace: () => Pace;
}

interface RowsAtHand<Row> {
  readonly rows: readonly Row[];
  readonly identityOf: (row: Row) => string;
  readonly changedWhileRead?: boolean;
}

/** Tells the list and what is asked of it from all others. */
interface QuestionName {
  readonly list: readonly string[];
  readonly filter?: unknown;
  readonly orderBy?: readonly string[] | null | undefined;
}

/** A row that is asked for, and its joined row as far as anybody looked for it. */
export interface Match<Row, Joined> {
  readonly row: Row;
  /** In the list. */
  readonly position: number;
  readonly joined: Joined | null;
}

/** A list of the upstream, and what is asked of it. */
interface AskedList<Row, Joined> {
  readonly reader: RowReader<Row>;
  readonly name: QuestionName;
  readonly question: Question<Row, Joined>;
  /** The rows that are named one by one, each once, in their order; null where the whole list is meant. */
  readonly keys: {
    readonly names: readonly string[];
    readonly find: (keys: readonly string[]) => MaybePromise<readonly (Row | null | Error)[]>;
  } | null;
  /** See WindowRequest. */
  readonly thenLooksUp?: WindowRequest['thenLooksUp'];
  /** What a joined row lacks. */
  readonly missingOf?: (joined: Joined) => readonly MissingTenantRecord[];
}

/**
 * A window of a list as it is asked for: of rows looked up by their keys, of the upstream's own pages where nothing else
 * is asked, and else of the whole list. Fails with CallerError and UpstreamError.
 */
export function connectList<Row, Joined>(
  { reader, name, question, keys, thenLooksUp = null, missingOf }: AskedList<Row, Joined>,
  windowArguments: ConnectionArguments,
  info: GraphQLResolveInfo,
): MaybePromise<Connection<Row>> {
  const identityOf = (row: Row) => reader.identityOf(row);
  if (keys !== null) {
    const read = () => chain(keys.find(keys.names), (found) => ({ rows: rowsFound(found), identityOf }));
    const list = [...name.list, ...keys.names.map(foldAddress)];
    return connectRows(read, { ...name, list }, question, windowArguments, missingOf);
  }
  if (isPlain(question)) return connect(reader, name.list, windowArguments, info, { thenLooksUp });
  const read = async () => ({ ...(await readWhole(reader, info.path, thenLooksUp)), identityOf });
  return connectRows(read, name, question, windowArguments, missingOf);
}

/** Whether all rows are asked for, in the order of their list. */
export function isPlain<Row, Joined>({ condition, order }: Question<Row, Joined>): boolean {
  return condition === null && order === null;
}

/**
 * A window of the rows that a question asks for. Fails with CallerError, and with the first error of a joined row.
 *
 * @param read the list's rows; not asked for where the arguments make no sense
 * @param missingOf what a joined row lacks
 */
export async function connectRows<Row, Joined>(
  read: () => MaybePromise<RowsAtHand<Row>>,
  name: QuestionName,
  question: Question<Row, Joined>,
  windowArguments: ConnectionArguments,
  missingOf: (joined: Joined) => readonly MissingTenantRecord[] = () => [],
): Promise<Connection<Row>> {
  const { order } = question;
  const seal = sealOf(name);
  const show: Show<Row, Joined> =
    order === null
      ? showInListOrder(parseWindow(windowArguments, seal, decodeAnchor), seal)
      : showInOrder(
          order,
          parseWindow(windowArguments, seal, (place) => decodeRank(order, place)),
          seal,
          question.pace,
        );
  // Many lists at hand may be asked for at once, and each is put together at a stretch.
  const pace = new Pace(1);
  if (pace.shouldYield) await pace.yield();
  const list = await read();
  const matches = await matchesOf(list.rows, question);
  const { isCertain = true, ...parts } = await show(list, matches);
  return connectionOf({
    ...parts,
    changedWhileRead: list.changedWhileRead === true || !isCertain,
    missing: matches.flatMap(({ joined }) => (joined === null ? [] : missingOf(joined))),
  });
}

/** A list's rows that are asked for, in its order. Rejects with the first error of a joined row. */
export async function matchesOf<Row, Joined>(
  rows: readonly Row[],
  { condition, order, join, pace: paceOf }: Question<Row, Joined>,
): Promise<Match<Row, Joined>[]> {
  const pace = paceOf();
  const ordersByJoin = order?.some(({ needsJoin }) => needsJoin) ?? false;
  const drafts: (Match<Row, Joined> & { readonly isOpen: boolean })[] = [];
  const toJoin: Row[] = [];
  for (const [position, row] of rows.entries()) {
    if (pace.shouldYield) await pace.yield();
    const verdict = condition === null ? true : condition(row, undefined);
    if (verdict === false) continue;
    const isOpen = verdict === null || ordersByJoin;
    if (isOpen) toJoin.push(row);
    drafts.push({ row, position, joined: null, isOpen });
  }
  if (toJoin.length === 0) return drafts;
  const found = (await join(toJoin)).values();
  const matches: Match<Row, Joined>[] = [];
  for (const draft of drafts) {
    if (pace.shouldYield) await pace.yield();
    const joined = draft.isOpen ? (found.next().value ?? null) : null;
    if (joined instanceof Error) throw joined;
    if (!draft.isOpen || condition === null || condition(draft.row, joined) === true) {
      matches.push({ row: draft.row, position: draft.position, joined });
    }
  }
  return matches;
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
export function sealOf({ list, filter, orderBy }: QuestionName): CursorSeal {
  return new CursorSeal(list, filter || orderBy ? [filter ?? null, orderBy ?? []] : null);
}

type Show<Row, Joined> = (
  list: RowsAtHand<Row>,
  matches: readonly Match<Row, Joined>[],
) => MaybePromise<
  Omit<ConnectionParts<Row>, 'changedWhileRead' | 'missing'> & {
    /** Whether the places of the cursors were found again. */
    readonly isCertain?: boolean;
  }
>;

function showInListOrder<Row, Joined>(span: Span<Anchor>, seal: CursorSeal): Show<Row, Joined> {
  return ({ rows, identityOf }, matches) => {
    const marks = marksOf(rows, identityOf);
    const { start, end, isCertain } = between(marks, span);
    const from = matches.findIndex(({ position }) => position >= start);
    const first = from < 0 ? matches.length : from;
    const to = matches.findIndex(({ position }) => position >= end);
    const last = to < 0 ? matches.length : to;
    const window = span.isBackward
      ? { start: Math.max(first, last - span.size), end: last }
      : { start: first, end: Math.min(last, first + span.size) };
    const shown = matches.slice(window.start, window.end);
    return {
      rows: shown.map(({ row }) => row),
      cursorAt: (index) => seal.write(encodeAnchor(marks.anchor(shown[index]?.position ?? 0))),
      totalCount: matches.length,
      hasPrevious: window.start > 0,
      hasNext: window.end < matches.length,
      isCertain,
    };
  };
}

function showInOrder<Row, Joined>(
  order: Order<Row, Joined>,
  span: Span<Rank>,
  seal: CursorSeal,
  paceOf: () => Pace,
): Show<Row, Joined> {
  return async ({ identityOf }, matches) => {
    const pace = paceOf();
    const window = new RankedWindow<Row, Rank>((left, right) => compareRanks(order, left, right), span);
    for (const { row, joined } of matches) {
      if (pace.shouldYield) await pace.yield();
      window.add(row, rankOf(order, identityOf(row), row, joined));
    }
    const { rows, ...counts } = window.finish();
    return {
      rows: rows.map(({ row }) => row),
      cursorAt: (index) => seal.write(rows[index] === undefined ? null : encodeRank(rows[index].place)),
      ...counts,
    };
  };
}

/** The positions of a whole list between two anchors, and whether those were found again. */
export function between(
  marks: Marks,
  { after, before }: Pick<Span<Anchor>, 'after' | 'before'>,
): { readonly start: number; readonly end: number; readonly isCertain: boolean } {
  const find = (anchor: Anchor, side: Side) => marks.find(anchor, side) ?? lostPlace(anchor, marks.length);
  const start = after === null ? { cut: 0, isCertain: true } : find(after, 'after');
  const end = before === null ? { cut: Infinity, isCertain: true } : find(before, 'before');
  return { start: start.cut, end: end.cut, isCertain: start.isCertain && end.isCertain };
}

export function marksOf<Row>(rows: readonly Row[], identityOf: (row: Row) => string): Marks {
  return new Marks({ start: 0, end: rows.length }, (position) => {
    const row = rows[position];
    return row === undefined ? '' : identityOf(row);
  });
}
