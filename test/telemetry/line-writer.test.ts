/** Lines to disks that are full, slow or gone: bounded, counted, reported once, and written again when that is possible. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LineWriter, maxWaitingLength } from '../../src/telemetry/line-writer.ts';
import { until } from '../until.ts';

const folder = mkdtempSync(join(tmpdir(), 'lines-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let files = 0;
const newFile = () => join(folder, String(files++));

function writerTo(open: () => number) {
  const reports: (string | number)[] = [];
  const writer = new LineWriter({
    open,
    onFailure: (error) =>
      reports.push(error === null ? 'behind' : ((error as NodeJS.ErrnoException).code ?? '')),
    onRecovery: (dropped) => reports.push(dropped),
  });
  return { writer, reports };
}

/** A pipe that is not read yet. */
function newPipe() {
  const path = newFile();
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { path, reader, open: () => openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) };
}

describe('a file', () => {
  test('gets all lines in their order, whenever they are written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.string({ maxLength: 300, unit: 'grapheme' }), fc.boolean()), { maxLength: 60 }),
        async (lines) => {
          const file = newFile();
          const { writer, reports } = writerTo(() => openSync(file, 'a'));
          for (const [line, isPause] of lines) {
            writer.write(`${line}\n`);
            if (isPause) await new Promise((resolve) => setImmediate(resolve));
          }
          await writer.end(60_000);
          expect(readFileSync(file, 'utf8')).toBe(lines.map(([line]) => `${line}\n`).join(''));
          expect([writer.dropped, reports]).toEqual([0, []]);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('is begun anew after it was moved away', async () => {
    const [file, moved] = [newFile(), newFile()];
    const { writer } = writerTo(() => openSync(file, 'a'));
    writer.write('one\n');
    await writer.end(60_000);
    renameSync(file, moved);
    writer.write('two\n');
    await writer.end(60_000);
    writer.reopen();
    writer.write('three\n');
    await writer.end(60_000);
    expect([readFileSync(moved, 'utf8'), readFileSync(file, 'utf8')]).toEqual(['one\ntwo\n', 'three\n']);
  });

  test('goes on in the old one as long as it can’t be begun anew', async () => {
    const [file, next] = [newFile(), newFile()];
    let outcome: 'file' | 'none' | 'next' = 'file';
    const { writer, reports } = writerTo(() => {
      if (outcome === 'none') throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return openSync(outcome === 'file' ? file : next, 'a');
    });
    outcome = 'none';
    writer.reopen();
    writer.write('one\n');
    await until(() => readFileSync(file, 'utf8') === 'one\n');
    expect(reports).toEqual(['ENOENT']);
    outcome = 'next';
    await until(() => existsSync(next));
    writer.write('two\n');
    await until(() => reports.length === 2);
    expect([readFileSync(file, 'utf8'), readFileSync(next, 'utf8')]).toEqual(['one\n', 'two\n']);
    expect(reports).toEqual(['ENOENT', 0]);
    await writer.end(60_000);
  });
});

describe('a full disk', () => {
  const openFull = () => openSync('/dev/full', 'w');

  test('is reported once, and lines beyond the bound are dropped and counted', async () => {
    const { writer, reports } = writerTo(openFull);
    const line = `${'x'.repeat(999)}\n`;
    const count = 3 * (maxWaitingLength / 1000);
    for (let index = 0; index < count; index++) writer.write(line);
    await writer.end(60_000);
    for (let index = 0; index < count; index++) writer.write(line);
    await writer.end(60_000);
    // One that waits is in the write that failed.
    expect(writer.dropped).toBeGreaterThan(2 * count - maxWaitingLength / 1000 - 100);
    expect(reports).toHaveLength(1);
  });

  test('does not delay the end', async () => {
    const { writer } = writerTo(openFull);
    writer.write('x\n');
    const longest = 3_600_000;
    await writer.end(longest);
    await writer.end(longest);
    expect(writer.dropped).toBe(0);
  });

  test('that has room again gets what waited, and says how many lines it lacks', async () => {
    const file = newFile();
    let isFull = true;
    // As if it were one file.
    const { writer, reports } = writerTo(() => openSync(isFull ? '/dev/full' : file, 'a'));
    const line = (index: number) => `${String(index).padStart(1000)}\n`;
    const count = 6000;
    for (let index = 0; index < count; index++) writer.write(line(index));
    await until(() => reports.length === 1);
    isFull = false;
    writer.reopen();
    await until(() => reports.length === 2);
    const written = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    expect(written.map(Number)).toEqual(written.map((_, index) => index));
    expect(written.length + writer.dropped).toBe(count);
    expect(reports[1]).toBe(writer.dropped);
    expect(writer.dropped).toBeGreaterThan(0);
  });
});

describe('a pipe', () => {
  test('whose reader is behind is no failure, until lines are dropped', async () => {
    const { open: openPipe } = newPipe();
    const { writer, reports } = writerTo(openPipe);
    const line = `${'x'.repeat(999)}\n`;
    for (let index = 0; index < 500; index++) writer.write(line);
    await writer.end(200);
    expect([reports, writer.dropped]).toEqual([[], 0]);
    for (let index = 0; index < 2 * (maxWaitingLength / 1000); index++) writer.write(line);
    expect(reports).toEqual(['behind']);
    expect(writer.dropped).toBeGreaterThan(0);
    await writer.end(200);
  });

  test('whose reader catches up gets everything', async () => {
    const { path, open: openPipe } = newPipe();
    const { writer } = writerTo(openPipe);
    const lines = Array.from({ length: 2000 }, (_, index) => `${String(index).padStart(200)}\n`);
    for (const line of lines) writer.write(line);
    const file = await open(path, 'r');
    const ended = writer.end(60_000);
    let text = '';
    while (text.length < lines.join('').length) {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(65_536) });
      text += buffer.subarray(0, bytesRead).toString();
    }
    await ended;
    await file.close();
    expect(text).toBe(lines.join(''));
  });

  test('whose reader is gone is reported once', async () => {
    const { reader, open: openPipe } = newPipe();
    const { writer, reports } = writerTo(openPipe);
    closeSync(reader);
    writer.write('x\n');
    await until(() => reports.length === 1);
    writer.write('y\n');
    await writer.end(60_000);
    expect(reports).toEqual(['EPIPE']);
  });
});
