/** Selections that make a resolver fetch rows ahead of the fields that need them, or leave out what no field needs. */
import { getNamedType, isObjectType, type GraphQLSchema } from 'graphql';
import { tenantCollections } from '../endpoint/collections.ts';

export interface Prefetch {
  /** Object types that the resolver's field returns; `connection` is the connection that it returns, whichever it is. */
  readonly types: readonly string[] | typeof connection;
  /** Paths of fields below such an object, any of which counts. */
  readonly paths: readonly string[];
}

const connection = 'connection';

/** Fields of a tenant by the names of its collections: each must have one. */
const tenantLists = Object.keys(tenantCollections);

export const prefetches = {
  /** The list's length. */
  totalCount: { types: connection, paths: ['totalCount'] },
  /** Any of the list's rows. */
  rows: { types: connection, paths: ['nodes', 'edges', 'pageInfo'] },
  /** Protection of the users in a window. */
  protection: {
    types: ['UserConnection'],
    paths: ['nodes', 'edges.node'].flatMap((row) => [`${row}.protection`, `${row}.protectionState`]),
  },
  /** The directory, which is the same list for every customer. */
  directory: { types: ['Customer'], paths: ['directoryEntry'] },
  /** The customer's row of a user whose id is known. */
  customerOfUser: { types: ['User'], paths: ['tenant.name', 'tenant.customer'] },
  /** Lists of a tenant whose ids are known, any row of which shows that it exists. */
  listsOfTenant: { types: ['Tenant'], paths: [...tenantLists, 'user'] },
  /** What a tenant's ids alone answer. */
  idsOfTenant: { types: ['Tenant'], paths: ['__typename', 'id', 'customerId', 'tenantId'] },
} as const satisfies Readonly<Record<string, Prefetch>>;

export type PrefetchName = keyof typeof prefetches;

/** @throws Error if the table names a field that the schema lacks, a connection's or a tenant's list among them */
export function checkPrefetches(schema: GraphQLSchema): void {
  const connections = Object.keys(schema.getTypeMap()).filter((name) => name.endsWith('Connection'));
  for (const { types, paths } of Object.values<Prefetch>(prefetches)) {
    for (const path of (types === connection ? connections : types).flatMap((type) =>
      paths.map((below) => `${type}.${below}`),
    )) {
      const [typeName = '', ...names] = path.split('.');
      let type = schema.getType(typeName);
      for (const name of names) {
        const field = isObjectType(type) ? type.getFields()[name] : undefined;
        if (field === undefined && name !== '__typename')
          throw new Error(`The schema has no ${path} to prefetch for.`);
        type = field && getNamedType(field.type);
      }
    }
  }
}
