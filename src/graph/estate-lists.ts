/** Users, and protection rows, of the tenants of many customers or of one. */
import type { GraphQLResolveInfo } from 'graphql';
import { tenantCollections } from '../endpoint/collections.ts';
import { foldName } from '../fold.ts';
import type { CustomerRecord, ProtectionStatusRecord, UserRecord } from '../model.ts';
import { protectionJoin, userJoin } from '../planner/row-keys.ts';
import type { Connection, ConnectionArguments } from './connection.ts';
import type { GraphContext } from './context.ts';
import { wantedCustomers } from './customer-question.ts';
import { connectEstate, type EstateList } from './estate-connection.ts';
import type {
  CustomerFilter,
  ProtectionStatusFilter,
  ProtectionStatusOrder,
  UserFilter,
  UserOrder,
} from './generated/resolvers.ts';
import {
  looksAtAllUsers,
  protectionStatusCondition,
  protectionStatusOrder,
} from './protection-status-question.ts';
import { wantedBy } from './asked-summaries.ts';
import { looksAtAllProtection, userCondition, userOrder } from './user-question.ts';

/** The customers whose tenants have the list, and what distinguishes them from others in cursors. */
interface Customers {
  readonly ids: readonly string[];
  readonly filter: CustomerFilter | null;
  readonly read: EstateList<never, never>['customers'];
}

export function allCustomers(
  filter: CustomerFilter | null | undefined,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Customers {
  return {
    ids: [],
    filter: filter ?? null,
    read: () => wantedCustomers('customers', filter, context, wantedBy(info)),
  };
}

export function oneCustomer(customer: CustomerRecord): Customers {
  return {
    ids: [foldName(customer.customerId)],
    filter: null,
    read: () => ({ rows: [customer], all: [customer], changedWhileRead: false, missing: [] }),
  };
}

interface Asked<Filter, Order> {
  readonly filter?: Filter | null | undefined;
  readonly orderBy?: readonly Order[] | null | undefined;
}

/** Fails as `connectEstate`. */
export async function connectUsers(
  customers: Customers,
  { filter, orderBy }: Asked<UserFilter, UserOrder>,
  window: ConnectionArguments,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<Connection<UserRecord>> {
  const list: EstateList<UserRecord, ProtectionStatusRecord> = {
    name: nameOf('users', customers, { filter, orderBy }),
    question: {
      condition: userCondition(filter),
      order: userOrder(orderBy),
      readerOf: ({ users }) => users,
      joinedOf: ({ protectionStatuses }) => protectionStatuses,
      join: protectionJoin,
      looksAtAllJoined: looksAtAllProtection(filter, orderBy),
      identityOf: tenantCollections.users.identityOf,
    },
    customers: customers.read,
  };
  return connectEstate(list, window, context, info);
}

/** Fails as `connectEstate`. */
export async function connectProtectionStatuses(
  customers: Customers,
  { filter, orderBy }: Asked<ProtectionStatusFilter, ProtectionStatusOrder>,
  window: ConnectionArguments,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<Connection<ProtectionStatusRecord>> {
  const list: EstateList<ProtectionStatusRecord, UserRecord> = {
    name: nameOf('protectionStatuses', customers, { filter, orderBy }),
    question: {
      condition: protectionStatusCondition(filter),
      order: protectionStatusOrder(orderBy),
      readerOf: ({ protectionStatuses }) => protectionStatuses,
      joinedOf: ({ users }) => users,
      join: userJoin,
      looksAtAllJoined: looksAtAllUsers(filter),
      identityOf: tenantCollections.protectionStatuses.identityOf,
    },
    customers: customers.read,
  };
  return connectEstate(list, window, context, info);
}

function nameOf(list: string, customers: Customers, { filter, orderBy }: Asked<unknown, string>) {
  const isAsked = customers.filter !== null || Boolean(filter);
  return {
    list: [list, ...customers.ids],
    filter: isAsked ? [customers.filter, filter ?? null] : null,
    orderBy,
  };
}
