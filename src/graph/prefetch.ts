/** Selections that make a resolver fetch rows ahead of the fields that need them, or leave out what no field needs. */
import { getNamedType, isObjectType, type GraphQLSchema } from 'graphql';

interface Prefetch {
  /** Object types that the resolver's field returns. */
  readonly types: readonly string[];
  /** Paths of fields below such an object, any of which counts. */
  readonly paths: readonly string[];
}

const connections = ['CustomerConnection', 'UserConnection', 'ProtectionStatusConnection'];

export const prefetches = {
  /** The list's length. */
  totalCount: { types: connections, paths: ['totalCount'] },
  /** Any of the list's rows. */
  rows: { types: connections, paths: ['nodes', 'edges', 'pageInfo'] },
  /** Protection of the users in a window. */
  protection: { types: ['UserConnection'], paths: ['nodes.protection', 'edges.node.protection'] },
  /** The directory, which is the same list for every customer. */
  directory: { types: ['Customer'], paths: ['directoryEntry'] },
  /** The customer's row of a user whose id is known. */
  customerOfUser: { types: ['User'], paths: ['tenant.name', 'tenant.customer'] },
  /** Lists of a tenant whose ids are known, any row of which shows that it exists. */
  listsOfTenant: { types: ['Tenant'], paths: ['users', 'user', 'protectionStatuses'] },
  /** What a tenant's ids alone answer. */
  idsOfTenant: { types: ['Tenant'], paths: ['__typename', 'id', 'customerId', 'tenantId'] },
} as const satisfies Readonly<Record<string, Prefetch>>;

export type PrefetchName = keyof typeof prefetches;

/** @throws Error if the table names a field that the schema lacks, or leaves out a connection */
export function checkPrefetches(schema: GraphQLSchema): void {
  for (const { types, paths } of Object.values(prefetches)) {
    for (const path of types.flatMap((type) => paths.map((below) => `${type}.${below}`))) {
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
  const missing = Object.keys(schema.getTypeMap()).find(
    (name) => name.endsWith('Connection') && !connections.includes(name),
  );
  if (missing !== undefined) throw new Error(`Name ${missing} among the connections of prefetch.ts.`);
}
