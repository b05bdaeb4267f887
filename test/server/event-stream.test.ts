/** Reports as server-sent events, requested by graphql-sse's own client, and by hand if it would not send them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-sse';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { ProtectionReportDocument, type ProtectionReportSubscription } from '../generated/operations.ts';
import { customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';
import { letArrive, until } from '../until.ts';

type Report = ProtectionReportSubscription['protectionReport'];

/** Customers c0 to c5 with one tenant each, of as many users as its number, every second one protected. */
const world: WorldData = {
  customers: Array.from({ length: 6 }, (_, index) =>
    customerRow({
      id: `c${index}`,
      organization: `Organization ${index}`,
      countryOrRegion: index < 2 ? 'Slovenia' : 'Japan',
      tenants: [{ id: `t${index}`, name: `Tenant ${index}` }],
    }),
  ),
  directory: [],
  tenants: Object.fromEntries(
    Array.from({ length: 6 }, (_, tenant) => [
      `c${tenant}/t${tenant}`,
      {
        users: Array.from({ length: tenant }, (__, user) => userRow({ id: `u${tenant}-${user}` })),
        protection: Array.from({ length: tenant }, (__, user) =>
          protectionRow(`u${tenant}-${user}@example.com`, {
            moduleStatus: [{ module: 0, isProtected: user % 2 === 0 }],
          }),
        ),
      },
    ]),
  ),
};

const start = useGateways({ world });

async function reportOf({ url }: GatewayUnderTest): Promise<Report[]> {
  const client = createClient({ url: `${url}/graphql`, retryAttempts: 0 });
  const events: Report[] = [];
  for await (const { data, errors } of client.iterate<ProtectionReportSubscription>({
    query: ProtectionReportDocument.toString(),
  })) {
    expect(errors).toBeUndefined();
    if (data) events.push(data.protectionReport);
  }
  return events;
}

function postFor(
  { url }: GatewayUnderTest,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  signal: AbortSignal | null = null,
): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify(body),
    signal,
  });
}

/** The results of a stream, without the protocol around them. */
async function resultsOf(response: Response): Promise<unknown[]> {
  const text = await response.text();
  expect(text).toMatch(/event: complete\ndata:\n\n$/);
  return [...text.matchAll(/^event: next\ndata: (.*)$/gm)].map(
    ([, data = '']) => JSON.parse(data) as unknown,
  );
}

const smallest = 'subscription { protectionReport { progress { tenantsDone } totals { userCount } } }';

