/** Values of an earlier export that may be anything. */
import { maxIdLength } from '../endpoint/id.ts';

export const neededColumns = ['customerId', 'tenantId', 'userId', 'protectionState', 'status'] as const;

const maxTextLength = 300;

/** Whether a value may be an id of the upstream, which nothing is asked for by. */
export function isIdText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxIdLength;
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** A text that is only shown, its start if it is long; null for anything else. */
export function optionalText(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, maxTextLength) : null;
}
