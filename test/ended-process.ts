/** The process, as build.js has built it, run until it ends by itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

export interface EndedProcess {
  readonly code: unknown;
  readonly output: string;
  /** What it wrote to its standard error. */
  readonly complaints: string;
}

export async function runToEnd(
  settings: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  { isRead = true, folder = root } = {},
): Promise<EndedProcess> {
  const child = spawn(process.execPath, ['dist/main.js', ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // As a reader that ends before the first line.
  if (!isRead) child.stdout.destroy();
  const [output, complaints, [code]] = await Promise.all([
    isRead ? text(child.stdout) : '',
    text(child.stderr),
    once(child, 'exit') as Promise<unknown[]>,
  ]);
  return { code, output, complaints };
}
