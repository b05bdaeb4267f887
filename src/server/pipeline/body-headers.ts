/** Headers of request bodies. */
import type { IncomingHttpHeaders } from 'node:http';
import { parseMediaRange } from './media-ranges.ts';
import { RequestRefusal } from './refusals.ts';

interface BodyLimits {
  /** Types that another origin's page can't send without preflight. */
  readonly types: readonly string[];
  /** Message about any other type. */
  readonly wrongType: string;
  readonly maxBytes: number;
}

/** Refuses a body whose headers show another type, anything but plain UTF-8, or too large a size; null otherwise. */
export function bodyFaultOf(
  headers: IncomingHttpHeaders,
  { types, wrongType, maxBytes }: BodyLimits,
): RequestRefusal | null {
  const { type, parameters } = parseMediaRange(headers['content-type'] ?? '');
  if (!types.includes(type)) return new RequestRefusal(wrongType, 415);
  if (!parameters.every(([name, value]) => name !== 'charset' || /^utf-?8$/.test(value)))
    return new RequestRefusal('Send the body as UTF-8.', 415);
  if (!['', 'identity'].includes(headers['content-encoding'] ?? ''))
    return new RequestRefusal('Send the body without a content encoding.', 415);
  return Number(headers['content-length'] ?? 0) > maxBytes ? tooLarge(maxBytes) : null;
}

export function tooLarge(maxBytes: number): RequestRefusal {
  return new RequestRefusal(`The body is larger than ${maxBytes} bytes.`, 413);
}
