/** Validation of an earlier export's values. */
import { maxIdLength } from '../endpoint/id.ts';

export const neededColumns = ['customerId', 'tenantId', 'userId', 'protectionState', 'status'] as const;

const maxTextLength = 300;

/** Whether a value may be an id of the upstream. It is never sent there. */
export function isIdText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxIdLength;
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** Text for display, truncated; null for any other value. */
export function optionalText(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, maxTextLength) : null;
}
