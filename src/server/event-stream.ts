/**
 * Operations as server-sent events, by graphql-sse's protocol with a connection for each: subscriptions, and whatever
 * else is asked for with `Accept: text/event-stream` alone.
 */
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  parse,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/fastify';
import { manyObjects } from '../execution/executor.ts';
import type { GraphContext } from '../graph/context.ts';
import type { Viewer } from '../scope.ts';
import { RefusedRequestError } from './admission.ts';
import { hashOf, type OperationRecord } from './audit.ts';
import { checkOperation, type Limits } from './check-operation.ts';
import { formatError, mergeByCause } from './format-error.ts';
import { validateDocument } from './limits/validation.ts';

export interface EventStreamOptions {
  readonly schema: GraphQLSchema;
  readonly limits: Limits;
  /** Whether callers may ask for the schema itself. */
  readonly hasIntrospection: boolean;
  readonly createContext: (
    request: FastifyRequest,
    reply: FastifyReply,
    isSubscription: boolean,
  ) => GraphContext;
  /** Subscriptions that run at the same time. */
  readonly maxSubscriptions: number;
  readonly viewerOf: (request: FastifyRequest) => Viewer;
  /** What is written down of a request; null where nobody audits. */
  readonly recordOf: (request: FastifyRequest) => OperationRecord | null;
  /** Whether the server is about to leave. */
  readonly isClosing: () => boolean;
  readonly report: (error: unknown) => void;
}

const eventStream = 'text/event-stream';
/** Turns of the event loop that a write may take, and how long to wait for a reader who takes longer. */
const usualTurns = 10;
const catchUpMs = 20;

/** GraphContext, in the form that the protocol's handler takes. */
type EventContext = { [Key in keyof GraphContext]: GraphContext[Key] };

