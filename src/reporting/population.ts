/** Which users are counted, and what they are counted apart by. */
import { foldName, foldText } from '../fold.ts';
import type { Grouping, ProtectionStatusRecord, UserRecord } from '../model.ts';

/** What is known of a user's protection row where rows are counted, and not kept. */
export type Protection = Pick<ProtectionStatusRecord, 'modules'>;

export interface Population {
  /** Tells it from all others; empty for all users. */
  readonly name: string;
  /** Whether a user counts, who may have no protection row; null where every user does. */
  readonly predicate: ((user: UserRecord, row: Protection | null) => boolean | null) | null;
  readonly groupings: ReadonlySet<Grouping>;
}

/** All users, in one. */
export const everyUser: Population = { name: '', predicate: null, groupings: new Set() };

/**
 * Groups of all kinds that are kept for a tenant, or a summary: of a kind that goes beyond it, none are. Values so many
 * identify users, and do not group them.
 */
export const maxGroups = 20_000;

/** Groups of all tenants that an operation keeps. */
export const maxGroupsHeld = 100_000;

/** The values by which a user belongs to groups, null where the user has none. */
export const groupValues: Readonly<Record<Grouping, (user: UserRecord) => readonly (string | null)[]>> = {
  CUSTOMER: ({ customerId }) => [customerId],
  DEPARTMENT: ({ department }) => [department],
  COMPANY: ({ company }) => [company],
  JOB_TITLE: ({ jobTitle }) => [jobTitle],
  LOCATION: ({ location }) => [location],
  COUNTRY_OR_REGION: ({ countryOrRegion }) => [countryOrRegion],
  STATUS: ({ status }) => (status.length === 0 ? [null] : [...new Set(status)]),
};

/** The form that the values of one group share: that in which filters compare them. Empty for none, and for blanks. */
export function groupKeyOf(grouping: Grouping, value: string | null): string {
  if (value === null || value.trim() === '') return '';
  return grouping === 'CUSTOMER' ? foldName(value) : foldText(value);
}
