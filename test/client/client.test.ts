import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  createClient,
  CustomersDocument,
  dataOf,
  DashboardDocument,
  errorCodes as clientCodes,
  JobStatus,
  ProtectionState,
  RequestFailedError,
  UsersDocument,
  type Failure,
} from 'elements-graph-client';
import { errorCodes } from '../../src/errors.ts';
import { useGateway } from '../use-gateway.ts';
import { customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';

const users = Array.from({ length: 230 }, (_, index) =>
  userRow({ id: `u-${index}`, mail: `u-${index}@x.example` }),
);
const world: WorldData = {
  customers: [
    customerRow({ id: 'a', organization: 'A', tenants: [{ id: 't', name: 'T' }] }),
    customerRow({ id: 'b', organization: 'B', jobStatus: 2, tenants: [{ id: 'broken', name: 'Broken' }] }),
    ...Array.from({ length: 40 }, (_, index) => customerRow({ id: `c-${index}`, tenants: [] })),
  ],
  directory: [],
  tenants: {
    'a/t': { users, protection: users.slice(0, 100).map(({ mail }) => protectionRow(mail ?? '')) },
    'b/broken': { users: [], protection: [] },
  },
};

let fails = false;
const gateway = useGateway({
  world,
  intercept: ({ path }) => (fails && path.includes('broken') ? { status: 500, body: '' } : undefined),
});

afterEach(() => {
  fails = false;
});

const graph = () => createClient({ url: `${gateway.url}/graphql` });

function answeringWith(answer: () => Response) {
  return createClient({ url: 'http://gateway.example/graphql', fetch: () => Promise.resolve(answer()) });
}

test('knows every code that the gateway gives', () => {
  expect(clientCodes).toEqual(expect.arrayContaining(Object.keys(errorCodes)));
});

describe('a request', () => {
  test('gives typed data', async () => {
    const { customers } = dataOf(
      await graph().request(CustomersDocument, { filter: { jobStatus: JobStatus.FAILED } }),
    );
    expect(customers?.nodes).toEqual([expect.objectContaining({ organization: 'B', jobStatus: 'FAILED' })]);
  });

  test('reports what is missing of it, and why', async () => {
    fails = true;
    const outcome = await graph().request(DashboardDocument, {}, { maxAgeSeconds: 0 });
    expect(outcome).toMatchObject({
      kind: 'partial',
      data: { customers: { totalCount: 42 } },
      errors: [
        {
          code: 'UPSTREAM_UNAVAILABLE',
          retryable: true,
          path: ['customers', 'nodes', 1, 'tenants', 0, 'users'],
        },
      ],
    });
    expect(() => dataOf(outcome)).toThrow(RequestFailedError);
  });

  test('reports why there is no data', async () => {
    const outcome = await graph().request(CustomersDocument, { first: 5000 });
    expect(outcome).toMatchObject({ errors: [{ code: 'BAD_USER_INPUT', retryable: false }] });
    const refused = await createClient({
      url: `${gateway.url}/graphql`,
      fetch: () =>
        Promise.resolve(
          Response.json({ errors: [{ message: 'New.', extensions: { code: 'OF_2030' } }] }, { status: 403 }),
        ),
    }).request(CustomersDocument, {});
    expect(refused).toMatchObject({
      kind: 'failed',
      status: 403,
      errors: [{ code: 'UNKNOWN', message: 'New.', path: [] }],
    });
  });

  test('says by its kind whether it was refused, did not reach a gateway, or was aborted', async () => {
    const nowhere = createClient({ url: 'http://127.0.0.1:1/graphql' });
    expect(await nowhere.request(CustomersDocument, {})).toMatchObject({ kind: 'unreachable' });
    const proxy = answeringWith(
      () =>
        new Response('<html>', { status: 502, headers: { 'content-type': 'text/html', 'retry-after': '7' } }),
    );
    expect(await proxy.request(CustomersDocument, {})).toEqual({
      kind: 'invalid',
      status: 502,
      retryAfterSeconds: 7,
      reason: 'its body is text/html, not JSON',
    });
    const other = answeringWith(() => Response.json(['hello']));
    expect(await other.request(CustomersDocument, {})).toMatchObject({ kind: 'invalid', status: 200 });
    const inAMinute = new Date(Date.now() + 60_000).toUTCString();
    const errors = [{ message: 'Wait.', extensions: { code: 'OVERLOADED', retryable: true } }];
    const busy = answeringWith(() =>
      Response.json({ errors }, { status: 503, headers: { 'retry-after': inAMinute } }),
    );
    const refused = await busy.request(CustomersDocument, {});
    expect(refused).toMatchObject({ kind: 'failed', status: 503, errors: [{ code: 'OVERLOADED' }] });
    const seconds = refused.kind === 'failed' ? refused.retryAfterSeconds : null;
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(new RequestFailedError(refused as Failure).retryAfterSeconds).toBe(seconds);
    const torn = answeringWith(
      () =>
        new Response(
          new ReadableStream({
            start: (body) => {
              body.error(new Error('The connection was reset.'));
            },
          }),
        ),
    );
    expect(await torn.request(CustomersDocument, {})).toMatchObject({ kind: 'unreachable' });
    const reason = new Error('The page was left.');
    for (const abortEarly of [true, false]) {
      const controller = new AbortController();
      if (abortEarly) controller.abort(reason);
      const outcome = graph().request(CustomersDocument, {}, { signal: controller.signal });
      controller.abort(reason);
      expect(await outcome).toEqual({ kind: 'aborted', reason });
    }
  });

  test('takes no key to another server', async () => {
    let received = 0;
    const other = createServer((_request, response) => {
      received += 1;
      response.end('{}');
    });
    const redirecting = createServer((_request, response) => {
      const { port } = other.address() as AddressInfo;
      response.writeHead(307, { location: `http://127.0.0.1:${port}/graphql` }).end();
    });
    for (const server of [other, redirecting])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = redirecting.address() as AddressInfo;
      const client = createClient({
        url: `http://127.0.0.1:${port}/graphql`,
        headers: { 'x-api-key': 'key' },
      });
      expect(await client.request(CustomersDocument, {})).toMatchObject({ kind: 'unreachable' });
      await expect(client.report().next()).rejects.toThrow(RequestFailedError);
      expect(received).toBe(0);
    } finally {
      for (const server of [other, redirecting]) server.close();
    }
  });

  test('has headers of its own, and of the client, asked for each time', async () => {
    const sent: (string | null)[][] = [];
    let token = 1;
    const client = createClient({
      url: 'http://gateway.example/graphql',
      headers: () => ({ authorization: `Bearer ${token++}` }),
      fetch: (_url, init) => {
        const headers = new Headers(init?.headers);
        sent.push(['authorization', 'cache-control', 'x-mine'].map((name) => headers.get(name)));
        return Promise.resolve(Response.json({ data: { customers: null } }));
      },
    });
    await client.request(CustomersDocument, {}, { maxAgeSeconds: 5 });
    await client.request(CustomersDocument, {}, { headers: { 'x-mine': 'yes' } });
    expect(sent).toEqual([
      ['Bearer 1', 'max-age=5', null],
      ['Bearer 2', null, 'yes'],
    ]);
  });
});

