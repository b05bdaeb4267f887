/** What the upstream counts and does not send, or sends in a form without meaning, is named and is no change. */
import { describe, expect, test } from '@jest/globals';
import { openEndpoint, type GatewayUnderTest } from '../gateway-under-test.ts';
import { exchange } from '../http-exchange.ts';
import { useGateways } from '../use-gateway.ts';
import { customerRow, protectionRow, userRow, worldOfTenant } from '../world-of.ts';
import { compared, exported } from './compared.ts';
import { getOf, readNdjson } from './exported.ts';

const people = Array.from({ length: 150 }, (_, index) => `user-${index}`);
const users = people.map((id) => userRow({ id }));
const protection = people.map((id) => protectionRow(`${id}@example.com`));
const customer = customerRow({ id: 'c', tenants: [{ id: 't', name: 'Tenant' }] });
const start = useGateways({ world: worldOfTenant({ users, protection }), endpoint: openEndpoint });

type Page = (pageIndex: number) => unknown;

/** Starts a gateway whose upstream answers one list by other pages. */
function startWith(
  list: 'customers' | 'users' | 'protectionStatuses',
  page: Page,
): Promise<GatewayUnderTest> {
  const ending = { customers: '/customers/batch', users: '/um/', protectionStatuses: '/cloud-backup' }[list];
  return start({
    intercept: ({ path, query }) =>
      path.includes(ending)
        ? { status: 200, body: JSON.stringify(page(Number(query.get('pageIndex')))) }
        : undefined,
  });
}

const pageOf = (data: readonly unknown[], totalCount: number) => ({
  data,
  metadata: { totalCount, pageSize: 100 },
});

async function summaryOf(gateway: GatewayUnderTest): Promise<unknown> {
  const { data } = await gateway.queryText(
    '{ protectionSummary { userCount isComplete changedWhileRead missing { customerId tenantId organization name reason } } }',
  );
  return data?.['protectionSummary'];
}

describe.each<[string, unknown]>([
  ['no list', 'oops'],
  ['a number', 5],
  ['a list of other values', ['x', 7]],
  ['a list with null', [null, { id: 'other', name: null }]],
  ['a list of a tenant without an id', [{ name: 'Tenant' }]],
])('tenants of a customer are %s', (_name, tenants) => {
  const odd = () => startWith('customers', () => pageOf([{ ...customer, tenants }], 1));

  test('an export and a summary name the customer as missing', async () => {
    const gateway = await odd();
    const { status, text } = await exchange(gateway.url, getOf('/export/users.ndjson'));
    expect(status).toBe(200);
    const named = { organization: 'Organization', name: null };
    const missing = { customerId: 'c', tenantId: '', reason: 'UPSTREAM_INVALID_RESPONSE', ...named };
    const { end } = readNdjson(text);
    expect(end.isComplete).toBe(false);
    expect(end.missing).toContainEqual(expect.objectContaining(missing));
    const summary = await summaryOf(gateway);
    expect(summary).toMatchObject({ isComplete: false });
    expect(summary).toHaveProperty('missing', expect.arrayContaining([missing]));
    const { data } = await gateway.queryText(
      '{ users { isComplete missing { customerId tenantId } } customers(filter: { tenantName: "Tenant" }) { totalCount isComplete missing { customerId } } }',
    );
    expect(data).toMatchObject({
      users: { isComplete: false },
      customers: { isComplete: false, missing: [{ customerId: 'c' }] },
    });
  });

  test('an order by its users, a filter by them and a report name it too', async () => {
    const gateway = await startWith('customers', () =>
      pageOf([{ ...customer, tenants }, ...['d', 'e'].map((id) => customerRow({ id }))], 3),
    );
    const missing = [expect.objectContaining({ customerId: 'c', tenantId: '' })];
    const { data } = await gateway.queryText(
      '{ customers(orderBy: TENANT_COUNT_ASC, first: 1) { isComplete nodes { id } } protectionSummary(filter: { coverage: { below: 0.5 } }) { isComplete missing { customerId tenantId } } }',
    );
    expect(data).toMatchObject({
      customers: { isComplete: false },
      protectionSummary: { isComplete: false, missing: expect.arrayContaining(missing) },
    });
    const { text } = await exchange(gateway.url, {
      target: '/graphql',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({
        query:
          'subscription { protectionReport(filter: { tenantName: "Other" }) { totals { isComplete missing { customerId tenantId } } } }',
      }),
    });
    expect(text).toContain('"isComplete":false,"missing":[{"customerId":"c","tenantId":""}]');
  });

  test('a tenant that may be among them is an error, not null', async () => {
    const gateway = await odd();
    const { data, errors } = await gateway.queryText(
      '{ alone: tenant(tenantId: "t") { tenantId } below: customer(customerId: "c") { organization tenant(tenantId: "t") { name } } }',
    );
    expect(data).toEqual({ alone: null, below: { organization: 'Organization', tenant: null } });
    expect(errors?.map(({ extensions }) => extensions)).toEqual([
      expect.objectContaining({ code: 'UPSTREAM_INVALID_RESPONSE', field: 'data[].tenants' }),
    ]);
  });

  test('no user is gone, and none has appeared afterwards', async () => {
    const monday = await exported(await start());
    expect(await compared(await odd(), monday)).toMatchObject({
      totals: { gone: 0, appeared: 0 },
      isComplete: false,
      notCompared: expect.arrayContaining([
        expect.objectContaining({ tenantId: 't', reading: 'NOW', reason: 'UPSTREAM_INVALID_RESPONSE' }),
      ]),
    });
    const oddFile = await exported(await odd());
    expect(await compared(await start(), oddFile)).toMatchObject({
      totals: { gone: 0, appeared: 0 },
      isComplete: false,
    });
  });
});

