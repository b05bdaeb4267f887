/** The code that the build has compiled is what a start runs, and only if it belongs to the source. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { root } from '../ended-process.ts';

const copy = mkdtempSync(join(tmpdir(), 'bundle-'));
beforeAll(() => {
  for (const name of ['package.json', 'schema', 'mcp', 'dist'])
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !/\.map$|dist\/(modules|bench|docs|graphiql)/.test(path),
    });
});
afterAll(() => {
  rmSync(copy, { recursive: true });
});

/** What a gateway writes until it is ready, and from then to its end. */
async function outputOf(folder: string, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', SHUTDOWN_DELAY_MS: '0' },
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

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: { readonly start: string };
};
const image = /^CMD (\[.*\])$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))?.[1] ?? '[]';

const countScripts = `
  const codes = { accepted: 0, refused: [] };
  process.on('exit', () => console.error('codes ' + JSON.stringify(codes)));
  require('./dist/launch.cjs').launch(require.resolve('./dist/main.cjs'), (file, { cachedDataRejected }) => {
    if (cachedDataRejected === false) codes.accepted += 1;
    else codes.refused.push(file);
  });`;

describe('the compiled code', () => {
  test.each([
    ['npm start', scripts.start.split(' ')],
    ['the image', JSON.parse(image) as string[]],
  ])('serves all files of a start with the flags of %s', async (_what, command) => {
    const flags = command.filter((word) => word.startsWith('--'));
    const output = await outputOf(root, ...flags, '--input-type=commonjs', '--eval', countScripts);
    const codes = JSON.parse(/^codes (.*)$/m.exec(output)?.[1] ?? '{}') as Record<string, unknown>;
    expect(codes).toEqual({ accepted: expect.any(Number), refused: [] });
    expect(codes['accepted']).toBeGreaterThan(5);
  });

  test('is not used for another source of the same length', async () => {
    const file = join(copy, 'dist', 'main.cjs');
    const source = readFileSync(file, 'utf8');
    expect(source).toContain('is ready: ');
    writeFileSync(file, source.replace('is ready: ', 'is altered'));
    expect(await outputOf(copy, '--max-semi-space-size=24', 'dist/main.js')).toContain('is altered');
    writeFileSync(file, source);
  });

  test.each([
    [
      'cut',
      (file: string) => {
        truncateSync(file, 1000);
      },
    ],
    [
      'empty',
      (file: string) => {
        truncateSync(file);
      },
    ],
    [
      'absent',
      (file: string) => {
        rmSync(file);
      },
    ],
  ])('may be %s', async (_what, spoil) => {
    const file = join(copy, 'dist', 'chunks', 'gateway.cjs.code');
    const code = readFileSync(file);
    spoil(file);
    const output = await outputOf(copy, '--max-semi-space-size=24', 'dist/main.js');
    expect(output).toContain('is ready');
    expect(output).not.toMatch(/rror/);
    writeFileSync(file, code);
  });

  test('of other flags is not used', async () => {
    expect(await outputOf(copy, '--max-old-space-size=500', 'dist/main.js')).toContain('is ready');
  });
});

test('with --enable-source-maps, a stack names the original file', () => {
  const file = join(copy, 'dist', 'throws.cjs');
  writeFileSync(file, 'throw new Error("thrown");\n//# sourceMappingURL=throws.cjs.map\n');
  const map = { version: 3, file: 'throws.cjs', sources: ['original.ts'], names: [], mappings: 'AAAA' };
  writeFileSync(`${file}.map`, JSON.stringify(map));
  const run = `require('./dist/launch.cjs').launch(${JSON.stringify(file)})`;
  const { stderr } = spawnSync(
    process.execPath,
    ['--enable-source-maps', '--input-type=commonjs', '--eval', run],
    { cwd: copy, encoding: 'utf8' },
  );
  expect(stderr).toContain('original.ts:1');
});
