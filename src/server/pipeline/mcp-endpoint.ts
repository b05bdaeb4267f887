/**
 * Endpoint of the Model Context Protocol: each message is a request like any other, and each tool call executes one
 * operation with its caller's rights and limits.
 */
import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { permissionsKeyOf } from '../../callers/callers.ts';
import { GatewayError } from '../../errors.ts';
import { exceededLimit, isObject } from '../../json.ts';
import { rpcCodes } from '../../json-rpc.ts';
import { calledTool } from '../../mcp/message-params.ts';
import type { OperationCall, Operations, Tool } from '../../mcp/tools/tool.ts';
import type { McpSetting } from '../../mcp/tools/tool-set.ts';
import type { Cost } from '../../pricing/cost.ts';
import { version } from '../../version.ts';
import { checkVariables } from '../limits/validation.ts';
import { isAllowedOrigin } from '../browser/request-origin.ts';
import type { PendingResponse, ResponseCache } from '../response-cache/response-cache.ts';
import type { OperationExecutor } from './execute-operation.ts';
import type { ExportsSetting, SendStream } from './file-responses.ts';
import { createMcpTools } from './mcp-tools.ts';
import { jsonType } from './media-types.ts';
import { parseJsonBody } from './operation-request.ts';
import type { Preparation, PreparationOptions } from './prepare-operation.ts';
import { RequestErrors, RequestRefusal } from './refusals.ts';
import { callerOf, type RequestState, type RequestStateOptions } from './request-state.ts';
import type { StreamForm } from './result-stream.ts';
import type { Subscriptions } from './subscriptions.ts';

export const messagePath = '/mcp';

export interface McpEndpointOptions
  extends Pick<PreparationOptions, 'schema' | 'maxCost'>, Pick<RequestStateOptions, 'maxCalls'> {
  readonly endpoint: PreparationOptions['endpoint'] & {
    readonly exports: ExportsSetting;
    /** Null if assistants have no endpoint. */
    readonly mcp: McpSetting | null;
  };
  /** Origins whose pages may send requests from a browser. */
  readonly allowedOrigins: ReadonlySet<string>;
  /** Called for each unexpected error. */
  readonly report: (error: unknown) => void;
}

const foreignOrigin = 'This origin is not allowed; add it to CORS_ORIGINS.';

/** Pipeline steps that the tools' operations pass. */
export interface OperationSteps {
  readonly preparation: Preparation;
  readonly executor: OperationExecutor;
  readonly subscriptions: Subscriptions;
  readonly responses: ResponseCache;
}

/**
 * Limits of a message. No argument needs more; far more levels would overflow the stack, and the MCP SDK copies every
 * value several times.
 */
const messageLimits = { maxLevels: 200, maxValues: 20_000 };

const unlimitedCost: Cost = { rows: Infinity, values: Infinity, calls: Infinity };

export class McpEndpoint {
  readonly #options: McpEndpointOptions;
  readonly #setting: McpSetting;
  #tools: ReturnType<typeof createMcpTools> | null;
  readonly #steps: OperationSteps;
  readonly #sendStream: SendStream;
  /** Calls that a later message may cancel, by their callers and ids. */
  readonly #running = new Map<string, RequestState>();

  /** @throws ToolError if one of the operator's files can't be used */
  constructor(
    options: McpEndpointOptions,
    setting: McpSetting,
    steps: OperationSteps,
    sendStream: SendStream,
  ) {
    this.#options = options;
    this.#setting = setting;
    this.#steps = steps;
    this.#sendStream = sendStream;
    // Reading the gateway's own tools takes a tenth of the start; the first message blocks the event loop for it.
    this.#tools = setting.toolsFolder === null ? null : createMcpTools(setting, options);
  }

