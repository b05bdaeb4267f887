/** Loads tenants, and the lists below them. */
import type { GraphQLResolveInfo } from 'graphql';
import { isId } from '../endpoint/id.ts';
import { pure } from '../execution/resolver-kinds.ts';
import { foldName } from '../fold.ts';
import type {
  CustomerRecord,
  ProtectionStatusRecord,
  TenantKey,
  TenantRecord,
  TenantReference,
  UserRecord,
} from '../model.ts';
import type { FieldPath } from '../scope.ts';
import { assertAddress, assertAddresses, assertIds, distinctAddresses, distinctIds } from './id-arguments.ts';
import type { GraphContext } from './context.ts';
import { errorOfField } from './field-faults.ts';
import { connectList, isPlain, findById, type RowQuery } from './filtered-connection.ts';
import type { TenantResolvers } from './generated/resolvers.ts';
import { globalIdOf, summaryIdOf } from './node-id.ts';
import { selectedSummaries } from './selected-summaries.ts';
import { prefetches } from './prefetch.ts';
import {
  readsAllUsers,
  protectionStatusPredicate,
  protectionStatusOrder,
} from './protection-status-filter.ts';
import { resolveAhead, selectedFields, selectedNames, selects } from './selection.ts';
import { readsAllProtection, userPredicate, userOrder } from './user-filter.ts';

export const Tenant = {
  id: pure(globalIdOf),
  name: async (reference, _arguments, context, { path }) => {
    const tenant = reference.name === undefined ? await loadTenant(reference, context, path) : reference;
    const error = tenant?.name === null ? errorOfField(tenant, 'name') : undefined;
    if (error !== undefined) throw error;
    return tenant?.name ?? null;
  },
  customer: ({ customerId }, _arguments, { loaders }, { path }) => loaders.customer(customerId, path),
  users: (tenant, { userIds, filter, orderBy, ...window }, { planner, loaders }, info) => {
    const { customerId, tenantId } = tenant;
    const reader = planner.tenant(tenant).users;
    if (userIds) assertIds('userIds', userIds);
    const query: RowQuery<UserRecord, ProtectionStatusRecord> = {
      predicate: userPredicate(filter),
      order: userOrder(orderBy),
      join: (users) => loaders.protectionOfUsers(users, () => info.path),
      joined: planner.tenant(tenant).protectionStatuses,
      planner,
    };
    const prefetchesProtection = isPlain(query)
      ? selects(info, 'protection')
      : readsAllProtection(filter, orderBy);
    return connectList(
      {
        reader,
        name: { list: ['users', ...[customerId, tenantId].map(foldName)], filter, orderBy },
        query,
        keys: userIds ? { names: distinctIds(userIds), find: findById(reader, info.path) } : null,
        prefetchJoin: prefetchesProtection && !userIds ? planner.tenant(tenant).protectionStatuses : null,
      },
      window,
      info,
    );
  },
  user: ({ customerId, tenantId }, { email }, { loaders }, { path }) => {
    assertAddress('email', email);
    return loaders.userByAddress({ customerId, tenantId, address: email }, path);
  },
  protectionStatuses: (tenant, { emails, filter, orderBy, ...window }, { planner, loaders }, info) => {
    const { customerId, tenantId } = tenant;
    if (emails) assertAddresses('emails', emails);
    return connectList<ProtectionStatusRecord, UserRecord>(
      {
        reader: planner.tenant(tenant).protectionStatuses,
        name: { list: ['protectionStatuses', ...[customerId, tenantId].map(foldName)], filter, orderBy },
        query: {
          predicate: protectionStatusPredicate(filter),
          order: protectionStatusOrder(orderBy),
          join: (rows) => loaders.usersOfProtectionStatuses(rows, () => info.path),
          joined: planner.tenant(tenant).users,
          planner,
        },
        keys: emails
          ? {
              names: distinctAddresses(emails),
              find: (addresses) =>
                Promise.all(
                  addresses.map((address) =>
                    loaders.protectionStatusByAddress({ customerId, tenantId, address }, info.path),
                  ),
                ),
            }
          : null,
        prefetchJoin: readsAllUsers(filter) && !emails ? planner.tenant(tenant).users : null,
      },
      window,
      info,
    );
  },
  protectionSummary: async (tenant, { users }, { summaryLoader }, info) => {
    const selected = selectedSummaries(users, info);
    const summaries = await summaryLoader.tenant(tenant, selected.populations, info.path);
    const id = summaryIdOf([tenant.customerId, tenant.tenantId], selected.own.name);
    return { ...selected.summaryOf(summaries), id };
  },
} satisfies TenantResolvers;