describe('an iteration', () => {
  test('goes through all windows of a list', async () => {
    const ids: string[] = [];
    const filter = { protection: { state: ProtectionState.NOT_IN_BACKUP } };
    for await (const user of graph().nodes(UsersDocument, { filter, first: 40 }, (data) => data.users)) {
      ids.push(user.userId);
    }
    expect(ids).toEqual(users.slice(100).map(({ id }) => id));
  });

  test('asks for no more than is wanted', async () => {
    let requests = 0;
    const client = createClient({
      url: `${gateway.url}/graphql`,
      fetch: (...asked) => {
        requests += 1;
        return fetch(...asked);
      },
    });
    const sizes: number[] = [];
    for await (const window of client.windows(CustomersDocument, { first: 15 }, (data) => data.customers)) {
      sizes.push(window.nodes.length);
      if (sizes.length === 2) break;
    }
    expect(sizes).toEqual([15, 15]);
    expect(requests).toBe(2);
  });

  test('throws what has failed', async () => {
    const iteration = graph().nodes(CustomersDocument, { first: -1 }, (data) => data.customers);
    await expect(iteration.next()).rejects.toMatchObject({
      name: 'RequestFailedError',
      outcome: { errors: [{ code: 'BAD_USER_INPUT' }] },
    });
  });
});

