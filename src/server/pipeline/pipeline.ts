/** The request pipeline: every step that may refuse, change or answer a request, in order. */
import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UnavailableError, UpstreamError } from '../../errors.ts';
import { scheduleAfterInput, schedulerDelayMs } from '../../scheduler.ts';
import { isExplorerRequest, sendExplorer } from '../browser/explorer.ts';
import { hasOneHost, hostNameOf, isSafeGet } from '../browser/request-origin.ts';
import { ResponseCache, type PendingResponse } from '../response-cache/response-cache.ts';
import {
  OperationExecutor,
  type OperationExecutorOptions,
  type OperationContext,
} from './execute-operation.ts';
import { McpEndpoint, messagePath, type McpEndpointOptions } from './mcp-endpoint.ts';
import { acceptedOf, graphQLResponseType, jsonType } from './media-types.ts';
import { comparisonRoutes, Comparisons } from './comparisons.ts';
import { exportRoutes, Exports } from './exports.ts';
import { FileResponses, type ExportsOptions, type SendStream } from './file-responses.ts';
import { BodyReceiver, parseBody, parseUrl } from './operation-request.ts';
import { Preparation, type PreparationOptions, type PreparedOperation } from './prepare-operation.ts';
import { RequestRefusal, RequestErrors } from './refusals.ts';
import { RequestState, type RequestStateOptions } from './request-state.ts';
import { sendStream, type StreamForm } from './result-stream.ts';
import { disconnectStalledReader } from './stalled-reader.ts';
import { Subscriptions, type SubscriptionsOptions } from './subscriptions.ts';

export interface PipelineOptions
  extends
    RequestStateOptions,
    PreparationOptions,
    OperationExecutorOptions,
    SubscriptionsOptions,
    ExportsOptions {
  readonly endpoint: McpEndpointOptions['endpoint'] & ExportsOptions['endpoint'];
  /** Maximum requests in flight. */
  readonly maxRequests: number;
  /** Event loop delay beyond which requests are refused, in milliseconds. */
  readonly maxDelayMs: number;
  /** Time for one request's headers, and for its body. */
  readonly bodyTimeoutMs: number;
  /** Time in which a client must read some of its response, in milliseconds. */
  readonly readerTimeoutMs: number;
  /** Bytes of the response cache; 0 caches none. */
  readonly maxCachedResponseBytes: number;
  /** Hosts that requests may name, in lower case and without ports; null for any. */
  readonly allowedHosts: ReadonlySet<string> | null;
  /** Origins whose pages may send requests from a browser. */
  readonly allowedOrigins: ReadonlySet<string>;
  readonly securityHeaders: Readonly<Record<string, string>>;
  /** Page for browsers that open the endpoint; null if the explorer is off. */
  readonly explorerHtml: string | null;
}

