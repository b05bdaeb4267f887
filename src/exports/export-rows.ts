/** Rows of an export as cells, filtered like the graph's lists. */
import { instantOf } from '../clock.ts';
import { protectionStatuses } from '../endpoint/protection-statuses.ts';
import { users } from '../endpoint/users.ts';
import { selectCustomers } from '../graph/customer-filter.ts';
import type { CustomerFilter, ProtectionStatusFilter, UserFilter } from '../graph/generated/resolvers.ts';
import { populationsOfFilter } from '../graph/selected-summaries.ts';
import { protectionStatusPredicate } from '../graph/protection-status-filter.ts';
import { userPredicate } from '../graph/user-filter.ts';
import { filtersIn, type Predicate } from '../list-query/predicate.ts';
import type { Planner } from '../planner/planner.ts';
import type { FieldPath, OperationScope } from '../scope.ts';
import { ProtectionKinds } from '../reporting/protection-kinds.ts';
import type { SummaryLoader } from '../reporting/summary-loader.ts';
import {
  readRows,
  type DecidedRows,
  type MissingRowsRecord,
  type RowVisitor,
  type TenantOfCustomer,
} from '../reporting/read-rows.ts';
import type { Cell, Cells, ExportRows, ExportSubject } from './cells.ts';
import { protectionStatusColumns, userColumns, type Column, type Columns } from './columns.ts';
import { UserIndex } from './joins.ts';
import { withNames } from './tenant-names.ts';

/** Arguments, coerced to GraphQL inputs. */
export type ExportQuery = {
  readonly customers: CustomerFilter | null;
  readonly columns: readonly string[];
} & (
  | { readonly list: 'users'; readonly filter: UserFilter | null }
  | { readonly list: 'protection-statuses'; readonly filter: ProtectionStatusFilter | null }
);

interface ExportContext {
  readonly planner: Planner;
  readonly scope: Pick<OperationScope, 'signal'>;
  readonly summaryLoader: SummaryLoader;
}

/**
 * Opens an export. Rejects with CallerError before the first read, and with UpstreamError if the list of customers
 * can't be read; rows are read once the result is iterated.
 */
export async function openExport(
  query: ExportQuery,
  { planner, scope, summaryLoader }: ExportContext,
): Promise<ExportRows> {
  const cause: FieldPath = { prev: undefined, key: query.list };
  const faults = { count: 0 };
  const begin = beginOf(query, faults);
  const customers = await selectCustomers(
    'customers',
    query.customers,
    { planner, summaryLoader },
    { cause, populations: () => populationsOfFilter(query.customers) },
  );
  const first = query.list;
  const { list: of, filter, customers: ofCustomers, columns } = query;
  const { changedWhileRead: customersChanged } = customers;
  return withEnd(
    readRows<Cells>(customers, {
      planner,
      scope,
      cause,
      begin,
      // The joined rows first.
      first: first === 'users' ? 'protectionStatuses' : 'users',
    }),
    { of, filter, customers: ofCustomers, columns, customersChanged },
    faults,
    withNames(customers.missing, customers.all).map((tenant) => ({ ...tenant, rows: 0 })),
  );
}

/** @param unlisted tenants absent from their customers, since they could not be read */
async function* withEnd(
  rows: ReturnType<typeof readRows<Cells>>,
  subject: Omit<ExportSubject, 'changed'>,
  faults: { readonly count: number },
  unlisted: readonly MissingRowsRecord[],
): ExportRows {
  const { asOfMs, missing: unread, ...end } = yield* rows;
  const missing = [...unread, ...unlisted];
  return {
    ...subject,
    ...end,
    isComplete: missing.length === 0,
    asOf: asOfMs === null ? null : instantOf(asOfMs),
    unreadableValues: faults.count,
    missing: missing.map(({ customerId, organization, tenantId, name, code, ...rest }) => ({
      customerId,
      organization,
      tenantId,
      name,
      reason: code,
      message: rest.message,
      retryable: rest.retryable,
      rows: rest.rows,
    })),
  };
}

type Begin = (tenant: TenantOfCustomer, decided: DecidedRows) => RowVisitor<Cells>;

