/** Values of an earlier export that may be anything. */

export const neededColumns = ['customerId', 'tenantId', 'userId', 'protectionState', 'status'] as const;

export const maxIdLength = 200;
const maxTextLength = 300;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that is only shown, its start if it is long; null for anything else. */
export function optionalText(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, maxTextLength) : null;
}
