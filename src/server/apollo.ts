/** Apollo Server around the graph's schema. */
import { ApolloServer, type ApolloServerOptionsWithGateway, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { getVariableValues, GraphQLError, OperationTypeNode, type GraphQLSchema } from 'graphql';
import { createExecutor } from '../execution/executor.ts';
import { stringifyAnswer } from '../execution/request.ts';
import type { GraphContext } from '../graph/context.ts';
import { recordTypes } from '../graph/graph-schema.ts';
import type { OutdatedAnswers, Provenance } from '../scope.ts';
import { isSliceOver, longestSliceMs, restIfDue, takeTurn } from '../turns.ts';
import { LimitError } from '../errors.ts';
import { checkOperation, type Limits } from './check-operation.ts';
import type { ExplainingObserver } from './explain.ts';
import type { Cost } from './limits/cost.ts';
import { formatError, mergeByCause } from './format-error.ts';
import type { OperationRecord } from './audit.ts';
import type { TracedContext } from './tracing.ts';

/** What one operation's resolvers share, and who watches it. */
export interface OperationContext extends GraphContext, Pick<TracedContext, 'trace'> {
  readonly observer: ExplainingObserver | null;
  readonly outdated: OutdatedAnswers;
  readonly provenance: Provenance;
  /** What it could come to; null until that is known. */
  cost: Cost | null;
  /** Told that it could not be executed: it was well sent, and ill made. */
  readonly tellRequestError: () => void;
  /** What is written down of it; null where nobody audits. */
  readonly record: OperationRecord | null;
}

export interface ApolloOptions {
  readonly schema: GraphQLSchema;
  readonly limits: Limits;
  /** Whether callers may ask for the schema itself. */
  readonly hasIntrospection: boolean;
  /** The explorer, which a browser gets that opens the endpoint; null where there is none. */
  readonly explorerHtml: string | null;
  /** Told of each error that the gateway did not foresee. */
  readonly report: (error: unknown) => void;
  readonly tracing: ApolloServerPlugin<OperationContext>;
}

export function createApolloServer({
  schema,
  limits,
  hasIntrospection,
  explorerHtml,
  report,
  tracing,
}: ApolloOptions): ApolloServer<OperationContext> {
  return new ApolloServer<OperationContext>({
    gateway: executing(schema),
    stringifyResult: stringifyAnswer,
    introspection: hasIntrospection,
    hideSchemaDetailsFromClientErrors: !hasIntrospection,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    formatError: (formatted, error) => formatError(formatted, error, report),
    plugins: [
      // It instruments every field, for hints that this schema does not give.
      ApolloServerPluginCacheControlDisabled(),
      // It would do the same for a federation gateway's reports; docs/operating.md has the traces there are.
      ApolloServerPluginInlineTraceDisabled(),
      explorerHtml === null ? ApolloServerPluginLandingPageDisabled() : explorer(explorerHtml),
      limiting(limits),
      tracing,
      oneErrorPerCause,
      extensions,
      recording,
      requestErrors,
    ],
  });
}

type GatewayInterface = NonNullable<ApolloServerOptionsWithGateway<OperationContext>['gateway']>;
type GatewayExecutor = NonNullable<Awaited<ReturnType<GatewayInterface['load']>>['executor']>;
type GatewayExecutionResult = Awaited<ReturnType<GatewayExecutor>>;

/** Apollo Server takes an executor of one's own where it would take that of a federation gateway. */
function executing(schema: GraphQLSchema): GatewayInterface {
  const scheduler = {
    shouldYield: () => isSliceOver(longestSliceMs),
    yield: () => new Promise<void>(takeTurn),
  };
  const execute = createExecutor({ schema, recordTypes, scheduler });
  return {
    onSchemaLoadOrUpdate: (tell) => {
      tell({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    load: () =>
      Promise.resolve({
        executor: async ({ document, operation, request: { variables }, context }) => {
          const definitions = operation.variableDefinitions ?? [];
          const { coerced, errors } = getVariableValues(schema, definitions, variables ?? {}, {
            maxErrors: 50,
          });
          if (errors !== undefined) return { errors };
          return (await execute({
            document,
            operation,
            variables: coerced,
            context,
            // Of rows that have just come, nobody knows whether they will be asked for again.
            keepsTexts: () => !(context as OperationContext).provenance.isToItself,
            objects: (context as OperationContext).cost?.rows ?? 0,
          })) as GatewayExecutionResult;
        },
      }),
    stop: () => Promise.resolve(),
  };
}

function explorer(html: string): ApolloServerPlugin<OperationContext> {
  return { serverWillStart: () => Promise.resolve({ renderLandingPage: () => Promise.resolve({ html }) }) };
}

/** Before execution; `extensions.cost` for whoever asks for an explanation. */
function limiting(limits: Limits): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: ({ contextValue }) =>
      Promise.resolve({
        // Each of these is long for a long document that is new: others have their turn between them.
        validationDidStart: () => restIfDue(),
        didResolveOperation: async ({ document, operation, request: { variables } }) => {
          await restIfDue();
          // They answer more than once, which no single response can.
          if (operation?.operation === OperationTypeNode.SUBSCRIPTION) {
            throw new GraphQLError(
              'A subscription is answered as server-sent events: ask for it with the header Accept: text/event-stream.',
              { extensions: { code: 'BAD_REQUEST', http: { status: 406 } } },
            );
          }
          if (operation?.operation === OperationTypeNode.MUTATION) {
            throw new GraphQLError(
              'There is nothing to change here: the schema has queries and subscriptions alone.',
              {
                extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
              },
            );
          }
          try {
            if (operation) {
              const { viewer } = contextValue.scope;
              contextValue.cost = checkOperation(limits, document, operation, variables ?? {}, viewer);
            }
          } catch (error) {
            if (!(error instanceof LimitError)) throw error;
            throw new GraphQLError(error.message, {
              originalError: error,
              extensions: { http: { status: 400 } },
            });
          }
        },
        willSendResponse: ({ response: { body } }) => {
          const { observer, cost } = contextValue;
          if (observer === null || cost === null || body.kind !== 'single') return Promise.resolve();
          const { rows, values, calls } = limits.max;
          const most = { rows, values, calls };
          const extensions = { ...body.singleResult.extensions, cost: { ...cost, most } };
          body.singleResult.extensions = extensions;
          return Promise.resolve();
        },
      }),
  };
}

const oneErrorPerCause: ApolloServerPlugin<OperationContext> = {
  requestDidStart: () =>
    Promise.resolve({
      willSendResponse: ({ response, errors }) => {
        if (response.body.kind === 'single' && response.body.singleResult.errors && errors) {
          response.body.singleResult.errors = mergeByCause(response.body.singleResult.errors, errors);
        }
        return Promise.resolve();
      },
    }),
};

/** `extensions.outdated`, where the upstream failed and memory stood in; `extensions.upstream` for whoever asks. */
const extensions: ApolloServerPlugin<OperationContext> = {
  requestDidStart: ({ contextValue: { observer, outdated } }) =>
    Promise.resolve({
      willSendResponse: ({ response: { body } }) => {
        if (body.kind !== 'single') return Promise.resolve();
        const result = body.singleResult;
        if (outdated.all.length > 0) result.extensions = { ...result.extensions, outdated: outdated.all };
        if (observer !== null) result.extensions = { ...result.extensions, upstream: observer.explain() };
        return Promise.resolve();
      },
    }),
};

/** After all that may change an answer's errors. */
const recording: ApolloServerPlugin<OperationContext> = {
  requestDidStart: ({ contextValue: { record } }) =>
    Promise.resolve(
      record === null
        ? undefined
        : {
            willSendResponse: ({ operation, operationName, queryHash, response: { body } }) => {
              record.describe(operationName, operation?.operation, queryHash);
              if (body.kind !== 'single') return Promise.resolve();
              const { data, errors = [] } = body.singleResult;
              const codes = errors.map(({ extensions: { code } = {} }) => code);
              record.conclude(data, codes);
              return Promise.resolve();
            },
          },
    ),
};

/** Of documents and variables that are ill made. */
const requestErrorCodes: readonly unknown[] = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
];

const requestErrors: ApolloServerPlugin<OperationContext> = {
  requestDidStart: ({ contextValue }) =>
    Promise.resolve({
      willSendResponse: ({ response: { body } }) => {
        if (body.kind !== 'single' || body.singleResult.data !== undefined) return Promise.resolve();
        const codes = (body.singleResult.errors ?? []).map(({ extensions }) => extensions?.['code']);
        if (codes.every((code) => requestErrorCodes.includes(code))) contextValue.tellRequestError();
        return Promise.resolve();
      },
    }),
};
