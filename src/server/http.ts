/** HTTP: the GraphQL endpoint, the explorer's files, and errors as JSON where GraphQL never got to see the request. */
import { setMaxListeners } from 'node:events';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fastifyApollo from '@as-integrations/fastify';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { GraphContext } from '../graph/context.ts';
import type { OperationScope } from '../scope.ts';
import { Admission, RefusedRequestError, retryAfterRefusal, type AdmissionOptions } from './admission.ts';
import { Answering } from './answering.ts';
import { AnswerCache } from './answers.ts';
import { createApolloServer } from './apollo.ts';
import { ExplainingObserver } from './explain.ts';
import { explorerAssets, readExplorerPage } from './explorer.ts';
import { createRequestScope, isExplained, type RequestScopeOptions } from './request-scope.ts';

export interface HttpServerOptions
  extends Omit<RequestScopeOptions, 'lastCall' | 'arrivedAt' | 'requestsInFlight'>, AdmissionOptions {
  readonly schema: GraphQLSchema;
  /** The context of one operation; its scope ends when the caller goes away. */
  readonly createContext: (scope: OperationScope) => GraphContext;
  /** Of whole answers that are kept; 0 keeps none. */
  readonly maxAnswerBytes: number;
  readonly report: (error: unknown) => void;
}

export interface HttpServer {
  /** Resolves to where it listens, without a path. Rejects where the port is taken. */
  readonly listen: (address: { readonly host: string; readonly port: number }) => Promise<string>;
  readonly close: (shutdown: Shutdown) => Promise<void>;
}

/** In milliseconds. */
export interface Shutdown {
  /** How long new requests are refused in words before they find nobody: until whoever balances load has noticed. */
  readonly delayMs: number;
  /** How long operations have until they must answer with what they have. */
  readonly limitMs: number;
}

const maxBodyBytes = 1024 * 1024;
/** Connections that wait to be accepted: as many as a burst may bring, where the system allows it. */
const backlog = 4096;

export async function createHttpServer({
  schema,
  createContext,
  report,
  maxRequests,
  maxDelayMs,
  maxAnswerBytes,
  ...scopeOptions
}: HttpServerOptions): Promise<HttpServer> {
  const server = Fastify({ bodyLimit: maxBodyBytes, routerOptions: { ignoreTrailingSlash: true } });
  const apollo = createApolloServer({ schema, explorerHtml: readExplorerPage(), report });
  const admission = new Admission({ maxRequests, maxDelayMs });
  const answering = new Answering(new AnswerCache(maxAnswerBytes, scopeOptions.clock));
  const lastCall = new AbortController();
  setMaxListeners(0, lastCall.signal);
  await apollo.start();
  // Before the scopes that are to inherit it.
  server.setErrorHandler<FastifyError | RefusedRequestError>((error, _request, reply) => {
    if (error instanceof RefusedRequestError) {
      return reply
        .code(503)
        .header('retry-after', retryAfterRefusal)
        .send(errorBody(error.code, error.message, { retryable: true, retryAfter: retryAfterRefusal }));
    }
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send(errorBody('BAD_REQUEST', error.message));
    report(error);
    return reply
      .code(500)
      .send(errorBody('INTERNAL_SERVER_ERROR', 'The gateway failed. The fault is on its side.'));
  });
  await server.register(async (guarded) => {
    answering.guard(guarded);
    admission.guard(guarded);
    await guarded.register(fastifyApollo(apollo), {
      path: '/graphql',
      method: ['GET', 'POST', 'OPTIONS'],
      context: (request, reply) => {
        const observer = isExplained(request) ? new ExplainingObserver() : null;
        const scope = createRequestScope(request, reply, observer, {
          ...scopeOptions,
          lastCall: lastCall.signal,
          arrivedAt: admission.arrivedAt(request),
          requestsInFlight: admission.requestsInFlight,
        });
        const { outdated, provenance } = scope;
        answering.observe(request, provenance);
        return Promise.resolve({ ...createContext(scope), observer, outdated, provenance });
      },
    });
  });
  server.get('/health/live', () => ({ status: 'alive' }));
  server.get('/health/ready', (_request, reply) =>
    admission.isClosed ? reply.code(503).send({ status: 'shutting down' }) : { status: 'ready' },
  );
  if (existsSync(explorerAssets.folder)) {
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
  closeUnusedConnections(server);
  return {
    listen: (address) => server.listen({ ...address, backlog }),
    close: async ({ delayMs, limitMs }) => {
      admission.close();
      const limit = setTimeout(() => {
        lastCall.abort();
      }, limitMs);
      await sleep(delayMs);
      await server.close();
      clearTimeout(limit);
    },
  };
}

/** A connection that nothing was ever sent on is neither busy nor, to Node, idle: it would hold the server's close. */
function closeUnusedConnections(server: FastifyInstance): void {
  const unused = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.addHook('onRequest', (request, _reply, done) => {
    unused.delete(request.raw.socket);
    done();
  });
  server.addHook('preClose', (done) => {
    for (const socket of unused) socket.destroy();
    done();
  });
}

function errorBody(code: string, message: string, more: object = {}): object {
  return { errors: [{ message, extensions: { code, ...more } }] };
}
