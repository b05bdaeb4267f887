/** HTTP: the GraphQL endpoint, the explorer's files, and errors as JSON where GraphQL never got to see the request. */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import fastifyApollo from '@as-integrations/fastify';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Callers } from '../callers/callers.ts';
import { Refusal } from '../errors.ts';
import type { GraphContext } from '../graph/context.ts';
import type { KnownLengths } from '../graph/known-lengths.ts';
import type { OperationScope, Viewer } from '../scope.ts';
import { Admission, type AdmissionOptions } from './admission.ts';
import { Answering } from './answering.ts';
import { AnswerCache } from './answers.ts';
import { createApolloServer } from './apollo.ts';
import { guardDocuments } from './check-operation.ts';
import { protect, type Doors } from './doors.ts';
import { EventStream } from './event-stream.ts';
import { ExplainingObserver } from './explain.ts';
import { explorerAssets, readExplorerPage } from './explorer.ts';
import { shownRefusal } from './format-error.ts';
import { Identification, isPage } from './identification.ts';
import { Audit, type AuditOptions } from './audit.ts';
import { createCostModel, type Cost } from './limits/cost.ts';
import { OverHttp } from './over-http.ts';
import { answerProbes, type ProbeOptions } from './probes.ts';
import { createRequestScope, isExplained, type RequestScopeOptions } from './request-scope.ts';
import { prepareShutdown, type Shutdown } from './shutdown.ts';
import { RequestTracing, type RequestTracingOptions } from './tracing.ts';
import { TrustedDocuments } from './trusted-documents.ts';

export interface HttpServerOptions
  extends
    Omit<RequestScopeOptions, 'viewer' | 'lastCall' | 'arrivedAt' | 'requestsInFlight' | 'record'>,
    AdmissionOptions {
  readonly callers: Callers;
  readonly schema: GraphQLSchema;
  /** The context of one operation; its scope ends when the caller goes away. */
  readonly createContext: (scope: OperationScope) => GraphContext;
  /** Of whole answers that are kept; 0 keeps none. */
  readonly maxAnswerBytes: number;
  /** Subscriptions that run at the same time. */
  readonly maxSubscriptions: number;
  readonly doors: Doors;
  /** What one operation could come to, at most. */
  readonly maxCost: Cost;
  /** Lengths of lists that are known before an operation of the viewer's runs. */
  readonly knownLengths: (viewer: Viewer) => KnownLengths;
  readonly report: (error: unknown) => void;
  readonly probes: Omit<ProbeOptions, 'admission'>;
  /** Null where nobody wants traces. */
  readonly tracing: RequestTracingOptions | null;
  /** Told of each operation when it has been answered; null where nobody audits. */
  readonly writeAudit: AuditOptions['write'] | null;
}

export interface HttpServer {
  /** Resolves to where it listens, without a path. Rejects where the port is taken. */
  readonly listen: (address: { readonly host: string; readonly port: number }) => Promise<string>;
  readonly close: (shutdown: Shutdown) => Promise<void>;
  /** What it is doing at the moment. */
  readonly state: () => ServerState;
}

export interface ServerState {
  readonly requestsInFlight: number;
  readonly subscriptions: number;
  /** Of whole answers that are kept. */
  readonly answerBytes: number;
}

/** A subscription reads as much as it takes, for as long as its caller listens, and leaves memory to the others. */
const longAnswer = { timeoutMs: Infinity, maxCalls: Infinity, keepsRows: false };

const maxBodyBytes = 1024 * 1024;
/** Connections that wait to be accepted: as many as a burst may bring, where the system allows it. */
const backlog = 4096;

