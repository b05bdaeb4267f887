/** A paged collection of the upstream: what a planner must know of it to choose its calls, and the call of one page. */
import type { Scope } from '../scope.ts';
import type { Transport } from '../transport/transport.ts';
import { call, pathOf, type Answer, type Call, type PathIds, type Route } from './call.ts';
import type { JsonObject } from '../json.ts';
import { DecodeError, decodeRows, requireObject } from './decode.ts';
import { integerOf, isAbsent } from './values.ts';

/** The setting of how long rows of one kind are fresh. */
export interface LifetimeSetting {
  /** Such as `CACHE_TTL_USERS_SECONDS`. */
  readonly name: string;
  readonly defaultSeconds: number;
  /** As printed in docs/configuration.md. */
  readonly meaning: string;
}

/** `Path` holds the ids of the route. */
export interface Collection<Path extends PathIds, Row> {
  readonly route: Route;
  /** The `kind` of each row, which is the name of its type in the schema. */
  readonly kind: Row extends { readonly kind: infer Kind extends string } ? Kind : string;
  readonly lifetime: LifetimeSetting;
  /**
   * The body property that filters by a list of keys, and the one that filters by one key. Two revisions of the
   * reference pages name them differently, and a property that a deployment does not know is probably ignored.
   */
  readonly filterNames: { readonly plural: string; readonly singular: string | null };
  /**
   * Makes the row of a JSON object, which is decoded when it is read; the same of what `JSON.stringify` makes of a row.
   *
   * @throws DecodeError with the name of a field that the row can't do without
   */
  readonly decodeRow: (json: JsonObject, path: Path) => Row;
  /** What tells a row from another one: a row with the same identity is a repeat. */
  readonly identityOf: (row: Row) => string;
  /** The value a filter finds the row by. */
  readonly filterKeyOf: (row: Row) => string | null;
  /**
   * All names the row can be found under once it is at hand, that of its filter key first; see `planner/row-keys.ts`. A
   * row that was looked up by the filter is found under this one alone.
   */
  readonly indexKeysOf: (row: Row) => readonly string[];
}

/** `either` sends both names, of which the deployment honours the one it knows: the singular one gets the first key. */
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

/** Asks for the length of the list: one row is the smallest page. */
export const lengthRequest: PageRequest = { pageIndex: 1, pageSize: 1, filter: null };

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Null if the answer has no `metadata`, or not this part of it, or if the page has more rows than that. */
  readonly totalCount: number | null;
  readonly pageSize: number | null;
  /** Rows that were null: left out, each with a place in the list all the same. Absent if there are none. */
  readonly nullRows?: number;
}

/** The number of places that a page takes in its list. */
export function lengthOf({ rows, nullRows = 0 }: Page<unknown>): number {
  return rows.length + nullRows;
}

/** The largest page that the reference pages promise for every collection (customers: "the maximum value allowed is 100"). */
export const maxPageSize = 100;

/**
 * Path and query of the call that asks for a page.
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

/** Body of the call that asks for a page, JSON. */
export function pageBody(
  { filterNames }: Pick<Collection<never, never>, 'filterNames'>,
  { filter }: PageRequest,
): string {
  return JSON.stringify(filter === null ? {} : filterBody(filterNames, filter));
}

/**
 * Makes the call of `pagePath` and `pageBody`.
 *
 * @param page the call for what `request` asks for
 */
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
      // A page behind the end does not say how long the list is.
      if (body === null) return { rows: [], totalCount: pageIndex === 1 ? 0 : null, pageSize: null };
      const metadata = decodeMetadata(body);
      const start = (pageIndex - 1) * (metadata.pageSize ?? pageSize);
      const mayBeEmpty = metadata.totalCount !== null && metadata.totalCount <= start;
      const { Data, data = Data } = body;
      const rows =
        mayBeEmpty && isAbsent(data) ? [] : decodeRows(data, 'data', (row) => decodeRow(row, path));
      const isContradicted = metadata.totalCount !== null && metadata.totalCount < rows.length;
      const totalCount = isContradicted ? null : metadata.totalCount;
      const nullRows = Array.isArray(data) ? data.length - rows.length : 0;
      return { rows, totalCount, pageSize: metadata.pageSize, ...(nullRows === 0 ? {} : { nullRows }) };
    },
    scope,
  );
}

/**
 * Rows of their JSON, as `JSON.stringify` made it of a page's; null for what can't be rows.
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
  if (isAbsent(metadata)) return { totalCount: null, pageSize: null };
  const counts = requireObject(metadata, 'metadata');
  const { TotalCount, totalCount = TotalCount, PageSize, pageSize = PageSize } = counts;
  return { totalCount: countOf(totalCount, 0), pageSize: countOf(pageSize, 1) };
}

function countOf(value: unknown, least: number): number | null {
  const count = integerOf(value) ?? null;
  return count !== null && count >= least ? count : null;
}
