/** The release script in a repository of its own, with an `npm` that notes its arguments. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

/** Skipped without git, but not in CI, which has it. */
const hasGit = existsSync('/usr/bin/git') || process.env['CI'] !== undefined;
const testWithGit = hasGit ? test : test.skip;

let folder: string;
const inFolder = (path: string) => join(folder, path);
const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });

function write(path: string, text: string): void {
  writeFileSync(inFolder(path), text);
}

function commit(): void {
  git('add', '-A');
  git('commit', '-qm', 'change');
}

function release(settings: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, PATH: `${inFolder('bin')}:${process.env['PATH'] ?? ''}`, ...settings };
  const { status, stdout, stderr } = spawnSync(inFolder('deploy/release.sh'), {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'release-'));
  for (const name of ['deploy', 'client', 'bin', 'schema', 'schema/released']) mkdirSync(inFolder(name));
  copyFileSync('deploy/release.sh', inFolder('deploy/release.sh'));
  write('bin/npm', '#!/bin/sh\necho "$@" >>"$(dirname "$0")/calls"\nexit "${NPM_STATUS:-0}"\n');
  chmodSync(inFolder('bin/npm'), 0o755);
  write('.gitignore', 'bin/calls\nrelease\n');
  write('package.json', '{ "version": "1.2.3" }');
  write('client/package.json', '{ "version": "1.2.3" }');
  write('client/README.md', 'npm install ./elements-graph-client-1.2.3.tgz\n');
  write('compose.yaml', 'image: elements-graph:1.2.3\n');
  write('CHANGELOG.md', '# Changes\n\n## 1.2.3 - 2026-11-27\n');
  write('schema.graphql', 'type Query { a: Int }\n');
  write('schema/released/1.2.2.graphql', 'type Query { a: Int }\n');
  git('init', '-q');
  git('config', 'user.name', 'Release');
  git('config', 'user.email', 'release@example.org');
  commit();
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

testWithGit('a release tags the commit that keeps its schema, and writes the context of the image', () => {
  const { status, stdout } = release();
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: 'Tagged v1.2.3; release/ has:\nelements-graph-1.2.3-image-context.tar.gz\n',
  });
  expect(readdirSync(inFolder('release'))).toEqual(['elements-graph-1.2.3-image-context.tar.gz']);
  expect(git('rev-parse', 'v1.2.3^{commit}')).toBe(git('rev-parse', 'HEAD'));
  expect(git('show', 'v1.2.3:schema/released/1.2.3.graphql')).toBe('type Query { a: Int }\n');
  expect(readFileSync(inFolder('bin/calls'), 'utf8').split('\n')).toEqual([
    'run -s test:jest -- test/graph/release.test.ts',
    'pack --silent -w client --pack-destination release',
    '',
  ]);
});

const otherClient = () => {
  write('client/package.json', '{ "version": "1.2.2" }');
  commit();
};
const otherImage = () => {
  write('compose.yaml', 'image: elements-graph:1.2.2\n');
  commit();
};
const noHeading = () => {
  write('CHANGELOG.md', '# Changes\n\n## Unreleased\n');
  commit();
};

testWithGit.each([
  ['the client has another version', otherClient, {}, 'client/package.json has another version than 1.2.3'],
  ['a file names another version', otherImage, {}, 'compose.yaml:1:elements-graph:1.2.2'],
  [
    'changes are uncommitted',
    () => {
      write('compose.yaml', '');
    },
    {},
    'there are uncommitted changes',
  ],
  [
    'the tag exists',
    () => {
      git('tag', 'v1.2.3');
    },
    {},
    'the tag v1.2.3 is there already',
  ],
  ['the changelog lacks the version', noHeading, {}, 'CHANGELOG.md has no heading'],
  ['the schema breaks clients undeclared', () => undefined, { NPM_STATUS: '1' }, 'the schema breaks clients'],
])('a release is refused if %s', (_reason, prepare, settings, message) => {
  prepare();
  const tagsBefore = git('tag');
  const { status, stderr } = release(settings);
  expect({ status, tags: git('tag') }).toEqual({ status: 1, tags: tagsBefore });
  expect(stderr).toMatch(/^release: /);
  expect(stderr).toContain(message);
});
