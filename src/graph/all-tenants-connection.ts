/**
 * One collection of many tenants as one connection. Tenants are read a few at a time; only rows that the window may
 * need stay in memory. Without an order and without `totalCount`, reading stops when the window is full.
 */
import type { GraphQLResolveInfo } from 'graphql';
import {
  decodeAnchor,
  encodeAnchor,
  fingerprintsAround,
  Fingerprints,
  type Anchor,
} from '../list-query/anchor.ts';
import type { CursorCodec } from '../list-query/cursor.ts';
import type { CursorRange } from '../list-query/top-k-window.ts';
import { foldName } from '../fold.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import type { MissingTenantRecord, TenantKey } from '../model.ts';
import type { Planner } from '../planner/planner.ts';
import { missingTenant, tenantsAtOnce } from '../reporting/read-tenant.ts';
import { Connection, parseWindow, type ConnectionArguments, type ConnectionParts } from './connection.ts';
import type { GraphContext } from './context.ts';
import type { selectCustomers } from './customer-filter.ts';
import { cursorCodecOf, windowByOrder, type QueryName } from './filtered-connection.ts';
import { decodeListedPlace, encodeListedPlace, type ListedPlace } from './listed-window.ts';
import { selects } from './selection.ts';
import { tenantsOf } from './tenants-of.ts';
import { TenantRows, type Slice, type TenantRowQuery } from './tenant-rows.ts';

export interface AllTenantsList<Row, Joined> {
  readonly name: QueryName;
  readonly query: TenantRowQuery<Row, Joined>;
  /** Reads the customers whose tenants the connection covers. */
  readonly customers: () => MaybePromise<Awaited<ReturnType<typeof selectCustomers>>>;
}

/** Cursor of a row: the place of its tenant among the tenants, and its place within the tenant. */
interface TenantRowPlace {
  readonly tenant: Anchor;
  readonly row: ListedPlace;
}

interface ReadState<Row, Joined> {
  readonly tenants: readonly TenantKey[];
  readonly list: TenantRows<Row, Joined>;
  readonly planner: Planner;
  /** Tenants that failed so far. */
  readonly missing: MissingTenantRecord[];
}

type ReadWindow<Row, Joined> = (state: ReadState<Row, Joined>) => Promise<
  Omit<ConnectionParts<Row>, 'changedWhileRead' | 'missing'> & {
    /** False if the cursor's tenant or row was not found again. */
    readonly isCertain?: boolean;
  }
>;

/** Rejects with CallerError, or with UpstreamError if the list of customers can't be read. */
export async function connectAllTenants<Row extends TenantKey, Joined>(
  { name, query, customers: read }: AllTenantsList<Row, Joined>,
  windowArguments: ConnectionArguments,
  { planner }: GraphContext,
  info: GraphQLResolveInfo,
): Promise<Connection<Row>> {
  const codec = cursorCodecOf(name);
  const list = new TenantRows(query, planner, info.path);
  const { order, identityOf } = query;
  const readWindow: ReadWindow<Row, Joined> =
    order === null
      ? readInListOrder(parseWindow(windowArguments, codec, decodePlace), codec, info)
      : readByOrder(windowByOrder(order, windowArguments, codec), (row) => nameOf(row, identityOf(row)));
  const customers = await read();
  const tenants = await tenantsOf(customers.rows);
  const state = {
    tenants,
    list,
    planner,
    missing: [...customers.missing],
  };
  const { isCertain = true, ...parts } = await readWindow(state);
  return new Connection({
    ...parts,
    changedWhileRead: customers.changedWhileRead || list.changedWhileRead || !isCertain,
    missing: () => state.missing,
  });
}

function readByOrder<Row, Joined>(
  inOrder: ReturnType<typeof windowByOrder<Row, Joined>>,
  identityOf: (row: Row) => string,
): ReadWindow<Row, Joined> {
  return async ({ tenants, list, planner, missing }) => {
    const { add, finish } = inOrder({ rows: [], identityOf });
    for (let start = 0; start < tenants.length; start += tenantsAtOnce) {
      await readAll(tenants.slice(start, start + tenantsAtOnce), missing, async (tenant) => {
        // Added at the end, since a tenant that fails midway counts as unread.
        const matches: (readonly [row: Row, joined: Joined | null])[] = [];
        await list.visit(tenant, (row, joined) => {
          matches.push([row, joined]);
        });
        const pace = planner.pace();
        for (const [row, joined] of matches) {
          if (pace.shouldYield) await pace.yield();
          add(row, 0, joined);
        }
      });
    }
    return finish();
  };
}

