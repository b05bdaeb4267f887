/** What keeps the process from starting is said in words, and ends it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'startup-'));
const taken = createServer();
beforeAll(async () => {
  writeFileSync(join(folder, 'keys.json'), '{"keys": [], "expiresAt": "2030-01-01"}');
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
});
afterAll(() => {
  taken.close();
  rmSync(folder, { recursive: true });
});

async function start(
  settings: Readonly<Record<string, string>>,
): Promise<{ readonly code: unknown; readonly complaints: string }> {
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [complaints, [code]] = await Promise.all([
    text(child.stderr),
    once(child, 'exit') as Promise<unknown[]>,
  ]);
  return { code, complaints };
}

const port = () => String((taken.address() as AddressInfo).port);

describe.each(['1', '2'])('with %s processes', (workers) => {
  test.each([
    ['a key file that is not there', () => ({ CALLERS_KEYS_FILE: '/nothing' }), '/nothing'],
    [
      'a key file with an unknown field',
      () => ({ CALLERS_KEYS_FILE: join(folder, 'keys.json') }),
      'expiresAt',
    ],
    ['a manifest that is not there', () => ({ TRUSTED_DOCUMENTS_FILE: '/nothing' }), '/nothing'],
    [
      'no manifest, and trusted documents only',
      () => ({ TRUSTED_DOCUMENTS: 'only' }),
      'TRUSTED_DOCUMENTS_FILE',
    ],
    ['a host with a port', () => ({ ALLOWED_HOSTS: 'graph.example.com:443' }), 'without ports'],
    ['a port that is taken', () => ({ PORT: port() }), 'EADDRINUSE'],
  ])('%s is named, and ends the process with code 1', async (_what, settings, words) => {
    const { code, complaints } = await start({ WORKERS: workers, ...settings() });
    expect(complaints).toContain(words);
    expect(complaints).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
  });
});

/** Module that writes a line when a handler of SIGTERM was added, by this process or a worker of it. */
const noticeHandler = `data:text/javascript,${encodeURIComponent(
  "process.on('newListener', (name) => name === 'SIGTERM' && setImmediate(() => process.stderr.write('handled\\n')))",
)}`;

describe.each(['1', '2'])('SIGTERM before the gateway is ready, with %s processes,', (workers) => {
  test.each([
    ['as soon as it is handled', 0],
    ['while modules are loaded', 100],
    ['a little later', 250],
  ])('ends it with code 0 and without a word: %s', async (_when, delayMs) => {
    const child = spawn(process.execPath, ['--import', noticeHandler, 'dist/main.js'], {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', PORT: '0', SHUTDOWN_DELAY_MS: '0', WORKERS: workers },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'exit') as Promise<unknown[]>;
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => (output += data.toString()));
    await once(child.stderr, 'data');
    await sleep(delayMs);
    child.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
    // A machine that is fast enough may be ready after the later delays.
    expect(output.split('\n').filter((line) => !/^(handled)?$|is ready/.test(line))).toEqual([]);
  });
});

test('signals are handled before the gateway is loaded', () => {
  const imports = readFileSync(join(root, 'src/main.ts'), 'utf8').match(/^import .*;$/gm) ?? [];
  expect(imports[0]).toContain('./stop-signals.ts');
  expect(imports.filter((line) => line.includes('./gateway.ts') && !line.startsWith('import type'))).toEqual(
    [],
  );
});

const canBeFirst = spawnSync('unshare', ['-r', '-p', '-f', 'true']).status === 0;
(canBeFirst ? test : test.skip)(
  'SIGTERM ends the first process of a container, which ignores it without a handler',
  async () => {
    const namespace = spawn(
      'unshare',
      ['-r', '-p', '-f', '--kill-child', process.execPath, '--import', noticeHandler, 'dist/main.js'],
      { cwd: root, env: { PATH: process.env['PATH'] ?? '', PORT: '0' }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const exited = once(namespace, 'exit') as Promise<unknown[]>;
    await once(namespace.stderr, 'data');
    const parent = String(namespace.pid);
    const first = Number(readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8'));
    process.kill(first, 'SIGTERM');
    expect((await exited)[0]).toBe(0);
  },
);
