/** Compares an earlier export of users with the present, through a gateway. */
import { createReadStream, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { WrittenComparison } from '../exports/change-formats.ts';
import { changesTable } from './changes-table.ts';
import { exportUrl, fetchExport } from './export-rows.ts';
import { failureOf } from './gateway-answers.ts';
import type { ReportCommandOptions } from './report-options.ts';
import { exitCodes, onStop } from './report-outcome.ts';
import { columnsOf } from './text-width.ts';

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * Prints the changes and resolves to the exit code.
 *
 * @param url URL of the gateway's GraphQL endpoint
 * @throws ReportError
 */
export async function printChanges(
  url: URL,
  file: string,
  { headers, format }: Pick<ReportCommandOptions, 'headers' | 'format'>,
): Promise<number> {
  onStop(() => undefined);
  const target = exportUrl(url, `changes.${format === 'csv' ? 'csv' : 'json'}`);
  const body = Readable.toWeb(createReadStream(file)) as ReadableStream;
  const answer = await fetchExport(target, { contentType: 'application/x-ndjson', body }, headers);
  const text = await textOf(target, answer);
  const comparison = format === 'csv' ? null : (JSON.parse(text) as WrittenComparison);
  process.stdout.write(
    comparison !== null && format === 'table' ? changesTable(comparison, columnsOf(process.stdout)) : text,
  );
  const isComplete = comparison?.isComplete ?? !hasNote(text);
  return isComplete ? exitCodes.complete : exitCodes.incomplete;
}

async function textOf(url: URL, answer: ReadableStream<Uint8Array>): Promise<string> {
  try {
    const bytes = await new Response(answer).arrayBuffer();
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw failureOf(url, error, error);
  }
}

/** Whether a CSV has a note, outside of cells, that a tenant was not compared. */
function hasNote(csv: string): boolean {
  const lines = csv.replaceAll(/"(?:[^"]|"")*"/g, (cell) => cell.replaceAll(/[\r\n]/g, ' '));
  return /^"?# Not compared:/m.test(lines);
}
