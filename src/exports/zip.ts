/** Streaming ZIP writer. */
import { constants, crc32, deflateRaw } from 'node:zlib';
import { Zip, type AsyncFlateStreamHandler, type ZipInputFile } from 'fflate';
import { invariant, LimitError } from '../errors.ts';

/** Limit without ZIP64. */
const maxBytes = 2 ** 32 - 2 ** 20;

/** Fastest compression: most savings come from values that repeat in every row. */
const level = 1;

/** Bytes per call of the compressor, and its output buffer: a call takes one round of a thread. */
const pieceBytes = 262_144;
const chunkSize = 131_072;

/** Bytes of UTF-8 that a UTF-16 code unit takes at most. */
const maxBytesPerUnit = 3;

/** Limit of pieces being compressed in other threads while further rows are written. */
const maxPendingPieces = 4;

const emptyPiece = Buffer.alloc(0);

export class ZipWriter {
  readonly #chunks: Uint8Array[] = [];
  readonly #zip = new Zip((error, chunk) => {
    if (error !== null) throw error;
    this.#bytes += chunk.length;
    this.#chunks.push(chunk);
  });
  #entry: Entry | null = null;
  #piece = emptyPiece;
  #pieceLength = 0;
  #bytes = 0;
  /** Additions to the archive that may be pending. */
  readonly #pending: Promise<void>[] = [];
  #last: Promise<void> = Promise.resolve();

  beginEntry(name: string): void {
    const entry = new Entry(name);
    this.#entry = entry;
    this.#add(() => {
      this.#zip.add(entry);
    });
  }

  get entryBytes(): number {
    return (this.#entry?.size ?? 0) + this.#pieceLength;
  }

  /** Encodes each text at once: encoding one long concatenation of them takes eight times as long. */
  write(text: string): void {
    const maxLength = text.length * maxBytesPerUnit;
    if (maxLength > this.#piece.length - this.#pieceLength) {
      if (this.#pieceLength > 0) this.#push(false);
      this.#piece = Buffer.allocUnsafeSlow(Math.max(pieceBytes, maxLength));
    }
    this.#pieceLength += this.#piece.write(text, this.#pieceLength);
  }

  endEntry(): void {
    this.#push(true);
    this.#entry = null;
  }

  addEntry(name: string, text: string): void {
    this.beginEntry(name);
    this.write(text);
    this.endEntry();
  }

  end(): void {
    this.#add(() => {
      this.#zip.end();
    });
  }

  /** Bytes that are ready; all of them if the archive has ended. Rejects with LimitError. */
  async take({ hasEnded = false } = {}): Promise<Uint8Array> {
    const done = this.#pending.splice(
      0,
      Math.max(0, this.#pending.length - (hasEnded ? 0 : maxPendingPieces)),
    );
    await Promise.all(done);
    return Buffer.concat(this.#chunks.splice(0));
  }

  #push(isLast: boolean): void {
    const entry = this.#entry;
    invariant(entry !== null, 'an entry has begun');
    const compressed = entry.compress(this.#piece.subarray(0, this.#pieceLength), isLast);
    // The compressor reads the piece until it is done.
    this.#piece = emptyPiece;
    this.#pieceLength = 0;
    this.#add(async () => {
      entry.ondata?.(null, await compressed, isLast);
      if (this.#bytes > maxBytes) throw new LimitError('bytes of one workbook', this.#bytes, maxBytes);
    });
  }

  /** Adds to the archive after all earlier additions. */
  #add(run: () => void | Promise<void>): void {
    this.#last = this.#last.then(run);
    // A cancelled export has no reader.
    this.#last.catch(() => undefined);
    this.#pending.push(this.#last);
  }
}

/** Entry compressed in independent pieces: each is flushed to a byte boundary, and together they are one stream. */
class Entry implements ZipInputFile {
  readonly filename: string;
  readonly compression = 8;
  size = 0;
  crc = 0;
  /** Set by fflate's Zip. */
  ondata?: AsyncFlateStreamHandler;

  constructor(filename: string) {
    this.filename = filename;
  }

  compress(bytes: Buffer, isLast: boolean): Promise<Uint8Array<ArrayBuffer>> {
    this.size += bytes.length;
    this.crc = crc32(bytes, this.crc);
    const finishFlush = isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
    return new Promise((resolve, reject) => {
      deflateRaw(bytes, { level, finishFlush, chunkSize }, (error, compressed) => {
        if (error === null) resolve(compressed);
        else reject(error);
      });
    });
  }
}
