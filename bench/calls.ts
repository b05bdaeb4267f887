/**
 * Upstream calls of operations, counted by the upstream, beside those of a gateway written the usual way. Prints a
 * table: `npm run bench:calls`.
 */
/* eslint-disable no-console -- it prints a table */
import { readConfig } from '../src/config/config.ts';
import { startGateway } from '../src/gateway.ts';
import type { Explanation } from '../src/server/observability/explain.ts';
import { createGeneratedWorld } from '../src/simulator/generated-world.ts';
import { startSimulator, type Simulator, type SimulatorDialect } from '../src/simulator/simulator.ts';
import type { RowSource, World } from '../src/simulator/world.ts';
import { withAccessToken } from '../src/transport/access-token.ts';
import { createUndiciTransport } from '../src/transport/undici.ts';
import { createUsualGateway } from './usual-gateway.ts';

interface Operation {
  readonly document: string;
  readonly variables: Record<string, unknown>;
}

/** Resolves to the operation's data; rejects if there is an error. */
type Ask = (operation: Operation) => Promise<unknown>;

interface OpenGateway {
  readonly ask: Ask;
  /** Consecutive round trips of each operation so far; empty if unknown. */
  readonly roundTrips: readonly number[];
  readonly stop: () => Promise<void>;
}

interface Scenario {
  readonly name: string;
  /** The promised maximum of calls. */
  readonly promised: (dialect: SimulatorDialect) => string;
  readonly prepare?: (ask: Ask) => Promise<unknown>;
  /** @param cursor cursor of the eighty-fifth customer */
  readonly run: (ask: Ask, cursor: string) => Promise<unknown>;
  /** Maximum rows of a tenant's lists. */
  readonly users?: number;
  readonly rows?: number;
}

const generated = createGeneratedWorld({
  seed: 7,
  customers: 1000,
  tenantsPerCustomer: 2,
  usersPerTenant: 2500,
});
const customers = Array.from({ length: 10 }, (_, index) => generated.customers.at(index));
const tenantCount = customers.reduce((sum, { tenants }) => sum + (tenants?.length ?? 0), 0);
const c = customers[0]?.id ?? '';
const t = customers[0]?.tenants?.[0]?.id ?? '';
const userAt = (index: number) => generated.tenant(c, t)?.users.at(index);
const tenant = { c, t };

const dashboard: Operation = {
  document: `{ customers(first: 10) { totalCount nodes { organization tenants { name users(first: 50) { totalCount
    nodes { displayName mail protection { email isProtected } } } } } } }`,
  variables: {},
};
const wholeTenant: Operation = {
  document: `query ($c: ID!, $t: ID!) { tenant(customerId: $c, tenantId: $t) { users(first: 1000) { totalCount
    nodes { userId protection { email } } } } }`,
  variables: tenant,
};
const oneUser = (index: number): Operation => ({
  document: `query ($c: ID!, $t: ID!, $u: ID!) { user(customerId: $c, tenantId: $t, userId: $u) { displayName protection { email } } }`,
  variables: { ...tenant, u: userAt(index)?.id },
});
const aliases = (count: number): Operation => ({
  document: `query ($c: ID!, $t: ID!) { ${Array.from(
    { length: count },
    (_, index) =>
      `u${index}: user(customerId: $c, tenantId: $t, userId: ${JSON.stringify(userAt(index * 7)?.id)}) { userId protection { email } }`,
  ).join(' ')} }`,
  variables: tenant,
});
const someCustomers = (count: number): Operation => ({
  document: 'query ($ids: [ID!]) { customers(customerIds: $ids) { nodes { organization } } }',
  variables: {
    ids: Array.from(
      { length: count },
      (_, index) => generated.customers.at((index + 1) * Math.floor(999 / count)).id,
    ),
  },
});
const count: Operation = { document: '{ customers { totalCount } }', variables: {} };
const protectionCount: Operation = {
  document: `query ($c: ID!, $t: ID!) { tenant(customerId: $c, tenantId: $t) { protectionStatuses { totalCount } } }`,
  variables: tenant,
};

