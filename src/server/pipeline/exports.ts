/** Exports: all users or protection rows that match a filter, streamed as one file while they are read. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { openExport, type ExportQuery } from '../../exports/export-rows.ts';
import { exportFormatNames, exportFormats, type ExportFormatName } from '../../exports/formats.ts';
import { exportListNames, exportLists, type ExportList } from '../../exports/lists.ts';
import { concluding, type FileResponses } from './file-responses.ts';
import { RequestErrors } from './refusals.ts';

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

export class Exports {
  readonly #files: FileResponses;

  constructor(files: FileResponses) {
    this.#files = files;
  }

  /** Answers an admitted request. */
  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    { list, format: formatName }: Export,
    requestsInFlight: number,
  ): Promise<FastifyReply> {
    const { state } = request;
    const format = exportFormats[formatName];
    const file = { name: `${list}.${formatName}`, contentType: format.contentType };
    const endPreparation = state.trace?.startPreparation();
    let query: ExportQuery;
    try {
      state.describe(file.name, 'export');
      this.#files.checkAccess(request, file.contentType);
      query =
        request.method === 'POST'
          ? this.#files.requests.readBody(list, String(request.body))
          : this.#files.requests.readUrl(list, request.url);
      endPreparation?.({ rows: 0, values: 0, calls: 0 });
    } catch (error) {
      endPreparation?.(null);
      if (!(error instanceof RequestErrors)) throw error;
      return this.#files.refuse(reply, error.errors, 400);
    }
    const { columns, filter, customers } = query;
    const { requests } = this.#files;
    state.exported = {
      columns,
      filter: requests.maskPersonalTexts(filter),
      customers: requests.maskPersonalTexts(customers),
    };
    if (request.method === 'HEAD') return this.#files.sendHead(request, reply, file);
    this.#files.admit(state);
    return this.#files.send(request, reply, file, requestsInFlight, async (begin) => {
      const rows = await openExport(query, begin());
      const concluded = concluding(rows, state, ({ missing }) => missing);
      return format.write(columns, concluded, exportLists[list].title);
    });
  }
}
