/**
 * Windows of lists as Relay connections. A cursor is the row's offset in its list, sealed with the list's name, so that
 * one list's cursor is not taken for another's.
 */
import { createHash } from 'node:crypto';
import type { GraphQLResolveInfo } from 'graphql';
import { CallerError } from '../errors.ts';
import type { MaybePromise } from '../execution/maybe-promise.ts';
import type { ListReader, Window, WindowRange, WindowRequest } from '../planner/list-reader.ts';
import { selects } from './selection.ts';

export interface ConnectionArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

export interface Connection<Row> {
  readonly totalCount: number;
  readonly changedWhileRead: boolean;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly edges: { readonly cursor: string; readonly node: Row }[];
  readonly nodes: readonly Row[];
}

export const defaultWindow = 50;
export const maxWindow = 1000;

/** A window of an upstream list. `listName` tells the list from all others. Fails with CallerError or UpstreamError. */
export function connect<Row>(
  reader: ListReader<Row>,
  listName: readonly string[],
  windowArguments: ConnectionArguments,
  info: GraphQLResolveInfo,
  { thenLooksUp = null }: Pick<WindowRequest, 'thenLooksUp'> = {},
): MaybePromise<Connection<Row>> {
  const range = parseWindow(windowArguments, listName);
  const needsRows = rowFields.some((name) => selects(info, name));
  const request = {
    range: needsRows ? range : noRows,
    needsTotalCount: selects(info, 'totalCount'),
    cause: info.path,
    thenLooksUp,
  };
  const now = reader.windowNow(request);
  return now === null
    ? reader.window(request).then((window) => connectionOf(window, listName))
    : connectionOf(now, listName);
}

const noRows = () => ({ start: 0, end: 0 });
const rowFields = ['nodes', 'edges', 'pageInfo'];

/** A window of rows that are all at hand. Throws CallerError. */
export function connectRows<Row>(
  rows: readonly Row[],
  listName: readonly string[],
  windowArguments: ConnectionArguments,
): Connection<Row> {
  const { start, end } = parseWindow(windowArguments, listName)(rows.length) ?? noRows();
  return connectionOf(
    {
      rows: rows.slice(start, end),
      offsets: null,
      range: { start, end },
      totalCount: rows.length,
      hasMore: end < rows.length,
      changedWhileRead: false,
    },
    listName,
  );
}

/** @throws CallerError naming `name` when more ids are asked for than one window may hold */
export function assertIds(name: string, ids: readonly string[]): void {
  if (ids.length > maxWindow) {
    throw new CallerError(`${name}: expected ${maxWindow} ids at most, but got ${ids.length}.`);
  }
}

function parseWindow(
  { first, after, last, before }: ConnectionArguments,
  listName: readonly string[],
): WindowRange {
  const isBackward = typeof last === 'number';
  if (typeof first === 'number' && isBackward) {
    throw new CallerError('first, last: expected one of them, but got both.');
  }
  const size = isBackward ? parseSize('last', last) : parseSize('first', first ?? defaultWindow);
  const from = typeof after === 'string' ? parseCursor('after', after, listName) + 1 : 0;
  const to = typeof before === 'string' ? parseCursor('before', before, listName) : Infinity;
  return (extent) => {
    const end = Math.min(to, extent ?? Infinity);
    const start = Math.min(from, end);
    if (!isBackward) return { start, end: Math.min(end, start + size) };
    return end === Infinity ? null : { start: Math.max(start, end - size), end };
  };
}

function parseSize(name: 'first' | 'last', size: number): number {
  if (size >= 0 && size <= maxWindow) return size;
  throw new CallerError(`${name}: expected a number from 0 to ${maxWindow}, but got ${size}.`);
}

/** Cursors cost more than rows, and are worked out where they are asked for. */
function connectionOf<Row>(
  { rows, offsets, range, totalCount, hasMore, changedWhileRead }: Window<Row>,
  listName: readonly string[],
): Connection<Row> {
  const seal = once(() => sealOf(listName));
  const cursorAt = (index: number) => cursorOf(offsets?.[index] ?? range.start + index, seal());
  return {
    totalCount: totalCount ?? range.end,
    changedWhileRead,
    get pageInfo() {
      return {
        hasPreviousPage: range.start > 0,
        hasNextPage: hasMore,
        startCursor: rows.length === 0 ? null : cursorAt(0),
        endCursor: rows.length === 0 ? null : cursorAt(rows.length - 1),
      };
    },
    get edges() {
      return rows.map((node, index) => ({ cursor: cursorAt(index), node }));
    },
    nodes: rows,
  };
}

function once<Value>(work: () => Value): () => Value {
  let value: Value | undefined;
  return () => (value ??= work());
}

function sealOf(listName: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(listName)).digest('base64url').slice(0, 8);
}

function cursorOf(offset: number, seal: string): string {
  return Buffer.from(`${seal}:${offset}`).toString('base64url');
}

function parseCursor(name: 'after' | 'before', cursor: string, listName: readonly string[]): number {
  const [, cursorSeal, offset] =
    /^(.{8}):(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (cursorSeal === sealOf(listName) && offset !== undefined) return Number(offset);
  throw new CallerError(
    `${name}: expected a cursor of this list, but got ${JSON.stringify(cursor.slice(0, 100))}.`,
  );
}
