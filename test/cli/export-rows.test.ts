/** Rows by the report command. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import readWorkbook from 'read-excel-file/node';
import { OptionsError } from '../../src/cli/option-values.ts';
import { parseReportOptions } from '../../src/cli/report-options.ts';
import { root } from '../ended-process.ts';
import { readCsv, readNdjson } from '../exports/exported.ts';
import { useGateway } from '../use-gateway.ts';
import { customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';
import { runReport, runReportProcess } from './run-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'export-rows-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('rows of a gateway that runs', () => {
  const world: WorldData = {
    customers: [
      customerRow({ id: 'a', organization: '=cmd()', tenants: [{ id: 'one', name: 'One' }] }),
      customerRow({ id: 'b', countryOrRegion: 'Japan', tenants: [{ id: 'two', name: 'Two' }] }),
    ],
    directory: [],
    tenants: {
      'a/one': {
        users: [userRow({ id: 'x', department: 'Sales' })],
        protection: [protectionRow('x@example.com')],
      },
      'b/two': { users: [userRow({ id: 'y' }), userRow({ id: 'z', status: 6 })], protection: [] },
    },
  };

  let isBroken = false;
  const gateway = useGateway({
    world,
    intercept: ({ path }) =>
      isBroken && path.includes('/tenants/two/') ? { status: 403, body: '{}' } : undefined,
  });

  const rows = (...args: readonly string[]) =>
    runReport(['--users', '--url', `${gateway.url}/graphql`, ...args]);
  const idsOf = async (...args: readonly string[]) => {
    const { output } = await rows('--format', 'ndjson', ...args);
    return readNdjson(output).rows.map(({ userId }) => userId);
  };

  test('are CSV by default, with the columns that are asked for', async () => {
    const { code, output, complaints } = await rows(
      '--columns',
      'organization,userId',
      '--department',
      'sales',
    );
    expect([code, complaints]).toEqual([0, '']);
    expect(readCsv(output)).toEqual([
      ['organization', 'userId'],
      ["'=cmd()", 'x'],
    ]);
  });

  test('are filtered by each option, and by those of customers', async () => {
    expect(await idsOf('--find', 'y@EXAMPLE')).toEqual(['y']);
    expect(await idsOf('--state', 'not-in-backup')).toEqual(['y', 'z']);
    expect(await idsOf('--status', 'inactive')).toEqual(['z']);
    expect(await idsOf('--country', 'japan', '--filter', '{"not":{"status":{"any":["INACTIVE"]}}}')).toEqual([
      'y',
    ]);
  });

  test('go into a file, a workbook too', async () => {
    const file = join(folder, 'rows.xlsx');
    const { code, output } = await rows('--format', 'xlsx', '--output', file);
    expect([code, output]).toEqual([0, '']);
    const sheets = await readWorkbook(readFileSync(file));
    expect(sheets.map(({ sheet, data }) => [sheet, data.length])).toEqual([
      ['Users', 4],
      ['Not read', 1],
      ['Export', 14],
    ]);
    expect(readdirSync(folder)).toEqual(['rows.xlsx']);
  });

  test('have an exit code for no row, and one for tenants that are missing, which are named', async () => {
    const nothing = await rows('--find', 'nothing of the kind', '--columns', 'mail');
    expect(nothing).toEqual({ code: 3, output: '\ufeffmail\r\n', complaints: 'No row of users matches.\n' });
    isBroken = true;
    const { code, output, complaints } = await rows('--columns', 'userId', '--format', 'ndjson');
    isBroken = false;
    expect(code).toBe(2);
    expect(complaints).toMatch(/^Missing: Two of Organization: UPSTREAM_FORBIDDEN: .*\n$/);
    expect(readNdjson(output)).toMatchObject({
      rows: [{ userId: 'x' }],
      end: { isComplete: false, rows: 1 },
    });
  });

  test('are protection rows as well', async () => {
    const { code, output } = await runReport([
      ...[
        '--protection-statuses',
        '--url',
        `${gateway.url}/graphql/`,
        '--columns',
        'email,userId',
        '--state',
        'protected',
      ],
    ]);
    expect([code, readCsv(output)]).toEqual([
      0,
      [
        ['email', 'userId'],
        ['x@example.com', 'x'],
      ],
    ]);
  });

  test('end for a reader who has enough, and leave no file if they can’t be read', async () => {
    const { output } = await promisifiedShell(
      `node dist/cli/report.js --users --url ${gateway.url}/graphql | head -c 3; echo "\${PIPESTATUS[0]}"`,
    );
    expect(output).toBe('\ufeff0\n');
    const file = join(folder, 'none.csv');
    const refused = await rows('--columns', 'mial', '--output', file);
    expect(refused.code).toBe(5);
    expect(refused.complaints).toContain('--columns: unknown column "mial"; did you mean "mail"?');
    const wrong = await rows('--filter', '{"departement":"x"}', '--output', file);
    expect([wrong.code, wrong.complaints]).toEqual([
      5,
      expect.stringMatching(/^--filter: Field "departement" .* Did you mean "department"\?/),
    ]);
    const unreachable = await runReport(['--users', '--url', 'http://127.0.0.1:9/graphql', '--output', file]);
    expect(unreachable.code).toBe(4);
    expect(existsSync(file)).toBe(false);
  });

  test('can’t be written into a folder that is not there', async () => {
    // By the process: within jest, errors of the file system are none of its own class.
    const file = join(folder, 'none', 'rows.csv');
    const { code, complaints } = await runReportProcess([
      '--users',
      '--url',
      `${gateway.url}/graphql`,
      '--output',
      file,
    ]);
    expect([code, complaints]).toEqual([
      1,
      expect.stringMatching(/^--output: ".*rows\.csv" can't be written: ENOENT/),
    ]);
  });
});

function promisifiedShell(command: string): Promise<{ readonly output: string }> {
  return new Promise((resolve) => {
    execFile('bash', ['-c', command], { cwd: root }, (_error, output) => {
      resolve({ output });
    });
  });
}

test('rows come from a gateway of its own, whatever its callers may do', async () => {
  const { code, output } = await runReportProcess(['--users', '--columns', 'userId', '--format', 'ndjson'], {
    SIMULATOR_PORT: '0',
    SIMULATOR_CUSTOMERS: '4',
    SIMULATOR_USERS: '5',
    SIMULATOR_LATENCY_MS: '0',
    EXPORTS: 'off',
  });
  const { rows, end } = readNdjson(output);
  expect([code, end.isComplete, rows.length > 0]).toEqual([0, true, true]);
});

test.each([
  [['--output', 'u.ndjson'], 'ndjson'],
  [['--output', 'a.b/U.XLSX'], 'xlsx'],
  [['--output', 'u.txt', '--format', 'ndjson'], 'ndjson'],
  [['--output', 'users'], 'csv'],
  [['--output', '.csv'], 'csv'],
  [['--format', 'ndjson'], 'ndjson'],
  [[], 'csv'],
])('the format is that of the file: %j', (args, format) => {
  expect(parseReportOptions(['--users', ...args])?.rows?.format).toBe(format);
});

test('a filter keeps its places, and options are added to it', () => {
  const filterOf = (...args: string[]) => parseReportOptions(['--users', ...args])?.rows?.filter;
  const filter = { or: [{ company: 'A' }] };
  expect(filterOf('--filter', JSON.stringify(filter))).toEqual(filter);
  expect(filterOf('--filter', JSON.stringify(filter), '--department', 'IT')).toEqual({
    ...filter,
    and: [{ department: 'IT' }],
  });
  expect(filterOf('--filter', '{"and":{"search":"a"}}', '--find', 'b')).toEqual({
    and: [{ search: 'a' }, { search: 'b' }],
  });
  expect(filterOf('--find', 'b')).toEqual({ search: 'b' });
  expect(filterOf()).toBeNull();
});

test.each([
  [['--columns', 'a'], '--columns: expected together with --users or --protection-statuses'],
  [['--users', '--protection-statuses'], '--users and --protection-statuses: expected one of them'],
  [['--protection-statuses', '--department', 'x'], '--department: expected together with --users'],
  [['--users', '--format', 'table'], '--format: expected csv, ndjson, xlsx, but got "table"'],
  [['--format', 'xlsx'], '--format: expected table, json, csv, but got "xlsx"'],
  [['--users', '--filter', '[]'], '--filter: expected a JSON object'],
  [['--users', '--filter', '{'], '--filter: expected a JSON object'],
  [['--users', '--state', 'safe'], '--state: expected protected, partially-protected'],
  [['--users=1'], '--users takes no value'],
  [
    ['--users', '--output', 'u.json'],
    '--output: "u.json" does not end with .csv, .ndjson, .xlsx; add --format',
  ],
  [
    ['--users', '--output', 'u.csv', '--format', 'xlsx'],
    '--output: "u.csv" ends with .csv, but --format is xlsx',
  ],
  [['--compare', 'm.ndjson', '--users'], '--users: with --compare, the file says which rows are compared'],
  [['--compare', 'm.ndjson', '--state', 'protected'], '--state: with --compare, the file says'],
])('names wrong usage: %j', (args, message) => {
  expect(() => parseReportOptions(args)).toThrow(OptionsError);
  expect(() => parseReportOptions(args)).toThrow(message);
});
