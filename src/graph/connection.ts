/**
 * Windows of lists as Relay connections: those that the upstream's own pages make. filtered-connection.ts has those that
 * are chosen among rows at hand, and estate-connection.ts those that go through many tenants.
 */
import type { GraphQLResolveInfo } from 'graphql';
import { CallerError } from '../errors.ts';
import { chain, type MaybePromise } from '../maybe-promise.ts';
import { CursorCodec } from '../list-query/cursor.ts';
import type { CursorRange } from '../list-query/top-k-window.ts';
import type { MissingTenantRecord } from '../model.ts';
import type { RowReader, Window, WindowRequest } from '../planner/list-reader.ts';
import type { Planner } from '../planner/planner.ts';
import { decodeListedPlace, encodeListedPlace, placesOf, readSpan } from './listed-window.ts';
import { selects } from './selection.ts';

export interface ConnectionArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

/** What a connection shows; cursors cost more than rows, and are worked out where they are asked for. */
export interface ConnectionParts<Row> {
  readonly rows: readonly Row[];
  readonly cursorAt: (index: number) => string;
  readonly totalCount: number;
  /** Whether the list has a row before the window, within its span or without. */
  readonly hasPrevious: boolean;
  /** Whether it has one behind the window. */
  readonly hasNext: boolean;
  readonly changedWhileRead: boolean;
  readonly missing: readonly MissingTenantRecord[];
}

const defaultWindow = 50;
export const maxWindow = 1000;

/** A window of an upstream list. `listName` tells the list from all others. Fails with CallerError or UpstreamError. */
export function connect<Row>(
  reader: RowReader<Row>,
  listName: readonly string[],
  windowArguments: ConnectionArguments,
  info: GraphQLResolveInfo,
  { pace, prefetchJoin = null }: Pick<Planner, 'pace'> & Pick<WindowRequest, 'prefetchJoin'>,
): MaybePromise<Connection<Row>> {
  const seal = new CursorCodec(listName);
  const span = parseWindow(windowArguments, seal, decodeListedPlace);
  const request = {
    needsTotalCount: selects(info, 'totalCount'),
    cause: info.path,
    pace,
    prefetchJoin,
  };
  const window = selects(info, 'rows')
    ? readSpan(reader, span, request)
    : reader.window({ ...request, range: noRows });
  return chain(window, (read) => connectWindow(reader, read, seal));
}

const noRows = () => ({ start: 0, end: 0 });

/**
 * What a window's arguments say.
 *
 * @param decode a cursor's place; null for what is none
 * @throws CallerError
 */
export function parseWindow<Place>(
  { first, after, last, before }: ConnectionArguments,
  seal: CursorCodec,
  decode: (place: unknown) => Place | null,
): CursorRange<Place> {
  const isBackward = typeof last === 'number';
  if (typeof first === 'number' && isBackward) {
    throw new CallerError('first, last: expected one of them, but got both.');
  }
  return {
    size: isBackward ? parseSize('last', last) : parseSize('first', first ?? defaultWindow),
    isBackward,
    after: seal.read('after', after, decode),
    before: seal.read('before', before, decode),
  };
}

export class Connection<Row> {
  readonly totalCount: number;
  readonly changedWhileRead: boolean;
  readonly isComplete: boolean;
  readonly missing: readonly MissingTenantRecord[];
  readonly nodes: readonly Row[];
  readonly #parts: ConnectionParts<Row>;

  constructor(parts: ConnectionParts<Row>) {
    this.totalCount = parts.totalCount;
    this.changedWhileRead = parts.changedWhileRead;
    this.isComplete = parts.missing.length === 0;
    this.missing = parts.missing;
    this.nodes = parts.rows;
    this.#parts = parts;
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

function connectWindow<Row>(reader: RowReader<Row>, window: Window<Row>, seal: CursorCodec): Connection<Row> {
  const { rows, range, totalCount, hasMore, changedWhileRead } = window;
  let placeAt: ReturnType<typeof placesOf> | null = null;
  return new Connection({
    rows,
    cursorAt: (index) => seal.write(encodeListedPlace((placeAt ??= placesOf(reader, window))(index))),
    totalCount: totalCount ?? range.end,
    hasPrevious: range.start > 0,
    hasNext: hasMore,
    changedWhileRead,
    missing: [],
  });
}
