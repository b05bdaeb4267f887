/** The check before the first start and its probe of an upstream: what they print, and how their processes end. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ownPermissions,
  startSimulator,
  type Simulator,
  type SimulatorOptions,
} from '../../src/simulator/simulator.ts';
import { runToEnd } from '../ended-process.ts';
import { runCommand } from './run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'check-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let simulator: Simulator | undefined;
afterEach(async () => {
  await simulator?.stop();
  simulator = undefined;
});

const write = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const real = {
  AVEPOINT_CLIENT_ID: 'a-client',
  AVEPOINT_CLIENT_SECRET: 'very-secret',
  CALLERS: 'open',
};

async function startSmallSimulator(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const world = { seed: 1, customers: 5, tenantsPerCustomer: 2, usersPerTenant: 5 };
  return (simulator = await startSimulator({ port: 0, world, latencyMs: 0, dialect: 'plural', ...options }));
}

/** Settings of a simulator as an upstream of its own. */
const settingsOf = ({ credentials }: Simulator) => ({
  AVEPOINT_API_URL: credentials.apiUrl.href,
  AVEPOINT_TOKEN_URL: credentials.tokenUrl.href,
  AVEPOINT_CLIENT_ID: credentials.clientId,
  AVEPOINT_CLIENT_SECRET: credentials.credential.secret.reveal(),
  AVEPOINT_MAX_RETRIES: '0',
  CALLERS: 'open',
});

describe('other commands', () => {
  test('print the version and the help', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
    expect(await runToEnd({}, ['--version'])).toEqual({ code: 0, output: `${version}\n`, complaints: '' });
    const help = await runToEnd({ NODE_ENV: 'production' }, ['--help']);
    expect(help).toMatchObject({ code: 0, complaints: '' });
    for (const option of ['--check-config', '--probe', '--version', '--help']) {
      expect(help.output).toContain(option);
    }
  });

  test('are refused if they are unknown, with the nearest one', async () => {
    expect(await runCommand({}, ['--check-confg'])).toEqual({
      code: 1,
      output: '',
      complaints: 'unknown option "--check-confg"; did you mean --check-config? See --help.\n',
    });
  });
});

