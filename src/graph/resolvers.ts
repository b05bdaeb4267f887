/** Resolvers of the schema's types; the compiler checks that no field is missing. */
import type { None, UnresolvedField } from './complete-resolvers.ts';
import { Customer, DirectoryEntry } from './customer.ts';
import { Entity, type createFederation } from './federation.ts';
import type { Resolvers } from './generated/resolvers.ts';
import { MissingTenant, ProtectionReportTenant, ProtectionStatus, ProtectionSummary } from './protection.ts';
import { UserGroup } from './groups.ts';
import { Node, Query } from './query.ts';
import { DateTime } from './scalars.ts';
import { Subscription } from './subscription.ts';
import { Tenant } from './tenant.ts';
import { User } from './user.ts';

export const resolvers = {
  Subscription,
  Node,
  Customer,
  DirectoryEntry,
  Tenant,
  User,
  ProtectionStatus,
  ProtectionSummary,
  ProtectionReportTenant,
  UserGroup,
  MissingTenant,
  DateTime,
  _Entity: Entity,
  Query,
} satisfies Resolvers;

/**
 * A compiler error here names fields: add a property to the record in model.ts, or a resolver in src/graph/.
 *
 * @public only the compiler reads it
 */
export type Unresolved = None<
  UnresolvedField<typeof resolvers & { readonly Query: ReturnType<typeof createFederation> }>
>;
