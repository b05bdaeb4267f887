/** What keeps the process from starting is named in a sentence, and ends it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  cpSync,
  mkdtempSync,
  symlinkSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startFault } from '../src/command/start-fault.ts';
import { readConfig } from '../src/config/config.ts';
import { startGateway } from '../src/gateway.ts';
import { createAuditLog, createLog } from '../src/telemetry/log.ts';
import { root, runToEnd } from './ended-process.ts';
import {
  complaintsOfItself,
  endProcess,
  startGatewayProcess,
  type GatewayProcess,
} from './gateway-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'startup-'));
const pipe = join(folder, 'pipe');
const taken = createServer();
beforeAll(async () => {
  execFileSync('mkfifo', [pipe]);
  writeFileSync(join(folder, 'keys.json'), '{"keys": [], "expiresAt": "2030-01-01"}');
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
});
afterAll(() => {
  taken.close();
  rmSync(folder, { recursive: true });
});

let gateway: GatewayProcess | undefined;
afterEach(async () => {
  await endProcess(gateway);
  gateway = undefined;
});

/** Writes to a pipe until it is full. */
function fill(path: string): void {
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(descriptor, 'x');
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' });
  } finally {
    closeSync(descriptor);
  }
}

const port = () => String((taken.address() as AddressInfo).port);

/** What stops a start, in this process and in the words of `src/main.ts`. */
async function faultOfStart(settings: Readonly<Record<string, string>>): Promise<string> {
  try {
    const config = readConfig({ PORT: '0', ...settings });
    createAuditLog(createLog(config.log, false).log, config.log);
    const gateway = await startGateway(config, { report: () => undefined });
    await gateway.stop();
    return '';
  } catch (error) {
    return `${startFault(error)}\n`;
  }
}

