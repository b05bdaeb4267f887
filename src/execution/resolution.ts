/** Calls resolvers for the values of a field and for the types of abstract values. */
import {
  defaultTypeResolver,
  GraphQLError,
  isObjectType,
  type GraphQLAbstractType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
} from 'graphql';
import { argumentsMaker } from './arguments.ts';
import { pathAt, type Frame } from './frame.ts';
import { adopt, isPromise, Thrown, type MaybePromise } from '../maybe-promise.ts';
import type { ExecutableOperation } from './plan.ts';
import type { ExecutionRequest } from './request.ts';
import type { Arguments, ErrorOfNull, Resolver } from './resolver-kinds.ts';

/** Methods return promises, Errors and Thrown as values. They throw or reject only if their comment says so. */
export class Resolution {
  readonly #operation: ExecutableOperation;
  readonly #request: ExecutionRequest;
  /** Calls of functions found in properties, which may depend on anything. */
  methodCalls = 0;

  constructor(operation: ExecutableOperation, request: ExecutionRequest) {
    this.#operation = operation;
    this.#request = request;
  }

  values(frame: Frame, sources: readonly unknown[]): MaybePromise<readonly unknown[]> {
    const allThrown = (reason: unknown) => new Array<unknown>(sources.length).fill(new Thrown(reason));
    const { resolver } = frame.field;
    try {
      if (resolver.kind !== 'batched') return this.#each(resolver, frame, sources);
      const values = resolver.batch(sources, this.#request.context, (index) => pathAt(frame, index));
      const check = (all: readonly unknown[]) => {
        if (Array.isArray(all) && all.length === sources.length) return all.map(adopt);
        throw new Error('A batched resolver must return one value for each source.');
      };
      return isPromise(values) ? values.then(check).catch(allThrown) : check(values);
    } catch (error) {
      return allThrown(error);
    }
  }

  #each(
    resolver: Exclude<Resolver, { kind: 'batched' }>,
    frame: Frame,
    sources: readonly unknown[],
  ): unknown[] {
    const { context } = this.#request;
    const { definition, nodes } = frame.field;
    const makeArguments = argumentsMaker(definition, nodes[0], this.#request.variables);
    const values = new Array<unknown>(sources.length);
    for (let index = 0; index < sources.length; index++) {
      const source = sources[index];
      try {
        values[index] = adopt(
          resolver.kind === 'property'
            ? this.#property(resolver.errorOfNull, source, makeArguments, frame, index)
            : resolver.kind === 'pure'
              ? resolver.resolve(source, makeArguments())
              : resolver.resolve(source, makeArguments(), context, this.#infoAt(frame, index)),
        );
      } catch (error) {
        values[index] = new Thrown(error);
      }
    }
    return values;
  }

  #property(
    errorOfNull: ErrorOfNull | null,
    source: unknown,
    makeArguments: () => Arguments,
    frame: Frame,
    index: number,
  ): unknown {
    const { name } = frame.field.definition;
    const value = propertyOf(source, name);
    // Only objects have properties.
    if (value === null) return errorOfNull?.(source as object, name) ?? null;
    if (typeof value !== 'function') return value;
    this.methodCalls += 1;
    return Reflect.apply(value, source, [makeArguments(), this.#request.context, this.#infoAt(frame, index)]);
  }

  #infoAt(frame: Frame, index: number): GraphQLResolveInfo {
    const { schema, fragments, definition: operation } = this.#operation;
    const { definition, nodes, parentType } = frame.field;
    return {
      fieldName: definition.name,
      fieldNodes: nodes,
      returnType: definition.type,
      parentType,
      path: pathAt(frame, index),
      schema,
      fragments,
      rootValue: undefined,
      operation,
      variableValues: this.#request.variables,
    };
  }

  /** Type name of each source; promises never reject. */
  typeNames(type: GraphQLAbstractType, frame: Frame, sources: readonly unknown[]): unknown[] {
    const resolveType = type.resolveType ?? defaultTypeResolver;
    return sources.map((source, position): unknown => {
      try {
        const { context } = this.#request;
        const name = adopt(resolveType(source, context, this.#infoAt(frame, position), type));
        return isPromise(name) ? name.catch((reason: unknown) => new Thrown(reason)) : name;
      } catch (error) {
        return new Thrown(error);
      }
    });
  }

  /** Type of a settled name. Throws the resolver's error, or a GraphQLError if the type is impossible. */
  typeNamed(abstractType: GraphQLAbstractType, frame: Frame, name: unknown): GraphQLObjectType {
    if (name instanceof Thrown) throw name.reason;
    const { parentType, definition } = frame.field;
    const abstract = `Abstract type "${abstractType.name}"`;
    if (typeof name !== 'string') {
      throw new GraphQLError(
        `${abstract} must resolve to an Object type at runtime for field "${parentType.name}.${definition.name}". Either the "${abstractType.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
      );
    }
    const { schema } = this.#operation;
    const type = schema.getType(name);
    if (isObjectType(type) && schema.isSubType(abstractType, type)) return type;
    throw new GraphQLError(
      type === undefined
        ? `${abstract} was resolved to a type "${name}" that does not exist inside the schema.`
        : `Runtime Object type "${name}" is not a possible type for "${abstractType.name}".`,
    );
  }
}

function propertyOf(source: unknown, name: string): unknown {
  const isObject = (typeof source === 'object' && source !== null) || typeof source === 'function';
  return isObject ? (source as Readonly<Record<string, unknown>>)[name] : undefined;
}
