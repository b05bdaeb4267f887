/** What operations answer, and what is sent upstream for them. `UPDATE_SCENARIOS=1` writes both anew, except in CI. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { printCalls, readScenario, runScenario } from './scenario.ts';

const folder = new URL('.', import.meta.url).pathname;
const examples = new URL('../../examples/queries/', import.meta.url).pathname;
const names = readdirSync(folder).flatMap((file) => /^(.+)\.graphql$/.exec(file)?.[1] ?? []);
const updates = process.env['UPDATE_SCENARIOS'] === '1' && process.env['CI'] === undefined;

const fileOf = (name: string, kind: string) => `${folder}${name}.${kind}`;
const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

describe.each(names)('%s', (name) => {
  const scenario = readScenario(fileOf(name, 'graphql'));
  const before = scenario.before.map((each) => readScenario(fileOf(each, 'graphql')));

  test('has its answer and its calls, in both dialects', async () => {
    const plural = await runScenario(scenario, before, 'plural');
    const singular = await runScenario(scenario, before, 'singular');
    const answer = `${JSON.stringify(plural.answer, null, 2)}\n`;
    const calls = [plural, singular].map((outcome) => printCalls(outcome.calls));
    const [pluralCalls = '', singularCalls = ''] = calls;
    const printed =
      pluralCalls === singularCalls
        ? `${pluralCalls}\n`
        : `Plural dialect: ${pluralCalls}\n\nSingular dialect: ${singularCalls}\n`;
    if (updates) {
      writeFileSync(fileOf(name, 'json'), answer);
      writeFileSync(fileOf(name, 'calls'), printed);
    }
    expect(singular.answer).toEqual(plural.answer);
    expect(answer).toBe(read(fileOf(name, 'json')));
    expect(printed).toBe(read(fileOf(name, 'calls')));
  });
});

test('each example of the documentation that is a query is a scenario', () => {
  const shown = names.flatMap(
    (name) => /^# operation: .*\/(.+\.graphql)$/m.exec(read(fileOf(name, 'graphql')))?.[1] ?? [],
  );
  const queries = readdirSync(examples).filter((file) => !read(examples + file).includes('subscription '));
  expect(queries.filter((file) => !shown.includes(file))).toEqual([]);
});
