/** The objects that have a key: how each is found by it, whichever field of the root names it. */
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

/** Null where there is none. Fails with UpstreamError. */
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

/** As `loadNode`, of the types that other subgraphs refer to. */
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
  { id, address, ...asked }: Extract<NodeKey, { type: 'ProtectionStatus' }>,
  { planner, loaders }: GraphContext,
  { path }: GraphQLResolveInfo,
): Promise<ProtectionStatusRecord | null> {
  const tenant = planner.spell(asked);
  const isTheRow = (row: ProtectionStatusRecord | null) => row !== null && globalIdOf(row) === id;
  const first = isAddress(address)
    ? await nullIfUnknown(loaders.protectionStatusByAddress({ ...tenant, address }, path))
    : null;
  if (isTheRow(first)) return first;
  // Another row has the address as well, and stands before it; or the row has no address.
  if (first === null && address !== '') return null;
  const whole = await nullIfUnknown(
    Promise.resolve(readWhole(planner.tenant(tenant).protectionStatuses, path)),
  );
  return whole?.rows.find(isTheRow) ?? null;
}

/** Ids come from the caller: a tenant that the upstream does not know has no rows. */
async function nullIfUnknown<Row>(loading: Promise<Row>): Promise<Row | null> {
  try {
    return await loading;
  } catch (error) {
    if (error instanceof UpstreamError && error.code === 'UPSTREAM_NOT_FOUND') return null;
    throw error;
  }
}
