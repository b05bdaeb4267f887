/** Whole lists that a filter or an order needs, by the directive `@reads` of schema/cost.graphql. */
import {
  getDirectiveValues,
  getNamedType,
  isEnumType,
  isInputObjectType,
  type DirectiveNode,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';
import { isObject } from '../json.ts';

/** Adds the lists, as `Type.field`, that an argument's value needs. */
export type ArgumentReads = (value: unknown, lists: Set<string>) => void;

/** @returns readers of arguments by type; null for a type without values that need a list */
export function createArgumentReads(schema: GraphQLSchema): (type: GraphQLInputType) => ArgumentReads | null {
  const directive = schema.getDirective('reads');
  const listsOf = (node: { readonly directives?: readonly DirectiveNode[] } | null | undefined) => {
    const values = directive && node ? getDirectiveValues(directive, node) : null;
    return (values?.['lists'] ?? []) as readonly string[];
  };
  /** Null for a type without such a value. */
  const readers = new Map<string, ArgumentReads | null>();
  const hasLists = (type: GraphQLInputType, seen = new Set<string>()): boolean => {
    const named = getNamedType(type);
    if (seen.has(named.name)) return false;
    seen.add(named.name);
    if (isEnumType(named)) return named.getValues().some(({ astNode }) => listsOf(astNode).length > 0);
    if (!isInputObjectType(named)) return false;
    return Object.values(named.getFields()).some(
      (field) => listsOf(field.astNode).length > 0 || hasLists(field.type, seen),
    );
  };
  const readerOf = (type: GraphQLInputType): ArgumentReads | null => {
    const named = getNamedType(type);
    if (readers.has(named.name)) return readers.get(named.name) ?? null;
    if (!hasLists(named)) {
      readers.set(named.name, null);
      return null;
    }
    const values = new Map(
      isEnumType(named) ? named.getValues().map(({ name, astNode }) => [name, listsOf(astNode)]) : [],
    );
    const fields = new Map(
      isInputObjectType(named)
        ? Object.values(named.getFields()).map(({ name, astNode, type: of }) => [
            name,
            { lists: listsOf(astNode), of },
          ])
        : [],
    );
    const reader: ArgumentReads = (value, lists) => {
      if (Array.isArray(value)) for (const item of value) reader(item, lists);
      else if (typeof value === 'string') for (const list of values.get(value) ?? []) lists.add(list);
      else if (isObject(value))
        for (const [name, given] of Object.entries(value)) {
          const field = fields.get(name);
          // Undefined for an absent variable.
          if (field === undefined || given === undefined || given === null) continue;
          for (const list of field.lists) lists.add(list);
          readerOf(field.of)?.(given, lists);
        }
    };
    readers.set(named.name, reader);
    return reader;
  };
  return readerOf;
}
