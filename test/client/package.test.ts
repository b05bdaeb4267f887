/** The package as others get it: packed, checked by the tools that judge packages, and installed in an empty project. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'client-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let tarball: string;
let files: string[];
beforeAll(() => {
  const packed = execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--workspace', 'client', '--pack-destination', folder],
    { cwd: root, encoding: 'utf8' },
  );
  const [{ filename, files: contents }] = JSON.parse(packed) as [
    { readonly filename: string; readonly files: readonly { readonly path: string }[] },
  ];
  tarball = join(folder, filename);
  files = contents.map(({ path }) => path);
});

describe('the client’s package', () => {
  test('holds what is imported, its types and what to read, and nothing else', () => {
    expect(files).toContain('README.md');
    for (const file of files.filter((path) => path.startsWith('dist/')))
      expect(file).toMatch(/^dist\/(esm|cjs)\/(generated\/)?[a-z]+\.(js|d\.ts)$|^dist\/cjs\/package\.json$/);
    expect(files.filter((path) => !path.startsWith('dist/')).sort()).toEqual(['README.md', 'package.json']);
  });

  test('has no link that leads nowhere once it is installed', () => {
    const text = readFileSync(join(root, 'client/README.md'), 'utf8');
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
    expect(links.filter((link) => !link.startsWith('https://') && !files.includes(link))).toEqual([]);
  });

  test('passes publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: join(root, 'client'), strict: true, pack: false });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test('has its types in every mode of modules', async () => {
    const result = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
    expect(result).toMatchObject({ types: { kind: 'included' } });
    const entrypoints = 'entrypoints' in result ? result.entrypoints['.']?.resolutions : undefined;
    expect(Object.keys(entrypoints ?? {}).sort()).toEqual(['bundler', 'node10', 'node16-cjs', 'node16-esm']);
    expect('problems' in result ? result.problems : null).toEqual([]);
  });

  test('is imported, required and typed in an empty project', () => {
    const project = join(folder, 'project');
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{ "name": "empty", "version": "1.0.0", "private": true }');
    // What it depends on is taken from here, so that no registry is needed.
    const dependencies = ['graphql', 'graphql-sse', '@graphql-typed-document-node/core'].map((name) =>
      join(root, 'node_modules', name),
    );
    execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball, ...dependencies], {
      cwd: project,
      stdio: 'pipe',
    });
    const run = (file: string, text: string) => {
      writeFileSync(join(project, file), text);
      return execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8' });
    };
    const use = 'console.log(typeof createClient({ url: "http://localhost:1/graphql" }).report);';
    expect(run('import.mjs', `import { createClient } from 'elements-graph-client';\n${use}`)).toBe(
      'function\n',
    );
    expect(run('require.cjs', `const { createClient } = require('elements-graph-client');\n${use}`)).toBe(
      'function\n',
    );
    const typed = `import { createClient, UsersDocument } from 'elements-graph-client';
      export const mails = async () => {
        const outcome = await createClient({ url: 'http://localhost:1/graphql' }).request(UsersDocument, {});
        return outcome.kind === 'complete' ? outcome.data.users?.nodes.map(({ mail }) => mail) : outcome.kind;
      };`;
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const files = ['typed.mts', 'typed.cts'];
    for (const file of files) writeFileSync(join(project, file), typed);
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--lib', 'es2023,dom'];
    execFileSync(process.execPath, [compiler, ...options, ...files], { cwd: project, encoding: 'utf8' });
  });
});
