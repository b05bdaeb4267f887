/**
 * Fields that the batch endpoint of customers shares with the older directory. The job status is a code in the former
 * and a text in the latter.
 */
import type { DirectoryEntryRecord, JobStatus } from '../model.ts';
import type { FieldDecoders } from './row.ts';
import { integerOf, namedBy, textOf } from './values.ts';

/** By code. */
const jobStatuses: readonly JobStatus[] = [
  'NOT_AVAILABLE',
  'WORKING',
  'FAILED',
  'WAITING_FOR_CONFIGURATION',
  'MULTIPLE_ISSUES_FOUND',
  'FINISHED_WITH_EXCEPTION',
  'NO_BACKUP_UPDATE',
];

/**
 * By letters only: case, spaces and punctuation differ between the vendor's pages ("Not available",
 * "WaitingForConfiguration").
 */
const codesByText = new Map([
  ['na', 0],
  ...jobStatuses.map((status, code) => [lettersOf(status), code] as const),
]);

/** Decoders of the fields that both endpoints have. */
export const customerFields: FieldDecoders<Omit<DirectoryEntryRecord, 'kind' | 'faultOf'>, unknown> = {
  customerId: ({ Id, id = Id }) => String(id),
  organization: ({ Organization, organization = Organization }) => textOf(organization),
  ownerEmail: ({ OwnerEmail, ownerEmail = OwnerEmail }) => textOf(ownerEmail),
  jobStatus: ({ JobStatus, jobStatus = JobStatus }) => statusOf(jobStatus),
  jobStatusCode: ({ JobStatus, jobStatus = JobStatus }) => codeOf(jobStatus),
  jobStatusText: ({ JobStatus, jobStatus = JobStatus }) => (isText(jobStatus) ? textOf(jobStatus) : null),
  countryOrRegion: ({ CountryOrRegion, countryOrRegion = CountryOrRegion }) => textOf(countryOrRegion),
};

/** The upstream's names of these fields if they differ. */
export const customerFieldNames = { jobStatusCode: 'jobStatus' };

function statusOf(value: unknown): JobStatus | null | undefined {
  const status = namedBy(jobStatuses, codeOf(value));
  return status === null && isText(value) ? 'UNKNOWN' : status;
}

/** Returns the code, also of a known text. */
function codeOf(value: unknown): number | null | undefined {
  if (!isText(value)) return integerOf(value);
  return codesByText.get(lettersOf(value)) ?? (/^\d{1,9}$/.test(value) ? Number(value) : null);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^a-z]/g, '');
}
