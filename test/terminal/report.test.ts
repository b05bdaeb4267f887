/** The report command as its own process, and what it prints. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ProgressBar, progressLine } from '../../src/terminal/progress-bar.ts';
import { formatReport, type ReportedTenant, type ReportTotals } from '../../src/terminal/report-formats.ts';
import { parseReportOptions } from '../../src/terminal/report-options.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Finished {
  readonly code: number;
  readonly output: string;
  readonly complaints: string;
}

function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Finished> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '', ...environment };
    const child = execFile(
      process.execPath,
      ['dist/terminal/report.js', ...args],
      { cwd: root, env },
      (_error, output, complaints) => {
        resolve({ code: child.exitCode ?? -1, output, complaints });
      },
    );
  });
}

describe('the report command', () => {
  const world: WorldData = {
    customers: [
      customerRow({ id: 'a', organization: '=cmd()', tenants: [{ id: 'one', name: 'One' }] }),
      customerRow({
        id: 'b',
        organization: 'Bela',
        countryOrRegion: 'Japan',
        tenants: [{ id: 'two', name: 'Two' }],
      }),
    ],
    directory: [],
    tenants: {
      'a/one': { users: [userRow({ id: 'x' })], protection: [protectionRow('x@example.com')] },
      'b/two': {
        users: [userRow({ id: 'y' }), userRow({ id: 'z' })],
        protection: [protectionRow('y@example.com')],
      },
    },
  };
  let gateway: GatewayUnderTest;
  beforeAll(async () => {
    gateway = await startGatewayUnderTest({ world });
  });
  afterAll(() => gateway.stop());

  test('names the setting of a port that is taken, and of a file that can not be used', async () => {
    const { port } = new URL(gateway.url);
    expect(await run([], { SIMULATOR_PORT: port })).toEqual({
      code: 1,
      output: '',
      complaints: `The embedded simulation can't listen on 127.0.0.1:${port}, since it is in use (EADDRINUSE): set SIMULATOR_PORT.\n`,
    });
    expect(await run([], { TRUSTED_DOCUMENTS_FILE: '/nothing' })).toEqual({
      code: 1,
      output: '',
      complaints: 'TRUSTED_DOCUMENTS_FILE: the file "/nothing" can\'t be read.\n',
    });
  });

  test('prints a table of a gateway that runs, the worst covered first', async () => {
    const { code, output, complaints } = await run(['--url', `${gateway.url}/graphql`]);
    expect([code, complaints]).toEqual([0, '']);
    const rows = output.split('\n').map((line) =>
      line
        .split('│')
        .map((cell) => cell.trim())
        .slice(1, 5),
    );
    expect(rows.filter(({ length }) => length === 4)).toEqual([
      ['Customer', 'Tenant', 'Coverage', 'Users'],
      ['Bela', 'Two', '50.0 %', '2'],
      ['=cmd()', 'One', '100.0 %', '1'],
      ['All', '2 tenants', '66.7 %', '3'],
    ]);
  });

  test('prints JSON of the customers asked for', async () => {
    const args = ['--url', `${gateway.url}/graphql`, '--country', 'japan', '--format', 'json'];
    const { code, output } = await run(args);
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      tenants: [
        { organization: 'Bela', name: 'Two', summary: { userCount: 2, coverage: 0.5, notInBackupCount: 1 } },
      ],
      totals: { userCount: 2, isComplete: true },
    });
  });

  test('prints CSV in which no name becomes a formula', async () => {
    const { output } = await run(['--url', `${gateway.url}/graphql`, '--format', 'csv']);
    const [head = '', ...rows] = output.trimEnd().split('\r\n');
    expect(head).toMatch(/^customerId,organization,tenantId,tenant,coverage,users,protected,/);
    expect(rows.map((row) => row.split(',').slice(0, 6))).toEqual([
      ['b', 'Bela', 'two', 'Two', '0.5', '2'],
      ['a', "'=cmd()", 'one', 'One', '1', '1'],
    ]);
  });

  test('tells by its exit code that tenants are missing, and which', async () => {
    const broken = await startGatewayUnderTest({
      world,
      intercept: ({ path }) =>
        path.includes('/tenants/two/') ? { status: 403, headers: {}, body: '' } : undefined,
    });
    try {
      const { code, output } = await run(['--url', `${broken.url}/graphql`]);
      expect(code).toBe(2);
      expect(output).toContain('Missing: tenant two of customer b: UPSTREAM_FORBIDDEN: ');
    } finally {
      await broken.stop();
    }
  });

  test('starts a gateway of its own over the settings at hand', async () => {
    const settings = { SIMULATOR_CUSTOMERS: '2', SIMULATOR_USERS: '10', SIMULATOR_LATENCY_MS: '0' };
    const { code, output } = await run(['--format', 'json'], settings);
    expect(code).toBe(0);
    const { tenants } = JSON.parse(output) as { tenants: unknown[] };
    expect(tenants.length).toBeGreaterThan(0);
  });

  test('asks with the profile that it is given, and no other', async () => {
    const { apiUrl, tokenUrl, clientId, credential } = gateway.simulator.credentials;
    const settings = {
      AVEPOINT_PROFILES: 'north south',
      AVEPOINT_NORTH_API_URL: 'http://127.0.0.1:1',
      AVEPOINT_NORTH_TOKEN_URL: 'http://127.0.0.1:1/token',
      AVEPOINT_NORTH_CLIENT_ID: 'north',
      AVEPOINT_NORTH_CLIENT_SECRET: 'secret',
      AVEPOINT_SOUTH_API_URL: apiUrl.href,
      AVEPOINT_SOUTH_TOKEN_URL: tokenUrl.href,
      AVEPOINT_SOUTH_CLIENT_ID: clientId,
      AVEPOINT_SOUTH_CLIENT_SECRET: credential.secret.reveal(),
    };
    const { code, output } = await run(['--profile', 'south', '--format', 'json'], settings);
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ totals: { userCount: 3 } });
    expect((await run([], settings)).complaints).toContain('--profile: expected one of north, south');
    expect((await run(['--profile', 'south'])).complaints).toContain('AVEPOINT_PROFILES, which names none');
  });

  test.each([
    [['--format', 'pdf'], /^--format: expected table, json, csv, but got "pdf"/],
    [['--url', 'ftp://example.com'], /^--url: expected an http or https URL/],
    [['--header', 'secret'], /^--header: expected a name, a colon and a value/],
    [['--nothing'], /--nothing/],
    [['--url', 'http://user:secret@localhost'], /^--url: expected a URL without user and password/],
    [['--url', 'http://127.0.0.1:1/graphql'], /did not answer to the end: bad port/],
    [
      ['--url', 'http://127.0.0.1:2/graphql?key=secret'],
      /^The gateway can't be called: 127\.0\.0\.1:2 refuses connections \(ECONNREFUSED\): check --url\.\n$/,
    ],
    [
      ['--url', 'http://no-such-host.invalid:4000'],
      /^The gateway can't be called: the name of no-such-host\.invalid:4000 is unknown \(\w+\): check --url/,
    ],
  ])('says what is wrong with %s', async (args, message) => {
    const { code, output, complaints } = await run(args);
    expect([code, output]).toEqual([1, '']);
    expect(complaints).toMatch(message);
    expect(complaints).not.toMatch(/ at .*\.js:\d+|secret/);
  });

  test('says what the gateway says to a filter that is none', async () => {
    const { code, complaints } = await run(['--url', `${gateway.url}/graphql`, '--job-status', 'idle']);
    expect(code).toBe(1);
    expect(complaints).toContain('Value "IDLE" does not exist in "JobStatus" enum');
  });

  test('explains itself', async () => {
    const { code, output } = await run(['--help']);
    expect(code).toBe(0);
    for (const option of ['--format', '--country', '--url', '--header']) expect(output).toContain(option);
  });
});

test('options are read from the arguments', () => {
  expect(
    parseReportOptions([
      ...['--country', 'Slovenia', '--management-mode', 'to-be-configured'],
      ...['--header', 'Authorization: Bearer a:b', '--header', 'x-a:1'],
    ]),
  ).toEqual({
    url: null,
    profile: null,
    format: 'table',
    filter: { countryOrRegion: 'Slovenia', managementMode: 'TO_BE_CONFIGURED' },
    headers: { authorization: 'Bearer a:b', 'x-a': '1' },
  });
});

describe('a progress bar', () => {
  const progress = {
    tenantsDone: 3,
    tenantsTotal: 12,
    usersDone: 1500,
    usersTotal: 6000,
    calls: 42,
    secondsElapsed: 10,
    secondsLeft: 3700,
  };

  test('tells what is done, what is to do and how long it takes', () => {
    expect(progressLine(progress)).toBe(
      '██████░░░░░░░░░░░░░░░░░░ 25 %  3 of 12 tenants  1,500 of about 6,000 users  42 calls  1 h 2 min left',
    );
    expect(
      progressLine({ ...progress, tenantsDone: 0, usersDone: 0, usersTotal: null, secondsLeft: null }),
    ).toMatch(/^░+ 0 % {2}0 of 12 tenants {2}0 of \? users {2}42 calls$/);
  });

  test('is drawn over itself in a terminal, never wider than it, and nowhere else', () => {
    const drawn: string[] = [];
    const terminal = { columns: 40, write: (text: string) => drawn.push(text) };
    const inTerminal = new ProgressBar({ ...terminal, isTTY: true });
    inTerminal.show(progress);
    inTerminal.clear();
    expect(drawn).toEqual([`\r\u001b[2K${progressLine(progress).slice(0, 39)}`, '\r\u001b[2K']);
    new ProgressBar({ ...terminal, isTTY: false }).show(progress);
    expect(drawn).toHaveLength(2);
  });
});

test('a name can not command the terminal', () => {
  const summary: ReportTotals = {
    coverage: null,
    userCount: 0,
    protectedCount: 0,
    partiallyProtectedCount: 0,
    unprotectedCount: 0,
    notInBackupCount: 0,
    unmatchedStatusCount: 0,
    modules: [],
    asOf: null,
    changedWhileRead: false,
    isComplete: true,
    missing: [],
  };
  const tenant: ReportedTenant = {
    customerId: 'c',
    organization: 'A\u001b[31mB\nC\u0007D',
    tenantId: 't',
    name: null,
    summary,
  };
  const table = formatReport('table', [tenant], summary);
  expect(table).toContain('AB C D');
  expect(table.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});
