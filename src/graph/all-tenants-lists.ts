/** Users and protection rows of all tenants, for one customer or many. */
import type { GraphQLResolveInfo } from 'graphql';
import { tenantCollections } from '../endpoint/collections.ts';
import { foldName } from '../fold.ts';
import type { CustomerRecord, ProtectionStatusRecord, UserRecord } from '../model.ts';
import { protectionJoin, userJoin } from '../planner/row-keys.ts';
import type { Connection, ConnectionArguments } from './connection.ts';
import type { GraphContext } from './context.ts';
import { selectCustomers } from './customer-filter.ts';
import { unlistedTenants } from '../reporting/unlisted-tenants.ts';
import { connectAllTenants, type AllTenantsList } from './all-tenants-connection.ts';
import type {
  CustomerFilter,
  ProtectionStatusFilter,
  ProtectionStatusOrder,
  UserFilter,
  UserOrder,
} from './generated/resolvers.ts';
import {
  readsAllUsers,
  protectionStatusPredicate,
  protectionStatusOrder,
} from './protection-status-filter.ts';
import { selectionPurpose } from './selected-summaries.ts';
import { readsAllProtection, userPredicate, userOrder } from './user-filter.ts';

/** Customers whose tenants are listed. `ids` and `filter` distinguish the cursors of different lists. */
interface Customers {
  readonly ids: readonly string[];
  readonly filter: CustomerFilter | null;
  readonly read: AllTenantsList<never, never>['customers'];
}

export function allCustomers(
  filter: CustomerFilter | null | undefined,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Customers {
  return {
    ids: [],
    filter: filter ?? null,
    read: () => selectCustomers('customers', filter, context, selectionPurpose(info)),
  };
}

export function oneCustomer(customer: CustomerRecord): Customers {
  return {
    ids: [foldName(customer.customerId)],
    filter: null,
    read: () => ({
      rows: [customer],
      all: [customer],
      changedWhileRead: false,
      missing: unlistedTenants([customer]),
    }),
  };
}

interface ListArguments<Filter, Order> {
  readonly filter?: Filter | null | undefined;
  readonly orderBy?: readonly Order[] | null | undefined;
}

export async function connectUsers(
  customers: Customers,
  { filter, orderBy }: ListArguments<UserFilter, UserOrder>,
  window: ConnectionArguments,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<Connection<UserRecord>> {
  const list: AllTenantsList<UserRecord, ProtectionStatusRecord> = {
    name: nameOf('users', customers, { filter, orderBy }),
    query: {
      predicate: userPredicate(filter),
      order: userOrder(orderBy),
      readerOf: ({ users }) => users,
      joinedOf: ({ protectionStatuses }) => protectionStatuses,
      join: protectionJoin,
      readsAllJoined: readsAllProtection(filter, orderBy),
      identityOf: tenantCollections.users.identityOf,
    },
    customers: customers.read,
  };
  return connectAllTenants(list, window, context, info);
}

export async function connectProtectionStatuses(
  customers: Customers,
  { filter, orderBy }: ListArguments<ProtectionStatusFilter, ProtectionStatusOrder>,
  window: ConnectionArguments,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<Connection<ProtectionStatusRecord>> {
  const list: AllTenantsList<ProtectionStatusRecord, UserRecord> = {
    name: nameOf('protectionStatuses', customers, { filter, orderBy }),
    query: {
      predicate: protectionStatusPredicate(filter),
      order: protectionStatusOrder(orderBy),
      readerOf: ({ protectionStatuses }) => protectionStatuses,
      joinedOf: ({ users }) => users,
      join: userJoin,
      readsAllJoined: readsAllUsers(filter),
      identityOf: tenantCollections.protectionStatuses.identityOf,
    },
    customers: customers.read,
  };
  return connectAllTenants(list, window, context, info);
}

function nameOf(list: string, customers: Customers, { filter, orderBy }: ListArguments<unknown, string>) {
  const isFiltered = customers.filter !== null || Boolean(filter);
  return {
    list: [list, ...customers.ids],
    filter: isFiltered ? [customers.filter, filter ?? null] : null,
    orderBy,
  };
}
