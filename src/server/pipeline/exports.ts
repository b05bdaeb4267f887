/** Exports: all users, or all protection rows, of a filter as one file, streamed while they are read. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { locatedError, type GraphQLSchema } from 'graphql';
import Negotiator from 'negotiator';
import { GatewayError, Refusal } from '../../errors.ts';
import type { ExportEnd, ExportRows } from '../../exports/cells.ts';
import { openExport, type ExportQuery } from '../../exports/export-rows.ts';
import { exportFormatNames, exportFormats, type ExportFormatName } from '../../exports/formats.ts';
import { exportListNames, exportLists, type ExportList } from '../../exports/lists.ts';
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

interface Export {
  readonly list: ExportList;
  readonly format: ExportFormatName;
}

/** List and format of an export by its path. */
export const exportRoutes: ReadonlyMap<string, Export> = new Map(
  exportListNames.flatMap((list) =>
    exportFormatNames.map((format) => [`/export/${list}.${format}`, { list, format }] as const),
  ),
);

/** Sends a stream. Resolves at its end or when its connection is closed; rejects with an error of its results. */
export type SendStream = (
  results: AsyncIterable<string | Uint8Array> | Iterable<string>,
  form: StreamForm<string | Uint8Array>,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<void>;

export class Exports {
  readonly #options: ExportsOptions;
  readonly #subscriptions: Subscriptions;
  readonly #requests: ExportRequests;
  readonly #sendStream: SendStream;

  /** @param subscriptions counts exports as well, which take as long */
  constructor(options: ExportsOptions, subscriptions: Subscriptions, sendStream: SendStream) {
    const { schema, endpoint } = options;
    this.#options = options;
    this.#subscriptions = subscriptions;
    this.#requests = new ExportRequests({ schema, hasIntrospection: endpoint.hasIntrospection });
    this.#sendStream = sendStream;
  }

  /** Answers an admitted request. */
  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    { list, format: formatName }: Export,
    requestsInFlight: number,
  ): Promise<FastifyReply> {
    const { state } = request;
    const name = `${list}.${formatName}`;
    const format = exportFormats[formatName];
    const endPreparation = state.trace?.startPreparation();
    let query: ExportQuery;
    try {
      state.describe(name, 'export');
      this.checkAccess(request, format.contentType);
      query =
        request.method === 'POST'
          ? this.#requests.readBody(list, String(request.body))
          : this.#requests.readUrl(list, request.url);
      endPreparation?.({ rows: 0, values: 0, calls: 0 });
    } catch (error) {
      endPreparation?.(null);
      if (!(error instanceof RequestErrors)) throw error;
      return this.refuse(reply, error.errors, 400);
    }
    const { columns, filter, customers } = query;
    state.exported = { columns, filter: withoutSearch(filter), customers: withoutSearch(customers) };
    const form = formOf(name, format.contentType);
    if (request.method === 'HEAD') {
      await this.#sendStream([], form, request, reply);
      return reply;
    }
    this.#subscriptions.admit(state);
    const scope = state.beginOperation(requestsInFlight, null);
    const endSpan = state.trace?.startOperation(state, scope.owner);
    let errorType: string | null = null;
    try {
      const rows = await openExport(query, this.#options.createContext(scope));
      const results = format.write(columns, concluding(rows, state), exportLists[list].title);
      await this.#sendStream(this.#subscriptions.run(request, results), form, request, reply);
    } catch (error) {
      errorType = errorTypeOf(error);
      if (!reply.sent) return await this.fail(reply, error);
      this.abort(reply, error);
    } finally {
      endSpan?.(errorType);
    }
    return reply;
  }

  /** @throws RequestRefusal if the caller may not export, or does not accept the format */
  checkAccess({ headers, state }: FastifyRequest, contentType: string): void {
    const { endpoint } = this.#options;
    const isRestricted = endpoint.requiresTrustedDocuments || callerOf(state).requiresTrustedDocuments;
    if (isRestricted && endpoint.exports !== 'all')
      throw new RequestRefusal(untrusted, 403, 'DOCUMENT_NOT_TRUSTED');
    const [type = ''] = contentType.split(';');
    if (new Negotiator({ headers }).mediaType([type]) === undefined)
      throw new RequestRefusal(`This export is ${type}: accept it, or choose another one by its path.`, 406);
  }

  /** Answers with the error that prevented an export's start. */
  async fail(reply: FastifyReply, error: unknown): Promise<FastifyReply> {
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

  /** Closes the connection of an export that failed midway, so that its response stays incomplete. */
  abort({ raw, request: { state } }: FastifyReply, error: unknown): void {
    if (state.isClosed) return;
    const [formatted] = formatErrors([locatedError(error, undefined)], this.#options.report);
    state.conclude(null, [formatted?.extensions?.['code']]);
    state.isTruncated = true;
    raw.destroy();
  }
}

/** Masks the search text of a filter for the audit: it may name a person. */
export function withoutSearch<Filter extends object | null>(filter: Filter): Filter {
  const copy: unknown = JSON.parse(
    JSON.stringify(filter, (name, value: unknown) => (name === 'search' && value !== null ? '…' : value)),
  );
  return copy as Filter;
}

const late: ReadonlySet<string> = new Set(['UPSTREAM_TIMEOUT', 'DEADLINE_EXCEEDED']);

const untrusted =
  'Only trusted documents are accepted, and an export is none. The operator can permit exports by EXPORTS=all.';

export function formOf(fileName: string, contentType: string): StreamForm<string | Uint8Array> {
  return {
    contentType,
    headers: { 'content-disposition': `attachment; filename="${fileName}"` },
    opening: '',
    // A file has no neutral bytes for a ping.
    ping: null,
    partOf: (result) => result,
    ending: '',
  };
}

/** Passes rows through, and concludes the request with the reasons of missing ones. */
async function* concluding(rows: ExportRows, state: RequestState): ExportRows {
  const end: ExportEnd = yield* rows;
  state.conclude(
    {},
    end.missing.map(({ reason }) => reason),
  );
  return end;
}
