/**
 * A document's operation, worked out once for all its executions: which fields of which type, in the answer's order,
 * with everything about them that does not depend on the data.
 */
import {
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  OperationTypeNode,
  typeFromAST,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLNamedOutputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { batchOf, type BatchResolver } from './batch.ts';
import { createLeafWriter, type LeafWriter } from './leaf.ts';
import { TextCache, type TextBudget } from './text-cache.ts';

export type VariableValues = Readonly<Record<string, unknown>>;

export interface ObjectPlan {
  readonly type: GraphQLObjectType;
  /** In the answer's order, one after the other. */
  readonly runs: readonly Run[];
  /** What stands before each column: a run with texts is one column, and brings its own; else each field is one. */
  readonly prefixes: readonly string[];
  /** Whether the object's text depends on nothing but the object. */
  readonly isPure: boolean;
}

/** Fields that follow each other. */
export interface Run {
  readonly fields: readonly FieldPlan[];
  /** What stands before each field's value in the answer's JSON. */
  readonly prefixes: readonly string[];
  /** Of the whole run, by object; null where it depends on more than the object, or objects may change. */
  readonly texts: TextCache | null;
}

export interface FieldPlan {
  /** The name in the answer. */
  readonly key: string;
  /** From 0, among the fields of its object. */
  readonly order: number;
  readonly parentType: GraphQLObjectType;
  /** Null for `__typename`. */
  readonly field: GraphQLField<unknown, unknown> | null;
  readonly nodes: readonly FieldNode[];
  /** Null where the value is the property of the field's name. */
  readonly resolve: GraphQLFieldResolver<unknown, unknown> | null;
  readonly batch: BatchResolver<unknown, unknown, unknown> | null;
  /** The arguments of every execution; null where they depend on variables. */
  readonly constantArguments: Record<string, unknown> | null;
  readonly value: ValuePlan;
}

export type ValuePlan = { readonly kind: 'non-null'; readonly of: NullableValuePlan } | NullableValuePlan;

export type NullableValuePlan =
  | { readonly kind: 'leaf'; readonly write: LeafWriter }
  | { readonly kind: 'list'; readonly of: ValuePlan }
  | { readonly kind: 'object'; readonly plan: ObjectPlan }
  | {
      readonly kind: 'abstract';
      readonly type: GraphQLAbstractType;
      readonly planOf: (type: GraphQLObjectType) => ObjectPlan;
    };

/** What of a document's operation is looked at, beside its variables. */
export interface Operation {
  readonly schema: GraphQLSchema;
  readonly definition: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly records: Records;
}

/** Types whose objects never change, and how much of what they look like is kept. */
export interface Records {
  readonly types: ReadonlySet<string>;
  readonly budget: TextBudget;
}

/** The operation of this name; null where it is not to be had, or must be left to graphql-js. */
export function findOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  records: Records,
): Operation | null {
  const definitions = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const [definition, ...others] = definitions.filter(
    ({ name }) => (operationName ?? undefined) === undefined || name?.value === operationName,
  );
  if (
    definition?.operation !== OperationTypeNode.QUERY ||
    others.length > 0 ||
    !canBePlanned(schema, document)
  )
    return null;
  const fragments = Object.fromEntries(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  );
  return { schema, definition, fragments, records };
}

/** Introspection, and types that must be asked whether an object is of them, are left to graphql-js. */
function canBePlanned(schema: GraphQLSchema, document: DocumentNode): boolean {
  let can = !Object.values(schema.getTypeMap()).some(
    (type) => isObjectType(type) && type.isTypeOf !== undefined && type.isTypeOf !== null,
  );
  visit(document, {
    Field: ({ name: { value } }) => {
      if (value === '__schema' || value === '__type') can = false;
    },
    Directive: ({ name: { value } }) => {
      if (value !== 'skip' && value !== 'include') can = false;
    },
  });
  return can;
}

