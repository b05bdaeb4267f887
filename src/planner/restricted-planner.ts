/**
 * A planner of what a restricted viewer sees: their own customers, the tenants that stand in those customers' rows, and
 * what is below them. All that is read of the upstream goes through a planner, so that no field can forget it. Nothing
 * else is asked for, and it looks like what does not exist: an id of a tenant proves nothing, whatever customer's id
 * stands before it, since an upstream may look at the tenant's alone.
 */
import { UpstreamError } from '../errors.ts';
import type { CustomerRecord, ProtectionStatusRecord, TenantKey, UserRecord } from '../model.ts';
import type { FieldPath, Viewer } from '../scope.ts';
import type { RowReader, Window, WindowRequest } from './list-reader.ts';
import { GatedRows, type Gate } from './gated-rows.ts';
import type { ListAnswer } from './list-memory.ts';
import { OwnCustomers, withoutPosition } from './own-customers.ts';
import { perTenant, type Planner, type TenantReaders, type TenantWalk } from './planner.ts';
import { JoinDemand, type Demand, type Join } from './want.ts';

/** The same planner for a viewer who may see all. */
export function restrictPlanner(planner: Planner, { customerIds }: Viewer): Planner {
  if (customerIds === null) return planner;
  const own = new OwnCustomers(customerIds, () => planner.customers);
  const gateOf = (tenant: TenantKey): Gate => ({
    isOpenNow: () => own.seesTenantNow(tenant),
    isOpen: (causes) => own.seesTenant(tenant, causes),
  });
  const nothing = <Row>(): RowReader<Row> =>
    new ChosenRows<Row>({
      read: () => Promise.resolve([]),
      find: (demands) => Promise.resolve(demands.map(() => null)),
      identityOf: () => '',
    });
  const [noUsers, noProtectionStatuses] = [nothing<UserRecord>(), nothing<ProtectionStatusRecord>()];
  let customers: RowReader<CustomerRecord> | null = null;
  return {
    isObserved: planner.isObserved,
    pace: planner.pace,
    spell: planner.spell,
    get customers() {
      return (customers ??= new ChosenRows<CustomerRecord>({
        find: (demands) => own.find(demands),
        read: (cause) => own.all(cause),
        identityOf: (row) => planner.customers.identityOf(row),
      }));
    },
    users: perTenant((tenant) => new GatedRows(gateOf(tenant), () => planner.users(tenant), noUsers)),
    protectionStatuses: perTenant(
      (tenant) =>
        new GatedRows(gateOf(tenant), () => planner.protectionStatuses(tenant), noProtectionStatuses),
    ),
    apart: (tenant) => {
      const gate = gateOf(tenant);
      let readers: TenantReaders | null = null;
      const create = () => (readers ??= planner.apart(tenant));
      return {
        users: new GatedRows(gate, () => create().users, noUsers),
        protectionStatuses: new GatedRows(gate, () => create().protectionStatuses, noProtectionStatuses),
      };
    },
    walk: (tenant, cause) => gatedWalk(gateOf(tenant), () => planner.walk(tenant, cause), cause),
    summaries: {
      recall: (tenant) => (own.seesTenantNow(tenant) === true ? planner.summaries.recall(tenant) : null),
      keep: (tenant, summary) => {
        if (own.seesTenantNow(tenant) === true) planner.summaries.keep(tenant, summary);
      },
    },
    directory: async (cause) => {
      try {
        return (await planner.directory(cause)).filter((entry) => own.has(entry));
      } catch (error) {
        throw withoutPosition(error);
      }
    },
  };
}

/** Fails as the upstream does for what it does not have, if the viewer does not see the tenant. */
function gatedWalk(gate: Gate, create: () => TenantWalk, cause: FieldPath): TenantWalk {
  let walk: TenantWalk | null = null;
  const open = async () => {
    if (walk === null && !(gate.isOpenNow() ?? (await gate.isOpen([cause])))) {
      throw new UpstreamError('UPSTREAM_NOT_FOUND', 'The upstream has nothing under these ids.', {
        endpoint: 'none',
      });
    }
    return (walk ??= create());
  };
  return {
    users: pagesOf(async () => (await open()).users),
    protectionStatuses: pagesOf(async () => (await open()).protectionStatuses),
  };
}

async function* pagesOf<Row>(
  open: () => Promise<AsyncGenerator<ListAnswer<Row>, void, undefined>>,
): AsyncGenerator<ListAnswer<Row>, void, undefined> {
  yield* await open();
}

interface ChosenRowsOptions<Row> {
  /** Rejects with UpstreamError. */
  readonly read: (cause: FieldPath) => Promise<readonly Row[]>;
  readonly find: (demands: readonly Demand[]) => Promise<(Row | null | UpstreamError)[]>;
  readonly identityOf: (row: Row) => string;
}

/** Rows that were chosen one by one, read as a list of their own. */
class ChosenRows<Row> implements RowReader<Row> {
  readonly hasRows = false;
  readonly find: (demands: readonly Demand[]) => Promise<(Row | null | UpstreamError)[]>;
  readonly identityOf: (row: Row) => string;
  readonly #read: (cause: FieldPath) => Promise<readonly Row[]>;
  #rows: Promise<readonly Row[]> | null = null;

  constructor({ read, find, identityOf }: ChosenRowsOptions<Row>) {
    this.#read = read;
    this.find = find;
    this.identityOf = identityOf;
  }

  windowNow(): null {
    return null;
  }

  findNow(): null {
    return null;
  }

  rowNow(): null {
    return null;
  }

  expectLookUps(): void {
    // They are looked up by their keys.
  }

  whole(cause: FieldPath): Promise<Window<Row>> {
    return this.window({ range: (extent) => ({ start: 0, end: extent ?? 0 }), needsTotalCount: true, cause });
  }

  async window({ range: rangeFor, cause }: WindowRequest): Promise<Window<Row>> {
    this.#rows ??= this.#read(cause);
    const rows = await this.#rows;
    const range = rangeFor(rows.length) ?? { start: 0, end: 0 };
    return {
      rows: rows.slice(range.start, range.end),
      offsets: null,
      range,
      totalCount: rows.length,
      pages: [{ start: 0, rows, totalCount: rows.length }],
      toldLength: rows.length,
      hasMore: range.end < rows.length,
      changedWhileRead: false,
      sentAt: Infinity,
    };
  }

  findAll<Key>(
    keys: readonly Key[],
    join: Join<Key>,
    cause: FieldPath,
  ): Promise<(Row | null | UpstreamError)[]> {
    return this.find(keys.map((key) => new JoinDemand(key, join, [cause])));
  }
}
