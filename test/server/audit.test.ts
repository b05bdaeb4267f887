/** What is written down of each operation, and what never is. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { hashKey } from '../../src/callers/api-keys.ts';
import type { AuditEntry } from '../../src/server/observability/audit-entry.ts';
import type { GatewayUnderTest, GatewayUnderTestOptions } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import { until } from '../until.ts';
import { customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'audit-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Every text about a person has "secret" in it. */
const world: WorldData = {
  customers: ['one', 'two', 'three'].map((id) =>
    customerRow({
      id,
      organization: `secret ${id}`,
      ownerEmail: `secret-owner@example.com`,
      countryOrRegion: 'secret',
      tenants: [{ id: `tenant-${id}`, name: 'secret tenant' }],
    }),
  ),
  directory: [
    { id: 'two', organization: 'secret', ownerEmail: null, jobStatus: null, countryOrRegion: null },
    { id: 'four', organization: 'secret', ownerEmail: null, jobStatus: null, countryOrRegion: null },
  ],
  tenants: Object.fromEntries(
    ['one', 'two', 'three'].map((id) => [
      `${id}/tenant-${id}`,
      {
        users:
          id === 'three' ? [] : [userRow({ id: 'u', mail: 'secret@example.com', displayName: 'secret' })],
        protection: id === 'three' ? [] : [protectionRow('secret@example.com')],
      },
    ]),
  ),
};

let gateway: GatewayUnderTest;
const startGateway = useGateways({ world });
let child: GatewayProcess | undefined;
afterEach(async () => {
  jest.restoreAllMocks();
  await endProcess(child);
  child = undefined;
});

async function start(options: Partial<GatewayUnderTestOptions> = {}): Promise<GatewayUnderTest> {
  const keysFile = join(folder, 'keys.json');
  const keys = [
    { name: 'everything', sha256: hashKey('secret-key'), customers: 'all' },
    { name: 'little', sha256: hashKey('secret-key-too'), customers: ['two'], requestsPerMinute: 2 },
  ];
  writeFileSync(keysFile, JSON.stringify({ keys }));
  gateway = await startGateway({
    callers: { kind: 'known', keysFile, tokens: null },
    ...options,
  });
  return gateway;
}

const headers = { 'x-api-key': 'secret-key' };

/** The one line that an operation has. */
async function entryOf({ audit }: GatewayUnderTest, ask: () => Promise<unknown>): Promise<AuditEntry> {
  audit.length = 0;
  await ask().catch(() => undefined);
  await until(() => audit.length > 0);
  await sleep(20);
  const [entry] = audit;
  if (entry === undefined || audit.length > 1) throw new Error(`There are ${audit.length} lines.`);
  expect(JSON.stringify(entry)).not.toContain('secret');
  return entry;
}

function send(body: object, more: Record<string, string> = {}): Promise<Response> {
  return fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers, ...more },
    body: JSON.stringify(body),
  }).then(async (response) => {
    await response.text();
    return response;
  });
}

