/** The twenty questions: each operation of the page is sent as it stands, and has an answer. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';

const page = readFileSync(new URL('../../docs/questions.md', import.meta.url), 'utf8');
const questions = page
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const [title = ''] = section.split('\n', 1);
    const [, language = '', text = ''] = /^```(graphql|sh)\n([^]*?)^```$/m.exec(section) ?? [];
    return { title, language, text };
  });

let gateway: GatewayUnderTest;
beforeAll(async () => {
  // The estate that the gateway has by default.
  const world = createGeneratedWorld({ seed: 1, customers: 40, tenantsPerCustomer: 2, usersPerTenant: 120 });
  gateway = await startGatewayUnderTest({ world });
});
afterAll(() => gateway.stop());

test('there are twenty, each with its operation or its command', () => {
  expect(questions.map(({ title }) => title.split('.', 1)[0])).toEqual(
    Array.from({ length: 20 }, (_, index) => String(index + 1)),
  );
  expect(questions.filter(({ language }) => language === '')).toEqual([]);
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
