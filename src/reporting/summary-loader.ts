/** Summaries of tenants and customers, loaded once per operation. */
import pLimit from 'p-limit';
import type { CustomerRecord, Grouping, ProtectionSummaryRecord, TenantKey } from '../model.ts';
import { tenantName } from '../planner/shared-cache.ts';
import type { Planner } from '../planner/planner.ts';
import type { FieldPath } from '../scope.ts';
import { maxGroupsPerOperation, type Population } from './population.ts';
import { readTenant, tenantsAtOnce } from './read-tenant.ts';
import { SummaryAccumulator, type Summaries } from './summarize.ts';

const customersAtOnce = 100;

export class SummaryLoader {
  readonly #planner: Planner;
  #limit: ReturnType<typeof pLimit> | null = null;
  readonly #tenants = new Map<string, Promise<Summaries>>();
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
      summaries = this.#limit(async () => {
        const read = await readTenant(this.#planner, tenant, populations, cause);
        return this.#limitGroups(read);
      });
      this.#tenants.set(key, summaries);
    }
    return summaries;
  }

  /** Drops the groups once the operation's limit is reached. */
  #limitGroups(summaries: Summaries): Summaries {
    for (const { groups } of summaries.values())
      for (const records of groups.values()) this.#groupCount += records?.size ?? 0;
    if (this.#groupCount <= maxGroupsPerOperation) return summaries;
    const without = (groups: ProtectionSummaryRecord['groups']) =>
      new Map([...groups.keys()].map((grouping): [Grouping, null] => [grouping, null]));
    return new Map(
      [...summaries].map(([name, summary]) => [name, { ...summary, groups: without(summary.groups) }]),
    );
  }

  /** Summaries that the operation has read or is reading; undefined otherwise. */
  pendingSummaries(tenant: TenantKey): Promise<Summaries> | undefined {
    return this.#tenants.get(tenantName(tenant));
  }

  /** Totals of all listed tenants of these customers. */
  async customers(
    customers: readonly CustomerRecord[],
    populations: readonly Population[],
    cause: FieldPath,
  ): Promise<Summaries> {
    const accumulators = new Map(populations.map(({ name }) => [name, new SummaryAccumulator()]));
    const tenants = customers.flatMap((customer) => customer.tenants);
    for (const summaries of await Promise.all(
      tenants.map((tenant) => this.tenant(tenant, populations, cause)),
    )) {
      for (const [name, summary] of summaries) accumulators.get(name)?.add(summary);
    }
    return new Map(
      [...accumulators].map(([name, accumulator]): [string, ProtectionSummaryRecord] => [
        name,
        accumulator.all,
      ]),
    );
  }

  /** Totals of each customer. */
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
        ...(await Promise.all(batch.map((customer) => this.customers([customer], populations, cause)))),
      );
    }
    return summaries;
  }
}
