/**
 * A planner that tells whose data is read: of every row that it gives, the customer. All that is read of the upstream goes
 * through a planner, so that no field can forget to.
 */
import { UpstreamError } from '../errors.ts';
import { foldName } from '../fold.ts';
import type { CustomerRecord, ProtectionStatusRecord, TenantKey, UserRecord } from '../model.ts';
import type { FieldPath } from '../scope.ts';
import type { ListAnswer } from './list-memory.ts';
import type { RowReader, Window, WindowRequest } from './list-reader.ts';
import type { Planner } from './planner.ts';
import type { Demand, Join } from './want.ts';

/**
 * @param customers takes in the ids of the customers, folded; null where nobody wants to know
 */
export function witnessPlanner(planner: Planner, customers: Set<string> | null): Planner {
  if (customers === null) return planner;
  const see = ({ customerId }: Pick<TenantKey, 'customerId'>) => customers.add(foldName(customerId));
  let ofCustomers: RowReader<CustomerRecord> | null = null;
  const ofTenant = <Row>(reader: RowReader<Row>, tenant: TenantKey) =>
    new WitnessedRows<Row>(reader, (rows) => {
      if (rows.some(isRow)) see(tenant);
    });
  // Who asks for the same reader twice gets the same one twice.
  const users = new Map<RowReader<UserRecord>, RowReader<UserRecord>>();
  const protectionStatuses = new Map<RowReader<ProtectionStatusRecord>, RowReader<ProtectionStatusRecord>>();
  return {
    isObserved: planner.isObserved,
    pace: planner.pace,
    spell: planner.spell,
    get customers() {
      return (ofCustomers ??= new WitnessedRows(planner.customers, (rows) => {
        for (const row of rows) if (isRow(row)) see(row);
      }));
    },
    users: (tenant) => once(users, planner.users(tenant), (reader) => ofTenant(reader, tenant)),
    protectionStatuses: (tenant) =>
      once(protectionStatuses, planner.protectionStatuses(tenant), (reader) => ofTenant(reader, tenant)),
    apart: (tenant) => {
      const readers = planner.apart(tenant);
      return {
        users: ofTenant(readers.users, tenant),
        protectionStatuses: ofTenant(readers.protectionStatuses, tenant),
      };
    },
    walk: (tenant, cause) => {
      const pages = planner.walk(tenant, cause);
      const sees = () => see(tenant);
      return {
        users: seePages(pages.users, sees),
        protectionStatuses: seePages(pages.protectionStatuses, sees),
      };
    },
    summaries: {
      recall: (tenant) => {
        const summary = planner.summaries.recall(tenant);
        if (summary !== null) see(tenant);
        return summary;
      },
      keep: planner.summaries.keep,
    },
    directory: async (cause) => {
      const entries = await planner.directory(cause);
      entries.forEach(see);
      return entries;
    },
  };
}

function once<Key, Value>(known: Map<Key, Value>, key: Key, create: (key: Key) => Value): Value {
  let value = known.get(key);
  if (value === undefined) known.set(key, (value = create(key)));
  return value;
}

async function* seePages<Row>(
  pages: AsyncGenerator<ListAnswer<Row>, void, undefined>,
  sees: () => void,
): AsyncGenerator<ListAnswer<Row>, void, undefined> {
  for await (const page of pages) {
    if (page.rows.length > 0) sees();
    yield page;
  }
}

type Found<Row> = Row | null | UpstreamError;

function isRow<Row>(found: Found<Row>): found is Row {
  return found !== null && !(found instanceof UpstreamError);
}

class WitnessedRows<Row> implements RowReader<Row> {
  readonly #reader: RowReader<Row>;
  readonly #see: (rows: readonly Found<Row>[]) => void;

  constructor(reader: RowReader<Row>, see: (rows: readonly Found<Row>[]) => void) {
    this.#reader = reader;
    this.#see = see;
  }

  get hasRows(): boolean {
    return this.#reader.hasRows;
  }

  identityOf(row: Row): string {
    return this.#reader.identityOf(row);
  }

  expectLookUps(rows: number | null, cause: FieldPath): void {
    this.#reader.expectLookUps(rows, cause);
  }

  windowNow(request: Pick<WindowRequest, 'range'>): Window<Row> | null {
    const window = this.#reader.windowNow(request);
    return window === null ? null : this.#seeWindow(window);
  }

  async window(request: WindowRequest): Promise<Window<Row>> {
    return this.#seeWindow(await this.#reader.window(request));
  }

  whole(
    cause: FieldPath,
    thenLooksUp: WindowRequest['thenLooksUp'] = null,
  ): Window<Row> | Promise<Window<Row>> {
    const window = this.#reader.whole(cause, thenLooksUp);
    return window instanceof Promise ? window.then((each) => this.#seeWindow(each)) : this.#seeWindow(window);
  }

  rowNow(offset: number): Row | null {
    const row = this.#reader.rowNow(offset);
    this.#see([row]);
    return row;
  }

  findNow<Key>(keys: readonly Key[], join: Join<Key>): (Row | null)[] | null {
    const rows = this.#reader.findNow(keys, join);
    if (rows !== null) this.#see(rows);
    return rows;
  }

  async find(demands: readonly Demand[]): Promise<Found<Row>[]> {
    return this.#seeAll(await this.#reader.find(demands));
  }

  findAll<Key>(
    keys: readonly Key[],
    join: Join<Key>,
    cause: FieldPath,
  ): (Row | null)[] | Promise<Found<Row>[]> {
    const rows = this.#reader.findAll(keys, join, cause);
    if (rows instanceof Promise) return rows.then((each) => this.#seeAll(each));
    this.#see(rows);
    return rows;
  }

  #seeWindow(window: Window<Row>): Window<Row> {
    this.#see(window.rows);
    return window;
  }

  #seeAll(rows: Found<Row>[]): Found<Row>[] {
    this.#see(rows);
    return rows;
  }
}