interface AskedOperation {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

export class EventStream {
  readonly #options: EventStreamOptions;
  readonly #handle: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  #subscriptions = 0;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#handle = createHandler<EventContext>({
      // Each operation has a connection of its own: nobody may reserve one for later.
      authenticate: () => null,
      onSubscribe: ({ raw, context: { reply } }, asked) => this.#prepare(raw, reply, asked),
      onOperation: (_context, _request, _args, result) =>
        isAsyncIterable(result) ? untilItFails(result) : undefined,
      onNext: async (_context, { raw, context: { reply } }, result) => {
        await caughtUp(reply);
        const presented = this.#present(result as ExecutionResult);
        const { data, errors = [] } = presented;
        const codes = errors.map(({ extensions: { code } }) => code);
        this.#options.recordOf(raw)?.conclude(data, codes);
        return presented;
      },
    });
  }

  /** Those that are running. */
  get subscriptions(): number {
    return this.#subscriptions;
  }

  /** Guards the routes of a Fastify scope: what is asked for as events does not reach them. */
  guard(scope: FastifyInstance): void {
    scope.addHook('preHandler', async (request, reply) => {
      if (!isForEvents(request)) return;
      // As the protocol's handler understands it, whatever else the caller would take.
      request.headers.accept = eventStream;
      reply.hijack();
      try {
        await this.#handle(request, reply);
        // Kept alive, it would hold the server's close.
        if (this.#options.isClosing()) request.raw.socket.destroySoon();
      } catch (error) {
        this.#options.report(error);
        reply.raw.destroy();
      }
    });
  }

  /** What is to be executed, or the errors that keep it from being so. */
  #prepare(
    request: FastifyRequest,
    reply: FastifyReply,
    { query, operationName, variables }: AskedOperation,
  ): (ExecutionArgs & { contextValue: EventContext }) | AsyncIterable<ExecutionResult> {
    const { schema, hasIntrospection, createContext, maxSubscriptions } = this.#options;
    const record = this.#options.recordOf(request);
    record?.describe(null, undefined, hashOf(query));
    let document: DocumentNode;
    try {
      document = parse(query);
    } catch (error) {
      return only([error], 'GRAPHQL_PARSE_FAILED');
    }
    const faults = validateDocument(schema, document, { hasIntrospection });
    if (faults.length > 0) return only(faults, 'GRAPHQL_VALIDATION_FAILED');
    const operation = getOperationAST(document, operationName);
    if (!operation)
      return only([new GraphQLError('Name one of the operations.')], 'OPERATION_RESOLUTION_FAILURE');
    record?.describe(operation.name?.value, operation.operation, hashOf(query));
    const isSubscription = operation.operation === OperationTypeNode.SUBSCRIPTION;
    try {
      const viewer = this.#options.viewerOf(request);
      const { rows } = checkOperation(this.#options.limits, document, operation, variables ?? {}, viewer);
      if (!isSubscription && rows > manyObjects) return only([tooManyRows(rows)], 'BAD_REQUEST');
    } catch (error) {
      return only([error]);
    }
    if (isSubscription) {
      if (this.#subscriptions >= maxSubscriptions) return only([new RefusedRequestError('OVERLOADED')]);
      this.#subscriptions += 1;
      reply.raw.once('close', () => (this.#subscriptions -= 1));
    }
    return {
      schema,
      document,
      contextValue: createContext(request, reply, isSubscription),
      ...(operationName ? { operationName } : {}),
      ...(variables ? { variableValues: variables } : {}),
    };
  }

  #present({ errors, ...result }: ExecutionResult): ExecutionResult {
    if (errors === undefined) return result;
    const causes = errors.map((error) => error.originalError ?? error);
    const entries = errors.map((error, index) =>
      formatError(error.toJSON(), causes[index], this.#options.report),
    );
    // The shape in which errors leave, though its type here is that in which they arise.
    return { errors: mergeByCause(entries, causes) as unknown as readonly GraphQLError[], ...result };
  }
}

/** Whether a request's answer is to be events: a GET only where it can't be another site's doing. */
function isForEvents(request: FastifyRequest): boolean {
  const { headers, method } = request;
  const accepted = (headers.accept ?? '').split(',').map((type) => type.split(';')[0]?.trim().toLowerCase());
  if (!accepted.includes(eventStream)) return false;
  const isGet = method === 'GET';
  if (isGet && !('apollo-require-preflight' in headers) && !('x-apollo-operation-name' in headers))
    return false;
  return (
    accepted.every((type) => type === eventStream) || isSubscription(isGet ? request.query : request.body)
  );
}

function isSubscription(asked: unknown): boolean {
  const { query, operationName } = (asked ?? {}) as Partial<Record<keyof AskedOperation, unknown>>;
  if (typeof query !== 'string') return false;
  try {
    const operation = getOperationAST(parse(query), typeof operationName === 'string' ? operationName : null);
    return operation?.operation === OperationTypeNode.SUBSCRIPTION;
  } catch {
    return false;
  }
}

/** Events are made of results by graphql-js. */
function tooManyRows(rows: number): GraphQLError {
  return new GraphQLError(
    `A query that could come to ${rows} rows is not answered as events: ask for it with the header Accept: application/json.`,
  );
}

/** Resolves when what was sent has left, so that a slow reader holds up what it reads, and nothing piles up. */
async function caughtUp({ raw }: FastifyReply): Promise<void> {
  for (let looks = 0; raw.writableLength > 0 && !raw.destroyed; looks++) {
    await (looks < usualTurns ? immediate() : sleep(catchUpMs));
  }
}

/** A stream whose last result tells what has ended it, where something did. */
async function* untilItFails(
  results: AsyncIterable<unknown>,
): AsyncGenerator<ExecutionResult, void, undefined> {
  try {
    for await (const result of results) yield result as ExecutionResult;
  } catch (error) {
    yield { errors: [graphQLErrorOf(error)] };
  }
}

/** A stream of one result, of errors alone. */
async function* only(
  errors: readonly unknown[],
  code?: string,
): AsyncGenerator<ExecutionResult, void, undefined> {
  yield await Promise.resolve({
    errors: errors.map((error) => {
      const known = graphQLErrorOf(error);
      if (code !== undefined) Object.assign(known.extensions, { code });
      return known;
    }),
  });
}

function graphQLErrorOf(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return error instanceof Error
    ? new GraphQLError(error.message, { originalError: error })
    : new GraphQLError('The gateway failed.');
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
