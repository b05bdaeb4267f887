/**
 * One list of each tenant of some customers as one connection. Tenants are read a few at a time, and of each no more rows
 * are kept than the window may need. Without an order, and if the number of rows is not asked for, the walk ends with
 * the window.
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
import { cursorCodecOf, showInOrder, type QueryName } from './filtered-connection.ts';
import { decodeListedPlace, encodeListedPlace, type ListedPlace } from './listed-window.ts';
import { selects } from './selection.ts';
import { tenantsOf } from './tenants-of.ts';
import { TenantRows, type Slice, type TenantRowQuery } from './tenant-rows.ts';

/** A list of many tenants, and what is asked of it. */
export interface AllTenantsList<Row, Joined> {
  readonly name: QueryName;
  readonly query: TenantRowQuery<Row, Joined>;
  /** Reads the customers whose tenants have the list. */
  readonly customers: () => MaybePromise<Awaited<ReturnType<typeof selectCustomers>>>;
}

/** A row's place: the tenant's among the tenants, and the row's within the tenant. */
interface EstatePlace {
  readonly tenant: Anchor;
  readonly row: ListedPlace;
}

interface Walk<Row, Joined> {
  readonly tenants: readonly TenantKey[];
  readonly list: TenantRows<Row, Joined>;
  readonly planner: Planner;
  /** Those that could not be read, as the walk goes on. */
  readonly missing: MissingTenantRecord[];
}

type Show<Row, Joined> = (walk: Walk<Row, Joined>) => Promise<
  Omit<ConnectionParts<Row>, 'changedWhileRead' | 'missing'> & {
    /** Whether the cursor's tenant, or its place, was found again. */
    readonly isCertain?: boolean;
  }
>;

/** Fails with CallerError, and with the UpstreamError that costs the list of customers. */
export async function connectAllTenants<Row extends TenantKey, Joined>(
  { name, query, customers: read }: AllTenantsList<Row, Joined>,
  windowArguments: ConnectionArguments,
  { planner }: GraphContext,
  info: GraphQLResolveInfo,
): Promise<Connection<Row>> {
  const seal = cursorCodecOf(name);
  const list = new TenantRows(query, planner, info.path);
  const { order, identityOf } = query;
  const show: Show<Row, Joined> =
    order === null
      ? showInListOrder(parseWindow(windowArguments, seal, decodePlace), seal, info)
      : showByOrder(showInOrder(order, windowArguments, seal), (row) => nameOf(row, identityOf(row)));
  const customers = await read();
  const tenants = await tenantsOf(customers.rows);
  const walk = { tenants, list, planner, missing: [...customers.missing] };
  const { isCertain = true, ...parts } = await show(walk);
  return new Connection({
    ...parts,
    changedWhileRead: customers.changedWhileRead || list.changedWhileRead || !isCertain,
    missing: walk.missing,
  });
}

function showByOrder<Row, Joined>(
  inOrder: ReturnType<typeof showInOrder<Row, Joined>>,
  identityOf: (row: Row) => string,
): Show<Row, Joined> {
  return async ({ tenants, list, missing }) => {
    const { add, finish } = inOrder({ rows: [], identityOf });
    for (let start = 0; start < tenants.length; start += tenantsAtOnce) {
      await readAll(tenants.slice(start, start + tenantsAtOnce), missing, async (tenant) => {
        await list.visit(tenant, (row, joined) => {
          add(row, 0, joined);
        });
      });
    }
    return finish();
  };
}

