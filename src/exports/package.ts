/** Streaming ZIP writer. */
import { constants, crc32, deflateRawSync } from 'node:zlib';
import { Zip, type AsyncFlateStreamHandler, type ZipInputFile } from 'fflate';
import { invariant, LimitError } from '../errors.ts';

/** Limit without ZIP64. */
const maxBytes = 2 ** 32 - 2 ** 20;

/** Fastest compression: most savings come from values that repeat in every row. */
const level = 1;

/** Characters per call of the compressor. */
const charactersPerPush = 65_536;

export class Package {
  readonly #chunks: Uint8Array[] = [];
  readonly #zip = new Zip((error, chunk) => {
    if (error !== null) throw error;
    this.#bytes += chunk.length;
    this.#chunks.push(chunk);
  });
  #part: Part | null = null;
  #text = '';
  #bytes = 0;

  beginPart(name: string): void {
    this.#part = new Part(name);
    this.#zip.add(this.#part);
  }

  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= charactersPerPush) this.#push(false);
  }

  endPart(): void {
    this.#push(true);
    this.#part = null;
  }

  addPart(name: string, text: string): void {
    this.beginPart(name);
    this.write(text);
    this.endPart();
  }

  end(): void {
    this.#zip.end();
  }

  take(): Uint8Array {
    return Buffer.concat(this.#chunks.splice(0));
  }

  #push(isLast: boolean): void {
    invariant(this.#part !== null, 'a part has begun');
    this.#part.push(Buffer.from(this.#text), isLast);
    this.#text = '';
    if (this.#bytes > maxBytes) throw new LimitError('bytes of one workbook', this.#bytes, maxBytes);
  }
}

/** Part compressed in independent pieces: each is flushed to a byte boundary, and together they are one stream. */
class Part implements ZipInputFile {
  readonly filename: string;
  readonly compression = 8;
  size = 0;
  crc = 0;
  /** Set by fflate's Zip. */
  ondata?: AsyncFlateStreamHandler;

  constructor(filename: string) {
    this.filename = filename;
  }

  push(bytes: Buffer, isLast: boolean): void {
    this.size += bytes.length;
    this.crc = crc32(bytes, this.crc);
    const finishFlush = isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
    this.ondata?.(null, deflateRawSync(bytes, { level, finishFlush }), isLast);
  }
}
