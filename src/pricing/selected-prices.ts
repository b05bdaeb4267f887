/** Fields that an operation selects, with their prices. */
import {
  isAbstractType,
  isObjectType,
  type ArgumentNode,
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { conditionsOf, fragmentsOf, includedBy, SelectionWalker } from '../selection-walker.ts';
import type { FieldPrice, Prices } from './prices.ts';

/** Selected fields of an object, one list per possible type. */
export type PricedSelection = readonly (readonly PricedField[])[];

export interface PricedField {
  readonly price: FieldPrice;
  readonly arguments: readonly ArgumentNode[];
  readonly below: PricedSelection;
}

export interface OperationSelection {
  readonly root: PricedSelection;
  readonly fields: number;
  /** Whether it is equal for all variables: no condition reads one. */
  readonly isReusable: boolean;
}

export function selectPrices(
  schema: GraphQLSchema,
  prices: Prices,
  document: DocumentNode,
  { operation, selectionSet }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): OperationSelection {
  const fragments = fragmentsOf(document);
  let isReusable = true;
  let fields = 0;
  const walker = new SelectionWalker({
    fragmentOf: (name) => fragments.get(name),
    isIncluded: includedBy(
      new Proxy(variables, {
        get: (values, name) => {
          isReusable = false;
          return Reflect.get(values, name) as unknown;
        },
      }),
    ),
  });
  const select = (
    type: GraphQLNamedType | null | undefined,
    sets: readonly (SelectionSetNode | undefined)[],
  ): PricedSelection => {
    const types = isAbstractType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : [];
    return types.map(({ name: typeName }) =>
      [...walker.collect(sets, conditionsOf(schema, typeName)).values()].flatMap((nodes) => {
        fields += 1;
        const price = prices.get(`${typeName}.${nodes[0].name.value}`);
        if (price === undefined) return [];
        const below = select(
          price.type,
          nodes.map((node) => node.selectionSet),
        );
        return [{ price, arguments: nodes[0].arguments ?? [], below }];
      }),
    );
  };
  const root = select(schema.getRootType(operation), [selectionSet]);
  return { root, fields, isReusable };
}
