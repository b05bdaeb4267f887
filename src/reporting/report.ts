/**
 * Report on many tenants: each tenant's result once it is read, progress in between, and totals. Reading waits for the
 * consumer, and ends with the operation's scope.
 */
import type { CustomerRecord, MissingTenantRecord, ProtectionSummaryRecord, TenantKey } from '../model.ts';
import type { Planner } from '../planner/planner.ts';
import { Pace, yieldIfDue } from '../scheduler.ts';
import type { CallBudget, FieldPath, OperationScope } from '../scope.ts';
import { allUsers, type Population } from './population.ts';
import type { TenantOfCustomer } from './read-rows.ts';
import type { RetryQueueOptions } from './retry-queue.ts';
import { missingTenant, readTenant } from './read-tenant.ts';
import { emptySummary, SummaryAccumulator } from './summarize.ts';
import { TenantQueue } from './tenant-queue.ts';

export interface ReportEvent {
  readonly progress: ReportProgress;
  /** Null if the event has only progress. */
  readonly tenant: ReportedTenant | null;
  /** Null until the last event. */
  readonly totals: ProtectionSummaryRecord | null;
}

export interface ReportedTenant {
  readonly customerId: string;
  readonly organization: string | null;
  readonly tenantId: string;
  readonly name: string | null;
  /** Name of the population counted. */
  readonly population: string;
  readonly summary: ProtectionSummaryRecord;
}

interface ReportProgress {
  readonly customersTotal: number;
  /** Includes tenants that failed. */
  readonly tenantsDone: number;
  readonly tenantsTotal: number;
  readonly usersDone: number;
  /** Extrapolated from the tenants read; null before the first. */
  readonly usersTotal: number | null;
  readonly calls: number;
  readonly secondsElapsed: number;
  /** Extrapolated from the pace so far; null before the first tenant. */
  readonly secondsLeft: number | null;
}

interface ReportedCustomers {
  readonly rows: readonly CustomerRecord[];
  readonly changedWhileRead: boolean;
  /** Tenants that `rows` lack, since they could not be read. */
  readonly missing: readonly MissingTenantRecord[];
}

export interface ReportOptions extends RetryQueueOptions {
  readonly planner: Planner;
  readonly scope: Pick<OperationScope, 'signal'> & { readonly budget: Pick<CallBudget, 'made'> };
  readonly cause: FieldPath;
  readonly population?: Population;
  /** Summary of a tenant that the operation has already read; null if it has not. */
  readonly cachedSummary?: (tenant: TenantKey) => Promise<ProtectionSummaryRecord | null>;
  /** Milliseconds without a result before a progress event is sent. */
  readonly progressMs?: number;
}

const defaultProgressMs = 1000;

/** @param customers to report on, and whether their list kept changing */
export async function* reportOn(
  { rows: customers, changedWhileRead, missing }: ReportedCustomers,
  {
    planner,
    scope,
    cause,
    population = allUsers,
    cachedSummary = () => Promise.resolve(null),
    progressMs = defaultProgressMs,
    ...options
  }: ReportOptions,
): AsyncGenerator<ReportEvent, void, undefined> {
  const tasks = customers.flatMap((customer) => customer.tenants.map((tenant) => ({ customer, tenant })));
  const tracker = new ProgressTracker(
    { customers: customers.length, tenants: tasks.length },
    scope.budget,
    changedWhileRead,
  );
  const queue = new TenantQueue(tasks, {
    ...options,
    signal: scope.signal,
    read: async ({ tenant }) => {
      const known = await cachedSummary(tenant);
      if (known?.missing.length === 0) return known;
      const summaries = await readTenant(planner, tenant, [population], cause);
      return summaries.get(population.name) ?? emptySummary;
    },
  });
  const progressEvent = () => ({ progress: tracker.progress, tenant: null, totals: null });
  yield progressEvent();
  for await (const event of queue.events(progressMs)) {
    if (event === null || 'part' in event) {
      yield progressEvent();
      continue;
    }
    if ('error' in event) throw event.error;
    const { task, result: summary } = event;
    const hasFailed = summary.missing.some(({ retryable }) => retryable);
    if (!hasFailed) queue.succeed(task);
    else if (queue.retry(task)) continue;
    await tracker.add(summary);
    // With cached summaries and a fast socket, nothing else would run between two tenants.
    await yieldIfDue();
    yield {
      progress: tracker.progress,
      tenant: reportedTenant(task, summary, population.name),
      totals: null,
    };
  }
  if (queue.isAbandoned) return;
  // One event for all: at shutdown there is no time for one event each.
  for await (const { task, error } of queue.rest()) tracker.addUnread(missingTenant(task.tenant, error));
  for (const tenant of missing) tracker.addUnlisted(tenant);
  yield { progress: tracker.progress, tenant: null, totals: tracker.totals };
}

function reportedTenant(
  { customer, tenant }: TenantOfCustomer,
  summary: ProtectionSummaryRecord,
  population: string,
): ReportedTenant {
  const { customerId, organization } = customer;
  return { customerId, organization, tenantId: tenant.tenantId, name: tenant.name, population, summary };
}

class ProgressTracker {
  readonly #totals: { readonly customers: number; readonly tenants: number };
  readonly #budget: Pick<CallBudget, 'made'>;
  readonly #startedAt = performance.now();
  readonly #sum = new SummaryAccumulator();
  readonly #changedWhileRead: boolean;
  /** Not the operation's pace: totals are reported after its deadline. */
  readonly #pace = new Pace();
  #tenantsDone = 0;
  #tenantsRead = 0;
  #usersDone = 0;

  constructor(
    totals: { readonly customers: number; readonly tenants: number },
    budget: Pick<CallBudget, 'made'>,
    changedWhileRead: boolean,
  ) {
    this.#totals = totals;
    this.#budget = budget;
    this.#changedWhileRead = changedWhileRead;
  }

  async add(summary: ProtectionSummaryRecord): Promise<void> {
    await this.#sum.addWithGroups(summary, this.#pace);
    this.#tenantsDone += 1;
    this.#usersDone += summary.userCount;
    if (summary.missing.length === 0) this.#tenantsRead += 1;
  }

  addUnread(missing: MissingTenantRecord): void {
    this.addUnlisted(missing);
    this.#tenantsDone += 1;
  }

  /** Adds a tenant that the totals do not count. */
  addUnlisted(missing: MissingTenantRecord): void {
    this.#sum.addMissing(missing);
  }

  get totals(): ProtectionSummaryRecord {
    const totals = this.#sum.all;
    return this.#changedWhileRead ? { ...totals, changedWhileRead: true } : totals;
  }

  get progress(): ReportProgress {
    const secondsElapsed = roundedSeconds((performance.now() - this.#startedAt) / 1000);
    const { customers, tenants } = this.#totals;
    const left = tenants - this.#tenantsDone;
    const users = this.#usersDone;
    return {
      customersTotal: customers,
      tenantsDone: this.#tenantsDone,
      tenantsTotal: tenants,
      usersDone: users,
      usersTotal:
        left === 0
          ? users
          : this.#tenantsRead === 0
            ? null
            : users + Math.round((users / this.#tenantsRead) * left),
      calls: this.#budget.made,
      secondsElapsed,
      secondsLeft:
        left === 0
          ? 0
          : this.#tenantsDone === 0
            ? null
            : roundedSeconds((secondsElapsed / this.#tenantsDone) * left),
    };
  }
}

function roundedSeconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
