/**
 * The only door to the upstream's data. A planner serves one operation; what it learns of the deployment (`Knowledge`)
 * outlives it.
 */
import type { PathIds } from '../endpoint/call.ts';
import { fetchPage, type Collection } from '../endpoint/collection.ts';
import { customers } from '../endpoint/customers.ts';
import { fetchDirectory } from '../endpoint/directory.ts';
import { protectionStatuses } from '../endpoint/protection-statuses.ts';
import { users } from '../endpoint/users.ts';
import type {
  CustomerRecord,
  DirectoryEntryRecord,
  ProtectionStatusRecord,
  TenantKey,
  UserRecord,
} from '../model.ts';
import type { Scope } from '../scope.ts';
import type { Transport } from '../transport/transport.ts';
import { ListReader, type LearnedFilter } from './list-reader.ts';

/** What the rows of a deployment have shown, by collection. */
export interface Knowledge {
  readonly customers: LearnedFilter;
  readonly users: LearnedFilter;
  readonly protectionStatuses: LearnedFilter;
}

export interface Planner {
  readonly customers: ListReader<CustomerRecord>;
  readonly users: (tenant: TenantKey) => ListReader<UserRecord>;
  readonly protectionStatuses: (tenant: TenantKey) => ListReader<ProtectionStatusRecord>;
  readonly directory: () => Promise<readonly DirectoryEntryRecord[]>;
}

/** Nothing learned yet. The filter of the users' ids has one name in all revisions of its page. */
export function createKnowledge(): Knowledge {
  return {
    customers: { dialect: 'unknown', hasSingular: true },
    users: { dialect: 'plural', hasSingular: false },
    protectionStatuses: { dialect: 'unknown', hasSingular: true },
  };
}

export function createPlanner(transport: Transport, knowledge: Knowledge, scope: Scope): Planner {
  const read = <Path extends PathIds, Row>(
    collection: Collection<Path, Row>,
    filter: LearnedFilter,
    path: Path,
  ) =>
    new ListReader<Row>({
      fetchPage: (request) => fetchPage(transport, collection, path, request, scope),
      identityOf: collection.identityOf,
      filterKeyOf: collection.filterKeyOf,
      indexKeysOf: collection.indexKeysOf,
      filter,
    });
  let directory: Promise<readonly DirectoryEntryRecord[]> | null = null;
  return {
    customers: read(customers, knowledge.customers, {}),
    users: perTenant((tenant) => read(users, knowledge.users, tenant)),
    protectionStatuses: perTenant((tenant) => read(protectionStatuses, knowledge.protectionStatuses, tenant)),
    directory: () => (directory ??= fetchDirectory(transport, scope)),
  };
}

function perTenant<Reader>(create: (tenant: TenantKey) => Reader): (tenant: TenantKey) => Reader {
  const readers = new Map<string, Reader>();
  return ({ customerId, tenantId }) => {
    const key = JSON.stringify([customerId, tenantId]);
    const known = readers.get(key);
    if (known !== undefined) return known;
    const reader = create({ customerId, tenantId });
    readers.set(key, reader);
    return reader;
  };
}
