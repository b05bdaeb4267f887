/** Requests of an executor, its callbacks and its results. */
import type { DocumentNode, GraphQLError, OperationDefinitionNode } from 'graphql';
import type { VariableValues } from './arguments.ts';

/** Operation of a validated document. */
export interface ExecutionRequest {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Coerced values, defaults included. */
  readonly variables: VariableValues;
  readonly context: unknown;
  /** Whether objects may be requested again, which makes caching their texts worthwhile; true by default. */
  readonly cachesTexts?: () => boolean;
  /** Estimated number of objects in the response; few by default. */
  readonly objects?: number;
  /** Limit of the response's length; none by default. */
  readonly output?: OutputBudget;
}

export interface OutputBudget {
  /** Charges characters. Throws if the response is too long, which rejects the execution. */
  readonly spend: (characters: number) => void;
}

export interface Scheduler {
  /** Whether the time slice is used up. */
  readonly shouldYield: () => boolean;
  /** Resolves in a later time slice. */
  readonly yield: () => Promise<void>;
}

/** `data` of a response as JSON text. */
export class SerializedData {
  /** The JSON text is their concatenation. */
  readonly pieces: readonly string[];

  constructor(pieces: readonly string[]) {
    this.pieces = pieces;
  }
}

export interface SerializedResult {
  /** In response order. */
  readonly errors?: readonly GraphQLError[];
  /** Null if an error has reached the root. */
  readonly data: SerializedData | null;
}

/** The whole response as JSON, in pieces; errors first, as the specification recommends. */
export function serializeResponse(
  response: Partial<Record<'errors' | 'data' | 'extensions', unknown>>,
): readonly string[] {
  const { errors, data, extensions } = response;
  if (!(data instanceof SerializedData)) return [JSON.stringify({ errors, data, extensions })];
  const before = errors === undefined ? '{' : `{"errors":${JSON.stringify(errors)},`;
  const after = extensions === undefined ? '}' : `,"extensions":${JSON.stringify(extensions)}}`;
  const [first = 'null', ...others] = data.pieces;
  const last = others.pop();
  return last === undefined
    ? [`${before}"data":${first}${after}`]
    : [`${before}"data":${first}`, ...others, last + after];
}
