/**
 * Executes prepared operations: queries by Apollo Server around the project's executor, whose data is JSON text already;
 * subscriptions by graphql-js, result by result. Both leave in the same form.
 */
import { ApolloServer, type ApolloServerOptionsWithGateway, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import {
  GraphQLError,
  subscribe,
  type ExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import { createExecutor } from '../../execution/executor.ts';
import { stringifyAnswer } from '../../execution/request.ts';
import { Refusal } from '../../errors.ts';
import type { OperationOutputBudget } from '../../execution/output-budget.ts';
import type { GraphContext } from '../../graph/context.ts';
import { recordTypes } from '../../graph/graph-schema.ts';
import type { OutdatedAnswers, Provenance } from '../../scope.ts';
import { shouldYield, maxSliceMs, schedule } from '../../scheduler.ts';
import type { ExplainingObserver } from '../observability/explain.ts';
import type { RequestTracing } from '../observability/request-tracing.ts';
import { formatError, mergeByCause } from './format-error.ts';
import type { Preparation, PreparedOperation } from './prepare-operation.ts';
import type { RequestErrors } from './refusals.ts';
import type { RequestState } from './request-state.ts';

/** What the resolvers of one operation share, and what its result is made of beside their values. */
export interface OperationContext extends GraphContext {
  readonly operation: PreparedOperation;
  readonly state: RequestState;
  readonly outdated: OutdatedAnswers;
  readonly provenance: Provenance;
  /** Null if no explanation was asked for. */
  readonly observer: ExplainingObserver | null;
  readonly output: OperationOutputBudget;
}

export interface ExecutionOptions {
  readonly schema: GraphQLSchema;
  readonly maxCost: PreparedOperation['cost'];
  /** Null if nothing is traced. */
  readonly tracing: RequestTracing | null;
  /** Has the documents that Apollo Server asks for. */
  readonly preparation: Pick<Preparation, 'find'>;
  /** Called for each unexpected error. */
  readonly report: (error: unknown) => void;
}

type GatewayInterface = NonNullable<ApolloServerOptionsWithGateway<OperationContext>['gateway']>;
type GatewayExecutor = NonNullable<Awaited<ReturnType<GatewayInterface['load']>>['executor']>;
type GatewayExecutionResult = Awaited<ReturnType<GatewayExecutor>>;

export class Execution {
  readonly #options: ExecutionOptions;
  readonly #apollo: ApolloServer<OperationContext>;

  constructor(options: ExecutionOptions) {
    this.#options = options;
    this.#apollo = new ApolloServer<OperationContext>({
      gateway: gatewayOf(options.schema),
      documentStore: documentStoreOf(options.preparation),
      persistedQueries: false,
      includeStacktraceInErrorResponses: false,
      stopOnTerminationSignals: false,
      formatError: (formatted, error) => formatError(formatted, error, options.report),
      plugins: [
        // It instruments every field, for hints that this schema does not give.
        ApolloServerPluginCacheControlDisabled(),
        ApolloServerPluginInlineTraceDisabled(),
        ApolloServerPluginLandingPageDisabled(),
        this.#plugin(),
      ],
    });
  }

  start(): Promise<void> {
    return this.#apollo.start();
  }

  stop(): Promise<void> {
    return this.#apollo.stop();
  }

  /**
   * The result as JSON.
   *
   * @throws Refusal if the answer grew too long
   */
  async query(context: OperationContext): Promise<string> {
    const { request, document } = context.operation;
    const { body } = await this.#apollo.executeOperation(
      {
        query: document.text,
        variables: { ...request.variables },
        ...(request.operationName === null ? {} : { operationName: request.operationName }),
      },
      { contextValue: context },
    );
    if (context.output.refusal !== null) throw context.output.refusal;
    return body.kind === 'single' ? stringifyAnswer(body.singleResult) : '';
  }

  /** A subscription's results as JSON, the last of which may be the error that ended it. */
  async *subscription(context: OperationContext): AsyncGenerator<string, void, undefined> {
    const { document, request } = context.operation;
    const { schema } = this.#options;
    try {
      const results = await subscribe({
        schema,
        document: document.ast,
        contextValue: context,
        variableValues: request.variables,
        operationName: request.operationName,
      });
      if (!(Symbol.asyncIterator in results)) yield this.#present(results, context.state);
      else for await (const result of results) yield this.#present(result, context.state);
    } catch (error) {
      yield this.failure(error, context.state);
    }
  }

  /** A result of one unexpected error, or of a refusal. */
  failure(error: unknown, state: RequestState): string {
    return this.#present({ errors: [graphQLErrorOf(error)] }, state);
  }

  /** The result of an operation that GraphQL can't execute. */
  requestErrors({ errors }: RequestErrors, state: RequestState): string {
    return this.#present({ errors }, state);
  }

  #present({ errors, data }: ExecutionResult, state: RequestState): string {
    if (errors === undefined) {
      state.conclude(data, []);
      return stringifyAnswer({ data });
    }
    const causes = errors.map((error) => error.originalError ?? error);
    const formatted = errors.map((error, index) =>
      formatError(error.toJSON(), causes[index], this.#options.report),
    );
    const merged = mergeByCause(formatted, causes);
    state.conclude(data, codesOf(merged));
    return stringifyAnswer({ errors: merged, data });
  }

  /** Apollo Server's hooks, in the order in which it calls them. */
  #plugin(): ApolloServerPlugin<OperationContext> {
    const { tracing, maxCost } = this.#options;
    return {
      requestDidStart: ({ contextValue }) => {
        const { operation, state, outdated, observer } = contextValue;
        return Promise.resolve({
          executionDidStart: () => {
            tracing?.startOperation(state, contextValue.scope.owner);
            return Promise.resolve();
          },
          willSendResponse: ({ response: { body }, errors }) => {
            if (body.kind !== 'single') return Promise.resolve();
            const result = body.singleResult;
            if (result.errors && errors) result.errors = mergeByCause(result.errors, errors);
            const extensions = {
              ...(outdated.all.length === 0 ? {} : { outdated: outdated.all }),
              ...(observer === null
                ? {}
                : { cost: { ...operation.cost, most: maxCost }, upstream: observer.explain() }),
            };
            if (Object.keys(extensions).length > 0) {
              try {
                contextValue.output.spend(JSON.stringify(extensions).length);
              } catch (error) {
                if (!(error instanceof Refusal)) throw error;
                contextValue.output.refusal = error;
              }
              result.extensions = { ...result.extensions, ...extensions };
            }
            state.conclude(result.data, codesOf(result.errors ?? []));
            tracing?.endOperation(state, result.errors !== undefined);
            return Promise.resolve();
          },
        });
      },
    };
  }
}

