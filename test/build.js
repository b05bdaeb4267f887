/**
 * Builds what the tests start as processes: once, before any of them, so that none finds half a build. What is newer than
 * its sources, as after `npm ci`, is not built again.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isCurrent } from '../client/is-current.js';

const bundles = [
  'dist/main.cjs',
  `dist/main.cjs.${process.version}.code`,
  'dist/cli/report.cjs',
  'dist/cli/mcp.cjs',
];
const sources = ['src', 'bundle', 'package.json', 'node_modules/.package-lock.json'];

export default function build() {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const run = (...command) => execFileSync(...command, { cwd: root, stdio: 'inherit' });
  run(process.execPath, ['client/build.js', '--if-changed']);
  if (!isCurrent(root, bundles, sources)) run('npm', ['run', '-s', 'build:bundle']);
}
