/** Populations: which users a summary counts, and how it groups them. */
import { foldName, foldText } from '../fold.ts';
import type { Grouping, ProtectionStatusRecord, UserRecord } from '../model.ts';

/** The part of a protection row that is available while counting. */
export type Protection = Pick<ProtectionStatusRecord, 'modules'>;

export interface Population {
  /** Unique name; empty for all users. */
  readonly name: string;
  /** Decides on a user and its protection row, if any; null if all users count. */
  readonly predicate: ((user: UserRecord, row: Protection | null) => boolean | null) | null;
  readonly groupings: ReadonlySet<Grouping>;
}

export const allUsers: Population = { name: '', predicate: null, groupings: new Set() };

/**
 * Limit of groups in a tenant or a summary. A grouping that exceeds it is dropped: so many values identify users rather
 * than group them.
 */
export const maxGroups = 20_000;

/** Limit of groups in memory per operation, in tenants and totals. */
export const maxGroupsPerOperation = 100_000;

/** Values by which a user is grouped; null for a missing value. */
export const groupValues: Readonly<Record<Grouping, (user: UserRecord) => readonly (string | null)[]>> = {
  CUSTOMER: ({ customerId }) => [customerId],
  DEPARTMENT: ({ department }) => [department],
  COMPANY: ({ company }) => [company],
  JOB_TITLE: ({ jobTitle }) => [jobTitle],
  LOCATION: ({ location }) => [location],
  COUNTRY_OR_REGION: ({ countryOrRegion }) => [countryOrRegion],
  STATUS: ({ status }) => (status.length === 0 ? [null] : [...new Set(status)]),
};

/** Normalized value that identifies a group, in the form that filters compare. Empty for null and blanks. */
export function groupKeyOf(grouping: Grouping, value: string | null): string {
  if (value === null || value.trim() === '') return '';
  return grouping === 'CUSTOMER' ? foldName(value) : foldText(value);
}
