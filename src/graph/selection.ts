/** What an operation selects below a field, so that nothing is fetched that it does not ask for. */
import { getDirectiveValues, GraphQLIncludeDirective, GraphQLSkipDirective, Kind } from 'graphql';
import type {
  FieldNode,
  FragmentSpreadNode,
  GraphQLResolveInfo,
  InlineFragmentNode,
  SelectionSetNode,
} from 'graphql';

/** Whether the resolved field's own selection has this field, directly or through fragments. */
export function selects(info: GraphQLResolveInfo, name: string): boolean {
  const hasField = (selectionSet: SelectionSetNode | undefined): boolean =>
    selectionSet?.selections.some((selection) => {
      if (!isIncluded(selection, info)) return false;
      if (selection.kind === Kind.FIELD) return selection.name.value === name;
      if (selection.kind === Kind.INLINE_FRAGMENT) return hasField(selection.selectionSet);
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
