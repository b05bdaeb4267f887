/** Words and numbers as people read them. */
import type {
  JobStatus,
  ManagementMode,
  NumbersFragment,
  ProtectionModule,
  ProtectionState,
} from './generated/operations.ts';

export const stateNames: Readonly<Record<ProtectionState, string>> = {
  NOT_IN_BACKUP: 'Not in the backup',
  NO_ROW: 'Not in the backup',
  UNPROTECTED: 'Unprotected',
  PARTIALLY_PROTECTED: 'Partly protected',
  PROTECTED: 'Protected',
};

/** Colours of the component kit. */
export const stateColors: Readonly<Record<ProtectionState, string>> = {
  NOT_IN_BACKUP: 'gray.5',
  NO_ROW: 'gray.5',
  UNPROTECTED: 'red.7',
  PARTIALLY_PROTECTED: 'yellow.5',
  PROTECTED: 'teal.6',
};

export const moduleNames: Readonly<Record<ProtectionModule, string>> = {
  COPILOT_STUDIO: 'Copilot Studio',
  MAILBOX: 'Mailbox',
  MICROSOFT_365_GROUPS: 'Microsoft 365 Groups',
  ONEDRIVE: 'OneDrive',
  POWER_APPS: 'Power Apps',
  POWER_AUTOMATE: 'Power Automate',
  POWER_BI: 'Power BI',
  PROJECT: 'Project',
  PUBLIC_FOLDERS: 'Public folders',
  SHAREPOINT: 'SharePoint',
  TEAMS: 'Teams',
  TEAMS_CHAT: 'Teams chat',
  UNKNOWN: 'Another module',
  VIVA_ENGAGE: 'Viva Engage',
};

export const jobNames: Readonly<Record<JobStatus, string>> = {
  FAILED: 'Backup failed',
  FINISHED_WITH_EXCEPTION: 'Backup finished with exceptions',
  MULTIPLE_ISSUES_FOUND: 'Several backup issues',
  NOT_AVAILABLE: 'Backup state not available',
  NO_BACKUP_UPDATE: 'No backup update',
  UNKNOWN: 'Backup state not known',
  WAITING_FOR_CONFIGURATION: 'Waiting for configuration',
  WORKING: 'Backup working',
};

export const managementNames: Readonly<Record<ManagementMode, string>> = {
  CUSTOMER: 'Managed by the customer',
  PARTNER: 'Managed by the partner',
  TO_BE_CONFIGURED: 'Management not decided',
  UNKNOWN: 'Management not known',
};

export const statusTexts = {
  ready: 'Reads every tenant, and ends with the totals.',
  running: 'Reading every tenant…',
  finished: 'The report is finished.',
  stopped: 'The report was stopped before its end.',
  failed: 'The report broke off.',
};

export function isKeyOf<Key extends string>(
  names: Readonly<Record<Key, string>>,
  key: string | null,
): key is Key {
  return key !== null && Object.hasOwn(names, key);
}

const numbers = new Intl.NumberFormat('en');
const percents = new Intl.NumberFormat('en', {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const times = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

export const number = (value: number) => numbers.format(value);
export const percent = (share: number) => percents.format(share);
export const time = (instant: string) => times.format(new Date(instant));
export const count = (value: number, one: string, many = `${one}s`) =>
  `${number(value)} ${value === 1 ? one : many}`;

export function shareOf(summary: { readonly coverage: number | null } | null): string {
  if (summary === null) return 'Could not be read';
  return summary.coverage === null ? 'No users' : percent(summary.coverage);
}

export type Numbers = Omit<NumbersFragment, 'missing' | 'asOf' | 'isComplete'>;

/** How many users are in each state, in the order of the bars. */
export function countsOf(numbers: Numbers): readonly (readonly [ProtectionState, number])[] {
  return [
    ['PROTECTED', numbers.protectedCount],
    ['PARTIALLY_PROTECTED', numbers.partiallyProtectedCount],
    ['UNPROTECTED', numbers.unprotectedCount],
    ['NOT_IN_BACKUP', numbers.notInBackupCount],
  ];
}