export async function createHttpServer({
  schema,
  callers,
  createContext,
  report,
  writeAudit,
  probes,
  tracing: tracingOptions,
  maxRequests,
  maxDelayMs,
  maxAnswerBytes,
  maxSubscriptions,
  maxCost,
  knownLengths,
  doors,
  ...scopeOptions
}: HttpServerOptions): Promise<HttpServer> {
  const server = Fastify({
    bodyLimit: maxBodyBytes,
    routerOptions: { ignoreTrailingSlash: true },
    // Fastify has words of its own for who asks while it closes; `Admission` has those that callers know.
    return503OnClosing: false,
    genReqId: requestIdOf,
  });
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  const limits = { schema, model: createCostModel(schema), knownLengths, max: maxCost };
  const tracing = new RequestTracing(tracingOptions);
  const apollo = createApolloServer({
    schema,
    limits,
    hasIntrospection: doors.hasIntrospection,
    explorerHtml: doors.hasExplorer ? readExplorerPage() : null,
    report,
    tracing: tracing.plugin(),
  });
  const trustedDocuments = new TrustedDocuments(doors.trustedDocumentsFile);
  const admission = new Admission({ maxRequests, maxDelayMs });
  const identification = new Identification(callers);
  const audit = new Audit(
    writeAudit === null
      ? null
      : {
          write: writeAudit,
          viewerOf: (request) => identification.knownViewerOf(request),
          isIgnored: isPage,
        },
  );
  const answers = new AnswerCache(maxAnswerBytes, scopeOptions.clock);
  const answering = new Answering({
    cache: answers,
    rightsOf: (request) => identification.rightsOf(request),
    audit,
    clock: scopeOptions.clock,
  });
  const overHttp = new OverHttp();
  const lastCall = new AbortController();
  setMaxListeners(0, lastCall.signal);
  await apollo.start();
  await protect(server, doors);
  // Before the scopes that are to inherit it.
  server.setErrorHandler<FastifyError | Refusal>((error, request, reply) => {
    if (error instanceof Refusal) {
      const { code, message, status, retryable, retryAfter, cause } = error;
      audit.recordOf(request)?.conclude(undefined, [code]);
      if (cause !== undefined) report(cause);
      if (retryAfter !== null) reply.header('retry-after', retryAfter);
      if (status === 401) reply.header('www-authenticate', 'Bearer');
      return reply.code(status).send(errorBody(code, message, { retryable, ...shownRefusal(error) }));
    }
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send(errorBody('BAD_REQUEST', error.message));
    report(error);
    return reply
      .code(500)
      .send(errorBody('INTERNAL_SERVER_ERROR', 'The gateway failed. The fault is on its side.'));
  });
  const scopeOf = (
    request: FastifyRequest,
    reply: FastifyReply,
    observer: ExplainingObserver | null,
    own = {},
  ) => {
    const scope = createRequestScope(request, reply, observer, {
      ...scopeOptions,
      viewer: identification.viewerOf(request),
      lastCall: lastCall.signal,
      arrivedAt: admission.arrivedAt(request),
      requestsInFlight: admission.requestsInFlight,
      record: audit.recordOf(request),
      ...own,
    });
    tracing.bind(request, scope.owner);
    return scope;
  };
  const events = new EventStream({
    schema,
    limits,
    hasIntrospection: doors.hasIntrospection,
    maxSubscriptions,
    viewerOf: (request) => identification.viewerOf(request),
    report,
    isClosing: () => admission.isClosed,
    recordOf: (request) => audit.recordOf(request),
    createContext: (request, reply, isSubscription) =>
      createContext(scopeOf(request, reply, null, isSubscription ? longAnswer : {})),
  });
  await server.register(async (guarded) => {
    audit.guard(guarded);
    tracing.guard(guarded, (request) => audit.recordOf(request));
    overHttp.guard(guarded);
    answering.guard(guarded);
    admission.guard(guarded);
    identification.guard(guarded);
    trustedDocuments.guard(
      guarded,
      (request) => doors.asksTrustedOnly || identification.asksTrustedOnly(request),
    );
    guardDocuments(guarded);
    events.guard(guarded);
    overHttp.letIn(guarded);
    await guarded.register(fastifyApollo(apollo), {
      path: '/graphql',
      method: ['GET', 'POST'],
      context: (request, reply) => {
        const observer = isExplained(request) ? new ExplainingObserver() : null;
        const scope = scopeOf(request, reply, observer);
        const { outdated, provenance } = scope;
        answering.observe(request, provenance);
        const record = audit.recordOf(request);
        const tellRequestError = () => {
          overHttp.tellRequestError(request);
        };
        return Promise.resolve({
          ...createContext(scope),
          observer,
          outdated,
          provenance,
          record,
          cost: null,
          trace: tracing.contextOf(request),
          tellRequestError,
        });
      },
    });
  });
  server.options('/graphql', (_request, reply) => reply.code(204).header('allow', 'GET, POST').send());
  answerProbes(server, { admission, ...probes });
  if (doors.hasExplorer && existsSync(explorerAssets.folder)) {
    await server.register(fastifyStatic, {
      root: explorerAssets.folder,
      prefix: explorerAssets.prefix,
      immutable: true,
      maxAge: '1y',
    });
  }
  server.get('/', (_request, reply) => reply.redirect('/graphql'));
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(errorBody('NOT_FOUND', 'There is nothing here. The GraphQL endpoint is /graphql.')),
  );
  // The server drains before it closes, so that Apollo's own drain plugin, which closes the server, is not needed.
  server.addHook('onClose', () => apollo.stop());
  const leave = prepareShutdown(server, admission);
  return {
    state: () => ({
      requestsInFlight: admission.requestsInFlight,
      subscriptions: events.subscriptions,
      answerBytes: answers.bytes,
    }),
    listen: (address) => server.listen({ ...address, backlog }),
    close: async (shutdown) => {
      const limit = setTimeout(() => {
        lastCall.abort();
      }, shutdown.limitMs);
      await leave(shutdown);
      await server.close();
      callers.close();
      clearTimeout(limit);
    },
  };
}

/** The one that its sender has given it, so that both sides' logs can be put together, or a new one. */
function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}

function errorBody(code: string, message: string, more: object = {}): object {
  return { errors: [{ message, extensions: { code, ...more } }] };
}
