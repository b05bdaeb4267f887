/**
 * Format of values in Redis: JSON after a digest of name and text. Torn values, values of another name, and values of
 * an incompatible version do not unseal, and count as missing.
 */
import { createHash } from 'node:crypto';

export function seal(name: string, value: unknown): string {
  const text = JSON.stringify(value);
  return `${digestOf(name, text)} ${text}`;
}

/** The value; undefined if the text was not sealed under this name. */
export function unseal(name: string, sealed: unknown): unknown {
  if (typeof sealed !== 'string') return undefined;
  const text = sealed.slice(digestLength + 1);
  if (sealed !== `${digestOf(name, text)} ${text}`) return undefined;
  return JSON.parse(text);
}

const digestLength = 43;

function digestOf(name: string, text: string): string {
  return createHash('sha256').update(name).update('\0').update(text).digest('base64url');
}
