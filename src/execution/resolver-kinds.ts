/**
 * Kinds of resolvers, declared explicitly. A `pure` resolver depends only on its object and arguments, a `batched` one
 * receives all objects of a column at once, and any other one receives the arguments of graphql-js.
 */
import {
  defaultFieldResolver,
  isObjectType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from 'graphql';
import type { MaybePromise } from '../maybe-promise.ts';

/** Linked path of a field in the response, from its end. */
export type Path = GraphQLResolveInfo['path'];

/** Arguments of one call, which the resolver may change. */
export type Arguments = Record<string, unknown>;

/** Returns each source's value, or an Error in its place. `pathAt` is the field's path below a source. */
type BatchResolver<Source, Context, Value> = (
  sources: readonly Source[],
  context: Context,
  pathAt: (index: number) => Path,
) => MaybePromise<readonly (Value | Error)[]>;

/** Returns equal values for equal objects and arguments, for all callers. */
type PureResolver<Source, Args, Value> = (source: Source, args: Readonly<Args>) => Value;

/** Error of a field whose property is null; undefined if null is valid. */
export type ErrorOfNull = (source: object, name: string) => Error | undefined;

export type Resolver =
  | { readonly kind: 'property'; readonly errorOfNull: ErrorOfNull | null }
  | { readonly kind: 'pure'; readonly resolve: PureResolver<unknown, Arguments, unknown> }
  | { readonly kind: 'batched'; readonly batch: BatchResolver<unknown, unknown, unknown> }
  | { readonly kind: 'full'; readonly resolve: GraphQLFieldResolver<unknown, unknown> };

const property: Resolver = { kind: 'property', errorOfNull: null };
const registry = new WeakMap<object, Resolver>();

/** Declares that a resolver depends only on its object and arguments, so that texts of records may be cached. */
export function pure<Source, Args, Value>(
  resolve: PureResolver<Source, Args, Value>,
): PureResolver<Source, Args, Value> {
  registry.set(resolve, { kind: 'pure', resolve: resolve as PureResolver<unknown, Arguments, unknown> });
  return resolve;
}

/** Declares that a field is a property of its object, and that null may mean an error. */
export function propertyOr(errorOfNull: ErrorOfNull): GraphQLFieldResolver<unknown, unknown> {
  const resolve: GraphQLFieldResolver<unknown, unknown> = (source, args, context, info) => {
    const value: unknown = defaultFieldResolver(source, args, context, info);
    const error = value === null ? errorOfNull(source as object, info.fieldName) : undefined;
    if (error !== undefined) throw error;
    return value;
  };
  registry.set(resolve, { kind: 'property', errorOfNull });
  return resolve;
}

/** Resolver for both executors: this one passes whole columns, graphql-js one source at a time. */
export function batched<Source, Context, Value>(
  batch: BatchResolver<Source, Context, Value>,
): (source: Source, args: object, context: Context, info: GraphQLResolveInfo) => MaybePromise<Value> {
  const resolve = (source: Source, _arguments: object, context: Context, { path }: GraphQLResolveInfo) => {
    const values = batch([source], context, () => path);
    return values instanceof Promise ? values.then(onlyValue) : onlyValue(values);
  };
  registry.set(resolve, { kind: 'batched', batch: batch as BatchResolver<unknown, unknown, unknown> });
  return resolve;
}

export function resolverOf({ resolve }: GraphQLField<unknown, unknown>): Resolver {
  if (!resolve || resolve === defaultFieldResolver) return property;
  return registry.get(resolve) ?? { kind: 'full', resolve };
}

/** Restores the marks of resolvers that the schema builder has wrapped. */
export function withMarkedResolvers(schema: GraphQLSchema, resolvers: object): GraphQLSchema {
  for (const [typeName, ofType] of Object.entries(resolvers) as [string, object][]) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) continue;
    for (const [name, resolve] of Object.entries(ofType) as [string, unknown][]) {
      const field = type.getFields()[name];
      if (field !== undefined && typeof resolve === 'function' && registry.has(resolve)) {
        field.resolve = resolve as GraphQLFieldResolver<unknown, unknown>;
      }
    }
  }
  return schema;
}

function onlyValue<Value>(values: readonly (Value | Error)[]): Value {
  const [value] = values;
  if (value instanceof Error) throw value;
  return value as Value;
}
