/** Builds what the tests start as processes: once, before any of them, so that none finds half a build. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export default function build() {
  const root = fileURLToPath(new URL('..', import.meta.url));
  for (const project of ['client', 'tsconfig.build.json']) {
    execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project], {
      cwd: root,
      stdio: 'inherit',
    });
  }
}
