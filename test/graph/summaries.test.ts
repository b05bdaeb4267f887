/** Summaries against the upstream's rows, and reports of unreadable tenants. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { useGateways, withGateway } from '../use-gateway.ts';
import {
  FilteredCustomersDocument,
  SummariesDocument,
  type SummaryFragment,
} from '../generated/operations.ts';
import { customerRow, protectionRow, tenantsOf, userRow, type WorldData } from '../world-of.ts';
import { customerHolds, randomCustomerFilter } from './naive-queries.ts';
import { naiveSummary } from './naive-summary.ts';
import { randomWorld } from './random-world.ts';
import { stormSize } from '../storms.ts';

const start = useGateways();

describe.each(['singular', 'plural'] as const)('in the %s dialect', (dialect) => {
  test('a summary counts what the rows say, at every level', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomWorld({ customers: 5, users: 130 }).chain((world) =>
          fc.tuple(fc.constant(world), randomCustomerFilter(world.customers)),
        ),
        async ([world, filter]) => {
          await withGateway({ world, dialect }, async (gateway) => {
            const startedAt = Date.now();
            const { data, errors } = await gateway.query(SummariesDocument, { filter });
            expect(errors).toBeUndefined();
            const held = world.customers.filter((customer) => customerHolds(filter, customer));
            const withoutTime = (summary: SummaryFragment | null | undefined) => {
              if (!summary) return summary;
              const { asOf, ...counted } = summary;
              if (asOf === null) return counted;
              // The clocks may differ.
              expect(Date.parse(asOf)).toBeGreaterThan(startedAt - 60_000);
              expect(Date.parse(asOf)).toBeLessThan(Date.now() + 60_000);
              return counted;
            };
            expect(withoutTime(data?.protectionSummary)).toEqual(
              naiveSummary(held.flatMap(({ id, tenants }) => tenantsOf(world, id, tenants ?? []))),
            );
            const seen = data?.customers?.nodes.map(({ customerId, protectionSummary, tenants }) => ({
              customerId,
              summary: withoutTime(protectionSummary),
              tenants: tenants.map((tenant) => withoutTime(tenant.protectionSummary)),
            }));
            expect(seen).toEqual(
              held.map(({ id, tenants }) => {
                const rows = tenantsOf(world, id, tenants ?? []);
                return {
                  customerId: id,
                  summary: naiveSummary(rows),
                  tenants: rows.map((each) => naiveSummary([each])),
                };
              }),
            );
            // All levels and later operations share one reading of each tenant.
            const calls = gateway.calls.length;
            await gateway.query(SummariesDocument, { filter: null });
            await gateway.query(FilteredCustomersDocument, { orderBy: ['COVERAGE_ASC'] });
            const others = world.customers.length - held.length;
            if (others === 0) expect(gateway.calls.length).toBe(calls);
          });
        },
      ),
      { numRuns: stormSize(20, 8) },
    );
  });
});

describe('a summary with a tenant that can’t be read', () => {
  const world: WorldData = {
    customers: [
      customerRow({
        id: 'a',
        tenants: [
          { id: 'one', name: 'One' },
          { id: 'two', name: 'Two' },
        ],
      }),
      customerRow({ id: 'b', tenants: [{ id: 'three', name: 'Three' }] }),
    ],
    directory: [],
    tenants: {
      'a/one': { users: [userRow({ id: 'x' })], protection: [protectionRow('x@example.com')] },
      'a/two': { users: [userRow({ id: 'y' })], protection: [] },
      'b/three': { users: [userRow({ id: 'z' })], protection: [] },
    },
  };

  test('the rest is counted, and what is missing is reported with its reason', async () => {
    const gateway = await start({
      world,
      intercept: ({ path }) =>
        path.includes('/tenants/two/cloud-backup') ? { status: 403, headers: {}, body: '{}' } : undefined,
    });
    const { data, errors } = await gateway.query(SummariesDocument, {});
    expect(errors).toBeUndefined();
    const missing = {
      customerId: 'a',
      tenantId: 'two',
      code: 'UPSTREAM_FORBIDDEN',
      message: expect.stringContaining('elements.cbprotected.read.all') as unknown,
      retryable: false,
    };
    expect(data?.protectionSummary).toMatchObject({
      userCount: 2,
      protectedCount: 1,
      notInBackupCount: 1,
      isComplete: false,
      missing: [missing],
    });
    const [first, second] = data?.customers?.nodes ?? [];
    expect(first?.protectionSummary).toMatchObject({ userCount: 1, coverage: 1, isComplete: false });
    expect(first?.tenants.map(({ protectionSummary }) => protectionSummary?.isComplete)).toEqual([
      true,
      false,
    ]);
    expect(first?.tenants[1]?.protectionSummary).toMatchObject({
      userCount: 0,
      coverage: null,
      asOf: null,
      missing: [missing],
    });
    expect(second?.protectionSummary).toMatchObject({ userCount: 1, isComplete: true, missing: [] });

    const worst = await gateway.query(FilteredCustomersDocument, { orderBy: ['COVERAGE_ASC'] });
    expect(worst.errors).toBeUndefined();
    expect(worst.data?.customers).toMatchObject({
      isComplete: false,
      missing: [{ customerId: 'a', tenantId: 'two', code: 'UPSTREAM_FORBIDDEN' }],
    });
    expect(worst.data?.customers?.nodes.map(({ customerId }) => customerId)).toEqual(['b', 'a']);

    // An excluded customer might match if it could be read completely.
    const covered = await gateway.query(FilteredCustomersDocument, {
      filter: { coverage: { below: 0.5 } },
    });
    expect(covered.data?.customers?.nodes.map(({ customerId }) => customerId)).toEqual(['b']);
    expect(covered.data?.customers).toMatchObject({
      isComplete: false,
      missing: [{ customerId: 'a', tenantId: 'two', code: 'UPSTREAM_FORBIDDEN' }],
    });
    expect(gateway.reported).toEqual([]);
  });

  test('a budget that is too small leaves the others, and asking again goes further', async () => {
    const gateway = await start({ world, maxUpstreamCalls: 4 });
    const { data } = await gateway.query(SummariesDocument, {});
    expect(data?.protectionSummary?.isComplete).toBe(false);
    expect(data?.protectionSummary?.missing[0]?.code).toBe('UPSTREAM_BUDGET_EXCEEDED');
    const again = await gateway.query(SummariesDocument, {});
    expect(again.data?.protectionSummary).toMatchObject({ userCount: 3, isComplete: true });
  });
});

test('counts outlive the pages that the cache has no room for', async () => {
  const names = ['one', 'two', 'three', 'four', 'five'];
  const world: WorldData = {
    customers: [customerRow({ id: 'a', tenants: names.map((id) => ({ id, name: id })) })],
    directory: [],
    tenants: Object.fromEntries(
      names.map((name) => [
        `a/${name}`,
        {
          users: Array.from({ length: 300 }, (_, index) => userRow({ id: `${name}-${index}` })),
          protection: [],
        },
      ]),
    ),
  };
  // Room for the pages of one tenant or so.
  const gateway = await start({ world, maxCacheBytes: 400_000 });
  const first = await gateway.query(SummariesDocument, {});
  expect(first.data?.protectionSummary?.userCount).toBe(1500);
  const calls = gateway.calls.length;
  const second = await gateway.query(SummariesDocument, {});
  expect(second.data?.protectionSummary).toEqual(first.data?.protectionSummary);
  expect(gateway.calls.length - calls).toBeLessThanOrEqual(1);
});
