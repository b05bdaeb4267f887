/** The twenty questions: each operation of the page is sent as it stands, and has an answer. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Kind, parse, visit } from 'graphql';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { useGateway } from '../use-gateway.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const page = read('docs/questions.md');
const questions = page
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const [title = ''] = section.split('\n', 1);
    const [, language = '', text = ''] = /^```(graphql|sh)\n([^]*?)^```$/m.exec(section) ?? [];
    return { title, language, text };
  });

const gateway = useGateway(() => {
  // The estate that the gateway has by default.
  const world = createGeneratedWorld({ seed: 1, customers: 40, tenantsPerCustomer: 2, usersPerTenant: 120 });
  return { world };
});

test('there are twenty, each with its operation or its command', () => {
  expect(questions.map(({ title }) => title.split('.', 1)[0])).toEqual(
    Array.from({ length: 20 }, (_, index) => String(index + 1)),
  );
  expect(questions.filter(({ language }) => language === '')).toEqual([]);
});

test('each list that may be cut says how many rows it has', () => {
  for (const { title, language, text } of questions) {
    if (language !== 'graphql') continue;
    visit(parse(text), {
      SelectionSet: ({ selections }) => {
        const names = selections.map((each) => (each.kind === Kind.FIELD ? each.name.value : ''));
        if (names.includes('nodes'))
          expect([title, names]).toEqual([title, expect.arrayContaining(['totalCount'])]);
      },
    });
  }
});

test('active users and seats are the same everywhere', () => {
  const filters = read('docs/filters.md');
  const defined = (word: string) => new RegExp(`\\*\\*${word}\\*\\*.*\`(.*)\``).exec(filters)?.[1] ?? '';
  const [active, seat] = [defined('Active users'), defined('A seat')];
  expect([active, seat]).toEqual([
    expect.stringMatching(/^status: /),
    expect.stringMatching(/^protection: /),
  ]);
  const folder = 'examples/queries';
  const pages = [
    ...['docs/questions.md', 'docs/filters.md', 'docs/reports.md', 'docs/exports.md'],
    ...readdirSync(new URL(`../../${folder}`, import.meta.url)).map((file) => `${folder}/${file}`),
  ];
  for (const path of pages) {
    const text = read(path);
    // A single status, of which one is asked for, is no definition.
    for (const [filter = ''] of text.matchAll(/status: \{ none: \[\w[^}]*\}/g))
      expect([path, filter]).toEqual([path, active]);
    for (const [filter = ''] of text.matchAll(/protection: \{ (?:states?: |isProtected: true)[^}]*\}/g)) {
      if (filter.includes('PROTECTED') && !filter.includes('NOT') && !filter.includes('UNPROTECTED'))
        expect([path, filter]).toEqual([path, seat]);
      expect(filter).not.toContain('isProtected: true');
    }
  }
  const dashboard = read('examples/dashboard/user-filter.ts')
    .replaceAll(/'|,$/gm, '')
    .replaceAll(/,(?=\s*\})/g, '');
  expect(dashboard).toContain(active);
});

/** The lists of an answer that its operation asks for by `nodes`. */
function listsOf(value: unknown): unknown[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, below]) => [
    ...(name === 'nodes' && Array.isArray(below) ? [below as unknown[]] : []),
    ...listsOf(below),
  ]);
}

test.each(questions.filter(({ text }) => text.startsWith('query')))('$title', async ({ text }) => {
  const { data, errors } = await gateway.queryText(text);
  expect(errors).toBeUndefined();
  expect(JSON.stringify(data)).not.toContain('"isComplete":false');
  for (const list of listsOf(data)) expect(list).not.toEqual([]);
});

test.each(questions.filter(({ text }) => text.startsWith('subscription')))('$title', async ({ text }) => {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: text }),
  });
  const events = await response.text();
  expect(events).not.toContain('"errors"');
  expect(events).toMatch(/"totals":\{"userCount":[1-9]/);
});
