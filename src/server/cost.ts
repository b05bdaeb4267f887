/**
 * What an operation could come to, before it is executed: rows of its answer, and calls of the upstream that could be
 * needed for them, from its arguments alone. A list without a size counts for the fifty rows it gives, a customer for
 * two tenants, and a list that is read as a whole, to be counted, filtered or ordered, for what an average one takes.
 */
import {
  getArgumentValues,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  isInterfaceType,
  Kind,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type DocumentNode,
  type SelectionSetNode,
} from 'graphql';
import { defaultWindow } from '../graph/connection.ts';
import { maxPageSize } from '../endpoint/collection.ts';

export interface Cost {
  readonly rows: number;
  readonly calls: number;
}

const tenantsPerCustomer = 2;
const callsPerWholeList = 10;
/** Types whose objects are rows of the upstream. */
const rowTypes = new Set(['Customer', 'Tenant', 'User', 'ProtectionStatus', 'DirectoryEntry']);
/** Types of fields whose objects may each be in another list of the upstream. */
const anyRowTypes = new Set(['Node', '_Entity']);

export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Cost {
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  );
  const root = schema.getRootType(operation.operation);
  return !root
    ? { rows: 0, calls: 0 }
    : new Walk(schema, fragments, variables).selection(root, operation.selectionSet, 1);
}

class Walk {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #variables: Readonly<Record<string, unknown>>;

  constructor(
    schema: GraphQLSchema,
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    variables: Readonly<Record<string, unknown>>,
  ) {
    this.#schema = schema;
    this.#fragments = fragments;
    this.#variables = variables;
  }

  /** @param times how many objects of the type there are */
  selection(type: GraphQLNamedType, { selections }: SelectionSetNode, times: number): Cost {
    let [rows, calls] = [0, 0];
    const add = (cost: Cost) => {
      rows += cost.rows;
      calls += cost.calls;
    };
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        if (!isObjectType(type) && !isInterfaceType(type)) continue;
        const field = type.getFields()[selection.name.value];
        if (field === undefined) continue;
        const named = getNamedType(field.type);
        const args = getArgumentValues(field, selection, this.#variables);
        const size = sizeOf(named, type, field.type, args);
        const count = times * size;
        const isConnection = named.name.endsWith('Connection');
        const isRow =
          rowTypes.has(named.name) && !type.name.endsWith('Connection') && !type.name.endsWith('Edge');
        const isAnyRow = anyRowTypes.has(named.name);
        if (isConnection || isRow || isAnyRow) rows += count;
        if (isAnyRow) calls += count;
        if (isConnection)
          calls += times * Math.max(isWhole(args) ? callsPerWholeList : 1, Math.ceil(size / maxPageSize));
        // A row that belongs to another one is looked up with those beside it.
        if (isRow && !isList(field.type)) calls += Math.ceil(times / maxPageSize);
        if (named.name === 'ProtectionSummary') calls += times * callsPerWholeList;
        if (selection.selectionSet !== undefined) add(this.selection(named, selection.selectionSet, count));
      } else {
        const fragment =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
        if (fragment === undefined) continue;
        const condition = fragment.typeCondition?.name.value;
        const below = condition === undefined ? type : (this.#schema.getType(condition) ?? type);
        add(this.selection(below, fragment.selectionSet, times));
      }
    }
    return { rows, calls };
  }
}

/** Arguments that name rows one by one. */
const keyArguments = ['customerIds', 'userIds', 'emails', 'ids', 'representations'];

/** Whether all rows of a list must be looked at, however few are asked for. */
function isWhole(args: Readonly<Record<string, unknown>>): boolean {
  if (keyArguments.some((name) => Array.isArray(args[name]))) return false;
  const { filter, orderBy } = args;
  return (filter ?? null) !== null || (Array.isArray(orderBy) && orderBy.length > 0);
}

/** How many objects a field gives for each object that has it. */
function sizeOf(
  named: GraphQLNamedType,
  parent: GraphQLNamedType,
  type: GraphQLOutputType,
  args: Readonly<Record<string, unknown>>,
): number {
  const [keys] = keyArguments.flatMap((name) => (Array.isArray(args[name]) ? [args[name].length] : []));
  if (named.name.endsWith('Connection')) {
    const size = [args['first'], args['last']].find((each) => typeof each === 'number') ?? defaultWindow;
    return Math.max(0, Math.min(size, keys ?? Infinity));
  }
  // The connection has counted them.
  if (parent.name.endsWith('Connection')) return 1;
  if (!isList(type)) return 1;
  if (keys !== undefined) return keys;
  return named.name === 'Tenant' ? tenantsPerCustomer : named.name === 'DirectoryEntry' ? maxPageSize : 1;
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}
