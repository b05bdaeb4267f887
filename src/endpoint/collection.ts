/** A paged collection of the upstream: properties by which the planner chooses calls, and the call of one page. */
import type { Scope } from '../scope.ts';
import type { Transport } from '../transport/transport.ts';
import { call, pathOf, type Answer, type Call, type PathIds, type Route } from './call.ts';
import { isObject, type JsonObject } from '../json.ts';
import { DecodeError, decodeRows } from './decode.ts';
import { integerOf, isAbsent } from './values.ts';

/** Setting for the lifetime of rows of one kind. */
export interface LifetimeSetting {
  /** Such as `CACHE_TTL_USERS_SECONDS`. */
  readonly name: string;
  readonly defaultSeconds: number;
  /** As printed in docs/configuration.md. */
  readonly meaning: string;
}

/** `Path` has the ids of the route. */
export interface Collection<Path extends PathIds, Row> {
  readonly route: Route;
  /** `kind` of each row: the name of its type in the schema. */
  readonly kind: Row extends { readonly kind: infer Kind extends string } ? Kind : string;
  readonly lifetime: LifetimeSetting;
  /**
   * Body properties that filter by several keys, and by one key. Two revisions of the reference pages name them
   * differently; a deployment probably ignores unknown ones.
   */
  readonly filterNames: { readonly plural: string; readonly singular: string | null };
  /**
   * Creates a row from a JSON object, including a row's own JSON. Fields are decoded when read.
   *
   * @throws DecodeError with the name of a required field
   */
  readonly decodeRow: (json: JsonObject, path: Path) => Row;
  /** Unique for each row: rows with the same identity are repeats. */
  readonly identityOf: (row: Row) => string;
  /** The key by which the filter finds the row. */
  readonly filterKeyOf: (row: Row) => string | null;
  /**
   * All names of the row, its filter key first; see `planner/row-keys.ts`. Rows of look-ups are indexed only under the
   * first.
   */
  readonly indexKeysOf: (row: Row) => readonly string[];
}

/** `either` sends both names, and the deployment applies the one that it knows; the singular one gets the first key. */
export interface Filter {
  readonly dialect: 'plural' | 'singular' | 'either';
  readonly keys: readonly string[];
}

export interface PageRequest {
  /** From 1. */
  readonly pageIndex: number;
  readonly pageSize: number;
  readonly filter: Filter | null;
}

/** Requests the length of the list, with the smallest page. */
export const lengthRequest: PageRequest = { pageIndex: 1, pageSize: 1, filter: null };

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Null if the response has no `metadata.totalCount`, or if the page has more rows. */
  readonly totalCount: number | null;
  readonly pageSize: number | null;
  /** Number of null rows, which count in the list's offsets; absent if there are none. */
  readonly nullRows?: number;
}

/** The number of offsets that a page takes in its list. */
export function lengthOf({ rows, nullRows = 0 }: Page<unknown>): number {
  return rows.length + nullRows;
}

export function hasNullRows({ nullRows = 0 }: Page<unknown>): boolean {
  return nullRows > 0;
}

/** The maximum page size that all reference pages allow (customers: "the maximum value allowed is 100"). */
export const maxPageSize = 100;

/**
 * Returns path and query of a page's call.
 *
 * @throws UpstreamError as `pathOf`
 */
export function pagePath<Path extends PathIds>(
  { route }: Pick<Collection<Path, never>, 'route'>,
  path: Path,
  { pageIndex, pageSize }: PageRequest,
): string {
  return `${pathOf(route, path)}?pageIndex=${pageIndex}&pageSize=${pageSize}`;
}

/** Returns the JSON body of a page's call. */
export function pageBody(
  { filterNames }: Pick<Collection<never, never>, 'filterNames'>,
  { filter }: PageRequest,
): string {
  return JSON.stringify(filter === null ? {} : filterBody(filterNames, filter));
}

/** Makes the call of `pagePath` and `pageBody`. */
export function fetchPage<Path extends PathIds, Row>(
  transport: Transport,
  { route, decodeRow }: Pick<Collection<Path, Row>, 'route' | 'decodeRow'>,
  path: Path,
  { pageIndex, pageSize }: Pick<PageRequest, 'pageIndex' | 'pageSize'>,
  page: Call,
  scope: Scope,
): Promise<Answer<Page<Row>>> {
  return call(
    transport,
    route,
    page,
    (body) => {
      // A page beyond the end does not state the list's length.
      if (body === null) return { rows: [], totalCount: pageIndex === 1 ? 0 : null, pageSize: null };
      const metadata = decodeMetadata(body);
      const start = (pageIndex - 1) * (metadata.pageSize ?? pageSize);
      const mayBeEmpty = metadata.totalCount !== null && metadata.totalCount <= start;
      const { Data, data = Data } = body;
      const rows =
        mayBeEmpty && isAbsent(data) ? [] : decodeRows(data, 'data', (row) => decodeRow(row, path));
      const isContradicted = metadata.totalCount !== null && metadata.totalCount < rows.length;
      // A window beyond the end may count only its own rows.
      const isOfPage = pageIndex > 1 && metadata.totalCount === 0;
      const totalCount = isContradicted || isOfPage ? null : metadata.totalCount;
      const nullRows = Array.isArray(data) ? data.length - rows.length : 0;
      return { rows, totalCount, pageSize: metadata.pageSize, ...(nullRows === 0 ? {} : { nullRows }) };
    },
    scope,
  );
}

/**
 * Recreates rows from their own JSON; null if invalid.
 *
 * @param decodeRow throws DecodeError
 */
export function reviveRows<Row>(rows: unknown, decodeRow: (json: JsonObject) => Row): readonly Row[] | null {
  try {
    return decodeRows(rows, 'rows', decodeRow);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

function filterBody(names: Collection<never, never>['filterNames'], { dialect, keys }: Filter): object {
  return {
    ...(names.singular !== null && dialect !== 'plural' ? { [names.singular]: keys[0] } : {}),
    ...(dialect === 'singular' ? {} : { [names.plural]: keys }),
  };
}

function decodeMetadata(body: JsonObject): Pick<Page<never>, 'totalCount' | 'pageSize'> {
  const { Metadata, metadata = Metadata } = body;
  if (!isObject(metadata)) return { totalCount: null, pageSize: null };
  const { TotalCount, totalCount = TotalCount, PageSize, pageSize = PageSize } = metadata;
  return { totalCount: countOf(totalCount, 0), pageSize: countOf(pageSize, 1) };
}

function countOf(value: unknown, least: number): number | null {
  const count = integerOf(value) ?? null;
  return count !== null && count >= least ? count : null;
}
