/** The report command with an earlier export: what changed, as it prints it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { noChanges, type Change } from '../../src/exports/changes.ts';
import { changesTable } from '../../src/cli/changes-table.ts';
import { widthOf } from '../../src/cli/text-width.ts';
import { parseReportOptions } from '../../src/cli/report-options.ts';
import { exported } from '../exports/compared.ts';
import { startGatewayUnderTest } from '../gateway-under-test.ts';
import { useGateway } from '../use-gateway.ts';
import { customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';
import { runReport } from './run-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'compare-'));
const file = join(folder, 'monday.ndjson');

const worldOf = (tenant: WorldData['tenants'][string]): WorldData => ({
  customers: [
    customerRow({
      id: 'a',
      organization: 'Ångström & Söhne 株式会社',
      tenants: [{ id: 't', name: 'T\u001b[2Jone' }],
    }),
    customerRow({ id: 'b', organization: 'Bela', tenants: [{ id: 'quiet', name: 'Quiet' }] }),
  ],
  directory: [],
  tenants: { 'a/t': tenant, 'b/quiet': { users: [userRow({ id: 'q' })], protection: [] } },
});

let isFailing = false;
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const gateway = useGateway(async () => {
  const monday = await startGatewayUnderTest({
    world: worldOf({
      users: [userRow({ id: 'x', displayName: 'Xi' }), userRow({ id: 'y' })],
      protection: [protectionRow('x@example.com')],
    }),
  });
  writeFileSync(file, await exported(monday));
  await monday.stop();
  return {
    world: worldOf({
      users: [userRow({ id: 'x', displayName: 'Xi' }), userRow({ id: 'z' })],
      protection: [],
    }),
    intercept: ({ path }) =>
      isFailing && path.includes('/quiet/') ? { status: 403, body: '{}' } : undefined,
  };
});

const compare = (...args: string[]) =>
  runReport(['--url', `${gateway.url}/graphql`, '--compare', file, ...args]);

test('a table has tenants in numbers and each user in words, in 80 columns', async () => {
  const { code, output, complaints } = await compare();
  expect([code, complaints]).toEqual([0, '']);
  const lines = output.split('\n');
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(80);
  expect(lines[0]?.trim().split(/ {2,}/)).toEqual([
    'Customer',
    'Tenant',
    'Users',
    'New',
    'Gone',
    'Less',
    'More',
    'Blocked',
  ]);
  expect(lines.find((line) => line.startsWith('All'))?.split(/ {2,}/)).toEqual([
    'All compared',
    '2 tenants',
    '3',
    '1',
    '1',
    '1',
    '0',
    '0',
  ]);
  expect(output).toContain('Tone of Ångström & Söhne 株式会社\n');
  expect(output).toContain('  less protected: Xi <x@example.com>: protected → not in backup\n');
  expect(output).toContain('  appeared: z@example.com: not in backup\n');
  expect(output).toContain('  gone: y@example.com: not in backup\n');
  expect(output).not.toContain('\u001b');
});

test('the table has the tenants that changed alone, by name, and who was blocked before as a number', () => {
  const tenantOf = (organization: string, name: string, changes: readonly Change[], more: object = {}) => ({
    ...{
      customerId: organization,
      organization,
      tenantId: name,
      name,
      isGone: false,
    },
    ...{ ...noChanges(), usersNow: 9, blockedButProtected: changes.length, changes },
    ...more,
  });
  const blocked = (userId: string, isNew: boolean): Change => ({
    ...{ change: 'BLOCKED_BUT_PROTECTED', isNew, userId, before: 'PROTECTED', now: 'PROTECTED' },
    ...{ displayName: null, userPrincipalName: null, mail: null },
  });
  const reading = { asOf: null, changedWhileRead: false };
  const tenants = [
    tenantOf('Org 10', 'T', [blocked('a', true)]),
    tenantOf('Org 9', 'T', [blocked('b', false), blocked('c', false)]),
    tenantOf('Org 2', 'Two', [blocked('d', false), blocked('e', true), blocked('f', false)]),
    tenantOf('org 2', 'One', [], { isGone: true }),
  ];
  const totals = { ...noChanges(), usersNow: 36, blockedButProtected: 6, newlyBlockedButProtected: 2 };
  const output = changesTable(
    { tenants, totals, notCompared: [], before: reading, now: reading, isComplete: true },
    80,
  );
  const [, , ...lines] = output.split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(lines.slice(0, 5).map((cells) => [cells[0], cells[1], cells.at(-1)])).toEqual([
    ['org 2', 'One', '0 -'],
    ['Org 2', 'Two', '3'],
    ['Org 10', 'T', '1'],
    [expect.stringMatching(/^─+$/), undefined, expect.stringMatching(/^─+$/)],
    ['All compared', '4 tenants', '6'],
  ]);
  expect(output).toContain(
    'Two of Org 2\n  blocked but protected (new): e: protected\n  blocked but protected as before: 2\n',
  );
  expect(output).not.toMatch(/Org 9|: [bdf]:/);
});

test('the table has any number of tenants', () => {
  const tenant = {
    ...{
      customerId: 'c',
      organization: 'C',
      tenantId: 't',
      name: 'T',
      isGone: true,
    },
    ...{ ...noChanges(), changes: [] },
  };
  const reading = { asOf: null, changedWhileRead: false };
  const count = 150_000;
  const output = changesTable(
    {
      tenants: Array.from({ length: count }, () => tenant),
      ...{ totals: noChanges(), notCompared: [], before: reading, now: reading, isComplete: true },
    },
    80,
  );
  expect(output.match(/^C +T /gm)).toHaveLength(count);
});

test('JSON and CSV are those of the gateway', async () => {
  const json = JSON.parse((await compare('--format', 'json')).output) as { totals: object };
  expect(json.totals).toMatchObject({ usersBefore: 3, usersNow: 3, appeared: 1, gone: 1, lessProtected: 1 });
  expect((await compare('--format', 'csv')).output).toMatch(/^\ufeffcustomerId,.*\r\n(?:a,.*\r\n){3}$/);
});

test('the address of the gateway may end with a slash', async () => {
  const { code } = await runReport(['--url', `${gateway.url}/graphql/`, '--compare', file]);
  expect(code).toBe(0);
});

test('a tenant that is not compared is named, and has an exit code', async () => {
  isFailing = true;
  try {
    for (const format of ['table', 'json', 'csv']) {
      const { code, output } = await compare('--format', format, '--header', 'cache-control: no-cache');
      expect([format, code]).toEqual([format, 2]);
      expect(output).toContain('UPSTREAM_FORBIDDEN');
    }
  } finally {
    isFailing = false;
  }
});

test('a file that is none, or no export, and other customers are refused', async () => {
  expect(await compare('--compare', '/nothing')).toMatchObject({
    ...{ code: 5, output: '' },
    complaints: '--compare: there is no file "/nothing"\nSee npm run -s report -- --help.\n',
  });
  writeFileSync(join(folder, 'cut.ndjson'), '{"customerId":"a"');
  expect(await compare('--compare', join(folder, 'cut.ndjson'))).toMatchObject({
    code: 5,
    output: '',
    complaints:
      'Line 1 of the file is not a JSON object; it begins with "{\\"customerId\\":\\"a\\"". Send users.ndjson as exported, not a CSV file or a web page.\n',
  });
  expect(() => parseReportOptions(['--compare', 'x', '--country', 'Japan'])).toThrow(
    '--compare: the file says which customers are compared',
  );
});
