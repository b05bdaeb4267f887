/**
 * Streams the rows of many tenants in batches: each tenant's rows in list order, several tenants interleaved. Reading
 * waits for the consumer; a tenant with a transient failure is retried.
 */
import pLimit from 'p-limit';
import type { CustomerRecord, MissingTenantRecord, TenantKey, TenantRecord } from '../model.ts';
import { tenantName } from '../planner/upstream-cache.ts';
import type { Planner } from '../planner/planner.ts';
import { yieldIfDue } from '../scheduler.ts';
import type { FieldPath, OperationScope } from '../scope.ts';
import type { RetryQueueOptions } from './retry-queue.ts';
import {
  missingTenant,
  visitTenant,
  type TenantVisit,
  type TenantVisitor,
  type VisitOptions,
} from './read-tenant.ts';
import { TenantQueue } from './tenant-queue.ts';

export interface TenantOfCustomer {
  readonly customer: CustomerRecord;
  readonly tenant: TenantRecord;
}

/** Receives a tenant's rows and returns the output for them. */
export interface RowVisitor<Row> extends Pick<TenantVisitor, 'addStatus' | 'addUser'> {
  /** Output for the rows added since the last call. */
  readonly take: (asOfMs: number) => Row[];
  /** Additional output at the end of a tenant. */
  readonly finish?: (visit: Pick<TenantVisit<unknown>, 'asOfMs' | 'changedWhileRead'>) => Row[];
}

/** Rows already decided, by name: true if the row was emitted. */
export type DecidedRows = Map<string, boolean>;

export interface MissingRowsRecord extends MissingTenantRecord {
  readonly organization: string | null;
  readonly name: string | null;
  /** Number of rows emitted before the failure. */
  readonly rows: number;
}

export interface RowsEnd {
  readonly rows: number;
  /** Request time of the oldest data, in milliseconds since the epoch, or null. */
  readonly asOfMs: number | null;
  /** Whether any list kept changing while it was read. */
  readonly changedWhileRead: boolean;
  readonly changed: readonly TenantKey[];
  /** Tenants that were read in part or not at all. */
  readonly missing: readonly MissingRowsRecord[];
}

interface RowsOptions<Row> extends RetryQueueOptions, Pick<VisitOptions, 'first'> {
  readonly planner: Planner;
  readonly scope: Pick<OperationScope, 'signal'>;
  readonly cause: FieldPath;
  /** @param decided rows of the tenant, including those of earlier attempts */
  readonly begin: (tenant: TenantOfCustomer, decided: DecidedRows) => RowVisitor<Row>;
  /** Selects tenants; absent for all. */
  readonly isSelected?: (tenant: TenantOfCustomer) => boolean;
}

/** @param customers whose tenants are read, and whether their list kept changing */
export async function* readRows<Row>(
  customers: { readonly rows: readonly CustomerRecord[]; readonly changedWhileRead: boolean },
  { planner, scope: { signal }, cause, begin, first, isSelected, ...options }: RowsOptions<Row>,
): AsyncGenerator<readonly Row[], RowsEnd, undefined> {
  // Not the common limit: a slow consumer must not delay other reports.
  const visitOptions = { largeTenantLimit: pLimit(1), ...(first === undefined ? {} : { first }) };
  const queue: RowQueue<Row> = new TenantQueue(tasksOf<Row>(customers.rows, isSelected), {
    ...options,
    signal,
    read: (task) => visitTenant(planner, task.tenant, cause, () => task.begin(begin, queue), visitOptions),
  });
  const missing: MissingRowsRecord[] = [];
  const changed: TenantKey[] = [];
  let { changedWhileRead } = customers;
  let asOfMs = Infinity;
  let rows = 0;
  const giveUp = (task: TenantTask<Row>, error: unknown) => {
    asOfMs = Math.min(asOfMs, task.asOfMs);
    missing.push({ ...missingTenant(task.tenant, error), ...task.names, rows: task.rows });
    task.clear();
  };
  for await (const event of queue.events()) {
    if (event === null) continue;
    if ('part' in event) {
      rows += event.part.length;
      await yieldIfDue();
      yield event.part;
      continue;
    }
    const { task } = event;
    if ('result' in event) {
      queue.succeed(task);
      task.clear();
      const { result: visit } = event;
      if (visit.changedWhileRead) changed.push(task.key);
      changedWhileRead ||= visit.changedWhileRead;
      asOfMs = Math.min(asOfMs, visit.asOfMs, task.asOfMs);
      const last = task.finish(visit);
      rows += last.length;
      if (last.length > 0) yield last;
    } else if (!missingTenant(task.tenant, event.error).retryable || !queue.retry(task))
      giveUp(task, event.error);
  }
  for await (const { task, error } of queue.rest()) giveUp(task, error);
  return { rows, asOfMs: asOfMs === Infinity ? null : asOfMs, changedWhileRead, changed, missing };
}

function tasksOf<Row>(
  customers: readonly CustomerRecord[],
  isSelected: (tenant: TenantOfCustomer) => boolean = () => true,
): Iterable<TenantTask<Row>> {
  const tasks = new Map<string, TenantTask<Row>>();
  for (const customer of customers) {
    for (const tenant of customer.tenants) {
      const name = tenantName(tenant);
      if (!tasks.has(name) && isSelected({ customer, tenant }))
        tasks.set(name, new TenantTask(customer, tenant));
    }
  }
  return tasks.values();
}

type RowQueue<Row> = TenantQueue<TenantTask<Row>, TenantVisit<unknown>, readonly Row[]>;

/** A tenant, until it is completely read or given up. */
class TenantTask<Row> implements TenantOfCustomer {
  readonly customer: CustomerRecord;
  readonly tenant: TenantRecord;
  rows = 0;
  /** Request time of the oldest data in the rows that any attempt emitted. */
  asOfMs = Infinity;
  #decided: DecidedRows = new Map();
  #finish: RowVisitor<Row>['finish'];

  constructor(customer: CustomerRecord, tenant: TenantRecord) {
    this.customer = customer;
    this.tenant = tenant;
  }

  get key(): TenantKey {
    const { customerId, tenantId } = this.tenant;
    return { customerId, tenantId };
  }

  get names() {
    return { organization: this.customer.organization, name: this.tenant.name };
  }

  /** Starts an attempt. Emitted rows are not emitted again; all others are decided again. */
  begin(beginVisit: RowsOptions<Row>['begin'], queue: RowQueue<Row>): TenantVisitor {
    for (const [name, isEmitted] of this.#decided) if (!isEmitted) this.#decided.delete(name);
    const { take, finish, ...visitor } = beginVisit(this, this.#decided);
    this.#finish = finish;
    return {
      ...visitor,
      pageRead: async (asOfMs) => {
        const batch = take(asOfMs);
        if (batch.length === 0) return;
        this.rows += batch.length;
        this.asOfMs = Math.min(this.asOfMs, asOfMs);
        await queue.emit(batch);
      },
    };
  }

  /** Additional output of the last attempt. */
  finish(visit: Parameters<NonNullable<RowVisitor<Row>['finish']>>[0]): readonly Row[] {
    return this.#finish?.(visit) ?? [];
  }

  clear(): void {
    this.#decided.clear();
  }
}
