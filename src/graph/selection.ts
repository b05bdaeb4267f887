/** What an operation selects below a field, so that only what is asked for is fetched. */
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

/** Whether any field of a prefetch is selected below the one being resolved. */
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

/** The names of the fields selected directly below the one being resolved, of an object of this type. */
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

/** By an executor's list of nodes, which belongs to one choice of variables. */
const selections = new WeakMap<readonly FieldNode[], Selection>();

function selectionOf({ fieldNodes }: GraphQLResolveInfo): Selection {
  let selection = selections.get(fieldNodes);
  if (selection === undefined)
    selections.set(fieldNodes, (selection = { prefetched: new Map(), names: new Map() }));
  return selection;
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
  await Promise.allSettled(
    selectedFields(typeName, names, info).map(async ({ field, argumentsOf, info: below }) => {
      await field.resolve?.(parent, argumentsOf(), context, below);
    }),
  );
}

/** A field that is selected below the one being resolved. */
interface SelectedField {
  readonly field: GraphQLField<unknown, GraphContext>;
  /** Its arguments' values. Throws GraphQLError. */
  readonly argumentsOf: () => Readonly<Record<string, unknown>>;
  readonly info: GraphQLResolveInfo;
}

/** The fields of these names that are selected directly below the one being resolved, of an object of this type. */
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

/** @param types that type predicates are judged for; null to look through all of them */
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
