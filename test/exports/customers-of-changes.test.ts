/** Comparisons of a file that was exported with a filter of customers. */
import { afterEach, expect, test } from '@jest/globals';
import {
  startGatewayUnderTest,
  type GatewayUnderTest,
  type GatewayUnderTestOptions,
} from '../gateway-under-test.ts';
import { customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';
import { compared, exported } from './compared.ts';

let gateways: GatewayUnderTest[] = [];
afterEach(async () => {
  await Promise.all(gateways.map(({ stop }) => stop()));
  gateways = [];
});

async function start(
  world: WorldData,
  intercept: GatewayUnderTestOptions['intercept'] = () => undefined,
): Promise<GatewayUnderTest> {
  const gateway = await startGatewayUnderTest({ world, intercept });
  gateways.push(gateway);
  return gateway;
}

const people = (...ids: readonly string[]) => ids.map((id) => userRow({ id }));
const guarded = (...ids: readonly string[]) => ids.map((id) => protectionRow(`${id}@example.com`));
const query = (customers: object) => `?customers=${encodeURIComponent(JSON.stringify(customers))}`;

const worldOf = (organization: string, users: readonly string[]): WorldData => ({
  customers: [customerRow({ id: 'c', organization, tenants: [{ id: 't', name: 'Tenant' }] })],
  directory: [],
  tenants: { 'c/t': { users: people(...users), protection: guarded('ann') } },
});

test('users of a customer that no longer matches do not match either, and those who are new there do not appear', async () => {
  const file = await exported(
    await start(worldOf('Polar', ['ann', 'bob', 'cid'])),
    query({ search: 'polar' }),
  );
  const { totals, tenants, isComplete } = await compared(
    await start(worldOf('Tropical', ['ann', 'bob', 'new'])),
    file,
  );
  expect(totals).toMatchObject({ usersBefore: 3, usersNow: 0, appeared: 0, gone: 1, noLongerMatching: 2 });
  expect(tenants[0]?.changes.map(({ change, userId }) => `${change} ${userId}`)).toEqual([
    'NO_LONGER_MATCHES ann',
    'NO_LONGER_MATCHES bob',
    'GONE cid',
  ]);
  expect(isComplete).toBe(true);
});

test('users of a customer of which is unknown whether it matches are not compared', async () => {
  const twoTenants = (isProtected: boolean): WorldData => ({
    customers: [
      customerRow({
        id: 'c',
        tenants: [
          { id: 't', name: 'Tenant' },
          { id: 's', name: 'Second' },
        ],
      }),
    ],
    directory: [],
    tenants: {
      'c/t': { users: people('ann'), protection: isProtected ? guarded('ann') : [] },
      'c/s': { users: people('bob'), protection: [] },
    },
  });
  const file = await exported(await start(twoTenants(false)), query({ coverage: { below: 0.6 } }));
  const { tenants, notCompared } = await compared(
    await start(twoTenants(true), ({ path }) =>
      path.includes('/tenants/s/') ? { status: 403, body: '{}' } : undefined,
    ),
    file,
  );
  expect(tenants).toEqual([]);
  const unknown = { reading: 'NOW', reason: 'UPSTREAM_FORBIDDEN', usersBefore: 1 };
  expect(notCompared).toMatchObject([
    { tenantId: 't', name: 'Tenant', ...unknown },
    { tenantId: 's', name: 'Second', ...unknown },
  ]);
});