function readInListOrder<Row, Joined>(
  range: CursorRange<TenantRowPlace>,
  codec: CursorCodec,
  info: GraphQLResolveInfo,
): ReadWindow<Row, Joined> {
  const needsTotalCount = selects(info, 'totalCount');
  const needsRows = selects(info, 'rows');
  return async ({ tenants, list, planner, missing }) => {
    const fingerprints = await fingerprintsOfTenants(tenants, range, planner);
    const { start, end, isCertain, rangeOf } = locate(fingerprints, range);
    const [first, last] = needsTotalCount ? [0, tenants.length] : [start, Math.min(end, tenants.length)];
    const found: { readonly position: number; readonly slice: Slice<Row> }[] = [];
    let rowCount = 0;
    // A dense list needs one tenant; for a sparse list the stride doubles.
    let stride = needsTotalCount ? tenantsAtOnce : 1;
    for (let next = 0; next < last - first; stride = Math.min(2 * stride, tenantsAtOnce)) {
      const isFull = rowCount > range.size;
      if (isFull && !needsTotalCount) break;
      const positions: number[] = [];
      for (const until = Math.min(last - first, next + stride); next < until; next++)
        positions.push(range.isBackward ? last - 1 - next : first + next);
      const slices = await readAll(
        positions.map((position) => tenants[position] ?? noTenant),
        missing,
        (tenant, index) => {
          const position = positions[index] ?? 0;
          return needsRows && !isFull && position >= start && position < end
            ? list.slice(tenant, rangeOf(position), needsTotalCount)
            : list.count(tenant);
        },
      );
      slices.forEach((slice, index) => {
        if (slice === null) return;
        // Beyond the window only the count is needed.
        const isNeeded = rowCount <= range.size;
        found.push({
          position: positions[index] ?? 0,
          slice: isNeeded ? slice : { ...slice, rows: [], places: [] },
        });
        if (isNeeded) rowCount += slice.rows.length;
      });
    }
    if (range.isBackward) found.reverse();
    const placed = found.flatMap(({ position, slice: { rows, places } }) =>
      rows.flatMap((row, index) => {
        const place = places[index];
        return place === undefined ? [] : [{ row, position, place }];
      }),
    );
    const isCut = placed.length > range.size;
    const shown = range.isBackward
      ? placed.slice(Math.max(0, placed.length - range.size))
      : placed.slice(0, range.size);
    return {
      rows: shown.map(({ row }) => row),
      cursorAt: (index) => {
        const at = shown[index];
        return codec.write(
          at === undefined ? null : encodePlace({ tenant: fingerprints.anchor(at.position), row: at.place }),
        );
      },
      totalCount: found.reduce((sum, { slice }) => sum + slice.totalCount, 0),
      // Without a total, tenants outside the range are assumed to have rows.
      hasPrevious:
        (range.isBackward && isCut) ||
        (start > 0 && !needsTotalCount) ||
        found.some(
          ({ position, slice }) =>
            (position < start || (position === start && position < end)) && slice.hasPrevious,
        ),
      hasNext:
        (!range.isBackward && isCut) ||
        (end < tenants.length && !needsTotalCount) ||
        found.some(
          ({ position, slice }) =>
            (position >= end || (position === end - 1 && position >= start)) && slice.hasNext,
        ),
      isCertain,
    };
  };
}

/** Fingerprints of all tenants, computed in time slices if a cursor's tenant has moved. */
async function fingerprintsOfTenants(
  tenants: readonly TenantKey[],
  { after, before }: CursorRange<TenantRowPlace>,
  { pace: paceOf }: Planner,
): Promise<Fingerprints> {
  const fingerprints = new Fingerprints(
    { start: 0, end: tenants.length },
    fingerprintsAround(tenants, (tenant) => nameOf(tenant)),
  );
  const hasMoved = [after, before].some((place) => place !== null && fingerprints.hasMoved(place.tenant));
  const pace = paceOf();
  for (let position = 0; hasMoved && position < tenants.length; position++) {
    if (pace.shouldYield) await pace.yield();
    fingerprints.at(position);
  }
  return fingerprints;
}

/** Tenants between the cursors, and the part of each. One extra row shows whether there are more. */
function locate(
  fingerprints: Fingerprints,
  { size, isBackward, after, before }: CursorRange<TenantRowPlace>,
): {
  readonly start: number;
  readonly end: number;
  readonly isCertain: boolean;
  readonly rangeOf: (position: number) => CursorRange<ListedPlace>;
} {
  const first = after === null ? null : fingerprints.findInWhole(after.tenant, 'after');
  const last = before === null ? null : fingerprints.findInWhole(before.tenant, 'before');
  // A removed tenant leaves a gap between two others.
  const start = first === null ? 0 : first.isPresent ? first.cut - 1 : first.cut;
  const end = last === null ? Infinity : last.isPresent ? last.cut + 1 : last.cut;
  return {
    start,
    end,
    isCertain: (first?.isCertain ?? true) && (last?.isCertain ?? true),
    rangeOf: (position) => ({
      size: size + 1,
      isBackward,
      after: first?.isPresent === true && position === start ? (after?.row ?? null) : null,
      before: last?.isPresent === true && position === end - 1 ? (before?.row ?? null) : null,
    }),
  };
}

/** Null for each tenant that could not be read. */
async function readAll<Value>(
  tenants: readonly TenantKey[],
  missing: MissingTenantRecord[],
  read: (tenant: TenantKey, index: number) => Promise<Value>,
): Promise<(Value | null)[]> {
  const outcomes = await Promise.allSettled(tenants.map((tenant, index) => read(tenant, index)));
  return outcomes.map((outcome, index) => {
    if (outcome.status === 'fulfilled') return outcome.value;
    missing.push(missingTenant(tenants[index] ?? noTenant, outcome.reason));
    return null;
  });
}

const noTenant: TenantKey = { customerId: '', tenantId: '' };

/** Unique name of a tenant, or of a row by its identity within the tenant. */
function nameOf({ customerId, tenantId }: TenantKey, identity?: string): string {
  return JSON.stringify([foldName(customerId), foldName(tenantId), identity]);
}

function encodePlace({ tenant, row }: TenantRowPlace): unknown {
  return [encodeAnchor(tenant), encodeListedPlace(row)];
}

function decodePlace(value: unknown): TenantRowPlace | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const parts: readonly unknown[] = value;
  const [tenant, row] = [decodeAnchor(parts[0]), decodeListedPlace(parts[1])];
  return tenant === null || row === null ? null : { tenant, row };
}