describe.each<[string, Page]>([
  ['null in place of a customer', () => pageOf([null], 1)],
  ['no customer of one', () => pageOf([], 1)],
  ['fewer customers than it states', () => pageOf([customerRow({ id: 'd' })], 2)],
])('the list of customers has %s', (_name, page) => {
  test('its tenants are not compared', async () => {
    const monday = await exported(await start());
    const odd = await startWith('customers', page);
    expect(readNdjson(await exported(odd)).end).toMatchObject({
      changedWhileRead: true,
      customersChanged: true,
    });
    expect(await compared(odd, monday)).toMatchObject({
      totals: { gone: 0 },
      isComplete: false,
      notCompared: [{ tenantId: 't', reading: 'NOW', reason: 'CUSTOMERS_CHANGED' }],
    });
    expect(await summaryOf(odd)).toMatchObject({ changedWhileRead: true });
  });
});

/** The list after its first page was read: its first row is behind the second page's by then. */
const moved = (rows: readonly unknown[]) => [...rows.slice(1, 101), rows[0], ...rows.slice(101)];

describe.each(['users', 'protectionStatuses'] as const)('%s', (list) => {
  const rows: readonly unknown[] = list === 'users' ? users : protection;

  test.each<[string, Page]>([
    [
      'rows move between two pages',
      (page) => pageOf(page === 1 ? rows.slice(0, 100) : moved(rows).slice(100), 150),
    ],
    [
      'a row of the first page is twice on the second',
      (page) => pageOf(page === 1 ? rows.slice(0, 100) : [...rows.slice(100, 148), rows[0], rows[0]], 150),
    ],
    [
      'the second page is empty and counts itself',
      (page) => pageOf(page === 1 ? rows.slice(0, 100) : [], page === 1 ? 150 : 0),
    ],
  ])('if %s, the tenant is not compared', async (_name, page) => {
    const monday = await exported(await start());
    const odd = await startWith(list, page);
    expect(await summaryOf(odd)).toMatchObject({ changedWhileRead: true });
    expect(await compared(odd, monday)).toMatchObject({
      totals: { gone: 0, lessProtected: 0 },
      notCompared: [{ tenantId: 't', reading: 'NOW', reason: 'ROWS_MISSING' }],
    });
    const odds = await exported(odd);
    expect(readNdjson(odds).end).toMatchObject({ changedWhileRead: true, changed: [{ tenantId: 't' }] });
    expect(await compared(await start(), odds)).toMatchObject({ totals: { appeared: 0, moreProtected: 0 } });
    const { data } = await odd.queryText(
      `{ tenant(customerId: "c", tenantId: "t") { ${list}(first: 150) { changedWhileRead nodes { __typename } } } }`,
    );
    expect(data).toMatchObject({ tenant: { [list]: { changedWhileRead: true, nodes: expect.any(Array) } } });
  });
});

describe.each<[string, Page]>([
  ['null in place of each row', (pageIndex) => pageOf(Array(pageIndex === 1 ? 100 : 50).fill(null), 150)],
  ['no row of 150', () => pageOf([], 150)],
])('a list has %s', (_name, page) => {
  test.each([
    ['users', 'GONE'],
    ['protectionStatuses', 'LESS_PROTECTED'],
  ] as const)('%s: no change, and a warning', async (list, change) => {
    const monday = await exported(await start());
    const odd = await startWith(list, page);
    expect(await summaryOf(odd)).toMatchObject({ changedWhileRead: true });
    const answer = await compared(odd, monday);
    expect(JSON.stringify(answer)).not.toContain(change);
    expect(answer).toMatchObject({
      isComplete: false,
      notCompared: [{ tenantId: 't', reading: 'NOW', reason: 'ROWS_MISSING', usersBefore: 150 }],
    });
    const odds = await exported(odd);
    expect(readNdjson(odds).end).toMatchObject({ changedWhileRead: true, changed: [{ tenantId: 't' }] });
    expect(await compared(await start(), odds)).toMatchObject({
      isComplete: false,
      notCompared: [{ tenantId: 't', reading: 'BEFORE', reason: 'ROWS_MISSING' }],
    });
  });
});

test('users behind an empty page are not gone', async () => {
  const monday = await exported(await start());
  const odd = await startWith('users', (pageIndex) =>
    pageOf(pageIndex === 1 ? users.slice(0, 100) : [], 150),
  );
  const { rows, end } = readNdjson(await exported(odd));
  expect(rows).toHaveLength(100);
  expect(end).toMatchObject({ changedWhileRead: true, changed: [{ tenantId: 't' }] });
  expect(await compared(odd, monday)).toMatchObject({
    totals: { gone: 0 },
    notCompared: [{ tenantId: 't', reason: 'ROWS_MISSING' }],
  });
});
