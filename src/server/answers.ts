/**
 * Whole answers, kept for as long as the data they were made of is fresh and unchanged: a request that was answered so
 * is answered again without a look at what it asks.
 */
import { createHash } from 'node:crypto';
import { Eviction } from '../planner/eviction.ts';
import type { Provenance } from '../scope.ts';
import { Pace } from '../turns.ts';
import { compress, type Encoding } from './encoding.ts';
import type { OperationRecord } from './audit.ts';

/** One answer as it goes out, in every encoding that was ever asked for. */
export class Answer {
  readonly contentType: string;
  readonly body: Buffer;
  /** What was written down of the operation that it answered; null where nobody audits. */
  readonly record: OperationRecord | null;
  /** A weak one: the same answer in whatever encoding. */
  readonly etag: string;
  readonly #encoded = new Map<Encoding, Promise<Buffer>>();

  private constructor(body: Buffer, contentType: string, record: OperationRecord | null, etag: string) {
    this.body = body;
    this.contentType = contentType;
    this.record = record;
    this.etag = etag;
  }

  /** A long one is written piece by piece, so that others have their turn meanwhile. */
  static async write(text: string, contentType: string, record: OperationRecord | null): Promise<Answer> {
    const pieces: Buffer[] = [];
    const hash = createHash('sha1');
    const pace = new Pace(1);
    for (let start = 0; start < text.length;) {
      if (start > 0 && pace.isDue) await pace.rest();
      const end = start + pieceLength;
      const isSplit = highSurrogate.test(text.charAt(end - 1));
      const piece = Buffer.from(text.slice(start, isSplit ? end + 1 : end));
      hash.update(piece);
      pieces.push(piece);
      start = isSplit ? end + 1 : end;
    }
    return new Answer(await concat(pieces, pace), contentType, record, `W/"${hash.digest('base64url')}"`);
  }

  encoded(encoding: Encoding): Promise<Buffer> {
    let encoded = this.#encoded.get(encoding);
    if (encoded === undefined) {
      encoded = compress(this.body, encoding);
      this.#encoded.set(encoding, encoded);
    }
    return encoded;
  }
}

async function concat(pieces: readonly Buffer[], pace: Pace): Promise<Buffer> {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const whole = Buffer.allocUnsafe(pieces.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const piece of pieces) {
    if (pace.isDue) await pace.rest();
    start += piece.copy(whole, start);
  }
  return whole;
}

const pieceLength = 1024 * 1024;
/** It stands for a letter only with the one behind it. */
const highSurrogate = /[\uD800-\uDBFF]/;

export interface KeptAnswer {
  readonly answer: Answer;
  readonly provenance: Provenance;
}

/** An answer weighs this much beside its text, and its text about twice for the encodings of it. */
const entryBytes = 1000;
const bytesPerByte = 1.5;
const bytesPerCustomer = 100;

export class AnswerCache {
  readonly #answers = new Map<string, KeptAnswer>();
  readonly #eviction: Eviction;
  readonly #clock: () => number;

  constructor(maxBytes: number, clock: () => number) {
    this.#eviction = new Eviction(maxBytes);
    this.#clock = clock;
  }

  /** What is kept at the moment, as it is estimated. */
  get bytes(): number {
    return this.#eviction.bytes;
  }

  /** @param key all of a request that its answer depends on */
  find(key: string): KeptAnswer | null {
    const kept = this.#answers.get(key);
    if (kept === undefined) return null;
    if (!kept.provenance.isGoodAt(this.#clock())) {
      this.#eviction.evict(key);
      return null;
    }
    this.#eviction.touch(key);
    return kept;
  }

  keep(key: string, answer: Answer, provenance: Provenance): void {
    if (!provenance.isGoodAt(this.#clock())) return;
    const customers = answer.record?.customers.size ?? 0;
    const weight =
      entryBytes + 2 * key.length + bytesPerByte * answer.body.length + bytesPerCustomer * customers;
    const kept = { answer, provenance };
    this.#answers.set(key, kept);
    this.#eviction.keep(key, weight, () => {
      if (this.#answers.get(key) === kept) this.#answers.delete(key);
    });
  }
}
