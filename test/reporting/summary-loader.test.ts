/** Groups of many tenants in one operation. */
import { expect, test } from '@jest/globals';
import type { CustomerRecord, ProtectionSummaryRecord, TenantKey } from '../../src/model.ts';
import type { Planner } from '../../src/planner/planner.ts';
import { allUsers, maxGroupsPerOperation, type Population } from '../../src/reporting/population.ts';
import { emptySummary, SummaryBuilder } from '../../src/reporting/summarize.ts';
import { SummaryLoader } from '../../src/reporting/summary-loader.ts';
import { Pace, type WaitInTurn } from '../../src/scheduler.ts';
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
    paceAfterDeadline: () => new Pace(),
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

/** Loops that yield at each step, and the greatest number of those that waited at once. */
function yieldingLoops(reasonOfEnd: () => Error | null = () => null) {
  const seen = { waiting: 0, maxWaiting: 0, waits: 0 };
  const wait = async () => {
    seen.waits += 1;
    seen.waiting += 1;
    seen.maxWaiting = Math.max(seen.maxWaiting, seen.waiting);
    await new Promise((resolve) => setImmediate(resolve));
    seen.waiting -= 1;
  };
  const pace = (_stepsPerCheck?: number, inTurn: WaitInTurn = (each) => each()) => {
    const own = new Pace(1, reasonOfEnd, () => inTurn(wait));
    Object.defineProperty(own, 'shouldYield', { get: () => true });
    return own;
  };
  return { seen, pace, paceAfterDeadline: () => pace() };
}

test('totals of several fields are added up one after the other', async () => {
  const { seen, paceAfterDeadline } = yieldingLoops();
  const loader = new SummaryLoader({ ...plannerOf(3).planner, paceAfterDeadline });
  const fields = Array.from({ length: 10 }, () => [customerOf(4)]);
  const totals = await Promise.all(
    fields.map((customers) => loader.total(customers, byDepartment, [byDepartment], cause)),
  );
  expect(totals.map(({ userCount }) => userCount)).toEqual(fields.map(() => 12));
  expect(seen).toMatchObject({ waits: fields.length * 4 * (1 + 3), maxWaiting: 1 });
});

test('of the tenants that are read at once, one at a time waits for a slice', async () => {
  const { seen, pace } = yieldingLoops();
  const users = Array.from({ length: 5 }, (_, index) => userRecord({ id: `${index}` }));
  async function* pages(rows: readonly unknown[]) {
    yield await Promise.resolve({ rows, totalCount: rows.length, sentAt: 0 });
  }
  const planner = {
    pace,
    cachedSummary: () => null,
    cacheSummary: () => undefined,
    streamTenant: () => ({ users: pages(users), protectionStatuses: pages([]) }),
  } as unknown as Planner;
  const loader = new SummaryLoader(planner);
  const { tenants } = customerOf(8);
  await Promise.all(tenants.map((tenant) => loader.tenant(tenant, [byDepartment], cause)));
  expect(seen).toMatchObject({ waits: tenants.length * users.length, maxWaiting: 1 });
});

test('groups of totals count towards the limit of an operation', async () => {
  const loader = new SummaryLoader(plannerOf(5000).planner);
  const customer = customerOf(4);
  const kinds: (string | number)[] = [];
  for (let field = 0; field < 6; field++) {
    // Of other customers each, so that no field shares another's total.
    const customers = [{ ...customer }];
    const { groups, userCount } = await loader.total(customers, byDepartment, [byDepartment], cause);
    const records = groups.get('DEPARTMENT');
    kinds.push(typeof records === 'object' ? records.indexes.size : String(records));
    expect(userCount).toBe(20_000);
  }
  // Beside the 20,000 groups of the tenants.
  expect(kinds).toEqual([
    ...Array.from({ length: 4 }, () => 20_000),
    'TOO_MANY_IN_OPERATION',
    'TOO_MANY_IN_OPERATION',
  ]);
});

test('the total of one tenant has its groups, and no copy of them', async () => {
  const loader = new SummaryLoader(plannerOf(3).planner);
  const customer = customerOf(1);
  const total = await loader.total([customer], byDepartment, [byDepartment], cause);
  const [tenant] = customer.tenants;
  if (tenant === undefined) throw new Error('There is no tenant.');
  expect((await loader.tenant(tenant, [byDepartment], cause)).get('')).toBe(total);
});

test('totals of a caller who is gone are not added up', async () => {
  const gone = new Error('gone');
  let isGone = false;
  const { seen, paceAfterDeadline } = yieldingLoops(() => (isGone ? gone : null));
  const loader = new SummaryLoader({ ...plannerOf(3).planner, paceAfterDeadline });
  const totals = Array.from({ length: 10 }, () =>
    loader.total([customerOf(4)], byDepartment, [byDepartment], cause),
  );
  const ended = Promise.allSettled(totals);
  while (seen.waits < 3) await new Promise((resolve) => setImmediate(resolve));
  isGone = true;
  expect(await ended).toEqual(totals.map(() => ({ status: 'rejected', reason: gone })));
  expect(seen.waits).toBe(3);
});
