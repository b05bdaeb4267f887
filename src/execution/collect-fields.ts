/** Fields that an operation selects on an object: CollectFields of the specification (6.3.2). */
import {
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { conditionsOf, SelectionWalker, type FieldNodes } from '../selection-walker.ts';
import type { VariableValues } from './arguments.ts';

export interface SelectionScope {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Values of the variables that `conditionVariables` names. */
  readonly conditions: VariableValues;
}

/** Field nodes by response name, in response order. Throws a GraphQLError if a condition is null. */
export function collectFields(
  { schema, fragments, conditions }: SelectionScope,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): ReadonlyMap<string, FieldNodes> {
  const walker = new SelectionWalker({
    fragmentOf: (name) => fragments[name],
    isIncluded: (selection) =>
      !selection.directives?.length ||
      (getDirectiveValues(GraphQLSkipDirective, selection, conditions)?.['if'] !== true &&
        getDirectiveValues(GraphQLIncludeDirective, selection, conditions)?.['if'] !== false),
    maxSteps: Infinity,
  });
  return walker.collect(selectionSets, conditionsOf(schema, type.name));
}

/** Names of the variables in `@skip` and `@include`, and the number of nodes in the document. */
export function conditionVariables(document: DocumentNode) {
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