describe('the start', () => {
  // A fault of each step: the settings, the audit, and the gateway.
  test.each([
    [
      'a key file that is not there',
      () => ({ CALLERS_KEYS_FILE: '/nothing' }),
      'CALLERS_KEYS_FILE: the file "/nothing" does not exist.\n',
    ],
    ['a folder as the audit file', () => ({ AUDIT_FILE: folder }), 'EISDIR'],
    ['no upstream in production', () => ({ NODE_ENV: 'production' }), 'SIMULATOR=on'],
  ])('%s is named, and ends the process with code 1', async (_what, settings, words) => {
    const { code, complaints, output } = await runToEnd(settings());
    expect(complaints).toContain(words);
    expect(complaints).not.toMatch(/^\s+at /m);
    expect(output).toBe('');
    expect(code).toBe(1);
  });

  test.each([
    [
      'a key file with an unknown field',
      () => ({ CALLERS_KEYS_FILE: join(folder, 'keys.json') }),
      `CALLERS_KEYS_FILE: the file ${JSON.stringify(join(folder, 'keys.json'))} is not usable: unknown field "expiresAt"`,
    ],
    [
      'a manifest that is not there',
      () => ({ TRUSTED_DOCUMENTS_FILE: '/nothing' }),
      'TRUSTED_DOCUMENTS_FILE: the file "/nothing" does not exist.\n',
    ],
    [
      'a manifest with an entry that is no document',
      () => ({ TRUSTED_DOCUMENTS_FILE: join(folder, 'keys.json') }),
      `TRUSTED_DOCUMENTS_FILE: the file ${JSON.stringify(join(folder, 'keys.json'))} is not usable: "keys": expected the text of a document.\n`,
    ],
    [
      'no manifest, and trusted documents only',
      () => ({ TRUSTED_DOCUMENTS: 'only' }),
      'TRUSTED_DOCUMENTS_FILE',
    ],
    ['a host with a port', () => ({ ALLOWED_HOSTS: 'graph.example.com:443' }), 'without ports'],
    ['a host that is not here', () => ({ HOST: '192.0.2.1' }), 'EADDRNOTAVAIL'],
    ['a port of the simulation that is taken', () => ({ SIMULATOR_PORT: port() }), 'set SIMULATOR_PORT'],
    ['a host name that is too long', () => ({ HOST: 'a'.repeat(300) }), 'HOST: expected'],
    [
      'an audit file in a folder that can have none',
      () => ({ AUDIT_FILE: '/proc/nothing/audit.log' }),
      `AUDIT_FILE: the file "/proc/nothing/audit.log" can't be opened`,
    ],
    [
      'an audit file in what is no folder',
      () => ({ AUDIT_FILE: join(folder, 'keys.json', 'audit.log') }),
      'AUDIT_FILE',
    ],
    ['a pipe as the key file', () => ({ CALLERS_KEYS_FILE: pipe }), `CALLERS_KEYS_FILE: "${pipe}"`],
    [
      'a device as the key file',
      () => ({ CALLERS_KEYS_FILE: '/dev/zero' }),
      'CALLERS_KEYS_FILE: "/dev/zero"',
    ],
    ['a pipe as the manifest', () => ({ TRUSTED_DOCUMENTS_FILE: pipe }), `TRUSTED_DOCUMENTS_FILE: "${pipe}"`],
    [
      'a device as the manifest',
      () => ({ TRUSTED_DOCUMENTS_FILE: '/dev/zero' }),
      'TRUSTED_DOCUMENTS_FILE: "/dev/zero"',
    ],
    [
      'several processes behind the port',
      () => ({ WORKERS: '2' }),
      'several instances behind a load balancer',
    ],
  ])('%s is named', async (_what, settings, words) => {
    const complaints = await faultOfStart(settings());
    expect(complaints).toContain(words);
    expect(complaints).not.toMatch(/^\s+at /m);
  });

  test.each([
    ['a wrong setting', () => 'none', []],
    ['a wrong setting, found by the check of the settings', () => 'none', ['--check-config']],
    ['an unknown option', () => '0', ['--nothing']],
    ['a port that is taken', port, []],
  ])('%s ends the process with code 1 if nothing reads its standard error', async (what, portOf, args) => {
    const unread = join(folder, what);
    execFileSync('mkfifo', [unread]);
    const reader = openSync(unread, constants.O_RDONLY | constants.O_NONBLOCK);
    fill(unread);
    const writer = openSync(unread, 'w');
    const child = spawn(process.execPath, ['dist/main.js', ...args], {
      env: { PATH: process.env['PATH'] ?? '', PORT: portOf() },
      stdio: ['ignore', 'ignore', writer],
    });
    closeSync(writer);
    expect(await once(child, 'exit')).toEqual([1, null]);
    closeSync(reader);
  });

  test('a port that is taken is one line', async () => {
    expect(await runToEnd({ PORT: port() })).toEqual({
      code: 1,
      output: '',
      complaints: `The gateway can't listen on 127.0.0.1:${port()}, since it is in use (EADDRINUSE): set PORT or HOST.\n`,
    });
  });

  test('a copy without its schema is one line', async () => {
    const copy = join(folder, 'copy');
    for (const part of ['dist', 'package.json'])
      cpSync(join(root, part), join(copy, part), {
        recursive: true,
        filter: (path) => !path.endsWith('.map'),
      });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    expect(await runToEnd({}, [], { folder: copy })).toEqual({
      code: 1,
      output: '',
      complaints:
        "This copy of the gateway is not complete: the files of the folder schema, beside dist, are missing or can't be read.\n",
    });
  });

  test('a copy without node_modules answers queries and assistants', async () => {
    const copy = join(folder, 'alone');
    for (const part of ['dist', 'schema', 'mcp', 'package.json'])
      cpSync(join(root, part), join(copy, part), {
        recursive: true,
        filter: (path) => !path.endsWith('.map'),
      });
    gateway = await startGatewayProcess(null, {}, copy);
    const post = async (path: string, body: object) => {
      const response = await fetch(`${gateway?.url ?? ''}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
        body: JSON.stringify(body),
      });
      return response.text();
    };
    expect(await post('/graphql', { query: '{ customers { totalCount } }' })).toContain('"totalCount":');
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    expect(await post('/mcp', list)).toContain('"name":"find_users"');
    expect(complaintsOfItself(gateway)).toEqual([]);
  });

  test('a key file and a manifest may begin with a byte order mark', async () => {
    const write = (name: string, content: object) => {
      writeFileSync(join(folder, name), `\uFEFF${JSON.stringify(content)}`);
      return join(folder, name);
    };
    const settings = {
      CALLERS_KEYS_FILE: write('marked-keys.json', { keys: [] }),
      TRUSTED_DOCUMENTS_FILE: write('marked-documents.json', { a: '{ customers { totalCount } }' }),
    };
    expect(await faultOfStart(settings)).toBe('');
  });

  test.each([
    ['0.0.0.0', /^http:\/\/0\.0\.0\.0:\d+$/],
    ['127.0.0.1', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['127.0.0.2', /^http:\/\/127\.0\.0\.2:\d+$/],
  ])('a gateway names its address %s', async (host, expected) => {
    const { url, stop } = await startGateway(readConfig({ PORT: '0', HOST: host }), {
      report: () => undefined,
    });
    expect(url).toMatch(expected);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    await stop();
  });

  test('the line that says it is ready names the address', async () => {
    gateway = await startGatewayProcess(null, { HOST: '[::1]' });
    expect(gateway.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
  });
});
