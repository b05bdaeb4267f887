/**
 * A report on any number of tenants: a result for each as soon as it has been read, progress in between, and the totals.
 * It goes on as it is asked for more, so that a slow reader slows it down, and ends with its scope.
 */
import type {
  CustomerRecord,
  MissingTenantRecord,
  ProtectionSummaryRecord,
  TenantKey,
  TenantRecord,
} from '../model.ts';
import type { Planner } from '../planner/planner.ts';
import { yieldIfDue } from '../scheduler.ts';
import type { CallBudget, FieldPath, OperationScope } from '../scope.ts';
import { everyUser, type Population } from './population.ts';
import type { RetryQueueOptions } from './retry-queue.ts';
import { missingTenant, readTenant } from './read-tenant.ts';
import { emptySummary, SummaryAccumulator } from './summarize.ts';
import { TenantQueue } from './tenant-queue.ts';

export interface ReportEvent {
  readonly progress: ReportProgress;
  /** Null in an event of progress alone. */
  readonly tenant: ReportedTenant | null;
  /** Null until the last event. */
  readonly totals: ProtectionSummaryRecord | null;
}

export interface ReportedTenant {
  readonly customerId: string;
  readonly organization: string | null;
  readonly tenantId: string;
  readonly name: string | null;
  /** The name of those who are counted. */
  readonly population: string;
  readonly summary: ProtectionSummaryRecord;
}

interface ReportProgress {
  /** Those that could not be read included. */
  readonly tenantsDone: number;
  readonly tenantsTotal: number;
  readonly usersDone: number;
  /** As many as those that were read let expect; null as long as none was. */
  readonly usersTotal: number | null;
  readonly calls: number;
  readonly secondsElapsed: number;
  /** At the pace until now; null as long as there is none. */
  readonly secondsLeft: number | null;
}

interface ReportedCustomers {
  readonly rows: readonly CustomerRecord[];
  readonly changedWhileRead: boolean;
}

export interface ReportOptions extends RetryQueueOptions {
  readonly planner: Planner;
  readonly scope: Pick<OperationScope, 'signal'> & { readonly budget: Pick<CallBudget, 'made'> };
  readonly cause: FieldPath;
  /** Those who are counted: all users, unless it says others. */
  readonly population?: Population;
  /** The population's summary of a tenant that the operation has read already; null where it has not. */
  readonly atHand?: (tenant: TenantKey) => Promise<ProtectionSummaryRecord | null>;
  /** Milliseconds without a result after which there is an event of progress alone. */
  readonly progressMs?: number;
}

const defaultProgressMs = 1000;

/** @param customers to report on, and whether their list went on changing while it was read */
export async function* reportOn(
  { rows: customers, changedWhileRead }: ReportedCustomers,
  {
    planner,
    scope,
    cause,
    population = everyUser,
    atHand = () => Promise.resolve(null),
    progressMs = defaultProgressMs,
    ...options
  }: ReportOptions,
): AsyncGenerator<ReportEvent, void, undefined> {
  const tasks = customers.flatMap((customer) => customer.tenants.map((tenant) => ({ customer, tenant })));
  const course = new ProgressTracker(tasks.length, scope.budget, changedWhileRead);
  const queue = new TenantQueue(tasks, {
    ...options,
    signal: scope.signal,
    read: async ({ tenant }) => {
      const known = await atHand(tenant);
      if (known?.missing.length === 0) return known;
      const summaries = await readTenant(planner, tenant, [population], cause);
      return summaries.get(population.name) ?? emptySummary;
    },
  });
  const progressAlone = () => ({ progress: course.progress, tenant: null, totals: null });
  yield progressAlone();
  for await (const event of queue.events(progressMs)) {
    // Its tenants have no parts.
    if (event === null || 'part' in event) {
      yield progressAlone();
      continue;
    }
    if ('error' in event) throw event.error;
    const { task, result: summary } = event;
    const hasFailed = summary.missing.some(({ retryable }) => retryable);
    if (!hasFailed) queue.succeed(task);
    else if (queue.retry(task)) continue;
    course.add(summary);
    // Cached summaries, and a socket that accepts all at once, leave no turn of the event loop between two events.
    await yieldIfDue();
    yield {
      progress: course.progress,
      tenant: reportedTenant(task, summary, population.name),
      totals: null,
    };
  }
  if (queue.isAbandoned) return;
  // An event for each would take longer than a process has that shuts down: there may be thousands, in each report.
  for await (const { task, error } of queue.rest()) course.addUnread(missingTenant(task.tenant, error));
  yield { progress: course.progress, tenant: null, totals: course.totals };
}

interface Task {
  readonly customer: CustomerRecord;
  readonly tenant: TenantRecord;
}

function reportedTenant(
  { customer, tenant }: Task,
  summary: ProtectionSummaryRecord,
  population: string,
): ReportedTenant {
  const { customerId, organization } = customer;
  return { customerId, organization, tenantId: tenant.tenantId, name: tenant.name, population, summary };
}

/** How far a report has come. */
class ProgressTracker {
  readonly #tenantsTotal: number;
  readonly #budget: Pick<CallBudget, 'made'>;
  readonly #startedAt = performance.now();
  readonly #sum = new SummaryAccumulator();
  readonly #changedWhileRead: boolean;
  #tenantsDone = 0;
  #tenantsRead = 0;
  #usersDone = 0;

  constructor(tenantsTotal: number, budget: Pick<CallBudget, 'made'>, changedWhileRead: boolean) {
    this.#tenantsTotal = tenantsTotal;
    this.#budget = budget;
    this.#changedWhileRead = changedWhileRead;
  }

  add(summary: ProtectionSummaryRecord): void {
    this.#sum.add(summary);
    this.#tenantsDone += 1;
    this.#usersDone += summary.userCount;
    if (summary.missing.length === 0) this.#tenantsRead += 1;
  }

  addUnread(missing: MissingTenantRecord): void {
    this.#sum.addMissing(missing);
    this.#tenantsDone += 1;
  }

  get totals(): ProtectionSummaryRecord {
    const totals = this.#sum.all;
    return this.#changedWhileRead ? { ...totals, changedWhileRead: true } : totals;
  }

  get progress(): ReportProgress {
    const secondsElapsed = roundedSeconds((performance.now() - this.#startedAt) / 1000);
    const left = this.#tenantsTotal - this.#tenantsDone;
    const users = this.#usersDone;
    return {
      tenantsDone: this.#tenantsDone,
      tenantsTotal: this.#tenantsTotal,
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

/** To the millisecond. */
function roundedSeconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
