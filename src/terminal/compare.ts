/** An earlier export of users compared with now by a gateway, and what changed as text. */
import { createReadStream, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { WrittenComparison } from '../exports/change-formats.ts';
import { changesTable } from './changes-table.ts';
import { exportUrl, fetchExport } from './export-rows.ts';
import { failureOf } from './gateway-answers.ts';
import type { ReportFormat } from './report-options.ts';

interface CompareOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly format: ReportFormat;
  /** Of the terminal. */
  readonly columns: number;
}

interface Printed {
  readonly text: string;
  readonly isComplete: boolean;
}

/** Whether a file is there to be sent. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * Throws ReportError.
 *
 * @param url of the gateway's GraphQL endpoint
 */
export async function compareFile(
  url: URL,
  file: string,
  { headers, format, columns }: CompareOptions,
): Promise<Printed> {
  const target = exportUrl(url, `changes.${format === 'csv' ? 'csv' : 'json'}`);
  const body = Readable.toWeb(createReadStream(file)) as ReadableStream;
  const answer = await fetchExport(target, { contentType: 'application/x-ndjson', body }, headers);
  const text = await textOf(target, answer);
  if (format === 'csv') return { text, isComplete: !hasNote(text) };
  const comparison = JSON.parse(text) as WrittenComparison;
  const { isComplete } = comparison;
  return { text: format === 'json' ? text : changesTable(comparison, columns), isComplete };
}

async function textOf(url: URL, answer: ReadableStream<Uint8Array>): Promise<string> {
  try {
    const bytes = await new Response(answer).arrayBuffer();
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw failureOf(url, error, error);
  }
}

/** Whether a line, and not one within a cell, says that a tenant was not compared. */
function hasNote(csv: string): boolean {
  const lines = csv.replaceAll(/"(?:[^"]|"")*"/g, (cell) => cell.replaceAll(/[\r\n]/g, ' '));
  return /^"?# Not compared:/m.test(lines);
}
