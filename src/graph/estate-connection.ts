/**
 * The users of many customers as one connection. Tenants are read a few at a time, and of each no more rows are kept
 * than the window may need. Without an order, and where nobody asks for the number of users, the walk ends with the
 * window.
 */
import type { GraphQLResolveInfo } from 'graphql';
import { decodeAnchor, encodeAnchor, keptMarks, Marks, type Anchor } from '../listing/anchor.ts';
import type { CursorSeal } from '../listing/cursor.ts';
import type { Span } from '../listing/ranked-window.ts';
import { foldName } from '../fold.ts';
import type {
  CustomerRecord,
  MissingTenantRecord,
  ProtectionStatusRecord,
  TenantKey,
  UserRecord,
} from '../model.ts';
import type { Planner } from '../planner/planner.ts';
import { Pace } from '../scheduler.ts';
import { missingTenant, tenantsAtOnce } from '../survey/read-tenant.ts';
import { Connection, parseWindow, type ConnectionParts } from './connection.ts';
import type { GraphContext } from './context.ts';
import { wantedCustomers } from './customer-question.ts';
import { sealOf, showInOrder } from './filtered-connection.ts';
import type { QueryUsersArgs } from './generated/resolvers.ts';
import { decodeListedPlace, encodeListedPlace, type ListedPlace } from './listed-window.ts';
import { wantedBy } from './population.ts';
import { selects } from './selection.ts';
import { TenantUsers, type Slice } from './tenant-users.ts';

/** A user's place: the tenant's among the tenants, and the user's within the tenant. */
interface EstatePlace {
  readonly tenant: Anchor;
  readonly user: ListedPlace;
}

interface Walk {
  readonly tenants: readonly TenantKey[];
  readonly users: TenantUsers;
  readonly planner: Planner;
  /** Those that could not be read, as the walk goes on. */
  readonly missing: MissingTenantRecord[];
}

type Show = (walk: Walk) => Promise<
  Omit<ConnectionParts<UserRecord>, 'changedWhileRead' | 'missing'> & {
    /** Whether the cursor's tenant, or its place, was found again. */
    readonly isCertain?: boolean;
  }
>;

/** Fails with CallerError, and with the UpstreamError that costs the list of customers. */
export async function connectEstate(
  { customers: customerFilter, filter, orderBy, ...windowArguments }: Partial<QueryUsersArgs>,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<Connection<UserRecord>> {
  const { planner } = context;
  const asked = customerFilter || filter ? [customerFilter ?? null, filter ?? null] : null;
  const seal = sealOf({ list: ['users'], filter: asked, orderBy });
  const users = new TenantUsers({ filter, orderBy }, planner, info.path);
  const { order } = users;
  const show =
    order === null
      ? showInListOrder(parseWindow(windowArguments, seal, decodePlace), seal, info)
      : showByOrder(showInOrder(order, windowArguments, seal));
  const customers = await wantedCustomers('customers', customerFilter, context, wantedBy(info));
  const tenants = await tenantsOf(customers.rows);
  const walk: Walk = { tenants, users, planner, missing: [...customers.missing] };
  const { isCertain = true, ...parts } = await show(walk);
  return new Connection({
    ...parts,
    changedWhileRead: customers.changedWhileRead || users.changedWhileRead || !isCertain,
    missing: walk.missing,
  });
}

function showByOrder(inOrder: ReturnType<typeof showInOrder<UserRecord, ProtectionStatusRecord>>): Show {
  return async ({ tenants, users, missing }) => {
    const { add, finish } = inOrder({ rows: [], identityOf: nameOf });
    for (let start = 0; start < tenants.length; start += tenantsAtOnce) {
      await readAll(tenants.slice(start, start + tenantsAtOnce), missing, async (tenant) => {
        await users.visit(tenant, (user, protection) => {
          add(user, 0, protection);
        });
      });
    }
    return finish();
  };
}

function showInListOrder(span: Span<EstatePlace>, seal: CursorSeal, info: GraphQLResolveInfo): Show {
  const needsTotalCount = selects(info, 'totalCount');
  const needsRows = selects(info, 'rows');
  return async ({ tenants, users, planner, missing }) => {
    const marks = await marksOf(tenants, span, planner);
    const { start, end, isCertain, spanOf } = locate(marks, span);
    const [first, last] = needsTotalCount ? [0, tenants.length] : [start, Math.min(end, tenants.length)];
    const found: { readonly position: number; readonly slice: Slice }[] = [];
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
            ? users.slice(tenant, spanOf(position), needsTotalCount)
            : users.count(tenant);
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
        const user = places[index];
        return user === undefined ? [] : [{ row, position, user }];
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
          at === undefined ? null : encodePlace({ tenant: marks.anchor(at.position), user: at.user }),
        );
      },
      totalCount: found.reduce((sum, { slice }) => sum + slice.totalCount, 0),
      // Of tenants outside the span, only a count of all shows whether they have users.
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

/** The tenants of customers, put together once for all who ask of the same rows, such as those of a cached list. */
function tenantsOf(customers: readonly CustomerRecord[]): Promise<readonly TenantKey[]> {
  let tenants = tenantsOfRows.get(customers);
  if (tenants === undefined) tenantsOfRows.set(customers, (tenants = readTenants(customers)));
  return tenants;
}

const tenantsOfRows = new WeakMap<readonly CustomerRecord[], Promise<readonly TenantKey[]>>();

/** Goes on when an operation has ended, since others may wait for it. */
async function readTenants(customers: readonly CustomerRecord[]): Promise<readonly TenantKey[]> {
  const pace = new Pace();
  const tenants: TenantKey[] = [];
  for (const customer of customers) {
    if (pace.shouldYield) await pace.yield();
    tenants.push(...customer.tenants);
  }
  return tenants;
}

/** The marks of all tenants, worked out by turns where a span's tenant may have to be looked for among all of them. */
async function marksOf(
  tenants: readonly TenantKey[],
  { after, before }: Span<EstatePlace>,
  { pace: paceOf }: Planner,
): Promise<Marks> {
  const marks = new Marks({ start: 0, end: tenants.length }, keptMarks(tenants, nameOf));
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
  marks: Marks,
  { size, isBackward, after, before }: Span<EstatePlace>,
): {
  readonly start: number;
  readonly end: number;
  readonly isCertain: boolean;
  readonly spanOf: (position: number) => Span<ListedPlace>;
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
      after: first?.isThere === true && position === start ? (after?.user ?? null) : null,
      before: last?.isThere === true && position === end - 1 ? (before?.user ?? null) : null,
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

/** Tells a tenant, or a user, from all others. */
function nameOf({ customerId, tenantId, userId }: TenantKey & { readonly userId?: string }): string {
  return JSON.stringify([customerId, tenantId, userId].map((id) => id && foldName(id)));
}

function encodePlace({ tenant, user }: EstatePlace): unknown {
  return [encodeAnchor(tenant), encodeListedPlace(user)];
}

function decodePlace(value: unknown): EstatePlace | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const parts: readonly unknown[] = value;
  const [tenant, user] = [decodeAnchor(parts[0]), decodeListedPlace(parts[1])];
  return tenant === null || user === null ? null : { tenant, user };
}
