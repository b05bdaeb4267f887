/** The balancer of deploy/ before instances on loopback, by a real nginx. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { freePort } from '../free-port.ts';

const executable = process.env['NGINX_PATH'] ?? '/usr/sbin/nginx';

/** What needs nginx is skipped without one, but not in CI, which has one. */
export const hasNginx = existsSync(executable) || process.env['CI'] !== undefined;

export interface Nginx {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/**
 * @param instances ports of the instances
 * @param replacements of texts in the configuration, each of which it must have
 */
export async function startNginx(
  instances: readonly number[],
  replacements: readonly (readonly [from: string, to: string])[] = [],
): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configOf(folder, [port, await freePort()], instances, replacements));
  const nginx = spawn(executable, ['-p', folder, '-e', 'stderr', '-c', file, '-g', 'daemon off;'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaints = '';
  nginx.stderr.on('data', (data: Buffer) => (complaints += data.toString()));
  for (let look = 0; !(await accepts(port)); look++) {
    if (nginx.exitCode !== null || look > 40_000) throw new Error(`nginx did not start: ${complaints}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    port,
    stop: async () => {
      nginx.kill('SIGTERM');
      if (nginx.exitCode === null) await once(nginx, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** As in deploy/, but for the addresses, and the places of its files. */
function configOf(
  folder: string,
  [port, portOfSecondTries]: readonly [number, number],
  instances: readonly number[],
  replacements: readonly (readonly [from: string, to: string])[],
): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const all = [
    ['worker_processes auto;', 'worker_processes 1;'],
    ['pid /tmp/nginx.pid;', `pid ${folder}/nginx.pid;`],
    [
      'access_log off;',
      ['access_log off;', ...temporary.map((kind) => `${kind}_temp_path ${folder}/${kind};`)].join('\n'),
    ],
    ['resolver 127.0.0.11 valid=5s;', ''],
    [
      'server gateway:4000 resolve max_fails=0;',
      instances.map((each) => `server 127.0.0.1:${each} max_fails=0;`).join('\n'),
    ],
    ['listen 8080;', `listen 127.0.0.1:${port};`],
    ['listen 127.0.0.1:8081;', `listen 127.0.0.1:${portOfSecondTries};`],
    ['server 127.0.0.1:8081 ', `server 127.0.0.1:${portOfSecondTries} `],
    ...replacements,
  ] as const;
  let text = readFileSync(new URL('../../deploy/nginx.conf', import.meta.url), 'utf8');
  for (const [from, to] of all) {
    expect(text.split(from)).toHaveLength(2);
    text = text.replace(from, to);
  }
  return text;
}