describe('--check-config', () => {
  const check = (settings: Readonly<Record<string, string>>) => runCommand(settings, ['--check-config']);
  const checkByProcess = (settings: Readonly<Record<string, string>>) =>
    runToEnd(settings, ['--check-config']);

  test('says what the settings mean, and starts nothing', async () => {
    const key = { name: 'me', sha256: 'a'.repeat(64), customers: 'all' };
    const audit = join(folder, 'logs', 'audit.log');
    const { code, output, complaints } = await checkByProcess({
      ...real,
      CALLERS: '',
      HOST: '0.0.0.0',
      PORT: '4000',
      CALLERS_KEYS_FILE: write('keys.json', JSON.stringify({ keys: [key] })),
      TRUSTED_DOCUMENTS_FILE: write('documents.json', '{"a": "{ customers { totalCount } }"}'),
      AUDIT_FILE: audit,
      REDIS_URL: 'redis://:very-secret@redis.internal:6379',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.internal:4318/x?key=very-secret',
    });
    expect([code, complaints]).toEqual([0, '']);
    for (const words of [
      'https://graph.avepointonlineservices.com',
      'client a-client with a secret',
      '0.0.0.0:4000',
      '1 of ',
      '1 trusted ones of ',
      'redis://redis.internal:6379',
      'AVEPOINT_CLIENT_SECRET=[secret]',
      'REDIS_URL=[secret]',
      'HOST=0.0.0.0',
      'The gateway could start.',
    ]) {
      expect(output).toContain(words);
    }
    expect(output).not.toContain('very-secret');
    expect(existsSync(audit)).toBe(false);
  });

  test.each([
    [{}, 0, /^$/],
    [{ PORT: 'x' }, 1, /PORT/],
  ])('of %j ends with code %i if its reader has gone', async (settings, code, complaints) => {
    const ended = await runToEnd(settings, ['--check-config'], { isRead: false });
    expect(ended).toMatchObject({ code, complaints: expect.stringMatching(complaints) });
  });

  test('says that its output goes to a full disk', () => {
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', '"$0" dist/main.js --check-config >/dev/full', process.execPath],
      {
        cwd: fileURLToPath(new URL('../..', import.meta.url)),
        env: {},
        encoding: 'utf8',
      },
    );
    expect({ status, stderr }).toEqual({ status: 1, stderr: "The output can't be written (ENOSPC).\n" });
  });

  test.each(['PORT', 'SIMULATOR_PORT'])('of a %s that is in use is a notice', async (name) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, output, complaints } = await check({ [name]: String(port) });
    other.close();
    expect([code, complaints]).toEqual([0, '']);
    expect(output).toMatch(
      new RegExp(
        `^Notice: The .* can't listen on 127\\.0\\.0\\.1:${port}, since it is in use .*set ${name}`,
        'm',
      ),
    );
    expect(output).toMatch(/The gateway could start, but not at this moment\.\n$/);
  });

  test('finds an address that is not of this machine', async () => {
    expect(await check({ HOST: '192.0.2.1' })).toMatchObject({
      code: 1,
      complaints:
        "The gateway could not start:\n  - The gateway can't listen on 192.0.2.1, since this machine does not have the address (EADDRNOTAVAIL): set HOST.\n",
    });
  });

  describe('of an audit file', () => {
    const within = (name: string) => join(folder, 'audits', name);
    const socket = createServer();
    beforeAll(async () => {
      mkdirSync(within(''));
      symlinkSync(within('loop'), within('loop'));
      symlinkSync(within('target'), within('link'));
      writeFileSync(within('old'), 'a line\n');
      socket.listen(within('socket'));
      await once(socket, 'listening');
    });
    afterAll(() => {
      socket.close();
    });

    test.each([
      ['loop', 'ELOOP'],
      ['socket', 'ENXIO'],
      ['', 'EISDIR'],
      ['old/audit.log', 'ENOTDIR'],
      ['/proc/nothing/audit.log', 'ENOENT'],
    ])('%s names the fault', async (name, code) => {
      const file = name.startsWith('/') ? name : within(name);
      expect(await check({ AUDIT_FILE: file })).toMatchObject({
        code: 1,
        complaints: `The gateway could not start:\n  - AUDIT_FILE: the file ${JSON.stringify(file)} can't be opened (${code}).\n`,
      });
    });

    test('leaves nothing behind, and an old file as it was', async () => {
      const before = readdirSync(within(''));
      for (const name of ['new', 'link', 'old', 'new/folders/audit.log'])
        expect(await check({ AUDIT_FILE: within(name) })).toMatchObject({ code: 0, complaints: '' });
      expect(readdirSync(within(''))).toEqual(before);
      expect(readFileSync(within('old'), 'utf8')).toBe('a line\n');
    });
  });

  test("names documents that can't be executed", async () => {
    const documents = write('unusable.json', '{"a": "{ nothing }", "b": "{ customers { totalCount } }"}');
    const { code, complaints } = await check({ TRUSTED_DOCUMENTS_FILE: documents });
    expect(code).toBe(1);
    expect(complaints).toContain('"a": Cannot query field "nothing" on type "Query".');
    expect(complaints).not.toContain('"b"');
  });

  test("names tools of assistants that can't be used", async () => {
    mkdirSync(join(folder, 'tools'));
    write(join('tools', 'faulty.graphql'), '"""Nothing.""" query faulty { nothing }');
    const faulty = await check({ MCP_TOOLS: join(folder, 'tools') });
    expect(faulty.code).toBe(1);
    expect(faulty.complaints).toMatch(/MCP_TOOLS: .*faulty\.graphql: Cannot query field "nothing"/);
    const absent = await check({ MCP_TOOLS: join(folder, 'no tools') });
    expect([absent.code, absent.complaints]).toEqual([1, expect.stringContaining("can't be read (ENOENT)")]);
    expect((await check({})).output).toMatch(/Assistants +\d+ tools/);
  });

  test('warns of what is open', async () => {
    const { code, output } = await check(real);
    expect(code).toBe(0);
    expect(output).toContain('warning: without a credential, every request sees all customers');
  });

  test('names every fault, of the settings and of the files, at once and without secrets', async () => {
    const { code, output, complaints } = await checkByProcess({
      ...real,
      CALLERS: '',
      AVEPOINT_CLIENT_SECRT: 'very-secret',
      AVEPOINT_CLIENT_KEY: '/nowhere',
      AVEPOINT_API_URL: 'https://user:very-secret@api.example',
      CORS_ORIGINS: 'https://a.example https://u:very-secret@b.example',
      PORT: 'many',
      CALLERS_KEYS_FILE: '/nothing/keys.json',
      TRUSTED_DOCUMENTS_FILE: write('broken.json', '['),
      AUDIT_FILE: join(folder, 'broken.json', 'audit.log'),
    });
    expect(code).toBe(1);
    for (const name of ['AVEPOINT_CLIENT_SECRT', 'AVEPOINT_CLIENT_SECRET and', 'AVEPOINT_API_URL', 'PORT']) {
      expect(complaints).toContain(`- ${name}`);
    }
    for (const name of ['CALLERS_KEYS_FILE', 'TRUSTED_DOCUMENTS_FILE', 'AUDIT_FILE']) {
      expect(complaints).toContain(`- ${name}: the file `);
    }
    for (const file of ['/nothing/keys.json', 'broken.json"', 'audit.log']) {
      expect(complaints).toContain(file);
    }
    expect(output + complaints).not.toContain('very-secret');
    expect(complaints).not.toMatch(/^\s+at /m);
  });
});

