/** Exports rows of a gateway to a file or the standard output. Reads NDJSON, whose last line lists what is missing. */
import { createWriteStream, rmSync, renameSync } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { mayLackRows, type Cells, type ExportEnd, type ExportRows } from '../exports/cells.ts';
import { exportFormats } from '../exports/formats.ts';
import { exportLists } from '../exports/lists.ts';
import { errorCodeOf } from '../transport/failure-cause.ts';
import { failureOf, refusalOf, shown } from './gateway-answers.ts';
import { fetchGateway } from './gateway-fetch.ts';
import { OptionsError } from './option-values.ts';
import type { ReportCommandOptions } from './report-options.ts';
import { exitCodes, onStop, ReportError } from './report-outcome.ts';
import { inWordsOfRowOptions, type RowExportOptions } from './row-options.ts';
import { tenantTitle } from './tenant-title.ts';
import { plainText } from './text-width.ts';

/**
 * Writes the rows and resolves to the exit code.
 *
 * @param url URL of the gateway's GraphQL endpoint
 * @throws ReportError
 */
export async function exportRows(
  url: URL,
  rows: RowExportOptions,
  { filter: customers, headers }: Pick<ReportCommandOptions, 'filter' | 'headers'>,
): Promise<number> {
  const { list, format, output } = rows;
  if (format === 'xlsx' && output === null && process.stdout.isTTY)
    throw new OptionsError('--output: expected the name of a file, since a terminal shows no workbook');
  const columns = rows.columns ?? exportLists[list].defaultColumns;
  const query = { customers, filter: rows.filter, columns };
  const body = await fetchExport(
    exportUrl(url, `${list}.ndjson`),
    {
      contentType: 'application/json',
      accept: 'application/x-ndjson',
      body: JSON.stringify(query),
    },
    headers,
  );
  const read = { end: null as ExportEnd | null };
  const chunks = exportFormats[format].write(
    columns,
    readEnd(readLines(url, body, columns), read),
    exportLists[list].title,
  );
  try {
    await writeTo(output, chunks);
  } catch (error) {
    // The reader has closed the pipe, as `head` does.
    if (output === null && errorCodeOf(error) === 'EPIPE') return exitCodes.complete;
    throw error;
  } finally {
    showProgress(null);
  }
  return read.end === null ? exitCodes.failed : outcomeOf(read.end, rows);
}

interface ExportRequest {
  readonly contentType: string;
  readonly accept?: string;
  readonly body: string | ReadableStream;
}

/** Fetches an export of the gateway. Throws ReportError. */
export async function fetchExport(
  url: URL,
  { contentType, accept = '*/*', body }: ExportRequest,
  headers: Readonly<Record<string, string>>,
): Promise<ReadableStream<Uint8Array>> {
  let response: Response;
  try {
    response = await fetchGateway(url, {
      method: 'POST',
      headers: { 'content-type': contentType, accept, ...headers },
      body,
      // Required for a stream as the body.
      duplex: 'half',
    });
  } catch (error) {
    throw failureOf(url, error, error);
  }
  if (response.ok && response.body !== null) return response.body;
  if (response.status === 404)
    throw new ReportError(
      `${shown(url)} is not there: check --url, and that the gateway's EXPORTS is not off.`,
    );
  const { message, exitCode } = await refusalOf(url, response, inWordsOfRowOptions);
  // A wrong column or filter, which only the gateway can check.
  throw new ReportError(message, response.status === 400 ? exitCodes.usage : exitCode);
}

/** Returns the URL of an export, with the same prefix as `/graphql` if a proxy adds one. */
export function exportUrl({ href }: URL, file: string): URL {
  const url = new URL(href);
  url.search = '';
  url.pathname = url.pathname.replace(/\/+$/, '');
  return new URL(`export/${file}`, url);
}

/** Parses rows line by line. Throws ReportError if they end early. */
async function* readLines(url: URL, body: AsyncIterable<Uint8Array>, columns: readonly string[]): ExportRows {
  const decoder = new TextDecoder();
  let rest = '';
  let count = 0;
  try {
    for await (const chunk of body) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      const batch: Cells[] = [];
      for (const line of lines) {
        const row = JSON.parse(line) as Readonly<Record<string, Cells[number]>> & {
          readonly end?: ExportEnd;
        };
        if (row.end !== undefined) {
          if (batch.length > 0) yield batch;
          return row.end;
        }
        batch.push(columns.map((column) => row[column] ?? null));
      }
      showProgress((count += batch.length));
      if (batch.length > 0) yield batch;
    }
  } catch (error) {
    throw failureOf(url, error, error);
  }
  throw new ReportError(`${shown(url)} ended the rows before their end.`, exitCodes.notConnected);
}

/** Passes rows through, and stores their end. */
async function* readEnd(rows: ExportRows, read: { end: ExportEnd | null }): ExportRows {
  return (read.end = yield* rows);
}

/** Writes to a temporary file, which replaces the output once it is complete. */
async function writeTo(output: string | null, chunks: AsyncIterable<string | Uint8Array>): Promise<void> {
  const write = (to: Writable, end: boolean) =>
    pipeline(Readable.from(chunks, { objectMode: false }), to, { end });
  const part = `${output ?? ''}.part`;
  const removePart = () => {
    if (output !== null) rmSync(part, { force: true });
  };
  onStop(() => {
    showProgress(null);
    removePart();
  });
  if (output === null) return write(process.stdout, false);
  try {
    await write(createWriteStream(part), true);
    renameSync(part, output);
  } catch (error) {
    removePart();
    if (error instanceof ReportError || !(error instanceof Error)) throw error;
    throw new ReportError(
      `--output: ${JSON.stringify(output)} can't be written: ${plainText(error.message)}`,
    );
  }
}

/** @param rows rows so far; null to clear the line */
function showProgress(rows: number | null): void {
  if (process.stderr.isTTY)
    process.stderr.write(`\r\u001b[2K${rows === null ? '' : `${rows.toLocaleString('en')} rows`}`);
}

function outcomeOf(
  { rows, isComplete, changedWhileRead, missing }: ExportEnd,
  { list }: RowExportOptions,
): number {
  const lines = [
    ...missing.map(
      ({ reason, message, ...tenant }) => `Missing: ${tenantTitle(tenant)}: ${reason}: ${message}`,
    ),
    ...(changedWhileRead ? [mayLackRows] : []),
    ...(rows === 0 && isComplete ? [`No row of ${list} matches.`] : []),
  ];
  for (const line of lines) process.stderr.write(`${plainText(line)}\n`);
  if (!isComplete) return exitCodes.incomplete;
  return rows === 0 ? exitCodes.nothing : exitCodes.complete;
}
