/** Compressed answers (RFC 9110, 8.4), bounded in what they decompress to. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';

/** Encodings that `decodeContent` knows, as a request asks for them. */
export const acceptedEncodings = 'gzip, deflate, br';

/** An answer may be encoded more than once. */
const maxEncodings = 2;

interface Limit {
  readonly maxOutputLength: number;
}

type Decode = (body: Buffer, limit: Limit) => Promise<Buffer>;

const decoders: Readonly<Record<string, Decode>> = {
  gzip: promisify<Buffer, Limit, Buffer>(gunzip),
  'x-gzip': promisify<Buffer, Limit, Buffer>(gunzip),
  br: promisify<Buffer, Limit, Buffer>(brotliDecompress),
  // Some servers send it without the header of zlib.
  deflate: (body, limit) => (hasZlibHeader(body) ? inflateZlib(body, limit) : inflateBare(body, limit)),
};
const inflateZlib = promisify<Buffer, Limit, Buffer>(inflate);
const inflateBare = promisify<Buffer, Limit, Buffer>(inflateRaw);

/** The encodings of an answer, the first applied first; empty if it is sent as it is. */
export function encodingsOf(header: string | undefined): readonly string[] {
  return (header ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
}

/** An answer has an encoding that was not requested. */
export class UnknownEncodingError extends Error {
  override readonly name = 'UnknownEncodingError';
}

/**
 * Rejects with UnknownEncodingError, with ERR_BUFFER_TOO_LARGE if the body is longer than `maxBytes`, and with another
 * error if it is torn.
 */
export async function decodeContent(
  body: Buffer,
  encodings: readonly string[],
  maxBytes: number,
): Promise<Buffer> {
  if (encodings.length > maxEncodings)
    throw new UnknownEncodingError('Expected an answer that is encoded twice at most.');
  let decoded = body;
  for (const name of encodings.toReversed()) {
    const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
    if (decode === undefined)
      throw new UnknownEncodingError('Expected one of the encodings that were asked for.');
    // An answer without a body, such as 204, has nothing to decode.
    if (decoded.length > 0) decoded = await decode(decoded, { maxOutputLength: maxBytes });
  }
  return decoded;
}

/** RFC 1950, 2.2: the method in the lower half of the first byte, and a checksum of both. */
function hasZlibHeader(body: Buffer): boolean {
  const [first = 0, second = 0] = body;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}
