/** The life of a request, in order: every step that may refuse, change or answer one, once, for every kind of response. */
import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UnavailableError } from '../../errors.ts';
import { isPromise } from '../../maybe-promise.ts';
import { afterInput, yieldIfDue, scheduleAfterInput, schedulerDelayMs } from '../../scheduler.ts';
import { isExplorerRequest, sendExplorer } from '../browser/explorer.ts';
import { hasOneHost, hostNameOf, isSafeGet } from '../browser/request-origin.ts';
import { ResponseCache, ResponseFlight } from '../response-cache/response-cache.ts';
import { Execution, type ExecutionOptions, type OperationContext } from './execute-operation.ts';
import { McpEndpoint, messagePath, type McpEndpointOptions } from './mcp-endpoint.ts';
import { acceptedOf, graphQLResponseType, jsonType } from './media-types.ts';
import { comparisonRoutes, Comparisons } from './comparisons.ts';
import { exportRoutes, Exports, type ExportsOptions, type SendStream } from './exports.ts';
import { BodyReceiver, parseBody, parseUrl } from './operation-request.ts';
import { Preparation, type PreparationOptions, type PreparedOperation } from './prepare-operation.ts';
import { RequestRefusal, RequestErrors } from './refusals.ts';
import { RequestState, type RequestStateOptions } from './request-state.ts';
import { sendStream, type StreamForm } from './result-stream.ts';
import { disconnectStalledReader } from './stalled-reader.ts';
import { Subscriptions, type SubscriptionsOptions } from './subscriptions.ts';

export interface PipelineOptions
  extends RequestStateOptions, PreparationOptions, ExecutionOptions, SubscriptionsOptions, ExportsOptions {
  readonly endpoint: McpEndpointOptions['endpoint'] & ExportsOptions['endpoint'];
  /** Requests that are answered at once. */
  readonly maxRequests: number;
  /** How long requests may wait for the event loop before more are refused, in milliseconds. */
  readonly maxDelayMs: number;
  /** For one request's headers, and for its body. */
  readonly bodyTimeoutMs: number;
  /** How long a client may accept nothing of its response, in milliseconds. */
  readonly readerTimeoutMs: number;
  /** Whole responses that are cached, in bytes; 0 caches none. */
  readonly maxCachedResponseBytes: number;
  /** Hosts that requests may be meant for, in lower case and without ports; null for any. */
  readonly allowedHosts: ReadonlySet<string> | null;
  /** Origins whose pages may send requests from a browser. */
  readonly allowedOrigins: ReadonlySet<string>;
  readonly securityHeaders: Readonly<Record<string, string>>;
  /** The explorer's page, which a browser gets that opens the endpoint; null if it is off. */
  readonly explorerHtml: string | null;
}

/** In characters: looking into a text that was put together of many pieces writes it out at once. */
const longText = 1_000_000;

/** Shorter responses are written to their sockets at once, whether they are read or not. */
const unsentBytes = 65_536;

