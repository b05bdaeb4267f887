/** The first process of the container: it passes signals on, whenever they come, and ends as its command does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const entrypoint = fileURLToPath(new URL('../../deploy/entrypoint.sh', import.meta.url));

async function run(script: string, signals: readonly NodeJS.Signals[] = [], awaited = ''): Promise<number> {
  const child = spawn('sh', [entrypoint, process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit') as Promise<[code: number]>;
  if (awaited !== '') {
    let output = '';
    for await (const data of child.stdout) if ((output += String(data)).includes(awaited)) break;
  }
  for (const signal of signals) child.kill(signal);
  return (await ended)[0];
}

const handler = (signal: string, code: number) =>
  `process.on('${signal}', () => setTimeout(() => process.exit(${code}), 100)); setInterval(() => {}, 1e6); console.log('ready');`;

test.each([0, 7])('it ends with the code %i of its command', async (code) => {
  expect(await run(`process.exitCode = ${code}`)).toBe(code);
});

test.each([
  ['SIGTERM', 0],
  ['SIGINT', 3],
] as const)('%s is passed on, and the command may take its time', async (signal, code) => {
  expect(await run(handler(signal, code), [signal], 'ready')).toBe(code);
});

test('SIGTERM before the command handles it ends both', async () => {
  const script = `console.log('begun'); for (const end = Date.now() + 1000; Date.now() < end;); setInterval(() => {}, 1e6);`;
  expect(await run(script, ['SIGTERM'], 'begun')).toBe(143);
});
