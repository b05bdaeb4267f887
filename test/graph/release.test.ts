/** Breaking changes since the last release are declared in the changelog. */
import { readdirSync, readFileSync } from 'node:fs';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { describe, expect, test } from '@jest/globals';
import { buildSchema, printSchema, type GraphQLSchema } from 'graphql';
import { createGraphSchema } from '../../src/graph/graph-schema.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const [version = ''] = readdirSync(new URL('../../schema/released/', import.meta.url))
  .map((file) => file.replace(/\.graphql$/, ''))
  .sort((one, other) => other.localeCompare(one, 'en', { numeric: true }));
const released = buildSchema(read(`schema/released/${version}.graphql`));
/** What the changelog says of all that has come since. */
const [sinceThen = ''] = read('CHANGELOG.md').split(`\n## ${version}`);

/** The places of breaking changes that no line of the changelog declares, as ``Breaking: `Type.field` ``. */
async function undeclared(from: GraphQLSchema, to: GraphQLSchema, changelog: string): Promise<string[]> {
  const changes = await diff(from, to);
  return changes
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ path, message }) => path ?? message)
    .filter((path) => !changelog.includes(`Breaking: \`${path}\``));
}

test('breaks nothing of the last release without saying so', async () => {
  expect(await undeclared(released, buildSchema(read('schema.graphql')), sinceThen)).toEqual([]);
});

test('is printed as it is', async () => {
  const printed = buildSchema(read('schema.graphql'));
  const changes = await diff(printed, createGraphSchema());
  expect(changes.filter(({ type }) => !String(type).startsWith('DIRECTIVE_USAGE_'))).toEqual([]);
});

describe('the check', () => {
  const sdl = printSchema(released);
  test.each([
    ['a field that is gone', 'organization: String\n', '', 'Customer.organization'],
    ['a field that may be null now', 'customerId: ID!\n', 'customerId: ID\n', 'Customer.customerId'],
    ['an enum value that is gone', 'WORKING\n', '', 'JobStatus.WORKING'],
    ['an argument that is needed now', 'first: Int', 'first: Int!', 'Query.customers.first'],
  ])('notices %s, and accepts it if the changelog declares it', async (_what, from, to, path) => {
    // With the descriptions left out.
    const bare = sdl.replace(/"""[^]*?"""\n/g, '').replace(/^ *"[^"]*"\n/gm, '');
    const changed = buildSchema(bare.replace(from, to));
    expect(await undeclared(buildSchema(bare), changed, '')).toContain(path);
    expect(await undeclared(buildSchema(bare), changed, `- Breaking: \`${path}\` …`)).not.toContain(path);
  });
});
