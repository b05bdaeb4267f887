/** A start runs the code that the build has compiled, and only if it belongs to the source. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { root } from '../ended-process.ts';

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: { readonly start: string };
};
const flagsOf = (command: readonly string[]) => command.filter((word) => word.startsWith('--'));
const flags = flagsOf(scripts.start.split(' '));

let copy: string;
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'bundle-'));
  for (const name of ['package.json', 'schema', 'mcp', 'dist'])
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !/\.map$|dist\/(modules|bench|docs|graphiql)/.test(path),
    });
});
afterEach(() => {
  rmSync(copy, { recursive: true });
});

/** What a gateway writes from its start until it is stopped, as soon as it is ready. */
async function outputOf(
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(process.execPath, args, {
    cwd: copy,
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', SHUTDOWN_DELAY_MS: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      const wasReady = output.includes('/graphql"');
      output += data.toString();
      // A second signal would end it at once.
      if (!wasReady && output.includes('/graphql"')) child.kill('SIGTERM');
    });
  await once(child, 'close');
  return output;
}

const countScripts = `
  const codes = { accepted: 0, compiled: [] };
  process.on('exit', () => console.error('codes ' + JSON.stringify(codes)));
  require('./dist/launch.cjs').launch(require.resolve('./dist/main.cjs'), ({ file, script }) => {
    if (script.cachedDataRejected === false) codes.accepted += 1;
    else codes.compiled.push(require('node:path').basename(file));
  });`;

/** How many files of a start had their code, and which had to be compiled. */
async function codesOf(
  withFlags: readonly string[],
): Promise<{ readonly accepted: number; readonly compiled: readonly string[] }> {
  const output = await outputOf([...withFlags, '--input-type=commonjs', '--eval', countScripts]);
  expect(output).toMatch(/is (ready|altered)/);
  return JSON.parse(/^codes (.*)$/m.exec(output)?.[1] ?? '') as {
    readonly accepted: number;
    readonly compiled: readonly string[];
  };
}

describe('the compiled code', () => {
  test('is used for all files of a start, by npm and in the image', async () => {
    const image = /^CMD (\[.*\])$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))?.[1] ?? '[]';
    expect(flagsOf(JSON.parse(image) as string[])).toEqual(flags);
    const codes = await codesOf(flags);
    expect(codes).toEqual({ accepted: codes.accepted, compiled: [] });
    expect(codes.accepted).toBeGreaterThan(5);
  });

  // V8 of Node 24 accepts it with other heap sizes, unlike that of Node 20.
  test('is not used with a flag that changes how V8 compiles', async () => {
    expect((await codesOf([...flags, '--no-opt'])).accepted).toBe(0);
  });

  test('is not used for another source of the same length', async () => {
    const file = join(copy, 'dist', 'main.cjs');
    const source = readFileSync(file, 'utf8');
    expect(source).toContain('is ready: ');
    writeFileSync(file, source.replace('is ready: ', 'is altered'));
    expect((await codesOf(flags)).compiled).toEqual(['main.cjs']);
    expect(await outputOf([...flags, 'dist/main.js'])).toContain('is altered');
  });

  test.each<[string, (file: string) => void]>([
    [
      'cut',
      (file) => {
        truncateSync(file, 1000);
      },
    ],
    [
      'empty',
      (file) => {
        truncateSync(file);
      },
    ],
    [
      'absent',
      (file) => {
        rmSync(file);
      },
    ],
    [
      'overwritten in the middle',
      (file) => {
        writeFileSync(file, readFileSync(file).fill(0, 4096));
      },
    ],
    [
      'that of another file',
      (file) => {
        cpSync(file.replace('gateway', 'graphql'), file);
      },
    ],
  ])('is not used if it is %s', async (_what, spoil) => {
    spoil(join(copy, 'dist', 'chunks', `gateway.cjs.${process.version}.code`));
    expect((await codesOf(flags)).compiled).toEqual(['gateway.cjs']);
    const output = await outputOf([...flags, 'dist/main.js']);
    expect(output).toContain('is ready: ');
    expect(output).not.toMatch(/rror|arning/);
  });
});

test('no warning is written, with parts that are loaded later', async () => {
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', MCP: 'on' };
  const output = await outputOf([...flags, 'dist/main.js'], settings);
  expect(output).toContain('is ready: ');
  expect(output).not.toMatch(/Warning/);
});

test('with --enable-source-maps, a stack names the original file', () => {
  const file = join(copy, 'dist', 'throws.cjs');
  writeFileSync(file, 'throw new Error("thrown");\n//# sourceMappingURL=throws.cjs.map\n');
  const map = { version: 3, file: 'throws.cjs', sources: ['original.ts'], names: [], mappings: 'AAAA' };
  writeFileSync(`${file}.map`, JSON.stringify(map));
  const run = `require('./dist/launch.cjs').launch(${JSON.stringify(file)})`;
  const args = ['--enable-source-maps', '--input-type=commonjs', '--eval', run];
  const { stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
  expect(stderr).toContain('original.ts:1');
});