  /** Answers an admitted request. */
  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    requestsInFlight: number,
  ): Promise<FastifyReply> {
    const { state, headers, body } = request;
    // Otherwise, another site's page could reach the gateway through its visitor's browser.
    if (!isAllowedOrigin(headers, this.#options.allowedOrigins)) throw new RequestRefusal(foreignOrigin, 403);
    const message = parseMessage(String(body));
    const tools = this.#toolsFor(state);
    // Before the first await: the audit has the tool even if the caller disconnects at once.
    const named = calledTool(message);
    if (tools.some(({ name }) => name === named)) state.tool = named;
    this.#registerCall(message, request);
    const { answerMessage } = await import('../../mcp/message.ts');
    const { maxCharacters } = this.#setting;
    const { report } = this.#options;
    const ending = new AbortController();
    state.whenClosed(() => {
      ending.abort();
    });
    const response = await answerMessage(
      webRequestOf(request, ending.signal),
      message,
      { tools, version, maxCharacters, report },
      this.#operationsOf(request, requestsInFlight),
    );
    reply.code(response.status).header('cache-control', 'no-store');
    const contentType = response.headers.get('content-type') ?? jsonType;
    if (message['method'] === 'initialize' && headers['mcp-session-id'] === undefined)
      reply.header('mcp-session-id', randomUUID());
    if (response.body !== null && contentType.startsWith('text/event-stream')) {
      const form = { ...messageStream, contentType };
      const parts = response.body as AsyncIterable<Uint8Array>;
      await this.#sendStream(parts, form, request, reply);
      return reply;
    }
    const text = await response.text();
    if (state.isClosed) return reply;
    return text === '' ? reply.send() : reply.type(contentType).send(text);
  }

  #toolsFor(state: RequestState): readonly Tool[] {
    const { all, restricted } = (this.#tools ??= createMcpTools(this.#setting, this.#options));
    const { requiresTrustedDocuments } = this.#options.endpoint;
    return requiresTrustedDocuments || callerOf(state).requiresTrustedDocuments ? restricted : all;
  }

  /**
   * Clients of older revisions cancel a call by another message of their session. The session id serves nothing else,
   * so no session state is kept.
   */
  #registerCall(
    { method, id, params }: Readonly<Record<string, unknown>>,
    { headers, state }: FastifyRequest,
  ): void {
    const session = headers['mcp-session-id'];
    if (session === undefined) return;
    const keyOf = (requestId: string | number) => {
      const caller = callerOf(state);
      return JSON.stringify([caller.viewer.name, permissionsKeyOf(caller), session, requestId]);
    };
    if (method === 'tools/call' && isRequestId(id)) {
      const key = keyOf(id);
      this.#running.set(key, state);
      state.whenClosed(() => {
        if (this.#running.get(key) === state) this.#running.delete(key);
      });
    } else if (method === 'notifications/cancelled' && isObject(params)) {
      const { requestId } = params;
      if (isRequestId(requestId)) this.#running.get(keyOf(requestId))?.cancel();
    }
  }

  #operationsOf(request: FastifyRequest, requestsInFlight: number): Operations {
    const { state, headers } = request;
    const { executor, preparation } = this.#steps;
    const orFailure = async <Value>(work: () => Promise<Value>): Promise<Value | { failure: string }> => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof GatewayError || error instanceof RequestErrors)) throw error;
        return { failure: executor.failure(error, state) };
      }
    };
    return {
      baseUrl: this.#setting.url?.href.replace(/\/mcp\/?$/, '') ?? baseUrlOf(headers),
      run: async (call, onEvent) => {
        const result = await orFailure(() => this.#run(call, onEvent, request, requestsInFlight));
        return typeof result === 'string' ? result : result.failure;
      },
      cost: (call) =>
        orFailure(async () => {
          const options = { isProvided: call.isProvided, maxCost: unlimitedCost };
          const operation = await preparation.prepareOperation(operationRequestOf(call), state, options);
          return {
            cost: operation.cost,
            estimate: preparation.estimateCalls(operation, state),
            isSubscription: state.isSubscription,
          };
        }),
      recordFailure: (code) => {
        const isExecuted = state.outcome !== null;
        if (!isExecuted) state.conclude(code === 'INTERNAL_SERVER_ERROR' ? null : undefined, [code]);
        // The operation succeeded, but its result could not be shown.
        else if (!state.codes.has(code)) state.conclude(null, [code]);
      },
      recordMissing: (codes) => {
        if (codes.length > 0) state.conclude({}, codes);
      },
    };
  }

  /** Returns the result as JSON. Equal calls in flight share it, and a complete one is cached. */
  async #run(
    call: OperationCall,
    onEvent: (json: string) => void,
    request: FastifyRequest,
    requestsInFlight: number,
  ): Promise<string> {
    const { state, headers } = request;
    const { responses } = this.#steps;
    // Checked before `JSON.stringify`.
    checkVariables(call.variables);
    const key =
      headers['cache-control'] === undefined
        ? JSON.stringify([
            permissionsKeyOf(callerOf(state)),
            'mcp',
            call.isProvided,
            call.text,
            call.variables,
          ])
        : null;
    return responses.shareExecution(
      key,
      state,
      ({ body }) => body.bytes.toString(),
      (pending) => this.#execute(call, onEvent, request, requestsInFlight, pending),
    );
  }

  async #execute(
    call: OperationCall,
    onEvent: (json: string) => void,
    request: FastifyRequest,
    requestsInFlight: number,
    pending: PendingResponse | null,
  ): Promise<string> {
    const { state } = request;
    const { preparation, executor, subscriptions, responses } = this.#steps;
    const operation = await preparation.prepareOperation(operationRequestOf(call), state, call);
    if (!state.isSubscription) {
      const context = executor.begin(operation, request, requestsInFlight);
      const pieces = await executor.query(context);
      if (pending !== null)
        await responses.share(
          { pieces, contentType: jsonType, dependencies: context.scope.dependencies },
          state,
          pending,
        );
      return pieces.join('');
    }
    pending?.complete(null);
    subscriptions.admit(state);
    const context = executor.begin(operation, request, requestsInFlight);
    let last: string | null = null;
    for await (const event of subscriptions.run(request, executor.subscription(context))) {
      last = event;
      onEvent(event);
    }
    state.hasLastEvent = true;
    // Without an event, the caller has disconnected.
    return last ?? '{"data":null}';
  }
}

