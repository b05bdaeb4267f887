/** One operation's look at whole tenants: how well their users are protected. */
import pLimit from 'p-limit';
import type { CustomerRecord, ProtectionSummaryRecord, TenantKey } from '../model.ts';
import { tenantName } from '../planner/memory.ts';
import type { Planner } from '../planner/planner.ts';
import type { FieldPath } from '../scope.ts';
import { readTenant, tenantsAtOnce } from './read-tenant.ts';
import { SummarySum } from './summarize.ts';

const customersAtOnce = 100;

export class Survey {
  readonly #planner: Planner;
  #limit: ReturnType<typeof pLimit> | null = null;
  readonly #summaries = new Map<string, Promise<ProtectionSummaryRecord>>();

  constructor(planner: Planner) {
    this.#planner = planner;
  }

  /** As `readTenant`, once for all who ask. */
  tenant(tenant: TenantKey, cause: FieldPath): Promise<ProtectionSummaryRecord> {
    const key = tenantName(tenant);
    let summary = this.#summaries.get(key);
    if (summary === undefined) {
      // Most operations never ask.
      this.#limit ??= pLimit(tenantsAtOnce);
      summary = this.#limit(() => readTenant(this.#planner, tenant, cause));
      this.#summaries.set(key, summary);
    }
    return summary;
  }

  /** All tenants of these customers together, in the same way. */
  async customers(customers: readonly CustomerRecord[], cause: FieldPath): Promise<ProtectionSummaryRecord> {
    const sum = new SummarySum();
    const tenants = customers.flatMap((customer) => customer.tenants);
    for (const summary of await Promise.all(tenants.map((tenant) => this.tenant(tenant, cause)))) {
      sum.add(summary);
    }
    return sum.all;
  }

  /** The same for each of them. */
  async eachCustomer(
    customers: readonly CustomerRecord[],
    cause: FieldPath,
  ): Promise<ProtectionSummaryRecord[]> {
    const summaries: ProtectionSummaryRecord[] = [];
    const pace = this.#planner.pace(1);
    // Of thousands of customers, all summaries may be at hand.
    for (let start = 0; start < customers.length; start += customersAtOnce) {
      if (pace.shouldYield) await pace.yield();
      const some = customers.slice(start, start + customersAtOnce);
      summaries.push(...(await Promise.all(some.map((customer) => this.customers([customer], cause)))));
    }
    return summaries;
  }
}
