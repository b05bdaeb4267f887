/** What an operation selects below a field; resolvers fetch only what is needed. */
import {
  getArgumentValues,
  getNamedType,
  isObjectType,
  type FieldNode,
  type GraphQLField,
  type GraphQLResolveInfo,
} from 'graphql';
import { conditionsOf, includedBy, SelectionWalker } from '../selection-walker.ts';
import type { GraphContext } from './context.ts';
import { prefetches, type Prefetch, type PrefetchName } from './prefetch.ts';

/** Whether a field of this prefetch is selected below the current field. */
export function selects(info: GraphQLResolveInfo, name: PrefetchName): boolean {
  const { prefetched } = selectionOf(info);
  let isSelected = prefetched.get(name);
  if (isSelected === undefined) {
    const { types, paths }: Prefetch = prefetches[name];
    const returned = types === 'connection' ? [getNamedType(info.returnType).name] : types;
    isSelected = paths.some((path) => {
      let nodes: readonly FieldNode[] = info.fieldNodes;
      for (const [depth, fieldName] of path.split('.').entries()) {
        const below = fieldsBelow(nodes, info, depth === 0 ? returned : null);
        nodes = below.filter((node) => node.name.value === fieldName);
      }
      return nodes.length > 0;
    });
    prefetched.set(name, isSelected);
  }
  return isSelected;
}

/** Names of the fields selected directly below the current field on objects of this type. */
export function selectedNames(info: GraphQLResolveInfo, typeName: string): ReadonlySet<string> {
  const { names: byType } = selectionOf(info);
  let names = byType.get(typeName);
  if (names === undefined) {
    names = new Set(fieldsBelow(info.fieldNodes, info, [typeName]).map(({ name }) => name.value));
    byType.set(typeName, names);
  }
  return names;
}

interface Selection {
  readonly prefetched: Map<PrefetchName, boolean>;
  readonly names: Map<string, ReadonlySet<string>>;
}

/** By the executor's list of nodes, which is unique for a set of variables. */
const selections = new WeakMap<readonly FieldNode[], Selection>();

function selectionOf({ fieldNodes }: GraphQLResolveInfo): Selection {
  let selection = selections.get(fieldNodes);
  if (selection === undefined)
    selections.set(fieldNodes, (selection = { prefetched: new Map(), names: new Map() }));
  return selection;
}

/**
 * Resolves fields below the current one before its object exists, so that their calls start early. Results are dropped,
 * since the fields are resolved again later from the cache. Resolves when all have settled.
 *
 * @param parent expected object, with what the fields' resolvers need
 */
export async function resolveAhead(
  typeName: string,
  names: ReadonlySet<string>,
  parent: object,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<void> {
  await Promise.allSettled(
    selectedFields(typeName, names, info).map(async ({ field, argumentsOf, info: below }) => {
      await field.resolve?.(parent, argumentsOf(), context, below);
    }),
  );
}

interface SelectedField {
  readonly field: GraphQLField<unknown, GraphContext>;
  /** Argument values. Throws GraphQLError. */
  readonly argumentsOf: () => Readonly<Record<string, unknown>>;
  readonly info: GraphQLResolveInfo;
}

/** Fields of these names selected directly below the current field on objects of this type. */
export function selectedFields(
  typeName: string,
  names: ReadonlySet<string>,
  info: GraphQLResolveInfo,
): SelectedField[] {
  const parentType = info.schema.getType(typeName);
  if (!isObjectType(parentType)) return [];
  return fieldsBelow(info.fieldNodes, info, [typeName]).flatMap((node) => {
    const field = names.has(node.name.value) ? parentType.getFields()[node.name.value] : undefined;
    if (field === undefined) return [];
    const key = node.alias?.value ?? node.name.value;
    return {
      field,
      argumentsOf: () => getArgumentValues(field, node, info.variableValues),
      info: {
        ...info,
        fieldName: field.name,
        fieldNodes: [node],
        parentType,
        returnType: field.type,
        path: { prev: info.path, key, typename: typeName },
      },
    };
  });
}

/** @param types for which type conditions are evaluated; null includes all fragments */
function fieldsBelow(
  nodes: readonly FieldNode[],
  { schema, fragments, variableValues }: GraphQLResolveInfo,
  types: readonly string[] | null,
): FieldNode[] {
  const isIncluded = includedBy(variableValues);
  const walker = new SelectionWalker({ fragmentOf: (name) => fragments[name], isIncluded });
  const sets = nodes.map(({ selectionSet }) => selectionSet);
  const tests = types?.map((type) => conditionsOf(schema, type));
  return [
    ...walker.collect(sets, (predicate) => tests?.some((test) => test(predicate)) ?? true).values(),
  ].flat();
}
