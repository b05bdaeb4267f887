/** What the page of exports lists. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { exportLists } from '../../src/exports/lists.ts';

const page = readFileSync(new URL('../../docs/exports.md', import.meta.url), 'utf8');

/** The names of a line, `the modules` written out. */
function namesOf(line: RegExp): string[] {
  const namesIn = (text: string) => [...text.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
  const [, modules = '', other = ''] = /^The modules are (.*?): .*? (`otherModules`)/m.exec(page) ?? [];
  const [, listed = ''] = line.exec(page) ?? [];
  return namesIn(listed.replace('the modules', `${modules} ${other}`));
}

test.each([
  ['users', 'Users'],
  ['protection-statuses', 'Protection rows'],
] as const)('the columns of %s', (list, title) => {
  const { columns, defaultColumns } = exportLists[list];
  expect(namesOf(new RegExp(`^${title}: (.*)$`, 'm'))).toEqual(columns);
  expect(namesOf(new RegExp(`^- ${title}: (.*)$`, 'm'))).toEqual(defaultColumns);
});
