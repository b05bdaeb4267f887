/** Executes the queries of a schema by plans, which are kept for documents that come again. */
import {
  isObjectType,
  OperationTypeNode,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { VariableValues } from './arguments.ts';
import { execute, type OutputBudget, type Scheduler } from './execute.ts';
import type { RecordTypes } from './plan.ts';
import { PlanCache } from './plan-cache.ts';
import { TextBudget } from './text-cache.ts';

/** An operation of a document that was validated. */
export interface ExecutionRequest {
  readonly document: DocumentNode;
  /** One of the document's queries. */
  readonly operation: OperationDefinitionNode;
  /** Coerced values, defaults included. */
  readonly variables: VariableValues;
  readonly context: unknown;
  /** Whether objects may come again, so that their texts are worth caching; by default they may. */
  readonly keepsTexts?: () => boolean;
  /** Estimated count of objects in the response; by default few. */
  readonly objects?: number;
  /** By default the response may have any length. */
  readonly output?: OutputBudget;
}

/** `data` of a response that is JSON already. */
export class SerializedData {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export interface SerializedResult {
  readonly errors?: readonly GraphQLError[];
  readonly data: SerializedData | null;
}

/** Rejects with what `output` throws, with what the scheduler rejects with, and for operations that are no queries. */
export type Executor = (request: ExecutionRequest) => Promise<SerializedResult>;

export interface ExecutorOptions {
  readonly schema: GraphQLSchema;
  readonly scheduler: Scheduler;
  readonly recordTypes?: RecordTypes;
  /** Characters of cached texts. */
  readonly maxTextCharacters?: number;
  /** Estimated bytes of cached plans. */
  readonly maxPlanBytes?: number;
}

/** Rows of a query answered as events, which graphql-js executes without yielding. */
export const manyObjects = 500;
/** Responses with more objects are flattened in slices of the event loop. */
const longResponse = 5000;

const defaultMaxTextCharacters = 32 * 1024 * 1024;
const defaultMaxPlanBytes = 32 * 1024 * 1024;

/** @throws Error for a schema without queries, and for types with `isTypeOf`, which no object is checked against */
export function createExecutor({
  schema,
  scheduler,
  recordTypes = new Map(),
  maxTextCharacters = defaultMaxTextCharacters,
  maxPlanBytes = defaultMaxPlanBytes,
}: ExecutorOptions): Executor {
  const rootType = schema.getQueryType();
  if (!rootType) throw new Error('The schema has no query type; add one.');
  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type) && typeof type.isTypeOf === 'function') {
      throw new Error(
        `The type ${type.name} has isTypeOf, which is not supported; resolve abstract types by resolveType.`,
      );
    }
  }
  const textBudget = new TextBudget(maxTextCharacters);
  const cache = new PlanCache({ schema, recordTypes, textBudget, maxBytes: maxPlanBytes });

  return async (request) => {
    const { document, operation: definition, variables, context, objects = 0 } = request;
    if (definition.operation !== OperationTypeNode.QUERY) {
      throw new Error(`Expected a query, but got a ${definition.operation}.`);
    }
    const plans = cache.find(document, definition, variables);
    const { text, errors } = await execute({
      operation: plans.operation,
      plans,
      rootType,
      variables,
      context,
      scheduler,
      keepsTexts: request.keepsTexts ?? always,
      flattenStrings: objects > longResponse,
      output: request.output ?? null,
    });
    const data = text === null ? null : new SerializedData(text);
    return errors.length === 0 ? { data } : { errors, data };
  };
}

const always = () => true;

/** The whole response as JSON, errors first, as the specification recommends. */
export function stringifyAnswer({
  errors,
  data,
  extensions,
}: {
  readonly errors?: unknown;
  readonly data?: unknown;
  readonly extensions?: unknown;
}): string {
  if (!(data instanceof SerializedData)) return JSON.stringify({ errors, data, extensions });
  const before = errors === undefined ? '{' : `{"errors":${JSON.stringify(errors)},`;
  const after = extensions === undefined ? '}' : `,"extensions":${JSON.stringify(extensions)}}`;
  return `${before}"data":${data.text}${after}`;
}
