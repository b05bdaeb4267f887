/** Upstream calls that a field needs if nothing is cached. */
import type { FieldPrice, Prices, UpstreamPrice } from './prices.ts';

export interface FieldReads {
  readonly price: FieldPrice;
  readonly upstream: UpstreamPrice;
  /** Number of objects that have the field. */
  readonly times: number;
  /** Minimum number of tenants that those objects belong to. */
  readonly tenants: number;
  /** Rows of the window, or of the list if the field is no connection. */
  readonly size: number;
  /** Number of keys of an argument that selects rows, or null. */
  readonly keys: number | null;
  readonly isConnection: boolean;
  /** Whether a filter or an order reads the whole list. */
  readonly isWhole: boolean;
  /** Whole lists that filters and orders read, as `Type.field`. */
  readonly argumentLists: ReadonlySet<string>;
  /** Whether the operation needs the length of each list. */
  readonly isCounted: boolean;
  /** Whether a window is read from the end, which first needs the length of each list. */
  readonly isFromEnd: boolean;
}

/** Lists of one field of the schema, all of the assumed length. */
interface Lists {
  readonly count: number;
  /** Rows of each. */
  readonly length: number;
  readonly perPage: number;
  /** Pages of each; none if the rows arrive with their parents. */
  readonly pages: number;
}

/**
 * @param lengthOf assumed length of a list, as `Type.field`
 * @param add receives the calls of each list that the field reads
 */
export function upstreamCalls(
  reads: FieldReads,
  prices: Prices,
  lengthOf: (list: string) => number,
  add: (list: string, calls: number) => void,
): void {
  const { price, upstream, times, tenants, size, keys, isConnection, isWhole, argumentLists } = reads;
  const lengthReads = reads.isFromEnd && !isWhole ? times : 0;
  const { calls, batch, page, perTenant } = upstream;
  const lookUps = (values: number) =>
    perTenant ? tenants * Math.ceil(values / tenants / batch) : Math.ceil(values / batch);
  const path = keys === null ? (upstream.reads ?? []) : [];
  const lists = listsOf(
    new Set([...(path.length > 0 ? path : [price.name]), ...argumentLists]),
    perTenant ? tenants : times,
    prices,
    (list) => (list === price.name && keys !== null ? keys : lengthOf(list)),
  );
  const whole = new Set(path.length > 0 && isWhole ? [...path, ...argumentLists] : argumentLists);
  for (const list of whole) add(list, pagesOf(lists.get(list)));
  if (path.length === 0) {
    const read = keys ?? (isConnection && isWhole ? lengthOf(price.name) : size);
    const needed = page ? lengthReads + times * Math.max(1, Math.ceil(read / page)) : lookUps(times * read);
    add(upstream.of ?? price.name, calls * needed);
  } else if (!isWhole) {
    for (const list of path) {
      if (whole.has(list)) continue;
      const isLast = list === path.at(-1);
      add(list, isLast ? windowPages(lists.get(list), reads) : pagesOf(lists.get(list)));
    }
  }
}

/** Calls that read all lists of each schema field once, by field. */
export function callsOfWholeLists(
  prices: Prices,
  lengthOf: (list: string) => number,
): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  for (const { upstream } of prices.values()) {
    const path = upstream?.reads ?? [];
    if (path[0]?.startsWith('Query.') !== true) continue;
    for (const [list, lists] of listsOf(path, 1, prices, lengthOf)) all.set(list, pagesOf(lists));
  }
  return all;
}

/** Lists by `Type.field`: one for every object of its type in the lists before it. */
function listsOf(
  names: Iterable<string>,
  times: number,
  prices: Prices,
  lengthOf: (list: string) => number,
): ReadonlyMap<string, Lists> {
  const lists = new Map<string, Lists>();
  const objects = new Map<string, number>();
  let rows = times;
  for (const name of names) {
    const [type = ''] = name.split('.');
    const count = objects.get(type) ?? rows;
    objects.set(type, count);
    const length = lengthOf(name);
    const perPage = prices.get(name)?.upstream?.page ?? 0;
    lists.set(name, {
      count,
      length,
      perPage,
      pages: perPage > 0 ? Math.max(1, Math.ceil(length / perPage)) : 0,
    });
    rows = count * length;
  }
  return lists;
}

function pagesOf(lists: Lists | undefined): number {
  return lists === undefined ? 0 : lists.count * lists.pages;
}

/**
 * Pages of windows over several lists, which are read one by one, in growing strides, until a window has a next row.
 */
function windowPages(lists: Lists | undefined, { times, size, isCounted, isFromEnd }: FieldReads): number {
  if (lists === undefined || times === 0) return 0;
  const { length, perPage, pages } = lists;
  const count = lists.count / times;
  const needed = Math.ceil((size + 1) / Math.max(1, length));
  const read = Math.min(count, 2 * needed - 1);
  const pagesOfOne = Math.max(1, Math.ceil(Math.min(length, size + 1) / perPage)) + (isFromEnd ? 1 : 0);
  const others = isCounted ? count - read : 0;
  return times * (read * (needed > 1 ? pages : pagesOfOne) + others);
}
