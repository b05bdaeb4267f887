/** The variables of a document: their defaults, and the arguments and input fields that they are values of. */
import {
  isInputObjectType,
  Kind,
  TypeInfo,
  visit,
  valueFromASTUntyped,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { JsonObject } from '../../json.ts';

interface VariableUse {
  readonly description: string | null;
  /** Whether it says how many rows to read. */
  readonly isWindow: boolean;
  /** The input field, such as `UserFilter.department`; null for an argument. */
  readonly field: string | null;
}

/** The first use of each variable. */
export function usesOfVariables(
  schema: GraphQLSchema,
  document: DocumentNode,
): ReadonlyMap<string, VariableUse> {
  const uses = new Map<string, VariableUse>();
  const typeInfo = new TypeInfo(schema);
  const note = (name: string, use: VariableUse) => {
    if (!uses.has(name)) uses.set(name, use);
  };
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Argument: ({ value, name }) => {
        if (value.kind !== Kind.VARIABLE) return;
        const description = firstSentence(typeInfo.getArgument()?.description ?? null);
        const isWindow = name.value === 'first' || name.value === 'last';
        note(value.name.value, { description, isWindow, field: null });
      },
      ObjectField: ({ value, name }) => {
        if (value.kind !== Kind.VARIABLE) return;
        // By its name, since it may be an element of a list.
        const type = schema.getType(String(typeInfo.getParentInputType()).replaceAll(/[[\]!]/g, ''));
        if (!isInputObjectType(type)) return;
        const description = type.getFields()[name.value]?.description ?? null;
        note(value.name.value, { description, isWindow: false, field: `${type.name}.${name.value}` });
      },
    }),
  );
  return uses;
}

/** What a cursor and an order are; the rest is of use to those who write documents. */
function firstSentence(description: string | null): string | null {
  return description?.replace(/\.\s[^]*$/, '.') ?? null;
}

/** Defaults of an operation's variables; null is as good as none. */
export function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): JsonObject {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) => {
      const value = defaultValue === undefined ? null : valueFromASTUntyped(defaultValue);
      return value === null || value === undefined ? [] : [[variable.name.value, value]];
    }),
  );
}
