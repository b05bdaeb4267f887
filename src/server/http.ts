/** HTTP server: the GraphQL pipeline, the explorer's files, health checks, and refusals as JSON. */
import { setMaxListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import fastifyCors from '@fastify/cors';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { locatedError } from 'graphql';
import { hostAndPort } from '../addresses.ts';
import { Refusal } from '../errors.ts';
import { rpcCodes } from '../json-rpc.ts';
import type { McpSetting } from '../mcp/tools/tool-set.ts';
import { explorerAssets, readExplorerPage } from './browser/explorer.ts';
import { securityHeaders } from './browser/security-headers.ts';
import { createDrain, type Shutdown } from './drain.ts';
import { registerHealthChecks, type HealthCheckOptions } from './observability/health-checks.ts';
import { messagePath, MessageRefusal } from './pipeline/mcp-endpoint.ts';
import { comparisonRoutes } from './pipeline/comparisons.ts';
import { exportRoutes } from './pipeline/exports.ts';
import type { ExportsSetting } from './pipeline/file-responses.ts';
import { formatErrors } from './pipeline/format-error.ts';
import { jsonType, refusalTypeFor } from './pipeline/media-types.ts';
import { Pipeline, type PipelineOptions } from './pipeline/pipeline.ts';
import type { DocumentOptions } from './pipeline/prepare-operation.ts';
import { answerMetadata, metadataUrlOf } from './pipeline/protected-resource.ts';
import { RequestRefusal, requestTimeout } from './pipeline/refusals.ts';
import { requestIdOf } from './pipeline/request-state.ts';

/** The operator's settings of the endpoint. */
export interface EndpointOptions extends DocumentOptions {
  readonly exports: ExportsSetting;
  /** Null if the MCP endpoint is off. */
  readonly mcp: McpSetting | null;
  /** Origins whose pages may send requests from a browser. */
  readonly allowedOrigins: readonly string[];
  /** Host names accepted besides those of loopback; see `allowedHostsOf`. */
  readonly allowedHosts: readonly string[];
  /** Whether GraphiQL is served. */
  readonly hasExplorer: boolean;
}

interface HttpServerOptions extends Omit<
  PipelineOptions,
  'securityHeaders' | 'allowedOrigins' | 'explorerHtml' | 'shutdownDeadline'
> {
  readonly endpoint: EndpointOptions;
  readonly healthChecks: Omit<HealthCheckOptions, 'isDraining'>;
}

/** Length of the queue of connections to accept; the system may limit it further. */
const backlog = 4096;
/**
 * Time at shutdown from the operations' deadline until all connections are closed. The longer they have run, the more
 * there is to write.
 */
const lastWritesMs = (limitMs: number) => 300 + 0.15 * limitMs;
/** Response headers that pages of allowed origins can read. */
const exposedHeaders = ['age', 'etag', 'retry-after', 'x-request-id'];
const preflightSeconds = 600;

/** Replaces Fastify's schema compilers, which take time to load: no route has a schema. */
const noSchemas = () => {
  throw new Error('Routes have no schemas.');
};

export async function createHttpServer(options: HttpServerOptions) {
  const { endpoint, callers, bodyTimeoutMs, report } = options;
  const shutdownDeadline = new AbortController();
  setMaxListeners(0, shutdownDeadline.signal);
  const headers = securityHeaders(endpoint.allowedOrigins.length > 0);
  const pipeline = new Pipeline({
    ...options,
    securityHeaders: headers,
    allowedOrigins: new Set(endpoint.allowedOrigins),
    explorerHtml: endpoint.hasExplorer ? readExplorerPage() : null,
    shutdownDeadline: shutdownDeadline.signal,
  });
  const server = Fastify({
    routerOptions: { ignoreTrailingSlash: true },
    // By default, closing fails after ten seconds, while operations still run.
    pluginTimeout: 0,
    // The pipeline refuses requests itself, with the error SHUTTING_DOWN.
    return503OnClosing: false,
    genReqId: requestIdOf,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    frameworkErrors: (_error, request, reply) => {
      const fault = new RequestRefusal("The URL can't be decoded: expected UTF-8, percent-encoded.");
      void (reply as FastifyReply)
        .headers(headers)
        .header('x-request-id', request.id)
        .code(fault.status)
        .type(refusalTypeFor(request.headers))
        .send(bodyOf(fault, report));
    },
    clientErrorHandler: (error, socket) => {
      // Uploads have separate timeouts.
      if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && pipeline.isReceivingFile(socket)) return;
      socket.end(malformed(error, report));
    },
    requestTimeout: 2 * bodyTimeoutMs,
    http: {
      headersTimeout: bodyTimeoutMs,
      requestTimeout: 2 * bodyTimeoutMs,
      connectionsCheckingInterval: 1000,
    },
  });
  if (endpoint.allowedOrigins.length > 0) {
    await server.register(fastifyCors, {
      origin: [...endpoint.allowedOrigins],
      methods: ['GET', 'POST'],
      strictPreflight: false,
      exposedHeaders,
      maxAge: preflightSeconds,
    });
  }
  sendRefusals(server, endpoint, report);
  await pipeline.register(server);
  registerHealthChecks(server, { ...options.healthChecks, isDraining: () => pipeline.isDraining });
  if (endpoint.mcp !== null) answerMetadata(server, endpoint.mcp);
  if (endpoint.hasExplorer && existsSync(explorerAssets.root)) {
    await server.register(fastifyStatic, explorerAssets);
  }
  // Relative, for proxies that serve the gateway below a prefix.
  server.get('/', (_request, reply) => reply.redirect('graphql'));
  server.server.on('connection', (socket: Socket) => {
    // Each pipelined request adds a listener for `close`.
    socket.setMaxListeners(0);
  });
  const drain = createDrain(server, pipeline);
  return {
    state: () => pipeline.state,
    /** Binds the address. Resolves to its URL, without a path; rejects if the port is in use. */
    listen: async (address: { readonly host: string; readonly port: number }) => {
      await server.listen({ ...address, backlog });
      const bound = server.server.address() as AddressInfo;
      return `http://${hostAndPort(bound.address, bound.port)}`;
    },
    close: async (shutdown: Shutdown) => {
      const limits = [
        setTimeout(() => {
          shutdownDeadline.abort();
        }, shutdown.limitMs),
        // Idle connections, and those of stalled readers.
        setTimeout(
          () => {
            server.server.closeAllConnections();
          },
          shutdown.limitMs + lastWritesMs(shutdown.limitMs),
        ),
      ];
      await drain(shutdown);
      await server.close();
      callers.close();
      limits.forEach(clearTimeout);
    },
  };
}

