/** File responses of exports and comparisons: access, streaming, failures and ends. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { locatedError, type GraphQLSchema } from 'graphql';
import Negotiator from 'negotiator';
import { GatewayError, Refusal } from '../../errors.ts';
import type { GraphContext } from '../../graph/context.ts';
import type { OperationScope } from '../../scope.ts';
import { ExportRequests } from './export-request.ts';
import { errorTypeOf, formatErrors } from './format-error.ts';
import { refusalTypeFor } from './media-types.ts';
import type { DocumentOptions } from './prepare-operation.ts';
import { RequestErrors, RequestRefusal } from './refusals.ts';
import { callerOf, type RequestState } from './request-state.ts';
import type { StreamForm } from './result-stream.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Callers that may export: `on` for those that may send any document, `all` for every caller. */
export type ExportsSetting = 'on' | 'all' | 'off';

export interface ExportsOptions {
  readonly schema: GraphQLSchema;
  readonly endpoint: Pick<DocumentOptions, 'hasIntrospection' | 'requiresTrustedDocuments'> & {
    readonly exports: ExportsSetting;
  };
  readonly createContext: (scope: OperationScope) => GraphContext;
  /** Called for each unexpected error. */
  readonly report: (error: unknown) => void;
}

/** Sends a stream. Resolves at its end or when its connection is closed; rejects with an error of its results. */
export type SendStream = (
  results: AsyncIterable<string | Uint8Array> | Iterable<string>,
  form: StreamForm<string | Uint8Array>,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<void>;

export interface FileDescription {
  readonly name: string;
  readonly contentType: string;
}

export class FileResponses {
  readonly requests: ExportRequests;
  readonly #options: ExportsOptions;
  readonly #subscriptions: Subscriptions;
  readonly #sendStream: SendStream;

  /** @param subscriptions counts files as well, which take as long */
  constructor(options: ExportsOptions, subscriptions: Subscriptions, sendStream: SendStream) {
    const { schema, endpoint } = options;
    this.requests = new ExportRequests({ schema, hasIntrospection: endpoint.hasIntrospection });
    this.#options = options;
    this.#subscriptions = subscriptions;
    this.#sendStream = sendStream;
  }

  /** @throws RequestRefusal if the caller may not export, or does not accept the format */
  checkAccess({ headers, state }: FastifyRequest, contentType: string): void {
    const { endpoint } = this.#options;
    const isRestricted = endpoint.requiresTrustedDocuments || callerOf(state).requiresTrustedDocuments;
    if (isRestricted && endpoint.exports !== 'all')
      throw new RequestRefusal(untrusted, 403, 'DOCUMENT_NOT_TRUSTED');
    const [type = ''] = contentType.split(';');
    if (new Negotiator({ headers }).mediaType([type]) === undefined)
      throw new RequestRefusal(
        `This export is ${type}: allow it in Accept, or request another file extension.`,
        406,
      );
  }

  /** Counts a file until its response is closed. Throws an UnavailableError if too many are running. */
  admit(state: RequestState): void {
    this.#subscriptions.admit(state);
  }

  /** Sends the headers of a file. */
  async sendHead(request: FastifyRequest, reply: FastifyReply, file: FileDescription): Promise<FastifyReply> {
    await this.#sendStream([], formOf(file), request, reply);
    return reply;
  }

  /**
   * Streams the file of an admitted request.
   *
   * @param open opens the file's content; it begins the operation once its input is known
   */
  async send(
    request: FastifyRequest,
    reply: FastifyReply,
    file: FileDescription,
    requestsInFlight: number,
    open: (begin: () => GraphContext) => Promise<AsyncIterable<string | Uint8Array>>,
  ): Promise<FastifyReply> {
    const { state } = request;
    const operation: { endSpan: (errorType: string | null) => void } = { endSpan: () => undefined };
    let errorType: string | null = null;
    try {
      const results = await open(() => {
        const scope = state.beginOperation(requestsInFlight, null);
        operation.endSpan = state.trace?.startOperation(state, scope.owner) ?? operation.endSpan;
        return this.#options.createContext(scope);
      });
      await this.#sendStream(this.#subscriptions.run(request, results), formOf(file), request, reply);
    } catch (error) {
      errorType = errorTypeOf(error);
      if (error instanceof RequestErrors) return await this.refuse(reply, error.errors, 400);
      if (!reply.sent) return await this.#fail(reply, error);
      this.#abort(reply, error);
    } finally {
      operation.endSpan(errorType);
    }
    return reply;
  }

  /** Answers with the error that prevented a file's start. */
  async #fail(reply: FastifyReply, error: unknown): Promise<FastifyReply> {
    if (!(error instanceof GatewayError) || error instanceof Refusal) throw error;
    const status = error.code === 'BAD_USER_INPUT' ? 400 : late.has(error.code) ? 504 : 502;
    return this.refuse(reply, [locatedError(error, undefined)], status);
  }

  /** Answers with errors: of the request if the status is 400, else of the data. */
  async refuse(
    reply: FastifyReply,
    errors: Parameters<typeof formatErrors>[0],
    status: number,
  ): Promise<FastifyReply> {
    const { state, headers } = reply.request;
    const formatted = formatErrors(errors, this.#options.report);
    state.conclude(
      status === 400 ? undefined : null,
      formatted.map((each) => each.extensions?.['code']),
    );
    return reply
      .code(status)
      .type(refusalTypeFor(headers))
      .header('cache-control', 'no-store')
      .send({ errors: formatted });
  }

  /** Closes the connection of a file that failed midway, so that its response stays incomplete. */
  #abort({ raw, request: { state } }: FastifyReply, error: unknown): void {
    if (state.isClosed) return;
    const [formatted] = formatErrors([locatedError(error, undefined)], this.#options.report);
    state.conclude(null, [formatted?.extensions?.['code']]);
    state.isTruncated = true;
    raw.destroy();
  }
}

const late: ReadonlySet<string> = new Set(['UPSTREAM_TIMEOUT', 'DEADLINE_EXCEEDED']);

const untrusted =
  'Only trusted documents are accepted, and an export is none. The operator can permit exports by EXPORTS=all.';

function formOf({ name, contentType }: FileDescription): StreamForm<string | Uint8Array> {
  return {
    contentType,
    headers: { 'content-disposition': `attachment; filename="${name}"` },
    opening: '',
    // A file has no neutral bytes for a ping.
    ping: null,
    partOf: (result) => result,
    ending: '',
  };
}

/**
 * Passes batches through, and concludes the request with the reasons why the file is incomplete.
 *
 * @param lacks returns the missing parts that the end lists
 */
export async function* concluding<Batch, End>(
  batches: AsyncGenerator<Batch, End, undefined>,
  state: RequestState,
  lacks: (end: End) => readonly { readonly reason: string }[],
): AsyncGenerator<Batch, End, undefined> {
  const end = yield* batches;
  state.conclude(
    {},
    lacks(end).map(({ reason }) => reason),
  );
  return end;
}