describe('a report', () => {
  test('reports each tenant as it is read and its progress, and ends with the totals', async () => {
    const events = await reportOf(await start());
    const [first, last] = [events[0], events.at(-1)];
    expect(first).toMatchObject({ tenant: null, totals: null });
    expect(first?.progress).toMatchObject({
      tenantsDone: 0,
      tenantsTotal: 6,
      usersDone: 0,
      usersTotal: null,
    });
    const tenants = events.flatMap(({ tenant }) => tenant ?? []);
    expect(tenants.map(({ name }) => name).sort()).toEqual(
      [0, 1, 2, 3, 4, 5].map((index) => `Tenant ${index}`),
    );
    expect(tenants.find(({ name }) => name === 'Tenant 5')).toMatchObject({
      organization: 'Organization 5',
      summary: { userCount: 5, protectedCount: 3, unprotectedCount: 2, coverage: 0.6, isComplete: true },
    });
    const progress = events.map((event) => event.progress);
    progress.forEach((now, index) => {
      const before = progress[index - 1];
      if (before === undefined) return;
      expect(now.tenantsDone).toBeGreaterThanOrEqual(before.tenantsDone);
      expect(now.usersDone).toBeGreaterThanOrEqual(before.usersDone);
      expect(now.calls).toBeGreaterThanOrEqual(before.calls);
      if (now.tenantsDone > 0) expect(now.usersTotal).not.toBeNull();
    });
    expect(last).toMatchObject({
      tenant: null,
      progress: { tenantsDone: 6, usersDone: 15, usersTotal: 15, calls: 13, secondsLeft: 0 },
      totals: {
        userCount: 15,
        protectedCount: 9,
        unprotectedCount: 6,
        coverage: 0.6,
        isComplete: true,
        missing: [],
        modules: [{ module: 'MAILBOX', protectedCount: 9, unprotectedCount: 6 }],
      },
    });
    expect(events.filter(({ totals }) => totals !== null)).toHaveLength(1);
  });

  test('speaks only of the customers asked for', async () => {
    const gatewayOfAll = await start();
    const query = `subscription { protectionReport(filter: { countryOrRegion: "slovenia" }) {
      progress { tenantsTotal } totals { userCount } } }`;
    const results = await resultsOf(await postFor(gatewayOfAll, { query }));
    expect(results.at(-1)).toEqual({
      data: { protectionReport: { progress: { tenantsTotal: 2 }, totals: { userCount: 1 } } },
    });
  });

  test("goes on without a tenant that can't be read, and reports which and why", async () => {
    const running = await start({
      intercept: ({ path }) =>
        path.includes('/tenants/t4/') ? { status: 500, headers: {}, body: '' } : undefined,
    });
    const events = await reportOf(running);
    const missing = [{ customerId: 'c4', tenantId: 't4', reason: 'UPSTREAM_UNAVAILABLE' }];
    expect(events.at(-1)).toMatchObject({
      progress: { tenantsDone: 6, usersDone: 11 },
      totals: { userCount: 11, isComplete: false, missing },
    });
    const failed = events.flatMap(({ tenant }) => (tenant?.summary.isComplete === false ? [tenant] : []));
    expect(failed).toMatchObject([{ name: 'Tenant 4', summary: { userCount: 0, missing } }]);
    expect(running.reported).toEqual([]);
  });

  test('tries a tenant again that could not be read for a passing reason', async () => {
    let failures = 0;
    const events = await reportOf(
      await start({
        intercept: ({ path }) =>
          path.includes('/tenants/t4/') && failures++ < 2
            ? { status: 503, headers: {}, body: '' }
            : undefined,
      }),
    );
    expect(events.at(-1)).toMatchObject({ totals: { userCount: 15, isComplete: true } });
    expect(events.filter(({ tenant }) => tenant !== null)).toHaveLength(6);
    expect(failures).toBeGreaterThan(1);
  });

  test('is served from what has been counted a moment ago', async () => {
    const running = await start();
    await reportOf(running);
    const calls = running.calls.length;
    const again = await reportOf(running);
    // The list of customers alone: a report keeps no rows.
    expect(running.calls.length - calls).toBe(1);
    expect(again.at(-1)?.totals?.userCount).toBe(15);
  });

  test('evicts no rows of a small query, and caches none of its own', async () => {
    const running = await start();
    const small = '{ tenant(customerId: "c5", tenantId: "t5") { users { nodes { userId } } } }';
    await running.queryText(small);
    await reportOf(running);
    const calls = running.calls.length;
    await running.queryText(small);
    expect(running.calls.length).toBe(calls);
    await running.queryText('{ tenant(customerId: "c3", tenantId: "t3") { users { nodes { userId } } } }');
    expect(running.calls.length).toBe(calls + 1);
  });

  test("ends with one error if the customers can't be read", async () => {
    const running = await start({
      intercept: ({ path }) =>
        path.includes('/customers/batch') ? { status: 403, headers: {}, body: '' } : undefined,
    });
    const results = await resultsOf(await postFor(running, { query: smallest }));
    expect(results).toMatchObject([{ errors: [{ extensions: { code: 'UPSTREAM_FORBIDDEN' } }] }]);
    expect(running.reported).toEqual([]);
  });

  test('stops when its reader leaves', async () => {
    let aborted = 0;
    const running = await start({
      latencyMs: 30,
      onAborted: () => (aborted += 1),
      intercept: ({ path }) => (path.includes('/tenants/t5/') ? 'hang' : undefined),
    });
    const reader = new AbortController();
    const response = await postFor(running, { query: smallest }, {}, reader.signal);
    const stream = response.body?.getReader();
    await stream?.read();
    await until(() => running.calls.some(({ path }) => path.includes('/tenants/t5/')));
    reader.abort();
    await until(() => aborted > 0);
    const calls = running.calls.length;
    await sleep(200);
    expect(running.calls.length).toBe(calls);
    expect(running.reported).toEqual([]);
  });

  test('waits for a reader who is slow', async () => {
    const wide: WorldData = {
      customers: [
        customerRow({
          id: 'c',
          tenants: Array.from({ length: 4000 }, (_, index) => ({
            id: `t${index}`,
            name: 'N'.repeat(2000),
          })),
        }),
      ],
      directory: [],
      tenants: {},
    };
    const running = await start({
      world: wide,
      intercept: ({ path }) =>
        path.includes('/tenants/')
          ? { status: 200, headers: {}, body: '{"data":[],"metadata":{"totalCount":0,"pageSize":100}}' }
          : undefined,
    });
    const query = 'subscription { protectionReport { tenant { name } totals { userCount } } }';
    const response = await postFor(running, { query });
    const stream = response.body?.getReader();
    await stream?.read();
    // What is on its way to the reader fills up, and then nothing more is read for it.
    let before = -1;
    await until(() => running.calls.length > 100);
    while (before !== running.calls.length) {
      before = running.calls.length;
      await sleep(300);
    }
    expect(before).toBeLessThan(6000);
    let text = '';
    for (;;) {
      const chunk = await stream?.read();
      if (chunk?.value === undefined) break;
      text += Buffer.from(chunk.value as Uint8Array).toString();
    }
    expect(text).toMatch(/event: complete\ndata:\n\n$/);
    expect(running.calls.length).toBe(8001);
  });

  test('is refused with a message if the maximum is running', async () => {
    const running = await start({
      maxSubscriptions: 1,
      intercept: ({ path }) => (path.includes('/tenants/') ? 'hang' : undefined),
    });
    const reader = new AbortController();
    const first = await postFor(running, { query: smallest }, {}, reader.signal);
    await first.body?.getReader().read();
    const refused = await postFor(running, { query: smallest });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toMatchObject({
      errors: [{ extensions: { code: 'OVERLOADED', retryable: true } }],
    });
    reader.abort();
    // Once the first has gone, there is room again.
    for (;;) {
      const again = new AbortController();
      const response = await postFor(running, { query: smallest }, {}, again.signal);
      const stream = response.body?.getReader();
      let text = '';
      while (!text.includes('"data"') && !text.includes('OVERLOADED')) {
        text += Buffer.from((await stream?.read())?.value ?? []).toString();
      }
      again.abort();
      if (text.includes('"data"')) break;
      await sleep(10);
    }
  });

  test('answers with what it has when the gateway must leave', async () => {
    const running = await start({
      intercept: ({ path }) => (path.includes('/tenants/t5/') ? 'hang' : undefined),
    });
    const results = resultsOf(await postFor(running, { query: ProtectionReportDocument.toString() }));
    await until(() => running.calls.length >= 13);
    await letArrive();
    await running.stopGateway({ limitMs: 1000 });
    expect((await results).at(-1)).toMatchObject({
      data: {
        protectionReport: {
          totals: {
            userCount: 10,
            isComplete: false,
            missing: [{ tenantId: 't5', reason: 'DEADLINE_EXCEEDED' }],
          },
        },
      },
    });
  });
});

