/** One operation's look at whole tenants: how well their users are protected. */
import pLimit from 'p-limit';
import type { CustomerRecord, Grouping, ProtectionSummaryRecord, TenantKey } from '../model.ts';
import { tenantName } from '../planner/shared-cache.ts';
import type { Planner } from '../planner/planner.ts';
import type { FieldPath } from '../scope.ts';
import { maxGroupsHeld, type Population } from './population.ts';
import { readTenant, tenantsAtOnce } from './read-tenant.ts';
import { SummaryAccumulator, type Summaries } from './summarize.ts';

const customersAtOnce = 100;

export class SummaryLoader {
  readonly #planner: Planner;
  #limit: ReturnType<typeof pLimit> | null = null;
  readonly #tenants = new Map<string, Promise<Summaries>>();
  /** Of all its tenants. */
  #groupsKept = 0;

  constructor(planner: Planner) {
    this.#planner = planner;
  }

  /** As `readTenant`, once for all who ask: of an operation, each asks for the same populations. */
  tenant(tenant: TenantKey, populations: readonly Population[], cause: FieldPath): Promise<Summaries> {
    const key = tenantName(tenant);
    let summaries = this.#tenants.get(key);
    if (summaries === undefined) {
      // Most operations never ask.
      this.#limit ??= pLimit(tenantsAtOnce);
      summaries = this.#limit(async () => {
        const read = await readTenant(this.#planner, tenant, populations, cause);
        return this.#keep(read);
      });
      this.#tenants.set(key, summaries);
    }
    return summaries;
  }

  /** The same without groups where the operation has kept enough of them. */
  #keep(summaries: Summaries): Summaries {
    for (const { groups } of summaries.values())
      for (const records of groups.values()) this.#groupsKept += records?.size ?? 0;
    if (this.#groupsKept <= maxGroupsHeld) return summaries;
    const without = (groups: ProtectionSummaryRecord['groups']) =>
      new Map([...groups.keys()].map((grouping): [Grouping, null] => [grouping, null]));
    return new Map(
      [...summaries].map(([name, summary]) => [name, { ...summary, groups: without(summary.groups) }]),
    );
  }

  /** What was read of a tenant, or is being read; undefined if nothing was. */
  pendingSummaries(tenant: TenantKey): Promise<Summaries> | undefined {
    return this.#tenants.get(tenantName(tenant));
  }

  /** All tenants of these customers together, in the same way. */
  async customers(
    customers: readonly CustomerRecord[],
    populations: readonly Population[],
    cause: FieldPath,
  ): Promise<Summaries> {
    const sums = new Map(populations.map(({ name }) => [name, new SummaryAccumulator()]));
    const tenants = customers.flatMap((customer) => customer.tenants);
    for (const summaries of await Promise.all(
      tenants.map((tenant) => this.tenant(tenant, populations, cause)),
    )) {
      for (const [name, summary] of summaries) sums.get(name)?.add(summary);
    }
    return new Map([...sums].map(([name, sum]): [string, ProtectionSummaryRecord] => [name, sum.all]));
  }

  /** The same for each of them. */
  async eachCustomer(
    customers: readonly CustomerRecord[],
    populations: readonly Population[],
    cause: FieldPath,
  ): Promise<Summaries[]> {
    const summaries: Summaries[] = [];
    const pace = this.#planner.pace(1);
    // Of thousands of customers, all summaries may be at hand.
    for (let start = 0; start < customers.length; start += customersAtOnce) {
      if (pace.shouldYield) await pace.yield();
      const some = customers.slice(start, start + customersAtOnce);
      summaries.push(
        ...(await Promise.all(some.map((customer) => this.customers([customer], populations, cause)))),
      );
    }
    return summaries;
  }
}
