/** What keeps the process from starting is said in words, and ends it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
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
