/** Resolvers that take all objects of a list at once: one call, and at most one promise, however many rows there are. */
import {
  isObjectType,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from 'graphql';
import type { MaybePromise } from './maybe-promise.ts';

/** A field's place in the answer, from its end. */
export type Path = GraphQLResolveInfo['path'];

/**
 * For each source its value, or the Error that costs it, in the sources' order.
 *
 * @param pathAt the field's place below the source of this index
 */
export type BatchResolver<Source, Context, Value> = (
  sources: readonly Source[],
  context: Context,
  pathAt: (index: number) => Path,
) => MaybePromise<readonly (Value | Error)[]>;

const batches = new WeakMap<object, BatchResolver<unknown, unknown, unknown>>();

/** A resolver for both executors: this project's own takes the batch, graphql-js one source after the other. */
export function batched<Source, Context, Value>(
  batch: BatchResolver<Source, Context, Value>,
): (source: Source, args: object, context: Context, info: GraphQLResolveInfo) => MaybePromise<Value> {
  const resolve = (source: Source, _arguments: object, context: Context, { path }: GraphQLResolveInfo) => {
    const values = batch([source], context, () => path);
    return values instanceof Promise ? values.then(theOnly) : theOnly(values);
  };
  batches.set(resolve, batch as BatchResolver<unknown, unknown, unknown>);
  return resolve;
}

/** The batch resolver behind a field's resolver; null where it has none. */
export function batchOf(
  resolve: GraphQLFieldResolver<unknown, unknown>,
): BatchResolver<unknown, unknown, unknown> | null {
  return batches.get(resolve) ?? null;
}

/** Puts batched resolvers back into a schema whose maker has bound them, by which they are not known any more. */
export function withBatches(schema: GraphQLSchema, resolvers: object): GraphQLSchema {
  for (const [typeName, ofType] of Object.entries(resolvers) as [string, object][]) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) continue;
    for (const [name, resolve] of Object.entries(ofType) as [string, unknown][]) {
      const field = type.getFields()[name];
      if (field !== undefined && typeof resolve === 'function' && batches.has(resolve)) {
        field.resolve = resolve as GraphQLFieldResolver<unknown, unknown>;
      }
    }
  }
  return schema;
}

function theOnly<Value>(values: readonly (Value | Error)[]): Value {
  const [value] = values;
  if (value instanceof Error) throw value;
  return value as Value;
}