const scenarios: readonly Scenario[] = [
  {
    name: `Dashboard: 10 customers, ${tenantCount} tenants, 100 users and 100 rows each`,
    promised: () => `1 + 2T = ${1 + 2 * tenantCount}`,
    users: 100,
    rows: 100,
    run: (ask) => ask(dashboard),
  },
  {
    name: 'the Dashboard again',
    promised: () => '0',
    users: 100,
    rows: 100,
    prepare: (ask) => ask(dashboard),
    run: (ask) => ask(dashboard),
  },
  {
    name: '100 equal Dashboards at once',
    promised: () => `as one = ${1 + 2 * tenantCount}`,
    users: 100,
    rows: 100,
    run: (ask) => Promise.all(Array.from({ length: 100 }, () => ask(dashboard))),
  },
  {
    name: 'whole tenant, 1,000 users and 920 rows, with protection',
    promised: () => '10 + 10 = 20',
    users: 1000,
    rows: 920,
    run: (ask) => ask(wholeTenant),
  },
  {
    name: 'one user with protection',
    promised: (dialect) => (dialect === 'plural' ? '2' : '2, + 1 for a second address'),
    run: (ask) => ask(oneUser(1)),
  },
  ...[1, 40, 250].map((size) => ({
    name: `${size} ${size === 1 ? 'user' : 'users'} by id, in aliases, with protection, of a tenant with 1,500 rows`,
    promised: (dialect: SimulatorDialect) => {
      const batches = Math.ceil(size / 100);
      return dialect === 'plural' ? `${2 * batches}` : `${batches} + min(${size}…${2 * size}, 15), + 1`;
    },
    users: 1900,
    rows: 1500,
    run: (ask: Ask) => ask(aliases(size)),
  })),
  {
    name: 'the same 40, the number of rows known',
    promised: (dialect) => (dialect === 'plural' ? '2' : '1 + 15 = 16'),
    users: 1900,
    rows: 1500,
    prepare: (ask) => ask(protectionCount),
    run: (ask) => ask(aliases(40)),
  },
  ...[5, 140].map((size) => ({
    name: `${size} of 1,000 customers by id`,
    promised: (dialect: SimulatorDialect) =>
      dialect === 'plural' ? `${Math.ceil(size / 100)}` : `min(${size}, 10), + 1`,
    run: (ask: Ask) => ask(someCustomers(size)),
  })),
  {
    name: 'first: 30 after row 85',
    promised: () => '2',
    run: (ask, cursor) =>
      ask({
        document: 'query ($after: String) { customers(first: 30, after: $after) { nodes { organization } } }',
        variables: { after: cursor },
      }),
  },
  {
    name: 'totalCount alone',
    promised: () => '1, of a small page',
    run: (ask) => ask(count),
  },
  {
    name: 'any of 20 users of a scanned tenant, with protection',
    promised: () => '0',
    users: 1000,
    rows: 920,
    prepare: (ask) => ask(wholeTenant),
    run: (ask) => Promise.all(Array.from({ length: 20 }, (_, index) => ask(oneUser(index * 40)))),
  },
];

interface Measured {
  readonly calls: number;
  /** Calls of a second run. */
  readonly again: number;
  readonly deepest: number;
}

async function measure(scenario: Scenario, dialect: SimulatorDialect, isUsual: boolean): Promise<Measured> {
  let calls = 0;
  const simulator = await startSimulator({
    port: 0,
    world: clip(generated, scenario),
    latencyMs: 2,
    dialect,
    intercept: ({ path }) => {
      if (path !== '/connect/token') calls += 1;
      return undefined;
    },
  });
  const open = () => (isUsual ? usual(simulator, dialect) : ours(simulator));
  const scout = await open();
  const gateway = await open();
  try {
    const cursor = endCursorOf(await scout.ask(firstCustomers));
    await scenario.prepare?.(gateway.ask);
    calls = 0;
    const before = gateway.roundTrips.length;
    await scenario.run(gateway.ask, cursor);
    const deepest = Math.max(0, ...gateway.roundTrips.slice(before));
    const once = calls;
    await scenario.run(gateway.ask, cursor);
    return { calls: once, again: calls - once, deepest };
  } finally {
    await Promise.all([scout.stop(), gateway.stop()]);
    await simulator.stop();
  }
}

const firstCustomers: Operation = {
  document: '{ customers(first: 85) { pageInfo { endCursor } } }',
  variables: {},
};

function endCursorOf(data: unknown): string {
  return /"endCursor":"([^"]+)"/.exec(JSON.stringify(data))?.[1] ?? '';
}

interface Answer {
  readonly data: unknown;
  readonly errors?: readonly { readonly message: string }[];
  readonly extensions: { readonly upstream: Explanation };
}

async function ours(simulator: Simulator): Promise<OpenGateway> {
  const config = {
    ...readConfig({}),
    port: 0,
    upstream: { kind: 'remote' as const, ...simulator.credentials },
  };
  const { url, stop } = await startGateway(config, { report: console.error });
  const roundTrips: number[] = [];
  const ask: Ask = async ({ document, variables }) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-explain': 'true' },
      body: JSON.stringify({ query: document, variables }),
    });
    const { data, errors, extensions } = (await response.json()) as Answer;
    if (errors?.[0]) throw new Error(errors[0].message);
    roundTrips.push(extensions.upstream.roundTrips);
    return data;
  };
  return { ask, stop, roundTrips };
}

async function usual(simulator: Simulator, dialect: SimulatorDialect): Promise<OpenGateway> {
  const { send, close } = await createUndiciTransport({
    baseUrl: simulator.credentials.apiUrl,
    timeoutMs: 30_000,
    maxResponseBytes: 16 * 1024 * 1024,
    connections: 32,
  });
  const execute = createUsualGateway(withAccessToken(send, send, simulator.credentials), dialect);
  return {
    ask: ({ document, variables }) => execute(document, variables),
    stop: close,
    roundTrips: [],
  };
}

function clip(world: World, { users = Infinity, rows = Infinity }: Pick<Scenario, 'users' | 'rows'>): World {
  return {
    ...world,
    tenant: (customerId, tenantId) => {
      const found = world.tenant(customerId, tenantId);
      return found && { users: clipRows(found.users, users), protection: clipRows(found.protection, rows) };
    },
  };
}

function clipRows<Row>(source: RowSource<Row>, most: number): RowSource<Row> {
  const length = Math.min(source.count, most);
  return { ...source, count: length, find: (key) => source.find(key).filter((index) => index < length) };
}

console.log('| operation | dialect | promised | this gateway | round trips | again | the usual one |');
console.log('| --- | --- | --- | ---: | ---: | ---: | ---: |');
for (const scenario of scenarios) {
  for (const dialect of ['plural', 'singular'] as const) {
    const own = await measure(scenario, dialect, false);
    const usualOne = await measure(scenario, dialect, true);
    const cells = [
      scenario.name,
      dialect,
      scenario.promised(dialect),
      own.calls,
      own.deepest,
      own.again,
      usualOne.calls,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
