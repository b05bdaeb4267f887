/** The simulation with one more collection, devices of tenants, which the project does not have. */
import type { SimulatorAnswer, SimulatorCall } from '../../src/simulator/exchange.ts';
import { ownPermissions, startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { createWorldOf, customerRow, userRow } from '../world-of.ts';

export const devicePermission = 'elements.em.device.read.all';

export interface DeviceUpstream {
  readonly simulator: Simulator;
  /** Calls of the API since they were last cleared. */
  readonly calls: SimulatorCall[];
}

/**
 * Customers `c` and `d`, of one tenant each, with 250 devices `t-0` to `t-249`, and `u-0` to `u-249`.
 *
 * @param isGranted whether its identity service grants the permission to read devices
 */
export async function startDeviceUpstream(isGranted: boolean): Promise<DeviceUpstream> {
  const calls: SimulatorCall[] = [];
  const users = [
    { ...userRow({ id: 'a', lastName: 'Novak' }), businessPhone: '+386 1 234' },
    userRow({ id: 'b', lastName: 'Nilsson' }),
  ];
  const simulator = await startSimulator({
    port: 0,
    latencyMs: 0,
    dialect: 'plural',
    permissions: isGranted ? [...ownPermissions, devicePermission] : ownPermissions,
    world: createWorldOf({
      customers: [
        customerRow({ id: 'c', tenants: [{ id: 't', name: 'Tenant' }] }),
        customerRow({ id: 'd', tenants: [{ id: 'u', name: 'Other tenant' }] }),
      ],
      directory: ['Alpine Foods', 'Harbor Legal'].map((organization, index) => ({
        id: 'cd'.charAt(index),
        organization,
        ownerEmail: '',
        jobStatus: 'Working',
        countryOrRegion: '',
      })),
      tenants: { 'c/t': { users, protection: [] }, 'd/u': { users: [], protection: [] } },
    }),
    intercept: (call) => {
      if (call.path === '/connect/token') return undefined;
      calls.push(call);
      return answerDevices(call);
    },
  });
  return { simulator, calls };
}

const template = /^\/partner\/external\/v3\/em\/customers\/(\w+)\/tenants\/(\w+)\/devices\/batch$/;

function answerDevices({ path, query, body }: SimulatorCall): SimulatorAnswer | undefined {
  const [, customerId, tenantId = ''] = template.exec(path) ?? [];
  if (customerId === undefined) return undefined;
  const { deviceIds = null } = JSON.parse(body) as { readonly deviceIds?: readonly string[] | null };
  const rows = Array.from({ length: 250 }, (_, index) => ({
    id: `${tenantId}-${index}`,
    name: `Device ${index}`,
    operatingSystem: index % 2 === 0 ? 'Windows' : 'macOS',
    isCompliant: index % 100 !== 0,
  })).filter(({ id }) => deviceIds?.includes(id) ?? true);
  const pageIndex = Number(query.get('pageIndex'));
  const pageSize = Math.min(100, Number(query.get('pageSize')));
  const data = rows.slice((pageIndex - 1) * pageSize, pageIndex * pageSize);
  const metadata = { pageIndex, pageSize, totalCount: rows.length };
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ data, metadata }),
  };
}
