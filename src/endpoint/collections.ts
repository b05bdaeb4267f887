/**
 * Registry of the upstream's paged collections. Caches, readers, authorization, settings, permissions and the schema's
 * checks derive from it.
 */
import type { CustomerRecord, ProtectionStatusRecord, TenantKey, UserRecord } from '../model.ts';
import { nameOf, type PathIds } from './call.ts';
import type { Collection } from './collection.ts';
import { customers } from './customers.ts';
import { protectionStatuses } from './protection-statuses.ts';
import { users } from './users.ts';

/** Row types of the collections with a list for each tenant. */
interface TenantCollectionRows {
  readonly users: UserRecord;
  readonly protectionStatuses: ProtectionStatusRecord;
}

export interface CollectionRows extends TenantCollectionRows {
  readonly customers: CustomerRecord;
}

export type TenantListName = keyof TenantCollectionRows;
export type CollectionName = keyof CollectionRows;

export const tenantCollections: {
  readonly [Name in TenantListName]: Collection<TenantKey, CollectionRows[Name]>;
} = { users, protectionStatuses };

export const tenantListNames = Object.keys(tenantCollections) as readonly TenantListName[];

export const collections: {
  readonly [Name in CollectionName]: Collection<
    Name extends TenantListName ? TenantKey : PathIds,
    CollectionRows[Name]
  >;
} = { customers, ...tenantCollections };

/** @throws Error if two collections share a unique property, as a copied file does */
export function checkCollections(registry: Readonly<Record<string, Shown>> = collections): void {
  const uniqueOf = {
    route: ({ route }: Shown) => nameOf(route),
    kind: ({ kind }: Shown) => kind,
    'setting of its lifetime': ({ lifetime }: Shown) => lifetime.name,
  };
  for (const [what, valueOf] of Object.entries(uniqueOf)) {
    const owners = new Map<string, string>();
    for (const [name, collection] of Object.entries(registry)) {
      const value = valueOf(collection);
      const owner = owners.get(value);
      if (owner !== undefined) {
        throw new Error(`The collections ${owner} and ${name} have the same ${what}, ${value}.`);
      }
      owners.set(value, name);
    }
  }
}

type Shown = Pick<Collection<never, never>, 'route' | 'lifetime'> & { readonly kind: string };

/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- a property's type depends on its name, which no parameter can say */

/**
 * Lazily creates a property for each collection with a list for each tenant.
 *
 * @param create must return the type that `Lists` has under the name, which the compiler can't check
 */
export function eachTenantList<Lists extends Readonly<Record<TenantListName, unknown>>>(
  create: <Name extends TenantListName>(name: Name) => unknown,
): Lists {
  return new TenantLists(create) as object as Lists;
}

/** Creates a property for each collection. */
export function eachCollection<Values extends Readonly<Record<CollectionName, unknown>>>(
  create: <Name extends CollectionName>(name: Name) => unknown,
): Values {
  const names = Object.keys(collections) as CollectionName[];
  return Object.fromEntries(names.map((name) => [name, create(name)])) as Values;
}

/* eslint-enable @typescript-eslint/no-unnecessary-type-parameters */

/**
 * One class with accessors on its prototype: own accessors would give each object a hidden class, which retains their
 * closures until the next major garbage collection.
 */
class TenantLists {
  readonly #create: (name: TenantListName) => unknown;
  readonly #values: Partial<Record<TenantListName, unknown>> = {};

  static {
    for (const name of tenantListNames) {
      const get = function (this: TenantLists): unknown {
        return (this.#values[name] ??= this.#create(name));
      };
      Object.defineProperty(this.prototype, name, { enumerable: true, get });
    }
  }

  constructor(create: (name: TenantListName) => unknown) {
    this.#create = create;
  }
}
