/** Comparisons with an earlier export, streamed from the request body. */
import { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  changeColumns,
  changesFormatNames,
  changesFormats,
  type ChangesFormatName,
} from '../../exports/change-formats.ts';
import { openComparison, type ComparisonQuery } from '../../exports/compare.ts';
import { fileLimits, readEarlierFile, type EarlierFile } from '../../exports/earlier-file.ts';
import { ComparisonMemory } from '../../exports/earlier-rows.ts';
import { concluding, type FileResponses } from './file-responses.ts';
import { RequestRefusal } from './refusals.ts';
import type { RequestState } from './request-state.ts';
import { Uploads } from './upload.ts';

/** Format of a comparison by its path. */
export const comparisonRoutes: ReadonlyMap<string, ChangesFormatName> = new Map(
  changesFormatNames.map((format) => [`/export/changes.${format}`, format]),
);

/** Memory limit of all earlier files being compared. */
const maxEarlierBytes = 320 * 1024 * 1024;

export class Comparisons {
  readonly uploads: Uploads;
  readonly #files: FileResponses;
  readonly #earlierMemory = new ComparisonMemory(maxEarlierBytes);

  constructor(files: FileResponses, bodyTimeoutMs: number) {
    this.uploads = new Uploads(bodyTimeoutMs, fileLimits.bytes);
    this.#files = files;
  }

  /** Answers an admitted request. */
  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    formatName: ChangesFormatName,
    requestsInFlight: number,
  ): Promise<FastifyReply> {
    const { state, body } = request;
    const format = changesFormats[formatName];
    const file = { name: `changes.${formatName}`, contentType: format.contentType };
    state.describe(file.name, 'export');
    this.#files.checkAccess(request, file.contentType);
    if (request.url.includes('?'))
      throw new RequestRefusal(
        'A comparison takes no parameters; the filters are those of the uploaded file.',
      );
    if (!(body instanceof IncomingMessage))
      throw new RequestRefusal('The body is empty. Send an exported users.ndjson, unmodified.');
    // Before the file takes memory.
    this.#files.admit(state);
    const received: { earlier: EarlierFile | null } = { earlier: null };
    try {
      return await this.#files.send(request, reply, file, requestsInFlight, async (begin) => {
        const earlier = await readEarlierFile(this.uploads.receive(body), this.#earlierMemory);
        received.earlier = earlier;
        const comparison = await openComparison(earlier, this.#queryOf(earlier, state), begin());
        return format.write(concluding(comparison, state, ({ notCompared }) => notCompared));
      });
    } finally {
      received.earlier?.rows.release();
    }
  }

  /** Reads the query from the file's end, which is untrusted input. Throws what `ExportRequests` throws. */
  #queryOf({ end }: EarlierFile, state: RequestState): ComparisonQuery {
    const { filter, customers } = end;
    const { requests } = this.#files;
    const query = requests.read('users', { filter, customers }) as ComparisonQuery;
    state.exported = {
      columns: changeColumns,
      filter: requests.maskPersonalTexts(query.filter),
      customers: requests.maskPersonalTexts(query.customers),
    };
    return query;
  }
}
