/** Apollo Server around the graph's schema. */
import { ApolloServer, type ApolloServerOptionsWithGateway, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import { createExecutor, stringifyAnswer } from '../execution/executor.ts';
import type { GraphContext } from '../graph/context.ts';
import { recordTypes } from '../graph/graph-schema.ts';
import type { OutdatedAnswers, Provenance } from '../scope.ts';
import { takeTurn } from '../turns.ts';
import type { ExplainingObserver } from './explain.ts';
import { formatError, mergeByCause } from './format-error.ts';

/** What one operation's resolvers share, and who watches it. */
export interface OperationContext extends GraphContext {
  readonly observer: ExplainingObserver | null;
  readonly outdated: OutdatedAnswers;
  readonly provenance: Provenance;
}

export interface ApolloOptions {
  readonly schema: GraphQLSchema;
  /** The explorer, which a browser gets that opens the endpoint. */
  readonly explorerHtml: string;
  /** Told of each error that the gateway did not foresee. */
  readonly report: (error: unknown) => void;
}

export function createApolloServer({
  schema,
  explorerHtml,
  report,
}: ApolloOptions): ApolloServer<OperationContext> {
  return new ApolloServer<OperationContext>({
    gateway: executing(schema),
    stringifyResult: stringifyAnswer,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    formatError: (formatted, error) => formatError(formatted, error, report),
    plugins: [
      // It instruments every field, for hints that this schema does not give.
      ApolloServerPluginCacheControlDisabled(),
      explorer(explorerHtml),
      oneErrorPerCause,
      extensions,
    ],
  });
}

type GatewayInterface = NonNullable<ApolloServerOptionsWithGateway<OperationContext>['gateway']>;
type GatewayExecutor = NonNullable<Awaited<ReturnType<GatewayInterface['load']>>['executor']>;
type GatewayExecutionResult = Awaited<ReturnType<GatewayExecutor>>;

/** Apollo Server takes an executor of one's own where it would take that of a federation gateway. */
function executing(schema: GraphQLSchema): GatewayInterface {
  const execute = createExecutor({ schema, recordTypes, nextTurn: () => new Promise(takeTurn) });
  return {
    onSchemaLoadOrUpdate: (tell) => {
      tell({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    load: () =>
      Promise.resolve({
        executor: async ({ document, request: { operationName, variables }, context }) =>
          (await execute({
            document,
            operationName,
            variables,
            context,
            // Of rows that have just come, nobody knows whether they will be asked for again.
            keepsTexts: () => !(context as OperationContext).provenance.isToItself,
          })) as GatewayExecutionResult,
      }),
    stop: () => Promise.resolve(),
  };
}

function explorer(html: string): ApolloServerPlugin<OperationContext> {
  return { serverWillStart: () => Promise.resolve({ renderLandingPage: () => Promise.resolve({ html }) }) };
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
