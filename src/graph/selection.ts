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

/** Whether a field is selected below the one being resolved: `path` names it, as in `nodes.protection`. */
export function selects(info: GraphQLResolveInfo, path: string): boolean {
  // An executor's list of nodes is of one choice of variables.
  let answers = selected.get(info.fieldNodes);
  if (answers === undefined) selected.set(info.fieldNodes, (answers = new Map<string, boolean>()));
  let answer = answers.get(path);
  if (answer === undefined) {
    let nodes: readonly FieldNode[] = info.fieldNodes;
    for (const name of path.split('.')) {
      nodes = fieldsBelow(nodes, info).filter((node) => node.name.value === name);
    }
    answer = nodes.length > 0;
    answers.set(path, answer);
  }
  return answer;
}

const selected = new WeakMap<readonly FieldNode[], Map<string, boolean>>();

/** The names of the fields selected directly below the one being resolved. */
export function selectedNames(info: GraphQLResolveInfo): Set<string> {
  return new Set(fieldsBelow(info.fieldNodes, info).map(({ name }) => name.value));
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
  const nodes = fieldsBelow(info.fieldNodes, info).filter(({ name }) => names.has(name.value));
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

function fieldsBelow(nodes: readonly FieldNode[], info: GraphQLResolveInfo): FieldNode[] {
  const collect = (selectionSet: SelectionSetNode | undefined): FieldNode[] =>
    selectionSet?.selections.flatMap((selection) => {
      if (!isIncluded(selection, info)) return [];
      if (selection.kind === Kind.FIELD) return [selection];
      if (selection.kind === Kind.INLINE_FRAGMENT) return collect(selection.selectionSet);
      return collect(info.fragments[selection.name.value]?.selectionSet);
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
