import { expect, test } from '@jest/globals';
import { deadlineExceeded, UpstreamError } from '../../src/errors.ts';
import type { Planner } from '../../src/planner/planner.ts';
import { allUsers } from '../../src/reporting/population.ts';
import { userRecord } from '../records-of.ts';
import { readTenant } from '../../src/reporting/read-tenant.ts';

test('counting ends with its operation, even of cached pages', async () => {
  const error = new UpstreamError('DEADLINE_EXCEEDED', 'Over.', { endpoint: 'none' });
  let pages = 0;
  async function* endless() {
    for (;;) {
      pages += 1;
      yield await Promise.resolve({ rows: [], totalCount: 0, sentAt: 0 });
      if (pages > 100) throw new Error('It goes on.');
    }
  }
  const pace = {
    shouldYield: true,
    yield: () => Promise.reject(error),
    throwIfEnded: () => undefined,
  };
  const rows = Array.from({ length: 100 }, (_, index) => userRecord({ id: `${index}` }));
  async function* users() {
    yield await Promise.resolve({ rows, totalCount: 100, sentAt: 0 });
    yield* endless();
  }
  async function* none(): AsyncGenerator<never, void, undefined> {
    // Without a page.
  }
  const planner = {
    cachedSummary: () => null,
    streamTenant: () => ({
      users: users(),
      protectionStatuses: none(),
    }),
    pace: () => pace,
  } as unknown as Planner;
  const tenant = { customerId: 'customer', tenantId: 'tenant' };
  const summaries = await readTenant(planner, tenant, [allUsers], { prev: undefined, key: 'field' });
  expect(summaries.get(allUsers.name)?.missing).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
});

test('nothing is begun for a tenant after the end of the operation', async () => {
  const planner = {
    cachedSummary: () => null,
    pace: () => ({
      throwIfEnded: () => {
        throw deadlineExceeded('none');
      },
    }),
    streamTenant: () => {
      throw new Error('A stream was begun.');
    },
  } as unknown as Planner;
  const tenant = { customerId: 'customer', tenantId: 'tenant' };
  const summaries = await readTenant(planner, tenant, [allUsers], { prev: undefined, key: 'field' });
  expect(summaries.get(allUsers.name)?.missing).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
});

test('a tenant of which nothing is known whether its viewer sees it is missing', async () => {
  const error = new UpstreamError('UPSTREAM_UNAVAILABLE', 'Unavailable.', { endpoint: 'none' });
  const planner = { cachedSummary: () => Promise.reject(error) } as unknown as Planner;
  const tenant = { customerId: 'customer', tenantId: 'tenant' };
  const cause = { prev: undefined, key: 'field' };
  const summaries = await readTenant(planner, tenant, [allUsers], cause);
  expect(summaries.get(allUsers.name)?.missing).toEqual([
    { ...tenant, code: error.code, message: error.message, retryable: true },
  ]);
});
