/**
 * The registry of the upstream's paged collections, from which caches, readers, authorization, settings, permissions and
 * the schema's checks derive.
 */
import type { CustomerRecord, ProtectionStatusRecord, TenantKey, UserRecord } from '../model.ts';
import { nameOf, type PathIds } from './call.ts';
import type { Collection } from './collection.ts';
import { customers } from './customers.ts';
import { protectionStatuses } from './protection-statuses.ts';
import { users } from './users.ts';

/** The rows of each collection that a tenant has a list of. */
interface TenantRows {
  readonly users: UserRecord;
  readonly protectionStatuses: ProtectionStatusRecord;
}

/** The rows of each collection. */
export interface CollectionRows extends TenantRows {
  readonly customers: CustomerRecord;
}

export type TenantListName = keyof TenantRows;
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

/** @throws Error if two collections share what distinguishes them, as a copied file does */
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
 * A property for each collection that a tenant has a list of, created when it is first read.
 *
 * @param create must return what `Lists` has under the name, which the compiler can't relate to the name
 */
export function eachTenantList<Lists extends Readonly<Record<TenantListName, unknown>>>(
  create: <Name extends TenantListName>(name: Name) => unknown,
): Lists {
  return new TenantLists(create) as object as Lists;
}

/** The same for each collection, all of them created at once. */
export function eachCollection<Values extends Readonly<Record<CollectionName, unknown>>>(
  create: <Name extends CollectionName>(name: Name) => unknown,
): Values {
  const names = Object.keys(collections) as CollectionName[];
  return Object.fromEntries(names.map((name) => [name, create(name)])) as Values;
}

/* eslint-enable @typescript-eslint/no-unnecessary-type-parameters */

/**
 * One class for all of them. Accessors of an object's own would give each object a hidden class, which keeps all that
 * they refer to until the next major garbage collection.
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
