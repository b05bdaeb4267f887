/** What an operation selects below a field, so that nothing is fetched that it does not ask for. */
import { getDirectiveValues, GraphQLIncludeDirective, GraphQLSkipDirective } from 'graphql';
import type { FieldNode, FragmentSpreadNode, GraphQLResolveInfo, InlineFragmentNode, SelectionSetNode } from 'graphql';

/** Whether the resolved field's own selection has this field, directly or through fragments. */
export function selects(info: GraphQLResolveInfo, name: string): boolean {
  const hasField = (selectionSet: SelectionSetNode | undefined): boolean =>
    selectionSet?.selections.some((selection) => {
      if (!isIncluded(selection, info)) return false;
      if (selection.kind === 'Field') return selection.name.value === name;
      if (selection.kind === 'InlineFragment') return hasField(selection.selectionSet);
      return hasField(info.fragments[selection.name.value]?.selectionSet);
    }) ?? false;
  return info.fieldNodes.some(({ selectionSet }) => hasField(selectionSet));
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