/** The variables that decide which fields are selected. */
export function conditionsOf(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive: ({ arguments: all = [] }) => {
      for (const { value } of all) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}

/** @param variables of which only those of `conditionsOf` are looked at */
export function planOperation(operation: Operation, variables: VariableValues): ObjectPlan | null {
  const root = operation.schema.getQueryType();
  if (!root) return null;
  return planObject(operation, variables, root, [operation.definition.selectionSet]);
}

function planObject(
  operation: Operation,
  variables: VariableValues,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): ObjectPlan {
  const groups = new Map<string, FieldNode[]>();
  const visitedFragments = new Set<string>();
  for (const selectionSet of selectionSets)
    collectFields(operation, variables, type, selectionSet, groups, visitedFragments);
  const fields = [...groups].map(([key, nodes], order) =>
    planField(operation, variables, { parentType: type, key, order, nodes }),
  );
  const isRecord = operation.records.types.has(type.name);
  const runs: { fields: FieldPlan[]; prefixes: string[]; texts: TextCache | null }[] = [];
  let isAfterPure = false;
  for (const field of fields) {
    const isPure = isRecord && isPureField(field);
    const last = runs.at(-1);
    const prefix = `${field.order === 0 ? '{' : ','}${JSON.stringify(field.key)}:`;
    if (last !== undefined && isPure === isAfterPure) {
      last.fields.push(field);
      last.prefixes.push(prefix);
    } else {
      const texts = isPure ? new TextCache(operation.records.budget) : null;
      runs.push({ fields: [field], prefixes: [prefix], texts });
    }
    isAfterPure = isPure;
  }
  const prefixes = runs.flatMap((run) => (run.texts === null ? run.prefixes : ['']));
  return { type, runs, prefixes, isPure: fields.every(isPureField) };
}

/** A resolver that is declared without context and info depends on its object and arguments alone. */
function isPureField({ resolve, batch, constantArguments, value }: FieldPlan): boolean {
  const isOfObject = batch === null && (resolve === null || resolve.length < 3);
  return isOfObject && constantArguments !== null && isPureValue(value);
}

function isPureValue(value: ValuePlan): boolean {
  switch (value.kind) {
    case 'leaf':
      return true;
    case 'non-null':
    case 'list':
      return isPureValue(value.of);
    case 'object':
      return value.plan.isPure;
    case 'abstract':
      return false;
  }
}

function planField(
  operation: Operation,
  variables: VariableValues,
  place: Pick<FieldPlan, 'parentType' | 'key' | 'order' | 'nodes'>,
): FieldPlan {
  const { parentType, nodes } = place;
  const [node] = nodes;
  const field = node === undefined ? undefined : parentType.getFields()[node.name.value];
  if (node === undefined || field === undefined) {
    const write = () => JSON.stringify(parentType.name);
    const value = { kind: 'leaf', write } as const;
    const none = { field: null, resolve: null, batch: null, constantArguments: {} };
    return { ...place, ...none, value };
  }
  const resolve = field.resolve ?? null;
  return {
    ...place,
    field,
    resolve,
    batch: resolve === null ? null : batchOf(resolve),
    constantArguments: constantArgumentsOf(field, node),
    value: planValue(operation, variables, field.type, nodes),
  };
}

function planValue(
  operation: Operation,
  variables: VariableValues,
  type: GraphQLOutputType,
  nodes: readonly FieldNode[],
): ValuePlan {
  return isNonNullType(type)
    ? { kind: 'non-null', of: planNullable(operation, variables, type.ofType, nodes) }
    : planNullable(operation, variables, type, nodes);
}

function planNullable(
  operation: Operation,
  variables: VariableValues,
  type: GraphQLOutputType,
  nodes: readonly FieldNode[],
): NullableValuePlan {
  if (isListType(type)) return { kind: 'list', of: planValue(operation, variables, type.ofType, nodes) };
  const named: GraphQLNamedOutputType = getNamedType(type);
  if (isLeafType(named)) return { kind: 'leaf', write: createLeafWriter(named) };
  const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  if (isObjectType(named)) {
    return { kind: 'object', plan: planObject(operation, variables, named, selectionSets) };
  }
  const plans = new Map<GraphQLObjectType, ObjectPlan>();
  return {
    kind: 'abstract',
    type: named,
    planOf: (concrete) => {
      let plan = plans.get(concrete);
      if (plan === undefined)
        plans.set(concrete, (plan = planObject(operation, variables, concrete, selectionSets)));
      return plan;
    },
  };
}

function constantArgumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): Record<string, unknown> | null {
  const variables: string[] = [];
  visit(node, {
    SelectionSet: () => false,
    Directive: () => false,
    Variable: ({ name }) => {
      variables.push(name.value);
    },
  });
  if (variables.length > 0) return null;
  try {
    return getArgumentValues(field, node);
  } catch {
    // It is an error of each execution.
    return null;
  }
}

/** GraphQL's CollectFields (specification, 6.3.2). */
function collectFields(
  operation: Operation,
  variables: VariableValues,
  type: GraphQLObjectType,
  { selections }: SelectionSetNode,
  groups: Map<string, FieldNode[]>,
  visitedFragments: Set<string>,
): void {
  const { schema, fragments } = operation;
  for (const selection of selections) {
    if (getDirectiveValues(GraphQLSkipDirective, selection, variables)?.['if'] === true) continue;
    if (getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.['if'] === false) continue;
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      const nodes = groups.get(key);
      if (nodes === undefined) groups.set(key, [selection]);
      else nodes.push(selection);
      continue;
    }
    let fragment: FragmentDefinitionNode | InlineFragmentNode | undefined;
    if (selection.kind === Kind.INLINE_FRAGMENT) fragment = selection;
    else if (!visitedFragments.has(selection.name.value)) {
      visitedFragments.add(selection.name.value);
      fragment = fragments[selection.name.value];
    }
    if (fragment === undefined || !appliesTo(schema, fragment, type)) continue;
    collectFields(operation, variables, type, fragment.selectionSet, groups, visitedFragments);
  }
}

function appliesTo(
  schema: GraphQLSchema,
  { typeCondition }: FragmentDefinitionNode | InlineFragmentNode,
  type: GraphQLObjectType,
): boolean {
  if (typeCondition === undefined) return true;
  const conditional = typeFromAST(schema, typeCondition);
  return conditional === type || (isAbstractType(conditional) && schema.isSubType(conditional, type));
}
