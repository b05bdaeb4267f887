/** Summaries of tenants and customers, loaded once per operation. */
import pLimit from 'p-limit';
import type { CustomerRecord, Grouping, ProtectionSummaryRecord, TenantKey } from '../model.ts';
import { tenantName } from '../planner/upstream-cache.ts';
import type { Planner } from '../planner/planner.ts';
import type { Pace } from '../scheduler.ts';
import type { FieldPath } from '../scope.ts';
import { maxGroupsPerOperation, type Population } from './population.ts';
import { readTenant, tenantsAtOnce } from './read-tenant.ts';
import { emptySummary, SummaryAccumulator, type Summaries } from './summarize.ts';

const customersAtOnce = 100;

/** Totals of customers for one population. */
interface Total {
  readonly customers: readonly CustomerRecord[];
  readonly population: string;
  readonly total: Promise<ProtectionSummaryRecord>;
}

export class SummaryLoader {
  readonly #planner: Planner;
  #limit: ReturnType<typeof pLimit> | null = null;
  #turn: ReturnType<typeof pLimit> | null = null;
  /** Reads tenants. */
  #reader: Planner | null = null;
  readonly #tenants = new Map<string, Promise<Summaries>>();
  /** By the first customer. */
  readonly #totals = new Map<CustomerRecord | undefined, Total[]>();
  #groupCount = 0;

  constructor(planner: Planner) {
    this.#planner = planner;
  }

  /** Reads a tenant once per operation: all fields request the same populations. */
  tenant(tenant: TenantKey, populations: readonly Population[], cause: FieldPath): Promise<Summaries> {
    const key = tenantName(tenant);
    let summaries = this.#tenants.get(key);
    if (summaries === undefined) {
      // Created lazily: most operations have no summaries.
      this.#limit ??= pLimit(tenantsAtOnce);
      summaries = this.#limit(() => this.#read(tenant, populations, cause));
      this.#tenants.set(key, summaries);
    }
    return summaries;
  }

  /** Reads a tenant; without groups once the operation has too many groups. */
  async #read(tenant: TenantKey, populations: readonly Population[], cause: FieldPath): Promise<Summaries> {
    const reader = (this.#reader ??= yieldingInTurn(this.#planner));
    if (this.#hasTooManyGroups()) {
      const ungrouped = populations.map((population) => ({ ...population, groupings: noGroupings }));
      return withoutGroups(await readTenant(reader, tenant, ungrouped, cause), populations);
    }
    const summaries = await readTenant(reader, tenant, populations, cause);
    for (const summary of summaries.values()) this.#countGroups(summary);
    return this.#hasTooManyGroups() ? withoutGroups(summaries, populations) : summaries;
  }