/**
 * Returns the gateway's URL from the request's headers, also behind a proxy that terminates TLS. Only the caller sees
 * it.
 */
function baseUrlOf({ host = 'localhost', ...headers }: FastifyRequest['headers']): string {
  const [protocol = ''] = String(headers['x-forwarded-proto'] ?? '').split(',');
  return `${protocol.trim().toLowerCase() === 'https' ? 'https' : 'http'}://${host}`;
}

/** Refusal of a body that is no valid message, with a JSON-RPC code. */
export class MessageRefusal extends RequestRefusal {
  readonly rpcCode: number;

  constructor(message: string, rpcCode: number) {
    super(message);
    this.rpcCode = rpcCode;
  }
}

/** @throws MessageRefusal */
function parseMessage(text: string): Readonly<Record<string, unknown>> {
  let message: unknown;
  try {
    message = parseJsonBody(text, 'Send one JSON-RPC message.');
  } catch (error) {
    throw error instanceof RequestRefusal ? new MessageRefusal(error.message, rpcCodes.parseError) : error;
  }
  if (!isObject(message))
    throw new MessageRefusal(
      'Expected a JSON object: one JSON-RPC message a request.',
      rpcCodes.invalidRequest,
    );
  const exceeded = exceededLimit(message, messageLimits);
  if (exceeded === null) return message;
  const { maxLevels, maxValues } = messageLimits;
  const fault =
    exceeded === 'levels' ? `is nested deeper than ${maxLevels} levels` : `has more than ${maxValues} values`;
  throw new MessageRefusal(`The message ${fault}.`, rpcCodes.invalidRequest);
}

function isRequestId(id: unknown): id is string | number {
  return typeof id === 'string' || typeof id === 'number';
}

function operationRequestOf({ text, variables }: OperationCall) {
  return { query: text, documentId: null, sha256Hash: null, operationName: null, variables };
}

/** The request as the MCP SDK sees it, without credentials. */
function webRequestOf({ headers }: FastifyRequest, signal: AbortSignal): Request {
  const names = ['accept', 'content-type', ...Object.keys(headers).filter((name) => name.startsWith('mcp-'))];
  const shown = names.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value] as [string, string]] : [];
  });
  return new Request('http://localhost/mcp', { method: 'POST', headers: shown, signal });
}

const messageStream: StreamForm<string | Uint8Array> = {
  contentType: 'text/event-stream',
  opening: '',
  ping: ':\n\n',
  partOf: (chunk) => chunk,
  ending: '',
};