describe('an event stream', () => {
  test.each([
    ['query {', {}, 'GRAPHQL_PARSE_FAILED'],
    ['{ nothing }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['query A { __typename } query B { __typename }', {}, 'OPERATION_RESOLUTION_FAILURE'],
    [
      'subscription A($f: CustomerFilter!) { protectionReport(filter: $f) { __typename } }',
      {},
      'BAD_USER_INPUT',
    ],
    ['{ customers(first: -1) { totalCount } }', {}, 'BAD_USER_INPUT'],
  ])('reports what is wrong with %s', async (query, variables, code) => {
    const running = await start();
    const results = await resultsOf(await postFor(running, { query, variables }));
    expect(results).toMatchObject([{ errors: [{ extensions: { code } }] }]);
    expect(JSON.stringify(results)).not.toContain('stack');
    expect(running.reported).toEqual([]);
  });

  test('carries the one answer of a query as well, however many rows it could have', async () => {
    const running = await start();
    for (const query of ['{ customers { totalCount } }', '{ customers(first: 600) { totalCount } }']) {
      const results = await resultsOf(await postFor(running, { query }));
      expect(results).toEqual([{ data: { customers: { totalCount: 6 } } }]);
    }
  });

  test('is for subscriptions alone where the caller would take JSON as well', async () => {
    const running = await start();
    const accept = 'application/json, text/event-stream';
    const query = await postFor(running, { query: '{ customers { totalCount } }' }, { accept });
    expect(query.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await query.json()).toEqual({ data: { customers: { totalCount: 6 } } });
    const subscription = await postFor(running, { query: smallest }, { accept });
    expect(subscription.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(await resultsOf(subscription)).toHaveLength(8);
  });

  test('is what a subscription asks for; in JSON it is refused with the reason', async () => {
    const running = await start();
    const response = await postFor(running, { query: smallest }, { accept: 'application/json' });
    expect(response.status).toBe(406);
    expect(await response.json()).toMatchObject({
      errors: [{ message: expect.stringContaining('text/event-stream') as unknown }],
    });
    expect(running.reported).toEqual([]);
  });

  test("can't be asked for by another site", async () => {
    const running = await start();
    const url = `${running.url}/graphql?query=${encodeURIComponent(smallest)}`;
    const headers = { accept: 'text/event-stream' };
    const simple = await fetch(url, { headers: { ...headers, 'sec-fetch-site': 'cross-site' } });
    expect(simple.status).toBe(400);
    // By plain HTTP to another host, browsers do not say which site a request comes from.
    const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0' };
    expect((await fetch(url, { headers: { ...headers, ...browser } })).status).toBe(400);
    const form = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'text/plain' },
      body: '{}',
    });
    expect(form.status).toBe(415);
    expect(running.calls).toEqual([]);
    for (const own of [{}, { ...browser, 'apollo-require-preflight': 'yes' }]) {
      expect(await resultsOf(await fetch(url, { headers: { ...headers, ...own } }))).toHaveLength(8);
    }
  });
});
