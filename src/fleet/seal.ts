/**
 * Values as they stand in Redis: JSON behind a digest of their name and text. What is torn, stands under another name or
 * was not written by a gateway of this version does not open, and is as good as missing.
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
