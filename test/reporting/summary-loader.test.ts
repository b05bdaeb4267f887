/** Groups of many tenants in one operation. */
import { expect, test } from '@jest/globals';
import type { CustomerRecord, ProtectionSummaryRecord, TenantKey } from '../../src/model.ts';
import type { Planner } from '../../src/planner/planner.ts';
import { allUsers, maxGroupsPerOperation, type Population } from '../../src/reporting/population.ts';
import { emptySummary, SummaryBuilder } from '../../src/reporting/summarize.ts';
import { SummaryLoader } from '../../src/reporting/summary-loader.ts';
import { Pace } from '../../src/scheduler.ts';
import { userRecord } from '../records-of.ts';

const cause = { prev: undefined, key: 'field' };
const byDepartment: Population = { ...allUsers, groupings: new Set(['DEPARTMENT'] as const) };

function summaryOf(tenantId: string, departments: number): ProtectionSummaryRecord {
  const builder = new SummaryBuilder([byDepartment]);
  for (let user = 0; user < departments; user++)
    builder.addUser(userRecord({ id: `${user}`, department: `${tenantId} ${user}` }));
  return builder.summaries.get('') ?? emptySummary;
}

/** A planner with cached summaries, and the names by which they were looked up. */
function plannerOf(departments: number) {
  const lookedUp: string[] = [];
  const planner = {
    pace: () => new Pace(),
    cachedSummary: ({ tenantId }: TenantKey, counted: string) => {
      lookedUp.push(`${tenantId} ${counted}`.trim());
      const summary = summaryOf(tenantId, departments);
      return counted === '' ? { ...summary, groups: new Map() } : summary;
    },
  } as unknown as Planner;
  return { planner, lookedUp };
}

const customerOf = (tenants: number) =>
  ({
    customerId: 'c',
    tenants: Array.from({ length: tenants }, (_, index) => ({ customerId: 'c', tenantId: `t${index}` })),
  }) as unknown as CustomerRecord;

test('above the limit of an operation, further tenants are counted without groups', async () => {
  const departments = 15_000;
  const { planner, lookedUp } = plannerOf(departments);
  const loader = new SummaryLoader(planner);
  const { tenants } = customerOf(20);
  const kinds: (string | number)[] = [];
  for (const tenant of tenants) {
    const summary = (await loader.tenant(tenant, [byDepartment], cause)).get('');
    const groups = summary?.groups.get('DEPARTMENT');
    kinds.push(typeof groups === 'object' ? groups.indexes.size : String(groups));
    expect(summary?.userCount).toBe(departments);
  }
  const whole = Math.floor(maxGroupsPerOperation / departments);
  expect(kinds).toEqual(
    tenants.map((_tenant, index) => (index < whole ? departments : 'TOO_MANY_IN_OPERATION')),
  );
  expect(lookedUp.filter((name) => name.endsWith('DEPARTMENT'))).toHaveLength(whole + 1);
});

test('fields with one filter share their totals, and those of other customers do not', async () => {
  const { planner, lookedUp } = plannerOf(3);
  const loader = new SummaryLoader(planner);
  const [one, other] = [customerOf(4), customerOf(2)];
  const totals = (customers: readonly CustomerRecord[]) =>
    loader.total(customers, byDepartment, [byDepartment], cause);
  const [first, second, more] = await Promise.all([totals([one]), totals([one]), totals([one, other])]);
  expect(second).toBe(first);
  expect(first.userCount).toBe(12);
  expect(more.userCount).toBe(18);
  expect(lookedUp).toHaveLength(4);
});

test('long work of the fields of an operation is done one after the other', async () => {
  const loader = new SummaryLoader(plannerOf(1).planner);
  let running = 0;
  const most = await Promise.all(
    Array.from({ length: 20 }, () =>
      loader.inTurn(async () => {
        running += 1;
        const seen = running;
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return seen;
      }),
    ),
  );
  expect(Math.max(...most)).toBe(1);
});

test('of the tenants that are read at once, one at a time waits for a slice', async () => {
  const waits: (() => Promise<void>)[] = [];
  const planner = {
    cachedSummary: () => null,
    cacheSummary: () => undefined,
    streamTenant: () => ({ users: pages(), protectionStatuses: pages() }),
    pace: (_steps: number | undefined, wait: () => Promise<void>) => {
      waits.push(wait);
      return new Pace();
    },
  } as unknown as Planner;
  async function* pages() {
    yield await Promise.resolve({ rows: [], totalCount: 0, sentAt: 0 });
  }
  const loader = new SummaryLoader(planner);
  const { tenants } = customerOf(4);
  await Promise.all(tenants.map((tenant) => loader.tenant(tenant, [byDepartment], cause)));
  expect(waits.length).toBeGreaterThanOrEqual(tenants.length);
  const order: number[] = [];
  await Promise.all(waits.map((wait, index) => wait().then(() => order.push(index))));
  expect(order).toEqual(waits.map((_wait, index) => index));
});
