/** Selections that decide what a resolver prefetches or skips. */
import { getNamedType, isObjectType, type GraphQLSchema } from 'graphql';
import { tenantCollections } from '../endpoint/collections.ts';

export interface Prefetch {
  /** Object types of the field; `connection` stands for the connection it returns. */
  readonly types: readonly string[] | typeof connection;
  /** Paths of fields below such an object; one selected path is enough. */
  readonly paths: readonly string[];
}

const connection = 'connection';

/** Each collection of a tenant is a field of that name. */
const tenantLists = Object.keys(tenantCollections);

export const prefetches = {
  totalCount: { types: connection, paths: ['totalCount'] },
  rows: { types: connection, paths: ['nodes', 'edges', 'pageInfo'] },
  /** Protection of the users in a window. */
  protection: {
    types: ['UserConnection'],
    paths: ['nodes', 'edges.node'].flatMap((row) => [`${row}.protection`, `${row}.protectionState`]),
  },
  /** The directory, shared by all customers. */
  directory: { types: ['Customer'], paths: ['directoryEntry'] },
  /** Customer row of a user. */
  customerOfUser: { types: ['User'], paths: ['tenant.name', 'tenant.customer'] },
  /** Lists of a tenant with known ids; any row proves that the tenant exists. */
  listsOfTenant: { types: ['Tenant'], paths: [...tenantLists, 'user'] },
  idsOfTenant: { types: ['Tenant'], paths: ['__typename', 'id', 'customerId', 'tenantId'] },
} as const satisfies Readonly<Record<string, Prefetch>>;

export type PrefetchName = keyof typeof prefetches;

/** @throws Error if the table names a field that the schema lacks */
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
