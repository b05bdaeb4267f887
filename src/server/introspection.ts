/**
 * How much of the schema a document asks for: the schema describes itself by lists within lists, so that a few letters
 * ask for a great deal, and there is nothing to wait for while it is told.
 */
import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** How many objects the fields of the schema's own description give on average, by field. */
type ListSizes = Readonly<Record<string, number>>;

const sizesOf = new WeakMap<GraphQLSchema, ListSizes>();

/** The values that would be told of the schema, about. */
export function introspectedValues(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  let sizes = sizesOf.get(schema);
  if (sizes === undefined) sizesOf.set(schema, (sizes = measure(schema)));
  return count(operation.selectionSet, fragments, sizes, false);
}

/** @param isWithin whether the fields are those of the description */
function count(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  sizes: ListSizes,
  isWithin: boolean,
): number {
  let values = 0;
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value;
      const isOfSchema = isWithin || name === '__schema' || name === '__type';
      const below =
        selection.selectionSet === undefined
          ? 0
          : count(selection.selectionSet, fragments, sizes, isOfSchema);
      values += isOfSchema ? 1 + (sizes[name] ?? 1) * below : below;
    } else {
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (fragment !== undefined) values += count(fragment.selectionSet, fragments, sizes, isWithin);
    }
  }
  return values;
}

function measure(schema: GraphQLSchema): ListSizes {
  const types = Object.values(schema.getTypeMap());
  const fields = types.flatMap((type) =>
    isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [],
  );
  const inputFields = types.flatMap((type) =>
    isInputObjectType(type) ? Object.values(type.getFields()) : [],
  );
  const enumValues = types.flatMap((type) => (isEnumType(type) ? type.getValues() : []));
  return {
    types: types.length,
    directives: schema.getDirectives().length,
    fields: fields.length / types.length,
    inputFields: inputFields.length / types.length,
    enumValues: enumValues.length / types.length,
    args: fields.reduce((sum, { args }) => sum + args.length, 0) / fields.length,
  };
}
