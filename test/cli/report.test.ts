/** The report command: what it prints, and how its process ends. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import { ProgressBar, progressLine } from '../../src/cli/progress-bar.ts';
import { formatReport, type ReportedTenant, type ReportTotals } from '../../src/cli/report-formats.ts';
import { inWordsOfOptions, parseReportOptions } from '../../src/cli/report-options.ts';
import type { EndedProcess } from '../ended-process.ts';
import { useGateway, useGateways } from '../use-gateway.ts';
import { customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';
import { runReport, runReportProcess } from './run-report.ts';

const start = useGateways();

function expectWrongUsage({ code, output, complaints }: EndedProcess, message: RegExp): void {
  expect([code, output]).toEqual([5, '']);
  expect(complaints).toMatch(message);
  expect(complaints).toMatch(/\nSee npm run -s report -- --help\.\n$/);
  expect(complaints).not.toMatch(/ at .*\.[jt]s:\d+|secret|\$filter/);
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
        users: [userRow({ id: 'y' }), userRow({ id: 'z', status: 6 })],
        protection: [protectionRow('y@example.com')],
      },
    },
  };

  const gateway = useGateway({ world });

  test("names the setting of a port that is taken, and of a file that can't be used", async () => {
    const { port } = new URL(gateway.url);
    expect(await runReport([], { SIMULATOR_PORT: port })).toEqual({
      code: 1,
      output: '',
      complaints: `The embedded simulation can't listen on 127.0.0.1:${port}, since it is in use (EADDRINUSE): set SIMULATOR_PORT.\n`,
    });
    expect(await runReport([], { TRUSTED_DOCUMENTS_FILE: '/nothing' })).toEqual({
      code: 1,
      output: '',
      complaints: 'TRUSTED_DOCUMENTS_FILE: the file "/nothing" does not exist.\n',
    });
  });

  test('names the setting of an API and of an identity service that refuse its own gateway', async () => {
    const settings = {
      AVEPOINT_API_URL: 'http://127.0.0.1:1',
      AVEPOINT_TOKEN_URL: gateway.simulator.credentials.tokenUrl.href,
      AVEPOINT_CLIENT_ID: gateway.simulator.credentials.clientId,
      AVEPOINT_CLIENT_SECRET: gateway.simulator.credentials.credential.secret.reveal(),
    };
    const complaints = (service: string, host: string, setting: string) =>
      `${service} can't be called: ${host} refuses connections (ECONNREFUSED): check ${setting}.\n`;
    expect(await runReport([], settings)).toEqual({
      code: 4,
      output: '',
      complaints: complaints('The API', '127.0.0.1:1', 'AVEPOINT_API_URL'),
    });
    const other = { ...settings, AVEPOINT_TOKEN_URL: 'http://127.0.0.1:2/connect/token' };
    expect((await runReport([], other)).complaints).toBe(
      complaints('The identity service', '127.0.0.1:2', 'AVEPOINT_TOKEN_URL'),
    );
  });

  test('names the setting of an API that does not answer', async () => {
    const silent = await start({ world, intercept: () => ({ status: 503, body: '' }) });
    const { apiUrl, tokenUrl, clientId, credential } = silent.simulator.credentials;
    const { code, complaints } = await runReport([], {
      AVEPOINT_API_URL: apiUrl.href,
      AVEPOINT_TOKEN_URL: tokenUrl.href,
      AVEPOINT_CLIENT_ID: clientId,
      AVEPOINT_CLIENT_SECRET: credential.secret.reveal(),
    });
    expect(code).toBe(4);
    expect(complaints).toMatch(/AVEPOINT_(API|TOKEN)_URL/);
  });

  test('prints a table of a gateway that runs, the worst covered first', async () => {
    const { code, output, complaints } = await runReportProcess(['--url', `${gateway.url}/graphql`]);
    expect([code, complaints]).toEqual([0, '']);
    const rows = output.split('\n').map((line) => line.trim().split(/ {2,}/).slice(0, 4));
    expect(rows.filter(({ length }) => length === 4)).toEqual([
      ['Customer', 'Tenant', 'Coverage', 'Users'],
      ['Bela', 'Two', '50.0 %', '2'],
      ['=cmd()', 'One', '100.0 %', '1'],
      ['All', '2 tenants', '66.7 %', '3'],
    ]);
  });

  test('counts the users asked for, and names a wrong filter of them', async () => {
    const ask = (...args: string[]) => runReport(['--url', `${gateway.url}/graphql`, ...args]);
    const totalOf = async (...args: string[]) => {
      const { code, output } = await ask('--format', 'json', ...args);
      expect(code).toBe(0);
      return (JSON.parse(output) as { totals: { userCount: number } }).totals.userCount;
    };
    const all = await totalOf();
    const active = await totalOf('--filter', '{"status":{"none":["INACTIVE"]}}');
    const inactive = await totalOf('--status', 'inactive');
    expect([active > 0, inactive > 0, active + inactive]).toEqual([true, true, all]);
    const { code, output, complaints } = await ask('--filter', '{"status":{"none":["IDLE"]}}');
    expect([code, output]).toEqual([5, '']);
    expect(complaints).toMatch(
      /^--filter: status\.none\[0\]: Value "IDLE" does not exist in "UserStatus" enum\./,
    );
    expect((await ask('--filter', '{"departement":"x"}')).complaints).toMatch(
      /^--filter: Field "departement" is not defined by type "UserFilter"\./,
    );
  });

  test('prints JSON of the customers asked for', async () => {
    const args = ['--url', `${gateway.url}/graphql`, '--country', 'japan', '--format', 'json'];
    const { code, output } = await runReport(args);
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      tenants: [
        { organization: 'Bela', name: 'Two', summary: { userCount: 2, coverage: 0.5, notInBackupCount: 1 } },
      ],
      totals: { userCount: 2, isComplete: true },
    });
  });

  test('prints CSV in which no name becomes a formula', async () => {
    const { output } = await runReport(['--url', `${gateway.url}/graphql`, '--format', 'csv']);
    const [head = '', ...rows] = output.trimEnd().split('\r\n');
    expect(head).toMatch(/^\ufeffcustomerId,organization,tenantId,tenant,coverage,users,protected,/);
    expect(rows.map((row) => row.split(',').slice(0, 6))).toEqual([
      ['b', 'Bela', 'two', 'Two', '0.5', '2'],
      ['a', "'=cmd()", 'one', 'One', '1', '1'],
    ]);
  });

  test('shows by its exit code that tenants are missing, and names them', async () => {
    const broken = await start({
      world,
      intercept: ({ path }) =>
        path.includes('/tenants/two/') ? { status: 403, headers: {}, body: '' } : undefined,
    });
    const { code, output } = await runReportProcess(['--url', `${broken.url}/graphql`]);
    expect(code).toBe(2);
    expect(output).toContain('Missing: Two of Bela: UPSTREAM_FORBIDDEN: ');
  });

  test('prints no line that is wider than 80 columns into a pipe', async () => {
    const long = await start({
      world: {
        customers: [
          customerRow({
            id: 'a',
            organization: '株式会社'.repeat(20),
            tenants: [{ id: 'one', name: '👨‍👩‍👧 Cafe\u0301 '.repeat(20) }],
          }),
        ],
        directory: [],
        tenants: { 'a/one': { users: [userRow({ id: 'x' })], protection: [protectionRow('x@example.com')] } },
      },
    });
    const { code, output } = await runReport(['--url', `${long.url}/graphql`]);
    expect(code).toBe(0);
    const lines = output.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(80);
    expect(lines[2]).toMatch(/^株式.*… {2,3}👨‍👩‍👧 Cafe\u0301.*… +100\.0 % +1 +1 +0 +0 +0$/);
  });

  test('starts a gateway of its own over the settings at hand', async () => {
    const settings = { SIMULATOR_CUSTOMERS: '2', SIMULATOR_USERS: '10', SIMULATOR_LATENCY_MS: '0' };
    const { code, output } = await runReportProcess(['--format', 'json'], settings);
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
    const { code, output } = await runReport(['--profile', 'south', '--format', 'json'], settings);
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ totals: { userCount: 3 } });
    expect((await runReport([], settings)).complaints).toContain('--profile: expected one of north, south');
    expect((await runReport(['--profile', 'south'])).complaints).toContain(
      'AVEPOINT_PROFILES, which names none',
    );
  });

  test.each([
    [['--format', 'pdf'], /^--format: expected table, json, csv, but got "pdf"\n/],
    [['--format'], /^--format: expected table, json, csv, but there is no value\n/],
    [['--country', '--format', 'csv'], /^--country: expected the name .*, but "--format" follows; /],
    [['--country='], /^--country: expected the name of a country or region, but there is no value\n/],
    [
      ['--job-status', 'faild'],
      /^--job-status: expected not-available, working, failed, .*unknown, but got "faild"; did you mean "failed"\?\n/,
    ],
    [
      ['--management-mode', 'idle'],
      /^--management-mode: expected customer, partner, to-be-configured, unknown, but got "idle"\n/,
    ],
    [['--url', 'ftp://example.com'], /^--url: expected an http or https URL/],
    [['--header', 'secret'], /^--header: expected a name, a colon and a value/],
    [['--nothing'], /^unknown option "--nothing"\n/],
    [['--formt', 'csv'], /^unknown option "--formt"; did you mean --format\?\n/],
    [['-x'], /^unknown option "-x"\n/],
    [['csv'], /^unexpected argument "csv"; options follow two dashes: /],
    [['--help=1'], /^--help takes no value\n/],
    [['--url', 'http://user:secret@localhost'], /^--url: expected a URL without user and password/],
  ])('names wrong usage: %j', async (args, message) => {
    expectWrongUsage(await runReport(args), message);
  });

  test('names wrong usage and ends its process with a code of its own', async () => {
    expectWrongUsage(await runReportProcess(['--formt', 'csv']), /^unknown option "--formt"; did you/);
  });

  test.each([
    ['http://127.0.0.1:1/graphql', /did not answer to the end: bad port/],
    [
      'http://127.0.0.1:2/graphql?key=secret',
      /^The gateway can't be called: 127\.0\.0\.1:2 refuses connections \(ECONNREFUSED\): check --url\.\n$/,
    ],
    [
      'http://no-such-host.invalid:4000',
      /^The gateway can't be called: the name of no-such-host\.invalid:4000 is unknown \(\w+\): check --url/,
    ],
  ])('says in one line why there is no connection to %s', async (url, message) => {
    const { code, output, complaints } = await runReportProcess(['--url', url]);
    expect([code, output]).toEqual([4, '']);
    expect(complaints).toMatch(message);
    expect(complaints.trimEnd()).not.toMatch(/\n|secret/);
  });

  test("says in one line that the API can't be reached", async () => {
    const settings = {
      AVEPOINT_API_URL: 'http://127.0.0.1:2',
      AVEPOINT_TOKEN_URL: 'http://127.0.0.1:2/token',
      AVEPOINT_CLIENT_ID: 'a',
      AVEPOINT_CLIENT_SECRET: 'b',
      AVEPOINT_MAX_RETRIES: '0',
    };
    const { code, output, complaints } = await runReport([], settings);
    expect([code, output]).toEqual([4, '']);
    expect(complaints.trimEnd()).toMatch(
      /^The identity service can't be called: [^\n]*AVEPOINT_TOKEN_URL\.$/,
    );
  });

  test('says what a gateway answers that refuses the report, or is none', async () => {
    const refusing = createServer((request, response) => {
      const isGateway = request.url === '/graphql';
      const body = { errors: [{ message: 'The key\nis unknown.', extensions: { code: 'UNAUTHENTICATED' } }] };
      response.writeHead(isGateway ? 401 : 404).end(isGateway ? JSON.stringify(body) : '<html>');
    }).listen(0, '127.0.0.1');
    await once(refusing, 'listening');
    const { port } = refusing.address() as AddressInfo;
    try {
      const address = `http://127.0.0.1:${port}`;
      expect(await runReport(['--url', `${address}/graphql`])).toEqual({
        code: 1,
        output: '',
        complaints: 'The key is unknown.\n',
      });
      expect(await runReport(['--url', address])).toEqual({
        code: 1,
        output: '',
        complaints: `${address}/ answers with status 404: check --url, which ends with /graphql.\n`,
      });
    } finally {
      refusing.close();
    }
  });

  test('names a setting at fault in one line', async () => {
    expect(await runReportProcess([], { PORT: 'none' })).toEqual({
      code: 1,
      output: '',
      complaints:
        'The settings are not usable: PORT: expected a whole number from 0 to 65535, but got "none"\n',
    });
  });

  test('says that nothing matches, with what was asked for', async () => {
    const args = ['--country', 'Atlantis', '--job-status', 'NO_BACKUP_UPDATE'];
    const complaints =
      'No tenant matches: no customer with a tenant is one of --country "Atlantis" --job-status no-backup-update.\n';
    const url = ['--url', `${gateway.url}/graphql`];
    expect(await runReportProcess([...url, ...args])).toEqual({ code: 3, output: '', complaints });
    // A program finds an empty report.
    const asJson = await runReport([...url, ...args, '--format', 'json']);
    expect(asJson).toMatchObject({ code: 3, complaints });
    expect(JSON.parse(asJson.output)).toMatchObject({ tenants: [], totals: { userCount: 0 } });
    // With the same columns as one that has rows.
    const withRows = await runReport([...url, '--format', 'csv']);
    const [header = ''] = withRows.output.split('\r\n');
    expect(header.split(',').length).toBeGreaterThan(30);
    expect(await runReport([...url, ...args, '--format', 'csv'])).toEqual({
      code: 3,
      output: `${header}\r\n`,
      complaints,
    });
  });

  test('says that there is nothing where no customer has a tenant', async () => {
    const empty = await start({
      world: { customers: [customerRow({ id: 'a', tenants: [] })], directory: [], tenants: {} },
    });
    expect(await runReport(['--url', `${empty.url}/graphql`])).toEqual({
      code: 3,
      output: '',
      complaints: 'There is nothing to report: the credential has no customer with a tenant.\n',
    });
  });

  test.each(['--help', '-h'])('explains itself by %s', async (option) => {
    const { code, output, complaints } = await runReport([option]);
    expect([code, complaints]).toEqual([0, '']);
    for (const each of ['--format', '--country', '--url', '--header', '-h, --help']) {
      expect(output).toContain(each);
    }
    for (const each of [0, 1, 2, 3, 4, 5, 130, 143])
      expect(output).toMatch(new RegExp(`^ {2}${each} {2,}\\S`, 'm'));
    for (const line of output.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});

test("a gateway's complaint about the filter is in words of the options", () => {
  const message =
    'Variable "$filter" got invalid value "IDLE" at "filter.jobStatus"; Value "IDLE" does not exist in "JobStatus" enum.';
  expect(inWordsOfOptions(message)).toBe(
    'The gateway does not know --job-status as this command sends it: it is of another version.',
  );
  expect(inWordsOfOptions('Too much.')).toBe('Too much.');
  expect(
    inWordsOfOptions(
      'Variable "$users" got invalid value "IDLE" at "users.status.any[0]"; Value "IDLE" does not exist in "UserStatus" enum.',
    ),
  ).toBe('--filter: status.any[0]: Value "IDLE" does not exist in "UserStatus" enum.');
  expect(inWordsOfOptions('users.passwordAge: expected a min that is not above max, but got 2 and 1.')).toBe(
    '--filter: passwordAge: expected a min that is not above max, but got 2 and 1.',
  );
});

test('options are read from the arguments', () => {
  expect(
    parseReportOptions([
      ...['--country', 'Slovenia', '--management-mode', 'to-be-configured'],
      ...['--header', 'Authorization: Bearer a:b', '--header', 'x-a:1'],
    ]),
  ).toEqual({
    url: null,
    compare: null,
    profile: null,
    rows: null,
    format: 'table',
    filter: { countryOrRegion: 'Slovenia', managementMode: 'TO_BE_CONFIGURED' },
    users: null,
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

  test('shows what is done, what is to do and how long it takes', () => {
    expect(progressLine(progress, 119)).toBe(
      '██████░░░░░░░░░░░░░░░░░░ 25 %  3 of 12 tenants  1,500 of about 6,000 users  42 calls  1 h 2 min left',
    );
    expect(
      progressLine({ ...progress, tenantsDone: 0, usersDone: 0, usersTotal: null, secondsLeft: null }, 119),
    ).toMatch(/^░+ 0 % {2}0 of 12 tenants {2}0 of \? users {2}42 calls {2}\? left$/);
  });

  test('has the time left in any width, and is no longer than that', () => {
    const large = { ...progress, tenantsDone: 12_345, tenantsTotal: 23_456, usersTotal: 12_345_678 };
    for (const each of [progress, large]) {
      for (let columns = 1; columns < 150; columns++) {
        const line = progressLine(each, columns);
        expect(line.length).toBeLessThanOrEqual(columns);
        if (columns >= 15) expect(line).toMatch(/1 h 2 min left$/);
      }
    }
    expect(progressLine(large, 79)).toBe('█████░░░░░ 52 %  12,345 of 23,456 tenants  1 h 2 min left');
  });

  test.each([
    [40, 39],
    // Of some terminals, the size is unknown.
    [0, 79],
    [undefined, 79],
  ])('is drawn over itself in a terminal of %s columns, and nowhere else', (columns, room) => {
    const drawn: string[] = [];
    const terminal = {
      ...(columns === undefined ? {} : { columns }),
      write: (text: string) => drawn.push(text),
    };
    const inTerminal = new ProgressBar({ ...terminal, isTTY: true });
    inTerminal.show(progress);
    inTerminal.clear();
    expect(drawn).toEqual([`\r\u001b[2K${progressLine(progress, room)}`, '\r\u001b[2K']);
    new ProgressBar({ ...terminal, isTTY: false }).show(progress);
    expect(drawn).toHaveLength(2);
  });
});

test("a name can't command the terminal", () => {
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
    organization: 'A\u001b[31mB\nC\u0007D\u202eE\u2028F',
    tenantId: 't',
    name: null,
    summary,
  };
  const table = formatReport('table', [tenant], summary);
  expect(table).toContain('AB C DE F');
  expect(table.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});
