/**
 * Executes prepared operations: queries by the project's executor, through Apollo Server on a document's first use, and
 * subscriptions by graphql-js.
 */
import { ApolloServer, type ApolloServerOptionsWithGateway } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  createSourceEventStream,
  execute as executeByGraphQL,
  GraphQLError,
  locatedError,
  type DocumentNode,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import { createExecutor } from '../../execution/executor.ts';
import { invariant } from '../../errors.ts';
import { serializeResponse, type SerializedResult } from '../../execution/request.ts';
import { OutputBudgets, type OperationOutputBudget } from '../../execution/output-budget.ts';
import type { GraphContext } from '../../graph/context.ts';
import { recordTypes } from '../../graph/graph-schema.ts';
import { shouldYield, maxSliceMs, schedule, yieldIfDue } from '../../scheduler.ts';
import type { OperationScope } from '../../scope.ts';
import { ExplainingObserver } from '../observability/explain.ts';
import { errorTypeOf, formatErrors } from './format-error.ts';
import type { Preparation, PreparationOptions, PreparedOperation } from './prepare-operation.ts';
import { RequestErrors } from './refusals.ts';
import type { RequestState } from './request-state.ts';

/** Context of one operation: state shared by its resolvers, and parts of the result besides their values. */
export interface OperationContext extends GraphContext {
  readonly operation: PreparedOperation;
  readonly state: RequestState;
  /** Null without `x-explain`. */
  readonly observer: ExplainingObserver | null;
  readonly output: OperationOutputBudget;
}

export interface OperationExecutorOptions extends Pick<PreparationOptions, 'schema' | 'maxCost'> {
  /** Maximum size of one response. */
  readonly maxAnswerBytes: number;
  readonly createContext: (scope: OperationScope) => GraphContext;
  /** Called for each unexpected error. */
  readonly report: (error: unknown) => void;
}

type GatewayInterface = NonNullable<ApolloServerOptionsWithGateway<OperationContext>['gateway']>;
type GatewayExecutor = NonNullable<Awaited<ReturnType<GatewayInterface['load']>>['executor']>;
type GatewayExecutionResult = Awaited<ReturnType<GatewayExecutor>>;

type Result = ExecutionResult<unknown>;

type Execute = (context: OperationContext) => Promise<SerializedResult>;

export class OperationExecutor {
  readonly outputBudgets: OutputBudgets;
  readonly #options: OperationExecutorOptions;
  readonly #execute: Execute;
  readonly #apollo: ApolloServer<OperationContext>;
  /** Documents that Apollo Server has executed once; later executions bypass it. */
  readonly #knownDocuments = new WeakSet<DocumentNode>();

