/**
 * Rows of any number of tenants, in batches as they are read: those of one tenant in the order of its list, and batches of
 * a few tenants in between. No more is read than the reader takes; a tenant that fails for a passing reason is tried again.
 */
import pLimit from 'p-limit';
import type { CustomerRecord, MissingTenantRecord, TenantKey, TenantRecord } from '../model.ts';
import { tenantName } from '../planner/shared-cache.ts';
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

/** Takes a tenant's rows, and gives what is made of them. */
export interface RowVisitor<Row> extends Pick<TenantVisitor, 'addStatus' | 'addUser'> {
  /** What was made of the rows that were added since the last time. */
  readonly take: (asOfMs: number) => Row[];
  /** What is made of a tenant that was read to its end, beside what was taken. */
  readonly finish?: (visit: Pick<TenantVisit<unknown>, 'asOfMs' | 'changedWhileRead'>) => Row[];
}

/** Which rows of a tenant were decided about, by their names: true for those that were given to the reader. */
export type DecidedRows = Map<string, boolean>;

export interface MissingRowsRecord extends MissingTenantRecord {
  readonly organization: string | null;
  readonly name: string | null;
  /** Its rows that were given to the reader before it failed. */
  readonly rows: number;
}

export interface RowsEnd {
  readonly rows: number;
  /** When the oldest of the data was asked for, in milliseconds since the epoch; null if there is none. */
  readonly asOfMs: number | null;
  /** Whether the customers' list, or a list of a tenant, went on changing while it was read. */
  readonly changedWhileRead: boolean;
  /** Tenants whose lists did. */
  readonly changed: readonly TenantKey[];
  /** Tenants that could not be read to their end. */
  readonly missing: readonly MissingRowsRecord[];
}

interface RowsOptions<Row> extends RetryQueueOptions, Pick<VisitOptions, 'first'> {
  readonly planner: Planner;
  readonly scope: Pick<OperationScope, 'signal'>;
  readonly cause: FieldPath;
  /** @param decided of the tenant, also by earlier visitors */
  readonly begin: (tenant: TenantOfCustomer, decided: DecidedRows) => RowVisitor<Row>;
  /** Whether a tenant is read; absent if each is. */
  readonly isWanted?: (tenant: TenantOfCustomer) => boolean;
}

/** @param customers whose tenants are read, and whether their list went on changing while it was read */
export async function* readRows<Row>(
  customers: { readonly rows: readonly CustomerRecord[]; readonly changedWhileRead: boolean },
  { planner, scope: { signal }, cause, begin, first, isWanted, ...options }: RowsOptions<Row>,
): AsyncGenerator<readonly Row[], RowsEnd, undefined> {
  // Not those of all who read: a slow reader would keep the others waiting.
  const visitOptions = { largeTenantTurns: pLimit(1), ...(first === undefined ? {} : { first }) };
  const queue: RowQueue<Row> = new TenantQueue(tasksOf<Row>(customers.rows, isWanted), {
    ...options,
    signal,
    read: (task) => visitTenant(planner, task.tenant, cause, () => task.begin(begin, queue), visitOptions),
  });
  const missing: MissingRowsRecord[] = [];
  const changed: TenantKey[] = [];
  let { changedWhileRead } = customers;
  let asOfMs = Infinity;
  let rows = 0;
  const giveUp = (task: Task<Row>, error: unknown) => {
    missing.push({ ...missingTenant(task.tenant, error), ...task.names, rows: task.rows });
    task.forget();
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
      task.forget();
      const { result: visit } = event;
      if (visit.changedWhileRead) changed.push(task.key);
      changedWhileRead ||= visit.changedWhileRead;
      asOfMs = Math.min(asOfMs, visit.asOfMs);
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
  isWanted: (tenant: TenantOfCustomer) => boolean = () => true,
): Iterable<Task<Row>> {
  const tasks = new Map<string, Task<Row>>();
  for (const customer of customers) {
    for (const tenant of customer.tenants) {
      const name = tenantName(tenant);
      if (!tasks.has(name) && isWanted({ customer, tenant })) tasks.set(name, new Task(customer, tenant));
    }
  }
  return tasks.values();
}

type RowQueue<Row> = TenantQueue<Task<Row>, TenantVisit<unknown>, readonly Row[]>;

/** One tenant that is read, until it is read to its end or given up. */
class Task<Row> implements TenantOfCustomer {
  readonly customer: CustomerRecord;
  readonly tenant: TenantRecord;
  rows = 0;
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

  /** Rows that were given to the reader are not given again; about the others, another visitor decides anew. */
  begin(beginVisit: RowsOptions<Row>['begin'], queue: RowQueue<Row>): TenantVisitor {
    for (const [name, isGiven] of this.#decided) if (!isGiven) this.#decided.delete(name);
    const { take, finish, ...visitor } = beginVisit(this, this.#decided);
    this.#finish = finish;
    return {
      ...visitor,
      pageRead: async (asOfMs) => {
        const batch = take(asOfMs);
        if (batch.length === 0) return;
        this.rows += batch.length;
        await queue.give(batch);
      },
    };
  }

  /** Of the last visit. */
  finish(visit: Parameters<NonNullable<RowVisitor<Row>['finish']>>[0]): readonly Row[] {
    return this.#finish?.(visit) ?? [];
  }

  forget(): void {
    this.#decided.clear();
  }
}
