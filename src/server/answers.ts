/**
 * Whole answers, kept for as long as the data they were made of is fresh and unchanged: a request that was answered so
 * is answered again without a look at what it asks.
 */
import { createHash } from 'node:crypto';
import { Eviction } from '../planner/eviction.ts';
import type { Provenance } from '../scope.ts';
import { compress, type Encoding } from './encoding.ts';

/** One answer as it goes out, in every encoding that was ever asked for. */
export class Answer {
  readonly contentType: string;
  readonly body: Buffer;
  readonly #encoded = new Map<Encoding, Promise<Buffer>>();
  #etag: string | null = null;

  constructor(text: string, contentType: string) {
    this.body = Buffer.from(text);
    this.contentType = contentType;
  }

  /** A weak one: the same answer in whatever encoding. */
  get etag(): string {
    this.#etag ??= `W/"${createHash('sha1').update(this.body).digest('base64url')}"`;
    return this.#etag;
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

interface KeptAnswer {
  readonly answer: Answer;
  readonly provenance: Provenance;
}

/** An answer weighs this much beside its text, and its text about twice for the encodings of it. */
const entryBytes = 1000;
const bytesPerByte = 1.5;

export class AnswerCache {
  readonly #answers = new Map<string, KeptAnswer>();
  readonly #eviction: Eviction;
  readonly #clock: () => number;

  constructor(maxBytes: number, clock: () => number) {
    this.#eviction = new Eviction(maxBytes);
    this.#clock = clock;
  }

  /** @param key all of a request that its answer depends on */
  find(key: string): Answer | null {
    const kept = this.#answers.get(key);
    if (kept === undefined) return null;
    if (!kept.provenance.isGoodAt(this.#clock())) {
      this.#eviction.evict(key);
      return null;
    }
    this.#eviction.touch(key);
    return kept.answer;
  }

  keep(key: string, answer: Answer, provenance: Provenance): void {
    if (!provenance.isGoodAt(this.#clock())) return;
    const weight = entryBytes + 2 * key.length + bytesPerByte * answer.body.length;
    const kept = { answer, provenance };
    this.#answers.set(key, kept);
    this.#eviction.keep(key, weight, () => {
      if (this.#answers.get(key) === kept) this.#answers.delete(key);
    });
  }
}
