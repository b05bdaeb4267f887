import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { errorCodes } from '../src/errors.ts';

test('docs/errors.md has every code of the table, with its retryability, and no other', () => {
  const document = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...document.matchAll(/^\| `([A-Z_]+)`\s+\| (yes|no)\s+\|/gm)].map(([, code, retryable]) => [
    code,
    retryable,
  ]);
  expect(rows).toEqual(
    Object.entries(errorCodes).map(([code, { retryable }]) => [code, retryable ? 'yes' : 'no']),
  );
});
