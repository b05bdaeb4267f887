/** The executable schema: the SDL of schema/ with its resolvers. */
import { readdirSync, readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import type { RecordTypes } from '../execution/plan.ts';
import { withMarkedResolvers } from '../execution/resolver-kinds.ts';
import { Customer, DirectoryEntry } from './customer.ts';
import type { Resolvers } from './generated/resolvers.ts';
import { withFaults } from './faults.ts';
import { createFederation, Entity } from './federation.ts';
import { checkPrefetches } from './prefetch.ts';
import { ProtectionStatus } from './protection-status.ts';
import { ProtectionSummary } from './protection-summary.ts';
import { Node, Query } from './query.ts';
import { DateTime } from './scalars.ts';
import { Subscription } from './subscription.ts';
import { Tenant } from './tenant.ts';
import { User } from './user.ts';

const resolvers: Resolvers = {
  Subscription,
  Node,
  Customer,
  DirectoryEntry,
  Tenant,
  User,
  ProtectionStatus,
  ProtectionSummary,
  DateTime,
  _Entity: Entity,
};

/** Types whose objects are rows as they were decoded, parts of them, or references to them: none ever changes. */
export const recordTypes: RecordTypes = new Map([
  ['Customer', 'row'],
  ['DirectoryEntry', 'row'],
  ['User', 'row'],
  ['ProtectionStatus', 'row'],
  ['ProtectionModuleStatus', 'part'],
  ['Tenant', 'part'],
]);

/** The same distance from src/graph/ and from dist/graph/. */
const schemaFolder = new URL('../../schema/', import.meta.url);

/** @param hasIntrospection whether callers may ask for the schema itself, as federation gateways do */
export function createGraphSchema({ hasIntrospection = true } = {}): GraphQLSchema {
  const typeDefs = readdirSync(schemaFolder)
    .filter((file) => file.endsWith('.graphql'))
    .map((file) => readFileSync(new URL(file, schemaFolder), 'utf8'));
  const federation = createFederation(hasIntrospection ? typeDefs.join('\n') : null);
  const all = { ...resolvers, Query: { ...Query, ...federation } };
  const schema = makeExecutableSchema({
    typeDefs,
    resolvers: all,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  });
  checkPrefetches(schema);
  return withFaults(withMarkedResolvers(schema, all), recordTypes.keys());
}
