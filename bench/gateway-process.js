/** Starts the gateway in a separate process, as `npm start` does. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const [program, ...args] = scripts.start.replace(/^exec /, '').split(' ');

export const gatewayFlags = args.filter((word) => word.startsWith('--'));

/** Rejects if the process ends before the gateway is ready. */
export async function startGateway(settings) {
  const child = spawn(program, args, {
    cwd: new URL('..', import.meta.url),
    env: { PATH: process.env.PATH, PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve, reject) => {
    let output = '';
    const read = (data) => {
      output += data;
      const found = /is ready: ([^\s"]+)/.exec(output)?.[1];
      if (found === undefined) return;
      // The gateway drops unread lines with a warning.
      child.stdout.off('data', read).resume();
      resolve(found);
    };
    child.stdout.on('data', read);
    child.once('exit', () => reject(new Error('The gateway did not start.')));
  });
  return { url, pid: child.pid, kill: () => child.kill('SIGKILL') };
}
