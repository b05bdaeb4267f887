/** Objects with a key, and how each is loaded by it. */
import type { GraphQLResolveInfo } from 'graphql';
import { UpstreamError } from '../errors.ts';
import { foldName } from '../fold.ts';
import type {
  CustomerRecord,
  DirectoryEntryRecord,
  ProtectionStatusRecord,
  TenantKey,
  TenantReference,
  UserRecord,
} from '../model.ts';
import { readWhole } from '../planner/list-reader.ts';
import { isAddress } from './id-arguments.ts';
import type { GraphContext } from './context.ts';
import { globalIdOf, type EntityKey, type NodeKey, type NodeRecord } from './node-id.ts';
import { selects } from './selection.ts';
import { findTenant, readTenantsAhead } from './tenant.ts';

/** Null if the object does not exist. Rejects with UpstreamError. */
export async function loadNode(
  key: NodeKey,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<NodeRecord | null> {
  switch (key.type) {
    case 'DirectoryEntry':
      return loadDirectoryEntry(key.customerId, context, info);
    case 'ProtectionStatus':
      return loadProtectionStatus(key, context, info);
    case 'Customer':
    case 'Tenant':
    case 'User':
      return loadEntity(key, context, info);
  }
}

/** `loadNode` for the types that other subgraphs refer to. */
export async function loadEntity(
  key: EntityKey,
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
  // The field that reads the directory reports its failure.
  if (isVisible && selects(info, 'directory')) planner.directory(info.path).catch(() => undefined);
  // The fields that need the tenants report a failure.
  if (isVisible) void readTenantsAhead(customerId, context, info);
  return loaders.customer(planner.spell({ customerId }).customerId, info.path);
}

export async function loadUser(
  { userId, ...tenantKey }: TenantKey & { readonly userId: string },
  { planner, loaders }: GraphContext,
  info: GraphQLResolveInfo,
): Promise<UserRecord | null> {
  const key = { ...planner.spell(tenantKey), userId: foldName(userId) };
  // The field that reads the customer's row reports its failure.
  if (selects(info, 'customerOfUser')) {
    loaders.customer(key.customerId, info.path).catch(() => undefined);
  }
  return nullIfUnknown(loaders.user(key, info.path));
}

export async function loadDirectoryEntry(
  customerId: string,
  { planner }: GraphContext,
  { path }: GraphQLResolveInfo,
): Promise<DirectoryEntryRecord | null> {
  const directory = await planner.directory(path);
  const id = foldName(customerId);
  return directory.find((entry) => foldName(entry.customerId) === id) ?? null;
}

async function loadProtectionStatus(
  { id, address, ...key }: Extract<NodeKey, { type: 'ProtectionStatus' }>,
  { planner, loaders }: GraphContext,
  { path }: GraphQLResolveInfo,
): Promise<ProtectionStatusRecord | null> {
  const tenant = planner.spell(key);
  const isTheRow = (row: ProtectionStatusRecord | null) => row !== null && globalIdOf(row) === id;
  const first = isAddress(address)
    ? await nullIfUnknown(loaders.protectionStatusByAddress({ ...tenant, address }, path))
    : null;
  if (isTheRow(first)) return first;
  // Otherwise another row comes first for this address, or the row has no address.
  if (first === null && address !== '') return null;
  const whole = await nullIfUnknown(
    Promise.resolve(readWhole(planner.tenant(tenant).protectionStatuses, path)),
  );
  return whole?.rows.find(isTheRow) ?? null;
}

/** Null for a tenant that the upstream does not know, since ids come from the caller. */
async function nullIfUnknown<Row>(loading: Promise<Row>): Promise<Row | null> {
  try {
    return await loading;
  } catch (error) {
    if (error instanceof UpstreamError && error.code === 'UPSTREAM_NOT_FOUND') return null;
    throw error;
  }
}
