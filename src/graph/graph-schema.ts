/** The executable schema: the SDL of schema/ with resolvers. */
import { readdirSync, readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { isObjectType, type GraphQLSchema } from 'graphql';
import { PackageError } from '../errors.ts';
import type { RecordTypes } from '../execution/plan.ts';
import { checkCollections, collections } from '../endpoint/collections.ts';
import { withMarkedResolvers } from '../execution/resolver-kinds.ts';
import { withFaults } from './field-faults.ts';
import { createFederation } from './federation.ts';
import { packageFolder } from '../package-folder.ts';
import { checkPrefetches } from './prefetch.ts';
import { resolvers } from './resolvers.ts';

/** Types whose objects are immutable: decoded rows, parts of rows, or references to them. */
export const recordTypes: RecordTypes = new Map([
  ...Object.values(collections).map(({ kind }) => [kind, 'row'] as const),
  ['DirectoryEntry', 'row'],
  ['ProtectionModuleStatus', 'part'],
  ['Tenant', 'part'],
]);

const schemaFolder = new URL('schema/', packageFolder);

/** @param hasIntrospection whether the schema can be queried, as by federation gateways */
export function createGraphSchema({ hasIntrospection = true } = {}): GraphQLSchema {
  const typeDefs = readTypeDefs();
  const federation = createFederation(hasIntrospection ? typeDefs.join('\n') : null);
  const all = { ...resolvers, Query: { ...resolvers.Query, ...federation } };
  const schema = makeExecutableSchema({
    typeDefs,
    resolvers: all,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
    // test/graph/schema.test.ts validates the files; to validate them at each start takes time.
    assumeValidSDL: true,
  });
  checkCollections();
  checkRecordTypes(schema);
  checkPrefetches(schema);
  return withFaults(withMarkedResolvers(schema, all), recordTypes.keys());
}

function readTypeDefs(): string[] {
  try {
    const files = readdirSync(schemaFolder).filter((file) => file.endsWith('.graphql'));
    if (files.length > 0) return files.map((file) => readFileSync(new URL(file, schemaFolder), 'utf8'));
  } catch {
    // Reported below, like an empty folder.
  }
  throw new PackageError(
    "This copy of the gateway is not complete: the files of the folder schema, beside dist, are missing or can't be read.",
  );
}

/** @throws Error if the schema lacks the type of a collection's rows */
export function checkRecordTypes(schema: GraphQLSchema): void {
  const missing = [...recordTypes.keys()].find((name) => !isObjectType(schema.getType(name)));
  if (missing === undefined) return;
  throw new Error(
    `The schema has no type ${missing}, which a collection's \`kind\` or recordTypes in graph-schema.ts names.`,
  );
}