const listNames: ReadonlySet<string> = new Set(prefetches.listsOfTenant.paths);
const idNames: ReadonlySet<string> = new Set(prefetches.idsOfTenant.paths);

/**
 * Loads a tenant by ids that the caller sent. Its lists are read without waiting for the customer's row. Any row in them
 * proves that the tenant exists: this saves a call if only lists are selected, and keeps the lists if the call fails.
 */
export async function findTenant(
  key: TenantKey,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<TenantReference | null> {
  const { customerId, tenantId } = context.planner.spell(key);
  const tenant: TenantReference = { kind: 'Tenant', customerId, tenantId };
  const names = selectedNames(info, 'Tenant');
  const isListsAlone = [...names].every((name) => listNames.has(name) || idNames.has(name));
  const lists = readListsAhead(tenant, context, info);
  const isProven = async () => {
    await lists;
    return context.planner.hasRows(tenant);
  };
  if (isListsAlone && (await isProven())) return tenant;
  try {
    return await loadTenant(tenant, context, info.path);
  } catch (error) {
    if (await isProven()) return tenant;
    throw error;
  }
}

/** Prefetches the selected lists of a tenant without cached rows; resolves when they are read. */
async function readListsAhead(
  tenant: TenantReference,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<void> {
  if (!context.planner.hasRows(tenant)) await resolveAhead('Tenant', listNames, tenant, context, info);
}

/** Prefetches the lists of the tenants selected below a customer, in parallel with the customer's row. */
export async function readTenantsAhead(
  customerId: string,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<void> {
  await Promise.allSettled(
    selectedFields('Customer', tenantNames, info).map(async ({ argumentsOf, info: below }) => {
      const { tenantId } = argumentsOf();
      if (typeof tenantId !== 'string' || !isId(tenantId)) return;
      const key = context.planner.spell({ customerId, tenantId });
      await readListsAhead({ kind: 'Tenant', ...key }, context, below);
    }),
  );
}

const tenantNames: ReadonlySet<string> = new Set(['tenant']);

async function loadTenant(
  { customerId, tenantId }: TenantKey,
  { loaders }: GraphContext,
  cause: FieldPath,
): Promise<TenantRecord | null> {
  const customer = await loaders.customer(customerId, cause);
  return customer === null ? null : tenantOf(customer, tenantId);
}

/** @throws FieldError if the tenant may be among the customer's malformed ones */
export function tenantOf(customer: CustomerRecord, tenantId: string): TenantRecord | null {
  const tenant = listedTenantOf(customer, tenantId);
  const error = tenant === null ? errorOfField(customer, 'tenants') : undefined;
  if (error !== undefined) throw error;
  return tenant;
}

export function listedTenantOf({ tenants }: CustomerRecord, tenantId: string): TenantRecord | null {
  const id = foldName(tenantId);
  return tenants.find((tenant) => foldName(tenant.tenantId) === id) ?? null;
}

/** Each row's tenant with ids in the upstream's spelling, which may have been unknown when the rows were read. */
export function tenantsOfRows(
  rows: readonly TenantKey[],
  { planner }: Pick<GraphContext, 'planner'>,
): TenantReference[] {
  let latest: TenantKey | undefined;
  let tenant: TenantReference | undefined;
  return rows.map(({ customerId, tenantId }) => {
    if (tenant === undefined || latest?.tenantId !== tenantId || latest.customerId !== customerId) {
      latest = { customerId, tenantId };
      tenant = { kind: 'Tenant', ...planner.spell(latest) };
    }
    return tenant;
  });
}
