/**
 * Windows of lists as Relay connections. A cursor is the row's offset in its list, sealed with the list's name, so that
 * one list's cursor is not taken for another's.
 */
import { createHash } from 'node:crypto';
import type { GraphQLResolveInfo } from 'graphql';
import { CallerError } from '../errors.ts';
import type { ListReader, WindowRange, WindowRequest } from '../planner/list-reader.ts';
import type { PlacedRow } from '../planner/page-shelf.ts';
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
  readonly nodes: Row[];
}

export const defaultWindow = 50;
export const maxWindow = 1000;

/** A window of an upstream list. `listName` tells the list from all others. Rejects with CallerError or UpstreamError. */
export async function connect<Row>(
  reader: ListReader<Row>,
  listName: readonly string[],
  windowArguments: ConnectionArguments,
  info: GraphQLResolveInfo,
  { thenLooksUp = null }: Pick<WindowRequest, 'thenLooksUp'> = {},
): Promise<Connection<Row>> {
  const seal = sealOf(listName);
  const range = parseWindow(windowArguments, seal);
  const needsRows = rowFields.some((name) => selects(info, name));
  const window = await reader.window({
    range: needsRows ? range : () => ({ start: 0, end: 0 }),
    needsTotalCount: selects(info, 'totalCount'),
    cause: info.path,
    thenLooksUp,
  });
  return connectionOf(window.rows, seal, {
    totalCount: window.totalCount ?? window.range.end,
    hasPreviousPage: window.range.start > 0,
    hasNextPage: window.hasMore,
    changedWhileRead: window.changedWhileRead,
  });
}

const rowFields = ['nodes', 'edges', 'pageInfo'];

/** A window of rows that are all at hand. Throws CallerError. */
export function connectRows<Row>(
  rows: readonly Row[],
  listName: readonly string[],
  windowArguments: ConnectionArguments,
): Connection<Row> {
  const seal = sealOf(listName);
  const { start, end } = parseWindow(windowArguments, seal)(rows.length) ?? { start: 0, end: 0 };
  return connectionOf(
    rows.slice(start, end).map((row, index) => ({ offset: start + index, row })),
    seal,
    {
      totalCount: rows.length,
      hasPreviousPage: start > 0,
      hasNextPage: end < rows.length,
      changedWhileRead: false,
    },
  );
}

/** @throws CallerError naming `name` when more ids are asked for than one window may hold */
export function assertIds(name: string, ids: readonly string[]): void {
  if (ids.length > maxWindow) {
    throw new CallerError(`${name}: expected ${maxWindow} ids at most, but got ${ids.length}.`);
  }
}

function parseWindow({ first, after, last, before }: ConnectionArguments, seal: string): WindowRange {
  const isBackward = typeof last === 'number';
  if (typeof first === 'number' && isBackward) {
    throw new CallerError('first, last: expected one of them, but got both.');
  }
  const size = isBackward ? parseSize('last', last) : parseSize('first', first ?? defaultWindow);
  const from = typeof after === 'string' ? parseCursor('after', after, seal) + 1 : 0;
  const to = typeof before === 'string' ? parseCursor('before', before, seal) : Infinity;
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

function connectionOf<Row>(
  rows: readonly PlacedRow<Row>[],
  seal: string,
  {
    totalCount,
    changedWhileRead,
    ...neighbours
  }: {
    totalCount: number;
    changedWhileRead: boolean;
    hasPreviousPage: boolean;
    hasNextPage: boolean;
  },
): Connection<Row> {
  const edges = rows.map(({ offset, row }) => ({ cursor: cursorOf(offset, seal), node: row }));
  return {
    totalCount,
    changedWhileRead,
    pageInfo: {
      ...neighbours,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    edges,
    nodes: rows.map(({ row }) => row),
  };
}

function sealOf(listName: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(listName)).digest('base64url').slice(0, 8);
}

function cursorOf(offset: number, seal: string): string {
  return Buffer.from(`${seal}:${offset}`).toString('base64url');
}

function parseCursor(name: 'after' | 'before', cursor: string, seal: string): number {
  const [, cursorSeal, offset] =
    /^(.{8}):(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (cursorSeal === seal && offset !== undefined) return Number(offset);
  throw new CallerError(
    `${name}: expected a cursor of this list, but got ${JSON.stringify(cursor.slice(0, 100))}.`,
  );
}
