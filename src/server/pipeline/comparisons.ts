/** Comparisons with an earlier export, which is streamed from the body of the request. */
import { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  changeColumns,
  changesFormatNames,
  changesFormats,
  type ChangesFormatName,
} from '../../exports/change-formats.ts';
import { openComparison, type Comparison, type ComparisonQuery } from '../../exports/compare.ts';
import { fileLimits, readEarlierFile, type EarlierFile } from '../../exports/earlier-file.ts';
import { SharedMemory } from '../../exports/earlier-rows.ts';
import { ExportRequests } from './export-request.ts';
import { formOf, withoutSearch, type Exports, type ExportsOptions, type SendStream } from './exports.ts';
import { errorTypeOf } from './format-error.ts';
import { RequestErrors, RequestRefusal } from './refusals.ts';
import type { RequestState } from './request-state.ts';
import type { Subscriptions } from './subscriptions.ts';
import { Uploads } from './upload.ts';

/** Format of a comparison by its path. */
export const comparisonRoutes: ReadonlyMap<string, ChangesFormatName> = new Map(
  changesFormatNames.map((format) => [`/export/changes.${format}`, format]),
);

/** Memory of all earlier files in comparison. */
const maxEarlierBytes = 320 * 1024 * 1024;

interface ComparisonsOptions extends ExportsOptions {
  readonly bodyTimeoutMs: number;
}

export class Comparisons {
  readonly uploads: Uploads;
  readonly #options: ComparisonsOptions;
  readonly #exports: Exports;
  readonly #subscriptions: Subscriptions;
  readonly #requests: ExportRequests;
  readonly #sendStream: SendStream;
  readonly #earlierMemory = new SharedMemory(maxEarlierBytes);

  /** @param exports checks access and formats errors of comparisons as well */
  constructor(
    options: ComparisonsOptions,
    exports: Exports,
    subscriptions: Subscriptions,
    sendStream: SendStream,
  ) {
    const { schema, endpoint, bodyTimeoutMs } = options;
    this.uploads = new Uploads(bodyTimeoutMs, fileLimits.bytes);
    this.#options = options;
    this.#exports = exports;
    this.#subscriptions = subscriptions;
    this.#requests = new ExportRequests({ schema, hasIntrospection: endpoint.hasIntrospection });
    this.#sendStream = sendStream;
  }

  /** Answers an admitted request. */
  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    formatName: ChangesFormatName,
    requestsInFlight: number,
  ): Promise<FastifyReply> {
    const { state, body } = request;
    const name = `changes.${formatName}`;
    const format = changesFormats[formatName];
    state.describe(name, 'export');
    this.#exports.checkAccess(request, format.contentType);
    if (request.url.includes('?'))
      throw new RequestRefusal('A comparison takes no parameters: the file says what it is of.');
    if (!(body instanceof IncomingMessage))
      throw new RequestRefusal(
        'There is no earlier export in the body. Send users.ndjson as it was exported.',
      );
    // Before the file takes memory.
    this.#subscriptions.admit(state);
    let file: EarlierFile | null = null;
    let endSpan: ((errorType: string | null) => void) | undefined;
    let errorType: string | null = null;
    try {
      file = await readEarlierFile(this.uploads.receive(body), this.#earlierMemory);
      const query = this.#queryOf(file, state);
      const scope = state.beginOperation(requestsInFlight, null);
      endSpan = state.trace?.startOperation(state, scope.owner);
      const comparison = await openComparison(file, query, this.#options.createContext(scope));
      const results = format.write(concluding(comparison, state));
      const form = formOf(name, format.contentType);
      await this.#sendStream(this.#subscriptions.run(request, results), form, request, reply);
    } catch (error) {
      errorType = errorTypeOf(error);
      if (error instanceof RequestErrors) return await this.#exports.refuse(reply, error.errors, 400);
      if (!reply.sent) return await this.#exports.fail(reply, error);
      this.#exports.abort(reply, error);
    } finally {
      file?.rows.release();
      endSpan?.(errorType);
    }
    return reply;
  }

  /** Reads the query from the file's end, which is the caller's input. Throws what `ExportRequests` throws. */
  #queryOf({ end }: EarlierFile, state: RequestState): ComparisonQuery {
    const { filter, customers } = end;
    const query = this.#requests.read('users', { filter, customers }) as ComparisonQuery;
    state.exported = {
      columns: changeColumns,
      filter: withoutSearch(query.filter),
      customers: withoutSearch(query.customers),
    };
    return query;
  }
}

/** Passes changes through, and concludes the request with what was not compared. */
async function* concluding(comparison: Comparison, state: RequestState): Comparison {
  const end = yield* comparison;
  state.conclude(
    {},
    end.notCompared.map(({ reason }) => reason),
  );
  return end;
}
