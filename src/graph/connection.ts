/**
 * Relay connections over the upstream's pages. filtered-connection.ts filters and sorts whole lists, and
 * all-tenants-connection.ts reads many tenants.
 */
import type { GraphQLResolveInfo } from 'graphql';
import { CallerError } from '../errors.ts';
import { chain, type MaybePromise } from '../maybe-promise.ts';
import { CursorCodec } from '../list-query/cursor.ts';
import type { CursorRange } from '../list-query/top-k-window.ts';
import type { MissingTenantRecord } from '../model.ts';
import type { RowReader, Window, WindowRequest } from '../planner/list-reader.ts';
import type { Planner } from '../planner/planner.ts';
import { decodeListedPlace, encodeListedPlace, placesOf, readCursorRange } from './listed-window.ts';
import { selects } from './selection.ts';

export interface ConnectionArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

/** Content of a connection. Cursors cost more than rows and are computed on access. */
export interface ConnectionParts<Row> {
  readonly rows: readonly Row[];
  readonly cursorAt: (index: number) => string;
  readonly totalCount: number;
  /** Whether the list has a row before the window, even outside the cursors. */
  readonly hasPrevious: boolean;
  /** Whether the list has a row behind the window, even outside the cursors. */
  readonly hasNext: boolean;
  readonly changedWhileRead: boolean;
  /** Computed on access. */
  readonly missing: () => readonly MissingTenantRecord[];
}

/** Tenants that could not be read, for rows that a connection shows or that its filter excludes. */
export type MissingOfRows<Row> = (
  shown: readonly Row[],
  all: readonly Row[],
) => readonly MissingTenantRecord[];

const defaultWindow = 50;
export const maxWindow = 1000;

/**
 * Window of an upstream list; `listName` identifies the list in its cursors. Fails with CallerError or
 * UpstreamError.
 */
export function connect<Row>(
  reader: RowReader<Row>,
  listName: readonly string[],
  windowArguments: ConnectionArguments,
  info: GraphQLResolveInfo,
  {
    pace,
    prefetchJoin = null,
    missingOfRows = () => [],
  }: Pick<Planner, 'pace'> &
    Pick<WindowRequest, 'prefetchJoin'> & { readonly missingOfRows?: MissingOfRows<Row> },
): MaybePromise<Connection<Row>> {
  const codec = new CursorCodec(listName);
  const cursorRange = parseWindow(windowArguments, codec, decodeListedPlace);
  const request = {
    needsTotalCount: selects(info, 'totalCount'),
    cause: info.path,
    pace,
    prefetchJoin,
  };
  const window = selects(info, 'rows')
    ? readCursorRange(reader, cursorRange, request)
    : reader.window({ ...request, range: noRows });
  return chain(window, (read) => connectWindow(reader, read, codec, missingOfRows));
}

const noRows = () => ({ start: 0, end: 0 });

/**
 * Parses the arguments of a window.
 *
 * @param decode a cursor's place; null if it is malformed
 * @throws CallerError
 */
export function parseWindow<Place>(
  { first, after, last, before }: ConnectionArguments,
  codec: CursorCodec,
  decode: (place: unknown) => Place | null,
): CursorRange<Place> {
  const isBackward = typeof last === 'number';
  if (typeof first === 'number' && isBackward) {
    throw new CallerError('first, last: expected one of them, but got both.');
  }
  return {
    size: isBackward ? parseSize('last', last) : parseSize('first', first ?? defaultWindow),
    isBackward,
    after: codec.read('after', after, decode),
    before: codec.read('before', before, decode),
  };
}

export class Connection<Row> {
  readonly totalCount: number;
  readonly changedWhileRead: boolean;
  readonly nodes: readonly Row[];
  readonly #parts: ConnectionParts<Row>;
  #missing: readonly MissingTenantRecord[] | null = null;

  constructor(parts: ConnectionParts<Row>) {
    this.totalCount = parts.totalCount;
    this.changedWhileRead = parts.changedWhileRead;
    this.nodes = parts.rows;
    this.#parts = parts;
  }

  get missing(): readonly MissingTenantRecord[] {
    return (this.#missing ??= this.#parts.missing());
  }

  get isComplete(): boolean {
    return this.missing.length === 0;
  }

  get pageInfo(): {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  } {
    const { rows, cursorAt, hasPrevious, hasNext } = this.#parts;
    return {
      hasPreviousPage: hasPrevious,
      hasNextPage: hasNext,
      startCursor: rows.length === 0 ? null : cursorAt(0),
      endCursor: rows.length === 0 ? null : cursorAt(rows.length - 1),
    };
  }

  get edges(): { readonly cursor: string; readonly node: Row }[] {
    const { rows, cursorAt } = this.#parts;
    return rows.map((node, index) => ({ cursor: cursorAt(index), node }));
  }
}

function parseSize(name: 'first' | 'last', size: number): number {
  if (size >= 0 && size <= maxWindow) return size;
  throw new CallerError(`${name}: expected a number from 0 to ${maxWindow}, but got ${size}.`);
}

function connectWindow<Row>(
  reader: RowReader<Row>,
  window: Window<Row>,
  codec: CursorCodec,
  missingOfRows: MissingOfRows<Row>,
): Connection<Row> {
  const { rows, range, totalCount, hasMore, changedWhileRead } = window;
  let placeAt: ReturnType<typeof placesOf> | null = null;
  return new Connection({
    rows,
    cursorAt: (index) => codec.write(encodeListedPlace((placeAt ??= placesOf(reader, window))(index))),
    totalCount: totalCount ?? range.end,
    hasPrevious: range.start > 0,
    hasNext: hasMore,
    changedWhileRead,
    missing: () => missingOfRows(rows, rows),
  });
}
