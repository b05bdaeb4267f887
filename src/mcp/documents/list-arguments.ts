/** Arguments of a document by the lists that they continue. */
import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isListType,
  isObjectType,
  Kind,
  visit,
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { conditionsOf, fragmentsOf, includesAll, SelectionWalker } from '../../selection-walker.ts';
import { ToolError } from './tool-error.ts';

/**
 * Arguments by the path of their connection, without row indexes. Connections within rows have no cursor here, since
 * each row has its own connection.
 */
export type ArgumentsByConnection = Readonly<
  Record<'after' | 'before' | 'first' | 'last', ReadonlyMap<string, string>>
>;

/**
 * @throws ToolError if several connections share a cursor: no answer could continue only one of them
 * @throws LimitError
 */
export function listArgumentsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  { operation, selectionSet: root }: OperationDefinitionNode,
): ArgumentsByConnection {
  const found = {
    after: new Map<string, string>(),
    before: new Map<string, string>(),
    first: new Map<string, string>(),
    last: new Map<string, string>(),
  };
  const pathOfCursor = new Map<string, string>();
  const note = ({ arguments: given = [] }: FieldNode, path: string, isOfRow: boolean) => {
    for (const { name, value } of given) {
      if (value.kind !== Kind.VARIABLE) continue;
      const variable = value.name.value;
      if (name.value === 'first' || name.value === 'last') found[name.value].set(path, variable);
      if (name.value !== 'after' && name.value !== 'before') continue;
      const other = pathOfCursor.get(variable) ?? path;
      if (other !== path)
        throw new ToolError(
          `$${variable} is the cursor of both ${other} and ${path}: give each list a variable of its own`,
        );
      pathOfCursor.set(variable, path);
      if (!isOfRow) found[name.value].set(path, variable);
    }
  };
  const fragments = fragmentsOf(document);
  const walker = new SelectionWalker({
    fragmentOf: (name) => fragments.get(name),
    isIncluded: includesAll,
  });
  const walk = (
    sets: readonly (SelectionSetNode | undefined)[],
    type: GraphQLNamedType,
    path: string,
    isOfRow: boolean,
  ) => {
    for (const possible of possibleTypesOf(schema, type)) {
      for (const [key, nodes] of walker.collect(sets, conditionsOf(schema, possible.name))) {
        const field = possible.getFields()[nodes[0].name.value];
        if (field === undefined) continue;
        const at = path === '' ? key : `${path}.${key}`;
        const isList = isListType(getNullableType(field.type));
        const named = getNamedType(field.type);
        for (const node of nodes) note(node, at, isOfRow || isList);
        const below = nodes.map(({ selectionSet }) => selectionSet);
        walk(below, named, at, isOfRow || isList);
      }
    }
  };
  const type = schema.getRootType(operation);
  if (type) walk([root], type, '', false);
  return found;
}

/** Variables that decide whether a root field is included, and nothing else, by the field's key in the result. */
export function switchesOf(
  document: DocumentNode,
  { selectionSet }: OperationDefinitionNode,
): ReadonlyMap<string, string> {
  const uses = new Map<string, number>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name: { value } }) => void uses.set(value, (uses.get(value) ?? 0) + 1),
  });
  const found = new Map<string, string>();
  for (const field of selectionSet.selections) {
    if (field.kind !== Kind.FIELD) continue;
    for (const { name, arguments: given = [] } of field.directives ?? []) {
      const [condition] = given;
      if (name.value !== 'include' || condition?.value.kind !== Kind.VARIABLE) continue;
      const variable = condition.value.name.value;
      if (uses.get(variable) === 1) found.set(field.alias?.value ?? field.name.value, variable);
    }
  }
  return found;
}

function possibleTypesOf(schema: GraphQLSchema, type: GraphQLNamedType): readonly GraphQLObjectType[] {
  if (isAbstractType(type)) return schema.getPossibleTypes(type);
  return isObjectType(type) ? [type] : [];
}
