/** Which fields an operation selects of an object: CollectFields of the specification (6.3.2). */
import {
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isAbstractType,
  Kind,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { VariableValues } from './arguments.ts';

export interface SelectionScope {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Values of the variables that `conditionsOf` names. */
  readonly conditions: VariableValues;
}

/** Nodes of one field, of which there is at least one. */
export type FieldNodes = readonly [FieldNode, ...FieldNode[]];

/**
 * Nodes by response name, in the response's order.
 *
 * @throws GraphQLError for a condition that is null
 */
export function collectFields(
  { schema, fragments, conditions }: SelectionScope,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): ReadonlyMap<string, FieldNodes> {
  const groups = new Map<string, [FieldNode, ...FieldNode[]]>();
  const visitedFragments = new Set<string>();
  const collect = ({ selections }: SelectionSetNode) => {
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD && visitedFragments.has(selection.name.value)) continue;
      if (!isIncluded(selection, conditions)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const nodes = groups.get(key);
        if (nodes === undefined) groups.set(key, [selection]);
        else nodes.push(selection);
        continue;
      }
      const isSpread = selection.kind === Kind.FRAGMENT_SPREAD;
      if (isSpread) visitedFragments.add(selection.name.value);
      const fragment = isSpread ? fragments[selection.name.value] : selection;
      if (fragment !== undefined && appliesTo(schema, fragment, type)) collect(fragment.selectionSet);
    }
  };
  selectionSets.forEach(collect);
  return groups;
}

function isIncluded(selection: SelectionNode, conditions: VariableValues): boolean {
  if (selection.directives === undefined || selection.directives.length === 0) return true;
  return (
    getDirectiveValues(GraphQLSkipDirective, selection, conditions)?.['if'] !== true &&
    getDirectiveValues(GraphQLIncludeDirective, selection, conditions)?.['if'] !== false
  );
}

function appliesTo(
  schema: GraphQLSchema,
  { typeCondition }: FragmentDefinitionNode | InlineFragmentNode,
  type: GraphQLObjectType,
): boolean {
  if (typeCondition === undefined) return true;
  const conditional = schema.getType(typeCondition.name.value);
  return conditional === type || (isAbstractType(conditional) && schema.isSubType(conditional, type));
}

/** Names of the variables in `@skip` and `@include`, and the number of the document's nodes. */
export function conditionsOf(document: DocumentNode): {
  readonly names: readonly string[];
  readonly nodes: number;
} {
  const names = new Set<string>();
  let nodes = 0;
  visit(document, {
    enter(node) {
      nodes += 1;
      if (node.kind !== Kind.DIRECTIVE || !['skip', 'include'].includes(node.name.value)) return;
      for (const { value } of node.arguments ?? []) {
        if (value.kind === Kind.VARIABLE) names.add(value.name.value);
      }
    },
  });
  return { names: [...names], nodes };
}
