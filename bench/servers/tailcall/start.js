/** Starts Tailcall's binary over the upstream, with the glibc of install.sh beside it, if any. */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fetchToken } from '../rest.js';
import { binary } from './operations.js';

const near = (name) => fileURLToPath(new URL(name, import.meta.url));
const libraries = near('../../node_modules/.glibc');

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const port = await freePort();
const filter =
  process.env.DIALECT === 'singular'
    ? '{ email: "{{.args.email}}" }'
    : '{ userEmails: ["{{.args.email}}", "{{.args.other}}"] }';
const folder = mkdtempSync(join(tmpdir(), 'tailcall-'));
copyFileSync(near('script.js'), join(folder, 'script.js'));
const configuration = readFileSync(near('gateway.graphql'), 'utf8')
  .replace(/^#.*\n/gm, '')
  .replaceAll('UPSTREAM', process.env.AVEPOINT_API_URL)
  .replaceAll('TOKEN', await fetchToken())
  .replaceAll('PORT', String(port))
  .replaceAll('ADDRESS_FILTER', filter);
writeFileSync(join(folder, 'gateway.graphql'), configuration);

const start = [binary, 'start', 'gateway.graphql'];
const loader = join(libraries, 'ld-linux-x86-64.so.2');
const [program, ...args] = existsSync(loader) ? [loader, '--library-path', libraries, ...start] : start;
const child = spawn(program, args, {
  cwd: folder,
  // The standard output has notices and configuration mistakes.
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, TAILCALL_LOG_LEVEL: 'error', TAILCALL_TRACKER: 'false' },
});
let notices = '';
child.stdout.on('data', (data) => (notices += data));
child.once('exit', (code) => {
  console.error(notices);
  process.exit(code ?? 1);
});

const url = `http://127.0.0.1:${port}/graphql`;
const probe = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"query":"{__typename}"}',
};
while (!(await fetch(url, probe).catch(() => null))?.ok) await sleep(20);
rmSync(folder, { recursive: true });
console.log(`ready: ${url} pid: ${child.pid}`);
