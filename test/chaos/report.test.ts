/** A report on a large estate: its totals are the world's own, and its memory does not grow with the estate. */
import { expect, test } from '@jest/globals';
import { createClient } from 'graphql-sse';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import type { TenantWorld } from '../../src/simulator/world.ts';
import { ProtectionReportDocument, type ProtectionReportSubscription } from '../generated/operations.ts';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import { stormSize } from '../storms.ts';
import { stateOf } from '../graph/naive-queries.ts';

type Report = ProtectionReportSubscription['protectionReport'];

interface Estate {
  readonly customers: number;
  readonly tenantsPerCustomer: number;
  readonly usersPerTenant: number;
}

const estate: Estate = { customers: stormSize(232, 80), tenantsPerCustomer: 2, usersPerTenant: 500 };
const twice: Estate = { ...estate, customers: 2 * estate.customers };

test('a report on hundreds of thousands of users is exact, and costs no more memory than one on half of them', async () => {
  const small = await reportOn(estate);
  const large = await reportOn(twice);
  const expected = totalsOf(estate);
  expect(expected.tenants).toBeGreaterThan(stormSize(400, 130));
  expect(expected.users.userCount).toBeGreaterThan(stormSize(200_000, 65_000));
  expect(small.report.progress).toMatchObject({
    tenantsDone: expected.tenants,
    tenantsTotal: expected.tenants,
    usersDone: expected.users.userCount,
  });
  expect(small.report.totals).toMatchObject({ ...expected.users, isComplete: true, missing: [] });
  expect(large.report.totals?.isComplete).toBe(true);
  expect(large.report.progress.usersDone).toBeGreaterThan(1.8 * expected.users.userCount);
  expect(small.peakMebibytes).toBeLessThan(400);
  expect(large.peakMebibytes).toBeLessThan(400);
  expect(large.peakMebibytes / small.peakMebibytes).toBeLessThan(1.2);
});

async function reportOn(of: Estate): Promise<{ report: Report; peakMebibytes: number }> {
  let gateway: GatewayProcess | undefined;
  try {
    gateway = await startGatewayProcess(null, {
      SIMULATOR_CUSTOMERS: String(of.customers),
      SIMULATOR_TENANTS: String(of.tenantsPerCustomer),
      SIMULATOR_USERS: String(of.usersPerTenant),
      SIMULATOR_LATENCY_MS: '5',
    });
    const client = createClient({ url: `${gateway.url}/graphql`, retryAttempts: 0 });
    let report: Report | undefined;
    let peakMebibytes = 0;
    const asked = { query: ProtectionReportDocument.toString() };
    for await (const { data, errors } of client.iterate<ProtectionReportSubscription>(asked)) {
      expect(errors).toBeUndefined();
      peakMebibytes = Math.max(peakMebibytes, gateway.residentMebibytes());
      report = data?.protectionReport;
    }
    expect(gateway.complaints()).toBe('');
    if (report === undefined) throw new Error('The report has no events.');
    return { report, peakMebibytes };
  } finally {
    await endProcess(gateway);
  }
}

/** Counted row by row in the world itself. */
function totalsOf(of: Estate): {
  tenants: number;
  users: Pick<
    NonNullable<Report['totals']>,
    'userCount' | 'protectedCount' | 'partiallyProtectedCount' | 'unprotectedCount' | 'notInBackupCount'
  >;
} {
  const world = createGeneratedWorld({ seed: 1, ...of });
  const users = {
    userCount: 0,
    protectedCount: 0,
    partiallyProtectedCount: 0,
    unprotectedCount: 0,
    notInBackupCount: 0,
  };
  const counts = {
    PROTECTED: 'protectedCount',
    PARTIALLY_PROTECTED: 'partiallyProtectedCount',
    UNPROTECTED: 'unprotectedCount',
    NOT_IN_BACKUP: 'notInBackupCount',
    NO_ROW: 'notInBackupCount',
  } as const;
  let tenants = 0;
  for (let customer = 0; customer < world.customers.count; customer++) {
    const { id, tenants: rows } = world.customers.at(customer);
    for (const tenantRow of rows ?? []) {
      tenants += 1;
      const tenant = world.tenant(id, tenantRow.id);
      if (tenant === null) continue;
      for (const state of statesOf(tenant)) {
        users.userCount += 1;
        users[counts[state]] += 1;
      }
    }
  }
  return { tenants, users };
}

function* statesOf({ users, protection }: TenantWorld): Generator<ReturnType<typeof stateOf>> {
  const rows = new Map<string, ReturnType<TenantWorld['protection']['at']>>();
  for (let index = 0; index < protection.count; index++) {
    const row = protection.at(index);
    const address = row.email?.toLowerCase() ?? '';
    if (!rows.has(address)) rows.set(address, row);
  }
  for (let index = 0; index < users.count; index++) {
    const { mail, userPrincipalName } = users.at(index);
    const row = [mail, userPrincipalName]
      .map((address) => (address ? rows.get(address.toLowerCase()) : undefined))
      .find((each) => each !== undefined);
    yield stateOf(row ?? null);
  }
}
