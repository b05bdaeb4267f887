/** Variables of a document: their defaults, and the arguments and input fields that take them. */
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
  /** Whether the argument sets the number of rows to read. */
  readonly isWindow: boolean;
  /** Input field, such as `UserFilter.department`; null for an argument. */
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
        // By name, since the type may be a list's element.
        const type = schema.getType(String(typeInfo.getParentInputType()).replaceAll(/[[\]!]/g, ''));
        if (!isInputObjectType(type)) return;
        const description = type.getFields()[name.value]?.description ?? null;
        note(value.name.value, { description, isWindow: false, field: `${type.name}.${name.value}` });
      },
    }),
  );
  return uses;
}

/** Enough about cursors and orders; the rest is for authors of documents. */
function firstSentence(description: string | null): string | null {
  return description?.replace(/\.\s[^]*$/, '.') ?? null;
}

/** Defaults of an operation's variables; null means none. */
export function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): JsonObject {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) => {
      const value = defaultValue === undefined ? null : valueFromASTUntyped(defaultValue);
      return value === null || value === undefined ? [] : [[variable.name.value, value]];
    }),
  );
}