describe('an operation', () => {
  test('has a line of the caller, the operation, whose data was read, the cost and the outcome', async () => {
    const tested = await start();
    const query = 'query Names { customers(first: 2) { nodes { organization tenants { name } } } }';
    const hash = createHash('sha256').update(query).digest('hex');
    const first = await entryOf(tested, () => send({ query }));
    expect(first).toEqual({
      requestId: expect.any(String),
      caller: 'key everything',
      profile: null,
      operation: 'Names',
      kind: 'query',
      hash,
      tool: null,
      exported: null,
      customers: ['one', 'two'],
      customerCount: 2,
      calls: 1,
      fromCache: 0,
      stale: 0,
      shared: 0,
      outcome: 'answered',
      codes: [],
      status: 200,
      responseCached: false,
      durationMs: expect.any(Number),
      upstreamMs: expect.any(Number),
    });
    expect(first.upstreamMs).toBeGreaterThan(0);
    expect(first.upstreamMs).toBeLessThanOrEqual(first.durationMs);
    // From memory, and from the answers that are kept.
    expect(await entryOf(tested, () => send({ query }))).toMatchObject({
      ...{ calls: 0, fromCache: 1, customerCount: 2 },
    });
    expect(await entryOf(tested, () => send({ query }))).toMatchObject({
      ...{
        operation: 'Names',
        hash,
        customers: ['one', 'two'],
        calls: 0,
        responseCached: true,
        outcome: 'answered',
      },
    });
    expect(tested.calls).toHaveLength(1);
  });

  test.each<[string, readonly string[]]>([
    ['{ tenant(customerId: "one", tenantId: "tenant-one") { users { nodes { mail } } } }', ['one']],
    ['{ user(customerId: "two", tenantId: "tenant-two", userId: "u") { protection { email } } }', ['two']],
    [
      '{ tenant(customerId: "two", tenantId: "tenant-two") { user(email: "secret@example.com") { mail } } }',
      ['two'],
    ],
    ['{ directory { organization } }', ['two', 'four']],
    ['{ protectionSummary { userCount } }', ['one', 'two', 'three']],
    ['{ users { nodes { mail } } }', ['one', 'two', 'three']],
    ['{ customers(customerIds: ["three", "secret-absent"]) { nodes { organization } } }', ['three']],
    ['{ customer(customerId: "secret@example.com") { organization } }', []],
    ['{ tenant(customerId: "secret@example.com", tenantId: "secret") { users { totalCount } } }', []],
    ['{ __typename }', []],
  ])('%s has read the data of %j', async (query, customers) => {
    const tested = await start();
    for (const round of ['cold', 'warm']) {
      const entry = await entryOf(tested, () => send({ query }));
      expect([round, [...entry.customers].sort()]).toEqual([round, [...customers].sort()]);
      expect(entry.customerCount).toBe(customers.length);
    }
  });

  test('of more than a hundred customers is counted, not listed', async () => {
    const customers = Array.from({ length: 130 }, (_, index) => customerRow({ id: `c${index}` }));
    const tested = await start({ world: { customers, directory: [], tenants: {} } });
    const entry = await entryOf(tested, () =>
      send({ query: '{ customers(first: 200) { totalCount nodes { customerId } } }' }),
    );
    expect([entry.customers.length, entry.customerCount]).toEqual([100, 130]);
  });

  test('has its line however it ends', async () => {
    let status = 200;
    const tested = await start({
      intercept: ({ path }) => {
        if (status === 0) return 'hang';
        return status > 200 && path.includes('/users') ? { status, body: 'secret' } : undefined;
      },
    });
    const partly = '{ customer(customerId: "one") { organization tenants { users { nodes { mail } } } } }';
    status = 403;
    expect(await entryOf(tested, () => send({ query: partly }))).toMatchObject({
      ...{ outcome: 'partial', codes: ['UPSTREAM_FORBIDDEN'], status: 200, customers: ['one'] },
    });
    status = 0;
    tested.calls.length = 0;
    const caller = new AbortController();
    const leaving = fetch(`${tested.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: '{ directory { organization } }' }),
      signal: caller.signal,
    });
    const left = entryOf(tested, () => leaving);
    await until(() => tested.calls.length > 0);
    caller.abort();
    expect(await left).toMatchObject({ outcome: 'client_closed', caller: 'key everything' });
    status = 200;
    expect(await entryOf(tested, () => send({ query: '{ secret }' }))).toMatchObject({
      ...{ outcome: 'refused', codes: ['GRAPHQL_VALIDATION_FAILED'], status: 200, operation: null },
    });
    expect(await entryOf(tested, () => send({ query: '{ secret' }))).toMatchObject({
      ...{ outcome: 'refused', codes: ['GRAPHQL_PARSE_FAILED'], status: 200 },
    });
    expect(await entryOf(tested, () => send({ query: '{ a '.repeat(600) }))).toMatchObject({
      ...{ outcome: 'refused', codes: ['LIMIT_EXCEEDED'], status: 400 },
    });
    expect(await entryOf(tested, () => send({}))).toMatchObject({ outcome: 'refused', status: 400 });
    expect(
      await entryOf(tested, () => send({ query: '{ __typename }' }, { 'x-api-key': 'secret-guess' })),
    ).toMatchObject({ caller: null, outcome: 'refused', codes: ['UNAUTHENTICATED'], status: 401 });
    // Nothing of what it may ask comes back meanwhile.
    jest.spyOn(Date, 'now').mockReturnValue(Date.now());
    const little = () => send({ query: '{ __typename }' }, { 'x-api-key': 'secret-key-too' });
    expect(await entryOf(tested, little)).toMatchObject({ caller: 'key little', outcome: 'answered' });
    await little();
    expect(await entryOf(tested, little)).toMatchObject({
      ...{ caller: 'key little', codes: ['RATE_LIMITED'], status: 429 },
    });
  });

  test('that is answered by events has one as well', async () => {
    const tested = await start();
    const accept = { accept: 'text/event-stream' };
    const report = 'subscription Report { protectionReport { totals { userCount } } }';
    expect(await entryOf(tested, () => send({ query: report }, accept))).toMatchObject({
      ...{ operation: 'Report', kind: 'subscription', outcome: 'answered', customerCount: 3 },
    });
    expect(await entryOf(tested, () => send({ query: 'subscription { secret }' }, accept))).toMatchObject({
      ...{ kind: null, outcome: 'refused', codes: ['GRAPHQL_VALIDATION_FAILED'] },
    });
  });

  test('goes by the name that its sender gives it, or by one of its own', async () => {
    const tested = await start();
    const body = { query: '{ __typename }' };
    const named = await send(body, { 'x-request-id': 'trace-1.a' });
    expect(named.headers.get('x-request-id')).toBe('trace-1.a');
    const entry = await entryOf(tested, () => send(body, { 'x-request-id': 'trace-2' }));
    expect(entry.requestId).toBe('trace-2');
    for (const odd of ['', 'a b', 'x'.repeat(101), '<script>']) {
      const { headers: own } = await send(body, { 'x-request-id': odd });
      expect(own.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    }
    const refused = await send(body, { 'x-api-key': 'unknown' });
    expect(refused.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  });

  test('that is not an operation (explorer, readiness) has no line', async () => {
    const tested = await start();
    await entryOf(tested, async () => {
      await (await fetch(`${tested.url}/graphql`, { headers: { accept: 'text/html' } })).text();
      await (await fetch(`${tested.url}/health/ready`)).text();
      await send({ query: '{ __typename }' });
    });
  });
});

test('lines go to the log and to a file of their own, and the file can be moved away', async () => {
  const file = join(folder, 'lines', 'audit.log');
  child = await startGatewayProcess(null, { AUDIT_FILE: file, LOG_LEVEL: 'info', SIMULATOR_CUSTOMERS: '2' });
  const linesOf = (path: string) => {
    try {
      return readFileSync(path, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as AuditEntry);
    } catch {
      return [];
    }
  };
  const ask = (query: string) =>
    fetch(`${child?.url ?? ''}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    }).then((response) => response.text());
  await ask('query Before { __typename }');
  await until(() => linesOf(file).length === 1);
  rmSync(file);
  child.kill('SIGHUP');
  await until(() => existsSync(file));
  await ask('query After { __typename }');
  await until(() => linesOf(file).length === 1);
  expect(linesOf(file)).toMatchObject([{ operation: 'After', caller: 'anonymous', outcome: 'answered' }]);
  expect(child.complaints()).toBe('');
});
