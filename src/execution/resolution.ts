/** Asks the resolvers: for the values of a field, and for the types of abstract values. What they throw is a value here. */
import {
  getArgumentValues,
  GraphQLError,
  isObjectType,
  type GraphQLAbstractType,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
} from 'graphql';
import { pathAt, type Frame } from './frame.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { FieldPlan, Operation, VariableValues } from './plan.ts';

/** What a resolver threw or rejected with. */
export class Thrown {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

export interface ResolutionRequest {
  readonly operation: Operation;
  readonly variables: VariableValues;
  readonly context: unknown;
}

export class Resolution {
  readonly #request: ResolutionRequest;
  readonly #arguments = new Map<FieldPlan, Record<string, unknown> | Thrown>();

  constructor(request: ResolutionRequest) {
    this.#request = request;
  }

  /** The field's value of each source, which may be a promise, an Error or Thrown. */
  values(plan: FieldPlan, frame: Frame, sources: readonly unknown[]): MaybePromise<readonly unknown[]> {
    const { batch, field, resolve } = plan;
    const { context } = this.#request;
    // The text of __typename is known.
    if (field === null) return sources.map(() => true);
    if (batch !== null) {
      try {
        return batch(sources, context, (index) => pathAt(frame, index));
      } catch (error) {
        const thrown = new Thrown(error);
        return sources.map(() => thrown);
      }
    }
    const args = this.#argumentsOf(plan);
    if (args instanceof Thrown) return sources.map(() => args);
    const { name } = field;
    const values = new Array<unknown>(sources.length);
    // A resolver that is declared without it does not look at it.
    const takesInfo = resolve === null || resolve.length > 3;
    for (let index = 0; index < sources.length; index++) {
      const source = sources[index];
      try {
        if (resolve === null) {
          const property: unknown = isObjectLike(source) ? source[name] : undefined;
          values[index] =
            typeof property === 'function'
              ? (property as Method).call(source, args, context, this.#infoOf(plan, field, frame, index))
              : property;
        } else {
          values[index] = takesInfo
            ? resolve(source, args, context, this.#infoOf(plan, field, frame, index))
            : (resolve as GraphQLFieldResolverWithoutInfo)(source, args, context);
        }
      } catch (error) {
        values[index] = new Thrown(error);
      }
    }
    return values;
  }

  #argumentsOf(plan: FieldPlan): Record<string, unknown> | Thrown {
    const { constantArguments, field, nodes } = plan;
    if (constantArguments !== null) return constantArguments;
    let args = this.#arguments.get(plan);
    if (args === undefined) {
      const [node] = nodes;
      try {
        args =
          field === null || node === undefined ? {} : getArgumentValues(field, node, this.#request.variables);
      } catch (error) {
        args = new Thrown(error);
      }
      this.#arguments.set(plan, args);
    }
    return args;
  }

  #infoOf(
    { nodes, parentType }: FieldPlan,
    field: NonNullable<FieldPlan['field']>,
    frame: Frame,
    index: number,
  ): GraphQLResolveInfo {
    const { operation, variables } = this.#request;
    return {
      fieldName: field.name,
      fieldNodes: nodes,
      returnType: field.type,
      parentType,
      path: pathAt(frame, index),
      schema: operation.schema,
      fragments: operation.fragments,
      rootValue: undefined,
      operation: operation.definition,
      variableValues: variables,
    };
  }

  /** By source; it may be a promise or Thrown. */
  runtimeTypeNames(
    type: GraphQLAbstractType,
    plan: FieldPlan,
    frame: Frame,
    sources: readonly unknown[],
  ): unknown[] {
    const { field } = plan;
    const resolveType = type.resolveType ?? typenameOf;
    return sources.map((source, position): unknown => {
      try {
        if (field === null) throw new Error('__typename is a leaf.');
        return resolveType(source, this.#request.context, this.#infoOf(plan, field, frame, position), type);
      } catch (error) {
        return new Thrown(error);
      }
    });
  }

  /**
   * @param name as `runtimeTypeNames` told it, or what came of it
   * @throws whatever the resolver has thrown, or GraphQLError where it names no possible type
   */
  runtimeType(
    abstractType: GraphQLAbstractType,
    { parentType, field }: FieldPlan,
    name: unknown,
  ): GraphQLObjectType {
    if (name instanceof Thrown) throw name.reason;
    const { schema } = this.#request.operation;
    const place = `${parentType.name}.${field?.name ?? ''}`;
    if (name === null || name === undefined) {
      throw new GraphQLError(
        `Abstract type "${abstractType.name}" must resolve to an Object type at runtime for field "${place}". Either the "${abstractType.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
      );
    }
    if (typeof name !== 'string') {
      throw new GraphQLError(
        `Abstract type "${abstractType.name}" must resolve to an Object type at runtime for field "${place}" with a value that is none.`,
      );
    }
    const type = schema.getType(name);
    if (type === undefined) {
      throw new GraphQLError(
        `Abstract type "${abstractType.name}" was resolved to a type "${name}" that does not exist inside the schema.`,
      );
    }
    if (!isObjectType(type)) {
      throw new GraphQLError(
        `Abstract type "${abstractType.name}" was resolved to a non-object type "${name}".`,
      );
    }
    if (!schema.isSubType(abstractType, type)) {
      throw new GraphQLError(
        `Runtime Object type "${type.name}" is not a possible type for "${abstractType.name}".`,
      );
    }
    return type;
  }
}

type Method = (args: unknown, context: unknown, info: GraphQLResolveInfo) => unknown;
type GraphQLFieldResolverWithoutInfo = (
  ...parameters: Parameters<GraphQLFieldResolver<unknown, unknown>> extends [
    infer S,
    infer A,
    infer C,
    unknown,
  ]
    ? [S, A, C]
    : never
) => unknown;

function typenameOf(source: unknown): unknown {
  return isObjectLike(source) ? source['__typename'] : undefined;
}

function isObjectLike(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
