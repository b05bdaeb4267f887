/** Arguments and input fields that the variables of a document are values of. */
import {
  isInputObjectType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';

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
        const description = typeInfo.getArgument()?.description ?? null;
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