export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #bodies: BodyReceiver;
  readonly #responses: ResponseCache;
  readonly #preparation: Preparation;
  readonly #executor: OperationExecutor;
  readonly #subscriptions: Subscriptions;
  readonly #exports: Exports;
  readonly #comparisons: Comparisons;
  readonly #mcpEndpoint: McpEndpoint | null;
  requestsInFlight = 0;
  /** Whether shutdown has begun: requests may still be answered, and each response closes its connection. */
  isDraining = false;
  #refusesRequests = false;
  #refusalsHeldUntil: Promise<void> | null = null;
  /** When a request last arrived, by `performance.now()`. */
  lastArrivedAt = -Infinity;
  /** Newest request of each connection: with HTTP pipelining, requests wait behind each other. */
  readonly #newestOf = new WeakMap<Socket, IncomingMessage>();

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#bodies = new BodyReceiver(options.bodyTimeoutMs);
    this.#preparation = new Preparation(options);
    this.#executor = new OperationExecutor(options, this.#preparation);
    const { maxCachedResponseBytes, clock } = options;
    this.#responses = new ResponseCache(maxCachedResponseBytes, clock, this.#executor.outputBudgets);
    this.#subscriptions = new Subscriptions(options);
    const sendFile: SendStream = (...stream) => this.#sendStream(...stream);
    const files = new FileResponses(options, this.#subscriptions, sendFile);
    this.#exports = new Exports(files);
    this.#comparisons = new Comparisons(files, options.bodyTimeoutMs);
    const { mcp } = options.endpoint;
    const steps = {
      preparation: this.#preparation,
      executor: this.#executor,
      subscriptions: this.#subscriptions,
      responses: this.#responses,
    };
    this.#mcpEndpoint = mcp === null ? null : new McpEndpoint(options, mcp, steps, sendFile);
  }

  /** Counts for metrics. */
  get state() {
    return {
      requestsInFlight: this.requestsInFlight,
      subscriptions: this.#subscriptions.count,
      /** Bytes of the response cache. */
      answerBytes: this.#responses.bytes,
    };
  }

  /** Adds `Connection: close` to responses, so that each caller's next request opens a new connection. */
  drain(): void {
    this.isDraining = true;
  }

  /** Refuses every request that arrives from now on. */
  refuseRequests(): void {
    this.drain();
    this.#refusesRequests = true;
  }

  /** Holds back the refusals of requests that arrive from now on. */
  holdRefusals(until: Promise<void>): void {
    this.#refusalsHeldUntil = until;
  }

  /** Refuses every body in transit. */
  refuseBodies(): void {
    this.#bodies.close();
    this.#comparisons.uploads.close();
  }

  /** Whether a file is being received on a connection, with a longer timeout. */
  isReceivingFile(socket: Socket): boolean {
    return this.#comparisons.uploads.has(socket);
  }

  /** Registers the routes of the pipeline, and security headers and the host check for all routes. */
  async register(server: FastifyInstance): Promise<void> {
    const { securityHeaders } = this.#options;
    await this.#executor.register(server);
    server.addHook('onRequest', (request, reply, done) => {
      this.#newestOf.set(request.raw.socket, request.raw);
      reply.headers(securityHeaders).header('x-request-id', request.id);
      if (!hasOneHost(request.raw)) done(new RequestRefusal(malformedHost));
      else done(this.#isAllowedHost(request) ? undefined : new RequestRefusal(foreignHost, 421));
    });
    server.addHook('onSend', ({ raw }, reply, _payload, done) => {
      if (this.#closesAfter(raw)) reply.header('connection', 'close');
      done();
    });
    await server.register((scope, _options, done) => {
      scope.decorateRequest('state');
      scope.addHook('onRequest', (request, reply) => this.#arrive(request, reply));
      this.#bodies.register(scope);
      this.#addRoute(scope, '/graphql');
      if (this.#options.endpoint.exports !== 'off') this.#addExports(scope);
      if (this.#mcpEndpoint !== null) this.#addRoute(scope, messagePath, messageMethods);
      done();
    });
  }

  #addExports(scope: FastifyInstance): void {
    for (const url of exportRoutes.keys()) this.#addRoute(scope, url, exportMethods);
    // In a separate scope, since their bodies are files.
    void scope.register((files, _options, done) => {
      this.#comparisons.uploads.register(files);
      for (const url of comparisonRoutes.keys()) this.#addRoute(files, url, fileMethods);
      done();
    });
  }

  #addRoute(scope: FastifyInstance, url: string, { methods, allow, refusal } = operationMethods): void {
    scope.route({ method: methods, url, handler: (request, reply) => this.#answer(request, reply) });
    scope.options(url, (_request, reply) => reply.code(204).header('allow', allow).send());
    scope.route({
      method: ['GET', 'PUT', 'PATCH', 'DELETE'].filter((method) => !methods.includes(method)),
      url,
      handler: (_request, reply) => {
        reply.header('allow', allow);
        throw new RequestRefusal(refusal, 405);
      },
    });
  }

  /** Authenticates and admits a request, before its body is read. */
  async #arrive(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { callers, explorerHtml } = this.#options;
    const isForDocuments = request.routeOptions.url === '/graphql';
    if (explorerHtml !== null && isForDocuments && isExplorerRequest(request)) {
      await sendExplorer(request, reply, explorerHtml);
      return;
    }
    const state = new RequestState(reply, this.#options);
    request.state = state;
    this.lastArrivedAt = performance.now();
    if (this.#refusesRequests) {
      await this.#refusalsHeldUntil;
      throw new UnavailableError('SHUTTING_DOWN');
    }
    this.#refuseIfBusy();
    // Authenticated first, so that the audit names callers refused by rate limits.
    const caller = callers.identify(request.headers);
    state.caller = caller instanceof Promise ? await caller : caller;
    const admitted = callers.admit(state.caller);
    if (admitted instanceof Promise) await admitted;
  }

  async #answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { state } = request;
    this.#refuseIfBusy();
    this.requestsInFlight += 1;
    state.whenClosed(() => {
      this.requestsInFlight -= 1;
    });
    disconnectStalledReader(reply, this.#options.readerTimeoutMs);
    const isPost = request.method === 'POST';
    if (!isPost && !isSafeGet(request.headers, this.#options.allowedOrigins)) {
      throw new RequestRefusal(
        'Possible cross-site request refused. Send the header apollo-require-preflight, or use POST.',
      );
    }
    const exported = exportRoutes.get(request.routeOptions.url ?? '');
    if (exported !== undefined) {
      await this.#untilScheduled(state);
      return this.#exports.answer(request, reply, exported, this.requestsInFlight);
    }
    const compared = comparisonRoutes.get(request.routeOptions.url ?? '');
    if (compared !== undefined) {
      await this.#untilScheduled(state);
      return this.#comparisons.answer(request, reply, compared, this.requestsInFlight);
    }
    if (this.#mcpEndpoint !== null && request.routeOptions.url === messagePath) {
      await this.#untilScheduled(state);
      return this.#mcpEndpoint.answer(request, reply, this.requestsInFlight);
    }
    const key = this.#responses.keyOf(request);
    try {
      return await this.#responses.shareExecution(
        key,
        state,
        (response) => this.#responses.repeat(reply, response),
        async (pending) => {
          await this.#untilScheduled(state);
          return this.#send(request, reply, pending);
        },
      );
    } catch (error) {
      // The request waited for an equal one, and its caller has disconnected.
      if (state.isClosed && error instanceof UpstreamError) return reply;
      throw error;
    }
  }

  /** Resolves when the request is scheduled; never if its caller disconnects before. */
  #untilScheduled(state: RequestState): Promise<void> {
    return new Promise((resolve) => {
      scheduleAfterInput(() => {
        if (state.isClosed) state.handOver();
        else resolve();
      });
    });
  }

  async #send(
    request: FastifyRequest,
    reply: FastifyReply,
    pending: PendingResponse | null,
  ): Promise<FastifyReply> {
    const { state } = request;
    const isPost = request.method === 'POST';
    const accepted = acceptedOf(request.headers.accept);
    const operationRequest = isPost ? parseBody(String(request.body)) : parseUrl(request.url);
    let operation: PreparedOperation;
    try {
      operation = await this.#preparation.prepareOperation(operationRequest, state);
    } catch (error) {
      if (!(error instanceof RequestErrors)) throw error;
      const text = this.#executor.failure(error, state);
      if (accepted.stream !== null && accepted.json === null) {
        await this.#sendStream([text], accepted.stream, request, reply);
        return reply;
      }
      // With application/json alone, other statuses may be an intermediary's (GraphQL over HTTP, 6.4.1).
      if (accepted.json !== jsonType) reply.code(400);
      const contentType = accepted.json ?? graphQLResponseType;
      return this.#responses.send(reply, { pieces: [text], contentType, dependencies: null }, pending);
    }

    const { isSubscription } = state;
    const stream = isSubscription || accepted.json === null ? accepted.stream : null;
    if (stream === null && (isSubscription || accepted.json === null))
      throw new RequestRefusal(isSubscription ? onlyAsStream : notAcceptable, 406);
    if (isSubscription) this.#subscriptions.admit(state);
    if (stream !== null && request.method === 'HEAD') {
      // The headers depend on no result (RFC 9110, 9.3.2), so execution is skipped.
      await this.#sendStream([], stream, request, reply);
      return reply;
    }
    const context = this.#executor.begin(operation, request, this.requestsInFlight);
    if (stream !== null) {
      pending?.complete(null);
      await this.#sendStream(this.#results(request, context), stream, request, reply);
      return reply;
    }
    const pieces = await this.#executor.query(context);
    const { dependencies } = context.scope;
    const contentType = accepted.json ?? jsonType;
    return this.#responses.send(reply, { pieces, contentType, dependencies }, pending);
  }

  async #sendStream<Result>(
    results: AsyncIterable<Result> | Iterable<Result>,
    form: StreamForm<Result>,
    { raw }: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    if (this.#closesAfter(raw)) reply.header('connection', 'close');
    await sendStream(results, form, reply);
    // Shutdown may have begun meanwhile: a keep-alive connection would delay the server's close.
    if (this.#closesAfter(raw)) raw.socket.destroySoon();
  }

  /** Whether to close the connection after this response: only if no pipelined request is behind it. */
  #closesAfter(request: IncomingMessage): boolean {
    return this.isDraining && this.#newestOf.get(request.socket) === request;
  }

  #isAllowedHost({ url, headers: { host = '' } }: FastifyRequest): boolean {
    const { allowedHosts } = this.#options;
    if (allowedHosts === null || url.startsWith('/health/')) return true;
    // Prometheus names an IP address, which a rebound page can't: it has a DNS name.
    if (url === '/metrics' && isIP(hostNameOf(host).replace(/^\[|\]$/g, '')) > 0) return true;
    // Absolute targets are for proxies.
    return url.startsWith('/') && allowedHosts.has(hostNameOf(host));
  }

  #refuseIfBusy(): void {
    const { maxRequests, maxDelayMs } = this.#options;
    if (this.requestsInFlight >= maxRequests || schedulerDelayMs() > maxDelayMs)
      throw new UnavailableError('OVERLOADED');
  }

  /** Yields results as JSON; the last may be the failure that ended them. */
  async *#results(request: FastifyRequest, context: OperationContext): AsyncGenerator<string> {
    try {
      if (context.state.isSubscription)
        yield* this.#subscriptions.run(request, this.#executor.subscription(context));
      else yield (await this.#executor.query(context)).join('');
    } catch (error) {
      yield this.#executor.failure(error, context.state);
    }
  }
}

const operationMethods = {
  methods: ['GET', 'POST'],
  allow: 'GET, HEAD, POST',
  refusal: 'Send operations by GET or POST.',
};

const exportMethods = { ...operationMethods, refusal: 'Request exports by GET or POST.' };

const fileMethods = {
  methods: ['POST'],
  allow: 'POST',
  refusal: 'Send the earlier export by POST, as the body.',
};

const messageMethods = {
  methods: ['POST'],
  allow: 'POST',
  refusal: 'Send one message per POST. There is no stream to GET and no session to end.',
};
const malformedHost = 'Send one Host header, with a name or an address.';
const foreignHost = 'This host name is not served here. The operator can add it to ALLOWED_HOSTS.';
const onlyAsStream =
  'A subscription is answered as a stream: send Accept: text/event-stream, or multipart/mixed;subscriptionSpec=1.0.';
const notAcceptable =
  'Accept application/json or application/graphql-response+json, or text/event-stream or multipart/mixed;subscriptionSpec=1.0 for a stream.';
