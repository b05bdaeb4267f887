/**
 * Rows of any number of tenants, in batches as they are read: those of one tenant in the order of its list, and batches of
 * a few tenants in between. No more is read than the reader takes; a tenant that fails for a passing reason is tried again.
 */
import pLimit from 'p-limit';
import { deadlineExceeded } from '../errors.ts';
import type { CustomerRecord, MissingTenantRecord, TenantKey, TenantRecord } from '../model.ts';
import { tenantName } from '../planner/memory.ts';
import type { Planner } from '../planner/planner.ts';
import { Pace, yieldIfDue } from '../scheduler.ts';
import { deadlineReached, type FieldPath, type OperationScope } from '../scope.ts';
import { Backlog, type BacklogOptions } from './backlog.ts';
import { Crowd } from './crowd.ts';
import {
  missingTenant,
  visitTenant,
  type TenantVisit,
  type TenantVisitor,
  type VisitOptions,
} from './read-tenant.ts';

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

interface RowsOptions<Row> extends BacklogOptions, Pick<VisitOptions, 'first'> {
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
  const backlog = new Backlog(tasksOf<Row>(customers.rows, isWanted), options);
  const crowd = new Crowd();
  const inbox = new Inbox<Row>(signal);
  // Not those of all who read: a slow reader would keep the others waiting.
  const visitOptions = { largeTenantTurns: pLimit(1), ...(first === undefined ? {} : { first }) };
  const missing: MissingRowsRecord[] = [];
  const changed: TenantKey[] = [];
  let { changedWhileRead } = customers;
  let asOfMs = Infinity;
  let underWay = 0;
  let rows = 0;
  const read = (task: Task<Row>) =>
    visitTenant(planner, task.tenant, cause, () => task.begin(begin, inbox), visitOptions);
  const fillUp = (limit: number) => {
    while (underWay < limit) {
      const task = backlog.take(performance.now());
      if (task === null) return;
      underWay += 1;
      read(task).then(
        (visit) => {
          inbox.put({ task, visit });
        },
        (error: unknown) => {
          inbox.put({ task, error });
        },
      );
    }
  };
  const giveUp = (task: Task<Row>, error: unknown) => {
    missing.push({ ...missingTenant(task.tenant, error), ...task.names, rows: task.rows });
    task.forget();
  };
  const end = () => ({
    ...{ rows, asOfMs: asOfMs === Infinity ? null : asOfMs },
    ...{ changedWhileRead, changed, missing },
  });
  try {
    while (underWay > 0 || !(backlog.isEmpty || signal.aborted)) {
      // The reader has gone.
      if (signal.aborted && signal.reason !== deadlineReached) return end();
      const limit = crowd.adjust();
      if (!signal.aborted) fillUp(limit);
      const event = await inbox.next(underWay < limit ? backlog.waitMs(performance.now()) : Infinity);
      if (event === null) continue;
      if ('batch' in event) {
        rows += event.batch.length;
        await yieldIfDue();
        yield event.batch;
        event.resume();
        continue;
      }
      underWay -= 1;
      const { task } = event;
      if ('visit' in event) {
        backlog.succeed(task);
        task.forget();
        const { visit } = event;
        if (visit.changedWhileRead) changed.push(task.key);
        changedWhileRead ||= visit.changedWhileRead;
        asOfMs = Math.min(asOfMs, visit.asOfMs);
        const last = task.finish(visit);
        rows += last.length;
        if (last.length > 0) yield last;
      } else if (
        !missingTenant(task.tenant, event.error).retryable ||
        signal.aborted ||
        !backlog.fail(task, performance.now())
      )
        giveUp(task, event.error);
    }
    const reason = deadlineExceeded('none');
    const pace = new Pace();
    for (const task of backlog.rest()) {
      giveUp(task, reason);
      if (pace.shouldYield) await pace.yield();
    }
    return end();
  } finally {
    inbox.close();
  }
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
  begin(beginVisit: RowsOptions<Row>['begin'], inbox: Inbox<Row>): TenantVisitor {
    for (const [name, isGiven] of this.#decided) if (!isGiven) this.#decided.delete(name);
    const { take, finish, ...visitor } = beginVisit(this, this.#decided);
    this.#finish = finish;
    return {
      ...visitor,
      pageRead: async (asOfMs) => {
        const batch = take(asOfMs);
        if (batch.length === 0) return;
        this.rows += batch.length;
        await inbox.give(batch);
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

type RowEvent<Row> =
  | { readonly batch: readonly Row[]; readonly resume: () => void }
  | {
      readonly task: Task<Row>;
      readonly visit: { readonly asOfMs: number; readonly changedWhileRead: boolean };
    }
  | { readonly task: Task<Row>; readonly error: unknown };

/** What the tenants under way have for the reader, each a batch at a time. */
class Inbox<Row> {
  readonly #signal: AbortSignal;
  readonly #events: RowEvent<Row>[] = [];
  #wake: () => void = () => undefined;
  #isClosed = false;
  /** Of batches that were not taken. */
  readonly #pending = new Set<() => void>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  put(event: RowEvent<Row>): void {
    this.#events.push(event);
    this.#wake();
  }

  /** Resolves when the batch was taken. Rejects with UpstreamError if no more may be read. */
  async give(batch: readonly Row[]): Promise<void> {
    if (!this.#isClosed) {
      await new Promise<void>((resolve) => {
        const resume = () => {
          this.#pending.delete(resume);
          resolve();
        };
        this.#pending.add(resume);
        this.put({ batch, resume });
      });
    }
    if (this.#isClosed || this.#signal.aborted) throw deadlineExceeded('none');
  }

  /** Null if none comes in time, or before the signal aborts. */
  async next(timeoutMs: number): Promise<RowEvent<Row> | null> {
    const isAborted = this.#signal.aborted;
    if (this.#events.length === 0) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          this.#signal.removeEventListener('abort', wake);
          this.#wake = () => undefined;
          resolve();
        };
        const timer = timeoutMs === Infinity ? undefined : setTimeout(wake, timeoutMs);
        this.#wake = wake;
        if (!isAborted) this.#signal.addEventListener('abort', wake);
      });
    }
    return this.#events.shift() ?? null;
  }

  close(): void {
    this.#isClosed = true;
    this.#events.length = 0;
    for (const resume of this.#pending) resume();
  }
}
