/** A report past its deadline ends with totals, without an event per remaining tenant. */
import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { UpstreamError } from '../../src/errors.ts';
import type { CustomerRecord } from '../../src/model.ts';
import type { Planner } from '../../src/planner/planner.ts';
import { createScope, deadlineReached } from '../../src/scope.ts';
import { reportOn, type ReportEvent } from '../../src/reporting/report.ts';
import { emptySummary } from '../../src/reporting/summarize.ts';

const tenantCount = 20_000;
const cause = { prev: undefined, key: 'protectionReport' };

function customerWith(tenants: number): CustomerRecord {
  return {
    customerId: 'customer',
    organization: 'Customer',
    tenants: Array.from({ length: tenants }, (_, index) => ({
      customerId: 'customer',
      tenantId: `tenant ${index}`,
      name: null,
    })),
  } as unknown as CustomerRecord;
}

/** A report with all summaries cached. */
function reportWith(cachedSummary: Planner['cachedSummary']) {
  const { scope, end } = createScope();
  const planner = { cachedSummary } as unknown as Planner;
  const customers = { rows: [customerWith(tenantCount)], changedWhileRead: false, missing: [] };
  const events = reportOn(customers, { planner, scope: { ...scope, budget: { made: 0 } }, cause });
  return { events, end };
}

test('a report past its deadline has no event for tenants not begun', async () => {
  const { events, end } = reportWith(() => emptySummary);
  const after: ReportEvent[] = [];
  let read = 0;
  for await (const event of events) {
    if (event.tenant !== null) read += 1;
    if (read === 10) end(deadlineReached);
    if (read >= 10) after.push(event);
  }
  // Those that it was reading, the tenth and the totals.
  expect(after.length).toBeLessThan(20);
  const last = after.at(-1);
  expect(last?.totals?.missing).toHaveLength(tenantCount - read);
  expect(last?.totals?.missing[0]).toMatchObject({ customerId: 'customer', code: 'DEADLINE_EXCEEDED' });
  expect(last?.progress).toMatchObject({
    tenantsDone: tenantCount,
    tenantsTotal: tenantCount,
    secondsLeft: 0,
  });
});

test('a report begins no tenant after its deadline', async () => {
  let begun = 0;
  const { events, end } = reportWith(() => {
    begun += 1;
    throw new UpstreamError('UPSTREAM_UNAVAILABLE', 'Unavailable.', { endpoint: 'none' });
  });
  await events.next();
  end(deadlineReached);
  const { value } = await events.next();
  expect(begun).toBe(0);
  expect(value?.totals?.missing).toHaveLength(tenantCount);
});

test('reports yield to the event loop if nothing else makes them wait', async () => {
  const { events, end } = reportWith(() => emptySummary);
  let turns = 0;
  let isOver = false;
  const count = async () => {
    for (; !isOver; turns++) await setImmediate();
  };
  const counting = count();
  let read = 0;
  for await (const event of events) {
    if (event.tenant !== null) read += 1;
    if (read === tenantCount / 2) end(deadlineReached);
  }
  isOver = true;
  await counting;
  // A slice of 10 ms takes less than a thousand of them on any machine.
  expect(turns).toBeGreaterThan(10);
});
