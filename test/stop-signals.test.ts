/** SIGTERM is handled from the first moment of the process, and ends it at once until the gateway is ready. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { createGeneratedWorld } from '../src/simulator/generated-world.ts';
import { holdUpstream } from './held-upstream.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Module that writes a line when a handler of SIGTERM was added. */
const noticeHandler = `data:text/javascript,${encodeURIComponent(
  "process.on('newListener', (name) => name === 'SIGTERM' && setImmediate(() => process.stderr.write('handled\\n')))",
)}`;

describe('SIGTERM before the gateway is ready', () => {
  test.each([
    ['as soon as it is handled', 0],
    ['while modules are loaded', 100],
    ['a little later', 250],
  ])('ends it with code 0 and without a word: %s', async (_when, delayMs) => {
    const child = spawn(process.execPath, ['--import', noticeHandler, 'dist/main.js'], {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', PORT: '0', SHUTDOWN_DELAY_MS: '0' },
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
    expect(output.split('\n').filter((line) => !/^(handled)?$|is ready|Shut/.test(line))).toEqual([]);
  });
});

/** In milliseconds after the process was started: Node.js takes some 100 before it runs any of the gateway's code. */
const moments = [0, 5, 10, 20, 40, 60, 80, 100, 120, 150];

test.each(moments)(
  'SIGTERM ends a process that is not the first of its container, %i ms after its start',
  async (delayMs) => {
    const child = spawn(process.execPath, ['dist/main.js'], {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', PORT: '0' },
      stdio: 'ignore',
    });
    const exited = once(child, 'exit');
    await sleep(delayMs);
    child.kill('SIGTERM');
    // Before the gateway handles signals, the kernel ends it.
    expect([
      [0, null],
      [null, 'SIGTERM'],
    ]).toContainEqual(await exited);
  },
);

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

test('the log says when shutdown begins, with how many requests are open, and when it has ended', async () => {
  const held = await holdUpstream({
    world: createGeneratedWorld({ seed: 1, customers: 1, tenantsPerCustomer: 1, usersPerTenant: 3 }),
  });
  const stopped = held.gateway.stop();
  const last = () => held.gateway.logged.slice(-2).map(({ text }) => text);
  expect(last().at(-1)).toBe('Shutting down: 1 request is open.');
  held.release();
  await stopped;
  expect(last()[0]).toBe('Shutting down: 1 request is open.');
  expect(last()[1]).toMatch(/^Shut down after \d+\.\d s\.$/);
});
