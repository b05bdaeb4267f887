/**
 * Executes documents: the first time by graphql-js, since most one-off documents never come again, and from the second
 * time on, or where much may come of them, by a plan that is kept as long as the document is.
 */
import {
  execute as executeUnplanned,
  getVariableValues,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { execute, type Turns } from './execute.ts';
import { TextBudget } from './text-cache.ts';
import {
  conditionsOf,
  findOperation,
  planOperation,
  type ObjectPlan,
  type Operation,
  type VariableValues,
} from './plan.ts';

export interface ExecutionRequest {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: VariableValues | null | undefined;
  readonly context: unknown;
  /** Asked whether what objects look like is worth keeping: whether they may come again. Without it, it always is. */
  readonly keepsTexts?: () => boolean;
  /** How many objects its answer may have, about; without it, few. */
  readonly objects?: number;
}

/** An answer's `data` that is JSON already. */
export class SerializedData {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** `data` is an object or SerializedData. */
export type Executor = (request: ExecutionRequest) => Promise<ExecutionResult | SerializedResult>;

export interface SerializedResult extends Omit<ExecutionResult, 'data'> {
  readonly data: SerializedData | null;
}

interface KnownDocument {
  uses: number;
  readonly conditions: readonly string[];
  readonly operations: Map<string | undefined, PlannedOperation | null>;
}

interface PlannedOperation {
  readonly operation: Operation;
  /** By the values of the variables that decide which fields are selected. */
  readonly plans: Map<string, ObjectPlan | null>;
}

/** So many take graphql-js, which lets nobody else have a turn, some ten milliseconds: they are planned at once. */
export const manyObjects = 500;
/** The text of so many is not put together in one turn. */
const longAnswer = 5000;

/** A document with ever new combinations of what it selects is not kept whole. */
const mostPlans = 64;

export interface ExecutorOptions {
  readonly schema: GraphQLSchema;
  readonly turns: Turns;
  /** Types whose objects never change: what one looks like in an answer is worked out once. */
  readonly recordTypes?: ReadonlySet<string>;
  /** Of what is kept of that, at most. */
  readonly mostCharacters?: number;
  /** The use from which on a document is planned. */
  readonly plannedFrom?: number;
}

const usualMostCharacters = 32 * 1024 * 1024;

export function createExecutor({
  schema,
  turns,
  recordTypes = new Set(),
  mostCharacters = usualMostCharacters,
  plannedFrom = 2,
}: ExecutorOptions): Executor {
  const documents = new WeakMap<DocumentNode, KnownDocument>();
  const records = { types: recordTypes, budget: new TextBudget(mostCharacters) };

  function known(document: DocumentNode): KnownDocument {
    let found = documents.get(document);
    if (found === undefined) {
      found = { uses: 0, conditions: conditionsOf(document), operations: new Map() };
      documents.set(document, found);
    }
    found.uses += 1;
    return found;
  }

  function find({ operations }: KnownDocument, { document, operationName }: ExecutionRequest) {
    const name = operationName ?? undefined;
    let planned = operations.get(name);
    if (planned === undefined) {
      const operation = findOperation(schema, document, name, records);
      planned = operation === null ? null : { operation, plans: new Map() };
      operations.set(name, planned);
    }
    return planned;
  }

  return async (request) => {
    const { document, operationName, variables, context, keepsTexts = always, objects = 0 } = request;
    const documentKnown = known(document);
    const planned =
      documentKnown.uses < plannedFrom && objects <= manyObjects ? null : find(documentKnown, request);
    if (planned === null) {
      return executeUnplanned({
        schema,
        document,
        contextValue: context,
        ...(operationName ? { operationName } : {}),
        ...(variables ? { variableValues: variables } : {}),
      });
    }
    const { operation, plans } = planned;
    const coerced = getVariableValues(
      schema,
      operation.definition.variableDefinitions ?? [],
      variables ?? {},
      {
        maxErrors: 50,
      },
    );
    if (coerced.errors !== undefined) return { errors: coerced.errors };
    const values = coerced.coerced;
    const key = JSON.stringify(documentKnown.conditions.map((name) => values[name] ?? null));
    let plan = plans.get(key);
    if (plan === undefined) {
      if (plans.size >= mostPlans) plans.clear();
      plan = planOperation(operation, values);
      plans.set(key, plan);
    }
    if (plan === null) throw new Error('The schema has no queries.');
    const { text, errors } = await execute(plan, {
      operation,
      variables: values,
      context,
      turns,
      keepsTexts,
      putsTogether: objects > longAnswer,
    });
    const data = text === null ? null : new SerializedData(text);
    return errors.length === 0 ? { data } : { errors, data };
  };
}

const always = () => true;

/** The whole answer as JSON, in the order that the specification asks for: errors first. */
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
