/** An earlier export of users compared with now by a gateway, and what changed as text. */
import { createReadStream, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { changesTable, type Comparison } from './changes-table.ts';
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
 * Rejects as `fetch` does.
 *
 * @param url of the gateway's GraphQL endpoint
 * @param refusalOf the error for another status than 200
 */
export async function compareFile(
  url: URL,
  file: string,
  { headers, format, columns }: CompareOptions,
  refusalOf: (response: Response) => Promise<Error>,
): Promise<Printed> {
  const target = new URL(`export/changes.${format === 'csv' ? 'csv' : 'json'}`, url);
  const response = await fetch(target, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/x-ndjson' },
    body: Readable.toWeb(createReadStream(file)) as ReadableStream,
    duplex: 'half',
  });
  if (!response.ok) throw await refusalOf(response);
  const bytes = await response.arrayBuffer();
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  if (format === 'csv') return { text, isComplete: !/^"?# Not compared:/m.test(text) };
  const comparison = JSON.parse(text) as Comparison;
  const { isComplete } = comparison;
  return { text: format === 'json' ? text : changesTable(comparison, columns), isComplete };
}
