/** Arguments of resolver calls. Each call gets its own objects, since a resolver may change them. */
import { BREAK, getArgumentValues, visit, type FieldNode, type GraphQLField } from 'graphql';
import type { Arguments } from './resolver-kinds.ts';

export type VariableValues = Readonly<Record<string, unknown>>;

export function hasVariableArguments({ arguments: all = [] }: FieldNode): boolean {
  let hasVariable = false;
  const stop = () => {
    hasVariable = true;
    return BREAK;
  };
  for (const argument of all) visit(argument, { Variable: stop });
  return hasVariable;
}

/** Returns a factory that makes the arguments of one call. Throws a GraphQLError if they can't be coerced. */
export function argumentsMaker(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: VariableValues,
): () => Arguments {
  if (field.args.length === 0) return () => ({});
  const args = getArgumentValues(field, node, variables);
  return Object.values(args).every(isPrimitive)
    ? () => ({ ...args })
    : () => copyOf(getArgumentValues(field, node, variables));
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}

/** Copies the lists and plain objects that variables and default values share; class instances are not copied. */
function copyOf<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as Value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, copyOf<unknown>(inner)]),
  ) as Value;
}
