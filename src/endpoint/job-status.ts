/** The job status, a code in the batch endpoint (customers-batch page) and a text in the older directory. */
import type { JobStatus, JobStatusFields } from '../model.ts';
import { decodeIntegerOrText, type JsonObject } from './decode.ts';

/** By code. */
const jobStatuses = [
  { status: 'NOT_AVAILABLE', text: 'N/A' },
  { status: 'WORKING', text: 'Working' },
  { status: 'FAILED', text: 'Failed' },
  { status: 'WAITING_FOR_CONFIGURATION', text: 'Waiting for configuration' },
  { status: 'MULTIPLE_ISSUES_FOUND', text: 'Multiple issues found' },
  { status: 'FINISHED_WITH_EXCEPTION', text: 'Finished with exception' },
  { status: 'NO_BACKUP_UPDATE', text: 'No backup update' },
] as const satisfies readonly { status: JobStatus; text: string }[];

/** Letter case, spaces and punctuation differ between the vendor's pages: "N/A", "Not available", "WaitingForConfiguration". */
const codesByText = new Map(
  jobStatuses.flatMap(({ status, text }, code) => [
    [lettersOf(text), code],
    [lettersOf(status), code],
  ]),
);

/** The fields of a record that one field of a row gives. */
export const jobStatusFields = { jobStatus: ['jobStatus', 'jobStatusCode'] };

export function decodeJobStatus(row: JsonObject): JobStatusFields {
  const value = decodeIntegerOrText(row, 'jobStatus');
  if (value === null) return { jobStatus: null, jobStatusCode: null, jobStatusText: null };
  const text = typeof value === 'string' ? value : null;
  const code = typeof value === 'string' ? (codesByText.get(lettersOf(value)) ?? codeIn(value)) : value;
  const known = code === null ? undefined : jobStatuses[code];
  return { jobStatus: known?.status ?? 'UNKNOWN', jobStatusCode: code, jobStatusText: text };
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^a-z]/g, '');
}

function codeIn(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}
