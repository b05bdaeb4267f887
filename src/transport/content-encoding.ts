/** Decompression of responses (RFC 9110, 8.4), bounded in size. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';

export const acceptedEncodings = 'gzip, deflate, br';

/** Maximum number of encodings of one response. */
const maxEncodings = 2;

interface Limit {
  readonly maxOutputLength: number;
}

type Decode = (body: Buffer, limit: Limit) => Promise<Buffer>;

const decoders: Readonly<Record<string, Decode>> = {
  gzip: promisify<Buffer, Limit, Buffer>(gunzip),
  'x-gzip': promisify<Buffer, Limit, Buffer>(gunzip),
  br: promisify<Buffer, Limit, Buffer>(brotliDecompress),
  // Some servers omit the zlib header.
  deflate: (body, limit) => (hasZlibHeader(body) ? inflateZlib(body, limit) : inflateBare(body, limit)),
};
const inflateZlib = promisify<Buffer, Limit, Buffer>(inflate);
const inflateBare = promisify<Buffer, Limit, Buffer>(inflateRaw);

/** Encodings of a response in the order in which they were applied; empty if there are none. */
export function encodingsOf(header: string | undefined): readonly string[] {
  return (header ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
}

/** The response has an encoding that was not requested. */
export class UnknownEncodingError extends Error {
  override readonly name = 'UnknownEncodingError';
}

/**
 * Rejects with UnknownEncodingError, with ERR_BUFFER_TOO_LARGE if the decoded body exceeds `maxBytes`, and with another
 * error if the body is torn.
 */
export async function decodeContent(
  body: Buffer,
  encodings: readonly string[],
  maxBytes: number,
): Promise<Buffer> {
  if (encodings.length > maxEncodings)
    throw new UnknownEncodingError('The response has more than two content encodings.');
  let decoded = body;
  for (const name of encodings.toReversed()) {
    const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
    if (decode === undefined)
      throw new UnknownEncodingError('The response has an encoding that was not requested.');
    // A response without a body, such as 204, has nothing to decode.
    if (decoded.length > 0) decoded = await decode(decoded, { maxOutputLength: maxBytes });
  }
  return decoded;
}

/** RFC 1950, 2.2: the lower half of the first byte is the method, and both bytes contain a checksum. */
function hasZlibHeader(body: Buffer): boolean {
  const [first = 0, second = 0] = body;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}
