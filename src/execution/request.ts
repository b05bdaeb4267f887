/** Requests of an executor, its callbacks and its results. */
import type { DocumentNode, GraphQLError, OperationDefinitionNode } from 'graphql';
import type { VariableValues } from './arguments.ts';

/** An operation of a document that was validated. */
export interface ExecutionRequest {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Coerced values, defaults included. */
  readonly variables: VariableValues;
  readonly context: unknown;
  /** Whether objects may be requested again, so that their texts are worth caching; by default they may. */
  readonly keepsTexts?: () => boolean;
  /** Estimated count of objects in the response; by default few. */
  readonly objects?: number;
  /** By default the response may have any length. */
  readonly output?: OutputBudget;
}

export interface OutputBudget {
  /** Throws if the response has become too long, which rejects the execution with the same reason. */
  readonly spend: (characters: number) => void;
}

export interface Scheduler {
  /** Whether the event loop has been blocked for long enough. */
  readonly shouldYield: () => boolean;
  /** Resolves in a later slice. */
  readonly yield: () => Promise<void>;
}

/** `data` of a response that is JSON already. */
export class SerializedData {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export interface SerializedResult {
  /** In the response's order. */
  readonly errors?: readonly GraphQLError[];
  /** Null if an error has reached the root. */
  readonly data: SerializedData | null;
}

/** The whole response as JSON, errors first, as the specification recommends. */
export function stringifyAnswer(
  response: Partial<Record<'errors' | 'data' | 'extensions', unknown>>,
): string {
  const { errors, data, extensions } = response;
  if (!(data instanceof SerializedData)) return JSON.stringify({ errors, data, extensions });
  const before = errors === undefined ? '{' : `{"errors":${JSON.stringify(errors)},`;
  const after = extensions === undefined ? '}' : `,"extensions":${JSON.stringify(extensions)}}`;
  return `${before}"data":${data.text}${after}`;
}
