/** Fields for a federation gateway: the subgraph's schema, and its objects by reference. */
import { isObject } from '../json.ts';
import { CallerError } from '../errors.ts';
import { assertCount, assertKey, quote } from './id-arguments.ts';
import { loadEntity } from './entity.ts';
import type { _EntityResolvers, QueryResolvers } from './generated/resolvers.ts';
import type { EntityKey } from './node-id.ts';

/** @param sdl the schema's text with the directives of federation; null if introspection is off */
export function createFederation(
  sdl: string | null,
): Required<Pick<QueryResolvers, '_entities' | '_service'>> {
  return {
    _service: () => ({ sdl }),
    _entities: (_root, { representations }, context, info) => {
      assertCount('representations', representations);
      const keys = representations.map((representation, position) => {
        const key = parseRepresentation(representation, position);
        assertKey(key, `representations[${position}].`);
        return key;
      });
      return keys.map((key) => loadEntity(key, context, info));
    },
  };
}

export const Entity = {
  __resolveType: ({ kind }) => kind,
} satisfies _EntityResolvers;

/** @throws CallerError for a malformed reference */
function parseRepresentation(representation: unknown, position: number): EntityKey {
  const name = `representations[${position}]`;
  if (!isObject(representation)) {
    throw new CallerError(`${name}: expected an object, but got ${quote(representation)}.`);
  }
  const id = (field: string): string => {
    const value = representation[field];
    if (typeof value === 'string') return value;
    if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
    throw new CallerError(`${name}.${field}: expected an id, but got ${quote(value)}.`);
  };
  const type = representation['__typename'];
  switch (type) {
    case 'Customer':
      return { type, customerId: id('customerId') };
    case 'Tenant':
      return { type, customerId: id('customerId'), tenantId: id('tenantId') };
    case 'User':
      return { type, customerId: id('customerId'), tenantId: id('tenantId'), userId: id('userId') };
    default:
      throw new CallerError(`${name}.__typename: expected the name of an entity, but got ${quote(type)}.`);
  }
}