export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #bodies: BodyReceiver;
  readonly #responses: ResponseCache;
  readonly #preparation: Preparation;
  readonly #execution: Execution;
  readonly #subscriptions: Subscriptions;
  readonly #exports: Exports;
  readonly #comparisons: Comparisons;
  readonly #assistants: McpEndpoint | null;
  /** Requests that are being answered. */
  requestsInFlight = 0;
  /** Whether shutdown has begun: requests may still be answered, and each response closes its connection. */
  isDraining = false;
  #refusesRequests = false;
  /** When a request last arrived, by `performance.now()`. */
  lastArrivedAt = -Infinity;
  /** The newest request of each connection: requests may wait behind others of it (HTTP pipelining). */
  readonly #newestOf = new WeakMap<Socket, IncomingMessage>();

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#bodies = new BodyReceiver(options.bodyTimeoutMs);
    this.#responses = new ResponseCache(options.maxCachedResponseBytes, options.clock);
    this.#preparation = new Preparation(options);
    this.#execution = new Execution(options, this.#preparation);
    this.#subscriptions = new Subscriptions(options);
    const sendFile: SendStream = (...stream) => this.#sendStream(...stream);
    this.#exports = new Exports(options, this.#subscriptions, sendFile);
    this.#comparisons = new Comparisons(options, this.#exports, this.#subscriptions, sendFile);
    const { mcp } = options.endpoint;
    const steps = {
      preparation: this.#preparation,
      execution: this.#execution,
      subscriptions: this.#subscriptions,
      responses: this.#responses,
    };
    this.#assistants = mcp === null ? null : new McpEndpoint(options, mcp, steps, sendFile);
  }

  /** Counts for metrics. */
  get state() {
    return {
      requestsInFlight: this.requestsInFlight,
      subscriptions: this.#subscriptions.count,
      /** Whole responses that are cached. */
      answerBytes: this.#responses.bytes,
    };
  }

  /** Answers requests as before, with `Connection: close`, so that each caller's next request opens a connection. */
  drain(): void {
    this.isDraining = true;
  }

  /** Refuses every request that arrives from now on. */
  refuseRequests(): void {
    this.drain();
    this.#refusesRequests = true;
  }

  /** Refuses every body that has not been received. */
  refuseBodies(): void {
    this.#bodies.close();
    this.#comparisons.uploads.close();
  }

  /** Whether a file is being received on a connection, which takes longer than other requests may. */
  isReceivingFile(socket: Socket): boolean {
    return this.#comparisons.uploads.has(socket);
  }

  /** Adds the GraphQL endpoint and exports to a server, and headers and a host check to all of its routes. */
  async register(server: FastifyInstance): Promise<void> {
    const { securityHeaders } = this.#options;
    await this.#execution.register(server);
    server.addHook('onRequest', (request, reply, done) => {
      this.#newestOf.set(request.raw.socket, request.raw);
      reply.headers(securityHeaders).header('x-request-id', request.id);
      if (!hasOneHost(request.raw)) done(new RequestRefusal(malformedHost));
      else done(this.#isForThisHost(request) ? undefined : new RequestRefusal(foreignHost, 421));
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
      if (this.#assistants !== null) this.#addRoute(scope, messagePath, messageMethods);
      done();
    });
  }

  #addExports(scope: FastifyInstance): void {
    for (const url of exportRoutes.keys()) this.#addRoute(scope, url, exportMethods);
    // Apart, since their bodies are files.
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

  /** Before the body is read. */
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
    if (this.#refusesRequests) throw new UnavailableError('SHUTTING_DOWN');
    this.#refuseIfBusy();
    // Authenticated before it is admitted, so that the audit names callers refused by their rate.
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
        'A page of another site may have sent this. Send the header apollo-require-preflight, or POST.',
      );
    }
    const exported = exportRoutes.get(request.routeOptions.url ?? '');
    if (exported !== undefined) {
      await this.#untilInTime(state);
      return this.#exports.answer(request, reply, exported, this.requestsInFlight);
    }
    const compared = comparisonRoutes.get(request.routeOptions.url ?? '');
    if (compared !== undefined) {
      await this.#untilInTime(state);
      return this.#comparisons.answer(request, reply, compared, this.requestsInFlight);
    }
    if (this.#assistants !== null && request.routeOptions.url === messagePath) {
      await this.#untilInTime(state);
      return this.#assistants.answer(request, reply, this.requestsInFlight);
    }
    const key = this.#responses.keyOf(request);
    const finding = key === null ? null : this.#responses.find(key);
    const found = isPromise(finding) ? await finding : finding;
    if (found === null || found instanceof ResponseFlight) return this.#execute(request, reply, found);
    if (found.body.bytes.length > unsentBytes)
      state.whenClosed(found.body.hold(this.#execution.outputBudgets));
    if (found === finding) await afterInput();
    return this.#responses.repeat(reply, found);
  }

  /** Executes the operation when the event loop has time for it, and sends the result. */
  async #execute(
    request: FastifyRequest,
    reply: FastifyReply,
    flight: ResponseFlight | null,
  ): Promise<FastifyReply> {
    const { state } = request;
    state.handOver = () => flight?.handOver() ?? false;
    await this.#untilInTime(state);
    try {
      return await this.#send(request, reply, flight);
    } finally {
      flight?.land(null);
    }
  }

  /** Resolves when the event loop has time for a request; never, if its caller disconnects before. */
  #untilInTime(state: RequestState): Promise<void> {
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
    flight: ResponseFlight | null,
  ): Promise<FastifyReply> {
    const { state } = request;
    const isPost = request.method === 'POST';
    const accepted = acceptedOf(request.headers.accept);
    const operationRequest = isPost ? parseBody(String(request.body)) : parseUrl(request.url);
    const endPreparation = state.trace?.startPreparation();
    let operation: PreparedOperation;
    try {
      operation = await this.#preparation.prepareOperation(operationRequest, state);
      endPreparation?.(operation.cost);
    } catch (error) {
      endPreparation?.(null);
      if (!(error instanceof RequestErrors)) throw error;
      const text = this.#execution.failure(error, state);
      if (accepted.stream !== null && accepted.json === null) {
        await this.#sendStream([text], accepted.stream, request, reply);
        return reply;
      }
      // A client of application/json alone takes other statuses for an intermediary's (GraphQL over HTTP, 6.4.1).
      if (accepted.json !== jsonType) reply.code(400);
      const contentType = accepted.json ?? graphQLResponseType;
      return this.#responses.send(reply, { text, contentType, dependencies: null }, flight);
    }

    const { isSubscription } = state;
    const stream = isSubscription || accepted.json === null ? accepted.stream : null;
    if (stream === null && (isSubscription || accepted.json === null))
      throw new RequestRefusal(isSubscription ? onlyAsStream : notAcceptable, 406);
    if (isSubscription) this.#subscriptions.admit(state);
    if (stream !== null && request.method === 'HEAD') {
      // The headers depend on no result (RFC 9110, 9.3.2): nothing is executed for a body that is not sent.
      await this.#sendStream([], stream, request, reply);
      return reply;
    }
    const context = this.#execution.begin(operation, request, this.requestsInFlight);
    if (stream !== null) {
      flight?.land(null);
      await this.#sendStream(this.#results(request, context), stream, request, reply);
      return reply;
    }
    const text = await this.#execution.query(context);
    if (text.length > longText) await yieldIfDue();
    const { dependencies } = context.scope;
    const contentType = accepted.json ?? jsonType;
    return this.#responses.send(reply, { text, contentType, dependencies }, flight);
  }

  async #sendStream<Result>(
    results: AsyncIterable<Result> | Iterable<Result>,
    form: StreamForm<Result>,
    { raw }: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    if (this.#closesAfter(raw)) reply.header('connection', 'close');
    await sendStream(results, form, reply);
    // Shutdown may have begun meanwhile: a connection that is kept alive would delay the server's close.
    if (this.#closesAfter(raw)) raw.socket.destroySoon();
  }

  /** Whether the response to a request is the last one of its connection: those behind it would never be sent. */
  #closesAfter(request: IncomingMessage): boolean {
    return this.isDraining && this.#newestOf.get(request.socket) === request;
  }

  #isForThisHost({ url, headers: { host = '' } }: FastifyRequest): boolean {
    const { allowedHosts } = this.#options;
    if (allowedHosts === null || url.startsWith('/health/')) return true;
    // Prometheus names the instance's address, which no page can have as a name of its own.
    if (url === '/metrics' && isIP(hostNameOf(host).replace(/^\[|\]$/g, '')) > 0) return true;
    // An absolute target is for a proxy.
    return url.startsWith('/') && allowedHosts.has(hostNameOf(host));
  }

  #refuseIfBusy(): void {
    const { maxRequests, maxDelayMs } = this.#options;
    if (this.requestsInFlight >= maxRequests || schedulerDelayMs() > maxDelayMs)
      throw new UnavailableError('OVERLOADED');
  }

  /** Results as JSON, the last of which may be the failure that ended them. */
  async *#results(request: FastifyRequest, context: OperationContext): AsyncGenerator<string> {
    try {
      if (context.state.isSubscription)
        yield* this.#subscriptions.run(request, this.#execution.subscription(context));
      else yield await this.#execution.query(context);
    } catch (error) {
      yield this.#execution.failure(error, context.state);
    }
  }
}

const operationMethods = {
  methods: ['GET', 'POST'],
  allow: 'GET, HEAD, POST',
  refusal: 'Send operations by GET or POST.',
};

const exportMethods = { ...operationMethods, refusal: 'Ask for exports by GET or POST.' };

const fileMethods = {
  methods: ['POST'],
  allow: 'POST',
  refusal: 'Send the earlier export by POST, as the body.',
};

const messageMethods = {
  methods: ['POST'],
  allow: 'POST',
  refusal: 'Send messages by POST, one at a time: there is no stream to listen to, and no session to end.',
};
const malformedHost = 'Send one Host header, with a name or an address.';
const foreignHost = 'This host name is not served here. The operator can add it to ALLOWED_HOSTS.';
const onlyAsStream =
  'A subscription is answered as a stream: send Accept: text/event-stream, or multipart/mixed;subscriptionSpec=1.0.';
const notAcceptable =
  'Accept application/json or application/graphql-response+json, or text/event-stream or multipart/mixed;subscriptionSpec=1.0 for a stream.';