describe('--check-config --probe', () => {
  const probe = (settings: Readonly<Record<string, string>>) =>
    runCommand(settings, ['--check-config', '--probe']);
  const probeByProcess = (settings: Readonly<Record<string, string>>) =>
    runToEnd(settings, ['--check-config', '--probe']);
  /** Permissions and their outcomes, in the order of the output. */
  const outcomesOf = (output: string) =>
    [...output.matchAll(/^ {2}(ok|missing|failed|unknown) +(\S+(?: token)?)/gm)].map(
      ([, outcome, what]) => `${what} ${outcome}`,
    );
  const [customers, users, protection, directory] = ownPermissions;

  test('reads a page of each collection with each permission', async () => {
    const { code, output, complaints } = await probeByProcess(settingsOf(await startSmallSimulator()));
    expect([code, complaints]).toEqual([0, '']);
    expect(outcomesOf(output)).toEqual(
      ['access token', customers, directory, users, protection].map((what) => `${what} ok`),
    );
    expect(output).toContain('Nothing is missing.');
    expect(output).not.toContain(simulator?.credentials.credential.secret.reveal());
  });

  test('reads the embedded simulation too', async () => {
    expect(await probeByProcess({ SIMULATOR_CUSTOMERS: '3' })).toMatchObject({ code: 0, complaints: '' });
  });

  test.each([
    [customers, [users, protection].map((what) => `${what} unknown`)],
    [users, []],
    [protection, []],
    [directory, []],
  ])('names the permission %s that the identity service does not grant', async (missing, unknown) => {
    const permissions = ownPermissions.filter((permission) => permission !== missing);
    const { code, output } = await probe(settingsOf(await startSmallSimulator({ permissions })));
    expect(code).toBe(1);
    const outcomes = outcomesOf(output);
    expect(outcomes).toContain('access token ok');
    expect(outcomes.filter((outcome) => outcome.endsWith('missing'))).toEqual([`${missing} missing`]);
    expect(outcomes.filter((outcome) => outcome.endsWith('unknown'))).toEqual(unknown);
    expect(output).toContain('Something is missing.');
  });

  test('names several missing ones, that of a list without tenants included', async () => {
    const { output } = await probe(settingsOf(await startSmallSimulator({ permissions: [directory ?? ''] })));
    expect(outcomesOf(output)).toEqual([
      ...['access token ok', `${customers} missing`, `${directory} ok`],
      ...[`${users} missing`, `${protection} missing`],
    ]);
  });

  test('names what the API forbids', async () => {
    const intercept: SimulatorOptions['intercept'] = ({ path }) =>
      path.endsWith('/cloud-backup-m365/users/batch') ? { status: 403, body: '{}' } : undefined;
    const { code, output } = await probeByProcess(settingsOf(await startSmallSimulator({ intercept })));
    expect(code).toBe(1);
    expect(outcomesOf(output)).toContain(`${protection} missing`);
    expect(outcomesOf(output)).toContain(`${users} ok`);
  });

  test('tries another tenant if one is forbidden', async () => {
    const forbidden = new Set<string>();
    const intercept: SimulatorOptions['intercept'] = ({ path }) => {
      if (!path.endsWith('/users/batch')) return undefined;
      if (forbidden.size === 0) forbidden.add(path);
      return forbidden.has(path) ? { status: 403, body: '{}' } : undefined;
    };
    expect(await probe(settingsOf(await startSmallSimulator({ intercept })))).toMatchObject({ code: 0 });
  });

  test.each<[string, NonNullable<SimulatorOptions['intercept']>, RegExp]>([
    ['a page of HTML', () => ({ status: 200, body: '<html>' }), /failed +access token .*a page of HTML/],
    ['a wrong secret', () => ({ status: 401, body: '{"error": "invalid_client"}' }), /\(invalid_client\)/],
    ['a failing service', () => ({ status: 503, body: '' }), /failed +access token .*unavailable/],
  ])('says why there is no token: %s', async (_what, intercept, words) => {
    const { code, output } = await probe(settingsOf(await startSmallSimulator({ intercept })));
    expect(code).toBe(1);
    expect(outcomesOf(output)).toEqual(['access token failed']);
    expect(output).toMatch(words);
    expect(output).toContain('Nothing could be read');
    expect(output).not.toContain('Something is missing.');
  });

  test('says what the process saw of an address that refuses', async () => {
    const settings = settingsOf(await startSmallSimulator());
    await simulator?.stop();
    simulator = undefined;
    const { code, output } = await probe(settings);
    expect(code).toBe(1);
    const { host } = new URL(settings.AVEPOINT_TOKEN_URL);
    expect(output).toContain(
      `The identity service can't be called: ${host} refuses connections (ECONNREFUSED): check AVEPOINT_TOKEN_URL.`,
    );
  });

  test('says so of the API alone, and of one that does not answer', async () => {
    const settings = settingsOf(await startSmallSimulator());
    const { output } = await probe({ ...settings, AVEPOINT_API_URL: 'http://127.0.0.1:1' });
    expect(outcomesOf(output).slice(0, 2)).toEqual(['access token ok', `${customers} failed`]);
    expect(output).toContain('Nothing could be read');
    expect(output).toContain(
      "The API can't be called: 127.0.0.1:1 refuses connections (ECONNREFUSED): check AVEPOINT_API_URL.",
    );
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    for (const limit of ['AVEPOINT_TIMEOUT_MS', 'OPERATION_TIMEOUT_MS']) {
      const late = await probe({ ...settings, AVEPOINT_TOKEN_URL: `http://${host}/token`, [limit]: '300' });
      expect(late.output).toContain(
        `The identity service can't be called: ${host} does not answer in time. Its URL is AVEPOINT_TOKEN_URL.`,
      );
    }
    silent.close();
  });

  test('says what a partner without customers has', async () => {
    const world = { seed: 1, customers: 0, tenantsPerCustomer: 1, usersPerTenant: 1 };
    const { code, output } = await probe(settingsOf(await startSmallSimulator({ world })));
    expect(outcomesOf(output).filter((outcome) => !outcome.endsWith('ok'))).toEqual(
      [users, protection].map((what) => `${what} unknown`),
    );
    expect(code).toBe(0);
  });

  test('asks with each profile', async () => {
    const { credentials } = await startSmallSimulator();
    const profile = (name: string, secret: string) => ({
      [`AVEPOINT_${name}_API_URL`]: credentials.apiUrl.href,
      [`AVEPOINT_${name}_TOKEN_URL`]: credentials.tokenUrl.href,
      [`AVEPOINT_${name}_CLIENT_ID`]: credentials.clientId,
      [`AVEPOINT_${name}_CLIENT_SECRET`]: secret,
    });
    const key = { name: 'me', sha256: 'a'.repeat(64), customers: 'all', profile: 'north' };
    const { code, output } = await probe({
      AVEPOINT_PROFILES: 'north south',
      ...profile('NORTH', credentials.credential.secret.reveal()),
      ...profile('SOUTH', 'wrong'),
      CALLERS_KEYS_FILE: write('keys.json', JSON.stringify({ keys: [key] })),
    });
    expect(code).toBe(1);
    expect(output).toMatch(/profile north:\n {2}ok +access token/);
    expect(output).toMatch(/profile south:\n {2}failed +access token .*invalid_client/);
  });

  test('calls nothing if the settings have faults', async () => {
    let calls = 0;
    const intercept = () => {
      calls += 1;
      return undefined;
    };
    const settings = settingsOf(await startSmallSimulator({ intercept }));
    expect(await probe({ ...settings, CALLERS: '', CALLERS_KEYS_FILE: '/nothing' })).toMatchObject({
      code: 1,
    });
    expect(calls).toBe(0);
  });
});
