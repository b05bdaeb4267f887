/** Constant time: each key is compared with all, digest by digest. */
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import * as crypto from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';

const comparisons: (readonly [left: number, right: number])[] = [];
jest.unstable_mockModule('node:crypto', () => ({
  ...crypto,
  timingSafeEqual: (left: NodeJS.ArrayBufferView, right: NodeJS.ArrayBufferView) => {
    comparisons.push([left.byteLength, right.byteLength]);
    return crypto.timingSafeEqual(left, right);
  },
}));
const { ApiKeys, hashKey } = await import('../../src/callers/api-keys.ts');

const folder = mkdtempSync(join(tmpdir(), 'constant-time-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a key is compared with each of the file, in constant time, whichever it is and if it is none', () => {
  const names = Array.from({ length: 400 }, (_, index) => `key-${index}`);
  const file = join(folder, 'keys.json');
  const entries = names.map((name) => ({ name, sha256: hashKey(name), customers: 'all' }));
  writeFileSync(file, JSON.stringify({ keys: entries }));
  const keys = new ApiKeys(file, { clock: Date.now, report: () => undefined, profiles: null });
  const asked = { first: 'key-0', middle: 'key-200', last: 'key-399', none: 'key-x', long: 'x'.repeat(4000) };
  const digestBytes = 32;
  for (const [name, key] of Object.entries(asked)) {
    comparisons.length = 0;
    const found = keys.find(key);
    expect([name, found?.viewer.name]).toEqual([name, names.includes(key) ? `key ${key}` : undefined]);
    expect([name, comparisons]).toEqual([name, names.map(() => [digestBytes, digestBytes])]);
  }
  keys.close();
});