describe('an iteration that can’t go on', () => {
  test('ends with the abort, in the middle of a window too', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const iteration = graph().nodes(CustomersDocument, { first: 15 }, (data) => data.customers, { signal });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { customerId } of iteration) {
        seen.push(customerId);
        if (seen.length === 3) controller.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ outcome: { kind: 'aborted' } });
    expect(seen).toHaveLength(3);
  });

  test.each([null, 'same'])('ends where the cursor stays %p', async (endCursor) => {
    let requests = 0;
    const client = answeringWith(() => {
      requests += 1;
      return Response.json({
        data: { customers: { nodes: [], pageInfo: { hasNextPage: true, endCursor } } },
      });
    });
    const reading = (async () => {
      for await (const window of client.windows(CustomersDocument, {}, (data) => data.customers))
        expect(window.nodes).toEqual([]);
    })();
    await expect(reading).rejects.toMatchObject({ outcome: { kind: 'invalid' } });
    expect(requests).toBeLessThanOrEqual(2);
  });
});

describe('a report', () => {
  test('comes event by event, with the totals at the end', async () => {
    const tenants: string[] = [];
    let total: number | null = null;
    for await (const { tenant, totals } of graph().report({ hasTenants: true })) {
      if (tenant !== null) tenants.push(tenant.tenantId);
      if (totals !== null) total = totals.userCount;
    }
    expect(tenants.sort()).toEqual(['broken', 't']);
    expect(total).toBe(230);
  });

  test('ends when its reader leaves, or aborts', async () => {
    for await (const { progress } of graph().report()) {
      expect(progress.tenantsTotal).toBe(2);
      break;
    }
    const reader = new AbortController();
    const report = graph().report(null, { signal: reader.signal });
    await report.next();
    reader.abort();
    const rest = (async () => {
      for await (const event of report) throw new Error(`An event came: ${JSON.stringify(event)}`);
    })();
    await expect(rest).rejects.toMatchObject({ outcome: { kind: 'aborted' } });
    const never = graph().report(null, { signal: reader.signal });
    await expect(never.next()).rejects.toMatchObject({ outcome: { kind: 'aborted' } });
  });

  test('that can’t be had says why', async () => {
    const nowhere = createClient({ url: 'http://127.0.0.1:1/graphql' });
    await expect(nowhere.report().next()).rejects.toThrow(RequestFailedError);
    await expect(
      graph()
        .report({ jobStatus: 'NONE' as never })
        .next(),
    ).rejects.toMatchObject({
      outcome: { errors: [{ code: 'BAD_USER_INPUT' }] },
    });
    const refusal = { message: 'Who are you?', extensions: { code: 'UNAUTHENTICATED' } };
    const refused = answeringWith(() =>
      Response.json({ errors: [refusal] }, { status: 401, headers: { 'retry-after': '3' } }),
    );
    await expect(refused.report().next()).rejects.toMatchObject({
      outcome: { kind: 'failed', status: 401, retryAfterSeconds: 3, errors: [{ code: 'UNAUTHENTICATED' }] },
    });
    const proxy = answeringWith(() => new Response('<html>', { status: 502 }));
    await expect(proxy.report().next()).rejects.toMatchObject({ outcome: { kind: 'invalid', status: 502 } });
    const single = answeringWith(() => Response.json({ data: { protectionReport: null } }));
    await expect(single.report().next()).rejects.toMatchObject({ outcome: { kind: 'invalid', status: 200 } });
    const events = 'event: next\ndata: {"data":{"protectionReport":{"totals":null}}}\n\nevent: complete\n\n';
    const brokenOff = answeringWith(
      () => new Response(events, { headers: { 'content-type': 'text/event-stream' } }),
    ).report();
    expect(await brokenOff.next()).toMatchObject({ done: false });
    await expect(brokenOff.next()).rejects.toMatchObject({ outcome: { kind: 'unreachable' } });
  });
});