interface FaultCount {
  count: number;
}

/** @throws CallerError */
function beginOf(query: ExportQuery, faults: FaultCount): Begin {
  if (query.list === 'users') {
    const predicate = userPredicate(query.filter);
    const columns = selectColumns(userColumns, query.columns);
    const filtersByProtection = [...filtersIn(query.filter)].some(({ protection }) => protection);
    const needsJoin = filtersByProtection || columns.some((column) => column.needsJoin);
    return (tenant, decided) => {
      const protection = new ProtectionKinds();
      const rows = new CellRows(
        tenant,
        decided,
        { predicate, columns, identityOf: users.identityOf },
        faults,
      );
      return {
        ...(needsJoin ? { addStatus: protection.add } : {}),
        addUser: (user) => rows.add(user, protection.match),
        take: rows.take,
      };
    };
  }
  const predicate = protectionStatusPredicate(query.filter);
  const columns = selectColumns(protectionStatusColumns, query.columns);
  const filtersByUser = [...filtersIn(query.filter)].some(({ hasUser }) => typeof hasUser === 'boolean');
  const needsJoin = filtersByUser || columns.some((column) => column.needsJoin);
  return (tenant, decided) => {
    const names = new UserIndex();
    const { identityOf } = protectionStatuses;
    const rows = new CellRows(tenant, decided, { predicate, columns, identityOf }, faults);
    return {
      ...(needsJoin ? { addUser: names.add } : {}),
      addStatus: (row) => rows.add(row, names.match),
      take: rows.take,
    };
  };
}

type NamedColumn<Row, Joined> = Column<Row, Joined> & { readonly name: string };

function selectColumns<Row, Joined>(
  columns: Columns<Row, Joined>,
  names: readonly string[],
): readonly NamedColumn<Row, Joined>[] {
  return names.flatMap((name) => {
    const column = columns[name];
    return column === undefined ? [] : [{ ...column, name }];
  });
}

interface RowMapping<Row, Joined> {
  readonly predicate: Predicate<Row, Joined> | null;
  readonly columns: readonly NamedColumn<Row, Joined>[];
  readonly identityOf: (row: Row) => string;
}

/** Converts matching rows of a tenant to cells, each row once. */
class CellRows<Row, Joined> {
  readonly #tenant: TenantOfCustomer;
  readonly #decided: DecidedRows;
  readonly #mapping: RowMapping<Row, Joined>;
  readonly #faults: FaultCount;
  /** Whether an earlier attempt has emitted rows, which look like repeats. */
  readonly #isRetry: boolean;
  #added: { readonly row: Row; readonly joined: Joined | null }[] = [];

  constructor(
    tenant: TenantOfCustomer,
    decided: DecidedRows,
    mapping: RowMapping<Row, Joined>,
    faults: FaultCount,
  ) {
    this.#tenant = tenant;
    this.#decided = decided;
    this.#isRetry = decided.size > 0;
    this.#mapping = mapping;
    this.#faults = faults;
  }

  /** Returns false for a repeated row. */
  add(row: Row, join: (row: Row) => Joined | null): boolean {
    const { predicate, identityOf } = this.#mapping;
    const name = identityOf(row);
    if (this.#decided.has(name)) return this.#isRetry;
    const joined = join(row);
    const isMatch = predicate === null || predicate(row, joined) === true;
    this.#decided.set(name, isMatch);
    if (isMatch) this.#added.push({ row, joined });
    return true;
  }

  readonly take = (asOfMs: number): Cells[] => {
    const added = this.#added;
    this.#added = [];
    const { customer, tenant } = this.#tenant;
    const asOf = instantOf(asOfMs);
    return added.map(({ row, joined }) => {
      const source = { customer, tenant, row, joined, asOf };
      return this.#mapping.columns.map((column): Cell => {
        const cell = column.valueOf(source);
        if (cell === null && column.faultyField !== undefined) {
          const { name, of } = column.faultyField;
          if (of(source).faultOf?.(name)) this.#faults.count += 1;
        }
        return cell;
      });
    });
  };
}
