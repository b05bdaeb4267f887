/** Operations that request very many keys at once. */
import { expect, test } from '@jest/globals';
import { createLoaders } from '../../src/loaders.ts';
import { GatedRows } from '../../src/planner/gated-rows.ts';
import type { RowReader } from '../../src/planner/list-reader.ts';
import { OwnCustomers } from '../../src/planner/own-customers.ts';
import type { Planner } from '../../src/planner/planner.ts';
import { idJoin } from '../../src/planner/row-keys.ts';
import type { CustomerRecord } from '../../src/model.ts';
import { ExplainingObserver } from '../../src/server/observability/explain.ts';
import type { FieldPath } from '../../src/scope.ts';
import { threadCpuMs } from '../cpu-time.ts';
import { cause, rowsUpTo, serveList } from './served-list.ts';

/** More than a call can have arguments. */
const count = 150_000;
const rows = rowsUpTo(count);
const ids = rows.map(({ id }) => id);

function createReader() {
  const deployment = { rows, cap: 100, metadata: 'honest', filters: 'none' } as const;
  return serveList(deployment, { dialect: 'none' }).createReader();
}

/** Faster than an equality of so many objects. */
function expectAll(found: readonly unknown[]): void {
  expect(found).toHaveLength(count);
  expect(found.find((row, index) => row !== rows[index])).toBeUndefined();
}

test('an explained scan has as many causes as fields', async () => {
  const reader = createReader();
  await reader.window({ range: () => ({ start: 0, end: 1 }), needsTotalCount: false, cause });
  expectAll(await reader.find(ids, idJoin, () => [cause]));
});

test('a gate opens for any number of fields', async () => {
  const tenant = { customerId: 'customer', tenantId: 'tenant' };
  const customer = { ...tenant, tenants: [tenant] } as unknown as CustomerRecord;
  const customers = { find: () => Promise.resolve([customer]) } as unknown as RowReader<CustomerRecord>;
  const own = new OwnCustomers(new Set([tenant.customerId]), () => customers);
  const reader = createReader();
  const gated = new GatedRows(
    (causes: readonly FieldPath[]) => own.seesTenant(tenant, causes),
    () => reader,
  );
  await own.find(tenant.customerId, [cause]);
  expectAll(await gated.find(ids, idJoin, () => [cause]));
});

test('an explanation merges keys of any number', () => {
  const observer = new ExplainingObserver();
  const common = { path: '/rows', endpoint: 'POST /rows', causes: [cause], isPartlySeen: false } as const;
  const outcome = {
    source: 'cache',
    startedAt: 0,
    endedAt: 0,
    status: null,
    bytes: null,
    attempts: 0,
  } as const;
  for (let events = 0; events < 2; events++) observer.observe({ ...common, ...outcome, keys: ids });
  expect(observer.explain().cacheHits).toBe(2 * count);
});

test('a batch of loads takes time in proportion to its keys', async () => {
  const reader = { find: (keys: readonly unknown[]) => keys.map(() => null) };
  const planner = { isObserved: false, customers: () => reader } as unknown as Planner;
  const cpuMsOfKeys = async (keys: number) => {
    const { customer } = createLoaders(planner);
    const before = threadCpuMs();
    await Promise.all(ids.slice(0, keys).map((id) => customer(id, cause)));
    return threadCpuMs() - before;
  };
  await cpuMsOfKeys(10_000);
  const few = await cpuMsOfKeys(10_000);
  // Four times as many; sixteen times the time would be quadratic. Less than a tick can't be measured.
  expect(await cpuMsOfKeys(40_000)).toBeLessThan(10 * Math.max(few, 20));
});