/** Sends refusals and Fastify's errors as JSON: a GraphQL result without data, or a JSON-RPC error. */
function sendRefusals(
  server: FastifyInstance,
  { mcp, exports }: Pick<EndpointOptions, 'mcp' | 'exports'>,
  report: (error: unknown) => void,
): void {
  const metadataUrl = mcp === null ? null : metadataUrlOf(mcp);
  const challenge = metadataUrl === null ? 'Bearer' : `Bearer resource_metadata="${metadataUrl}"`;
  server.setErrorHandler<FastifyError | Refusal>((error, { state, headers, routeOptions }, reply) => {
    const isMessage = mcp !== null && routeOptions.url === messagePath;
    const body = isMessage ? messageErrorOf : bodyOf;
    reply.type(isMessage ? jsonType : refusalTypeFor(headers));
    const refusal = error instanceof Refusal ? error : refusalOf(error);
    if (refusal === null) return reply.code(500).send(body(error, report));
    const { code, status, retryAfter } = refusal;
    (state as typeof state | undefined)?.conclude(undefined, [code]);
    if (retryAfter !== null) reply.header('retry-after', retryAfter);
    if (status === 401) reply.header('www-authenticate', isMessage ? challenge : 'Bearer');
    // The rest of the body stays unread.
    if (status === 408 || status === 413) reply.header('connection', 'close');
    return reply.code(status).header('cache-control', 'no-store').send(body(refusal, report));
  });
  server.setNotFoundHandler(({ url }) => {
    const hasExports = exports !== 'off';
    const endpoints =
      mcp === null
        ? 'The GraphQL endpoint is /graphql.'
        : `The GraphQL endpoint is /graphql, and the one for assistants ${messagePath}.`;
    const served = hasExports && /^\/export/i.test(url) ? exportPaths : endpoints;
    throw new RequestRefusal(`Not found. ${served}`, 404, 'NOT_FOUND');
  });
}

/** Converts a fault that Fastify found in a request; null for an unexpected error. */
function refusalOf({ statusCode = 500, message }: FastifyError): Refusal | null {
  const status = ([413, 415] as const).find((each) => each === statusCode);
  // Only of a header that is no media type: other types are refused by the readers of bodies.
  const text = status === 415 ? 'Content-Type: expected one media type, such as application/json.' : message;
  return statusCode < 500 ? new RequestRefusal(text, status) : null;
}

const paths = [...exportRoutes.keys(), ...comparisonRoutes.keys()];
const exportPaths = `Exports are ${paths.slice(0, -1).join(', ')} and ${paths.at(-1) ?? ''}.`;

function bodyOf(error: Error, report: (error: unknown) => void): object {
  return { errors: formatErrors([locatedError(error, undefined)], report) };
}

/** Formats an error as a JSON-RPC response. */
function messageErrorOf(error: Error, report: (error: unknown) => void): object {
  const [formatted] = formatErrors([locatedError(error, undefined)], report);
  const { message, extensions } = formatted ?? {};
  const code = error instanceof MessageRefusal ? error.rpcCode : rpcCodes.serverError;
  return { jsonrpc: '2.0', id: null, error: { code, message, data: extensions } };
}

/** Formats the raw HTTP response to a request that Node's parser can't read. */
function malformed({ code: cause }: NodeJS.ErrnoException, report: (error: unknown) => void): string {
  const refusal =
    cause === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? requestTimeout()
      : new RequestRefusal(
          'The request is not valid HTTP, or its headers are too long.',
          cause === 'HPE_HEADER_OVERFLOW' ? 431 : 400,
        );
  const body = JSON.stringify(bodyOf(refusal, report));
  return `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
}
