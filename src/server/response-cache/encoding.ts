/** Compression by the client's choice (RFC 9110, 12.5.3), away from the event loop. */
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import Negotiator from 'negotiator';

/** Shorter bodies are sent as they are. */
export const minCompressedBytes = 4096;

/** Only in Node.js 22.15 and later. */
type Zstd = (data: Buffer, done: (error: Error | null, result: Buffer) => void) => void;
const zstd = (zlib as { readonly zstdCompress?: Zstd }).zstdCompress;
const brotli = promisify(zlib.brotliCompress);

/** A quality that is worth its time for one response. */
const brotliOptions = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } };

/** By encoding, the best first. */
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

/** With an option that its types lack. */
interface EncodingNegotiator {
  encodings(available: readonly string[], options: { readonly preferred: readonly string[] }): string[];
}

/** The available encoding that an Accept-Encoding prefers; null for none. */
export function chooseEncoding(acceptEncoding: string | undefined): string | null {
  if (acceptEncoding === undefined) return null;
  const negotiator: EncodingNegotiator = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } });
  const [chosen = 'identity'] = negotiator.encodings(available, { preferred });
  return chosen === 'identity' ? null : chosen;
}
