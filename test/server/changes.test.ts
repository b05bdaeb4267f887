/** Comparisons over HTTP: callers, what a restricted one may learn, files that can't be compared, and their ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hashKey } from '../../src/callers/api-keys.ts';
import {
  compared,
  comparedOf,
  compareOf,
  end,
  exported,
  fileOf,
  ndjsonHeaders,
  row,
} from '../exports/compared.ts';
import { errorsOf, readCsv } from '../exports/exported.ts';
import { openEndpoint, type GatewayUnderTestOptions } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { exchange } from '../http-exchange.ts';
import { openConnection } from '../open-connection.ts';
import { until } from '../until.ts';
import { customerRow, protectionRow, userRow, worldOfTenant, type WorldData } from '../world-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'keys-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function keysFile(keys: readonly object[]): string {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, JSON.stringify({ keys }));
  return file;
}

const blocked = [1];
const person = (id: string, row: Partial<Parameters<typeof userRow>[0]> = {}) => userRow({ id, ...row });
const guarded = (id: string) => protectionRow(`${id}@example.com`);
const monday = worldOfTenant({
  users: [person('ann'), person('bob'), person('cid', { displayName: '=cmd()' }), person('dot')],
  protection: ['ann', 'cid', 'dot'].map(guarded),
});
const tuesday = worldOfTenant({
  users: [person('ANN'), person('bob'), person('dot', { status: blocked }), person('eve')],
  protection: ['bob', 'dot', 'eve'].map(guarded),
});

const start = useGateways({ world: monday });

test('users who appeared, are gone, or changed protection are listed with both states', async () => {
  const file = await exported(await start());
  const found = await compared(await start({ world: tuesday }), file);
  expect(found).toMatchObject({
    notCompared: [],
    isComplete: true,
    before: { asOf: expect.any(String), changedWhileRead: false },
    now: { asOf: expect.any(String), changedWhileRead: false },
    totals: {
      ...{ usersBefore: 4, usersNow: 4, appeared: 1, gone: 1, noLongerMatching: 0 },
      ...{ lessProtected: 1, moreProtected: 1, blockedButProtected: 1, newlyBlockedButProtected: 1 },
    },
    tenants: [
      { customerId: 'c', organization: 'Organization', tenantId: 't', name: 'Tenant', isGone: false },
    ],
  });
  const shown = found.tenants[0]?.changes.map(({ change, userId, before, now, isNew }) => [
    ...[change, userId, before, now, isNew],
  ]);
  expect(shown).toEqual([
    ['LESS_PROTECTED', 'ANN', 'PROTECTED', 'NOT_IN_BACKUP', null],
    ['MORE_PROTECTED', 'bob', 'NOT_IN_BACKUP', 'PROTECTED', null],
    ['BLOCKED_BUT_PROTECTED', 'dot', 'PROTECTED', 'PROTECTED', true],
    ['APPEARED', 'eve', null, 'PROTECTED', null],
    ['GONE', 'cid', 'PROTECTED', null, null],
  ]);
});

test('CSV and NDJSON have a line for each change, and CSV no formula', async () => {
  const file = await exported(await start());
  const { url } = await start({ world: tuesday });
  const csv = await exchange(url, compareOf(file, 'csv'));
  expect(csv.headers['content-disposition']).toBe('attachment; filename="changes.csv"');
  const [header, ...records] = readCsv(csv.text);
  expect(header?.slice(4)).toEqual(
    'userId displayName userPrincipalName mail change isNew before now'.split(' '),
  );
  expect(records.at(-1)?.slice(4)).toEqual([
    ...['cid', "'=cmd()", 'cid@example.onmicrosoft.com', 'cid@example.com', 'GONE', '', 'PROTECTED', ''],
  ]);
  const lines = (await exchange(url, compareOf(file, 'ndjson'))).text.trimEnd().split('\n');
  const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(parsed.map(({ change }) => change).slice(0, 5)).toEqual(records.map((record) => record[8]));
  expect(parsed[5]).toMatchObject({ end: { isComplete: true, totals: { gone: 1 } } });
});

test('the file’s own filter is asked again, and a user whom it no longer matches is not gone', async () => {
  const filter = JSON.stringify({ protection: { state: 'PROTECTED' } });
  const file = await exported(await start(), `?filter=${encodeURIComponent(filter)}`);
  const { totals, tenants } = await compared(await start({ world: tuesday }), file);
  expect(totals).toMatchObject({ usersBefore: 3, usersNow: 3, appeared: 2, gone: 1, noLongerMatching: 1 });
  expect(tenants[0]?.changes.filter(({ userId }) => userId === 'ANN')).toMatchObject([
    { change: 'NO_LONGER_MATCHES', before: 'PROTECTED', now: 'NOT_IN_BACKUP' },
    { change: 'LESS_PROTECTED', before: 'PROTECTED', now: 'NOT_IN_BACKUP' },
  ]);
});

test('a tenant that fails in passing on either day is not compared, also if some of its users were exported', async () => {
  const file = await exported(await start());
  const { url } = await start({
    intercept: ({ path }) => (path.includes('/um/') ? { status: 500, body: '{}' } : undefined),
  });
  const answer = comparedOf(await exchange(url, compareOf(file)));
  expect(answer).toMatchObject({
    ...{ tenants: [], isComplete: false, totals: { gone: 0 } },
    notCompared: [{ tenantId: 't', reading: 'NOW', reason: 'UPSTREAM_UNAVAILABLE', usersBefore: 4 }],
  });
  const cut = { customerId: 'C', tenantId: 'T', reason: 'UPSTREAM_TIMEOUT', message: 'Late.', rows: 1 };
  const before = await compared(await start(), fileOf(row(), end({ missing: [cut], isComplete: false })));
  expect(before).toMatchObject({
    ...{ tenants: [], isComplete: false, totals: { appeared: 0 } },
    notCompared: [{ tenantId: 'T', reading: 'BEFORE', reason: 'UPSTREAM_TIMEOUT', usersBefore: 1 }],
  });
});

test('words of the file about a tenant reach neither the answer nor the audit', async () => {
  const gateway = await start();
  const words = 'Jane Doe jane@example.com =1+1';
  const missing = [{ customerId: 'C', tenantId: 'T', reason: words, message: words, rows: 1 }];
  const answer = await compared(gateway, fileOf(row(), end({ missing, isComplete: false })));
  expect(answer).toMatchObject({ notCompared: [{ reading: 'BEFORE', reason: 'UNKNOWN' }] });
  expect(JSON.stringify(answer)).not.toContain('Jane');
  await until(() => gateway.audit.length === 1);
  expect(gateway.audit).toMatchObject([{ outcome: 'partial', codes: ['UNKNOWN'] }]);
});

test('a tenant whose list changed while it was read for the file is not compared, also if it has no row there', async () => {
  const gateway = await start();
  const changed = (key: object, more: object = {}) =>
    end({ changed: [key], changedWhileRead: true, ...more });
  const reason = { reading: 'BEFORE', reason: 'ROWS_MISSING', retryable: false };
  expect(await compared(gateway, fileOf(row(), changed({ customerId: 'C', tenantId: 'T' })))).toMatchObject({
    ...{ tenants: [], totals: { appeared: 0 }, isComplete: false },
    notCompared: [{ tenantId: 't', ...reason, usersBefore: 1 }],
  });
  const gone = fileOf(row(), changed({ customerId: 'gone', tenantId: 'x' }));
  expect((await compared(gateway, gone)).notCompared).toMatchObject([{ tenantId: 'x', ...reason }]);
  const inCsv = (await exchange(gateway.url, compareOf(gone, 'csv'))).text;
  expect(inCsv).toContain('# Not compared: tenant without a name (x)');
  // Tenants that the customers' list lacked for a moment did not appear.
  const customersChanged = end({ customersChanged: true, changedWhileRead: true, rows: 0 });
  expect(await compared(gateway, fileOf(customersChanged))).toMatchObject({
    ...{ tenants: [], totals: { appeared: 0 } },
    notCompared: [{ tenantId: 't', reading: 'BEFORE', reason: 'CUSTOMERS_CHANGED' }],
  });
});

const two: WorldData = {
  customers: ['a', 'b'].map((id) => customerRow({ id, tenants: [{ id: `t-${id}`, name: `Tenant ${id}` }] })),
  directory: [],
  tenants: {
    'a/t-a': { users: [person('ua')], protection: [] },
    'b/t-b': { users: [person('ub')], protection: [] },
  },
};

describe('callers', () => {
  const keys = [
    { name: 'all', sha256: hashKey('all-key'), customers: 'all' },
    { name: 'some', sha256: hashKey('some-key'), customers: ['b', 'was-mine'] },
    { name: 'documents', sha256: hashKey('documents-key'), customers: 'all', trustedDocumentsOnly: true },
    { name: 'once', sha256: hashKey('once-key'), customers: 'all', requestsPerMinute: 1 },
  ];
  const startFor = (options: Partial<GatewayUnderTestOptions> = {}) =>
    start({ world: two, callers: { kind: 'known', keysFile: keysFile(keys), tokens: null }, ...options });

  test('restricted ones learn nothing of others’ customers, also not whether they exist', async () => {
    const gateway = await startFor();
    const all = await exported(gateway, '', { 'x-api-key': 'all-key' });
    gateway.calls.length = 0;
    const rows = ['a t-a', 'a made-up', 'nowhere t-n', 'b t-b', 'b t-a', 'was-mine t-w'].map((ids) => {
      const [customerId, tenantId] = ids.split(' ');
      return row({ customerId, tenantId, userId: 'ub', protectionState: 'NOT_IN_BACKUP' });
    });
    const missing = ['a', 'nowhere'].map((customerId) => ({ customerId, tenantId: 'x', rows: 0 }));
    const file = fileOf(...rows, end({ rows: rows.length, missing }));
    const found = await compared(gateway, file, { 'x-api-key': 'some-key' });
    expect(found.notCompared.map((each) => [each.customerId, each.tenantId, each.reading])).toEqual([
      ['a', 't-a', null],
      ['a', 'made-up', null],
      ['nowhere', 't-n', null],
      ['a', 'x', null],
      ['nowhere', 'x', null],
    ]);
    expect(new Set(found.notCompared.map(({ reason, message }) => `${reason} ${message}`)).size).toBe(1);
    // Own customers, and tenants that are in none of their rows, are gone, whether others have them or not.
    expect(found.tenants.map((each) => [each.customerId, each.tenantId, each.isGone])).toEqual([
      ['b', 't-a', true],
      ['was-mine', 't-w', true],
      ['b', 't-b', false],
    ]);
    expect(gateway.calls.filter(({ path }) => /\/(a|nowhere)\/|t-a|made-up/.test(path))).toEqual([]);
    expect(JSON.stringify(found)).not.toContain('Tenant a');
    await until(() => gateway.audit.length === 2);
    expect(gateway.audit.at(-1)).toMatchObject({
      ...{ caller: 'key some', operation: 'changes.json', kind: 'export', outcome: 'partial' },
      ...{ customers: ['b'], codes: ['NOT_VISIBLE'] },
    });
    const whole = await compared(gateway, all, { 'x-api-key': 'all-key' });
    expect(whole).toMatchObject({ isComplete: true, totals: { usersBefore: 2, usersNow: 2 } });
  });

  test('without a credential, over their rate, or restricted to documents are refused', async () => {
    const { url } = await startFor();
    const file = fileOf(row(), end());
    const ask = async (key: string) => {
      const { status, text } = await exchange(url, compareOf(file, 'json', { 'x-api-key': key }));
      return [status, status === 200 ? '' : errorsOf(text)[0]?.split(':')[0]];
    };
    expect(await ask('')).toEqual([401, 'UNAUTHENTICATED']);
    expect(await ask('documents-key')).toEqual([403, 'DOCUMENT_NOT_TRUSTED']);
    await ask('once-key');
    expect(await ask('once-key')).toEqual([429, 'RATE_LIMITED']);
  });

  test('are refused before their file has come if too many run', async () => {
    const { url } = await startFor({ maxSubscriptionsPerCaller: 1 });
    const head = `POST /export/changes.json HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: all-key\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n`;
    const first = await openConnection(url);
    first.socket.write(`${head}1\r\n{\r\n`);
    await until(async () => {
      const { status, text } = await exchange(
        url,
        compareOf(fileOf(row(), end()), 'json', { 'x-api-key': 'all-key' }),
      );
      return status === 503 && text.includes('You have 1 subscriptions and exports');
    });
    first.socket.destroy();
    await until(async () => {
      const sent = compareOf(fileOf(row(), end()), 'json', { 'x-api-key': 'all-key' });
      return (await exchange(url, sent)).status !== 503;
    });
  });
});

test('names that objects have anyway are ids like others', async () => {
  const ids = { customerId: 'c', tenantId: 't', userId: '__proto__' };
  const file = fileOf(`{"__proto__":{"userId":"x"},${row(ids).slice(1)}`, end());
  expect((await compared(await start(), file)).tenants[0]?.changes.at(-1)).toMatchObject({
    ...{ change: 'GONE', userId: '__proto__' },
  });
});

test('a user who comes again in the file, or with another spelling, counts once', async () => {
  const file = fileOf(row(), row({ userId: 'ANN', protectionState: 'UNPROTECTED' }), end({ rows: 2 }));
  expect((await compared(await start(), file)).totals).toMatchObject({
    usersBefore: 1,
    gone: 0,
    lessProtected: 0,
  });
});

test('there are none if exports are off, and a file that does not come is refused in time', async () => {
  const off = await start({ endpoint: { ...openEndpoint, exports: 'off' } });
  expect((await exchange(off.url, compareOf(''))).status).toBe(404);
  const { url, audit } = await start({ bodyTimeoutMs: 300 });
  const connection = await openConnection(url);
  connection.socket.write(
    'POST /export/changes.json HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-ndjson\r\ncontent-length: 100\r\n\r\n{',
  );
  expect(await connection.closed()).toMatch(/^HTTP\/1.1 408 [^]*REQUEST_TIMEOUT/);
  await until(() => audit.length === 1);
});

test('reading of a refused file ends', async () => {
  const { url } = await start({ bodyTimeoutMs: 300 });
  const connection = await openConnection(url);
  connection.socket.write(
    'POST /export/changes.json HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-ndjson\r\ncontent-length: 9000\r\n\r\nno\n',
  );
  await connection.read((text) => text.includes('Line 1 of the file is not a JSON object'));
  const drip = setInterval(() => connection.socket.write('x'), 50);
  await connection.closed();
  clearInterval(drip);
});

test('a file may take longer than a body, while it comes', async () => {
  const { url } = await start({ bodyTimeoutMs: 500 });
  const connection = await openConnection(url);
  const file = fileOf(row(), end());
  connection.socket.write(
    `POST /export/changes.json HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/x-ndjson\r\ncontent-length: ${file.length}\r\n\r\n`,
  );
  const piece = Math.ceil(file.length / 20);
  for (let at = 0; at < file.length; at += piece) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    connection.socket.write(file.slice(at, at + piece));
  }
  expect(await connection.closed()).toContain('"isComplete":true');
});

test('when the sender leaves, nothing is read; when the reader leaves, no more is', async () => {
  const { url, calls, audit } = await start();
  const sender = await openConnection(url);
  sender.socket.write(
    `POST /export/changes.json HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-ndjson\r\ncontent-length: 9000\r\n\r\n${row()}\n`,
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  sender.socket.destroy();
  await until(() => audit.length === 1);
  expect(audit).toMatchObject([{ outcome: 'client_closed', operation: 'changes.json' }]);
  expect(calls).toEqual([]);
});

test('at shutdown, tenants that were not read are not compared', async () => {
  const running = await start({ intercept: ({ path }) => (path.includes('/tenants/') ? 'hang' : undefined) });
  const answer = exchange(running.url, compareOf(fileOf(row(), end())));
  await until(() => running.calls.some(({ path }) => path.includes('/tenants/')));
  await running.stopGateway({ delayMs: 0, limitMs: 300 });
  expect(comparedOf(await answer)).toMatchObject({
    ...{ tenants: [], isComplete: false, totals: { gone: 0 } },
    notCompared: [{ reading: 'NOW', reason: 'DEADLINE_EXCEEDED', usersBefore: 1 }],
  });
});

test('the answer ends without its end if the key is removed meanwhile', async () => {
  const file = keysFile([{ name: 'one', sha256: hashKey('one-key'), customers: 'all' }]);
  const { url, audit } = await start({
    callers: { kind: 'known', keysFile: file, tokens: null },
    intercept: ({ path }) => (path.includes('/tenants/') ? 'hang' : undefined),
  });
  const connection = await openConnection(url);
  const body = fileOf(row(), end());
  connection.socket.write(
    `POST /export/changes.json HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: one-key\r\ncontent-type: ${ndjsonHeaders['content-type']}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await connection.read((text) => text.includes('"tenants"'));
  writeFileSync(file, JSON.stringify({ keys: [] }));
  expect(await connection.closed()).not.toContain('"isComplete"');
  await until(() => audit.length === 1);
  expect(audit).toMatchObject([{ outcome: 'failed', codes: ['UNAUTHENTICATED'] }]);
});
