import { expect, test } from '@jest/globals';
import { UpstreamError } from '../../src/errors.ts';
import type { Planner } from '../../src/planner/planner.ts';
import { everyUser } from '../../src/survey/population.ts';
import { readTenant } from '../../src/survey/read-tenant.ts';

test('a tenant of which nothing is known whether its viewer sees it is missing', async () => {
  const error = new UpstreamError('UPSTREAM_UNAVAILABLE', 'Unavailable.', { endpoint: 'none' });
  const planner = { cachedSummary: () => Promise.reject(error) } as unknown as Planner;
  const tenant = { customerId: 'customer', tenantId: 'tenant' };
  const cause = { prev: undefined, key: 'field' };
  const summaries = await readTenant(planner, tenant, [everyUser], cause);
  expect(summaries.get(everyUser.name)?.missing).toEqual([
    { ...tenant, code: error.code, message: error.message, retryable: true },
  ]);
});
