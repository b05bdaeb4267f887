/**
 * Hundreds and thousands of lists in one operation, each chosen among many rows that are cached: by cursors that say
 * anything, by filters and orders of their own, through all tenants. In half a gibibyte of heap, they let others have
 * their turn, and end with the operation's time.
 */
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { createGeneratedWorld, type WorldOptions } from '../../src/simulator/generated-world.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { slownessOfMachine, threadCpuMs, watchEventLoop } from '../cpu-time.ts';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import type { GraphQLAnswer } from '../gateway-under-test.ts';
import { times } from '../hostile-documents.ts';
import { stormSize } from '../storms.ts';
import { until } from '../until.ts';

let gateway: GatewayProcess | undefined;
let simulator: Simulator | undefined;
afterEach(async () => {
  await endProcess(gateway);
  await simulator?.stop();
});

let slowness = 1;
beforeAll(() => {
  slowness = slownessOfMachine();
});

/** Less than some of these operations would take. */
const operationMs = stormSize(6000, 1000);

async function start(options: WorldOptions, timeoutMs = operationMs) {
  const world = createGeneratedWorld(options);
  simulator = await startSimulator({ port: 0, world, latencyMs: 0, dialect: 'plural' });
  gateway = await startGatewayProcess(simulator, {
    NODE_OPTIONS: '--max-old-space-size=512',
    MAX_UPSTREAM_CALLS: '5000',
    OPERATION_TIMEOUT_MS: String(timeoutMs),
  });
  return world;
}