  /** @param documents prepared documents, for Apollo Server's document store */
  constructor(options: OperationExecutorOptions, documents: Pick<Preparation, 'find'>) {
    this.#options = options;
    this.outputBudgets = new OutputBudgets(options.maxAnswerBytes);
    this.#execute = executeOn(options.schema);
    this.#apollo = new ApolloServer<OperationContext>({
      gateway: gatewayOf(options.schema, this.#execute),
      // Prepared documents: Apollo Server neither parses nor validates them again.
      documentStore: {
        get: (key) => Promise.resolve(documents.find(key.slice(key.lastIndexOf(':') + 1))),
        set: () => Promise.resolve(),
        delete: () => Promise.resolve(false),
      },
      persistedQueries: false,
      includeStacktraceInErrorResponses: false,
      stopOnTerminationSignals: false,
      // `#present` formats all errors.
      formatError: (_formatted, error) => error as GraphQLFormattedError,
      plugins: [
        // The plugin would instrument every field, for hints that the schema lacks.
        ApolloServerPluginCacheControlDisabled(),
        ApolloServerPluginInlineTraceDisabled(),
        ApolloServerPluginLandingPageDisabled(),
      ],
    });
  }

  /** Starts Apollo Server, and stops it when Fastify has closed. */
  async register(server: FastifyInstance): Promise<void> {
    await this.#apollo.start();
    server.addHook('onClose', () => this.#apollo.stop());
  }

  /** Starts an operation; it ends with its request at the latest. */
  begin(
    operation: PreparedOperation,
    { state, headers }: FastifyRequest,
    requestsInFlight: number,
  ): OperationContext {
    const isExplained = headers['x-explain'] === 'true' && !state.isSubscription;
    const observer = isExplained ? new ExplainingObserver() : null;
    const scope = state.beginOperation(requestsInFlight, observer);
    const output = this.outputBudgets.create();
    state.whenClosed(output.release);
    const { planner, loaders, summaryLoader } = this.#options.createContext(scope);
    return { scope, planner, loaders, summaryLoader, operation, state, observer, output };
  }

  /** Executes a query to the pieces of its result as JSON. Throws a Refusal if it is too long. */
  async query(context: OperationContext): Promise<readonly string[]> {
    const { state, scope, output, operation, observer } = context;
    const { document } = operation;
    const endSpan = state.trace?.startOperation(state, scope.owner);
    let errorType: string | null = null;
    let result: Result;
    try {
      const isKnown = this.#knownDocuments.has(document);
      result = await (isKnown ? this.#execute(context) : this.#executeByApollo(context));
      this.#knownDocuments.add(document);
      const [error] = result.errors ?? [];
      if (error !== undefined) errorType = errorTypeOf(error);
    } catch (error) {
      errorType = errorTypeOf(error);
      throw error;
    } finally {
      endSpan?.(errorType);
    }
    const { data, errors = [] } = result;
    const outdated = scope.outdated.all;
    const extensions = {
      ...(outdated.length === 0 ? {} : { outdated }),
      ...(observer && {
        cost: { ...operation.cost, most: this.#options.maxCost },
        upstream: observer.explain(),
      }),
    };
    if (observer !== null) output.spend(JSON.stringify(extensions).length);
    return this.#present({ data, errors, extensions }, state);
  }

  async #executeByApollo(context: OperationContext): Promise<Result> {
    const { text, request } = context.operation;
    const { body } = await this.#apollo.executeOperation(
      {
        query: text,
        ...(request.operationName === null ? {} : { operationName: request.operationName }),
      },
      { contextValue: context },
    );
    const result: FormattedExecutionResult = body.kind === 'single' ? body.singleResult : {};
    // GraphQLErrors, since `formatError` passes them through.
    const errors = (result.errors ?? []) as readonly GraphQLError[];
    if (result.data !== undefined) return { data: result.data, errors };
    // The executor has rejected; rethrown, as for a known document.
    const [error] = errors;
    invariant(error !== undefined, 'without data, there is an error');
    throw error.originalError ?? error;
  }

  async *subscription(context: OperationContext): AsyncGenerator<string> {
    const { state, scope, operation } = context;
    const endSpan = state.trace?.startOperation(state, scope.owner);
    try {
      const args = {
        schema: this.#options.schema,
        document: operation.document,
        contextValue: context,
        variableValues: operation.request.variables,
        operationName: operation.request.operationName,
      };
      const events = await createSourceEventStream(args);
      if (!(Symbol.asyncIterator in events)) yield this.#present(events, state).join('');
      else
        for await (const event of events) {
          // Events may be long, and many subscriptions may have one at once, as at shutdown.
          await yieldIfDue();
          if (state.isClosed) return;
          yield* this.#withinBudget(
            this.#present(await executeByGraphQL({ ...args, rootValue: event }), state).join(''),
          );
        }
    } finally {
      const [errorType = null] = state.codes;
      endSpan?.(errorType);
    }
  }

  /** Counts a result among the bytes in flight until it is sent. Throws a Refusal if it is too long. */
  *#withinBudget(result: string): Generator<string> {
    const { spend, release } = this.outputBudgets.create();
    try {
      spend(result.length);
      yield result;
    } finally {
      release();
    }
  }

  /** Formats the result of an operation that failed as a whole, or was refused. */
  failure(error: unknown, state: RequestState): string {
    if (error instanceof RequestErrors) return this.#present({ errors: error.errors }, state).join('');
    const only = error instanceof GraphQLError ? error : locatedError(error, undefined);
    return this.#present({ errors: [only] }, state).join('');
  }

  #present({ errors = [], data, extensions = {} }: Result, state: RequestState): readonly string[] {
    const formatted = formatErrors(errors, this.#options.report);
    state.conclude(
      data,
      formatted.map((error) => error.extensions?.['code']),
    );
    return serializeResponse({
      errors: formatted.length === 0 ? undefined : formatted,
      data,
      extensions: Object.keys(extensions).length === 0 ? undefined : extensions,
    });
  }
}

function executeOn(schema: GraphQLSchema): Execute {
  const scheduler = {
    shouldYield: () => shouldYield(maxSliceMs),
    yield: () => new Promise<void>(schedule),
  };
  const execute = createExecutor({ schema, recordTypes, scheduler });
  return (context) => {
    const { operation, scope, output } = context;
    const { document, definition, variables, cost } = operation;
    return execute({
      document,
      operation: definition,
      variables,
      context,
      // Newly fetched rows may never be requested again.
      cachesTexts: () => !scope.dependencies.isUncacheable,
      objects: cost.rows,
      output,
    });
  };
}

/** Wraps an executor as a federation gateway, the only form in which Apollo Server accepts one. */
function gatewayOf(schema: GraphQLSchema, execute: Execute): GatewayInterface {
  return {
    onSchemaLoadOrUpdate: (update) => {
      update({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    load: () =>
      Promise.resolve({
        executor: ({ context }) => execute(context as OperationContext) as Promise<GatewayExecutionResult>,
      }),
    stop: () => Promise.resolve(),
  };
}
