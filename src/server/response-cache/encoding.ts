/** Compression by content negotiation (RFC 9110, 12.5.3), in Node's thread pool. */
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import Negotiator from 'negotiator';

/** Bodies below this size are sent uncompressed. */
export const minCompressedBytes = 4096;

/** Available in Node.js 22.15 and later. */
type Zstd = (data: Buffer, done: (error: Error | null, result: Buffer) => void) => void;
const zstd = (zlib as { readonly zstdCompress?: Zstd }).zstdCompress;
const brotli = promisify(zlib.brotliCompress);

/** Low quality, since each response is compressed once. */
const brotliOptions = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } };

/** Compressors by encoding, in order of preference. */
const compressors: Readonly<Record<string, (data: Buffer) => Promise<Buffer>>> = {
  ...(zstd === undefined ? {} : { zstd: promisify(zstd) }),
  br: (data) => brotli(data, brotliOptions),
  gzip: promisify(zlib.gzip),
};
const preferred = Object.keys(compressors);
const available = [...preferred, 'identity'];

export function compress(data: Buffer, encoding: string): Promise<Buffer> {
  return compressors[encoding]?.(data) ?? Promise.resolve(data);
}

/** Negotiator with the option `preferred`, which its types lack. */
interface EncodingNegotiator {
  encodings(available: readonly string[], options: { readonly preferred: readonly string[] }): string[];
}

/** Chooses the encoding that an Accept-Encoding header prefers; null for identity. */
export function chooseEncoding(acceptEncoding: string | undefined): string | null {
  if (acceptEncoding === undefined) return null;
  const negotiator: EncodingNegotiator = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } });
  const [chosen = 'identity'] = negotiator.encodings(available, { preferred });
  return chosen === 'identity' ? null : chosen;
}