async function ask<Data>(query: string): Promise<GraphQLAnswer<Data>> {
  const response = await fetch(`${gateway?.url ?? ''}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as GraphQLAnswer<Data>;
}

/** The data of an operation, however often its time is over before all is read: what has been read is cached. */
async function askPatiently<Data>(
  query: string,
  isWhole: (data: Data) => boolean = () => true,
): Promise<Data> {
  let data: Data | null | undefined;
  await until(async () => {
    const answer = await ask<Data>(query);
    data = answer.errors === undefined ? answer.data : null;
    return data !== null && data !== undefined && isWhole(data);
  });
  if (data === null || data === undefined) throw new Error('The operation was not answered.');
  return data;
}

/** A cursor like those that are given out, at a position, with marks of no row. */
function forge(cursor: string, position: number): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  const start = text.indexOf('[');
  const place = withoutRows(JSON.parse(text.slice(start)), position);
  return JSON.stringify(Buffer.from(text.slice(0, start) + JSON.stringify(place)).toString('base64url'));
}

/** A place ends with its position, the index of its own row, and the rows' marks. */
function withoutRows(place: unknown, position: number): unknown {
  if (!Array.isArray(place)) return place;
  const parts: unknown[] = place;
  if (typeof parts.at(-1) === 'string') return [...parts.slice(0, -3), position, 4, 'A'.repeat(54)];
  return parts.map((part) => withoutRows(part, position));
}

/** Asks each operation, and judges what it costs other callers. */
async function play(operations: Readonly<Record<string, string>>): Promise<void> {
  if (gateway === undefined) throw new Error('No gateway runs.');
  const { pid } = gateway;
  const { takeHeldMs } = await watchEventLoop(gateway);
  for (const [name, query] of Object.entries(operations)) {
    await takeHeldMs();
    const before = threadCpuMs(pid);
    const { data, errors = [] } = await ask<unknown>(query);
    const cpuMs = threadCpuMs(pid) - before;
    const heldMs = await takeHeldMs();
    process.stderr.write(
      `${name}: ${cpuMs.toFixed(0)} ms of CPU, the event loop held for ${heldMs.toFixed(0)} ms\n`,
    );
    const codes = new Set(errors.map(({ extensions }) => extensions['code']));
    codes.delete('DEADLINE_EXCEEDED');
    // Where more errors would be listed than there is room for.
    codes.delete('LIMIT_EXCEEDED');
    expect([name, [...codes]]).toEqual([name, []]);
    expect([name, typeof data]).toEqual([name, 'object']);
    expect([name, heldMs < 200 * slowness]).toEqual([name, true]);
    expect([name, cpuMs < 2 * operationMs * slowness]).toEqual([name, true]);
  }
  expect(gateway.complaints()).toBe('');
}

test('lists of one tenant', async () => {
  const { customers } = await start({
    seed: 1,
    customers: 3,
    tenantsPerCustomer: 1,
    usersPerTenant: stormSize(40_000, 15_000),
  });
  const [key = ''] = Array.from({ length: customers.count }, (_, index) => customers.at(index)).flatMap(
    ({ id, tenants }) =>
      (tenants ?? []).map(({ id: tenantId }) => `customerId: "${id}", tenantId: "${tenantId}"`),
  );
  const lists = (tenants: number, list: (index: number) => string) =>
    `{ ${times(tenants, (tenant) => `t${tenant}: tenant(${key}) { ...F }`)} } fragment F on Tenant { ${times(50, (index) => `u${index}: ${list(index)}`)} }`;
  const { tenant } = await askPatiently<{
    tenant: { users: { totalCount: number; pageInfo: { endCursor: string } } };
  }>(`{ tenant(${key}) { users { totalCount pageInfo { endCursor } } } }`);
  const { totalCount, pageInfo } = tenant.users;
  expect(totalCount).toBeGreaterThan(stormSize(20_000, 7500));
  // All of it is cached from here on.
  await askPatiently(
    `{ tenant(${key}) { users(filter: { protection: { isProtected: true } }) { totalCount } } }`,
  );
  const cursorAt = (index: number) => forge(pageInfo.endCursor, (index * 7919) % totalCount);
  await play({
    cursors: lists(
      50,
      (index) =>
        `users(first: 1, after: ${cursorAt(index)}, before: ${cursorAt(index + 1)}) { nodes { userId } }`,
    ),
    'one filter': lists(20, () => 'users(first: 1, filter: { isTestUser: false }) { totalCount }'),
    'cursors of a filter': lists(
      10,
      () => 'users(last: 1, filter: { isTestUser: false }) { edges { cursor } }',
    ),
    filters: lists(50, (index) => `users(first: 1, filter: { search: "${index}" }) { totalCount }`),
    'filters by protection': lists(
      10,
      (index) =>
        `users(first: 1, filter: { protection: { isProtected: true }, search: "${index}" }) { totalCount }`,
    ),
    orders: lists(4, (index) => `users(first: ${index}, orderBy: MAIL_DESC) { nodes { userId } }`),
    'protection rows': lists(
      4,
      (index) =>
        `protectionStatuses(first: ${index}, filter: { hasUser: ${String(index % 2 === 0)} }) { totalCount }`,
    ),
  });
});

test('lists through thousands of tenants', async () => {
  await start({ seed: 1, customers: stormSize(40_000, 10_000), tenantsPerCustomer: 1, usersPerTenant: 1 });
  const lists = (list: (index: number) => string) =>
    `{ ${times(50, (index) => `a${index}: ${list(index)}`)} }`;
  // Tenants that were not read in time cause no error.
  const { users } = await askPatiently<{ users: { isComplete: boolean; pageInfo: { endCursor: string } } }>(
    '{ users(first: 1) { isComplete pageInfo { endCursor } } }',
    (data) => data.users.isComplete,
  );
  const cursorAt = (index: number) => forge(users.pageInfo.endCursor, index * stormSize(800, 200));
  await play({
    users: lists(() => 'users(first: 1) { nodes { userId } }'),
    'users of customers': lists(
      (index) => `users(first: 1, customers: { search: "${index}" }) { nodes { userId } }`,
    ),
    cursors: lists((index) => `users(first: 1, after: ${cursorAt(index)}) { nodes { userId } }`),
    customers: lists(
      (index) => `customers(first: 1, filter: { search: "${index}" }) { nodes { customerId } }`,
    ),
  });
});

test('orders of large tenants, four at once', async () => {
  await start(
    { seed: 1, customers: 3, tenantsPerCustomer: 1, usersPerTenant: stormSize(25_000, 10_000) },
    30_000,
  );
  const order = 'first: 1, orderBy: PROTECTION_ASC';
  const operations = Array.from({ length: 4 }, (_, index) =>
    index % 2 === 0
      ? `{ users(${order}, filter: { not: { search: "z${index}" } }) { totalCount } }`
      : `{ customers(first: 3) { nodes { tenants { users(${order}, filter: { not: { search: "z${index}" } }) { totalCount } } } } }`,
  );
  const answers = await Promise.all(operations.map((query) => ask<unknown>(query)));
  expect(answers.map(({ data }) => typeof data)).toEqual(Array.from(operations, () => 'object'));
  expect(gateway?.complaints()).toBe('');
});
