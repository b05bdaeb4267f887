/** What an operation selects below a field, so that nothing is fetched that it does not ask for. */
import {
  getArgumentValues,
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isObjectType,
  Kind,
} from 'graphql';
import type {
  FieldNode,
  FragmentSpreadNode,
  GraphQLResolveInfo,
  InlineFragmentNode,
  SelectionSetNode,
} from 'graphql';
import type { GraphContext } from './context.ts';

/**
 * Whether a field is selected below the one being resolved: `path` names it, as in `nodes.protection`.
 *
 * @param typeName of the object, where the field may give several types
 */
export function selects(info: GraphQLResolveInfo, path: string, typeName?: string): boolean {
  // An executor's list of nodes is of one choice of variables.
  let answers = selected.get(info.fieldNodes);
  if (answers === undefined) selected.set(info.fieldNodes, (answers = new Map<string, boolean>()));
  const question = `${typeName ?? ''} ${path}`;
  let answer = answers.get(question);
  if (answer === undefined) {
    let nodes: readonly FieldNode[] = info.fieldNodes;
    for (const [depth, name] of path.split('.').entries()) {
      const below = fieldsBelow(nodes, info, depth === 0 ? typeName : undefined);
      nodes = below.filter((node) => node.name.value === name);
    }
    answer = nodes.length > 0;
    answers.set(question, answer);
  }
  return answer;
}

const selected = new WeakMap<readonly FieldNode[], Map<string, boolean>>();

/** The names of the fields selected directly below the one being resolved, of an object of this type. */
export function selectedNames(info: GraphQLResolveInfo, typeName: string): Set<string> {
  return new Set(fieldsBelow(info.fieldNodes, info, typeName).map(({ name }) => name.value));
}

/**
 * Resolves the fields of these names below the one being resolved before that one is there, so that their calls need
 * not wait for it: `parent` is what it will be, as far as their resolvers look at it. What comes of it is dropped, since
 * the fields are resolved again in their turn, with all rows at hand; settles when all of them have.
 */
export async function resolveAhead(
  typeName: string,
  names: ReadonlySet<string>,
  parent: object,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<void> {
  const parentType = info.schema.getType(typeName);
  if (!isObjectType(parentType)) return;
  const nodes = fieldsBelow(info.fieldNodes, info, typeName).filter(({ name }) => names.has(name.value));
  await Promise.allSettled(
    nodes.map(async (node) => {
      const field = parentType.getFields()[node.name.value];
      if (field?.resolve === undefined) return;
      const key = node.alias?.value ?? node.name.value;
      await field.resolve(parent, getArgumentValues(field, node, info.variableValues), context, {
        ...info,
        fieldName: field.name,
        fieldNodes: [node],
        parentType,
        returnType: field.type,
        path: { prev: info.path, key, typename: typeName },
      });
    }),
  );
}

function fieldsBelow(nodes: readonly FieldNode[], info: GraphQLResolveInfo, typeName?: string): FieldNode[] {
  const applies = (condition: string | undefined): boolean =>
    typeName === undefined ||
    condition === undefined ||
    condition === typeName ||
    !isObjectType(info.schema.getType(condition));
  const collect = (selectionSet: SelectionSetNode | undefined): FieldNode[] =>
    selectionSet?.selections.flatMap((selection) => {
      if (!isIncluded(selection, info)) return [];
      if (selection.kind === Kind.FIELD) return [selection];
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : info.fragments[selection.name.value];
      return applies(fragment?.typeCondition?.name.value) ? collect(fragment?.selectionSet) : [];
    }) ?? [];
  return nodes.flatMap(({ selectionSet }) => collect(selectionSet));
}

function isIncluded(
  node: FieldNode | InlineFragmentNode | FragmentSpreadNode,
  { variableValues }: GraphQLResolveInfo,
): boolean {
  return (
    getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.['if'] !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.['if'] !== false
  );
}
