/**
 * What a viewer sees who may not see all: their own customers, and what is below them. All that is read of the upstream
 * goes through a planner, so that no field can forget it. What is not theirs is not asked for, and looks like what does
 * not exist.
 */
import { UpstreamError } from '../errors.ts';
import type { CustomerRecord, ProtectionStatusRecord, TenantKey, UserRecord } from '../model.ts';
import type { FieldPath, Viewer } from '../scope.ts';
import type { RowReader, Window, WindowRequest } from './list-reader.ts';
import type { Planner } from './planner.ts';
import { byId, JoinDemand, type Demand, type Join } from './want.ts';

/** The same planner for a viewer who may see all. */
export function restrictPlanner(planner: Planner, { customerIds }: Viewer): Planner {
  if (customerIds === null) return planner;
  const isTheirs = ({ customerId }: Pick<TenantKey, 'customerId'>) =>
    customerIds.has(customerId.toLowerCase());
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
    get customers() {
      return (customers ??= theirCustomers(planner, customerIds));
    },
    users: (tenant) => (isTheirs(tenant) ? planner.users(tenant) : noUsers),
    protectionStatuses: (tenant) =>
      isTheirs(tenant) ? planner.protectionStatuses(tenant) : noProtectionStatuses,
    apart: (tenant) =>
      isTheirs(tenant) ? planner.apart(tenant) : { users: noUsers, protectionStatuses: noProtectionStatuses },
    walk: (tenant, cause) => {
      if (isTheirs(tenant)) return planner.walk(tenant, cause);
      throw new UpstreamError('UPSTREAM_NOT_FOUND', 'The upstream has nothing under these ids.', {
        endpoint: 'none',
      });
    },
    summaries: {
      recall: (tenant) => (isTheirs(tenant) ? planner.summaries.recall(tenant) : null),
      keep: (tenant, summary) => {
        if (isTheirs(tenant)) planner.summaries.keep(tenant, summary);
      },
    },
    directory: async (cause) => (await planner.directory(cause)).filter(isTheirs),
  };
}

/** In the order in which the viewer's ids stand. */
function theirCustomers(planner: Planner, customerIds: ReadonlySet<string>): RowReader<CustomerRecord> {
  const isTheirs = ({ want }: Demand) =>
    want.every(({ filterKey }) => filterKey !== undefined && customerIds.has(filterKey.toLowerCase()));
  const find = async (demands: readonly Demand[]) => {
    const asked = demands.filter(isTheirs);
    const found = (await planner.customers.find(asked)).values();
    return demands.map((demand) => (isTheirs(demand) ? (found.next().value ?? null) : null));
  };
  return new ChosenRows<CustomerRecord>({
    find,
    read: async (cause) => {
      const rows = await find([...customerIds].map((id) => ({ want: byId(id), causes: [cause] })));
      return rows.flatMap((row) => {
        if (row instanceof UpstreamError) throw row;
        return row ?? [];
      });
    },
    identityOf: (row) => planner.customers.identityOf(row),
  });
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
