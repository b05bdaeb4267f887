/** What a request for an export passes, and how it ends: the stages of every request, and those of a report. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { extendSchema, parse } from 'graphql';
import readWorkbook from 'read-excel-file/node';
import { hashKey } from '../../src/callers/api-keys.ts';
import { createGraphSchema } from '../../src/graph/graph-schema.ts';
import { ExportRequests } from '../../src/server/pipeline/export-request.ts';
import { openEndpoint, type GatewayUnderTestOptions } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { errorsOf, getOf, postOf, readCsv, readNdjson } from '../exports/exported.ts';
import { exchange } from '../http-exchange.ts';
import { bodyOf, openConnection } from '../open-connection.ts';
import { until } from '../until.ts';
import { customerRow, protectionRow, userRow, worldOfTenant, type WorldData } from '../world-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'exports-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const small = worldOfTenant({
  users: [userRow({ id: 'u', displayName: 'Zoë' })],
  protection: [protectionRow('u@example.com')],
});

const start = useGateways({ world: small });

function keysFile(keys: readonly object[]): string {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, JSON.stringify({ keys }));
  return file;
}

describe('an export', () => {
  test('is a file that no cache keeps and no browser shows', async () => {
    const { url } = await start();
    const { status, headers, text } = await exchange(
      url,
      getOf('/export/users.csv?columns=userId,displayName'),
    );
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="users.csv"',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(readCsv(text)).toEqual([
      ['userId', 'displayName'],
      ['u', 'Zoë'],
    ]);
  });

  test('is a workbook as well', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/export/protection-statuses.xlsx?columns=email,hasUser`);
    expect(response.headers.get('content-type')).toContain('spreadsheetml.sheet');
    const sheets = await readWorkbook(Buffer.from(await response.arrayBuffer()));
    expect(sheets.map(({ sheet, data }) => [sheet, data.length])).toEqual([
      ['Protection rows', 2],
      ['Not read', 1],
      ['Export', 14],
    ]);
    expect(sheets[0]?.data[1]).toEqual(['u@example.com', true]);
  });

  test('is the same by GET and by POST, filtered as the graph does', async () => {
    const { url } = await start();
    const filter = { search: 'zoë' };
    const columns = ['userId', 'protectionState'];
    const inUrl = `/export/users.ndjson?filter=${encodeURIComponent(JSON.stringify(filter))}&columns=${columns.join(',')}`;
    const texts = [
      (await exchange(url, getOf(inUrl))).text,
      (await exchange(url, postOf('/export/users.ndjson', { filter, columns }))).text,
    ];
    for (const text of texts)
      expect(readNdjson(text).rows).toEqual([{ userId: 'u', protectionState: 'PROTECTED' }]);
    const other = await exchange(url, postOf('/export/users.ndjson', { filter: { not: filter } }));
    expect(readNdjson(other.text)).toMatchObject({ rows: [], end: { rows: 0, isComplete: true } });
  });

  test('is what its browser gets that opens the link, but not by a link of another site', async () => {
    const { url } = await start();
    const browser = { 'user-agent': 'Mozilla/5.0', accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    const own = await exchange(url, getOf('/export/users.csv', { ...browser, 'sec-fetch-site': 'none' }));
    expect([own.status, own.headers['content-type']]).toEqual([
      200,
      'text/csv; charset=utf-8; header=present',
    ]);
    const foreign = await exchange(
      url,
      getOf('/export/users.csv', { ...browser, 'sec-fetch-site': 'cross-site' }),
    );
    expect([foreign.status, errorsOf(foreign.text)]).toEqual([
      400,
      [expect.stringContaining('Possible cross-site request refused')],
    ]);
  });

  test('has headers alone for HEAD, and calls nothing for it', async () => {
    const { url, calls } = await start();
    const { status, headers, text } = await exchange(url, { method: 'HEAD', target: '/export/users.csv' });
    expect([status, headers['content-disposition'], text]).toEqual([
      200,
      'attachment; filename="users.csv"',
      '',
    ]);
    expect(calls).toEqual([]);
  });

  test('reads no list that nothing is asked of', async () => {
    const { url, calls } = await start();
    await exchange(url, getOf('/export/users.csv?columns=userId'));
    await exchange(url, getOf('/export/protection-statuses.csv?columns=email'));
    expect(calls.map(({ path }) => path.replace(/^.*\/t\//, ''))).toEqual([
      expect.stringMatching(/customers\/batch$/),
      'users/batch',
      expect.stringMatching(/customers\/batch$/),
      'cloud-backup-m365/users/batch',
    ]);
  });

  test('masks the texts of new filters in the audit, and no other values', () => {
    const extended = extendSchema(
      createGraphSchema(),
      parse('extend input UserFilter { lastName: String, nicknames: [String!], level: Int }'),
    );
    const filter = {
      and: [{ lastName: 'Novak', level: 3, states: ['PROTECTED'] }],
      nicknames: ['Zoë'],
      search: null,
    };
    expect(
      new ExportRequests({ schema: extended, hasIntrospection: true }).maskPersonalTexts(filter),
    ).toEqual({
      and: [{ lastName: '…', level: 3, states: ['PROTECTED'] }],
      nicknames: '…',
      search: null,
    });
  });

  test('has a line in the audit, with what was asked for', async () => {
    const { url, audit } = await start();
    await exchange(
      url,
      postOf('/export/users.ndjson', {
        customers: { customerIds: ['c'], not: { search: 'owner@org.example' } },
        filter: { department: 'Sales', not: { search: 'Zoë' } },
        columns: ['mail'],
      }),
    );
    await until(() => audit.length === 1);
    expect(audit).toMatchObject([
      {
        operation: 'users.ndjson',
        kind: 'export',
        hash: null,
        exported: {
          columns: ['mail'],
          filter: { department: 'Sales', not: { search: '…' } },
          customers: { customerIds: ['c'], not: { search: '…' } },
        },
        customers: ['c'],
        calls: 2,
        outcome: 'answered',
        status: 200,
      },
    ]);
  });
});

describe('callers', () => {
  const twoCustomers: WorldData = {
    customers: ['a', 'b'].map((id) => customerRow({ id, tenants: [{ id: `t-${id}`, name: id }] })),
    directory: [],
    tenants: {
      'a/t-a': { users: [userRow({ id: 'ua' })], protection: [] },
      'b/t-b': { users: [userRow({ id: 'ub' })], protection: [] },
    },
  };
  const startFor = (keys: readonly object[], options: Partial<GatewayUnderTestOptions> = {}) =>
    start({
      world: twoCustomers,
      callers: { kind: 'known', keysFile: keysFile(keys), tokens: null },
      ...options,
    });

  test('without a credential are refused, and restricted ones get what is theirs', async () => {
    const { url, calls, audit } = await startFor([
      { name: 'all', sha256: hashKey('all-key'), customers: 'all' },
      { name: 'some', sha256: hashKey('some-key'), customers: ['b'] },
    ]);
    const ask = (key: string | null, file = 'users.ndjson') =>
      exchange(url, getOf(`/export/${file}`, key === null ? {} : { 'x-api-key': key }));
    expect((await ask(null)).status).toBe(401);
    expect(calls).toEqual([]);
    expect(
      readNdjson((await ask('all-key')).text)
        .rows.map(({ userId }) => userId)
        .sort(),
    ).toEqual(['ua', 'ub']);
    calls.length = 0;
    const some = readNdjson((await ask('some-key')).text);
    expect(some.rows.map(({ userId }) => userId)).toEqual(['ub']);
    expect(some.end).toMatchObject({ rows: 1, isComplete: true, missing: [] });
    expect(calls.filter(({ path }) => path.includes('/a/'))).toEqual([]);
    await until(() => audit.length === 3);
    expect(audit.at(-1)).toMatchObject({ caller: 'key some', customers: ['b'] });
  });

  test('restricted to trusted documents may not export, unless the operator permits it', async () => {
    const keys = [{ name: 'one', sha256: hashKey('one-key'), customers: 'all', trustedDocumentsOnly: true }];
    const ask = (url: string) => exchange(url, getOf('/export/users.csv', { 'x-api-key': 'one-key' }));
    const { url, calls, stop } = await startFor(keys);
    const { status, text } = await ask(url);
    expect([status, errorsOf(text)]).toEqual([403, [expect.stringContaining('DOCUMENT_NOT_TRUSTED')]]);
    expect(calls).toEqual([]);
    await stop();
    expect(
      (await ask((await startFor(keys, { endpoint: { ...openEndpoint, exports: 'all' } })).url)).status,
    ).toBe(200);
  });

  test('over their rate are refused', async () => {
    const { url } = await startFor([
      { name: 'one', sha256: hashKey('one-key'), customers: 'all', requestsPerMinute: 1 },
    ]);
    const ask = () => exchange(url, getOf('/export/users.csv', { 'x-api-key': 'one-key' }));
    expect((await ask()).status).toBe(200);
    const { status, headers } = await ask();
    expect([status, headers['retry-after']]).toEqual([429, expect.any(String)]);
  });

  test('have their share of exports and subscriptions together', async () => {
    const { url } = await startFor([{ name: 'one', sha256: hashKey('one-key'), customers: 'all' }], {
      maxSubscriptionsPerCaller: 1,
      intercept: ({ path }) => (path.includes('/tenants/') ? 'hang' : undefined),
    });
    const first = await openConnection(url);
    first.socket.write('GET /export/users.csv HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: one-key\r\n\r\n');
    await first.read((text) => text.includes('customerId'));
    const { status, text } = await exchange(url, getOf('/export/users.csv', { 'x-api-key': 'one-key' }));
    expect([status, errorsOf(text)]).toEqual([
      503,
      [expect.stringContaining('OVERLOADED: You have 1 subscriptions and exports')],
    ]);
    first.socket.destroy();
    await until(async () => {
      const again = await openConnection(url);
      again.socket.write('GET /export/users.csv HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: one-key\r\n\r\n');
      const answer = await again.read((all) => all.includes('customerId') || all.includes('errors'));
      again.socket.destroy();
      return answer.includes('customerId');
    });
  });

  test('whose key is removed meanwhile get no end', async () => {
    const file = keysFile([{ name: 'one', sha256: hashKey('one-key'), customers: 'all' }]);
    const { url, audit } = await start({
      callers: { kind: 'known', keysFile: file, tokens: null },
      intercept: ({ path }) => (path.includes('/tenants/') ? 'hang' : undefined),
    });
    const connection = await openConnection(url);
    connection.socket.write(
      'GET /export/users.ndjson HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: one-key\r\n\r\n',
    );
    await connection.read((text) => text.includes('x-ndjson'));
    writeFileSync(file, JSON.stringify({ keys: [] }));
    const text = await connection.closed();
    expect(text).not.toContain('"end"');
    expect(text.endsWith('0\r\n\r\n')).toBe(false);
    await until(() => audit.length === 1);
    expect(audit).toMatchObject([{ outcome: 'failed', codes: ['UNAUTHENTICATED'], kind: 'export' }]);
  });
});

const large = {
  customers: [
    customerRow({
      id: 'c',
      tenants: Array.from({ length: 40 }, (_, index) => ({ id: `t${index}`, name: `T${index}` })),
    }),
  ],
  directory: [],
  tenants: Object.fromEntries(
    Array.from({ length: 40 }, (_, tenant) => [
      `c/t${tenant}`,
      {
        users: Array.from({ length: 400 }, (_user, index) =>
          userRow({ id: `t${tenant}-u${index}`, displayName: 'x'.repeat(2000) }),
        ),
        protection: [],
      },
    ]),
  ),
};

test('nothing is read faster than the reader takes it, and nothing after the reader has left', async () => {
  const { url, calls, audit } = await start({ world: large });
  const connection = await openConnection(url);
  connection.socket.write('GET /export/users.ndjson HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  await connection.read((text) => text.includes('t0-u0'));
  connection.socket.pause();
  let before = -1;
  await until(async () => {
    if (calls.length === before) return true;
    before = calls.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    return false;
  });
  // Of 40 tenants with four pages each, sixteen are under way at most.
  expect(calls.length).toBeLessThan(130);
  connection.socket.destroy();
  await until(() => audit.length === 1);
  const made = calls.length;
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(calls.length).toBe(made);
  expect(audit).toMatchObject([{ outcome: 'client_closed', kind: 'export' }]);
});

test('a reader who accepts nothing is disconnected', async () => {
  const { url, audit } = await start({ world: large, readerTimeoutMs: 400 });
  const connection = await openConnection(url);
  connection.socket.write('GET /export/users.ndjson HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  await connection.read((text) => text.includes('t0-u0'));
  connection.socket.pause();
  await until(() => audit.length === 1);
  connection.socket.destroy();
});

test('an export that can’t be begun has a status that says so, and no file', async () => {
  const { url, audit } = await start({
    intercept: ({ path }) => (path === '/connect/token' ? undefined : { status: 403, body: '{}' }),
  });
  const { status, headers, text } = await exchange(url, getOf('/export/users.csv'));
  expect([status, errorsOf(text)]).toEqual([502, [expect.stringContaining('UPSTREAM_FORBIDDEN')]]);
  expect(headers['content-disposition']).toBeUndefined();
  await until(() => audit.length === 1);
  expect(audit).toMatchObject([{ outcome: 'failed', codes: ['UPSTREAM_FORBIDDEN'], status: 502 }]);
});

test('at shutdown, an export ends with what it lacks', async () => {
  const running = await start({ intercept: ({ path }) => (path.includes('/tenants/') ? 'hang' : undefined) });
  const connection = await openConnection(running.url);
  connection.socket.write('GET /export/users.ndjson HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  await connection.read((text) => text.includes('x-ndjson'));
  await until(() => running.calls.some(({ path }) => path.includes('/tenants/')));
  const stopped = running.stopGateway({ delayMs: 0, limitMs: 300 });
  const text = await connection.closed();
  await stopped;
  expect(readNdjson(bodyOf(text)).end).toMatchObject({
    rows: 0,
    isComplete: false,
    missing: [{ tenantId: 't', name: 'Tenant', reason: 'DEADLINE_EXCEEDED', rows: 0 }],
  });
});

test('an export is neither cached nor fills the cache, and takes no more calls than a report', async () => {
  const { url, calls } = await start({ world: large, maxUpstreamCalls: 1 });
  const { text } = await exchange(url, getOf('/export/users.ndjson?columns=userId,protectionState'));
  expect(readNdjson(text).end).toMatchObject({ rows: 16_000, isComplete: true });
  const made = calls
    .splice(0)
    .map(({ path }) => path)
    .sort();
  await exchange(url, {
    ...postOf('/graphql', { query: 'subscription { protectionReport { totals { userCount } } }' }),
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'cache-control': 'no-cache' },
  });
  expect(made).toEqual(calls.map(({ path }) => path).sort());
});
