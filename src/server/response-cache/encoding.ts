/** Compression by the client's choice (RFC 9110, 12.5.3), away from the event loop. */
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

export type Encoding = 'zstd' | 'br' | 'gzip';

/** Shorter bodies are sent as they are. */
export const minCompressedBytes = 4096;

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);

/** Only in Node.js 22.15 and later. */
type Zstd = (data: Buffer, done: (error: Error | null, result: Buffer) => void) => void;
const zstd = (zlib as { readonly zstdCompress?: Zstd }).zstdCompress;

/** What this Node.js can do, best first where the client does not mind. */
const known: readonly Encoding[] = zstd === undefined ? ['br', 'gzip'] : ['zstd', 'br', 'gzip'];

/** Of the quality that is worth its time for an answer that may be sent once. */
const brotliQuality = 4;

export function compress(data: Buffer, encoding: Encoding): Promise<Buffer> {
  switch (encoding) {
    case 'zstd':
      return zstd === undefined ? gzip(data) : promisify(zstd)(data);
    case 'br':
      return brotli(data, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: brotliQuality } });
    case 'gzip':
      return gzip(data);
  }
}

/** The encoding that an Accept-Encoding prefers of those there are; null for none. */
export function chooseEncoding(acceptEncoding: string | undefined): Encoding | null {
  if (acceptEncoding === undefined) return null;
  const qualities = new Map(
    acceptEncoding.split(',').map((part) => {
      const [name = '', ...parameters] = part.split(';');
      const quality = /^\s*q\s*=\s*([\d.]+)\s*$/i.exec(
        parameters.find((each) => /^\s*q/i.test(each)) ?? 'q=1',
      )?.[1];
      return [name.trim().toLowerCase(), Number(quality ?? 0)] as const;
    }),
  );
  const qualityOf = (encoding: Encoding) => qualities.get(encoding) ?? qualities.get('*') ?? 0;
  let chosen: Encoding | null = null;
  for (const encoding of known) {
    if (qualityOf(encoding) > (chosen === null ? 0 : qualityOf(chosen))) chosen = encoding;
  }
  return chosen;
}
