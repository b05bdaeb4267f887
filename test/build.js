/** Builds what the tests start as processes: once, before any of them, so that none finds half a build. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export default function build() {
  const root = fileURLToPath(new URL('..', import.meta.url));
  for (const command of [
    ['client/build.js'],
    ['node_modules/vite/bin/vite.js', 'build', '--config', 'bundle.config.ts', '--logLevel', 'error'],
  ])
    execFileSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
}