function showInListOrder<Row, Joined>(
  span: CursorRange<EstatePlace>,
  seal: CursorCodec,
  info: GraphQLResolveInfo,
): Show<Row, Joined> {
  const needsTotalCount = selects(info, 'totalCount');
  const needsRows = selects(info, 'rows');
  return async ({ tenants, list, planner, missing }) => {
    const marks = await marksOf(tenants, span, planner);
    const { start, end, isCertain, spanOf } = locate(marks, span);
    const [first, last] = needsTotalCount ? [0, tenants.length] : [start, Math.min(end, tenants.length)];
    const found: { readonly position: number; readonly slice: Slice<Row> }[] = [];
    let kept = 0;
    // One that finds enough at once reads no more than it needs; one that does not, ever more at a time.
    let stride = needsTotalCount ? tenantsAtOnce : 1;
    for (let next = 0; next < last - first; stride = Math.min(2 * stride, tenantsAtOnce)) {
      const isFull = kept > span.size;
      if (isFull && !needsTotalCount) break;
      const some: number[] = [];
      for (const until = Math.min(last - first, next + stride); next < until; next++)
        some.push(span.isBackward ? last - 1 - next : first + next);
      const slices = await readAll(
        some.map((position) => tenants[position] ?? nobody),
        missing,
        (tenant, index) => {
          const position = some[index] ?? 0;
          return needsRows && !isFull && position >= start && position < end
            ? list.slice(tenant, spanOf(position), needsTotalCount)
            : list.count(tenant);
        },
      );
      slices.forEach((slice, index) => {
        if (slice === null) return;
        // Of what was read beyond the window, the number alone is of use.
        const isOfUse = kept <= span.size;
        found.push({
          position: some[index] ?? 0,
          slice: isOfUse ? slice : { ...slice, rows: [], places: [] },
        });
        if (isOfUse) kept += slice.rows.length;
      });
    }
    if (span.isBackward) found.reverse();
    const placed = found.flatMap(({ position, slice: { rows, places } }) =>
      rows.flatMap((row, index) => {
        const place = places[index];
        return place === undefined ? [] : [{ row, position, place }];
      }),
    );
    const isCut = placed.length > span.size;
    const shown = span.isBackward
      ? placed.slice(Math.max(0, placed.length - span.size))
      : placed.slice(0, span.size);
    return {
      rows: shown.map(({ row }) => row),
      cursorAt: (index) => {
        const at = shown[index];
        return seal.write(
          at === undefined ? null : encodePlace({ tenant: marks.anchor(at.position), row: at.place }),
        );
      },
      totalCount: found.reduce((sum, { slice }) => sum + slice.totalCount, 0),
      // Of tenants outside the span, only a count of all shows whether they have rows.
      hasPrevious:
        (span.isBackward && isCut) ||
        (start > 0 && !needsTotalCount) ||
        found.some(({ position, slice }) => position <= start && slice.hasPrevious),
      hasNext:
        (!span.isBackward && isCut) ||
        (end < tenants.length && !needsTotalCount) ||
        found.some(({ position, slice }) => position >= end - 1 && slice.hasNext),
      isCertain,
    };
  };
}

/** The marks of all tenants, worked out by turns where a span's tenant may have to be looked for among all of them. */
async function marksOf(
  tenants: readonly TenantKey[],
  { after, before }: CursorRange<EstatePlace>,
  { pace: paceOf }: Planner,
): Promise<Fingerprints> {
  const marks = new Fingerprints(
    { start: 0, end: tenants.length },
    fingerprintsAround(tenants, (tenant) => nameOf(tenant)),
  );
  const hasMoved = [after, before].some((place) => place !== null && marks.hasMoved(place.tenant));
  const pace = paceOf();
  for (let position = 0; hasMoved && position < tenants.length; position++) {
    if (pace.shouldYield) await pace.yield();
    marks.at(position);
  }
  return marks;
}

/** Which tenants a span reaches, and which part of each. One row more than the window shows whether there is more. */
function locate(
  marks: Fingerprints,
  { size, isBackward, after, before }: CursorRange<EstatePlace>,
): {
  readonly start: number;
  readonly end: number;
  readonly isCertain: boolean;
  readonly spanOf: (position: number) => CursorRange<ListedPlace>;
} {
  const first = after === null ? null : marks.findInWhole(after.tenant, 'after');
  const last = before === null ? null : marks.findInWhole(before.tenant, 'before');
  // A tenant that has gone has left its place between two others.
  const start = first === null ? 0 : first.isThere ? first.cut - 1 : first.cut;
  const end = last === null ? Infinity : last.isThere ? last.cut + 1 : last.cut;
  return {
    start,
    end,
    isCertain: (first?.isCertain ?? true) && (last?.isCertain ?? true),
    spanOf: (position) => ({
      size: size + 1,
      isBackward,
      after: first?.isThere === true && position === start ? (after?.row ?? null) : null,
      before: last?.isThere === true && position === end - 1 ? (before?.row ?? null) : null,
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
    missing.push(missingTenant(tenants[index] ?? nobody, outcome.reason));
    return null;
  });
}

const nobody: TenantKey = { customerId: '', tenantId: '' };

/** Distinguishes a tenant, or a row of one by its identity there, from all others. */
function nameOf({ customerId, tenantId }: TenantKey, identity?: string): string {
  return JSON.stringify([foldName(customerId), foldName(tenantId), identity]);
}

function encodePlace({ tenant, row }: EstatePlace): unknown {
  return [encodeAnchor(tenant), encodeListedPlace(row)];
}

function decodePlace(value: unknown): EstatePlace | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const parts: readonly unknown[] = value;
  const [tenant, row] = [decodeAnchor(parts[0]), decodeListedPlace(parts[1])];
  return tenant === null || row === null ? null : { tenant, row };
}
