/**
 * Builds what the tests start as processes: once, before any of them, so that none finds half a build. What is newer than
 * its sources, as after `npm ci`, is not built again.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isCurrent } from '../client/is-current.js';

const bundles = ['dist/main.js', 'dist/cli/report.js', 'dist/cli/mcp.js'];
const sources = ['src', 'bundle.config.ts', 'package.json', 'node_modules/.package-lock.json'];

export default function build() {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const run = (...command) => execFileSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  run('client/build.js', '--if-changed');
  if (!isCurrent(root, bundles, sources))
    run('node_modules/vite/bin/vite.js', 'build', '--config', 'bundle.config.ts', '--logLevel', 'error');
}