/** Apollo Server takes an executor of one's own in the place of a federation gateway's. */
function gatewayOf(schema: GraphQLSchema): GatewayInterface {
  const scheduler = {
    shouldYield: () => shouldYield(maxSliceMs),
    yield: () => new Promise<void>(schedule),
  };
  const execute = createExecutor({ schema, recordTypes, scheduler });
  return {
    onSchemaLoadOrUpdate: (update) => {
      update({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    load: () =>
      Promise.resolve({
        executor: async ({ document, context }) => {
          const { operation, provenance, output } = context as OperationContext;
          try {
            return (await execute({
              document,
              operation: operation.definition,
              variables: operation.variables,
              context,
              // Rows that were just fetched may never be asked for again.
              keepsTexts: () => !provenance.isToItself,
              objects: operation.cost.rows,
              output,
            })) as GatewayExecutionResult;
          } catch (error) {
            if (error instanceof Refusal) output.refusal = error;
            throw error;
          }
        },
      }),
    stop: () => Promise.resolve(),
  };
}

/** Documents were prepared before Apollo Server sees them: it neither parses nor validates them again. */
function documentStoreOf(preparation: ExecutionOptions['preparation']) {
  return {
    get: (key: string) => Promise.resolve(preparation.find(key.slice(key.lastIndexOf(':') + 1))),
    set: () => Promise.resolve(),
    delete: () => Promise.resolve(false),
  };
}

function codesOf(errors: readonly GraphQLFormattedError[]): unknown[] {
  return errors.map(({ extensions }) => extensions?.['code']);
}

function graphQLErrorOf(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return error instanceof Error
    ? new GraphQLError(error.message, { originalError: error })
    : new GraphQLError('The gateway failed.');
}