  #hasTooManyGroups(): boolean {
    return this.#groupCount > maxGroupsPerOperation;
  }

  #countGroups({ groups }: ProtectionSummaryRecord): void {
    for (const records of groups.values())
      if (typeof records !== 'string') this.#groupCount += records.indexes.size;
  }

  /** Summaries that the operation has read or is reading; else undefined. */
  pendingSummaries(tenant: TenantKey): Promise<Summaries> | undefined {
    return this.#tenants.get(tenantName(tenant));
  }

  /**
   * Totals of all listed tenants of these customers, counted once per operation.
   *
   * @param own the population to total
   */
  total(
    customers: readonly CustomerRecord[],
    own: Population,
    populations: readonly Population[],
    cause: FieldPath,
  ): Promise<ProtectionSummaryRecord> {
    const totals = this.#totals.get(customers[0]) ?? [];
    this.#totals.set(customers[0], totals);
    let known = totals.find((each) => each.population === own.name && isEqual(each.customers, customers));
    if (known === undefined) {
      const total = this.#count(customers, own, populations, cause);
      totals.push((known = { population: own.name, customers, total }));
    }
    return known.total;
  }

  async #count(
    customers: readonly CustomerRecord[],
    { name, groupings }: Population,
    populations: readonly Population[],
    cause: FieldPath,
  ): Promise<ProtectionSummaryRecord> {
    const tenants = await this.#tenantsOf(customers, populations, cause);
    const [only = emptySummary, ...others] = tenants.map((summaries) => summaries.get(name) ?? emptySummary);
    // Without copying its groups.
    if (others.length === 0) return only;
    return this.inTurn(async (pace) => {
      const sum = new SummaryAccumulator();
      for (const summary of [only, ...others]) {
        if (pace.shouldYield) await pace.yield();
        if (this.#hasTooManyGroups()) sum.add(summary);
        else await sum.addWithGroups(summary, pace);
      }
      const total = sum.all;
      this.#countGroups(total);
      return this.#hasTooManyGroups() ? dropGroups(total, groupings) : total;
    });
  }

  /**
   * Runs long work after that of the operation's other fields: each of many concurrent loops would delay other
   * operations by a slice. The deadline does not end the work. Rejects with UpstreamError once the caller is gone.
   */
  inTurn<Value>(work: (pace: Pace) => Promise<Value>): Promise<Value> {
    this.#turn ??= pLimit(1);
    return this.#turn(async () => {
      const pace = this.#planner.paceAfterDeadline();
      pace.throwIfEnded();
      return work(pace);
    });
  }

  /** Totals of a customer for each population, without groups. */
  async #ofCustomer(
    customer: CustomerRecord,
    populations: readonly Population[],
    cause: FieldPath,
  ): Promise<Summaries> {
    const sums = new Map(populations.map(({ name }) => [name, new SummaryAccumulator()]));
    for (const summaries of await this.#tenantsOf([customer], populations, cause))
      for (const [name, summary] of summaries) sums.get(name)?.add(summary);
    return new Map([...sums].map(([name, sum]): [string, ProtectionSummaryRecord] => [name, sum.all]));
  }

  #tenantsOf(
    customers: readonly CustomerRecord[],
    populations: readonly Population[],
    cause: FieldPath,
  ): Promise<Summaries[]> {
    const tenants = customers.flatMap((customer) => customer.tenants);
    return Promise.all(tenants.map((tenant) => this.tenant(tenant, populations, cause)));
  }

  /** Totals of each customer, without groups. */
  async eachCustomer(
    customers: readonly CustomerRecord[],
    populations: readonly Population[],
    cause: FieldPath,
  ): Promise<Summaries[]> {
    const summaries: Summaries[] = [];
    const pace = this.#planner.pace(1);
    // The summaries of thousands of customers may all be cached.
    for (let start = 0; start < customers.length; start += customersAtOnce) {
      if (pace.shouldYield) await pace.yield();
      const batch = customers.slice(start, start + customersAtOnce);
      summaries.push(
        ...(await Promise.all(batch.map((customer) => this.#ofCustomer(customer, populations, cause)))),
      );
    }
    return summaries;
  }
}

/** Otherwise each of the concurrently read tenants would delay other operations by a slice. */
function yieldingInTurn(planner: Planner): Planner {
  const turn = pLimit(1);
  return { ...planner, pace: (stepsPerCheck) => planner.pace(stepsPerCheck, (wait) => turn(wait)) };
}

const noGroupings: ReadonlySet<Grouping> = new Set();

function withoutGroups(summaries: Summaries, populations: readonly Population[]): Summaries {
  return new Map(
    populations.map(({ name, groupings }): [string, ProtectionSummaryRecord] => [
      name,
      dropGroups(summaries.get(name) ?? emptySummary, groupings),
    ]),
  );
}

function dropGroups(
  summary: ProtectionSummaryRecord,
  groupings: ReadonlySet<Grouping>,
): ProtectionSummaryRecord {
  return {
    ...summary,
    groups: new Map([...groupings].map((grouping) => [grouping, 'TOO_MANY_IN_OPERATION'])),
  };
}

function isEqual(left: readonly CustomerRecord[], right: readonly CustomerRecord[]): boolean {
  return (
    left === right || (left.length === right.length && left.every((each, index) => each === right[index]))
  );
}
