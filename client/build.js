/**
 * Builds the package twice: ES modules, and CommonJS for those who require it. With `--if-changed`, only if a source or
 * an installed package has changed since the last time.
 */
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isCurrent } from './is-current.js';

const folder = dirname(fileURLToPath(import.meta.url));
const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
/** Written last. */
const mark = 'dist/cjs/package.json';
const sources = ['src', 'build.js', 'package.json', 'tsconfig.json', 'tsconfig.cjs.json'];
const shared = ['../tsconfig.json', '../node_modules/.package-lock.json'];

if (!process.argv.includes('--if-changed') || !isCurrent(folder, [mark], [...sources, ...shared])) {
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  const compile = (project) => promisify(execFile)(process.execPath, [compiler, '-p', join(folder, project)]);
  try {
    await Promise.all(['tsconfig.json', 'tsconfig.cjs.json'].map(compile));
    writeFileSync(join(folder, mark), '{ "type": "commonjs" }\n');
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? error}`);
    process.exitCode = 1;
  }
}
