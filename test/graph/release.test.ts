/** The schema against that of the last release: what breaks those who ask is told in the changelog, or is not done. */
import { readFileSync } from 'node:fs';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { describe, expect, test } from '@jest/globals';
import { buildSchema, printSchema, type GraphQLSchema } from 'graphql';
import { createGraphSchema } from '../../src/graph/graph-schema.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { version } = JSON.parse(read('package.json')) as { readonly version: string };
const released = buildSchema(read(`schema/released/${version}.graphql`));
const unreleased = /^## Unreleased$([^]*?)^## /m.exec(read('CHANGELOG.md'))?.[1] ?? '';

/** The places of breaking changes that no line of the changelog tells of, as ``Breaking: `Type.field` ``. */
async function untold(from: GraphQLSchema, to: GraphQLSchema, changelog: string): Promise<string[]> {
  const changes = await diff(from, to);
  return changes
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ path, message }) => path ?? message)
    .filter((path) => !changelog.includes(`Breaking: \`${path}\``));
}

test('breaks nothing of the last release without saying so', async () => {
  expect(await untold(released, buildSchema(read('schema.graphql')), unreleased)).toEqual([]);
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
  ])('notices %s, and takes it where the changelog tells', async (_what, from, to, path) => {
    // With the descriptions left out.
    const bare = sdl.replace(/"""[^]*?"""\n/g, '').replace(/^ *"[^"]*"\n/gm, '');
    const changed = buildSchema(bare.replace(from, to));
    expect(await untold(buildSchema(bare), changed, '')).toContain(path);
    expect(await untold(buildSchema(bare), changed, `- Breaking: \`${path}\` …`)).not.toContain(path);
  });
});
