/** The objects that have a key: how each is found by it, whichever field of the root names it. */
import type { GraphQLResolveInfo } from 'graphql';
import { UpstreamError } from '../errors.ts';
import { foldName } from '../fold.ts';
import type { CustomerRecord, TenantKey, TenantReference, UserRecord } from '../model.ts';
import type { GraphContext } from './context.ts';
import type { NodeKey } from './node-id.ts';
import { selects } from './selection.ts';
import { findTenant, readTenantsAhead } from './tenant.ts';

/** Null where there is none. Fails with UpstreamError. */
export async function loadEntity(
  key: NodeKey,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<CustomerRecord | TenantReference | UserRecord | null> {
  switch (key.type) {
    case 'Customer':
      return loadCustomer(key.customerId, context, info);
    case 'Tenant':
      return findTenant(key, context, info);
    case 'User':
      return loadUser(key, context, info);
  }
}

export function loadCustomer(
  customerId: string,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<CustomerRecord | null> {
  const { planner, loaders, scope } = context;
  const isVisible = scope.viewer.customerIds?.has(foldName(customerId)) !== false;
  // Where the directory is read, its failure is reported.
  if (isVisible && selects(info, 'directory')) planner.directory(info.path).catch(() => undefined);
  // What fails is reported where it is needed.
  if (isVisible) void readTenantsAhead(customerId, context, info);
  return loaders.customer(planner.spell({ customerId }).customerId, info.path);
}

export async function loadUser(
  asked: TenantKey & { readonly userId: string },
  { planner, loaders }: GraphContext,
  info: GraphQLResolveInfo,
): Promise<UserRecord | null> {
  const key = { ...planner.spell(asked), userId: foldName(asked.userId) };
  // Where the customer's row is read, its failure is reported.
  if (selects(info, 'customerOfUser')) {
    loaders.customer(key.customerId, info.path).catch(() => undefined);
  }
  try {
    return await loaders.user(key, info.path);
  } catch (error) {
    // These ids come from the caller: a tenant that the upstream does not know has no such user.
    if (error instanceof UpstreamError && error.code === 'UPSTREAM_NOT_FOUND') return null;
    throw error;
  }
}
